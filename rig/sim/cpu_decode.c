/* SPDX-License-Identifier: GPL-3.0-or-later
 * Decoder, part 1: 16-bit instructions and the 32-bit branches and control instructions (ARM DDI 0403E.e, A5.2 and A5.3.4).
 * Bits the manual writes as (0) or (1) must hold that value: otherwise the encoding is UNPREDICTABLE, which here means UNDEFINED.
 */
#include "sim/cpu_ops.h"

#include <string.h>

bool cpu_decode_wide(uint32_t first) { return first >> 11 >= 0x1d; }

static void set(struct insn *i, enum cpu_op op, unsigned rd, unsigned rn, unsigned rm, uint32_t imm)
{
    i->op = (uint16_t)op;
    i->rd = (uint8_t)rd;
    i->rn = (uint8_t)rn;
    i->rm = (uint8_t)rm;
    i->imm = imm;
}

void cpu_decode_branch(struct insn *i, enum cpu_op near, enum cpu_op far, uint32_t pc, uint32_t target, bool local)
{
    bool close = local && (target >> 11) == (pc >> 11);
    i->op = (uint16_t)(close ? near : far);
    i->imm = close ? (uint32_t)((int32_t)(target - pc) / 2) : target;
}

static void conditional(struct insn *i, uint32_t pc, unsigned cond, uint32_t target, bool local)
{
    i->x = (uint8_t)cond;
    i->it = IT_NEVER;
    cpu_decode_branch(i, (enum cpu_op)(OP_BEQ + cond), OP_BCF, pc, target, local);
}

/* --- 16 bit: A5.2.1, shift (immediate), add, subtract, move, compare --- */
static void shift_add(struct insn *i, uint32_t h)
{
    unsigned rd = h & 7, rn = bits(h, 3, 3), n = bits(h, 6, 5), wide = bits(h, 8, 3);
    switch (bits(h, 11, 3)) {
    case 0:
        set(i, n ? OP_LSLS_I : OP_MOVS_R, rd, rn, rn, n);
        if (!n)
            i->it = IT_NEVER; /* MOVS (register) T2 */
        break;
    case 1: set(i, OP_LSRS_I, rd, rn, rn, n ? n : 32); break;
    case 2: set(i, OP_ASRS_I, rd, rn, rn, n ? n : 32); break;
    case 3: {
        static const uint16_t op[4] = {OP_ADDS_R, OP_SUBS_R, OP_ADDS_I, OP_SUBS_I};
        set(i, (enum cpu_op)op[bits(h, 9, 2)], rd, rn, bits(h, 6, 3), bits(h, 6, 3));
        break;
    }
    case 4: set(i, OP_MOVS_I, wide, 0, 0, h & 255); break;
    case 5: set(i, OP_CMP_I, 0, wide, 0, h & 255); break;
    case 6: set(i, OP_ADDS_I, wide, wide, 0, h & 255); break;
    default: set(i, OP_SUBS_I, wide, wide, 0, h & 255);
    }
}

/* A5.2.2 */
static void data_processing(struct insn *i, uint32_t h)
{
    static const uint16_t op[16] = {OP_ANDS_R, OP_EORS_R, OP_LSLS_R, OP_LSRS_R, OP_ASRS_R, OP_ADCS_R, OP_SBCS_R, OP_RORS_R,
                                    OP_TST_R,  OP_RSBS_I, OP_CMP_R,  OP_CMN_R,  OP_ORRS_R, OP_MULS,   OP_BICS_R, OP_MVNS_R};
    unsigned rd = h & 7, rm = bits(h, 3, 3), which = bits(h, 6, 4);
    set(i, (enum cpu_op)op[which], rd, which == 9 ? rm : rd, rm, 0);
}

/* A5.2.3: ADD, CMP, MOV of high registers, BX, BLX. A read of PC gives a constant. */
static void special_data(struct insn *i, uint32_t pc, uint32_t h)
{
    unsigned rd = (h & 7) | (h >> 4 & 8), rm = bits(h, 3, 4);
    switch (bits(h, 8, 2)) {
    case 0:
        if (rd == 15) {
            if (rm != 15)
                set(i, OP_ADD_PC, 0, 0, rm, pc + 4), i->it = IT_LAST;
        } else if (rm == 15)
            set(i, rd == 13 ? OP_SP_ALU : OP_ADD_I, rd, rd, 16, pc + 4);
        else
            set(i, rd == 13 ? OP_SP_ALU : OP_ADD_R, rd, rd, rm, 0);
        break;
    case 1:
        if ((rd >= 8 || rm >= 8) && rd != 15 && rm != 15)
            set(i, OP_CMP_R, 0, rd, rm, 0);
        break;
    case 2:
        if (rd == 15)
            set(i, OP_MOV_PC, 0, 0, rm, pc + 4), i->it = IT_LAST;
        else if (rm == 15)
            set(i, OP_MOV_I, rd, 0, 0, rd == 13 ? (pc + 4) & ~3u : pc + 4);
        else
            set(i, rd == 13 ? OP_MOV_SP : OP_MOV_R, rd, 0, rm, 0);
        break;
    default:
        if (!(h & 7) && (rm != 15 || !(h & 0x80)))
            set(i, h & 0x80 ? OP_BLX : OP_BX, 0, 0, rm, pc + 4), i->it = IT_LAST;
    }
}

