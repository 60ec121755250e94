/* SPDX-License-Identifier: GPL-3.0-or-later
 * A file in memory. */
#include "blob.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 16 << 20 };

static void *room(struct blob *b, size_t n)
{
    uint8_t *bytes = realloc(b->bytes, b->size + n + 1);
    if (bytes == NULL)
        abort();
    b->bytes = bytes;
    b->size += n;
    return bytes + b->size - n;
}

void blob_append(struct blob *b, const void *bytes, size_t n)
{
    if (n > 0)
        memcpy(room(b, n), bytes, n);
}

void blob_fill(struct blob *b, uint8_t byte, size_t n)
{
    if (n > 0)
        memset(room(b, n), byte, n);
}

void blob_append_le(struct blob *b, uint32_t value, unsigned size)
{
    uint8_t *to = room(b, size);
    for (unsigned i = 0; i < size; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

bool blob_read(struct blob *b, const char *path)
{
    char chunk[65536];
    size_t n;
    *b = (struct blob){0};
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0 && b->size <= MOST)
        blob_append(b, chunk, n);
    bool ok = !ferror(f) && b->size <= MOST;
    fclose(f);
    if (!ok)
        fprintf(stderr, "%s: cannot be read, or is larger than %d bytes\n", path, MOST);
    return ok;
}

bool blob_write(const struct blob *b, const char *path)
{
    FILE *f = fopen(path, "wb");
    bool ok = f != NULL && fwrite(b->bytes, 1, b->size, f) == b->size;
    if (f != NULL && fclose(f) != 0)
        ok = false;
    if (!ok)
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return ok;
}

void blob_free(struct blob *b)
{
    free(b->bytes);
    *b = (struct blob){0};
}
