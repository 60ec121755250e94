/* SPDX-License-Identifier: GPL-3.0-or-later
 * XMODEM-1K, the sending side. */
#include "run/xmodem.h"

#include <string.h>

enum { SOH = 0x01, STX = 0x02, EOT = 0x04, ACK = 0x06, NAK = 0x15, CAN = 0x18, PAD = 0x1A, INVITATION = 'C', SMALL = 128 };

void xmodem_start(struct xmodem *x, const uint8_t *bytes, size_t size)
{
    *x = (struct xmodem){.bytes = bytes, .size = size, .number = 1};
}

/* x^16 + x^12 + x^5 + 1, from 0. */
static uint16_t crc16(const uint8_t *p, size_t n)
{
    uint16_t crc = 0;
    for (size_t i = 0; i < n; i++) {
        crc = (uint16_t)(crc ^ p[i] << 8);
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1);
    }
    return crc;
}

/* The last bytes go in a small block where they fit. */
static size_t length(const struct xmodem *x)
{
    return x->size - x->at <= SMALL ? SMALL : XMODEM_BLOCK;
}

static size_t block(struct xmodem *x, uint8_t *frame)
{
    size_t n = length(x), left = x->size - x->at < n ? x->size - x->at : n;
    frame[0] = n == SMALL ? SOH : STX;
    frame[1] = x->number;
    frame[2] = (uint8_t)~x->number;
    memcpy(frame + 3, x->bytes + x->at, left);
    memset(frame + 3 + left, PAD, n - left);
    uint16_t crc = crc16(frame + 3, n);
    frame[3 + n] = (uint8_t)(crc >> 8);
    frame[4 + n] = (uint8_t)crc;
    if (++x->tries > XMODEM_AGAIN)
        x->state = XMODEM_FAILED;
    return x->state == XMODEM_FAILED ? 0 : n + 5;
}

static size_t end(struct xmodem *x, uint8_t *frame)
{
    frame[0] = EOT;
    if (++x->tries > XMODEM_AGAIN)
        x->state = XMODEM_FAILED;
    return x->state == XMODEM_FAILED ? 0 : 1;
}

static size_t acknowledged(struct xmodem *x, uint8_t *frame)
{
    if (x->state == XMODEM_ENDING) {
        x->state = XMODEM_DONE;
        return 0;
    }
    x->at += length(x);
    x->number++;
    x->tries = 0;
    if (x->at < x->size)
        return block(x, frame);
    x->state = XMODEM_ENDING;
    return end(x, frame);
}

size_t xmodem_byte(struct xmodem *x, uint8_t byte, uint8_t frame[XMODEM_FRAME])
{
    if (x->state == XMODEM_DONE || x->state == XMODEM_FAILED)
        return 0;
    x->cancels = byte == CAN ? x->cancels + 1 : 0;
    if (x->cancels == 2) {
        x->state = XMODEM_FAILED;
        return 0;
    }
    if (x->state == XMODEM_WAITING) {
        if (byte != INVITATION || !x->size)
            return 0;
        x->state = XMODEM_SENDING;
        return block(x, frame);
    }
    if (byte == ACK)
        return acknowledged(x, frame);
    if (byte == NAK || (byte == INVITATION && x->number == 1 && x->at == 0))
        return x->state == XMODEM_ENDING ? end(x, frame) : block(x, frame);
    return 0;
}
