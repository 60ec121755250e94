/* SPDX-License-Identifier: GPL-3.0-or-later
 * Decoder, part 2: 32-bit loads and stores (ARM DDI 0403E.e, A5.3.5 to A5.3.10).
 */
#include "sim/cpu_ops.h"

static bool special(unsigned r) { return r == 13 || r == 15; }

/* A5.3.5: LDM, STM, LDMDB, STMDB */
static void multiple(struct insn *i, uint32_t w)
{
    unsigned rn = bits(w, 16, 4), which = bits(w, 23, 2);
    uint32_t list = w & 0xffff;
    bool load = bits(w, 20, 1), wback = bits(w, 21, 1);
    if ((which != 1 && which != 2) || rn == 15 || popcount(list) < 2 || (list & 0x2000))
        return;
    if ((wback && (list >> rn & 1)) || (load ? list >> 14 == 3 : list >> 15))
        return;
    i->op = load ? OP_LDM : OP_STM;
    i->rn = (uint8_t)rn;
    i->imm = list;
    i->x = (uint8_t)((wback ? LDM_WBACK : 0) | (which == 2 ? LDM_DB : 0));
    i->it = load && list >> 15 ? IT_LAST : IT_ANY;
}

/* A5.3.6: LDRD, STRD */
static void dual(struct insn *i, uint32_t pc, uint32_t w)
{
    unsigned rn = bits(w, 16, 4), rt = bits(w, 12, 4), rt2 = bits(w, 8, 4);
    bool load = bits(w, 20, 1), wback = bits(w, 21, 1), pre = bits(w, 24, 1), up = bits(w, 23, 1);
    uint32_t offset = (w & 255) * 4;
    if (special(rt) || special(rt2) || (wback && (rn == rt || rn == rt2)) || (load && rt == rt2) || (rn == 15 && (!load || wback)))
        return;
    i->op = load ? OP_LDRD : OP_STRD;
    i->rd = (uint8_t)rt;
    i->ra = (uint8_t)rt2;
    i->rn = (uint8_t)rn;
    i->imm = up ? offset : 0u - offset;
    i->x = (uint8_t)((wback ? LDM_WBACK : 0) | (pre ? 0 : LDM_POST));
    if (rn == 15) {
        i->x |= LDM_LIT;
        i->imm += (pc + 4) & ~3u;
    }
}

static void exclusive_small(struct insn *i, uint32_t w, bool load)
{
    unsigned rn = bits(w, 16, 4), rt = bits(w, 12, 4), rd = w & 15, what = bits(w, 4, 4);
    if (what == 0 || what == 1) { /* TBB, TBH */
        if (load && (w & 0xff00) == 0xf000 && rn != 13 && !special(rd)) {
            i->op = what ? OP_TBH : OP_TBB;
            i->rn = (uint8_t)rn;
            i->rm = (uint8_t)rd;
            i->imm = 0;
            i->it = IT_LAST;
        }
        return;
    }
    if ((what != 4 && what != 5) || (w & 0xf00) != 0xf00 || special(rt) || rn == 15)
        return;
    if (load ? rd != 15 : special(rd) || rd == rn || rd == rt)
        return;
    i->op = load ? OP_LDREX : OP_STREX;
    i->rd = (uint8_t)rd;
    i->ra = (uint8_t)rt;
    i->rn = (uint8_t)rn;
    i->x = what == 4 ? 1 : 2;
}

static void exclusive_word(struct insn *i, uint32_t w, bool load)
{
    unsigned rn = bits(w, 16, 4), rt = bits(w, 12, 4), rd = bits(w, 8, 4);
    if (special(rt) || rn == 15 || (load ? rd != 15 : special(rd) || rd == rn || rd == rt))
        return;
    i->op = load ? OP_LDREX : OP_STREX;
    i->rd = (uint8_t)rd;
    i->ra = (uint8_t)rt;
    i->rn = (uint8_t)rn;
    i->x = 4;
    i->imm = (w & 255) * 4;
}

static void dual_or_exclusive(struct insn *i, uint32_t pc, uint32_t w)
{
    bool load = bits(w, 20, 1);
    if (bits(w, 24, 1) || bits(w, 21, 1))
        dual(i, pc, w);
    else if (bits(w, 23, 1))
        exclusive_small(i, w, load);
    else
        exclusive_word(i, w, load);
}

/* Everything single-register that is not a plain offset: LDX, STX. */
static void extended(struct insn *i, unsigned x, unsigned rt, unsigned rn, uint32_t imm, bool load)
{
    i->op = load ? OP_LDX : OP_STX;
    i->x = (uint8_t)x;
    i->rd = (uint8_t)rt;
    i->rn = (uint8_t)rn;
    i->imm = imm;
    if (load && rt == 15)
        i->it = IT_LAST;
}

/* The quick forms exist for ordinary registers: low half plain offset, high half register offset. */
static void plain(struct insn *i, unsigned size, bool sign, unsigned rt, unsigned rn, uint32_t imm, bool load)
{
    static const uint16_t loads[2][3] = {{OP_LDR_I, OP_LDRB_I, OP_LDRH_I}, {OP_UNDEF, OP_LDRSB_I, OP_LDRSH_I}};
    static const uint16_t stores[3] = {OP_STR_I, OP_STRB_I, OP_STRH_I};
    if (load && special(rt)) {
        extended(i, size, rt, rn, imm, load);
        return;
    }
    i->op = load ? loads[sign][size] : stores[size];
    i->rd = (uint8_t)rt;
    i->rn = (uint8_t)rn;
    i->imm = imm;
}

