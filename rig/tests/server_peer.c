/* SPDX-License-Identifier: GPL-3.0-or-later
 * The client of server_peer.h. */
#include "server_peer.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct peer peer;

/* --- the stream --- */

static size_t room(struct stream *s)
{
    (void)s;
    return peer.room;
}

static size_t take(struct stream *s, const void *p, size_t n)
{
    (void)s;
    assert_true(peer.open);
    if (n > peer.room)
        n = peer.room;
    buf_add(&peer.out, p, n);
    peer.room -= n;
    peer.unacked += n;
    return n;
}

static void closed(struct stream *s)
{
    (void)s;
    assert_true(peer.open);
    peer.open = false;
    peer.closed = true;
}

static void reset(struct stream *s)
{
    (void)s;
    assert_true(peer.open);
    peer.open = false;
    peer.reset = true;
}

static const struct stream_ops ops = {room, take, closed, reset, NULL};

/* --- the world --- */

static void copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
}

void peer_event(void *ctx, const struct server_event *ev)
{
    (void)ctx;
    if (peer.quiet)
        return;
    assert_true(peer.seen_count < EVENTS);
    struct peer_seen *s = &peer.seen[peer.seen_count++];
    *s = (struct peer_seen){.kind = ev->kind, .n = ev->n, .ranged = ev->ranged, .from = ev->from, .length = ev->length, .sent = ev->sent,
                       .status = ev->status};
    copy(s->method, sizeof s->method, ev->method);
    copy(s->path, sizeof s->path, ev->path);
    copy(s->device, sizeof s->device, ev->device);
    copy(s->file, sizeof s->file, ev->file);
    copy(s->end, sizeof s->end, ev->end);
    copy(s->attack, sizeof s->attack, ev->attack);
    copy(s->what, sizeof s->what, ev->what);
    copy(s->stage, sizeof s->stage, ev->told ? json_str(ev->told, "stage") : NULL);
}

const struct peer_seen *peer_last_of(enum server_event_kind kind)
{
    for (size_t i = peer.seen_count; i-- > 0;)
        if (peer.seen[i].kind == kind)
            return &peer.seen[i];
    fail_msg("no event of kind %d", kind);
    return NULL;
}

void peer_dial(void)
{
    buf_clear(&peer.out);
    peer.s = (struct stream){.ops = &ops};
    peer.open = true;
    peer.closed = peer.reset = false;
    peer.room = 3000;
    peer.unacked = 0;
    peer.handler.accept(peer.handler.ctx, &peer.s);
}

void peer_say_n(const void *p, size_t n)
{
    peer.handler.received(peer.handler.ctx, &peer.s, p, n);
}

void peer_say(const char *text)
{
    peer_say_n(text, strlen(text));
}

/* The peer takes what is there until the server has no more to say; at most so many bytes. */
void peer_listen_to(size_t most)
{
    while (peer.open && peer.unacked && most) {
        size_t n = peer.unacked < most ? peer.unacked : most;
        peer.unacked -= n;
        peer.room += n;
        most -= n;
        peer.handler.writable(peer.handler.ctx, &peer.s, n);
    }
}

void peer_hear(void)
{
    peer_listen_to(1000000);
}

void peer_hang_up(enum stream_end how)
{
    peer.open = false;
    peer.handler.ended(peer.handler.ctx, &peer.s, how);
}

void peer_ask(const char *request)
{
    peer_dial();
    peer_say(request);
    peer_hear();
}

void peer_get(const char *path, const char *headers)
{
    char *text = mem_printf("GET %s HTTP/1.1\r\nHost: ota\r\n%s\r\n", path, headers);
    peer_ask(text);
    free(text);
}

int peer_status(void)
{
    assert_true(peer.out.size > 12 && strncmp(peer.out.data, "HTTP/1.1 ", 9) == 0);
    return atoi(peer.out.data + 9);
}

const char *peer_body(size_t *n)
{
    const char *end = peer.out.size ? memmem(peer.out.data, peer.out.size, "\r\n\r\n", 4) : NULL;
    assert_non_null(end);
    if (n)
        *n = peer.out.size - (size_t)(end + 4 - peer.out.data);
    return end + 4;
}

/* The value of a header into a static buffer; NULL when absent. */
const char *peer_header(const char *name)
{
    static char value[256];
    char *line = mem_printf("\r\n%s: ", name);
    const char *at = memmem(peer.out.data, (size_t)(peer_body(NULL) - peer.out.data), line, strlen(line));
    if (at) {
        at += strlen(line);
        snprintf(value, sizeof value, "%.*s", (int)(strstr(at, "\r\n") - at), at);
    }
    free(line);
    return at ? value : NULL;
}

