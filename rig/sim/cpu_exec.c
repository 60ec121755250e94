/* SPDX-License-Identifier: GPL-3.0-or-later
 * The interpreter loop: one label per operation, reached by computed goto (GNU C, gcc and clang).
 *
 * Method: ip walks an array of decoded instructions, one entry per halfword of a page. Between two instructions there is one test, the
 * cycle counter against c->limit; whatever wants the loop's attention (a deadline, SysTick, a pending interrupt, an IT block, code that
 * changed) lowers the limit. ip, code and cyc live in registers; OUT saves them before anything that can call back or fault.
 */
#include "sim/cpu_parts.h"

#define R(n) c->r[n]
#define PC_OF(i) (code->base + (uint32_t)((i) - code->insn) * 2)
#define DISPATCH goto *label[ip->op]
#define GO do { if (UNLIKELY(++cyc >= c->limit)) goto boundary; DISPATCH; } while (0)
#define NEXT do { ip += ip->len; GO; } while (0)
#define OUT (c->ip = ip, c->code = code, c->cycles = cyc)
#define IN do { cyc = c->cycles; if (UNLIKELY(c->fault)) goto fault; } while (0)
#define CALLED do { cyc = c->cycles; if (UNLIKELY(c->fault)) goto fault; NEXT; } while (0)

/* Jumps within what is decoded; anything else through lookup. */
#define JUMP(to) do { \
        uint32_t to_ = (to); \
        struct code *code_ = slot[to_ >> PAGE_SHIFT].x; \
        if (UNLIKELY(!code_)) { c->pc = to_; cyc++; goto jumped; } \
        code = code_; \
        ip = &code_->insn[(to_ & PAGE_MASK) >> 1]; \
        GO; \
    } while (0)

#define LOAD(SIZE, ALIGN, GET, TO, ADDR) do { \
        uint32_t a_ = (ADDR), v_; \
        const uint8_t *p_ = slot[a_ >> PAGE_SHIFT].r; \
        if (LIKELY(p_ && !(a_ & (ALIGN)))) v_ = GET(p_ + (a_ & PAGE_MASK)); \
        else { OUT; v_ = cpu_load(c, a_, SIZE, 0); IN; } \
        TO(v_); \
        NEXT; \
    } while (0)
#define STORE(SIZE, ALIGN, PUT, ADDR) do { \
        uint32_t a_ = (ADDR), v_ = R(ip->rd); \
        uint8_t *p_ = slot[a_ >> PAGE_SHIFT].w; \
        if (LIKELY(p_ && !(a_ & (ALIGN)))) PUT(p_ + (a_ & PAGE_MASK), v_); \
        else { OUT; cpu_store(c, a_, SIZE, v_, 0); IN; } \
        NEXT; \
    } while (0)
/* With writeback; x: the base is the address, and moves afterwards */
#define LOAD_WB(SIZE, ALIGN, GET) do { \
        uint32_t moved_ = AT_I, a_ = ip->x ? R(ip->rn) : moved_, v_; \
        const uint8_t *p_ = slot[a_ >> PAGE_SHIFT].r; \
        if (LIKELY(p_ && !(a_ & (ALIGN)))) v_ = GET(p_ + (a_ & PAGE_MASK)); \
        else { OUT; v_ = cpu_load(c, a_, SIZE, 0); IN; } \
        R(ip->rn) = moved_; \
        R(ip->rd) = v_; \
        NEXT; \
    } while (0)
#define STORE_WB(SIZE, ALIGN, PUT) do { \
        uint32_t moved_ = AT_I, a_ = ip->x ? R(ip->rn) : moved_, v_ = R(ip->rd); \
        uint8_t *p_ = slot[a_ >> PAGE_SHIFT].w; \
        if (LIKELY(p_ && !(a_ & (ALIGN)))) PUT(p_ + (a_ & PAGE_MASK), v_); \
        else { OUT; cpu_store(c, a_, SIZE, v_, 0); IN; } \
        R(ip->rn) = moved_; \
        NEXT; \
    } while (0)
