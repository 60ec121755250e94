/* SPDX-License-Identifier: GPL-3.0-or-later
 * Bytes of a peer into the TLS layer, in any split, under any fault, over a transport that takes as much or as little as it likes: no
 * crash, no byte to the server before a handshake, every stream ended once, acknowledged bytes never more than were written. */
#include "base/stream.h"
#include "server/certs.h"
#include "server/tls.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct certs *certs;
static struct tls_faults faults;
static struct {
    struct stream s;
    bool open;
    size_t room, unacked;
} outer;
static struct {
    struct stream *s;
    size_t written, acked;
} inner;

static void need(bool ok)
{
    if (!ok)
        abort();
}

static size_t room(struct stream *s)
{
    (void)s;
    return outer.room;
}

static size_t take(struct stream *s, const void *p, size_t n)
{
    (void)s;
    (void)p;
    need(outer.open);
    if (n > outer.room)
        n = outer.room;
    outer.room -= n;
    outer.unacked += n;
    return n;
}

static void over(struct stream *s)
{
    (void)s;
    need(outer.open);
    outer.open = false;
}

static const struct stream_ops ops = {room, take, over, over, NULL};

static void on_accept(void *ctx, struct stream *s)
{
    (void)ctx;
    need(!inner.s);
    inner.s = s;
}

/* An echo, and an end where the peer asks for it. */
static void on_received(void *ctx, struct stream *s, const void *p, size_t n)
{
    (void)ctx;
    need(s == inner.s && n > 0);
    const uint8_t *bytes = p;
    inner.written += s->ops->write(s, p, n);
    if (bytes[0] % 16 < 3)
        inner.s = NULL;
    if (bytes[0] % 16 == 0)
        s->ops->close(s);
    else if (bytes[0] % 16 == 1)
        s->ops->reset(s);
    else if (bytes[0] % 16 == 2) {
        s->ops->spoil(s, STREAM_HALF_RECORD);
        s->ops->close(s);
    } else if (bytes[0] % 16 == 3) {
        s->ops->spoil(s, (enum stream_spoil)(bytes[0] / 16 % (STREAM_REKEY + 1)));
    }
}

static void on_writable(void *ctx, struct stream *s, size_t acked)
{
    (void)ctx;
    need(s == inner.s);
    inner.acked += acked;
    need(inner.acked <= inner.written);
}

static void on_ended(void *ctx, struct stream *s, enum stream_end how)
{
    (void)ctx;
    (void)how;
    need(s == inner.s);
    inner.s = NULL;
}

static void begin(void *ctx, unsigned n, struct tls_faults *f)
{
    (void)ctx;
    (void)n;
    *f = faults;
}

/* The first bytes choose what is wrong; names are only for the record. */
static void choose_faults(const uint8_t *d)
{
    static const char *const name[TLS_PARTS] = {"a", "b", "c", "d"};
    memset(&faults, 0, sizeof faults);
    memcpy(faults.attack, name, sizeof name);
    faults.certificate = (enum certs_kind)(d[0] % CERTS_KINDS);
    faults.version = d[1] & 1 ? 0x0300u + (d[1] >> 1) % 5u : 0;
    faults.forged = faults.version == 0x0300 || (faults.version && d[1] & 128);
    faults.stall = (enum tls_message)(d[2] % TLS_MESSAGES);
    faults.stall_ns = d[2] & 128 ? 1000 : 0;
    faults.garbage = (enum tls_message)(d[3] % TLS_MESSAGES);
    faults.shapeless = d[3] & 128;
}

static void step(const struct stream_handler *h, struct tls *t, uint8_t what, const uint8_t *bytes, size_t n, uint64_t *now)
{
    size_t acked = outer.unacked * (what & 3) / 3;
    if (outer.open && n)
        h->received(h->ctx, &outer.s, bytes, n);
    if (outer.open && acked <= outer.unacked && acked) {
        outer.unacked -= acked;
        outer.room += acked;
        h->writable(h->ctx, &outer.s, acked);
    }
    if (what & 4)
        tls_tick(t, *now += 600);
    if (outer.open && (what & 0xf8) == 0xf8) {
        outer.open = false;
        h->ended(h->ctx, &outer.s, STREAM_PEER_RESET);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct certs_config cc = {.host = "h", .calendar_s = 1782907200, .seeded = true};
    struct stream_handler in = {NULL, on_accept, on_received, on_writable, on_ended}, h;
    uint64_t now = 0;
    if (size < 5)
        return 0;
    if (!certs)
        certs = certs_new(&cc, NULL);
    choose_faults(data);
    struct tls_config tc = {.certs = certs, .seeded = true, .handshake_ns = 100000, .begin = begin};
    struct tls *t = tls_new(&tc, &in, NULL);
    tls_handler(t, &h);
    memset(&inner, 0, sizeof inner);
    memset(&outer, 0, sizeof outer);
    outer.s.ops = &ops;
    outer.open = true;
    outer.room = (size_t)data[4] * 64;
    h.accept(h.ctx, &outer.s);
    for (size_t at = 5; at + 3 <= size && outer.open;) {
        size_t n = (size_t)(data[at + 1] << 8 | data[at + 2]), left = size - at - 3;
        step(&h, t, data[at], data + at + 3, n < left ? n : left, &now);
        at += 3 + (n < left ? n : left);
    }
    if (outer.open) {
        outer.open = false;
        h.ended(h.ctx, &outer.s, STREAM_PEER_CLOSED);
    }
    need(!inner.s);
    tls_free(t);
    return 0;
}
