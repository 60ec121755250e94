/* SPDX-License-Identifier: GPL-3.0-or-later
 * XMODEM-CRC and XMODEM-1K, the receiving side, over callbacks. (Chuck Forsberg, "XMODEM/YMODEM Protocol Reference", 1988.) */
#ifndef BOOT_XMODEM_H
#define BOOT_XMODEM_H
#include <stdbool.h>
#include <stdint.h>

struct xmodem {
    int (*get)(void *ctx, uint32_t timeout_ms); /* a byte, or -1 after so long */
    void (*put)(void *ctx, uint8_t byte);
    bool (*block)(void *ctx, const uint8_t *bytes, uint32_t n); /* 128 or 1024 bytes, in order, once each; false: not wanted */
    void *ctx;
    uint8_t buffer[1024];
};

enum xmodem_result {
    XMODEM_DONE,      /* the sender has finished, every block was taken */
    XMODEM_NOBODY,    /* nobody answered the invitation */
    XMODEM_REFUSED,   /* block() returned false: the transfer was cancelled */
    XMODEM_CANCELLED, /* by the sender */
    XMODEM_LOST,      /* ten errors in a row, or out of step */
};

/* Invites once ('C', then 2 s) and, when a sender answers, receives the whole file. */
enum xmodem_result xmodem_receive(struct xmodem *x);

#endif