#define GET8(p) (*(p))
#define PUT8(p, v) (*(p) = (uint8_t)(v))
#define TO_U(v) (R(ip->rd) = (v))
#define TO_S8(v) (R(ip->rd) = (uint32_t)(int8_t)(v))
#define TO_S16(v) (R(ip->rd) = (uint32_t)(int16_t)(v))
#define AT_I (R(ip->rn) + ip->imm)
#define AT_R (R(ip->rn) + (R(ip->rm) << ip->ra))

static inline uint32_t shift_of(struct cpu *c, uint32_t v, unsigned type, unsigned n)
{
    switch (type) {
    case SHIFT_LSL: return v << n;
    case SHIFT_LSR: return (uint32_t)((uint64_t)v >> n);
    case SHIFT_ASR: return (uint32_t)((int64_t)(int32_t)v >> n);
    case SHIFT_ROR: return ror32(v, n);
    default: return c->fc << 31 | v >> 1;
    }
}

/* Shift_C (A7.4.2): n 1..32, or RRX. LSL by 0 keeps the carry. */
static inline uint32_t shift_c(struct cpu *c, uint32_t v, unsigned type, unsigned n)
{
    uint32_t out = shift_of(c, v, type, n);
    switch (type) {
    case SHIFT_LSL: if (n) c->fc = v >> (32 - n) & 1; break;
    case SHIFT_LSR: case SHIFT_ASR: c->fc = v >> (n - 1) & 1; break;
    case SHIFT_ROR: c->fc = out >> 31; break;
    default: c->fc = v & 1;
    }
    return out;
}

/* Shifts by a register: amounts 0..255 */
static inline uint32_t shift_reg(struct cpu *c, uint32_t v, unsigned type, unsigned n, bool flags)
{
    uint32_t out = v, carry = c->fc;
    if (n) {
        switch (type) {
        case SHIFT_LSL: out = n < 32 ? v << n : 0; carry = n <= 32 ? v >> (32 - n) & 1 : 0; break;
        case SHIFT_LSR: out = n < 32 ? v >> n : 0; carry = n <= 32 ? v >> (n - 1) & 1 : 0; break;
        case SHIFT_ASR: out = (uint32_t)((int32_t)v >> (n < 32 ? n : 31)); carry = n < 32 ? v >> (n - 1) & 1 : v >> 31; break;
        default: out = ror32(v, n); carry = out >> 31;
        }
    }
    if (flags) {
        c->fc = carry;
        c->fn = c->fz = out;
    }
    return out;
}

static inline uint32_t add_flags(struct cpu *c, uint32_t x, uint32_t y, uint32_t carry)
{
    uint64_t sum = (uint64_t)x + y + carry;
    uint32_t v = (uint32_t)sum;
    c->fc = (uint32_t)(sum >> 32);
    c->fv = (x ^ v) & (y ^ v);
    c->fn = c->fz = v;
    return v;
}

static inline uint32_t logic_flags(struct cpu *c, uint32_t v) { return c->fn = c->fz = v; }

static inline bool passes(const struct cpu *c, unsigned cond)
{
    bool n = c->fn >> 31, z = !c->fz, v = c->fv >> 31, yes;
    switch (cond >> 1) {
    case 0: yes = z; break;
    case 1: yes = c->fc; break;
    case 2: yes = n; break;
    case 3: yes = v; break;
    case 4: yes = c->fc && !z; break;
    case 5: yes = n == v; break;
    case 6: yes = n == v && !z; break;
    default: return true;
    }
    return yes != (cond & 1);
}

/* 16-bit encodings do not set flags in an IT block: the operation without flags. 0: stays as it is. */
static const uint16_t quiet[OP_COUNT] = {
    [OP_ADDS_I] = OP_ADD_I, [OP_ADDS_R] = OP_ADD_R, [OP_SUBS_I] = OP_SUB_I, [OP_SUBS_R] = OP_SUB_R, [OP_ADCS_R] = OP_ADC_R,
    [OP_SBCS_R] = OP_SBC_R, [OP_RSBS_I] = OP_RSB_I, [OP_ANDS_R] = OP_AND_R, [OP_EORS_R] = OP_EOR_R, [OP_ORRS_R] = OP_ORR_R,
    [OP_BICS_R] = OP_BIC_R, [OP_MVNS_R] = OP_MVN_R, [OP_MOVS_I] = OP_MOV_I, [OP_LSLS_I] = OP_LSL_I, [OP_LSRS_I] = OP_LSR_I,
    [OP_ASRS_I] = OP_ASR_I, [OP_LSLS_R] = OP_LSL_R, [OP_LSRS_R] = OP_LSR_R, [OP_ASRS_R] = OP_ASR_R, [OP_RORS_R] = OP_ROR_R,
    [OP_MULS] = OP_MUL};

