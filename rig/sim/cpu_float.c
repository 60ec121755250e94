/* SPDX-License-Identifier: GPL-3.0-or-later
 * Single precision arithmetic in integers, after the pseudocode of ARM DDI 0403E.e, A2.5 (FPUnpack, FPRound, FPProcessNaNs …).
 *
 * Method: a finite nonzero number is mant * 2^exp with an exact integer mant. Sums and quotients keep so many spare low bits that
 * everything below may be folded into the lowest one ("jammed") without changing any rounding; round_to() is the only place that rounds.
 */
#include "sim/cpu_float.h"

enum kind { ZERO, FINITE, INFINITE, QNAN, SNAN };
struct num {
    enum kind kind;
    bool sign;
    int exp;
    uint64_t mant;
    uint32_t bits;
};

/* A format: fraction bits, exponent bits */
struct format { unsigned frac, exp; };
static const struct format single = {23, 8}, half = {10, 5};

static const uint32_t default_nan = 0x7fc00000;

static struct num unpack(uint32_t a, uint32_t *fpscr)
{
    struct num n = {.sign = a >> 31, .bits = a};
    uint32_t e = a >> 23 & 255, f = a & 0x7fffff;
    if (e == 255)
        n.kind = !f ? INFINITE : f >> 22 ? QNAN : SNAN;
    else if (e) {
        n.kind = FINITE;
        n.mant = f | 0x800000;
        n.exp = (int)e - 150;
    } else if (f && (*fpscr & FPSCR_FZ)) {
        *fpscr |= FPSCR_IDC;
        n.bits &= 0x80000000u;
    } else if (f) {
        n.kind = FINITE;
        n.mant = f;
        n.exp = -149;
    }
    return n;
}

static uint64_t jam(uint64_t v, unsigned n)
{
    if (n >= 64)
        return v != 0;
    return v >> n | ((v & ((UINT64_C(1) << n) - 1)) != 0);
}

static uint32_t sign_bit(const struct format *f, bool sign) { return sign ? 1u << (f->frac + f->exp) : 0; }
static uint32_t infinity(const struct format *f, bool sign) { return sign_bit(f, sign) | ((1u << f->exp) - 1) << f->frac; }

/* What overflow gives: infinity or the largest number, by the rounding mode. */
static uint32_t overflow(const struct format *f, bool sign, unsigned mode, uint32_t *fpscr)
{
    *fpscr |= FPSCR_OFC | FPSCR_IXC;
    bool inf = mode == 0 || (mode == 1 && !sign) || (mode == 2 && sign);
    return infinity(f, sign) - !inf;
}

static bool rounds_up(unsigned mode, bool sign, uint64_t rest, uint64_t tie, bool odd)
{
    switch (mode) {
    case 0: return rest > tie || (rest == tie && odd);
    case 1: return rest && !sign;
    case 2: return rest && sign;
    default: return false;
    }
}

/* FPRound: mant * 2^exp, mant not 0 */
static uint32_t round_to(const struct format *f, bool sign, int exp, uint64_t mant, unsigned mode, uint32_t *fpscr)
{
    int bias = (1 << (f->exp - 1)) - 1, shift = __builtin_clzll(mant);
    mant <<= shift;
    int e = exp + 63 - shift, biased = e + bias;
    uint32_t s = sign_bit(f, sign);
    if (biased < 1 && (*fpscr & FPSCR_FZ) && f == &single) {
        *fpscr |= FPSCR_UFC;
        return s;
    }
    bool tiny = biased < 1;
    if (tiny) {
        mant = jam(mant, (unsigned)(1 - biased));
        biased = 0;
    }
    unsigned drop = 63 - f->frac;
    uint64_t kept = mant >> drop, rest = mant & ((UINT64_C(1) << drop) - 1);
    if (tiny && rest)
        *fpscr |= FPSCR_UFC;
    kept += rounds_up(mode, sign, rest, UINT64_C(1) << (drop - 1), kept & 1);
    if (!tiny) /* the hidden bit adds one to the exponent field; so does a carry out of the fraction, in both cases */
        biased--;
    uint64_t packed = ((uint64_t)biased << f->frac) + kept;
    bool alternative = f == &half && (*fpscr & FPSCR_AHP);
    if (alternative && packed >> 15) {
        *fpscr |= FPSCR_IOC;
        return s | 0x7fff;
    }
    if (!alternative && packed >> f->frac >= (1u << f->exp) - 1)
        return overflow(f, sign, mode, fpscr);
    if (rest)
        *fpscr |= FPSCR_IXC;
    return s | (uint32_t)packed;
}

