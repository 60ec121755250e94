/* SPDX-License-Identifier: GPL-3.0-or-later
 * Fuzz target: whatever records stand behind a good header, the decoder stays within base, patch and what it was asked for. The
 * first two bytes say how large the target is. */
#include <stdlib.h>
#include <string.h>
#include "delta.h"
#include "flash_host.h"
#include "layout.h"

enum { BASE_SIZE = 1000, BASE = LAYOUT_SLOT_A_BASE, PATCH = LAYOUT_SLOT_B_BASE };

static void put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static struct delta d;
    static const uint8_t digest[32] = {1, 2, 3};
    uint8_t header[DELTA_HEADER] = "OTD1";
    if (n < 3 || n > 8192)
        return 0;
    const uint32_t target = 1 + (bytes[0] | (uint32_t)bytes[1] << 8) % 20000;
    memcpy(header + 4, digest, sizeof digest);
    put32(header + 36, BASE_SIZE);
    put32(header + 40, target);
    flash_host_load(PATCH, header, sizeof header);
    flash_host_load(PATCH + DELTA_HEADER, bytes + 2, n - 2);
    if (delta_open(&d, PATCH, (uint32_t)(DELTA_HEADER + n - 2), BASE, BASE_SIZE, digest, target) != CAUSE_NONE)
        abort();
    for (uint32_t at = 0; at < target;) {
        const uint32_t part = target - at < 97 ? target - at : 97;
        uint8_t *room = malloc(part); /* just that: ASan sees the rest */
        const bool ok = room != NULL && delta_read(&d, room, part);
        free(room);
        if (d.base_at > BASE_SIZE || d.window_size > DELTA_WINDOW)
            abort();
        if (!ok)
            break;
        at += part;
    }
    return 0;
}