static uint32_t bit_reverse(uint32_t v)
{
    v = (v >> 1 & 0x55555555) | (v & 0x55555555) << 1;
    v = (v >> 2 & 0x33333333) | (v & 0x33333333) << 2;
    v = (v >> 4 & 0x0f0f0f0f) | (v & 0x0f0f0f0f) << 4;
    return __builtin_bswap32(v);
}

/* ADD/SUB with SP as destination: bits 1:0 of SP stay 0. rm 16: the immediate. */
static void sp_arithmetic(struct cpu *c, const struct insn *i)
{
    uint32_t b = i->rm == 16 ? i->imm : R(i->rm) << i->ra, a = R(i->rn);
    uint32_t v = i->x ? a - b : a + b;
    if (i->z)
        add_flags(c, a, i->x ? ~b : b, i->x);
    R(13) = v & ~3u;
}

static uint32_t signed_divide(uint32_t a, uint32_t b)
{
    if (!b)
        return 0;
    if (a == 0x80000000u && b == 0xffffffffu)
        return a;
    return (uint32_t)((int32_t)a / (int32_t)b);
}

/* LDM, POP: loads what the list says; the PC's value goes to *branch. Nothing changes when one of the loads faults. */
static void load_multiple(struct cpu *c, const struct insn *i, uint32_t *branch)
{
    uint32_t words[16], list = i->imm, n = popcount(list), base = R(i->rn), at = i->x & LDM_DB ? base - 4 * n : base;
    if (!cpu_load_many(c, at, n, words))
        return;
    if (i->x & LDM_WBACK)
        R(i->rn) = i->x & LDM_DB ? at : base + 4 * n;
    const uint32_t *w = words;
    for (unsigned k = 0; k < 15; k++)
        if (list >> k & 1)
            R(k) = *w++;
    if (list >> 15)
        *branch = *w;
}

static void store_multiple(struct cpu *c, const struct insn *i)
{
    uint32_t words[16], list = i->imm, n = 0, base = R(i->rn);
    for (unsigned k = 0; k < 15; k++)
        if (list >> k & 1)
            words[n++] = R(k);
    uint32_t at = i->x & LDM_DB ? base - 4 * n : base;
    if (cpu_store_many(c, at, n, words) && (i->x & LDM_WBACK))
        R(i->rn) = i->x & LDM_DB ? at : base + 4 * n;
}

static void dual(struct cpu *c, const struct insn *i, bool load)
{
    uint32_t base = i->x & LDM_LIT ? 0 : R(i->rn), moved = base + i->imm, at = i->x & LDM_POST ? base : moved;
    uint32_t words[2] = {R(i->rd), R(i->ra)};
    if (!(load ? cpu_load_many(c, at, 2, words) : cpu_store_many(c, at, 2, words)))
        return;
    if (i->x & LDM_WBACK)
        R(i->rn) = i->rn == 13 ? moved & ~3u : moved;
    if (load) {
        R(i->rd) = words[0];
        R(i->ra) = words[1];
    }
}

static void exclusive(struct cpu *c, const struct insn *i, bool load)
{
    uint32_t at = R(i->rn) + i->imm;
    if (load) {
        uint32_t v = cpu_load(c, at, i->x, MEM_ALIGNED);
        if (!c->fault) {
            R(i->ra) = v;
            c->monitor = true;
        }
        return;
    }
    if ((at & (i->x - 1u)) || c->monitor) { /* a misaligned one faults whether or not it would store */
        if (!cpu_store(c, at, i->x, R(i->ra), MEM_ALIGNED))
            return;
        R(i->rd) = 0;
    } else
        R(i->rd) = 1;
    c->monitor = false;
}