static uint32_t round_single(bool sign, int exp, uint64_t mant, uint32_t *fpscr)
{
    return round_to(&single, sign, exp, mant, FPSCR_RMODE(*fpscr), fpscr);
}

static uint32_t invalid(uint32_t *fpscr)
{
    *fpscr |= FPSCR_IOC;
    return default_nan;
}

/* FPProcessNaN */
static uint32_t nan_of(struct num n, uint32_t *fpscr)
{
    if (n.kind == SNAN)
        *fpscr |= FPSCR_IOC;
    return *fpscr & FPSCR_DN ? default_nan : n.bits | 0x400000;
}

/* FPProcessNaNs, FPProcessNaNs3: the first signalling one, else the first quiet one */
static bool has_nan(const struct num *n, unsigned count, uint32_t *result, uint32_t *fpscr)
{
    for (unsigned kind = SNAN + 1; kind-- > QNAN;)
        for (unsigned k = 0; k < count; k++)
            if (n[k].kind == (enum kind)kind) {
                *result = nan_of(n[k], fpscr);
                return true;
            }
    return false;
}

static uint32_t zero_sum(uint32_t fpscr) { return FPSCR_RMODE(fpscr) == 2 ? 0x80000000u : 0; }

/* Sum of two finite numbers, not both zero */
static uint32_t sum(struct num a, struct num b, uint32_t *fpscr)
{
    if (a.kind == ZERO || b.kind == ZERO) {
        struct num n = a.kind == ZERO ? b : a;
        return round_single(n.sign, n.exp, n.mant, fpscr);
    }
    int za = __builtin_clzll(a.mant) - 2, zb = __builtin_clzll(b.mant) - 2;
    a.mant <<= za, a.exp -= za;
    b.mant <<= zb, b.exp -= zb;
    if (a.exp < b.exp) {
        struct num t = a;
        a = b;
        b = t;
    }
    b.mant = jam(b.mant, (unsigned)(a.exp - b.exp));
    if (a.sign == b.sign)
        return round_single(a.sign, a.exp, a.mant + b.mant, fpscr);
    if (a.mant == b.mant)
        return zero_sum(*fpscr);
    if (a.mant > b.mant)
        return round_single(a.sign, a.exp, a.mant - b.mant, fpscr);
    return round_single(b.sign, a.exp, b.mant - a.mant, fpscr);
}

static uint32_t add(struct num a, struct num b, uint32_t *fpscr)
{
    struct num both[2] = {a, b};
    uint32_t nan;
    if (has_nan(both, 2, &nan, fpscr))
        return nan;
    if (a.kind == INFINITE && b.kind == INFINITE && a.sign != b.sign)
        return invalid(fpscr);
    if (a.kind == INFINITE)
        return a.bits;
    if (b.kind == INFINITE)
        return b.bits;
    if (a.kind == ZERO && b.kind == ZERO)
        return a.sign == b.sign ? a.bits : zero_sum(*fpscr);
    return sum(a, b, fpscr);
}

uint32_t cpu_float_add(uint32_t a, uint32_t b, uint32_t *fpscr)
{
    struct num x = unpack(a, fpscr), y = unpack(b, fpscr);
    return add(x, y, fpscr);
}

uint32_t cpu_float_sub(uint32_t a, uint32_t b, uint32_t *fpscr)
{
    struct num x = unpack(a, fpscr), y = unpack(b, fpscr);
    if (y.kind < QNAN) { /* FPSub negates the value; a NaN keeps its sign */
        y.sign = !y.sign;
        y.bits ^= 0x80000000u;
    }
    return add(x, y, fpscr);
}

