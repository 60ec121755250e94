/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text built in a buffer of fixed size: requests and telemetry. What does not fit is remembered, never written.
 */
#ifndef APP_TEXT_H
#define APP_TEXT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *at;
    size_t size, cap;
    bool full; /* something did not fit: the text is not to be used */
};

/* buffer[cap] belongs to the caller; always NUL-terminated (cap >= 1). */
void text_start(struct text *t, char *buffer, size_t cap);
void text_add(struct text *t, const char *s);
void text_add_u32(struct text *t, uint32_t v);
void text_add_hex(struct text *t, const uint8_t *bytes, size_t n); /* lower case */
#endif
