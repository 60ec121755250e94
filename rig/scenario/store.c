/* SPDX-License-Identifier: GPL-3.0-or-later
 * Memory that lives and dies together: a chain of blocks. */
#include "scenario/store.h"

#include "base/buf.h"

#include <stdarg.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct block {
    struct block *next;
    alignas(max_align_t) unsigned char bytes[];
};

struct store {
    struct block *first;
};

struct store *store_new(void)
{
    return mem_new(sizeof(struct store));
}

void store_free(struct store *s)
{
    if (!s)
        return;
    for (struct block *b = s->first, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(s);
}

void *store_room(struct store *s, size_t size)
{
    struct block *b = mem_new(sizeof *b + size);
    b->next = s->first;
    s->first = b;
    return b->bytes;
}

const char *store_bytes(struct store *s, const char *bytes, size_t n)
{
    char *text = store_room(s, n + 1);
    if (n)
        memcpy(text, bytes, n);
    return text;
}

const char *store_text(struct store *s, const char *text)
{
    return store_bytes(s, text, strlen(text));
}

const char *store_printf(struct store *s, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    char *text = store_room(s, (size_t)(n < 0 ? 0 : n) + 1);
    va_start(ap, format);
    vsnprintf(text, (size_t)(n < 0 ? 0 : n) + 1, format, ap);
    va_end(ap);
    return text;
}