/* A5.2.4 */
static void load_store(struct insn *i, uint32_t h)
{
    static const uint16_t reg[8] = {OP_STR_R, OP_STRH_R, OP_STRB_R, OP_LDRSB_R, OP_LDR_R, OP_LDRH_R, OP_LDRB_R, OP_LDRSH_R};
    unsigned rd = h & 7, rn = bits(h, 3, 3), n = bits(h, 6, 5), load = bits(h, 11, 1);
    switch (h >> 12) {
    case 5: set(i, (enum cpu_op)reg[bits(h, 9, 3)], rd, rn, bits(h, 6, 3), 0); break;
    case 6: set(i, load ? OP_LDR_I : OP_STR_I, rd, rn, 0, n * 4); break;
    case 7: set(i, load ? OP_LDRB_I : OP_STRB_I, rd, rn, 0, n); break;
    case 8: set(i, load ? OP_LDRH_I : OP_STRH_I, rd, rn, 0, n * 2); break;
    default: set(i, load ? OP_LDR_I : OP_STR_I, bits(h, 8, 3), 13, 0, (h & 255) * 4);
    }
}

/* A5.2.6 */
static void hints(struct insn *i, uint32_t h)
{
    unsigned what = bits(h, 4, 4), mask = h & 15;
    if (mask) {
        if (what != 15 && (what != 14 || popcount(mask) == 1))
            set(i, OP_IT, 0, 0, 0, h & 255), i->it = IT_NEVER;
        return;
    }
    static const uint16_t op[5] = {OP_NOP, OP_NOP, OP_WFE, OP_WFI, OP_SEV};
    set(i, what < 5 ? (enum cpu_op)op[what] : OP_NOP, 0, 0, 0, 0);
}

static void compare_branch(struct insn *i, uint32_t pc, uint32_t h, bool local)
{
    uint32_t target = pc + 4 + (bits(h, 3, 5) << 1 | bits(h, 9, 1) << 6);
    i->rn = h & 7;
    i->x = bits(h, 11, 1);
    i->it = IT_NEVER;
    cpu_decode_branch(i, i->x ? OP_CBNZ : OP_CBZ, OP_CBF, pc, target, local);
}

static void push_pop(struct insn *i, uint32_t h)
{
    bool pop = bits(h, 11, 1);
    uint32_t list = (h & 255) | (bits(h, 8, 1) << (pop ? 15 : 14));
    if (!list)
        return;
    set(i, pop ? OP_LDM : OP_STM, 0, 13, 0, list);
    i->x = LDM_WBACK | (pop ? 0 : LDM_DB);
    if (list >> 15)
        i->it = IT_LAST;
}

/* A5.2.5 */
static void miscellaneous(struct insn *i, uint32_t pc, uint32_t h, bool local)
{
    static const uint16_t extend[4] = {OP_SXTH, OP_SXTB, OP_UXTH, OP_UXTB}, reverse[4] = {OP_REV, OP_REV16, OP_UNDEF, OP_REVSH};
    unsigned rd = h & 7, rm = bits(h, 3, 3), which = bits(h, 6, 2);
    switch (bits(h, 8, 4)) {
    case 0: set(i, h & 0x80 ? OP_SUB_I : OP_ADD_I, 13, 13, 0, (h & 127) * 4); break;
    case 1: case 3: case 9: case 11: compare_branch(i, pc, h, local); break;
    case 2: set(i, (enum cpu_op)extend[which], rd, 15, rm, 0); break;
    case 4: case 5: case 12: case 13: push_pop(i, h); break;
    case 6:
        if ((h & 0xffec) == 0xb660 && (h & 3))
            set(i, OP_CPS, 0, 0, 0, h & 3), i->x = bits(h, 4, 1), i->it = IT_NEVER;
        break;
    case 10: set(i, (enum cpu_op)reverse[which], rd, 0, rm, 0); break;
    case 14: set(i, OP_BKPT, 0, 0, 0, h & 255); break;
    case 15: hints(i, h); break;
    default: break;
    }
}

static void multiple(struct insn *i, uint32_t h)
{
    unsigned rn = bits(h, 8, 3);
    bool load = bits(h, 11, 1);
    if (!(h & 255))
        return;
    set(i, load ? OP_LDM : OP_STM, 0, rn, 0, h & 255);
    i->x = load && (h >> rn & 1) ? 0 : LDM_WBACK;
}

