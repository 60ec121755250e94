/* SPDX-License-Identifier: GPL-3.0-or-later
 * Console lines without printf. */
#include "console.h"
#include <stddef.h>
#include "platform.h"

static void put_text(const char *s)
{
    while (*s != '\0')
        platform_console_put((uint8_t)*s++);
}

static void put_key(const char *key)
{
    platform_console_put(' ');
    put_text(key);
    platform_console_put('=');
}

static void put_number(uint32_t n)
{
    char digits[10];
    int count = 0;
    do {
        digits[count++] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    while (count > 0)
        platform_console_put((uint8_t)digits[--count]);
}

static void put_digit(unsigned nibble) { platform_console_put((uint8_t)("0123456789abcdef"[nibble & 15])); }

void console_event(const char *name)
{
    put_text("@ota ev=");
    put_text(name);
}

void console_word(const char *key, const char *word)
{
    put_key(key);
    put_text(word == NULL || *word == '\0' ? "-" : word);
}

void console_number(const char *key, uint32_t n)
{
    put_key(key);
    put_number(n);
}

void console_hex(const char *key, uint32_t n)
{
    put_key(key);
    put_text("0x");
    for (int shift = 28; shift >= 0; shift -= 4)
        put_digit(n >> shift);
}

void console_bytes(const char *key, const uint8_t *bytes, uint32_t n)
{
    put_key(key);
    for (uint32_t i = 0; i < n; i++) {
        put_digit(bytes[i] >> 4);
        put_digit(bytes[i]);
    }
}

void console_version(const char *key, const struct image_version *v)
{
    put_key(key);
    put_number(v->major);
    platform_console_put('.');
    put_number(v->minor);
    platform_console_put('.');
    put_number(v->revision);
    if (v->build != 0) {
        platform_console_put('+');
        put_number(v->build);
    }
}

void console_slot(const char *key, uint8_t slot)
{
    put_key(key);
    platform_console_put((uint8_t)('a' + slot));
}

void console_end(void)
{
    platform_console_put('\r');
    platform_console_put('\n');
}

void console_comment(const char *text)
{
    put_text("# ");
    put_text(text);
    console_end();
}
