/* SPDX-License-Identifier: GPL-3.0-or-later
 * Fuzz target: what a client can say to the update server, under up to three attacks of any options. Whatever comes, the record adds up. */
#include "base/buf.h"
#include "base/stream.h"
#include "server/server.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_SIZE = 5000, TICKS = 8 };
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct {
    struct stream s;
    struct stream_handler h;
    bool open;
    size_t room, unacked;
    unsigned requests, responses;
} w;

static size_t room(struct stream *s)
{
    (void)s;
    return w.room;
}

static size_t take(struct stream *s, const void *p, size_t n)
{
    volatile uint8_t sum = 0; /* every byte is there to be read */
    (void)s;
    if (!w.open)
        abort();
    if (n > w.room)
        n = w.room;
    for (size_t i = 0; i < n; i++)
        sum = (uint8_t)(sum + ((const uint8_t *)p)[i]);
    w.room -= n;
    w.unacked += n;
    return n;
}

static void over(struct stream *s)
{
    (void)s;
    if (!w.open)
        abort();
    w.open = false;
}

static void spoil(struct stream *s, enum stream_spoil how)
{
    (void)s;
    (void)how;
}

static void on_event(void *ctx, const struct server_event *ev)
{
    (void)ctx;
    w.requests += ev->kind == SERVER_REQUEST;
    w.responses += ev->kind == SERVER_RESPONSE;
    bool whole = ev->kind == SERVER_RESPONSE && ev->end && strcmp(ev->end, "complete") == 0 && !ev->attack;
    if (ev->kind == SERVER_RESPONSE && !ev->end)
        abort();
    if (whole && ev->sent != (strcmp(ev->method, "HEAD") == 0 ? 0 : ev->length)) /* HEAD announces what it does not send */
        abort();
    if (ev->kind == SERVER_BAD_REQUEST && !ev->what)
        abort();
    if (ev->kind == SERVER_TOLD && !ev->told)
        abort();
}

static const struct option_owner *pick(uint8_t choice)
{
    size_t rows = 0;
    while (server_attack(rows))
        rows++;
    if (rows == 0)
        abort();
    return server_attack(choice % rows);
}

/* A value that its row allows. */
static void draw(const struct option_row *row, const uint8_t *from, struct option_value *v)
{
    size_t words = 0;
    while (row->words && row->words[words])
        words++;
    *v = (struct option_value){.row = row, .given = row->required || (from[1] & 1), .text = words ? row->words[from[0] % words] : "1.0.0"};
    v->number = row->low + (uint64_t)from[0] * (1 + (uint64_t)from[1] * from[1]);
    if (row->type == OPTION_BOOL)
        v->number &= 1;
    if (row->type == OPTION_PERCENT)
        v->number %= 10000;
    if (row->high && v->number > row->high)
        v->number = row->high;
}

/* Rules are RULE bytes each: attack, option, request, times, then two for each option. */
enum { RULE = 4 + 2 * OPTION_MOST };

static void add_rule(struct server *s, const uint8_t *from)
{
    static const char *const paths[] = {NULL, "/manifest", "/image", "/keys"};
    const struct option_owner *o = pick(from[0]);
    struct server_rule r = {.attack = o->name, .request = from[1] & 3, .times = from[2] & 3, .path = paths[from[3] & 3],
                            .device = from[3] & 0x80 ? "d" : NULL};
    for (size_t i = 0; o->options[i].name; i++)
        draw(&o->options[i], from + 4 + 2 * i, &r.value[i]);
    server_rule_add(s, &r);
}

static void listen_to(size_t most)
{
    while (w.open && w.unacked && most) {
        size_t n = w.unacked < most ? w.unacked : most;
        w.unacked -= n;
        w.room += n;
        most -= n;
        w.h.writable(w.h.ctx, &w.s, n);
    }
}

static void talk(struct server *s, const uint8_t *data, size_t n, size_t split, size_t listen)
{
    uint64_t now = 0;
    w.h.accept(w.h.ctx, &w.s);
    for (size_t at = 0; at < n && w.open; at += split) {
        w.h.received(w.h.ctx, &w.s, data + at, n - at < split ? n - at : split);
        listen_to(listen);
    }
    for (int i = 0; i < TICKS && server_next(s) != UINT64_MAX; i++) {
        now = server_next(s) > now ? server_next(s) : now;
        server_tick(s, now);
        listen_to(20000);
    }
    if (w.open) {
        w.open = false;
        w.h.ended(w.h.ctx, &w.s, STREAM_PEER_CLOSED);
    }
}

static void offer(struct server *s, bool keys)
{
    static uint8_t file[FILE_SIZE];
    static const char base[] = "1111111111111111111111111111111111111111111111111111111111111111";
    static const struct server_file files[] = {{"a", "a.bin", file, FILE_SIZE}, {"b", "b.bin", file, 0}};
    static const struct server_delta deltas[] = {{"a", base, "d.delta", file + 1000, 100}};
    struct server_offer other = {.version = "1.0.0", .hardware = "nucleo-l476rg", .chunk_size = 900, .files = files, .count = 1};
    struct server_offer o = {.version = "2.0.0", .hardware = "nucleo-l476rg", .security_counter = 1, .chunk_size = 1000, .files = files,
                             .count = 2, .keyset = keys ? 2 : 1, .deltas = deltas, .delta_count = 1, .other = &other};
    server_offer(s, &o);
}

/* Byte 0: how many rules (2 bits), signed, with the next key set, over a stream that can be spoilt; byte 1, 2: how the peer listens, how the
 * bytes are split; then the rules; the rest is the connection. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct stream_ops plain = {room, take, over, over, NULL}, secure = {room, take, over, over, spoil};
    struct server_config c = {.seed = 1, .event = on_event, .keys.have = n && data[0] & 4, .calendar_s = 1000000, .lifetime_s = 60,
                              .idle_ns = 1000000000, .request_ns = 3000000000};
    size_t rules = n ? data[0] & 3 : 0, at = 3;
    if (n < 3 + rules * RULE)
        return 0;
    struct server *s = server_new(&c);
    memset(&w, 0, sizeof w);
    w.s.ops = data[0] & 16 ? &secure : &plain;
    w.open = true;
    w.room = 1000;
    server_handler(s, &w.h);
    offer(s, data[0] & 8);
    for (size_t i = 0; i < rules; i++, at += RULE)
        add_rule(s, data + at);
    talk(s, data + at, n - at, (size_t)data[2] + 1, (size_t)data[1] * 16);
    if (w.responses < w.requests)
        abort();
    server_free(s);
    return 0;
}
