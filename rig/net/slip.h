/* SPDX-License-Identifier: GPL-3.0-or-later
 * SLIP framing (RFC 1055): datagrams on a serial line, each between two END bytes. */
#ifndef NET_SLIP_H
#define NET_SLIP_H
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slip {
    size_t most; /* longer frames are noise */
    struct buf frame;
    bool escaped, spoiled;
    void *ctx;
    void (*told)(void *ctx, const uint8_t *frame, size_t n); /* a whole frame, 1 to most bytes, valid during the call */
    void (*noise)(void *ctx, const char *what);              /* a frame that was dropped, told once at its end */
    const char *why;
};

/* Takes bytes in any split. Empty frames (END END) are the protocol's idle and not told. A callback must not call back in. */
void slip_receive(struct slip *s, const uint8_t *bytes, size_t n);
void slip_forget(struct slip *s); /* drops the frame under way: the line was cut */
void slip_skip(struct slip *s);   /* … and its rest, up to the next END, without a word */
void slip_free(struct slip *s);   /* the buffer */
/* Appends END, the escaped datagram, END. */
void slip_encode(const uint8_t *datagram, size_t n, struct buf *out);

#endif
