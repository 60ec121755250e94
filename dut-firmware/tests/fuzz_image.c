/* SPDX-License-Identifier: GPL-3.0-or-later
 * Fuzz target: whatever stands in a slot, looking at it neither reads outside the flash nor takes it for genuine. The first byte
 * says how to start: from a good image that the rest is laid over, or from erased flash. */
#include <stdlib.h>
#include <string.h>
#include "flash_host.h"
#include "forge.h"
#include "image.h"
#include "layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static struct blob good;
    struct image_info info;
    struct keyset keys;
    keyset_open(&keys);
    if (good.bytes == NULL) {
        struct forge f = forge_good(1, 2);
        forge_make(&f, &good);
    }
    if (n < 3 || n > 8192)
        return 0;
    const uint32_t at = (uint32_t)(bytes[1] | bytes[2] << 8) % 2048;
    uint8_t *slot = flash_host_at(LAYOUT_SLOT_B_BASE);
    memset(slot, 0xFF, 16384);
    if (bytes[0] & 1)
        memcpy(slot, good.bytes, good.size);
    memcpy(slot + at, bytes + 3, n - 3);
    const bool untouched = memcmp(slot, good.bytes, good.size) == 0;
    const enum image_cause cause = image_verify(LAYOUT_SLOT_B_BASE, LAYOUT_SLOT_SIZE, &keys, &info, NULL);
    if ((cause == IMAGE_VALID) != untouched)
        abort();
    return 0;
}
