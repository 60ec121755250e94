/* SPDX-License-Identifier: GPL-3.0-or-later
 * XMODEM-1K with CRC, the sending side (Chuck Forsberg, "XMODEM/YMODEM Protocol Reference", 1988): one byte of the receiver in, what is to
 * be sent out. No clock: a receiver that is there asks again by itself. */
#ifndef RUN_XMODEM_H
#define RUN_XMODEM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { XMODEM_BLOCK = 1024, XMODEM_FRAME = XMODEM_BLOCK + 5, XMODEM_AGAIN = 10 /* times one block is sent before it is given up */ };
enum xmodem_state { XMODEM_WAITING /* for the invitation */, XMODEM_SENDING, XMODEM_ENDING, XMODEM_DONE, XMODEM_FAILED };

struct xmodem {
    const uint8_t *bytes; /* the caller's */
    size_t size, at;      /* at: of the block in hand */
    enum xmodem_state state;
    unsigned tries, cancels;
    uint8_t number;
};

void xmodem_start(struct xmodem *x, const uint8_t *bytes, size_t size);
/* Returns how many bytes of frame are to be sent; state tells how it stands. */
size_t xmodem_byte(struct xmodem *x, uint8_t byte, uint8_t frame[XMODEM_FRAME]);
#endif
