/* SPDX-License-Identifier: GPL-3.0-or-later
 * mkfactory: the flash of a factory-new device. Bootloader and image v1 in slot A go into a simulated flash, and the firmware's
 * own code writes the log that says: slot A is confirmed. So the log's format stands in one place only. Output: everything from
 * the flash's start to the end of the image. */
#include <stdio.h>
#include "blob.h"
#include "bootlog.h"
#include "flash_host.h"
#include "image.h"
#include "layout.h"

static bool place(const char *path, uint32_t addr, uint32_t room, size_t *size)
{
    struct blob b = {0};
    bool ok = blob_read(&b, path) && b.size <= room;
    if (ok)
        flash_host_load(addr, b.bytes, b.size);
    else
        fprintf(stderr, "mkfactory: %s does not fit its place of %u bytes\n", path, room);
    *size = b.size;
    blob_free(&b);
    return ok;
}

int main(int argc, char **argv)
{
    struct bootlog log;
    struct image_info info;
    struct keyset keys;
    size_t size = 0;
    if (argc != 5) {
        fprintf(stderr, "usage: mkfactory boot.bin v1-a.bin OUT.bin LOG.bin\n");
        return 4;
    }
    flash_host_reset();
    if (!place(argv[1], LAYOUT_BOOT_BASE, LAYOUT_BOOT_SIZE, &size) ||
        !place(argv[2], LAYOUT_SLOT_A_BASE, LAYOUT_SLOT_SIZE, &size))
        return 1;
    keyset_open(&keys); /* nothing is stored: the built-in one */
    enum image_cause cause = image_verify(LAYOUT_SLOT_A_BASE, LAYOUT_SLOT_SIZE, &keys, &info, NULL);
    if (cause != IMAGE_VALID) {
        fprintf(stderr, "mkfactory: %s is refused: %s\n", argv[2], image_cause_name(cause));
        return 1;
    }
    bootlog_open(&log);
    if (bootlog_confirm(&log, 0, bootlog_tag(info.digest), info.counter) != RECLOG_OK)
        return 1;
    struct blob out = {0};
    blob_append(&out, flash_host_at(LAYOUT_FLASH_BASE), LAYOUT_SLOT_A_BASE - LAYOUT_FLASH_BASE + size);
    struct blob log_out = {0};
    blob_append(&log_out, flash_host_at(LAYOUT_LOG_BASE), LAYOUT_LOG_SIZE);
    bool ok = blob_write(&out, argv[3]) && blob_write(&log_out, argv[4]);
    blob_free(&out);
    blob_free(&log_out);
    return ok ? 0 : 1;
}
