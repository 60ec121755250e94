/* SPDX-License-Identifier: GPL-3.0-or-later
 * Decoder, part 3: 32-bit data processing (ARM DDI 0403E.e, A5.3.1, A5.3.3, A5.3.11 to A5.3.17).
 */
#include "sim/cpu_ops.h"

enum { ALU_AND = 0, ALU_BIC = 1, ALU_ORR = 2, ALU_ORN = 3, ALU_EOR = 4, ALU_PKH = 6, ALU_ADD = 8, ALU_ADC = 10, ALU_SBC = 11, ALU_SUB = 13,
       ALU_RSB = 14 };
static const uint16_t alu_base[16] = {
    [ALU_AND] = OP_AND_I, [ALU_BIC] = OP_BIC_I, [ALU_ORR] = OP_ORR_I, [ALU_ORN] = OP_ORN_I, [ALU_EOR] = OP_EOR_I,
    [ALU_ADD] = OP_ADD_I, [ALU_ADC] = OP_ADC_I, [ALU_SBC] = OP_SBC_I, [ALU_SUB] = OP_SUB_I, [ALU_RSB] = OP_RSB_I};

static bool special(unsigned r) { return r == 13 || r == 15; }

static void set(struct insn *i, unsigned op, unsigned rd, unsigned rn, unsigned rm, uint32_t imm)
{
    i->op = (uint16_t)op;
    i->rd = (uint8_t)rd;
    i->rn = (uint8_t)rn;
    i->rm = (uint8_t)rm;
    i->imm = imm;
}

/* ThumbExpandImm_C (A5.3.2); false when UNPREDICTABLE. *carry: the flag becomes bit 31 of the result. */
static bool expand(uint32_t w, uint32_t *value, bool *carry)
{
    uint32_t imm12 = bits(w, 26, 1) << 11 | bits(w, 12, 3) << 8 | (w & 255), b = w & 255;
    *carry = imm12 >> 10 != 0;
    if (*carry) {
        *value = ror32(0x80 | (b & 127), imm12 >> 7);
        return true;
    }
    static const uint32_t copies[4] = {1, 0x00010001, 0x01000100, 0x01010101};
    *value = b * copies[imm12 >> 8];
    return b || imm12 < 0x100;
}

/* The comparisons, which are the S forms without a destination: CMP, CMN, TST, TEQ. */
static unsigned comparison(unsigned alu)
{
    return alu == ALU_AND ? OP_TST_I : alu == ALU_EOR ? OP_TEQ_I : alu == ALU_ADD ? OP_CMN_I : alu == ALU_SUB ? OP_CMP_I : OP_UNDEF;
}

static bool sp_base(unsigned alu, unsigned rn) { return rn == 13 && (alu == ALU_ADD || alu == ALU_SUB); }

/* A5.3.1 */
static void modified_immediate(struct insn *i, uint32_t w)
{
    unsigned alu = bits(w, 21, 4), s = bits(w, 20, 1), rn = bits(w, 16, 4), rd = bits(w, 8, 4), op = alu_base[alu];
    uint32_t value;
    bool carry;
    if (!op || !expand(w, &value, &carry))
        return;
    if (rd == 15 && s && comparison(alu) != OP_UNDEF) {
        if (rn == 15 || (rn == 13 && !sp_base(alu, rn)))
            return;
        set(i, comparison(alu), 0, rn, 0, value);
    } else if (rn == 15 && (alu == ALU_ORR || alu == ALU_ORN)) {
        if (special(rd))
            return;
        set(i, alu == ALU_ORR ? (s ? OP_MOVS_I : OP_MOV_I) : s ? OP_MVNS_I : OP_MVN_I, rd, 0, 0, value);
    } else {
        if (rd == 15 || rn == 15 || (rn == 13 && !sp_base(alu, rn)) || (rd == 13 && !sp_base(alu, rn)))
            return;
        set(i, rd == 13 ? OP_SP_ALU : op + (s ? SHAPE_SI : SHAPE_I), rd, rn, rd == 13 ? 16 : 0, value);
        if (rd == 13) {
            i->x = alu == ALU_SUB;
            i->z = (uint8_t)s;
            return;
        }
    }
    i->x = carry;
}

