/* SPDX-License-Identifier: GPL-3.0-or-later
 * Decoder, part 4: coprocessor space and FPv4-SP (ARM DDI 0403E.e, A5.3.18 and A6). Double precision arithmetic does not exist here.
 * Encodings of CP10 and CP11 that do not exist stay OP_FP with FP_UNDEF: with the FPU off they must give NOCP, not UNDEFINSTR.
 */
#include "sim/cpu_ops.h"

static bool special(unsigned r) { return r == 13 || r == 15; }
static unsigned sd(uint32_t w) { return bits(w, 12, 4) << 1 | bits(w, 22, 1); }
static unsigned sn(uint32_t w) { return bits(w, 16, 4) << 1 | bits(w, 7, 1); }
static unsigned sm(uint32_t w) { return bits(w, 0, 4) << 1 | bits(w, 5, 1); }

/* VFPExpandImm (A6.4.1) */
static uint32_t expand(unsigned imm8)
{
    uint32_t b6 = imm8 >> 6 & 1;
    return (uint32_t)(imm8 >> 7) << 31 | (b6 ? 0x3e000000u : 0x40000000u) | (imm8 & 63) << 19;
}

static void conversion_fixed(struct insn *i, uint32_t w)
{
    unsigned size = w & 0x80 ? 32 : 16, imm5 = (w & 15) << 1 | bits(w, 5, 1);
    if (imm5 > size)
        return;
    i->x = w & 0x40000 ? FP_TO_FIX : FP_FROM_FIX;
    i->y = bits(w, 16, 1); /* unsigned */
    i->z = (uint8_t)size;
    i->ra = (uint8_t)(size - imm5);
    i->rm = i->rd;
}

/* A6.3: opc2 selects, opc3 (bits 7:6) is 01 or 11 */
static void other(struct insn *i, uint32_t w)
{
    unsigned top = bits(w, 7, 1);
    switch (bits(w, 16, 4)) {
    case 0: i->x = top ? FP_ABS : FP_MOVR; break;
    case 1: i->x = top ? FP_SQRT : FP_NEG; break;
    case 2: case 3:
        i->x = w & 0x10000 ? FP_TO_HALF : FP_FROM_HALF;
        i->y = (uint8_t)top; /* top half */
        break;
    case 4: case 5:
        if (!(w & 0x10000) || !(w & 0x2f)) {
            i->x = FP_CMP;
            i->y = (uint8_t)top; /* signalling */
            i->z = bits(w, 16, 1); /* with zero */
        }
        break;
    case 8:
        i->x = FP_FROM_INT;
        i->y = !top; /* unsigned */
        break;
    case 12: case 13:
        i->x = FP_TO_INT;
        i->y = !bits(w, 16, 1);
        i->z = (uint8_t)top; /* towards zero */
        break;
    case 10: case 11: case 14: case 15: conversion_fixed(i, w); break;
    default: break;
    }
}

static void arithmetic(struct insn *i, uint32_t w)
{
    static const uint8_t op[8][2] = {{FP_VMLA, FP_VMLS}, {FP_VNMLS, FP_VNMLA}, {FP_VMUL, FP_VNMUL}, {FP_VADD, FP_VSUB},
                                     {FP_VDIV, FP_UNDEF}, {FP_VFNMS, FP_VFNMA}, {FP_VFMA, FP_VFMS}, {FP_UNDEF, FP_UNDEF}};
    unsigned which = bits(w, 23, 1) << 2 | bits(w, 20, 2);
    i->rd = (uint8_t)sd(w);
    i->rn = (uint8_t)sn(w);
    i->rm = (uint8_t)sm(w);
    if (w & 0x100) /* double precision */
        return;
    if (which != 7)
        i->x = op[which][bits(w, 6, 1)];
    else if (w & 0x40)
        other(i, w);
    else if (!(w & 0xa0)) {
        i->x = FP_MOVI;
        i->imm = expand(bits(w, 16, 4) << 4 | (w & 15));
    }
}

