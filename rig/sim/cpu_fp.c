/* SPDX-License-Identifier: GPL-3.0-or-later
 * FPv4-SP instructions: access check and lazy state preservation, arithmetic, transfers (ARM DDI 0403E.e, B1.5.7, A7.7.224 on).
 */
#include "sim/cpu_float.h"
#include "sim/cpu_parts.h"

#define S(n) c->s[n]
#define R(n) c->r[n]
#define NEG(v) ((v) ^ 0x80000000u)

/* CPACR: CP10 and CP11 as set for both; 01 privileged only, 11 everyone */
bool cpu_fp_allowed(const struct cpu *c)
{
    unsigned access = c->cpacr >> 20 & 3;
    return access == 3 || (access == 1 && cpu_privileged(c));
}

/* A fault of lazy preservation belongs to the context that was interrupted: the RDY bits say whether it may be taken (B1.5.7). */
static bool preserve_fault(struct cpu *c, enum access a)
{
    unsigned n = a == ACCESS_MPU ? EXC_MEM : EXC_BUS, ready = a == ACCESS_MPU ? FPCCR_MMRDY : FPCCR_BFRDY;
    c->cfsr |= a == ACCESS_MPU ? CFSR_MLSPERR : CFSR_LSPERR;
    if (c->fpccr & ready)
        cpu_exc_pend(c, n);
    else {
        c->hfsr |= HFSR_FORCED;
        if (!(c->fpccr & FPCCR_HFRDY)) {
            cpu_exc_lockup(c);
            return false;
        }
        cpu_exc_pend(c, EXC_HARD);
    }
    return true;
}

static void preserve(struct cpu *c)
{
    bool priv = !(c->fpccr & FPCCR_USER);
    enum access a = ACCESS_OK;
    for (unsigned k = 0; k < 17 && !a; k++)
        a = cpu_raw_store(c, c->fpcar + 4 * k, 4, priv, k < 16 ? S(k) : c->fpscr);
    c->fpccr &= ~(uint32_t)FPCCR_LSPACT;
    if (a)
        preserve_fault(c, a);
}

bool cpu_fp_ready(struct cpu *c)
{
    if (!cpu_fp_allowed(c)) {
        cpu_exc_raise(c, EXC_USAGE, CFSR_NOCP);
        return false;
    }
    if (c->fpccr & FPCCR_LSPACT)
        preserve(c);
    if ((c->fpccr & FPCCR_ASPEN) && !(c->control & CONTROL_FPCA)) {
        c->fpscr = (c->fpscr & ~0x07c00000u) | (c->fpdscr & 0x07c00000u);
        c->control |= CONTROL_FPCA;
    }
    return true;
}

static void load(struct cpu *c, const struct insn *i, uint32_t at, unsigned n)
{
    uint32_t words[32];
    if (!cpu_load_many(c, at, n, words))
        return;
    for (unsigned k = 0; k < n; k++)
        S(i->rd + k) = words[k];
}

static void memory(struct cpu *c, const struct insn *i)
{
    uint32_t base = i->y ? 0 : R(i->rn), at = base + i->imm;
    if (i->x == FP_VLDR)
        load(c, i, at, i->ra);
    else if (i->x == FP_VSTR)
        cpu_store_many(c, at, i->ra, &S(i->rd));
    else {
        uint32_t moved = i->z & LDM_DB ? base - i->imm : at;
        uint32_t from = i->y ? i->imm : i->z & LDM_DB ? moved : base;
        if (i->x == FP_VLDM)
            load(c, i, from, i->ra);
        else
            cpu_store_many(c, from, i->ra, &S(i->rd));
        if (!c->fault && (i->z & LDM_WBACK))
            R(i->rn) = moved;
    }
}

static void status(struct cpu *c, const struct insn *i)
{
    if (i->x == FP_VMSR)
        c->fpscr = R(i->ra) & FPSCR_VALID;
    else if (i->ra == 15)
        cpu_set_apsr(c, (c->fpscr & 0xf0000000) | c->q << 27, true, false);
    else
        R(i->ra) = c->fpscr;
}

static void transfer(struct cpu *c, const struct insn *i)
{
    switch (i->x) {
    case FP_GET: R(i->ra) = S(i->rn); break;
    case FP_SET: S(i->rn) = R(i->ra); break;
    case FP_GET2:
        R(i->ra) = S(i->rm);
        R(i->rd) = S(i->rm + 1);
        break;
    case FP_SET2:
        S(i->rm) = R(i->ra);
        S(i->rm + 1) = R(i->rd);
        break;
    default: status(c, i);
    }
}