/* DecodeImmShift (A7.4.2) */
static void immediate_shift(struct insn *i, uint32_t w)
{
    unsigned type = bits(w, 4, 2), n = bits(w, 12, 3) << 2 | bits(w, 6, 2);
    if (type == SHIFT_ROR && !n)
        type = SHIFT_RRX;
    else if (type != SHIFT_LSL && !n)
        n = 32;
    i->x = (uint8_t)type;
    i->ra = (uint8_t)n;
}

/* MOV (register), the shifts by a constant, RRX: ORR with Rn = 15 */
static void move_shifted(struct insn *i, unsigned s, unsigned rd, unsigned rm)
{
    static const uint16_t op[5][2] = {{OP_LSL_I, OP_LSLS_I}, {OP_LSR_I, OP_LSRS_I}, {OP_ASR_I, OP_ASRS_I}, {OP_ROR_I, OP_RORS_I},
                                      {OP_RRX, OP_RRXS}};
    unsigned n = i->ra, type = i->x;
    if (type == SHIFT_LSL && !n) {
        if (s ? special(rd) || special(rm) : rd == 15 || rm == 15 || (rd == 13 && rm == 13))
            return;
        set(i, s ? OP_MOVS_R : rd == 13 ? OP_MOV_SP : OP_MOV_R, rd, rm, rm, 0);
    } else if (!special(rd) && !special(rm))
        set(i, op[type][s], rd, rm, rm, n);
}

static void pack(struct insn *i, uint32_t w, unsigned rd, unsigned rn, unsigned rm)
{
    if ((w & 0x100010) || special(rd) || special(rn) || special(rm))
        return;
    set(i, OP_DSP, rd, rn, rm, 0);
    i->y = w & 0x20 ? DSP_PKHTB : DSP_PKHBT;
    if (w & 0x20 && i->ra == 0)
        i->ra = 32;
}

static unsigned shape_of(const struct insn *i, unsigned s)
{
    if (i->x == SHIFT_LSL && !i->ra)
        return s ? SHAPE_SR : SHAPE_R;
    return s ? SHAPE_SX : SHAPE_LSL + i->x;
}

/* A5.3.11 */
static void shifted_register(struct insn *i, uint32_t w)
{
    unsigned alu = bits(w, 21, 4), s = bits(w, 20, 1), rn = bits(w, 16, 4), rd = bits(w, 8, 4), rm = w & 15;
    if (w & 0x8000)
        return;
    immediate_shift(i, w);
    unsigned op = alu_base[alu], sp = sp_base(alu, rn), shape = shape_of(i, s);
    if (alu == ALU_PKH)
        pack(i, w, rd, rn, rm);
    else if (!op)
        return;
    else if (rn == 15 && alu == ALU_ORR)
        move_shifted(i, s, rd, rm);
    else if (special(rm))
        return;
    else if (rn == 15 && alu == ALU_ORN) {
        if (!special(rd))
            set(i, (shape == SHAPE_R ? OP_MVN_R : shape == SHAPE_SR ? OP_MVNS_R : s ? OP_MVNS_X : OP_MVN_X), rd, 0, rm, 0);
    } else if (rd == 15 && s && comparison(alu) != OP_UNDEF) {
        if (rn != 15 && (rn != 13 || sp))
            set(i, comparison(alu) + (shape == SHAPE_SR ? 1 : 2), 0, rn, rm, 0);
    } else if (rd == 13) {
        if (sp && i->x == SHIFT_LSL && i->ra <= 3) {
            set(i, OP_SP_ALU, rd, rn, rm, 0);
            i->x = alu == ALU_SUB;
            i->z = (uint8_t)s;
        }
    } else if (rd != 15 && rn != 15 && (rn != 13 || sp))
        set(i, op + shape, rd, rn, rm, 0);
}

static void saturate(struct insn *i, uint32_t w, unsigned rd, unsigned rn)
{
    unsigned n = bits(w, 12, 3) << 2 | bits(w, 6, 2), to = w & 31, right = bits(w, 21, 1), uns = bits(w, 23, 1);
    if ((w & 0x04000020) || special(rd) || special(rn))
        return;
    bool both = right && !n;
    if (both && (w & 0x10))
        return;
    set(i, OP_DSP, rd, rn, 0, uns ? to : to + 1);
    i->ra = (uint8_t)n;
    i->x = (uint8_t)right;
    i->y = both ? (uns ? DSP_USAT16 : DSP_SSAT16) : uns ? DSP_USAT : DSP_SSAT;
}

