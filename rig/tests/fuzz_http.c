/* SPDX-License-Identifier: GPL-3.0-or-later
 * Fuzz target: what a client can say to the update server. Byte 0 picks a rule, byte 1 how the peer listens, byte 2 how the bytes are split;
 * the rest is the connection. Whatever comes, the record must add up. */
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

static const struct stream_ops ops = {room, take, over, over, NULL};

static void on_event(void *ctx, const struct server_event *ev)
{
    (void)ctx;
    w.requests += ev->kind == SERVER_REQUEST;
    w.responses += ev->kind == SERVER_RESPONSE;
    if (ev->kind == SERVER_RESPONSE && (!ev->end || (strcmp(ev->end, "complete") == 0 && !ev->attack && ev->sent != ev->length)))
        abort();
    if (ev->kind == SERVER_BAD_REQUEST && !ev->what)
        abort();
    if (ev->kind == SERVER_TOLD && !ev->told)
        abort();
}

static void add_rule(struct server *s, uint8_t choice)
{
    struct server_rule r = {.request = choice >> 7};
    size_t rows = 0;
    while (server_attack(rows))
        rows++;
    if (rows == 0)
        abort();
    const struct option_owner *o = server_attack((choice & 0x1f) % rows);
    r.attack = o->name;
    for (size_t i = 0; o->options[i].name; i++) {
        const struct option_row *row = &o->options[i];
        r.value[i] = (struct option_value){.row = row, .given = choice >> 5 & 1, .number = row->low + 100, .text = "1.0.0"};
        if (row->words)
            r.value[i].text = row->words[choice >> 6 & 1];
        if (row->high && r.value[i].number > row->high)
            r.value[i].number = row->high;
    }
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t file[FILE_SIZE];
    static const struct server_file files[] = {{"a", "a.bin", file, FILE_SIZE}, {"b", "b.bin", file, 0}};
    struct server_offer offer = {.version = "2.0.0", .hardware = "nucleo-l476rg", .security_counter = 1, .chunk_size = 1000,
                                 .files = files, .count = 2};
    struct server_config c = {.seed = 1, .event = on_event};
    if (n < 3)
        return 0;
    struct server *s = server_new(&c);
    memset(&w, 0, sizeof w);
    w.s.ops = &ops;
    w.open = true;
    w.room = 1000;
    server_handler(s, &w.h);
    server_offer(s, &offer);
    if (data[0] & 0x1f)
        add_rule(s, data[0]);
    talk(s, data + 3, n - 3, (size_t)data[2] + 1, (size_t)data[1] * 16);
    if (w.responses < w.requests)
        abort();
    server_free(s);
    return 0;
}