uint32_t cpu_float_mul(uint32_t a, uint32_t b, uint32_t *fpscr)
{
    struct num n[2] = {unpack(a, fpscr), unpack(b, fpscr)};
    uint32_t nan, sign = (a ^ b) & 0x80000000u;
    if (has_nan(n, 2, &nan, fpscr))
        return nan;
    bool inf = n[0].kind == INFINITE || n[1].kind == INFINITE, zero = n[0].kind == ZERO || n[1].kind == ZERO;
    if (inf && zero)
        return invalid(fpscr);
    if (inf)
        return infinity(&single, sign);
    if (zero)
        return sign;
    return round_single(sign, n[0].exp + n[1].exp, n[0].mant * n[1].mant, fpscr);
}

uint32_t cpu_float_div(uint32_t a, uint32_t b, uint32_t *fpscr)
{
    struct num n[2] = {unpack(a, fpscr), unpack(b, fpscr)};
    uint32_t nan, sign = (a ^ b) & 0x80000000u;
    if (has_nan(n, 2, &nan, fpscr))
        return nan;
    if (n[0].kind == n[1].kind && n[0].kind != FINITE)
        return invalid(fpscr);
    if (n[0].kind == INFINITE || n[1].kind == ZERO) {
        if (n[0].kind != INFINITE)
            *fpscr |= FPSCR_DZC;
        return infinity(&single, sign);
    }
    if (n[0].kind == ZERO || n[1].kind == INFINITE)
        return sign;
    int up = __builtin_clzll(n[0].mant); /* so that the quotient has at least 40 bits */
    uint64_t top = n[0].mant << up, q = top / n[1].mant;
    q |= top % n[1].mant != 0;
    return round_single(sign, n[0].exp - up - n[1].exp, q, fpscr);
}

static uint64_t root(uint64_t v)
{
    uint64_t r = 0;
    for (uint64_t bit = UINT64_C(1) << 31; bit; bit >>= 1)
        if ((r | bit) * (r | bit) <= v)
            r |= bit;
    return r;
}

uint32_t cpu_float_sqrt(uint32_t a, uint32_t *fpscr)
{
    struct num n = unpack(a, fpscr);
    uint32_t nan;
    if (has_nan(&n, 1, &nan, fpscr))
        return nan;
    if (n.kind == ZERO || (n.kind == INFINITE && !n.sign))
        return n.bits;
    if (n.sign)
        return invalid(fpscr);
    int up = __builtin_clzll(n.mant) - 1;
    up -= (n.exp - up) & 1; /* an even exponent */
    uint64_t m = n.mant << up, r = root(m);
    return round_single(false, (n.exp - up) / 2 - 1, r << 1 | (r * r != m), fpscr);
}

uint32_t cpu_float_fma(uint32_t addend, uint32_t a, uint32_t b, uint32_t *fpscr)
{
    struct num n[3] = {unpack(addend, fpscr), unpack(a, fpscr), unpack(b, fpscr)}, p = {.kind = FINITE};
    uint32_t nan;
    bool inf = n[1].kind == INFINITE || n[2].kind == INFINITE, zero = n[1].kind == ZERO || n[2].kind == ZERO;
    bool nowhere = inf && zero; /* infinity times zero */
    if (has_nan(n, 3, &nan, fpscr))
        return n[0].kind == QNAN && nowhere ? invalid(fpscr) : nan;
    p.sign = n[1].sign != n[2].sign;
    if (nowhere || (inf && n[0].kind == INFINITE && n[0].sign != p.sign))
        return invalid(fpscr);
    if (inf || n[0].kind == INFINITE)
        return infinity(&single, inf ? p.sign : n[0].sign);
    if (zero && n[0].kind == ZERO)
        return n[0].sign == p.sign ? n[0].bits : zero_sum(*fpscr);
    if (zero)
        p.kind = ZERO;
    p.exp = n[1].exp + n[2].exp;
    p.mant = n[1].mant * n[2].mant;
    return sum(n[0], p, fpscr);
}