static void bit_field(struct insn *i, uint32_t w, unsigned rd, unsigned rn, unsigned what)
{
    unsigned lsb = bits(w, 12, 3) << 2 | bits(w, 6, 2), top = w & 31;
    if ((w & 0x04000020) || special(rd))
        return;
    if (what == 22) { /* BFI, BFC */
        if (rn == 13 || top < lsb)
            return;
        set(i, OP_BFI, rd, rn, 0, (top - lsb == 31 ? 0xffffffffu : (1u << (top - lsb + 1)) - 1) << lsb);
    } else {
        if (special(rn) || lsb + top > 31)
            return;
        set(i, what == 20 ? OP_SBFX : OP_UBFX, rd, rn, 0, 0);
        i->x = (uint8_t)(31 - top); /* shift left by x - lsb and right by x */
    }
    i->ra = (uint8_t)lsb;
}

static void add_sub_12(struct insn *i, uint32_t pc, unsigned rd, unsigned rn, uint32_t imm12, bool sub)
{
    if (rn == 15) { /* ADR */
        if (!special(rd))
            set(i, OP_MOV_I, rd, 0, 0, ((pc + 4) & ~3u) + (sub ? 0u - imm12 : imm12));
    } else if (rd == 13) {
        if (rn == 13)
            set(i, OP_SP_ALU, rd, rn, 16, imm12), i->x = sub;
    } else if (rd != 15)
        set(i, sub ? OP_SUB_I : OP_ADD_I, rd, rn, 0, imm12);
}

/* A5.3.3 */
static void plain_immediate(struct insn *i, uint32_t pc, uint32_t w)
{
    unsigned rd = bits(w, 8, 4), rn = bits(w, 16, 4), what = bits(w, 20, 5);
    uint32_t imm12 = bits(w, 26, 1) << 11 | bits(w, 12, 3) << 8 | (w & 255), imm16 = rn << 12 | imm12;
    switch (what) {
    case 0: add_sub_12(i, pc, rd, rn, imm12, false); break;
    case 10: add_sub_12(i, pc, rd, rn, imm12, true); break;
    case 4: case 12:
        if (!special(rd))
            set(i, what == 4 ? OP_MOV_I : OP_MOVT, rd, 0, 0, imm16);
        break;
    case 16: case 18: case 24: case 26: saturate(i, w, rd, rn); break;
    case 20: case 22: case 28: bit_field(i, w, rd, rn, what); break;
    default: break;
    }
}

static void extend(struct insn *i, uint32_t w, unsigned rd, unsigned rn, unsigned rm)
{
    static const uint16_t op[6] = {OP_SXTH, OP_UXTH, OP_DSP, OP_DSP, OP_SXTB, OP_UXTB};
    unsigned what = bits(w, 20, 3);
    if (what > 5 || (w & 0x40) || special(rd) || rn == 13 || special(rm))
        return;
    set(i, op[what], rd, rn, rm, 0);
    i->ra = (uint8_t)(bits(w, 4, 2) * 8);
    i->x = what & 1;
    i->y = DSP_EXT16;
}

static void unary(struct insn *i, uint32_t w, unsigned rd, unsigned rn, unsigned rm)
{
    static const uint16_t reverse[4] = {OP_REV, OP_REV16, OP_RBIT, OP_REVSH};
    unsigned group = bits(w, 20, 2), which = bits(w, 4, 2);
    switch (group) {
    case 0:
        set(i, OP_DSP, rd, rn, rm, 0);
        i->y = DSP_QADD;
        i->x = (uint8_t)which;
        break;
    case 1:
        if (rn == rm)
            set(i, reverse[which], rd, 0, rm, 0);
        break;
    case 2:
        if (!which)
            set(i, OP_DSP, rd, rn, rm, 0), i->y = DSP_SEL;
        break;
    default:
        if (!which && rn == rm)
            set(i, OP_CLZ, rd, 0, rm, 0);
    }
}

