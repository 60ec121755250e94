/* SPDX-License-Identifier: GPL-3.0-or-later
 * Records on their way out. A handshake's records can be told apart although most are encrypted: the library says, for each record it has
 * made, of which message it was. */
#include "server/tls_wire.h"

#include <stdlib.h>
#include <string.h>

enum { HEADER = 5, LONG_SIZE = 16384 + 257, HANDSHAKE_SERVER_HELLO = 2, HANDSHAKE_EXTENSIONS = 8, HANDSHAKE_CERTIFICATE = 11,
       HANDSHAKE_KEY_EXCHANGE = 12, HANDSHAKE_VERIFY = 15, HANDSHAKE_FINISHED = 20 };

void tls_wire_init(struct tls_wire *w, const struct tls_faults *faults, uint64_t seed, unsigned n)
{
    *w = (struct tls_wire){.faults = faults, .wake = UINT64_MAX};
    rng_seed(&w->rng, seed, rng_mix(0x77697265, n, 0));
    for (size_t i = 0; i < TLS_PARTS; i++)
        w->strike[i] = UINT64_MAX;
}

void tls_wire_free(struct tls_wire *w)
{
    buf_free(&w->pending);
    buf_free(&w->held);
    free(w->record);
}

/* --- which record is which --- */

void tls_wire_made(struct tls_wire *w)
{
    if (w->written < TLS_WIRE_NAMES)
        w->written++;
}

/* Before TLS 1.3 the signature is part of the key exchange. */
static enum tls_message message_of(unsigned number)
{
    static const struct { unsigned number; enum tls_message message; } known[] = {
        {HANDSHAKE_SERVER_HELLO, TLS_SERVER_HELLO}, {HANDSHAKE_EXTENSIONS, TLS_EXTENSIONS}, {HANDSHAKE_CERTIFICATE, TLS_CERTIFICATE},
        {HANDSHAKE_KEY_EXCHANGE, TLS_VERIFY}, {HANDSHAKE_VERIFY, TLS_VERIFY}, {HANDSHAKE_FINISHED, TLS_FINISHED}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].number == number)
            return known[i].message;
    return TLS_NONE;
}

void tls_wire_named(struct tls_wire *w, unsigned message)
{
    while (w->named < w->written)
        w->name[w->named++] = (uint8_t)message_of(message);
}

/* --- out --- */

void tls_wire_raw(struct tls_wire *w, const void *bytes, size_t n)
{
    if (w->holding) {
        buf_add(&w->held, bytes, n);
        return;
    }
    buf_add(&w->pending, bytes, n);
    w->made += n;
}

static void hold(struct tls_wire *w)
{
    w->holding = true;
    w->delay = w->faults->stall_ns;
    w->strike[TLS_PART_STALL] = w->made;
}

static void add_random(struct tls_wire *w, size_t n)
{
    struct buf b = {0};
    while (n--)
        buf_char(&b, (char)rng_u64(&w->rng));
    tls_wire_raw(w, b.data, b.size);
    buf_free(&b);
}

static void spoilt_record(struct tls_wire *w, const uint8_t *bytes, size_t n)
{
    if (!w->faults->shapeless)
        tls_wire_raw(w, bytes, HEADER);
    add_random(w, w->faults->shapeless ? n : n - HEADER);
    w->strike[TLS_PART_GARBAGE] = w->made;
}

static void handshake_record(struct tls_wire *w, const uint8_t *bytes, size_t n)
{
    const struct tls_faults *f = w->faults;
    enum tls_message m = w->seen < w->named ? (enum tls_message)w->name[w->seen] : TLS_NONE;
    w->seen++;
    if (m != TLS_NONE && m == f->stall && !w->held_over && !w->holding)
        hold(w);
    if (m != TLS_NONE && m == f->garbage)
        spoilt_record(w, bytes, n);
    else
        tls_wire_raw(w, bytes, n);
    if (w->holding)
        return;
    if (m == TLS_CERTIFICATE)
        w->strike[TLS_PART_CERTIFICATE] = w->made;
    if (w->strike[TLS_PART_VERSION] == UINT64_MAX)
        w->strike[TLS_PART_VERSION] = w->made;
}

void tls_wire_handshake(struct tls_wire *w, const uint8_t *bytes, size_t n)
{
    while (n >= HEADER) {
        size_t size = HEADER + (size_t)(bytes[3] << 8 | bytes[4]);
        if (size > n)
            break;
        handshake_record(w, bytes, size);
        bytes += size;
        n -= size;
    }
    if (n)
        tls_wire_raw(w, bytes, n);
}

static void push(struct tls_wire *w, size_t plain)
{
    if (w->first + w->count == w->room) {
        if (w->count)
            memmove(w->record, w->record + w->first, w->count * sizeof *w->record);
        w->first = 0;
        if (w->count * 2 >= w->room) {
            w->room = w->room ? w->room * 2 : 16;
            w->record = mem_grow(w->record, w->room * sizeof *w->record);
        }
    }
    w->record[w->first + w->count++] = (struct tls_wire_record){w->made, plain};
}

