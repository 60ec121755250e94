/* SPDX-License-Identifier: GPL-3.0-or-later
 * The DSP extension: saturation, packing, SIMD on halfwords and bytes, 16-bit multiplies (ARM DDI 0403E.e, A4.4.3 to A4.4.6, A7.7).
 */
#include "sim/cpu_parts.h"

#define R(n) c->r[n]

static int32_t half(uint32_t v, unsigned top) { return (int16_t)(top ? v >> 16 : v); }
static uint32_t pack(uint32_t high, uint32_t low) { return high << 16 | (low & 0xffff); }

/* SignedSatQ to n bits (1..32) and UnsignedSatQ (0..31); *sat is set when it had to. */
static uint32_t sat_signed(int64_t v, unsigned n, bool *sat)
{
    int64_t most = (INT64_C(1) << (n - 1)) - 1, least = -most - 1, r = v > most ? most : v < least ? least : v;
    *sat = *sat || r != v;
    return (uint32_t)r;
}

static uint32_t sat_unsigned(int64_t v, unsigned n, bool *sat)
{
    int64_t most = (INT64_C(1) << n) - 1, r = v > most ? most : v < 0 ? 0 : v;
    *sat = *sat || r != v;
    return (uint32_t)r;
}

static uint32_t saturate(struct cpu *c, const struct insn *i)
{
    bool sat = false;
    uint32_t n = R(i->rn), v;
    int64_t x = i->x ? (int32_t)n >> i->ra : (int64_t)(int32_t)(n << i->ra);
    switch (i->y) {
    case DSP_SSAT: v = sat_signed(x, i->imm, &sat); break;
    case DSP_USAT: v = sat_unsigned(x, i->imm, &sat); break;
    case DSP_SSAT16: v = pack(sat_signed(half(n, 1), i->imm, &sat), sat_signed(half(n, 0), i->imm, &sat)); break;
    default: v = pack(sat_unsigned(half(n, 1), i->imm, &sat), sat_unsigned(half(n, 0), i->imm, &sat));
    }
    c->q |= sat;
    return v;
}

/* QADD, QDADD, QSUB, QDSUB: Rm op Rn, the latter doubled with saturation */
static uint32_t saturating_add(struct cpu *c, const struct insn *i)
{
    bool sat = false;
    int64_t n = (int32_t)R(i->rn);
    if (i->x & 1)
        n = (int32_t)sat_signed(2 * n, 32, &sat);
    uint32_t v = sat_signed((int32_t)R(i->rm) + (i->x & 2 ? -n : n), 32, &sat);
    c->q |= sat;
    return v;
}

static uint32_t extend16(struct cpu *c, const struct insn *i)
{
    uint32_t v = ror32(R(i->rm), i->ra), n = i->rn == 15 ? 0 : R(i->rn);
    uint32_t low = i->x ? v & 255 : (uint32_t)(int8_t)v, high = i->x ? v >> 16 & 255 : (uint32_t)(int8_t)(v >> 16);
    return pack((n >> 16) + high, n + low);
}

static uint32_t pack_halves(struct cpu *c, const struct insn *i)
{
    uint32_t n = R(i->rn), m = R(i->rm);
    if (i->y == DSP_PKHBT)
        return pack(m << i->ra >> 16, n);
    return pack(n >> 16, (uint32_t)((int64_t)(int32_t)m >> i->ra));
}

static uint32_t select_bytes(struct cpu *c, const struct insn *i)
{
    uint32_t mask = 0;
    for (unsigned k = 0; k < 4; k++)
        mask |= c->ge >> k & 1 ? 255u << 8 * k : 0;
    return (R(i->rn) & mask) | (R(i->rm) & ~mask);
}

/* --- parallel addition and subtraction (A5.3.13, A5.3.14) --- */
enum { PAR_ADD8, PAR_ADD16, PAR_ASX, PAR_SUB8 = 4, PAR_SUB16, PAR_SAX };

static uint32_t lane(int32_t v, unsigned width, unsigned kind, bool uns, bool *ge, bool sub)
{
    bool ignored = false;
    *ge = uns && !sub ? v >> width : v >= 0;
    if (kind == 1)
        v = (int32_t)(uns ? sat_unsigned(v, width, &ignored) : sat_signed(v, width, &ignored));
    return (uint32_t)(kind == 2 ? v >> 1 : v) & ((1u << width) - 1);
}

static int32_t part(uint32_t v, unsigned at, unsigned width, bool uns)
{
    uint32_t p = v >> at & ((1u << width) - 1);
    return uns ? (int32_t)p : sext(p, width);
}