static void half_precision(struct cpu *c, const struct insn *i)
{
    unsigned shift = i->y ? 16 : 0;
    if (i->x == FP_FROM_HALF)
        S(i->rd) = cpu_float_from_half(S(i->rm) >> shift & 0xffff, &c->fpscr);
    else
        S(i->rd) = (S(i->rd) & ~(0xffffu << shift)) | cpu_float_to_half(S(i->rm), &c->fpscr) << shift;
}

static uint32_t from_fixed(struct cpu *c, const struct insn *i)
{
    uint32_t v = S(i->rd);
    if (i->z == 16)
        v = i->y ? v & 0xffff : (uint32_t)(int16_t)v;
    return cpu_float_from_fixed(v, i->y, i->ra, true, &c->fpscr);
}

static uint32_t convert(struct cpu *c, const struct insn *i)
{
    switch (i->x) {
    case FP_FROM_INT: return cpu_float_from_fixed(S(i->rm), i->y, 0, false, &c->fpscr);
    case FP_TO_INT: return cpu_float_to_fixed(S(i->rm), i->y, 0, 32, i->z, &c->fpscr);
    case FP_FROM_FIX: return from_fixed(c, i);
    default: return cpu_float_to_fixed(S(i->rd), i->y, i->ra, i->z, true, &c->fpscr);
    }
}

static uint32_t arithmetic(struct cpu *c, const struct insn *i)
{
    uint32_t d = S(i->rd), n = S(i->rn), m = S(i->rm), p;
    switch (i->x) {
    case FP_VMLA: p = cpu_float_mul(n, m, &c->fpscr); return cpu_float_add(d, p, &c->fpscr);
    case FP_VMLS: p = cpu_float_mul(n, m, &c->fpscr); return cpu_float_add(d, NEG(p), &c->fpscr);
    case FP_VNMLA: p = cpu_float_mul(n, m, &c->fpscr); return cpu_float_add(NEG(d), NEG(p), &c->fpscr);
    case FP_VNMLS: p = cpu_float_mul(n, m, &c->fpscr); return cpu_float_add(NEG(d), p, &c->fpscr);
    case FP_VMUL: return cpu_float_mul(n, m, &c->fpscr);
    case FP_VNMUL: p = cpu_float_mul(n, m, &c->fpscr); return NEG(p);
    case FP_VADD: return cpu_float_add(n, m, &c->fpscr);
    case FP_VSUB: return cpu_float_sub(n, m, &c->fpscr);
    case FP_VDIV: return cpu_float_div(n, m, &c->fpscr);
    case FP_VFMA: return cpu_float_fma(d, n, m, &c->fpscr);
    case FP_VFMS: return cpu_float_fma(d, NEG(n), m, &c->fpscr);
    case FP_VFNMA: return cpu_float_fma(NEG(d), NEG(n), m, &c->fpscr);
    default: return cpu_float_fma(NEG(d), n, m, &c->fpscr);
    }
}

static void unary(struct cpu *c, const struct insn *i)
{
    uint32_t m = S(i->rm);
    switch (i->x) {
    case FP_MOVI: S(i->rd) = i->imm; break;
    case FP_MOVR: S(i->rd) = m; break;
    case FP_ABS: S(i->rd) = m & 0x7fffffff; break;
    case FP_NEG: S(i->rd) = NEG(m); break;
    case FP_SQRT: S(i->rd) = cpu_float_sqrt(m, &c->fpscr); break;
    default: cpu_float_compare(S(i->rd), i->z ? 0 : m, i->y, &c->fpscr);
    }
}

void cpu_fp(struct cpu *c, const struct insn *i)
{
    if (!cpu_fp_ready(c))
        return;
    if (i->x == FP_UNDEF)
        cpu_exc_raise(c, EXC_USAGE, CFSR_UNDEFINSTR);
    else if (i->x >= FP_VLDR)
        memory(c, i);
    else if (i->x >= FP_GET)
        transfer(c, i);
    else if (i->x >= FP_FROM_INT)
        S(i->rd) = convert(c, i);
    else if (i->x == FP_FROM_HALF || i->x == FP_TO_HALF)
        half_precision(c, i);
    else if (i->x >= FP_MOVI)
        unary(c, i);
    else
        S(i->rd) = arithmetic(c, i);
}
