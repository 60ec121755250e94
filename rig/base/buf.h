/* SPDX-License-Identifier: GPL-3.0-or-later
 * A growing run of bytes. Always NUL-terminated behind its end, so that text in it is a C string. */
#ifndef BASE_BUF_H
#define BASE_BUF_H
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *data; /* NULL while empty and never written */
    size_t size, room;
};

/* A zeroed struct is an empty buffer. Running out of memory ends the program with exit code 3. */
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_str(struct buf *b, const char *text);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_hex(struct buf *b, const uint8_t *bytes, size_t n); /* lower case */
void buf_drop(struct buf *b, size_t n);                      /* takes n bytes off the front */
void buf_clear(struct buf *b);                               /* keeps the room */
void buf_free(struct buf *b);
const char *buf_text(const struct buf *b); /* "" while empty; valid until the next write */

/* malloc and friends that end the program when memory is out. */
void *mem_new(size_t size); /* zeroed */
void *mem_grow(void *p, size_t size);
char *mem_str(const char *text);
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