void peer_header_is(const char *name, const char *value)
{
    const char *is = peer_header(name);
    if (!is || strcmp(is, value) != 0)
        fail_msg("%s is '%s' instead of '%s'", name, is ? is : "(none)", value);
}

void peer_body_is(const void *bytes, size_t n)
{
    size_t size;
    const char *is = peer_body(&size);
    assert_int_equal(n, size);
    assert_memory_equal(bytes, is, n);
}

void peer_offer_version(const char *version)
{
    const struct server_file files[] = {{"a", "v2-a.bin", peer.file_a, sizeof peer.file_a},
                                        {"b", "v2-b.bin", peer.file_b, sizeof peer.file_b}};
    struct server_offer o = {.version = version, .hardware = "nucleo-l476rg", .security_counter = 3, .chunk_size = CHUNK, .files = files,
                             .count = 2};
    server_offer(peer.server, &o);
}

const struct server_keys peer_keys = {true, {1}, {2}, {3}, {4}};

void peer_offer(const char *version, const char *action, unsigned keyset)
{
    static const char base[] = "1111111111111111111111111111111111111111111111111111111111111111";
    const struct server_file files[] = {{"a", "v2-a.bin", peer.file_a, sizeof peer.file_a},
                                        {"b", "v2-b.bin", peer.file_b, sizeof peer.file_b}};
    const struct server_file old[] = {{"a", "v1-a.bin", peer.old_a, sizeof peer.old_a}, {"b", "v1-b.bin", peer.old_b, sizeof peer.old_b}};
    const struct server_delta deltas[] = {{"b", base, "x.v2-b.delta", peer.delta, sizeof peer.delta},
                                          {"a", base + 1, "x.v2-a.delta", peer.delta + 100, 300}};
    struct server_offer other = {.version = "1.0.0", .hardware = "nucleo-l476rg", .security_counter = 1, .chunk_size = CHUNK, .files = old,
                                 .count = 2};
    struct server_offer o = {.version = version, .hardware = "nucleo-l476rg", .security_counter = 3, .chunk_size = CHUNK, .files = files,
                             .count = 2, .action = action, .keyset = keyset, .deltas = deltas, .delta_count = 2, .other = &other};
    server_offer(peer.server, &o);
}

void peer_start(const struct server_config *config)
{
    server_free(peer.server);
    peer.server = server_new(config);
    server_handler(peer.server, &peer.handler);
    peer.seen_count = 0;
    peer.quiet = false;
    peer.now = 0;
}

static void make_files(void)
{
    for (size_t i = 0; i < sizeof peer.file_a; i++) {
        peer.file_a[i] = (uint8_t)(i * 7 + i / 256);
        peer.old_a[i] = (uint8_t)(i * 11 + 1);
    }
    for (size_t i = 0; i < sizeof peer.file_b; i++) {
        peer.file_b[i] = (uint8_t)(i * 5);
        peer.old_b[i] = (uint8_t)(i * 13 + 3);
    }
    for (size_t i = 0; i < sizeof peer.delta; i++)
        peer.delta[i] = (uint8_t)(i * 3);
    crypto_sha256_hex(peer.file_a, sizeof peer.file_a, peer.sha_a);
}

int peer_setup(void **state)
{
    (void)state;
    const struct server_config c = {.seed = 7, .event = peer_event};
    make_files();
    peer_start(&c);
    peer_offer_version("2.0.0");
    return 0;
}

int peer_setup_signed(void **state)
{
    (void)state;
    const struct server_config c = {.seed = 7, .event = peer_event, .keys = peer_keys, .calendar_s = CALENDAR, .lifetime_s = 86400};
    make_files();
    peer_start(&c);
    peer_offer("2.0.0", NULL, 1);
    return 0;
}

int peer_teardown(void **state)
{
    (void)state;
    server_free(peer.server);
    peer.server = NULL;
    buf_free(&peer.out);
    return 0;
}

void peer_rule_for(struct server_rule *r, const char *attack, const char *option, uint64_t number, const char *text)
{
    r->attack = attack;
    for (size_t i = 0; server_attack(i); i++) {
        const struct option_owner *o = server_attack(i);
        for (size_t k = 0; strcmp(o->name, attack) == 0 && option && o->options[k].name; k++)
            if (strcmp(o->options[k].name, option) == 0) {
                r->value[k] = (struct option_value){&o->options[k], true, number, text};
                return;
            }
    }
    assert_null(option);
}

