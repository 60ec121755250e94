/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One connection at a time, as the exchange above sees it: TCP by lwIP on the device (link.c), TLS over it (tls.c), a script in the host
 * tests. Never blocks.
 */
#ifndef APP_TRANSPORT_H
#define APP_TRANSPORT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cause.h"

enum transport_state {
    TRANSPORT_CLOSED,     /* never opened, or closed by us */
    TRANSPORT_CONNECTING, /* not before OPEN has a byte been sent that the peer must not see */
    TRANSPORT_OPEN,
    TRANSPORT_ENDED,      /* the peer has closed in order; bytes may still wait to be read */
    TRANSPORT_BROKEN,     /* refused, reset, timed out or not to be trusted; bytes received before may still wait */
};

enum transport_use {
    TRANSPORT_FULL,
    /* A peer whose certificate is good but for its dates will do: for a signed time, and the keys to judge it by (agent_time.c). */
    TRANSPORT_UNDATED,
};

struct transport {
    void *ctx;
    uint32_t connect_ms;     /* how long CONNECTING may last */
    bool (*open)(void *ctx, enum transport_use use); /* begins to connect to the server; false: no memory or no link now */
    enum transport_state (*state)(void *ctx);
    size_t (*write)(void *ctx, const void *bytes, size_t n); /* takes up to n, returns how many */
    size_t (*read)(void *ctx, void *bytes, size_t n);        /* up to n of what has arrived in order, returns how many */
    void (*close)(void *ctx, bool orderly);                  /* FIN, or RST when not orderly; frees everything */
    enum cause (*cause)(void *ctx); /* why BROKEN, when this layer knows better than that the connection is gone; else CAUSE_NONE */
};
#endif
