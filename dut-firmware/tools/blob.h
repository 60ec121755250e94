/* SPDX-License-Identifier: GPL-3.0-or-later
 * A file in memory, for the host tools. */
#ifndef TOOLS_BLOB_H
#define TOOLS_BLOB_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blob {
    uint8_t *bytes; /* owned; blob_free */
    size_t size;
};

bool blob_read(struct blob *b, const char *path); /* false with a line on stderr; at most 16 MB */
bool blob_write(const struct blob *b, const char *path);
void blob_append(struct blob *b, const void *bytes, size_t n); /* aborts when memory is out */
void blob_append_le(struct blob *b, uint32_t value, unsigned size); /* 1, 2 or 4 bytes */
void blob_fill(struct blob *b, uint8_t byte, size_t n);
void blob_free(struct blob *b);

#endif
