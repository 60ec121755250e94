/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The decoder of delta.h: two layers, each a state that can stop at any byte. unpack() gives the next bytes of the records,
 * delta_read() makes the target's bytes of them.
 */
#include "delta.h"
#include <string.h>
#include "flash_port.h"

enum { LITERALS = DELTA_WINDOW + 1, BLOCK = 64 };

static bool fail(struct delta *d)
{
    d->bad = true;
    return false;
}

/* --- the file --- */

static bool next_byte(struct delta *d, uint8_t *byte)
{
    if (d->in_at == d->in_size) {
        const uint32_t n = d->patch_left < sizeof d->in ? d->patch_left : (uint32_t)sizeof d->in;
        if (n == 0 || flash_port_read(d->patch, d->in, n) != FLASH_PORT_OK)
            return fail(d);
        d->patch += n;
        d->patch_left -= n;
        d->in_at = 0;
        d->in_size = n;
    }
    *byte = d->in[d->in_at++];
    return true;
}

/* At most 32 bits; a longer number, or one that needs more groups than it should, is no number. */
static bool number(struct delta *d, bool (*next)(struct delta *d, uint8_t *byte), uint32_t *value)
{
    uint64_t sum = 0;
    for (unsigned shift = 0; shift <= 28; shift += 7) {
        uint8_t byte = 0;
        if (!next(d, &byte))
            return false;
        sum |= (uint64_t)(byte & 0x7F) << shift;
        if (byte & 0x80)
            continue;
        *value = (uint32_t)sum;
        return sum <= UINT32_MAX ? true : fail(d);
    }
    return fail(d);
}

/* --- unpacking --- */

static bool next_token(struct delta *d)
{
    uint8_t byte;
    uint32_t more = 0;
    if (!next_byte(d, &byte))
        return false;
    if (byte < 0x80) {
        d->run = byte + 1u;
        d->distance = LITERALS;
        return true;
    }
    const uint32_t n = byte & 63;
    if (n == 63 && (!number(d, next_byte, &more) || more > INT32_MAX))
        return fail(d);
    d->distance = 0;
    d->run = n + more + (byte < 0xC0 ? 1 : 4);
    if (byte < 0xC0)
        return true;
    if (!number(d, next_byte, &d->distance))
        return false;
    return d->distance > 0 && d->distance <= d->window_size ? true : fail(d);
}

static bool unpack(struct delta *d, uint8_t *byte)
{
    if (d->run == 0 && !next_token(d))
        return false;
    d->run--;
    *byte = 0;
    if (d->distance == LITERALS) {
        if (!next_byte(d, byte))
            return false;
    } else if (d->distance > 0) {
        *byte = d->window[(d->window_at - d->distance) % DELTA_WINDOW];
    }
    d->window[d->window_at++ % DELTA_WINDOW] = *byte;
    if (d->window_size < DELTA_WINDOW)
        d->window_size++;
    return true;
}

/* --- records --- */

static bool next_record(struct delta *d)
{
    uint32_t zigzag;
    if (!number(d, unpack, &d->alike) || !number(d, unpack, &d->extra) || !number(d, unpack, &zigzag))
        return false;
    if (d->alike == 0 && d->extra == 0 && d->begun) /* only the first may just move: a row of them would keep us busy for nothing */
        return fail(d);
    d->begun = true;
    d->move = (zigzag & 1) ? -(int64_t)(zigzag / 2) - 1 : (int64_t)(zigzag / 2);
    if (d->alike > d->target_left || d->extra > d->target_left - d->alike || d->alike > d->base_size - d->base_at)
        return fail(d);
    return true;
}

/* The record is used up: the base moves on. */
static bool move(struct delta *d)
{
    const int64_t to = (int64_t)d->base_at + d->move;
    d->move = 0;
    if (to < 0 || to > d->base_size)
        return fail(d);
    d->base_at = (uint32_t)to;
    return true;
}

static bool read_alike(struct delta *d, uint8_t *to, uint32_t n)
{
    uint8_t difference;
    if (flash_port_read(d->base + d->base_at, to, n) != FLASH_PORT_OK)
        return fail(d);
    for (uint32_t i = 0; i < n; i++) {
        if (!unpack(d, &difference))
            return false;
        to[i] = (uint8_t)(to[i] + difference);
    }
    d->base_at += n;
    d->alike -= n;
    return true;
}

static bool read_extra(struct delta *d, uint8_t *to, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!unpack(d, to + i))
            return false;
    d->extra -= n;
    return true;
}

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

/* Up to n bytes of the present record, which is not empty; 0: bad. */
static uint32_t read_some(struct delta *d, uint8_t *to, uint32_t n)
{
    n = least(n, least(BLOCK, d->alike > 0 ? d->alike : d->extra));
    return (d->alike > 0 ? read_alike : read_extra)(d, to, n) ? n : 0;
}

bool delta_read(struct delta *d, uint8_t *to, uint32_t n)
{
    while (n > 0 && !d->bad) {
        if (d->alike == 0 && d->extra == 0) {
            if (!move(d) || !next_record(d))
                return false;
            continue;
        }
        const uint32_t part = read_some(d, to, n);
        if (part == 0)
            return false;
        to += part;
        n -= part;
        d->target_left -= part;
    }
    if (!d->bad && d->target_left == 0 && (d->run > 0 || d->in_at < d->in_size || d->patch_left > 0))
        fail(d);
    return !d->bad;
}

/* --- opening --- */

static uint32_t get32(const uint8_t *p) { return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }

enum cause delta_open(struct delta *d, uint32_t patch, uint32_t patch_size, uint32_t base, uint32_t base_size,
                      const uint8_t base_sha256[32], uint32_t target_size)
{
    uint8_t header[DELTA_HEADER];
    memset(d, 0, sizeof *d);
    d->bad = true;
    if (patch_size <= DELTA_HEADER || patch_size > DELTA_MOST || flash_port_read(patch, header, sizeof header) != FLASH_PORT_OK)
        return CAUSE_BAD_DELTA;
    if (memcmp(header, "OTD1", 4) != 0)
        return CAUSE_BAD_DELTA;
    if (memcmp(header + 4, base_sha256, 32) != 0 || get32(header + 36) != base_size)
        return CAUSE_BAD_BASE;
    if (get32(header + 40) != target_size)
        return CAUSE_BAD_DELTA;
    d->base = base;
    d->base_size = base_size;
    d->patch = patch + DELTA_HEADER;
    d->patch_left = patch_size - DELTA_HEADER;
    d->target_left = target_size;
    d->bad = false;
    return CAUSE_NONE;
}
