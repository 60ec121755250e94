/* SPDX-License-Identifier: GPL-3.0-or-later
 * The records of one TLS connection on their way out: what is wrong with them, and which plain bytes have arrived. */
#ifndef SERVER_TLS_WIRE_H
#define SERVER_TLS_WIRE_H
#include "base/buf.h"
#include "base/rng.h"
#include "base/stream.h"
#include "server/tls.h"

struct tls_wire_record {
    uint64_t end; /* its last wire byte, counted from 1 */
    size_t plain;
};

enum { TLS_WIRE_NAMES = 24 };

struct tls_wire {
    const struct tls_faults *faults;
    struct rng rng;       /* of what is made up */
    struct buf pending;   /* bytes that the transport has not taken */
    struct buf held;      /* bytes behind a stall */
    uint64_t made, taken; /* wire bytes so far without those held, and acknowledged ones */
    struct tls_wire_record *record;
    size_t first, count, room; /* of the records under way */
    uint8_t name[TLS_WIRE_NAMES]; /* enum tls_message of the handshake's records, as the library made them */
    size_t written, named, seen;  /* records made, those of which the message is known, those passed on */
    bool holding, held_over;
    uint64_t delay, wake; /* ns; delay not 0: begins at the next tick; wake UINT64_MAX: none */
    uint64_t strike[TLS_PARTS]; /* wire byte with which that part has reached the peer; UINT64_MAX: not sent yet */
    bool flip;   /* a bit of the next record's tag */
    bool spoilt; /* no plain byte can arrive any more */
};

void tls_wire_init(struct tls_wire *w, const struct tls_faults *faults, uint64_t seed, unsigned n);
void tls_wire_free(struct tls_wire *w);
/* The library made a record; then, which message the records since the last call belong to (RFC 8446's number, 0: none). */
void tls_wire_made(struct tls_wire *w);
void tls_wire_named(struct tls_wire *w, unsigned message);
/* Whole records of the handshake, and whole records with plain bytes in them, to pending. */
void tls_wire_handshake(struct tls_wire *w, const uint8_t *bytes, size_t n);
void tls_wire_data(struct tls_wire *w, const uint8_t *bytes, size_t n, size_t plain);
/* The same, of which the transport has taken the first bytes already: only where tls_wire_is_clear. */
void tls_wire_sent(struct tls_wire *w, const uint8_t *bytes, size_t n, size_t taken, size_t plain);
bool tls_wire_is_clear(const struct tls_wire *w); /* nothing waits, nothing is held or to be spoilt */
void tls_wire_raw(struct tls_wire *w, const void *bytes, size_t n);
void tls_wire_spoil(struct tls_wire *w, enum stream_spoil how); /* those that are done to records: bad MAC, long record, cleartext */
/* A ServerHello of an old version in a record, to whatever the whole ClientHello says (RFC 5246, 7.4.1.3); false when it is none. */
bool tls_wire_forge(const uint8_t *client_hello, size_t n, unsigned version, struct rng *rng, struct buf *out);
/* So many bytes more were acknowledged: plain bytes that arrived with them. */
size_t tls_wire_acked(struct tls_wire *w, size_t n);
/* Names of the attacks that reached the peer, with + between; appended. */
void tls_wire_attacks(const struct tls_wire *w, struct buf *out);
/* The time is now: a stall may be over; true when there is something to send. */
bool tls_wire_tick(struct tls_wire *w, uint64_t now);

#endif
