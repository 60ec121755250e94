/* SPDX-License-Identifier: GPL-3.0-or-later
 * XMODEM-CRC/1K receiver: stop and wait, so nothing arrives while a block is being written to flash. */
#include "xmodem.h"
#include "crc.h"

enum { SOH = 1, STX = 2, EOT = 4, ACK = 6, NAK = 21, CAN = 24 };
enum { INVITE_MS = 2000, BLOCK_MS = 10000, BYTE_MS = 1000, QUIET_MS = 200, ERRORS = 10 };
enum outcome { BLOCK_GOOD, BLOCK_BAD, BLOCK_AGAIN, BLOCK_OUT_OF_STEP };

static void cancel(struct xmodem *x)
{
    for (int i = 0; i < 3; i++)
        x->put(x->ctx, CAN);
}

/* After damage: until the line is quiet, so that the rest of a block is not taken for the start of the next. */
static void purge(struct xmodem *x)
{
    for (int i = 0; i < 4096 && x->get(x->ctx, QUIET_MS) >= 0; i++) {
    }
}

static enum outcome read_block(struct xmodem *x, uint32_t n, uint8_t expected, bool first)
{
    int number = x->get(x->ctx, BYTE_MS), inverse = x->get(x->ctx, BYTE_MS);
    if (number < 0 || inverse < 0 || (number ^ inverse) != 0xFF)
        return BLOCK_BAD;
    uint8_t sum[2] = {0};
    for (uint32_t i = 0; i < n + 2; i++) {
        int byte = x->get(x->ctx, BYTE_MS);
        if (byte < 0)
            return BLOCK_BAD;
        if (i < n)
            x->buffer[i] = (uint8_t)byte;
        else
            sum[i - n] = (uint8_t)byte;
        if (i == n + 1 && crc_16(0, x->buffer, n) != (sum[0] << 8 | sum[1]))
            return BLOCK_BAD;
    }
    if (number == expected)
        return BLOCK_GOOD;
    return !first && number == (uint8_t)(expected - 1) ? BLOCK_AGAIN
                                                       : BLOCK_OUT_OF_STEP; /* our ACK was lost: acknowledge again */
}

/* The first byte of what comes next, passing over noise; CAN counts when it comes twice. */
static int next_start(struct xmodem *x, uint32_t timeout_ms)
{
    int before = -1;
    for (int i = 0; i < 4096; i++) {
        int byte = x->get(x->ctx, timeout_ms);
        if (byte < 0 || byte == SOH || byte == STX || byte == EOT || (byte == CAN && before == CAN))
            return byte;
        before = byte;
    }
    return -1;
}

static enum xmodem_result receive_blocks(struct xmodem *x, int start)
{
    uint8_t expected = 1;
    bool first = true;
    for (int errors = 0; errors < ERRORS;) {
        if (start == EOT) {
            x->put(x->ctx, ACK);
            return first ? XMODEM_LOST : XMODEM_DONE; /* an empty file is nothing */
        }
        if (start == CAN)
            return XMODEM_CANCELLED;
        enum outcome outcome = start < 0 ? BLOCK_BAD : read_block(x, start == STX ? 1024 : 128, expected, first);
        if (outcome == BLOCK_OUT_OF_STEP)
            break;
        if (outcome == BLOCK_GOOD) {
            if (!x->block(x->ctx, x->buffer, start == STX ? 1024 : 128)) {
                cancel(x);
                return XMODEM_REFUSED;
            }
            expected++;
            first = false;
        }
        if (outcome == BLOCK_BAD) {
            purge(x);
            errors++;
        } else {
            errors = 0;
        }
        x->put(x->ctx, outcome == BLOCK_BAD ? NAK : ACK);
        start = next_start(x, BLOCK_MS);
    }
    cancel(x);
    return XMODEM_LOST;
}

enum xmodem_result xmodem_receive(struct xmodem *x)
{
    x->put(x->ctx, 'C');
    int start = next_start(x, INVITE_MS);
    if (start < 0 || start == EOT)
        return XMODEM_NOBODY;
    return start == CAN ? XMODEM_CANCELLED : receive_blocks(x, start);
}
