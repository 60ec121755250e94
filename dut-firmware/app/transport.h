/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One TCP connection at a time, as the exchange above sees it: lwIP on the device (link.c), a script in the host tests. Never
 * blocks.
 */
#ifndef APP_TRANSPORT_H
#define APP_TRANSPORT_H
#include <stdbool.h>
#include <stddef.h>

enum transport_state {
    TRANSPORT_CLOSED,     /* never opened, or closed by us */
    TRANSPORT_CONNECTING,
    TRANSPORT_OPEN,
    TRANSPORT_ENDED,      /* the peer has closed in order; bytes may still wait to be read */
    TRANSPORT_BROKEN,     /* refused, reset or timed out below us; bytes received before may still wait */
};

struct transport {
    void *ctx;
    bool (*open)(void *ctx); /* begins to connect to the server; false: no memory or no link now */
    enum transport_state (*state)(void *ctx);
    size_t (*write)(void *ctx, const void *bytes, size_t n); /* takes up to n, returns how many */
    size_t (*read)(void *ctx, void *bytes, size_t n);        /* up to n of what has arrived in order, returns how many */
    void (*close)(void *ctx, bool orderly);                  /* FIN, or RST when not orderly; frees everything */
};
#endif