static uint32_t parallel(struct cpu *c, const struct insn *i)
{
    unsigned op = i->y & 7, kind = i->y >> 3 & 3;
    bool uns = i->y >> 5 & 1, bytes = op == PAR_ADD8 || op == PAR_SUB8, cross = op == PAR_ASX || op == PAR_SAX;
    unsigned width = bytes ? 8 : 16, ge = 0;
    uint32_t out = 0;
    for (unsigned at = 0; at < 32; at += width) {
        /* ASX adds in the top half, SAX in the bottom one */
        bool sub = cross ? (op == PAR_ASX) == (at == 0) : op == PAR_SUB8 || op == PAR_SUB16, set;
        int32_t n = part(R(i->rn), at, width, uns), m = part(R(i->rm), cross ? 16 - at : at, width, uns);
        out |= lane(sub ? n - m : n + m, width, kind, uns, &set, sub) << at;
        ge |= set ? (bytes ? 1u : 3u) << at / 8 : 0;
    }
    if (kind == 0)
        c->ge = ge;
    return out;
}

/* --- multiplies --- */

/* Adds the accumulator; Q on signed overflow of 32 bits. */
static uint32_t accumulate(struct cpu *c, const struct insn *i, int64_t v)
{
    if (i->ra != 15)
        v += (int32_t)R(i->ra);
    c->q |= v != (int32_t)v;
    return (uint32_t)v;
}

static int64_t product(struct cpu *c, const struct insn *i, unsigned ntop, unsigned mtop)
{
    return (int64_t)half(R(i->rn), ntop) * half(R(i->rm), mtop);
}

/* The two products of SMLAD and its kin; x bit 0 crosses the halves of Rm */
static int64_t pair(struct cpu *c, const struct insn *i, bool sub)
{
    unsigned x = i->x & 1;
    int64_t low = product(c, i, 0, x), high = product(c, i, 1, !x);
    return sub ? low - high : low + high;
}

/* SMMUL, SMMLA, SMMLS: the top word, rounded when x */
static uint32_t most_significant(struct cpu *c, const struct insn *i)
{
    uint64_t p = (uint64_t)((int64_t)(int32_t)R(i->rn) * (int32_t)R(i->rm)), a = i->ra == 15 ? 0 : (uint64_t)R(i->ra) << 32;
    return (uint32_t)(((i->y == DSP_SMMLS ? a - p : a + p) + (i->x ? 0x80000000u : 0)) >> 32);
}

static uint32_t sum_of_differences(struct cpu *c, const struct insn *i)
{
    uint32_t v = i->ra == 15 ? 0 : R(i->ra);
    for (unsigned at = 0; at < 32; at += 8) {
        int d = (int)(R(i->rn) >> at & 255) - (int)(R(i->rm) >> at & 255);
        v += (uint32_t)(d < 0 ? -d : d);
    }
    return v;
}

static void long_multiply(struct cpu *c, const struct insn *i)
{
    uint64_t v = (uint64_t)R(i->ra) << 32 | R(i->rd);
    switch (i->y) {
    case DSP_SMLALXY: v += (uint64_t)product(c, i, i->x >> 1, i->x & 1); break;
    case DSP_SMLALD: v += (uint64_t)pair(c, i, false); break;
    case DSP_SMLSLD: v += (uint64_t)pair(c, i, true); break;
    default: v = (uint64_t)R(i->rn) * R(i->rm) + R(i->ra) + R(i->rd);
    }
    R(i->rd) = (uint32_t)v;
    R(i->ra) = (uint32_t)(v >> 32);
}

void cpu_dsp(struct cpu *c, const struct insn *i)
{
    if (i->y & DSP_PARALLEL) {
        R(i->rd) = parallel(c, i);
        return;
    }
    switch (i->y) {
    case DSP_PKHBT: case DSP_PKHTB: R(i->rd) = pack_halves(c, i); break;
    case DSP_SSAT: case DSP_USAT: case DSP_SSAT16: case DSP_USAT16: R(i->rd) = saturate(c, i); break;
    case DSP_EXT16: R(i->rd) = extend16(c, i); break;
    case DSP_QADD: R(i->rd) = saturating_add(c, i); break;
    case DSP_SEL: R(i->rd) = select_bytes(c, i); break;
    case DSP_SMLAXY: {
        int64_t v = product(c, i, i->x >> 1, i->x & 1);
        R(i->rd) = accumulate(c, i, v);
        break;
    }
    case DSP_SMLAW: R(i->rd) = accumulate(c, i, (int64_t)(int32_t)R(i->rn) * half(R(i->rm), i->x) >> 16); break;
    case DSP_SMLAD: R(i->rd) = accumulate(c, i, pair(c, i, false)); break;
    case DSP_SMLSD: R(i->rd) = accumulate(c, i, pair(c, i, true)); break;
    case DSP_SMMLA: case DSP_SMMLS: R(i->rd) = most_significant(c, i); break;
    case DSP_USADA8: R(i->rd) = sum_of_differences(c, i); break;
    default: long_multiply(c, i);
    }
}
