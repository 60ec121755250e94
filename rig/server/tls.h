/* SPDX-License-Identifier: GPL-3.0-or-later
 * TLS (RFC 8446; RFC 5246 and older for attacks) as a layer between a transport and a server: bytes of the transport in, a plain stream
 * out, both by base/stream.h. What the plain stream calls acked is what the peer's TCP has taken as whole records: those bytes and no
 * others can have reached the client's application. */
#ifndef SERVER_TLS_H
#define SERVER_TLS_H
#include "server/certs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct stream_handler;
struct tls;

/* Messages of the server's first flight (RFC 8446, 4), at which a handshake can be attacked. */
enum tls_message {
    TLS_NONE, TLS_SERVER_HELLO, TLS_EXTENSIONS, TLS_CERTIFICATE, TLS_VERIFY, TLS_FINISHED, TLS_MESSAGES
};

/* The parts of a handshake that can be wrong, each independent of the others. */
enum tls_part { TLS_PART_VERSION, TLS_PART_CERTIFICATE, TLS_PART_STALL, TLS_PART_GARBAGE, TLS_PARTS };

/* What is wrong with one connection. A zeroed struct: nothing. */
struct tls_faults {
    const char *attack[TLS_PARTS]; /* for the record: who put it there; static */
    unsigned version;              /* the only version spoken: 0x0301 to 0x0304; 0: 1.3 */
    bool forged;                   /* a ServerHello of that version (from 0x0300) whatever the client offers */
    enum certs_kind certificate;
    uint64_t by_s;                 /* of CERTS_EXPIRED and CERTS_NOT_YET */
    enum tls_message stall;        /* silence instead of this message, */
    uint64_t stall_ns;             /* so long; 0: for ever */
    enum tls_message garbage;      /* random bytes instead of this message, */
    bool shapeless;                /* and of its record's header */
};

struct tls_event {
    unsigned n;           /* number of the connection, from 1 */
    const char *version;  /* "TLSv1.3"; NULL before it is known */
    const char *host;     /* as the client named it (SNI), or NULL */
    const char *attack;   /* that acted on it and reached the client, several with + between; or NULL */
    const char *end;      /* open: the handshake succeeded; alert: the client refused; refused: we did; peer-closed, peer-reset, timed-out,
                             not-tls: before it succeeded */
    const char *alert;    /* of alert and refused: its name, "unknown-ca"; else NULL */
};

struct tls_config {
    struct certs *certs;  /* the caller's, outlives the layer */
    bool seeded;          /* all random numbers from the seed; else the system's */
    uint64_t seed;
    uint64_t handshake_ns; /* a client that takes longer is given up; 0: never. Counts ticks */
    void *ctx;
    void (*begin)(void *ctx, unsigned n, struct tls_faults *faults); /* a connection comes; faults is zeroed. May be NULL */
    void (*event)(void *ctx, const struct tls_event *ev);            /* the end of a handshake, and alerts after it. May be NULL */
};

/* Config and handler are copied. NULL with a message when the library cannot. */
struct tls *tls_new(const struct tls_config *config, const struct stream_handler *inner, struct err *e);
void tls_free(struct tls *t); /* every connection is gone without a word */
void tls_handler(struct tls *t, struct stream_handler *outer);
/* A handshake that stalls waits: when to call tls_tick next, UINT64_MAX when never. Times in ns. */
void tls_tick(struct tls *t, uint64_t now_ns);
uint64_t tls_next(const struct tls *t);

#endif
