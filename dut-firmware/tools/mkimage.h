/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the subcommands of mkimage share. */
#ifndef TOOLS_MKIMAGE_H
#define TOOLS_MKIMAGE_H
#include <stdbool.h>
#include <stdint.h>
#include "blob.h"

/* MCUboot's image format (its docs/design.md), as written down a second time here: shared with no firmware source. */
enum {
    MKIMAGE_MAGIC = 0x96f3b83d,
    MKIMAGE_HEADER = 32,
    MKIMAGE_F_ROM_FIXED = 0x100,
    MKIMAGE_TLV_INFO = 0x6907,
    MKIMAGE_TLV_INFO_PROTECTED = 0x6908,
    MKIMAGE_TLV_KEYHASH = 0x01,
    MKIMAGE_TLV_SHA256 = 0x10,
    MKIMAGE_TLV_ED25519 = 0x24,
    MKIMAGE_TLV_SEC_CNT = 0x50,
    MKIMAGE_TLV_HARDWARE = 0xA0,
};

struct mkimage_options {
    const char *key, *root, *hardware, *version, *out;
    uint32_t load_addr, header_size, counter, payload_size; /* bytes; payload_size 0: no padding */
};

/* Each subcommand: 0, or 1 with a line on stderr. argv starts behind the subcommand's options. */
int mkimage_sign(const struct mkimage_options *o, int argc, char **argv);
int mkimage_verify(const struct mkimage_options *o, int argc, char **argv);
int mkimage_pubkey(const struct mkimage_options *o, int argc, char **argv);
int mkimage_hex(const struct mkimage_options *o, int argc, char **argv);

#endif
