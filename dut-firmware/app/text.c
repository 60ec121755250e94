/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bounded text of text.h.
 */
#include "text.h"

void text_start(struct text *t, char *buffer, size_t cap)
{
    *t = (struct text){.at = buffer, .cap = cap};
    buffer[0] = '\0';
}

static void add_char(struct text *t, char c)
{
    if (t->size + 1 >= t->cap) {
        t->full = true;
        return;
    }
    t->at[t->size++] = c;
    t->at[t->size] = '\0';
}

void text_add(struct text *t, const char *s)
{
    while (*s)
        add_char(t, *s++);
}

void text_add_u32(struct text *t, uint32_t v)
{
    char digits[11];
    unsigned i = sizeof digits;
    digits[--i] = '\0';
    do
        digits[--i] = (char)('0' + v % 10);
    while ((v /= 10) != 0);
    text_add(t, digits + i);
}

void text_add_hex(struct text *t, const uint8_t *bytes, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        add_char(t, hex[bytes[i] >> 4]);
        add_char(t, hex[bytes[i] & 15]);
    }
}