#define SHAPES(N, EXPR) \
    L_##N##_I: { uint32_t a = R(ip->rn), b = ip->imm; R(ip->rd) = EXPR; NEXT; } \
    L_##N##_R: { uint32_t a = R(ip->rn), b = R(ip->rm); R(ip->rd) = EXPR; NEXT; } \
    L_##N##_LSL: { uint32_t a = R(ip->rn), b = R(ip->rm) << ip->ra; R(ip->rd) = EXPR; NEXT; } \
    L_##N##_LSR: { uint32_t a = R(ip->rn), b = (uint32_t)((uint64_t)R(ip->rm) >> ip->ra); R(ip->rd) = EXPR; NEXT; } \
    L_##N##_ASR: { uint32_t a = R(ip->rn), b = (uint32_t)((int64_t)(int32_t)R(ip->rm) >> ip->ra); R(ip->rd) = EXPR; NEXT; } \
    L_##N##_ROR: { uint32_t a = R(ip->rn), b = ror32(R(ip->rm), ip->ra); R(ip->rd) = EXPR; NEXT; } \
    L_##N##_RRX: { uint32_t a = R(ip->rn), b = c->fc << 31 | R(ip->rm) >> 1; R(ip->rd) = EXPR; NEXT; }
#define LOGICAL(N, EXPR) SHAPES(N, EXPR) \
    L_##N##S_I: { uint32_t a = R(ip->rn), b = ip->imm; if (ip->x) c->fc = b >> 31; R(ip->rd) = logic_flags(c, EXPR); NEXT; } \
    L_##N##S_R: { uint32_t a = R(ip->rn), b = R(ip->rm); R(ip->rd) = logic_flags(c, EXPR); NEXT; } \
    L_##N##S_X: { uint32_t a = R(ip->rn), b = shift_c(c, R(ip->rm), ip->x, ip->ra); R(ip->rd) = logic_flags(c, EXPR); NEXT; }
#define ARITHMETIC(N, EXPR, SUM) SHAPES(N, EXPR) \
    L_##N##S_I: { uint32_t a = R(ip->rn), b = ip->imm; R(ip->rd) = SUM; NEXT; } \
    L_##N##S_R: { uint32_t a = R(ip->rn), b = R(ip->rm); R(ip->rd) = SUM; NEXT; } \
    L_##N##S_X: { uint32_t a = R(ip->rn), b = shift_of(c, R(ip->rm), ip->x, ip->ra); R(ip->rd) = SUM; NEXT; }
#define COMPARE(N, SUM) \
    L_##N##_I: { uint32_t a = R(ip->rn), b = ip->imm; SUM; NEXT; } \
    L_##N##_R: { uint32_t a = R(ip->rn), b = R(ip->rm); SUM; NEXT; } \
    L_##N##_X: { uint32_t a = R(ip->rn), b = shift_of(c, R(ip->rm), ip->x, ip->ra); SUM; NEXT; }
#define TEST(N, EXPR) \
    L_##N##_I: { uint32_t a = R(ip->rn), b = ip->imm; if (ip->x) c->fc = b >> 31; logic_flags(c, EXPR); NEXT; } \
    L_##N##_R: { uint32_t a = R(ip->rn), b = R(ip->rm); logic_flags(c, EXPR); NEXT; } \
    L_##N##_X: { uint32_t a = R(ip->rn), b = shift_c(c, R(ip->rm), ip->x, ip->ra); logic_flags(c, EXPR); NEXT; }
#define SHIFT(N, TYPE) \
    L_##N##_I: R(ip->rd) = shift_of(c, R(ip->rm), TYPE, ip->imm); NEXT; \
    L_##N##S_I: R(ip->rd) = logic_flags(c, shift_c(c, R(ip->rm), TYPE, ip->imm)); NEXT; \
    L_##N##_R: R(ip->rd) = shift_reg(c, R(ip->rn), TYPE, R(ip->rm) & 255, false); NEXT; \
    L_##N##S_R: R(ip->rd) = shift_reg(c, R(ip->rn), TYPE, R(ip->rm) & 255, true); NEXT;
#define BRANCH_IF(N, COND) L_B##N: if (COND) ip += (int32_t)ip->imm; else ip += ip->len; GO;
#define EXTEND(N, TYPE) \
    L_##N: { uint32_t v = (uint32_t)(TYPE)ror32(R(ip->rm), ip->ra); R(ip->rd) = ip->rn == 15 ? v : v + R(ip->rn); NEXT; }
