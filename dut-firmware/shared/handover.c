/* SPDX-License-Identifier: GPL-3.0-or-later
 * The hand-over block: magic, length, struct, CRC-32. */
#include "handover.h"
#include <stddef.h>
#include <string.h>
#include "crc.h"
#include "handover_place.h"
#include "layout.h"

enum { MAGIC = 0x48414E44 };

struct block {
    uint32_t magic, size;
    struct handover body;
    uint32_t crc; /* of all before it */
};
_Static_assert(sizeof(struct block) <= LAYOUT_HANDOVER_SIZE, "the hand-over block must fit its place");

static uint32_t sum(const struct block *b) { return crc_32(0, b, offsetof(struct block, crc)); }

void handover_write(const struct handover *h)
{
    struct block b;
    memset(&b, 0, sizeof b);
    b.magic = MAGIC;
    b.size = sizeof b.body;
    memcpy(&b.body, h, sizeof b.body);
    b.crc = sum(&b);
    memcpy(handover_place(), &b, sizeof b);
}

bool handover_read(struct handover *h)
{
    struct block b;
    memcpy(&b, handover_place(), sizeof b);
    bool good = b.magic == MAGIC && b.size == sizeof b.body && b.crc == sum(&b);
    if (good)
        memcpy(h, &b.body, sizeof *h);
    else
        memset(h, 0, sizeof *h);
    return good;
}

void handover_clear(void) { memset(handover_place(), 0, LAYOUT_HANDOVER_SIZE); }
