/* SPDX-License-Identifier: GPL-3.0-or-later
 * One connection of the update server: requests in, answers out, one at a time, with the exact count of what the peer has taken. */
#ifndef SERVER_CONN_H
#define SERVER_CONN_H
#include "server/server.h"

#include <stdint.h>

struct conn;
struct site;

/* What connections share. */
struct conn_host {
    const struct server_config *config;
    struct site *site;
    struct conn *conns;  /* all of them */
    unsigned count;
    unsigned n;          /* requests so far */
    uint64_t body_sent;  /* image body bytes acked, */
    uint64_t body_hold;  /* which may not become more than this */
    char *only_device;   /* the id of the only device that was ever seen; "": there were several */
};

void conn_accept(struct conn_host *h, struct stream *st);
void conn_received(struct conn *c, const void *p, size_t n);
void conn_writable(struct conn *c, size_t acked);
void conn_ended(struct conn *c, enum stream_end how);
void conn_tick(struct conn *c, uint64_t now); /* c may be gone behind it */
void conn_go_on(struct conn *c); /* what held it is gone; c may be too, behind it */
uint64_t conn_wake(const struct conn *c);
struct conn *conn_next(const struct conn *c);
void conn_free_all(struct conn_host *h);

#endif