#define N_SET (c->fn >> 31)
#define V_SET (c->fv >> 31)
#define CPU_OP_LABEL(N) &&L_##N,

/* Runs until there is a reason to stop; c->pc is the next instruction's address before and after. */
/* NOLINTNEXTLINE(readability-function-size): the one large, regular dispatch that HOUSE-STYLE allows */
enum cpu_why cpu_exec(struct cpu *c)
{
    /* cppcheck-suppress syntaxError; the address of a label is GNU C */
    static const void *const label[OP_COUNT] = {CPU_OPS(CPU_OP_LABEL)};
    struct slot *const slot = c->slot;
    struct code *code;
    struct insn *ip;
    uint64_t cyc, value;
    uint32_t target;
    int why;

resume: /* c holds everything */
    c->ip = NULL;
    why = cpu_exc_boundary(c);
    if (why >= 0)
        return (enum cpu_why)why;
lookup:
    c->ip = NULL;
    code = slot[c->pc >> PAGE_SHIFT].x;
    if (LIKELY(code != NULL))
        ip = &code->insn[(c->pc & PAGE_MASK) >> 1];
    else {
        code = cpu_code_at(c, &ip);
        if (!code)
            goto fetch_fault;
        if ((c->attn & ATTN_EXC) && cpu_exc_preempts(c)) /* raised by the fetch itself */
            goto resume;
    }
    cyc = c->cycles;
    if (c->it)
        goto it_step;
    DISPATCH;

jumped: /* c->pc is set */
    c->cycles = cyc;
    c->it = c->it_next;
    if (cyc >= c->limit)
        goto resume;
    goto lookup;

boundary: /* ip is the next instruction, and something wants attention */
    c->it = c->it_next;
    c->ip = NULL;
    if (c->attn || cyc >= c->deadline || cyc >= c->st_due) {
        c->cycles = cyc;
        c->pc = PC_OF(ip);
        goto resume;
    }
    if (!c->it) {
        c->limit = c->deadline < c->st_due ? c->deadline : c->st_due;
        DISPATCH;
    }
it_step:
    if (ip->op == OP_DECODE && !cpu_code_decode(c, code, ip)) {
        c->pc = PC_OF(ip);
        c->cycles = cyc;
        if (!(code = cpu_code_once(c, &ip)))
            goto fetch_fault;
        cyc = c->cycles;
    }
    if (ip->op == OP_PAGE_END) {
        c->pc = PC_OF(ip);
        c->cycles = cyc;
        goto lookup;
    }
    c->it_next = (c->it & 7) ? (uint8_t)((c->it & 0xe0) | (c->it << 1 & 0x1f)) : 0;
    c->limit = 0;
    if (ip->it == IT_NEVER || (ip->it == IT_LAST && c->it_next))
        goto L_UNDEF;
    if (!passes(c, c->it >> 4) && ip->op != OP_BKPT)
        NEXT;
    goto *label[ip->len == 1 && quiet[ip->op] ? quiet[ip->op] : ip->op];

fault: /* the instruction at ip did not complete */
    c->pc = PC_OF(ip);
fetch_fault:
    c->ip = NULL;
    cpu_exc_fault(c, c->pc);
    goto resume;

L_DECODE:
    if (LIKELY(cpu_code_decode(c, code, ip)))
        DISPATCH;
    c->pc = PC_OF(ip);
    c->cycles = cyc;
    c->ip = NULL;
    if (!(code = cpu_code_once(c, &ip)))
        goto fetch_fault;
    cyc = c->cycles;
    DISPATCH;
L_PAGE_END:
    c->pc = PC_OF(ip);
    c->cycles = cyc;
    goto lookup;
L_UNDEF:
    OUT;
    cpu_exc_raise(c, EXC_USAGE, CFSR_UNDEFINSTR);
    goto fault;
L_NOCP:
    OUT;
    cpu_exc_raise(c, EXC_USAGE, CFSR_NOCP);
    goto fault;

