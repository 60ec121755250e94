/* SPDX-License-Identifier: GPL-3.0-or-later
 * Core cycles <-> nanoseconds. Everything is split at whole seconds, so that products stay below 2^64 without a 128-bit type. */
#include "sim/ticks.h"

enum { SECOND = 1000000000 };

void ticks_start(struct ticks *t, uint64_t cycle, uint64_t ns, uint32_t hz)
{
    *t = (struct ticks){.cycle = cycle, .ns = ns, .hz = hz};
}

uint64_t ticks_ns(const struct ticks *t, uint64_t cycle)
{
    if (cycle <= t->cycle)
        return t->ns;
    uint64_t d = cycle - t->cycle;
    if (d < UINT32_MAX) /* the common case, one division */
        return t->ns + (d * SECOND + t->part) / t->hz;
    return t->ns + d / t->hz * SECOND + (d % t->hz * SECOND + t->part) / t->hz;
}

void ticks_change(struct ticks *t, uint64_t cycle, uint32_t hz)
{
    uint64_t ns = ticks_ns(t, cycle), d = cycle > t->cycle ? cycle - t->cycle : 0;
    uint64_t part = (d % t->hz * SECOND + t->part) % t->hz;
    *t = (struct ticks){.cycle = cycle, .ns = ns, .part = (uint32_t)(part * hz / t->hz), .hz = hz};
}

uint64_t ticks_cycle(const struct ticks *t, uint64_t ns)
{
    if (ns <= t->ns)
        return t->cycle;
    uint64_t d = ns - t->ns, whole = d / SECOND * t->hz, rest = d % SECOND * t->hz;
    rest = rest <= t->part ? 0 : (rest - t->part + SECOND - 1) / SECOND;
    return whole > UINT64_MAX - t->cycle - rest ? UINT64_MAX : t->cycle + whole + rest;
}

uint64_t ticks_time(uint64_t n, uint32_t hz)
{
    if (!hz || n / hz >= UINT64_MAX / SECOND)
        return UINT64_MAX;
    return n / hz * SECOND + (n % hz * SECOND + hz - 1) / hz;
}

uint64_t ticks_count(uint64_t ns, uint32_t hz)
{
    return ns / SECOND * hz + ns % SECOND * hz / SECOND;
}
