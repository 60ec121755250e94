/* SPDX-License-Identifier: GPL-3.0-or-later
 * mkimage hex: Intel hex (Intel, "Hexadecimal Object File Format Specification", 1988) of binaries at absolute addresses. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mkimage.h"

static void record(FILE *f, unsigned type, unsigned address, const uint8_t *bytes, unsigned n)
{
    unsigned sum = n + (address >> 8) + (address & 0xFF) + type;
    fprintf(f, ":%02X%04X%02X", n, address, type);
    for (unsigned i = 0; i < n; i++) {
        fprintf(f, "%02X", bytes[i]);
        sum += bytes[i];
    }
    fprintf(f, "%02X\n", (0u - sum) & 0xFF);
}

static void write_blob(FILE *f, const struct blob *b, uint32_t base)
{
    uint32_t upper = UINT32_MAX;
    for (size_t at = 0; at < b->size; at += 16) {
        const uint32_t address = base + (uint32_t)at;
        const size_t n = b->size - at < 16 ? b->size - at : 16;
        if (address >> 16 != upper) {
            upper = address >> 16;
            record(f, 4, 0, (const uint8_t[]){(uint8_t)(upper >> 8), (uint8_t)upper}, 2);
        }
        record(f, 0, address & 0xFFFF, b->bytes + at, (unsigned)n);
    }
}

/* FILE@ADDR; addresses are multiples of 16, so that no record crosses a 64 KB border. */
static bool add_file(FILE *f, const char *argument)
{
    struct blob b = {0};
    char *path = strdup(argument), *at = path != NULL ? strrchr(path, '@') : NULL, *end = NULL;
    unsigned long long base = at != NULL ? strtoull(at + 1, &end, 0) : 0;
    bool ok = end != NULL && end != at + 1 && *end == '\0' && base % 16 == 0 && base <= UINT32_MAX;
    if (!ok) {
        fprintf(stderr, "mkimage hex: '%s': expected FILE@ADDR with an address that is a multiple of 16\n", argument);
    } else {
        *at = '\0';
        ok = blob_read(&b, path);
    }
    if (ok)
        write_blob(f, &b, (uint32_t)base);
    blob_free(&b);
    free(path);
    return ok;
}

int mkimage_hex(const struct mkimage_options *o, int argc, char **argv)
{
    FILE *f = o->out != NULL ? fopen(o->out, "w") : NULL;
    if (f == NULL) {
        fprintf(stderr, "mkimage hex: --out %s: %s\n", o->out != NULL ? o->out : "(missing)", strerror(errno));
        return 1;
    }
    bool ok = argc > 0;
    for (int i = 0; ok && i < argc; i++)
        ok = add_file(f, argv[i]);
    record(f, 1, 0, NULL, 0);
    return fclose(f) == 0 && ok ? 0 : 1;
}