void tls_wire_data(struct tls_wire *w, const uint8_t *bytes, size_t n, size_t plain)
{
    size_t first = n >= HEADER ? HEADER + (size_t)(bytes[3] << 8 | bytes[4]) : 0;
    if (w->flip && first > HEADER && first <= n) {
        uint8_t last = bytes[first - 1] ^ 1;
        tls_wire_raw(w, bytes, first - 1);
        tls_wire_raw(w, &last, 1);
        tls_wire_raw(w, bytes + first, n - first);
        w->flip = false;
        w->spoilt = true;
    } else {
        tls_wire_raw(w, bytes, n);
    }
    push(w, w->spoilt ? 0 : plain);
}

bool tls_wire_is_clear(const struct tls_wire *w)
{
    return !w->pending.size && !w->holding && !w->flip;
}

void tls_wire_sent(struct tls_wire *w, const uint8_t *bytes, size_t n, size_t taken, size_t plain)
{
    w->made += taken;
    tls_wire_raw(w, bytes + taken, n - taken);
    push(w, w->spoilt ? 0 : plain);
}

void tls_wire_spoil(struct tls_wire *w, enum stream_spoil how)
{
    static const uint8_t notify[] = {21, 3, 3, 0, 2, 1, 0}; /* alert, warning, close_notify */
    static const uint8_t too_long[HEADER] = {23, 3, 3, LONG_SIZE >> 8, LONG_SIZE & 0xff};
    if (how == STREAM_BAD_MAC)
        w->flip = true;
    if (how == STREAM_CLEARTEXT)
        tls_wire_raw(w, notify, sizeof notify);
    if (how == STREAM_LONG_RECORD) {
        tls_wire_raw(w, too_long, sizeof too_long);
        add_random(w, LONG_SIZE);
    }
    if (how == STREAM_CLEARTEXT || how == STREAM_LONG_RECORD)
        w->spoilt = true;
}

/* With the suite and the extensions that every server of that time would choose. */
bool tls_wire_forge(const uint8_t *client_hello, size_t n, unsigned version, struct rng *rng, struct buf *out)
{
    enum { HELLO = 22, SESSION_AT = HEADER + 4 + 2 + 32, SESSION_MOST = 32, RANDOM = 32, SSL3 = 0x0300, TLS12 = 0x0303 };
    static const uint8_t extensions[] = {0, 11, 0xff, 1, 0, 1, 0, 0, 11, 0, 2, 1, 0}; /* renegotiation_info, ec_point_formats */
    const uint8_t *session = client_hello + SESSION_AT;
    if (client_hello[0] != HELLO || n <= SESSION_AT || *session > SESSION_MOST || n < SESSION_AT + 1u + *session)
        return false;
    uint8_t high = (uint8_t)(version >> 8), low = (uint8_t)version, more = version == SSL3 ? 0 : sizeof extensions;
    uint8_t size = (uint8_t)(2 + RANDOM + 1 + *session + 2 + 1 + more);
    buf_add(out, (uint8_t[]){HELLO, high, low, 0, size + 4, HANDSHAKE_SERVER_HELLO, 0, 0, size, high, low}, HEADER + 6);
    for (int i = 0; i < RANDOM; i++)
        buf_char(out, (char)rng_u64(rng));
    buf_add(out, session, 1u + *session);
    buf_add(out, (uint8_t[]){0xc0, version == TLS12 ? 0x2b : 0x09, 0}, 3); /* ECDHE-ECDSA with AES-128, in GCM or CBC */
    buf_add(out, extensions, more);
    return true;
}

/* --- in --- */

size_t tls_wire_acked(struct tls_wire *w, size_t n)
{
    size_t plain = 0;
    w->taken += n;
    while (w->count && w->record[w->first].end <= w->taken) {
        plain += w->record[w->first++].plain;
        w->count--;
    }
    return plain;
}

void tls_wire_attacks(const struct tls_wire *w, struct buf *out)
{
    for (size_t i = 0; i < TLS_PARTS; i++) {
        if (!w->faults->attack[i] || w->strike[i] > w->taken)
            continue;
        if (out->size)
            buf_char(out, '+');
        buf_str(out, w->faults->attack[i]);
    }
}

bool tls_wire_tick(struct tls_wire *w, uint64_t now)
{
    if (w->delay)
        w->wake = now + w->delay;
    w->delay = 0;
    if (w->wake > now)
        return false;
    w->wake = UINT64_MAX;
    w->holding = false;
    w->held_over = true;
    tls_wire_raw(w, w->held.data, w->held.size);
    buf_free(&w->held);
    return true;
}
