/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The writing of intake.h. The pages are erased even when they look erased: an erase that lost its power half-way may look
 * complete and not hold.
 */
#include "intake.h"
#include <stdbool.h>
#include <string.h>
#include "flash_port.h"
#include "layout.h"
#include "manifest.h"

static bool erase(uint32_t addr, uint32_t n)
{
    for (uint32_t at = 0; at < n; at += LAYOUT_PAGE)
        if (flash_port_erase(addr + at) != FLASH_PORT_OK)
            return false;
    return true;
}

static bool blank(const uint8_t word[LAYOUT_WORD])
{
    for (unsigned i = 0; i < LAYOUT_WORD; i++)
        if (word[i] != 0xff)
            return false;
    return true;
}

static bool program(uint32_t addr, const uint8_t *bytes, uint32_t n)
{
    for (uint32_t at = 0; at < n; at += LAYOUT_WORD) {
        uint8_t word[LAYOUT_WORD];
        memset(word, 0xff, sizeof word);
        memcpy(word, bytes + at, n - at < LAYOUT_WORD ? n - at : LAYOUT_WORD);
        if (!blank(word) && flash_port_program(addr + at, word) != FLASH_PORT_OK)
            return false;
    }
    return true;
}

static bool same(uint32_t addr, const uint8_t *bytes, uint32_t n)
{
    uint8_t back[256];
    for (uint32_t at = 0; at < n; at += sizeof back) {
        uint32_t part = n - at < sizeof back ? n - at : (uint32_t)sizeof back;
        if (flash_port_read(addr + at, back, part) != FLASH_PORT_OK || memcmp(back, bytes + at, part) != 0)
            return false;
    }
    return true;
}

enum cause intake_chunk(uint8_t slot, uint8_t running, uint32_t index, const uint8_t *bytes, uint32_t n)
{
    uint32_t addr = LAYOUT_SLOT_BASE(slot) + index * MANIFEST_CHUNK;
    if (slot == running || slot >= LAYOUT_SLOTS || index >= MANIFEST_CHUNKS_MOST || n > MANIFEST_CHUNK)
        return CAUSE_FLASH;
    for (unsigned tries = 0; tries < 2; tries++)
        if (erase(addr, n) && program(addr, bytes, n) && same(addr, bytes, n))
            return CAUSE_NONE;
    return CAUSE_FLASH;
}