/* One rule with at most one option, on every request. */
void peer_attack(const char *name, const char *option, uint64_t number, const char *text)
{
    struct server_rule r = {0};
    peer_rule_for(&r, name, option, number, text);
    server_rule_add(peer.server, &r);
}


/* --- rules in words --- */

static char pool[64][80]; /* texts outlive the rules */
static size_t pooled;

static const char *keep(const char *text)
{
    char *to = pool[pooled++ % (sizeof pool / sizeof pool[0])];
    snprintf(to, sizeof pool[0], "%s", text);
    return to;
}

static void set_option(struct server_rule *r, const struct option_owner *o, const char *name, const char *text)
{
    struct buf why = {0};
    for (size_t k = 0; o->options[k].name; k++)
        if (strcmp(o->options[k].name, name) == 0) {
            struct option_value *v = &r->value[k];
            *v = (struct option_value){.row = &o->options[k], .given = true};
            if (!value_read(v->row, keep(text), &v->number, &v->text, &why))
                fail_msg("%s %s=%s: %s", o->name, name, text, buf_text(&why));
            if (v->text)
                v->text = keep(v->text);
            return;
        }
    fail_msg("%s has no option %s", o->name, name);
}

static const struct option_owner *attack_called(const char *name)
{
    for (size_t i = 0; server_attack(i); i++)
        if (strcmp(server_attack(i)->name, name) == 0)
            return server_attack(i);
    fail_msg("no attack is called %s", name);
    return NULL;
}

void peer_rule(const char *words)
{
    char text[200], *save = NULL;
    snprintf(text, sizeof text, "%s", words);
    const struct option_owner *o = attack_called(strtok_r(text, " ", &save));
    struct server_rule r = {.attack = o->name};
    for (char *word; (word = strtok_r(NULL, " ", &save));) {
        char *value = strchr(word, '=');
        *value++ = '\0';
        if (strcmp(word, "path") == 0)
            r.path = keep(value);
        else if (strcmp(word, "device") == 0)
            r.device = keep(value);
        else if (strcmp(word, "request") == 0)
            r.request = (unsigned)atoi(value);
        else if (strcmp(word, "times") == 0)
            r.times = (unsigned)atoi(value);
        else
            set_option(&r, o, word, value);
    }
    server_rule_add(peer.server, &r);
}

/* --- what is signed --- */

const char *peer_delivered(void)
{
    return peer_last_of(SERVER_RESPONSE)->attack;
}

struct json *peer_manifest_now(void)
{
    peer_get("/manifest.json?slot=a&version=1.0.0", "");
    size_t n;
    const char *text = peer_body(&n);
    return json_parse(text, n, NULL);
}

const char *peer_signed(void)
{
    static char text[20000];
    static const char before[] = "],\"signed\":";
    size_t n;
    const char *all = peer_body(&n), *at = memmem(all, n, before, sizeof before - 1);
    assert_true(n > 20 && strncmp(all, "{\"signatures\":[", 15) == 0 && all[n - 1] == '}');
    assert_non_null(at);
    at += sizeof before - 1;
    snprintf(text, sizeof text, "%.*s", (int)(all + n - 1 - at), at);
    return text;
}

static void read_hex(const char *text, uint8_t *out, size_t n)
{
    assert_int_equal(2 * n, strlen(text));
    for (size_t i = 0; i < n; i++) {
        unsigned byte;
        assert_int_equal(1, sscanf(text + 2 * i, "%2x", &byte));
        out[i] = (uint8_t)byte;
    }
}

bool peer_signed_by(size_t which, const uint8_t seed[32])
{
    uint8_t key[32], signature[64], der[44] = {0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0};
    char id[65];
    size_t n;
    const char *all = peer_body(&n);
    struct json *j = json_parse(all, n, NULL);
    const struct json *one = json_at(json_get(j, "signatures"), which);
    assert_non_null(one);
    crypto_ed25519_public(seed, key);
    memcpy(der + 12, key, 32);
    crypto_sha256_hex(der, sizeof der, id);
    read_hex(json_str(one, "sig"), signature, sizeof signature);
    bool good = strcmp(id, json_str(one, "keyid")) == 0 && crypto_verify(key, peer_signed(), strlen(peer_signed()), signature);
    json_free(j);
    return good;
}