static void with_register(struct insn *i, uint32_t w, unsigned size, bool sign, bool load)
{
    static const uint16_t loads[2][3] = {{OP_LDR_R, OP_LDRB_R, OP_LDRH_R}, {OP_UNDEF, OP_LDRSB_R, OP_LDRSH_R}};
    static const uint16_t stores[3] = {OP_STR_R, OP_STRB_R, OP_STRH_R};
    unsigned rt = bits(w, 12, 4), rm = w & 15;
    if (special(rm))
        return;
    if (load && special(rt))
        extended(i, size | MEM_REG, rt, bits(w, 16, 4), 0, load);
    else {
        i->op = load ? loads[sign][size] : stores[size];
        i->rd = (uint8_t)rt;
        i->rn = (uint8_t)bits(w, 16, 4);
    }
    i->rm = (uint8_t)rm;
    i->ra = (uint8_t)bits(w, 4, 2);
}

/* Forms with an 8-bit offset: P, U, W in bits 10, 9, 8. */
static void with_imm8(struct insn *i, uint32_t w, unsigned size, bool sign, bool load)
{
    unsigned rt = bits(w, 12, 4), rn = bits(w, 16, 4), puw = bits(w, 8, 3), x = size | (sign ? MEM_SIGNED : 0u);
    uint32_t offset = puw & 2 ? w & 255 : 0u - (w & 255);
    if (puw == 0 || puw == 2)
        return;
    if (puw == 4)
        plain(i, size, sign, rt, rn, offset, load);
    else if (puw == 6) {
        if (!special(rt))
            extended(i, x | MEM_UNPRIV, rt, rn, offset, load);
    } else if (rn != rt && !special(rt) && rn != 13 && !sign) {
        static const uint16_t quick[2][3] = {{OP_STR_WB, OP_STRB_WB, OP_STRH_WB}, {OP_LDR_WB, OP_LDRB_WB, OP_LDRH_WB}};
        extended(i, !(puw & 4), rt, rn, offset, load); /* x: post-indexed */
        i->op = quick[load][size];
    } else if (rn != rt && (size == MEM_WORD || !special(rt)))
        extended(i, x | MEM_WBACK | (puw & 4 ? 0 : MEM_POST), rt, rn, offset, load);
}

/* A5.3.10 */
static void store_single(struct insn *i, uint32_t w)
{
    static const uint8_t sizes[4] = {MEM_BYTE, MEM_HALF, MEM_WORD, 3};
    unsigned size = sizes[bits(w, 21, 2)], rt = bits(w, 12, 4), rn = bits(w, 16, 4);
    if (size == 3 || rn == 15 || rt == 15 || (rt == 13 && size != MEM_WORD))
        return;
    if (w & 0x800000)
        plain(i, size, false, rt, rn, w & 0xfff, false);
    else if (w & 0x800)
        with_imm8(i, w, size, false, false);
    else if (!(w & 0xfc0))
        with_register(i, w, size, false, false);
}

/* Preload hints do nothing, but their encodings must be sound. */
static bool is_hint(struct insn *i, uint32_t w, unsigned size)
{
    if (size == MEM_WORD || bits(w, 12, 4) != 15)
        return false;
    bool literal = bits(w, 16, 4) == 15, imm12 = bits(w, 23, 1), negative = bits(w, 8, 4) == 12;
    bool reg = !(w & 0xfc0) && !special(w & 15);
    if (literal || imm12 || negative || reg)
        i->op = OP_NOP;
    return true;
}

/* A5.3.7 to A5.3.9 */
static void load_single(struct insn *i, uint32_t pc, uint32_t w)
{
    static const uint8_t sizes[4] = {MEM_BYTE, MEM_HALF, MEM_WORD, 3};
    unsigned size = sizes[bits(w, 21, 2)], rt = bits(w, 12, 4), rn = bits(w, 16, 4);
    bool sign = bits(w, 24, 1);
    if (size == 3 || (sign && size == MEM_WORD) || is_hint(i, w, size) || (rt == 13 && size != MEM_WORD))
        return;
    if (rn == 15) {
        uint32_t at = ((pc + 4) & ~3u) + (w & 0x800000 ? w & 0xfff : 0u - (w & 0xfff));
        if (size == MEM_WORD && !special(rt)) {
            i->op = OP_LDR_LIT;
            i->rd = (uint8_t)rt;
            i->imm = at;
        } else
            extended(i, size | (sign ? MEM_SIGNED : 0u) | MEM_LIT, rt, 0, at, true);
    } else if (w & 0x800000)
        plain(i, size, sign, rt, rn, w & 0xfff, true);
    else if (w & 0x800)
        with_imm8(i, w, size, sign, true);
    else if (!(w & 0xfc0))
        with_register(i, w, size, sign, true);
}

void cpu_decode_memory(struct insn *i, uint32_t pc, uint32_t w)
{
    if (bits(w, 27, 2) == 1) {
        if (bits(w, 22, 1))
            dual_or_exclusive(i, pc, w);
        else
            multiple(i, w);
    } else if (!bits(w, 20, 1)) {
        if (!bits(w, 24, 1))
            store_single(i, w);
    } else
        load_single(i, pc, w);
}