void cpu_decode_narrow(struct insn *i, uint32_t pc, uint32_t h, bool local)
{
    unsigned wide = bits(h, 8, 3), cond = bits(h, 8, 4);
    switch (h >> 12) {
    case 0: case 1: case 2: case 3: shift_add(i, h); break;
    case 4:
        if (h & 0x800)
            set(i, OP_LDR_LIT, wide, 0, 0, ((pc + 4) & ~3u) + (h & 255) * 4);
        else if (h & 0x400)
            special_data(i, pc, h);
        else
            data_processing(i, h);
        break;
    case 10:
        if (h & 0x800)
            set(i, OP_ADD_I, wide, 13, 0, (h & 255) * 4);
        else
            set(i, OP_MOV_I, wide, 0, 0, ((pc + 4) & ~3u) + (h & 255) * 4);
        break;
    case 11: miscellaneous(i, pc, h, local); break;
    case 12: multiple(i, h); break;
    case 13:
        if (cond == 15)
            set(i, OP_SVC, 0, 0, 0, h & 255);
        else if (cond != 14)
            conditional(i, pc, cond, pc + 4 + (uint32_t)sext(h & 255, 8) * 2, local);
        break;
    case 14:
        i->it = IT_LAST;
        cpu_decode_branch(i, OP_B, OP_BF, pc, pc + 4 + (uint32_t)sext(h & 0x7ff, 11) * 2, local);
        break;
    default: load_store(i, h);
    }
}

/* --- 32 bit: A5.3.4 --- */
static bool valid_sysm(unsigned m) { return m <= 3 || (m >= 5 && m <= 9) || (m >= 16 && m <= 20); }

static void move_special(struct insn *i, uint32_t w)
{
    unsigned m = w & 255, rd = bits(w, 8, 4), rn = bits(w, 16, 4), mask = bits(w, 10, 2);
    if (!valid_sysm(m))
        return;
    if ((w & 0xfffff000) == 0xf3ef8000) {
        if (rd != 13 && rd != 15)
            set(i, OP_MRS, rd, 0, 0, m);
    } else if ((w & 0xfff0f300) == 0xf3808000 && rn != 13 && rn != 15 && mask && (mask == 2 || m <= 3))
        set(i, OP_MSR, 0, rn, 0, m), i->x = (uint8_t)mask;
}

static void wide_control(struct insn *i, uint32_t w)
{
    static const uint16_t hint[5] = {OP_NOP, OP_NOP, OP_WFE, OP_WFI, OP_SEV};
    unsigned n = w & 255, what = bits(w, 4, 4);
    if ((w & 0xffffff00) == 0xf3af8000)
        set(i, n < 5 ? (enum cpu_op)hint[n] : OP_NOP, 0, 0, 0, 0);
    else if ((w & 0xffffff00) == 0xf3bf8f00) {
        if (what == 2 && (w & 15) == 15)
            set(i, OP_CLREX, 0, 0, 0, 0);
        else if (what >= 4 && what <= 6)
            set(i, OP_NOP, 0, 0, 0, 0);
    } else
        move_special(i, w);
}

static void wide_branch(struct insn *i, uint32_t pc, uint32_t w, bool local)
{
    uint32_t s = bits(w, 26, 1), j1 = bits(w, 13, 1), j2 = bits(w, 11, 1), cond = bits(w, 22, 4);
    if (w & 0x5000) { /* B T4, BL: 25-bit distance */
        uint32_t i1 = 1 ^ j1 ^ s, i2 = 1 ^ j2 ^ s;
        uint32_t d = (uint32_t)sext(s << 24 | i1 << 23 | i2 << 22 | bits(w, 16, 10) << 12 | (w & 0x7ff) << 1, 25);
        i->it = IT_LAST;
        if (!(w & 0x1000))
            return; /* BLX (immediate): no ARM state here */
        if (w & 0x4000)
            set(i, OP_BL, 0, 0, 0, pc + 4 + d);
        else
            cpu_decode_branch(i, OP_B, OP_BF, pc, pc + 4 + d, local);
    } else if (cond < 14)
        conditional(i, pc, cond,
                    pc + 4 + (uint32_t)sext(s << 20 | j2 << 19 | j1 << 18 | bits(w, 16, 6) << 12 | (w & 0x7ff) << 1, 21), local);
    else
        wide_control(i, w);
}

void cpu_decode(struct insn *i, uint32_t pc, uint32_t raw, bool local)
{
    memset(i, 0, sizeof *i);
    i->op = OP_UNDEF;
    i->len = 1;
    if (raw < 0x10000) {
        cpu_decode_narrow(i, pc, raw, local);
        return;
    }
    i->len = 2;
    if (bits(raw, 26, 2) == 3)
        cpu_decode_coproc(i, pc, raw);
    else if (bits(raw, 27, 2) == 2 && (raw & 0x8000))
        wide_branch(i, pc, raw, local);
    else if (bits(raw, 25, 4) == 4 || bits(raw, 25, 4) == 12)
        cpu_decode_memory(i, pc, raw);
    else
        cpu_decode_data(i, pc, raw);
}
