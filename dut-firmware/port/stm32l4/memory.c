/* SPDX-License-Identifier: GPL-3.0-or-later
 * memcpy, memmove and memset by words: those of newlib-nano go byte by byte, and hashing and networking are mostly copying. */
#include <stddef.h>
#include <stdint.h>

typedef uint32_t __attribute__((may_alias)) word;
typedef uint32_t __attribute__((may_alias, aligned(1))) loose_word; /* LDR takes any address, LDRD and LDM do not */

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    uint8_t *d = to;
    const uint8_t *s = from;
    for (; n > 0 && ((uintptr_t)d & 3) != 0; n--)
        *d++ = *s++;
    /* The Cortex-M4 loads words from any address (CCR.UNALIGN_TRP is off). */
    for (; n >= 16; n -= 16, d += 16, s += 16) {
        const loose_word *w = (const loose_word *)s;
        const word a = w[0], b = w[1], c = w[2], e = w[3];
        ((word *)d)[0] = a;
        ((word *)d)[1] = b;
        ((word *)d)[2] = c;
        ((word *)d)[3] = e;
    }
    for (; n > 0; n--)
        *d++ = *s++;
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    uint8_t *d = to;
    const uint8_t *s = from;
    if (d <= s || d >= s + n) {
        for (; n > 0; n--)
            *d++ = *s++;
    } else {
        while (n-- > 0)
            d[n] = s[n];
    }
    return to;
}

void *memset(void *to, int byte, size_t n)
{
    uint8_t *d = to;
    const word pattern = (uint8_t)byte * 0x01010101u;
    for (; n > 0 && ((uintptr_t)d & 3) != 0; n--)
        *d++ = (uint8_t)byte;
    for (; n >= 4; n -= 4, d += 4)
        *(word *)d = pattern;
    for (; n > 0; n--)
        *d++ = (uint8_t)byte;
    return to;
}
