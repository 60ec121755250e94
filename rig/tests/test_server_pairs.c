/* SPDX-License-Identifier: GPL-3.0-or-later
 * Attacks in every combination: nothing breaks, what is told adds up, and the same seed gives the same bytes. */
#include "server_peer.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 12 };
static const char ask_for_delta[] = "GET /manifest.json?hw=nucleo-l476rg&slot=b&version=1.0.0&base="
                                    "1111111111111111111111111111111111111111111111111111111111111111 HTTP/1.1\r\n\r\n";

static const struct server_config config = {.seed = 7, .event = peer_event, .keys = {true, {1}, {2}, {3}, {4}}, .calendar_s = CALENDAR,
                                            .lifetime_s = 3600, .idle_ns = 100 * SECOND, .request_ns = 50 * SECOND};

/* An attack with its options: the n-th word of each, and some number that its row allows. */
static void add(const struct option_owner *o, unsigned n)
{
    struct server_rule r = {.attack = o->name};
    for (size_t k = 0; o->options[k].name; k++) {
        const struct option_row *row = &o->options[k];
        struct option_value *v = &r.value[k];
        unsigned words = 0;
        while (row->words && row->words[words])
            words++;
        *v = (struct option_value){.row = row, .given = row->required || n > 0, .number = row->low + n * 37,
                                   .text = words ? row->words[n % words] : "1.2.3"};
        if (strcmp(row->name, "name") == 0)
            v->text = "size"; /* a member of the manifest, or a header */
        if (row->type == OPTION_TIME)
            v->number = row->low + n * SECOND;
        if (row->type == OPTION_BOOL)
            v->number = n % 2;
        if (row->high && v->number > row->high)
            v->number = row->high;
    }
    server_rule_add(peer.server, &r);
}

/* A client that takes at most so many bytes, and waits with patience; what it got goes into the digest. */
static void play(const char *request, struct buf *all)
{
    peer.quiet = false;
    peer.seen_count = 0;
    peer_dial();
    peer_say(request);
    peer_listen_to(20000);
    for (int i = 0; peer.open && i < ROUNDS && server_next(peer.server) != UINT64_MAX; i++) {
        peer.now = server_next(peer.server) > peer.now ? server_next(peer.server) : peer.now;
        server_tick(peer.server, peer.now);
        peer_listen_to(20000);
    }
    if (peer.open)
        peer_hang_up(STREAM_PEER_RESET);
    buf_add(all, buf_text(&peer.out), peer.out.size);
    const struct peer_seen *r = peer_last_of(SERVER_RESPONSE);
    assert_true(*r->end);
    buf_printf(all, "[%s %s %u]", r->end, r->attack, (unsigned)r->sent);
    peer.quiet = true;
}

static void play_all(const struct option_owner *a, const struct option_owner *b, unsigned n, char digest[65])
{
    struct buf all = {0};
    peer_start(&config);
    peer_offer("2.0.0", NULL, 1 + n % 2);
    server_tick(peer.server, 1);
    add(a, n);
    add(b, n + 1);
    play("GET /manifest.json?device=d&hw=nucleo-l476rg&slot=a&version=1.0.0&nonce=00ff HTTP/1.1\r\nHost: h\r\n\r\n", &all);
    play("GET /image/v2-a.bin HTTP/1.1\r\nHost: h\r\n\r\n", &all);
    play("GET /image/v2-b.bin HTTP/1.1\r\nRange: bytes=1000-\r\nConnection: close\r\n\r\n", &all);
    play("GET /keys.json HTTP/1.1\r\n\r\n", &all);
    play("POST /telemetry HTTP/1.1\r\nContent-Length: 14\r\n\r\n{\"device\":\"d\"}", &all);
    crypto_sha256_hex(all.data, all.size, digest);
    buf_free(&all);
}

static void every_pair_of_attacks_can_act_on_one_answer(void **state)
{
    (void)state;
    char first[65], again[65];
    for (size_t i = 0; server_attack(i); i++)
        for (size_t k = 0; server_attack(k); k++) {
            play_all(server_attack(i), server_attack(k), (unsigned)(i + k) % 7, first);
            if ((i + k) % 11)
                continue;
            play_all(server_attack(i), server_attack(k), (unsigned)(i + k) % 7, again);
            if (strcmp(first, again) != 0)
                fail_msg("%s and %s: the same seed, other bytes", server_attack(i)->name, server_attack(k)->name);
        }
}

static void every_word_of_every_attack_can_be_said(void **state)
{
    (void)state;
    char digest[65];
    for (size_t i = 0; server_attack(i); i++)
        for (unsigned n = 0; n < 32; n++)
            play_all(server_attack(i), server_attack(i), n, digest);
}

/* Each attack alone shows on one of the answers, and is told there, with its first words. */
static void every_attack_on_requests_has_something_to_act_on(void **state)
{
    (void)state;
    for (size_t i = 0; server_attack(i); i++) {
        const struct option_owner *o = server_attack(i);
        struct server_attack_facts facts;
        struct buf all = {0};
        server_attack_facts(i, &facts);
        peer_start(&config);
        peer_offer("2.0.0", NULL, 1);
        add(o, 0);
        const char *const requests[] = {
            ask_for_delta,
            "GET /manifest.json?hw=nucleo-l476rg&slot=a&version=1.0.0 HTTP/1.1\r\n\r\n",
            "GET /manifest.json?hw=nucleo-l476rg&slot=a&version=2.0.0 HTTP/1.1\r\n\r\n", "GET /image/v2-a.bin HTTP/1.1\r\n\r\n",
            "GET /image/v2-b.bin HTTP/1.1\r\nRange: bytes=1000-\r\n\r\n"};
        for (size_t k = 0; k < sizeof requests / sizeof requests[0]; k++)
            play(requests[k], &all);
        char *told = mem_printf(" %s ", o->name);
        bool tls = strncmp(o->name, "tls-", 4) == 0; /* the stream is plain here */
        if (tls != (memmem(all.data, all.size, told, strlen(told)) == NULL))
            fail_msg("%s is %stold", o->name, tls ? "" : "not ");
        free(told);
        buf_free(&all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PEER_SIGNED(every_attack_on_requests_has_something_to_act_on),
        PEER_SIGNED(every_word_of_every_attack_can_be_said),
        PEER_SIGNED(every_pair_of_attacks_can_act_on_one_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
