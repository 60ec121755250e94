/* SPDX-License-Identifier: GPL-3.0-or-later
 * The part of flash_port.h that is the same on every flash. */
#include <stddef.h>
#include "flash_port.h"

bool flash_port_erased(uint32_t addr, uint32_t n)
{
    uint32_t words[16];
    while (n > 0) {
        uint32_t take = n < sizeof words ? n : (uint32_t)sizeof words;
        if (flash_port_read(addr, words, take) != FLASH_PORT_OK)
            return false;
        for (uint32_t i = 0; i < take / 4; i++)
            if (words[i] != 0xFFFFFFFF)
                return false;
        addr += take;
        n -= take;
    }
    return true;
}
