/* SPDX-License-Identifier: GPL-3.0-or-later
 * Program files: ELF32 for ARM, Intel hex, raw binary. Reads what others wrote, so every offset and length is checked. */
#ifndef SIM_LOADER_H
#define SIM_LOADER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct flash;

enum loader_format { LOADER_ELF, LOADER_HEX, LOADER_BIN };

struct loader_part {
    uint32_t addr;
    uint8_t *bytes;
    size_t n;
};

/* Runs of bytes at load addresses (ELF: p_paddr), in the order of the file. */
struct loader_image {
    enum loader_format format;
    struct loader_part *part;
    size_t parts;
    uint32_t entry; /* ELF e_entry, hex start record; 0 when not given */
};

enum { LOADER_MOST = 32 * 1024 * 1024 /* bytes of a file */ };

/* Parses n bytes; the format is found by content. at: address of a raw binary. name: for messages. RIG_EINPUT with a message; out
 * is then empty. Free with loader_free in either case. */
int loader_parse(const void *bytes, size_t n, const char *name, uint32_t at, struct loader_image *out, struct err *e);
/* The same from FILE or FILE@ADDR. ADDR (decimal, or hex with 0x) is for raw binaries only, default 0x08000000. */
int loader_read(const char *spec, struct loader_image *out, struct err *e);
void loader_free(struct loader_image *image);
/* Writes the parts into flash as a programmer would, other content of a touched page stays. base: the array's address; its alias
 * at 0 is understood too. RIG_EINPUT when a part lies outside. */
int loader_flash(const struct loader_image *image, const char *name, struct flash *flash, uint32_t base, struct err *e);
const char *loader_format_name(enum loader_format f);

#endif
