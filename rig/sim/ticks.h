/* SPDX-License-Identifier: GPL-3.0-or-later
 * Core cycles <-> nanoseconds, in integers, over changes of frequency. */
#ifndef SIM_TICKS_H
#define SIM_TICKS_H
#include <stdint.h>

struct ticks {
    uint64_t cycle, ns; /* a moment of both scales: the last change of frequency */
    uint32_t part;      /* of a nanosecond at that moment, in 1/hz */
    uint32_t hz;
};

/* hz: 1..4e9. */
void ticks_start(struct ticks *t, uint64_t cycle, uint64_t ns, uint32_t hz);
void ticks_change(struct ticks *t, uint64_t cycle, uint32_t hz); /* from this cycle on; less than 1/hz ns is lost */
uint64_t ticks_ns(const struct ticks *t, uint64_t cycle);        /* time at which the cycle begins, rounded down */
uint64_t ticks_cycle(const struct ticks *t, uint64_t ns); /* the first cycle that does not begin before ns; UINT64_MAX when out of
                                                             range */
/* How long n periods of hz take, and how many whole periods fit into ns. No overflow below 2^64 ns. */
uint64_t ticks_time(uint64_t n, uint32_t hz);  /* rounded up; hz 0: UINT64_MAX */
uint64_t ticks_count(uint64_t ns, uint32_t hz);

#endif
