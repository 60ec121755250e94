/* SPDX-License-Identifier: GPL-3.0-or-later
 * Draws of the link's impairments. Integers only: the same numbers on every machine. */
#include "net/draw.h"

/* Quantiles in 1/8192, as tc's tables have them. The argument falls from 1 towards 0, each halving in eight steps: so the tail, which is
 * what a distribution is chosen for, is as fine as the middle. */
enum { STEPS = 8, OCTAVES = 16, QUANTILES = OCTAVES * STEPS + 1, SCALE = 8192 };

/* Of |x|, x normal with mean 0 and deviation 1: the value that is exceeded with probability 2^-k (1 - j/16). */
static const int32_t normal[QUANTILES] = {
    0, 642, 1289, 1943, 2610, 3295, 4004, 4744, 5525, 5935, 6360, 6804, 7268, 7756, 8274, 8827, 9424, 9742, 10075, 10426, 10797,
    11192, 11615, 12071, 12568, 12834, 13115, 13413, 13729, 14068, 14432, 14827, 15259, 15493, 15740, 16002, 16281, 16581, 16904,
    17257, 17645, 17854, 18076, 18312, 18565, 18836, 19130, 19451, 19805, 19996, 20200, 20416, 20648, 20898, 21168, 21464, 21791,
    21969, 22157, 22358, 22573, 22806, 23058, 23334, 23639, 23805, 23981, 24170, 24371, 24589, 24826, 25085, 25373, 25529, 25695,
    25873, 26063, 26269, 26493, 26738, 27011, 27159, 27316, 27485, 27666, 27861, 28074, 28307, 28566, 28707, 28858, 29018, 29191,
    29377, 29580, 29803, 30051, 30186, 30330, 30483, 30648, 30827, 31022, 31236, 31473, 31603, 31741, 31888, 32047, 32218, 32406,
    32611, 32840, 32965, 33097, 33239, 33392, 33558, 33738, 33937, 34157, 34277, 34406, 34543, 34690, 34850, 35025, 35216, 35430};

/* Pareto with a = 3, moved and stretched as tc does it, (u^(-1/3) - 1.5) * 4/3, and cut off at 4: mean 0. */
static const int32_t pareto[QUANTILES] = {
    -5461, -5224, -4964, -4679, -4362, -4008, -3609, -3152, -2622, -2323, -1996, -1636, -1237, -792, -288, 287, 955, 1332, 1744,
    2197, 2700, 3261, 3895, 4620, 5461, 5936, 6456, 7027, 7660, 8367, 9166, 10080, 11139, 11738, 12392, 13112, 13909, 14801, 15808,
    16958, 18293, 19047, 19872, 20778, 21783, 22907, 24175, 25625, 27307, 28257, 29295, 30438, 31704, 32767, 32767, 32767, 32767,
    32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767,
    32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767,
    32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767,
    32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767, 32767};

/* u + 1 of 2^bits, between the two nearest entries. */
static int32_t quantile(const int32_t *table, uint32_t u, unsigned bits)
{
    uint64_t x = (uint64_t)u + 1, top = UINT64_C(1) << bits;
    unsigned octave = 0;
    while (octave < OCTAVES && x <= top >> (octave + 1))
        octave++;
    if (octave == OCTAVES)
        return table[QUANTILES - 1];
    uint64_t span = top >> octave, down = (span - x) * 2 * STEPS; /* how far below the octave's upper end, in 1/span of a step */
    unsigned step = (unsigned)(down / span);
    uint64_t rest = down % span;
    int32_t a = table[octave * STEPS + step], b = table[octave * STEPS + step + 1];
    return a + (int32_t)((int64_t)(b - a) * (int64_t)(rest >> 8) / (int64_t)(span >> 8));
}

uint32_t draw_next(struct draw *d, struct rng *r, unsigned correlation)
{
    uint32_t fresh = (uint32_t)(rng_u64(r) >> 32), again = (uint32_t)(rng_u64(r) >> 32);
    if (!d->begun || again % SHAPE_ALWAYS >= correlation)
        d->last = fresh;
    d->begun = true;
    return d->last;
}

bool draw_hits(uint32_t u, unsigned share)
{
    return (uint64_t)u * SHAPE_ALWAYS >> 32 < share;
}

int64_t draw_spread(enum shape_spread how, uint64_t jitter_ns, uint32_t u)
{
    int64_t jitter = (int64_t)jitter_ns, q;
    uint64_t width = 2 * jitter_ns + 1; /* taken in two parts: hours of it do not fit beside 32 bits */
    if (how == SHAPE_UNIFORM)
        return (int64_t)((width >> 16) * u >> 16) + (int64_t)((width & 0xffff) * u >> 32) - jitter;
    q = how == SHAPE_PARETO ? quantile(pareto, u, 32) : quantile(normal, u & INT32_MAX, 31);
    if (how == SHAPE_NORMAL && u >> 31)
        q = -q;
    return jitter / SCALE * q + jitter % SCALE * q / SCALE;
}

bool draw_burst(struct draw_burst *b, struct rng *r, unsigned enter, unsigned leave, unsigned in, unsigned between)
{
    uint32_t change = (uint32_t)(rng_u64(r) >> 32), lost = (uint32_t)(rng_u64(r) >> 32);
    bool was_bad = b->bad; /* this packet belongs to the state it finds */
    if (draw_hits(change, was_bad ? leave : enter))
        b->bad = !was_bad;
    return draw_hits(lost, was_bad ? in : between);
}
