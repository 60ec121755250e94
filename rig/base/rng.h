/* SPDX-License-Identifier: GPL-3.0-or-later
 * Seeded random numbers: xoshiro256** (Blackman, Vigna 2018) seeded by splitmix64. The same seed and stream give the same
 * numbers on every machine. Integer arithmetic only. */
#ifndef BASE_RNG_H
#define BASE_RNG_H
#include <stdint.h>

struct rng {
    uint64_t s[4];
};

/* stream separates uses of one seed ("trial 17", "sram", …) so that drawing more in one never shifts another. */
void rng_seed(struct rng *r, uint64_t seed, uint64_t stream);
uint64_t rng_u64(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t n);                /* 0..n-1 without bias; n 0 gives 0 */
uint64_t rng_range(struct rng *r, uint64_t low, uint64_t high); /* low..high, both included */
/* One number out of (seed, a, b): a hash for draws that need no state. */
uint64_t rng_mix(uint64_t seed, uint64_t a, uint64_t b);

#endif
