/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The random number generator of app/entropy.h, for host tests: the same numbers in every run, or none when a test has broken it.
 */
#include "entropy_host.h"
#include "entropy.h"

static bool broken;
static uint32_t state;

void entropy_host_break(bool now)
{
    broken = now;
}

bool entropy_fill(uint8_t *out, size_t n)
{
    for (size_t i = 0; !broken && i < n; i++) {
        state = state * 1664525 + 1013904223; /* Knuth's LCG */
        out[i] = (uint8_t)(state >> 24);
    }
    return !broken;
}