/* A5.3.12 to A5.3.15 */
static void by_register(struct insn *i, uint32_t w)
{
    static const uint16_t shift[8] = {OP_LSL_R, OP_LSLS_R, OP_LSR_R, OP_LSRS_R, OP_ASR_R, OP_ASRS_R, OP_ROR_R, OP_RORS_R};
    unsigned rd = bits(w, 8, 4), rn = bits(w, 16, 4), rm = w & 15, op2 = bits(w, 4, 4);
    if ((w & 0xf000) != 0xf000)
        return;
    if (!bits(w, 23, 1) && (op2 & 8)) {
        extend(i, w, rd, rn, rm);
        return;
    }
    if (special(rd) || special(rn) || special(rm))
        return;
    if (!bits(w, 23, 1)) {
        if (!op2)
            set(i, shift[bits(w, 20, 3)], rd, rn, rm, 0);
    } else if (op2 < 8) {
        static const uint8_t valid = 0x77; /* operations 3 and 7 do not exist */
        if ((valid >> bits(w, 20, 3) & 1) && (op2 & 3) != 3) {
            set(i, OP_DSP, rd, rn, rm, 0);
            i->y = (uint8_t)(DSP_PARALLEL | op2 << 3 | bits(w, 20, 3));
        }
    } else if (op2 < 12 && !bits(w, 22, 1))
        unary(i, w, rd, rn, rm);
}

/* A5.3.16 */
static void multiply(struct insn *i, uint32_t w)
{
    static const uint8_t dsp[8] = {0, DSP_SMLAXY, DSP_SMLAD, DSP_SMLAW, DSP_SMLSD, DSP_SMMLA, DSP_SMMLS, DSP_USADA8};
    static const uint8_t most[8] = {1, 3, 1, 1, 1, 1, 1, 0}; /* largest value of bits 5:4 */
    unsigned what = bits(w, 20, 3), ra = bits(w, 12, 4), rd = bits(w, 8, 4), rn = bits(w, 16, 4), rm = w & 15, x = bits(w, 4, 2);
    if ((w & 0xc0) || x > most[what] || ra == 13 || special(rd) || special(rn) || special(rm))
        return;
    if (ra == 15 && (what == 6 || (what == 0 && x)))
        return;
    set(i, what ? OP_DSP : x ? OP_MLS : ra == 15 ? OP_MUL : OP_MLA, rd, rn, rm, 0);
    i->ra = (uint8_t)ra;
    i->x = (uint8_t)x;
    i->y = dsp[what];
}

/* A5.3.17 */
static void multiply_long(struct insn *i, uint32_t w)
{
    unsigned what = bits(w, 20, 3), lo = bits(w, 12, 4), hi = bits(w, 8, 4), rn = bits(w, 16, 4), rm = w & 15, x = bits(w, 4, 4);
    if (special(hi) || special(rn) || special(rm))
        return;
    if (what == 1 || what == 3) {
        if (x == 15 && lo == 15)
            set(i, what == 1 ? OP_SDIV : OP_UDIV, hi, rn, rm, 0);
        return;
    }
    if (special(lo) || lo == hi)
        return;
    unsigned op = OP_UNDEF, dsp = 0;
    switch (what) {
    case 0: op = x == 0 ? OP_SMULL : OP_UNDEF; break;
    case 2: op = x == 0 ? OP_UMULL : OP_UNDEF; break;
    case 4:
        op = x == 0 ? OP_SMLAL : (x & 12) == 8 || (x & 14) == 12 ? OP_DSP : OP_UNDEF;
        dsp = x & 4 ? DSP_SMLALD : DSP_SMLALXY;
        break;
    case 5:
        op = (x & 14) == 12 ? OP_DSP : OP_UNDEF;
        dsp = DSP_SMLSLD;
        break;
    case 6:
        op = x == 0 ? OP_UMLAL : x == 6 ? OP_DSP : OP_UNDEF;
        dsp = DSP_UMAAL;
        break;
    default: break;
    }
    set(i, op, lo, rn, rm, 0);
    i->ra = (uint8_t)hi;
    i->x = x & 3;
    i->y = (uint8_t)dsp;
}

void cpu_decode_data(struct insn *i, uint32_t pc, uint32_t w)
{
    if (bits(w, 27, 2) == 1)
        shifted_register(i, w);
    else if (bits(w, 27, 2) == 2) {
        if (bits(w, 25, 1))
            plain_immediate(i, pc, w);
        else
            modified_immediate(i, w);
    } else if (!bits(w, 24, 1))
        by_register(i, w);
    else if (!bits(w, 23, 1))
        multiply(i, w);
    else
        multiply_long(i, w);
}