    LOGICAL(AND, a & b)
    LOGICAL(BIC, a & ~b)
    LOGICAL(ORR, a | b)
    LOGICAL(ORN, a | ~b)
    LOGICAL(EOR, a ^ b)
    ARITHMETIC(ADD, a + b, add_flags(c, a, b, 0))
    ARITHMETIC(ADC, a + b + c->fc, add_flags(c, a, b, c->fc))
    ARITHMETIC(SUB, a - b, add_flags(c, a, ~b, 1))
    ARITHMETIC(SBC, a + ~b + c->fc, add_flags(c, a, ~b, c->fc))
    ARITHMETIC(RSB, b - a, add_flags(c, b, ~a, 1))
    COMPARE(CMP, add_flags(c, a, ~b, 1))
    COMPARE(CMN, add_flags(c, a, b, 0))
    TEST(TST, a & b)
    TEST(TEQ, a ^ b)
    SHIFT(LSL, SHIFT_LSL)
    SHIFT(LSR, SHIFT_LSR)
    SHIFT(ASR, SHIFT_ASR)
    SHIFT(ROR, SHIFT_ROR)
    EXTEND(SXTB, int8_t)
    EXTEND(SXTH, int16_t)
    EXTEND(UXTB, uint8_t)
    EXTEND(UXTH, uint16_t)
L_MOV_I: R(ip->rd) = ip->imm; NEXT;
L_MOVS_I: if (ip->x) c->fc = ip->imm >> 31; R(ip->rd) = logic_flags(c, ip->imm); NEXT;
L_MOV_R: R(ip->rd) = R(ip->rm); NEXT;
L_MOVS_R: R(ip->rd) = logic_flags(c, R(ip->rm)); NEXT;
L_MVN_I: R(ip->rd) = ~ip->imm; NEXT;
L_MVNS_I: if (ip->x) c->fc = ip->imm >> 31; R(ip->rd) = logic_flags(c, ~ip->imm); NEXT;
L_MVN_R: R(ip->rd) = ~R(ip->rm); NEXT;
L_MVNS_R: R(ip->rd) = logic_flags(c, ~R(ip->rm)); NEXT;
L_MVN_X: R(ip->rd) = ~shift_of(c, R(ip->rm), ip->x, ip->ra); NEXT;
L_MVNS_X: R(ip->rd) = logic_flags(c, ~shift_c(c, R(ip->rm), ip->x, ip->ra)); NEXT;
L_RRX: R(ip->rd) = shift_of(c, R(ip->rm), SHIFT_RRX, 1); NEXT;
L_RRXS: R(ip->rd) = logic_flags(c, shift_c(c, R(ip->rm), SHIFT_RRX, 1)); NEXT;
L_MOVT: R(ip->rd) = (R(ip->rd) & 0xffff) | ip->imm << 16; NEXT;
L_SP_ALU: sp_arithmetic(c, ip); NEXT;
L_MOV_SP: R(13) = R(ip->rm) & ~3u; NEXT;
L_ADD_PC: JUMP((R(ip->rm) + ip->imm) & ~1u);
L_MOV_PC: JUMP((ip->rm == 15 ? ip->imm : R(ip->rm)) & ~1u);
L_MUL: R(ip->rd) = R(ip->rn) * R(ip->rm); NEXT;
L_MULS: R(ip->rd) = logic_flags(c, R(ip->rn) * R(ip->rm)); NEXT;
L_MLA: R(ip->rd) = R(ip->rn) * R(ip->rm) + R(ip->ra); NEXT;
L_MLS: R(ip->rd) = R(ip->ra) - R(ip->rn) * R(ip->rm); NEXT;
L_UMULL: value = (uint64_t)R(ip->rn) * R(ip->rm); goto long_result;
L_SMULL: value = (uint64_t)((int64_t)(int32_t)R(ip->rn) * (int32_t)R(ip->rm)); goto long_result;
L_UMLAL: value = ((uint64_t)R(ip->ra) << 32 | R(ip->rd)) + (uint64_t)R(ip->rn) * R(ip->rm); goto long_result;
L_SMLAL:
    value = ((uint64_t)R(ip->ra) << 32 | R(ip->rd)) + (uint64_t)((int64_t)(int32_t)R(ip->rn) * (int32_t)R(ip->rm));
long_result: R(ip->rd) = (uint32_t)value; R(ip->ra) = (uint32_t)(value >> 32); NEXT;
L_UDIV:
    if (UNLIKELY(!R(ip->rm))) { OUT; if (cpu_divide_by_zero(c)) goto fault; }
    R(ip->rd) = R(ip->rm) ? R(ip->rn) / R(ip->rm) : 0; NEXT;
L_SDIV:
    if (UNLIKELY(!R(ip->rm))) { OUT; if (cpu_divide_by_zero(c)) goto fault; }
    R(ip->rd) = signed_divide(R(ip->rn), R(ip->rm)); NEXT;
L_BFI: R(ip->rd) = (R(ip->rd) & ~ip->imm) | (ip->rn == 15 ? 0 : R(ip->rn) << ip->ra & ip->imm); NEXT;
L_SBFX: R(ip->rd) = (uint32_t)((int32_t)(R(ip->rn) << (ip->x - ip->ra)) >> ip->x); NEXT;
L_UBFX: R(ip->rd) = R(ip->rn) << (ip->x - ip->ra) >> ip->x; NEXT;
L_CLZ: R(ip->rd) = R(ip->rm) ? (uint32_t)__builtin_clz(R(ip->rm)) : 32; NEXT;
L_RBIT: R(ip->rd) = bit_reverse(R(ip->rm)); NEXT;
L_REV: R(ip->rd) = __builtin_bswap32(R(ip->rm)); NEXT;
L_REV16: R(ip->rd) = (R(ip->rm) >> 8 & 0x00ff00ff) | (R(ip->rm) & 0x00ff00ff) << 8; NEXT;
L_REVSH: R(ip->rd) = (uint32_t)(int16_t)((R(ip->rm) >> 8 & 255) | (R(ip->rm) & 255) << 8); NEXT;
L_DSP: cpu_dsp(c, ip); NEXT;

L_LDR_I: LOAD(4, 3, le32, TO_U, AT_I);
L_LDRB_I: LOAD(1, 0, GET8, TO_U, AT_I);
L_LDRH_I: LOAD(2, 1, le16, TO_U, AT_I);
L_LDRSB_I: LOAD(1, 0, GET8, TO_S8, AT_I);
L_LDRSH_I: LOAD(2, 1, le16, TO_S16, AT_I);
L_LDR_R: LOAD(4, 3, le32, TO_U, AT_R);
L_LDRB_R: LOAD(1, 0, GET8, TO_U, AT_R);
L_LDRH_R: LOAD(2, 1, le16, TO_U, AT_R);
L_LDRSB_R: LOAD(1, 0, GET8, TO_S8, AT_R);
L_LDRSH_R: LOAD(2, 1, le16, TO_S16, AT_R);
L_LDR_LIT: LOAD(4, 3, le32, TO_U, ip->imm);
L_STR_I: STORE(4, 3, put32, AT_I);
L_STRB_I: STORE(1, 0, PUT8, AT_I);
L_STRH_I: STORE(2, 1, put16, AT_I);
L_STR_R: STORE(4, 3, put32, AT_R);
L_STRB_R: STORE(1, 0, PUT8, AT_R);
L_STRH_R: STORE(2, 1, put16, AT_R);
L_LDR_WB: LOAD_WB(4, 3, le32);
L_LDRB_WB: LOAD_WB(1, 0, GET8);
L_LDRH_WB: LOAD_WB(2, 1, le16);
L_STR_WB: STORE_WB(4, 3, put32);
L_STRB_WB: STORE_WB(1, 0, PUT8);
L_STRH_WB: STORE_WB(2, 1, put16);
L_LDX:
    OUT;
    cpu_extended_load(c, ip, &target);
    IN;
    if (ip->rd != 15)
        NEXT;
    goto interwork;
L_STX: OUT; cpu_extended_store(c, ip); CALLED;
L_LDRD: OUT; dual(c, ip, true); CALLED;
L_STRD: OUT; dual(c, ip, false); CALLED;
L_LDM:
    OUT;
    load_multiple(c, ip, &target);
    IN;
    if (!(ip->imm >> 15))
        NEXT;
    goto interwork;
L_STM: OUT; store_multiple(c, ip); CALLED;
L_LDREX: OUT; exclusive(c, ip, true); CALLED;
L_STREX: OUT; exclusive(c, ip, false); CALLED;
L_CLREX: c->monitor = false; NEXT;
L_TBB:
    OUT;
    target = PC_OF(ip) + 4;
    target += 2 * cpu_load(c, (ip->rn == 15 ? target : R(ip->rn)) + R(ip->rm), 1, 0);
    IN;
    JUMP(target);
L_TBH:
    OUT;
    target = PC_OF(ip) + 4;
    target += 2 * cpu_load(c, (ip->rn == 15 ? target : R(ip->rn)) + 2 * R(ip->rm), 2, 0);
    IN;
    JUMP(target);

L_B: ip += (int32_t)ip->imm; GO;
L_BF: JUMP(ip->imm);
L_BL: R(14) = PC_OF(ip) + 5; JUMP(ip->imm);
L_BLX:
    target = R(ip->rm);
    R(14) = (PC_OF(ip) + 2) | 1;
    if (LIKELY(target & 1))
        JUMP(target & ~1u);
    goto leave_thumb;
L_BX:
    target = ip->rm == 15 ? ip->imm : R(ip->rm);
interwork: /* BXWritePC: a branch, an exception return, or out of Thumb state */
    if (UNLIKELY(target >> 28 == 15 && c->ipsr)) {
        OUT;
        c->pc = PC_OF(ip);
        c->ip = NULL;
        c->cycles++;
        cpu_exc_return(c, target);
        goto resume;
    }
    if (LIKELY(target & 1))
        JUMP(target & ~1u);
leave_thumb: /* the INVSTATE fault belongs to the instruction jumped to */
    c->thumb = false;
    cpu_attend(c, ATTN_EXC);
    c->pc = target & ~1u;
    cyc++;
    goto jumped;
    BRANCH_IF(EQ, !c->fz)
    BRANCH_IF(NE, c->fz)
    BRANCH_IF(CS, c->fc)
    BRANCH_IF(CC, !c->fc)
    BRANCH_IF(MI, N_SET)
    BRANCH_IF(PL, !N_SET)
    BRANCH_IF(VS, V_SET)
    BRANCH_IF(VC, !V_SET)
    BRANCH_IF(HI, c->fc && c->fz)
    BRANCH_IF(LS, !(c->fc && c->fz))
    BRANCH_IF(GE, N_SET == V_SET)
    BRANCH_IF(LT, N_SET != V_SET)
    BRANCH_IF(GT, N_SET == V_SET && c->fz)
    BRANCH_IF(LE, !(N_SET == V_SET && c->fz))
L_BCF:
    if (!passes(c, ip->x))
        NEXT;
    JUMP(ip->imm);
L_CBZ: if (!R(ip->rn)) ip += (int32_t)ip->imm; else ip += ip->len; GO;
L_CBNZ: if (R(ip->rn)) ip += (int32_t)ip->imm; else ip += ip->len; GO;
L_CBF:
    if ((R(ip->rn) != 0) != ip->x)
        NEXT;
    JUMP(ip->imm);
L_IT:
    c->it_next = (uint8_t)ip->imm;
    c->limit = 0;
    NEXT;
L_NOP: NEXT;
L_SEV: c->event = true; NEXT;
L_WFI: c->sleeping = true; c->sleep_event = false; cpu_attend(c, ATTN_TIME); NEXT;
L_WFE:
    if (c->event)
        c->event = false;
    else {
        c->sleeping = c->sleep_event = true;
        cpu_attend(c, ATTN_TIME);
    }
    NEXT;
L_CPS: OUT; cpu_cps(c, ip); CALLED;
L_MRS: cpu_mrs(c, ip); NEXT;
L_MSR: OUT; cpu_msr(c, ip); CALLED;
L_SVC:
    OUT;
    c->cycles++;
    c->ip = NULL;
    cpu_exc_sync_call(c, EXC_SVC, PC_OF(ip) + 2);
    goto resume;
L_BKPT:
    OUT;
    c->pc = PC_OF(ip);
    c->ip = NULL;
    if (!c->bkpt_told && !(c->demcr & 1 << 16)) {
        c->bkpt_told = true;
        c->it_next = c->it;
        return CPU_BKPT;
    }
    c->bkpt_told = false;
    c->it_next = c->it; /* it returns to itself */
    cpu_exc_sync_call(c, EXC_DEBUG, c->pc);
    goto resume;
L_FP: OUT; cpu_fp(c, ip); CALLED;
}