/* A6.6: one word between a core register and the FPU */
static void transfer(struct insn *i, uint32_t w)
{
    unsigned rt = bits(w, 12, 4), load = bits(w, 20, 1), a = bits(w, 21, 3);
    i->ra = (uint8_t)rt;
    if (!(w & 0x100)) {
        if (a == 0 && !(w & 0x6f) && !special(rt)) {
            i->x = load ? FP_GET : FP_SET;
            i->rn = (uint8_t)sn(w);
        } else if (a == 7 && (w & 0xf00ff) == 0x10010 && rt != 13 && (load || rt != 15))
            i->x = load ? FP_VMRS : FP_VMSR;
    } else if (a <= 1 && (w & 0xff) == 0x10 && !special(rt)) {
        i->x = load ? FP_GET : FP_SET; /* a word of D0..D15 */
        i->rn = (uint8_t)(bits(w, 16, 4) << 1 | a);
    }
}

/* A6.7: two words */
static void transfer_two(struct insn *i, uint32_t w)
{
    unsigned rt = bits(w, 12, 4), rt2 = bits(w, 16, 4), load = bits(w, 20, 1), wide = bits(w, 8, 1);
    unsigned m = wide ? (w & 15) << 1 : sm(w);
    if ((w & 0xd0) != 0x10 || special(rt) || special(rt2) || (load && rt == rt2) || (wide ? bits(w, 5, 1) != 0 : m == 31))
        return;
    i->x = load ? FP_GET2 : FP_SET2;
    i->ra = (uint8_t)rt;
    i->rd = (uint8_t)rt2;
    i->rm = (uint8_t)m;
}

static void multiple(struct insn *i, uint32_t w, bool load)
{
    unsigned rn = bits(w, 16, 4), wide = bits(w, 8, 1), first = wide ? bits(w, 12, 4) << 1 : sd(w), count = w & 255;
    bool pre = bits(w, 24, 1), wback = bits(w, 21, 1);
    unsigned words = wide ? count & ~1u : count;
    if ((wide && bits(w, 22, 1)) || !words || words > 32 || first + words > 32 || (rn == 15 && (!load || wback)))
        return;
    i->x = load ? FP_VLDM : FP_VSTM;
    i->rd = (uint8_t)first;
    i->rn = (uint8_t)rn;
    i->ra = (uint8_t)words;
    i->z = (uint8_t)((wback ? LDM_WBACK : 0) | (pre ? LDM_DB : 0));
    i->imm = count * 4;
}

/* A6.5 */
static void load_store(struct insn *i, uint32_t pc, uint32_t w)
{
    unsigned puw = bits(w, 23, 2) << 1 | bits(w, 21, 1), rn = bits(w, 16, 4), wide = bits(w, 8, 1);
    bool load = bits(w, 20, 1);
    if (puw == 2 || puw == 3 || puw == 5) {
        multiple(i, w, load);
        if (rn == 15)
            i->imm = 0, i->y = 1;
        if (rn == 15 && i->x == FP_VLDM)
            i->imm = (pc + 4) & ~3u;
        return;
    }
    if ((puw != 4 && puw != 6) || (wide && bits(w, 22, 1)) || (rn == 15 && !load))
        return;
    i->x = load ? FP_VLDR : FP_VSTR;
    i->rd = (uint8_t)(wide ? bits(w, 12, 4) << 1 : sd(w));
    i->rn = (uint8_t)rn;
    i->ra = wide ? 2 : 1;
    i->imm = puw == 6 ? (w & 255) * 4 : 0u - (w & 255) * 4;
    if (rn == 15) {
        i->y = 1; /* imm is the address */
        i->imm += (pc + 4) & ~3u;
    }
}

void cpu_decode_coproc(struct insn *i, uint32_t pc, uint32_t w)
{
    unsigned cp = bits(w, 8, 4);
    if (bits(w, 24, 2) == 3 || (cp & 14) != 10) {
        if (bits(w, 24, 2) != 3 && bits(w, 21, 5) != 0)
            i->op = OP_NOCP;
        else if (bits(w, 24, 2) != 3)
            i->op = OP_UNDEF; /* op1 00000x */
        return;
    }
    i->op = OP_FP;
    i->x = FP_UNDEF;
    if (bits(w, 28, 1))
        return;
    if (bits(w, 24, 2) == 2) {
        if (w & 0x10)
            transfer(i, w);
        else
            arithmetic(i, w);
    } else if (bits(w, 21, 4) == 2)
        transfer_two(i, w);
    else
        load_store(i, pc, w);
}
