/* SPDX-License-Identifier: GPL-3.0-or-later
 * The upper bound on a failure probability, by bisection over the binomial distribution. */
#include "report/bound.h"

/* A probability that may be far below the smallest double: value * 2^(-256 * scale). */
struct tiny {
    double value;
    uint64_t scale;
};

static const double step = 0x1p-256;

static struct tiny times(struct tiny a, struct tiny b)
{
    struct tiny r = {a.value * b.value, a.scale + b.scale};
    while (r.value != 0 && r.value < step) {
        r.value /= step;
        r.scale++;
    }
    return r;
}

static struct tiny power(double base, uint64_t n)
{
    struct tiny r = {1, 0}, b = {base, 0};
    for (; n; n >>= 1) {
        if (n & 1)
            r = times(r, b);
        b = times(b, b);
    }
    return r;
}

/* P(X <= k) of a binomial (n, p), 0 < p < 1: each term from the one before. Terms grow from tiny, so the sum is kept at the term's
 * scale and shrinks to nothing when that moves. */
static double at_most(uint64_t k, uint64_t n, double p)
{
    struct tiny term = power(1 - p, n);
    double sum = term.value, odds = p / (1 - p);
    for (uint64_t i = 0; i < k; i++) {
        term.value *= (double)(n - i) / (double)(i + 1) * odds;
        sum += term.value;
        while (term.scale && sum > 1) {
            term.value *= step;
            sum *= step;
            term.scale--;
        }
    }
    return term.scale ? 0 : sum;
}

double bound_upper(uint64_t k, uint64_t n)
{
    if (!n || k >= n)
        return 1;
    double low = 0, high = 1;
    for (int i = 0; i < 60; i++) {
        double p = (low + high) / 2;
        if (p >= 1)
            break;
        if (at_most(k, n, p) > 0.05)
            low = p;
        else
            high = p;
    }
    return high;
}
