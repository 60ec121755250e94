/* SPDX-License-Identifier: GPL-3.0-or-later
 * Fuzz target: whatever comes over the line, the receiver ends, and hands on only blocks that carried a right CRC and number. */
#include <stdlib.h>
#include <string.h>
#include "crc.h"
#include "xmodem.h"

struct line {
    const uint8_t *bytes;
    size_t size, at;
    unsigned blocks, answers;
};

static int get(void *ctx, uint32_t timeout_ms)
{
    struct line *l = ctx;
    (void)timeout_ms;
    return l->at < l->size ? l->bytes[l->at++] : -1;
}

static void put(void *ctx, uint8_t byte)
{
    struct line *l = ctx;
    (void)byte;
    if (++l->answers > 3 * l->size + 64)
        abort(); /* it does not end */
}

/* The block just taken stands on the line right before the reading position: n bytes and two of CRC, headed by its number. */
static bool block(void *ctx, const uint8_t *bytes, uint32_t n)
{
    struct line *l = ctx;
    if (l->at < n + 5)
        abort();
    const uint8_t *packet = l->bytes + l->at - n - 5;
    const uint16_t crc = (uint16_t)(packet[3 + n] << 8 | packet[4 + n]);
    if (packet[1] != (uint8_t)++l->blocks || memcmp(packet + 3, bytes, n) != 0 || crc_16(0, bytes, n) != crc)
        abort();
    return l->blocks < 1000;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static struct xmodem x;
    struct line line = {bytes, n, 0, 0, 0};
    x.get = get;
    x.put = put;
    x.block = block;
    x.ctx = &line;
    xmodem_receive(&x);
    return 0;
}
