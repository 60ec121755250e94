/* SPDX-License-Identifier: GPL-3.0-or-later
 * A connection as its two files see it: conn.c (its life) and conn_send.c (an answer on its way). */
#ifndef SERVER_CONN_PARTS_H
#define SERVER_CONN_PARTS_H
#include "base/buf.h"
#include "server/conn.h"
#include "server/exchange.h"
#include "server/ledger.h"
#include "server/request.h"

enum conn_phase { CONN_HEAD, CONN_BODY, CONN_TAIL, CONN_DONE };

struct conn {
    struct conn_host *host;
    struct stream *stream;
    struct request request;
    struct buf ahead;   /* received, not yet read */
    char *device;       /* who spoke last, NULL: nobody said */
    uint64_t came;      /* bytes of the request at hand */
    bool early;         /* it was answered before it was whole */
    bool used;          /* there was an answer on this connection */
    bool continued;     /* 100 Continue was said */
    struct exchange *x; /* NULL while waiting for a request */

    enum conn_phase phase;
    struct buf frame;   /* bytes of head, chunk borders, tail that the stream has not taken */
    uint64_t sent[EXCHANGE_PARTS]; /* handed to the stream */
    struct ledger ledger;
    uint64_t chunk_left;
    unsigned chunk_n, filler_n;
    uint64_t allowance[EXCHANGE_PARTS]; /* of a drip: bytes that may go out */
    unsigned stall_n;   /* stalls that are over */
    bool stalling, spoilt;
    uint64_t delay, wake; /* ns; delay not 0: begins at the next tick; wake UINT64_MAX: none */
    uint64_t last, begun; /* when something moved last; when the request began to come (UINT64_MAX: it did not) */
    struct conn *next;
};

/* --- conn_send.c --- */
void conn_begin(struct conn *c, struct exchange *x); /* the answer is ready to go */
void conn_pump(struct conn *c);                      /* as far as it goes now */
bool conn_sent(const struct conn *c);                /* all of it is taken by the peer */
void conn_woken(struct conn *c);                     /* the time that the answer waited for has come */
/* names of the attacks that reached the peer, or NULL */
const char *conn_delivered(const struct conn *c, const char *end, struct buf *out);

#endif
