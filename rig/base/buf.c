/* SPDX-License-Identifier: GPL-3.0-or-later
 * Growing buffers, and allocation that cannot return NULL. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_die(void *p)
{
    if (p)
        return p;
    fputs("otarig: out of memory\n", stderr);
    exit(3);
}

void *mem_new(size_t size)
{
    return or_die(calloc(1, size ? size : 1));
}

void *mem_grow(void *p, size_t size)
{
    return or_die(realloc(p, size ? size : 1));
}

char *mem_str(const char *text)
{
    return or_die(strdup(text));
}

char *mem_printf(const char *format, ...)
{
    char *text = NULL;
    va_list ap;
    va_start(ap, format);
    if (vasprintf(&text, format, ap) < 0)
        text = NULL;
    va_end(ap);
    return or_die(text);
}

static void reserve(struct buf *b, size_t more)
{
    size_t need = b->size + more + 1;
    if (need <= b->room)
        return;
    size_t room = b->room ? b->room : 64;
    while (room < need)
        room *= 2;
    b->data = mem_grow(b->data, room);
    b->room = room;
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
    reserve(b, n);
    if (n)
        memcpy(b->data + b->size, bytes, n);
    b->size += n;
    b->data[b->size] = 0;
}

void buf_str(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    if (n < 0)
        return;
    reserve(b, (size_t)n);
    va_start(ap, format);
    vsnprintf(b->data + b->size, (size_t)n + 1, format, ap);
    va_end(ap);
    b->size += (size_t)n;
}

void buf_hex(struct buf *b, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        buf_char(b, digits[bytes[i] >> 4]);
        buf_char(b, digits[bytes[i] & 15]);
    }
}

void buf_drop(struct buf *b, size_t n)
{
    if (n >= b->size) {
        buf_clear(b);
        return;
    }
    memmove(b->data, b->data + n, b->size - n + 1);
    b->size -= n;
}

void buf_clear(struct buf *b)
{
    b->size = 0;
    if (b->data)
        b->data[0] = 0;
}

void buf_free(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}

const char *buf_text(const struct buf *b)
{
    return b->data ? b->data : "";
}
