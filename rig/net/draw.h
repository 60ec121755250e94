/* SPDX-License-Identifier: GPL-3.0-or-later
 * Draws of the link's impairments (impair.c). */
#ifndef NET_DRAW_H
#define NET_DRAW_H
#include "base/rng.h"
#include "base/shape.h"

struct draw { bool begun; uint32_t last; };
struct draw_burst { bool bad; };

/* Uniform over 32 bits. correlation (1/100 percent): the chance that the draw before is repeated; so every share stays what it is, and the
 * correlation of neighbours is exactly that. */
uint32_t draw_next(struct draw *d, struct rng *r, unsigned correlation);
bool draw_hits(uint32_t u, unsigned share);
/* Deviation from the delay in ns: uniform from -jitter to +jitter; else with jitter as the scale. jitter below 2^47. */
int64_t draw_spread(enum shape_spread how, uint64_t jitter_ns, uint32_t u);
/* Whether the next packet is lost after Gilbert and Elliott; shares in 1/100 percent. */
bool draw_burst(struct draw_burst *b, struct rng *r, unsigned enter, unsigned leave, unsigned in, unsigned between);
#endif
