/* SPDX-License-Identifier: GPL-3.0-or-later
 * The exact bound, by bisection over the binomial distribution's lower tail. */
#include "judge/binomial.h"

/* A number far below the smallest double: value * 2^(-512 * scale), value in [2^-512, 1) or 0. */
struct tiny {
    double value;
    uint64_t scale;
};

static const double unit = 0x1p-512;

static struct tiny normal(double value, uint64_t scale)
{
    while (value != 0 && value < unit) {
        value /= unit;
        scale++;
    }
    while (value >= 1 && scale) {
        value *= unit;
        scale--;
    }
    return (struct tiny){value, scale};
}

static struct tiny power(double base, uint64_t n)
{
    struct tiny r = {1, 0}, b = {base, 0};
    for (; n; n >>= 1) {
        if (n & 1)
            r = normal(r.value * b.value, r.scale + b.scale);
        b = normal(b.value * b.value, 2 * b.scale);
    }
    return r;
}

/* P(X <= k) for 0 < p < 1: each term out of the one before, C(n,i+1) p^(i+1) q^(n-i-1) = C(n,i) p^i q^(n-i) * (n-i)/(i+1) * p/q.
 * Terms too small for a double at scale 0 are below 2^-512 and do not matter against 0.05. */
static double at_most(uint64_t k, uint64_t n, double p)
{
    struct tiny term = power(1 - p, n);
    double sum = term.scale ? 0 : term.value;
    for (uint64_t i = 0; i < k; i++) {
        term = normal(term.value * ((double)(n - i) / (double)(i + 1)) * (p / (1 - p)), term.scale);
        sum += term.scale ? 0 : term.value;
    }
    return sum;
}

double binomial_upper(uint64_t failed, uint64_t trials)
{
    double low = 0, high = 1;
    if (!trials || failed >= trials)
        return 1;
    for (int i = 0; i < 60; i++) {
        double p = (low + high) / 2;
        if (p <= 0 || p >= 1)
            break;
        if (at_most(failed, trials, p) > 0.05)
            low = p;
        else
            high = p;
    }
    return high;
}
