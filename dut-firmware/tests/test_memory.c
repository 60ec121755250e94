/* SPDX-License-Identifier: GPL-3.0-or-later
 * The chip's memcpy, memmove and memset, run here under other names: UBSan sees a word access that the Cortex-M4 would fault on. */
#include "check.h"
#define memcpy chip_memcpy
#define memmove chip_memmove
#define memset chip_memset
#include "../port/stm32l4/memory.c" /* NOLINT(bugprone-suspicious-include): the file itself, its names are libc's */
#undef memcpy
#undef memmove
#undef memset

enum { ROOM = 96 };
static _Alignas(8) uint8_t from[ROOM], to[ROOM], expected[ROOM];

static void prepare(void)
{
    for (unsigned i = 0; i < ROOM; i++) {
        from[i] = (uint8_t)(i * 37 + 1);
        to[i] = expected[i] = 0xEE;
    }
}

static void copies_of_every_alignment_and_length_are_right(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 8; a++)
        for (unsigned b = 0; b < 8; b++)
            for (unsigned n = 0; n <= 70; n++) {
                prepare();
                for (unsigned i = 0; i < n; i++)
                    expected[b + i] = from[a + i];
                assert_ptr_equal(chip_memcpy(to + b, from + a, n), to + b);
                assert_memory_equal(to, expected, ROOM);
            }
}

static void moves_may_overlap(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 20; a++)
        for (unsigned b = 0; b < 20; b++)
            for (unsigned n = 0; n <= 70; n += 7) {
                prepare();
                for (unsigned i = 0; i < ROOM; i++)
                    expected[i] = i >= b && i < b + n ? from[a + i - b] : from[i];
                chip_memmove(from + b, from + a, n);
                assert_memory_equal(from, expected, ROOM);
            }
}

static void fills_of_every_alignment_and_length_are_right(void **state)
{
    (void)state;
    for (unsigned b = 0; b < 8; b++)
        for (unsigned n = 0; n <= 70; n++) {
            prepare();
            for (unsigned i = 0; i < n; i++)
                expected[b + i] = 0xA5;
            chip_memset(to + b, 0x1A5, n);
            assert_memory_equal(to, expected, ROOM);
        }
}

CHECK_MAIN(CLAIM(copies_of_every_alignment_and_length_are_right), CLAIM(moves_may_overlap),
           CLAIM(fills_of_every_alignment_and_length_are_right))
