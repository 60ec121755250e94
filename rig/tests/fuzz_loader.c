/* SPDX-License-Identifier: GPL-3.0-or-later
 * Fuzz target: program files for `otarig sim`. Whatever the bytes are: parts that lie within what was read, or a message. */
#include "base/err.h"
#include "sim/flash.h"
#include "sim/loader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct flash *flash;
    struct loader_image image;
    struct err e = {0};
    if (!flash)
        flash = flash_new(&flash_stm32l4);
    int r = loader_parse(data, n, "input", 0x08000000, &image, &e);
    if (!r != !e.code)
        abort();
    if (!r)
        loader_flash(&image, "input", flash, 0x08000000, &e);
    loader_free(&image);
    return 0;
}