void cpu_float_compare(uint32_t a, uint32_t b, bool signalling, uint32_t *fpscr)
{
    struct num x = unpack(a, fpscr), y = unpack(b, fpscr);
    uint32_t flags;
    if (x.kind >= QNAN || y.kind >= QNAN) {
        flags = 3;
        if (signalling || x.kind == SNAN || y.kind == SNAN)
            *fpscr |= FPSCR_IOC;
    } else { /* sign and magnitude order like integers */
        int64_t u = x.sign ? -(int64_t)(x.bits & 0x7fffffff) : (int64_t)x.bits;
        int64_t v = y.sign ? -(int64_t)(y.bits & 0x7fffffff) : (int64_t)y.bits;
        flags = u == v ? 6 : u < v ? 8 : 2;
    }
    *fpscr = (*fpscr & 0x0fffffff) | flags << 28;
}

uint32_t cpu_float_from_fixed(uint32_t v, bool is_unsigned, unsigned frac, bool nearest, uint32_t *fpscr)
{
    bool sign = !is_unsigned && v >> 31;
    uint64_t mant = sign ? (uint64_t)(0u - v) : v;
    if (!mant)
        return 0;
    return round_to(&single, sign, -(int)frac, mant, nearest ? 0 : FPSCR_RMODE(*fpscr), fpscr);
}

/* The magnitude of a finite number times 2^frac, rounded; anything above 2^33 comes out as 2^33. */
static uint64_t to_integer(struct num n, unsigned frac, unsigned mode, bool *inexact)
{
    int e = n.exp + (int)frac;
    *inexact = false;
    if (e >= 0)
        return e > 10 ? UINT64_C(1) << 33 : n.mant << e;
    uint64_t wide = jam(n.mant << 32, (unsigned)-e), kept = wide >> 32, rest = wide & 0xffffffff;
    *inexact = rest != 0;
    return kept + rounds_up(mode, n.sign, rest, 0x80000000u, kept & 1);
}

uint32_t cpu_float_to_fixed(uint32_t a, bool is_unsigned, unsigned frac, unsigned size, bool to_zero, uint32_t *fpscr)
{
    struct num n = unpack(a, fpscr);
    if (n.kind >= QNAN || n.kind == ZERO) {
        *fpscr |= n.kind >= QNAN ? FPSCR_IOC : 0;
        return 0;
    }
    bool inexact = false;
    uint64_t m = n.kind == INFINITE ? UINT64_C(1) << 33 : to_integer(n, frac, to_zero ? 3 : FPSCR_RMODE(*fpscr), &inexact);
    uint64_t most = (UINT64_C(1) << (size - !is_unsigned)) - 1, limit = !n.sign ? most : is_unsigned ? 0 : most + 1;
    if (m > limit) {
        m = limit;
        *fpscr |= FPSCR_IOC;
    } else if (inexact)
        *fpscr |= FPSCR_IXC;
    return n.sign ? 0u - (uint32_t)m : (uint32_t)m;
}

uint32_t cpu_float_from_half(uint32_t h, uint32_t *fpscr)
{
    uint32_t sign = (h & 0x8000) << 16, e = h >> 10 & 31, f = h & 0x3ff;
    if (e == 31 && !(*fpscr & FPSCR_AHP)) {
        if (!f)
            return sign | 0x7f800000;
        struct num n = {.kind = f >> 9 ? QNAN : SNAN, .bits = sign | 0x7f800000 | f << 13};
        return nan_of(n, fpscr);
    }
    if (!e && !f)
        return sign;
    return round_single(sign != 0, (e ? (int)e : 1) - 25, e ? f | 0x400 : f, fpscr);
}

uint32_t cpu_float_to_half(uint32_t a, uint32_t *fpscr)
{
    struct num n = unpack(a, fpscr);
    uint32_t sign = n.sign ? 0x8000 : 0;
    bool alternative = *fpscr & FPSCR_AHP;
    if (n.kind >= QNAN) {
        if (n.kind == SNAN || alternative)
            *fpscr |= FPSCR_IOC;
        if (alternative)
            return sign;
        return *fpscr & FPSCR_DN ? 0x7e00 : sign | 0x7e00 | (n.bits >> 13 & 0x1ff);
    }
    if (n.kind == INFINITE) {
        if (alternative)
            *fpscr |= FPSCR_IOC;
        return sign | (alternative ? 0x7fff : 0x7c00);
    }
    if (n.kind == ZERO)
        return sign;
    return round_to(&half, n.sign, n.exp, n.mant, FPSCR_RMODE(*fpscr), fpscr);
}
