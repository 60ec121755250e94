/* SPDX-License-Identifier: GPL-3.0-or-later
 * One case of the differential fuzz (oracle_case.h): places the instruction, draws a state, runs both sides, compares.
 */
#include "tests/oracle_case.h"
#include "sim/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Code and data lie where nothing else is; cases stand in the middle of the code. */
enum { CODE = 0x08000000, CODE_SIZE = 0x10000, SLOT = CODE + 0x8000, DATA = 0x20000000, DATA_SIZE = 0x4000, MIDDLE = DATA + DATA_SIZE / 2 };

struct bench {
    struct cpu *cpu;
    struct oracle *oracle;
    uint8_t *code, *pristine, *ours, *theirs;
    unsigned exception, asked; /* of this case; cases the present oracle has seen */
};

/* --- the core's surroundings: nothing but code and data --- */
static enum cpu_bus no_load(void *ctx, uint32_t addr, unsigned size, uint32_t *value)
{
    (void)ctx, (void)addr, (void)size, (void)value;
    return CPU_BUS_ERROR;
}
static enum cpu_bus no_store(void *ctx, uint32_t addr, unsigned size, uint32_t value)
{
    (void)ctx, (void)addr, (void)size, (void)value;
    return CPU_BUS_ERROR;
}
static enum cpu_bus no_fetch(void *ctx, uint32_t addr, uint16_t *halfword)
{
    (void)ctx, (void)addr, (void)halfword;
    return CPU_BUS_ERROR;
}
static void on_exception(void *ctx, unsigned number, uint32_t pc)
{
    (void)pc;
    struct bench *b = ctx;
    if (!b->exception)
        b->exception = number;
}

static const struct cpu_bus_ops ops = {no_load, no_store, no_fetch};
static const struct cpu_hooks hooks = {on_exception, NULL};

static void fill_memories(struct bench *b)
{
    struct rng r;
    rng_seed(&r, 4711, 0);
    for (uint32_t k = 0; k < CODE_SIZE; k++)
        b->code[k] = (uint8_t)rng_u64(&r);
    for (uint32_t k = 0; k < DATA_SIZE; k++)
        b->pristine[k] = (uint8_t)rng_u64(&r);
    for (unsigned k = 0; k < 64; k++) { /* vectors: all to one place */
        uint32_t v = k ? CODE + 0x401 : MIDDLE;
        memcpy(b->code + 4 * k, &v, 4);
    }
    memcpy(b->ours, b->pristine, DATA_SIZE);
    memcpy(b->theirs, b->pristine, DATA_SIZE);
}

static void reset(struct bench *b)
{
    cpu_reset(b->cpu, CODE);
    cpu_set_special(b->cpu, CPU_CPACR, 0x00f00000);
}

/* The oracle crashes in its own bookkeeping of translated code after some three million changes of code: a new one in time. */
enum { ORACLE_LIFE = 1 << 19 };

static void renew_oracle(struct bench *b)
{
    static const uint8_t warm[6] = {0xb0, 0xee, 0x40, 0x0a, 0xfe, 0xe7}; /* VMOV S0, S0: the FP state is in use from here on */
    uint8_t kept[sizeof warm];
    memcpy(kept, b->code + (SLOT - CODE), sizeof kept);
    memcpy(b->code + (SLOT - CODE), warm, sizeof warm);
    oracle_free(b->oracle);
    b->oracle = oracle_new();
    b->asked = 0;
    oracle_map(b->oracle, CODE, CODE_SIZE, b->code, false);
    oracle_map(b->oracle, DATA, DATA_SIZE, b->theirs, true);
    if (oracle_step(b->oracle, SLOT, 1) != ORACLE_OK)
        abort();
    memcpy(b->code + (SLOT - CODE), kept, sizeof kept);
}

struct bench *bench_new(void)
{
    struct bench *b = calloc(1, sizeof *b);
    uint8_t *room = b ? aligned_alloc(4096, CODE_SIZE + 3 * DATA_SIZE) : NULL;
    if (!room)
        abort();
    b->code = room;
    b->pristine = room + CODE_SIZE;
    b->ours = b->pristine + DATA_SIZE;
    b->theirs = b->ours + DATA_SIZE;
    fill_memories(b);
    b->cpu = cpu_new(&ops, &hooks, b, 82, 4);
    if (!b->cpu)
        abort();
    cpu_map(b->cpu, CODE, CODE_SIZE, b->code, CPU_MAP_R | CPU_MAP_X);
    cpu_map(b->cpu, DATA, DATA_SIZE, b->ours, CPU_MAP_R | CPU_MAP_W | CPU_MAP_X);
    renew_oracle(b);
    reset(b);
    return b;
}

void bench_free(struct bench *b)
{
    if (!b)
        return;
    cpu_free(b->cpu);
    oracle_free(b->oracle);
    free(b->code);
    free(b);
}

/* --- drawing --- */
static bool branches(const struct encoding *e)
{
    if (!(e->c->flags & CLASS_BRANCH))
        return false;
    if (encoding_has(e, 'l'))
        return encoding_wide(e->c) ? e->bits >> 15 & 1 : e->bits >> 8 & 1;
    if (encoding_has(e, 't'))
        return encoding_field(e, 't') == 15;
    return !encoding_has(e, 'd') || encoding_field(e, 'd') == 15;
}

static void emit(struct trial *t, uint32_t bits, bool wide)
{
    if (wide)
        t->code[t->halfwords++] = (uint16_t)(bits >> 16);
    t->code[t->halfwords++] = (uint16_t)bits;
    t->instructions++;
}

static void maybe_it(struct trial *t, struct rng *r)
{
    bool last = branches(&t->e), never = t->e.c->flags & CLASS_NO_IT;
    if (rng_below(r, 4) || (never && rng_below(r, 8)))
        return;
    uint32_t cond = (uint32_t)rng_below(r, 15), mask = 1 + (uint32_t)rng_below(r, 15);
    if (cond == 14)
        mask = 1u << rng_below(r, 4);
    if (last && rng_below(r, 8))
        mask = 8;
    t->in_it = true;
    t->refused = never || (last && mask != 8);
    emit(t, 0xbf00 | cond << 4 | mask, false);
}

/* STREX succeeds after LDREX of the same address, of the same size, and fails after CLREX. */
static void monitor_state(struct trial *t, struct rng *r)
{
    uint32_t n = encoding_field(&t->e, 'n'), word = 0xe8500f00, small = 0xe8d00f0f;
    bool byte = !strcmp(t->e.c->name, "strexb"), half = !strcmp(t->e.c->name, "strexh");
    uint32_t rt = encoding_field(&t->e, 't') == 0 || n == 0 ? 1 : 0; /* loaded: neither address nor data */
    rt = rt == encoding_field(&t->e, 't') || rt == n ? 2 : rt;
    if (rng_below(r, 3))
        emit(t, byte || half ? small | n << 16 | rt << 12 | (half ? 0x50 : 0x40) : word | n << 16 | rt << 12 | (t->e.bits & 255), true);
    else
        emit(t, 0xf3bf8f2f, true);
}

void trial_place(struct trial *t, struct rng *r)
{
    t->at = SLOT + 2 * (uint32_t)rng_below(r, 8);
    t->refused = encoding_check(&t->e) == 1;
    if (t->e.c->flags & CLASS_EXCL && t->e.c->flags & CLASS_STORE && !t->refused)
        monitor_state(t, r);
    else if (!t->refused)
        maybe_it(t, r);
    emit(t, t->e.bits, encoding_wide(t->e.c));
}

static uint32_t integer(struct rng *r)
{
    static const uint32_t edge[] = {0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0x80000001,
                                    0xffffffff, 0xfffffffe, 0x7fff7fff, 0x80008000, 0x00ff00ff};
    switch (rng_below(r, 4)) {
    case 0: return edge[rng_below(r, sizeof edge / sizeof *edge)];
    case 1: return (uint32_t)rng_below(r, 70); /* shift amounts and more */
    default: return (uint32_t)rng_u64(r);
    }
}

static uint32_t real(struct rng *r)
{
    static const uint32_t edge[] = {0, 0x3f800000, 0x3f000000, 0x40000000, 0x7f800000, 0x7fc00000, 0x7f800001, 0x7fffffff, 0x00000001,
                                    0x007fffff, 0x00800000, 0x7f7fffff, 0x4f000000, 0x4f800000, 0x33800000, 0x477fe000, 0x477ff000,
                                    0x38800000,
                                    0x33000000};
    uint32_t sign = (uint32_t)rng_below(r, 2) << 31;
    switch (rng_below(r, 5)) {
    case 0: return sign | edge[rng_below(r, sizeof edge / sizeof *edge)];
    case 1: return (uint32_t)rng_u64(r);
    case 2: return sign | (uint32_t)(rng_range(r, 100, 160) << 23) | ((uint32_t)rng_u64(r) & 0x7fffff);
    case 3: return sign | (uint32_t)(rng_range(r, 120, 135) << 23) | ((uint32_t)rng_u64(r) & 0x7ff000);
    default: return sign | ((uint32_t)rng_u64(r) & 0x00ffffff); /* denormal, or next to it */
    }
}

static uint32_t address(struct rng *r, const struct trial *t)
{
    uint32_t a = MIDDLE - 0x700 + (uint32_t)rng_below(r, 0xe00);
    unsigned loose = t->e.c->flags & CLASS_ALIGNED ? 16 : 4;
    if (rng_below(r, 64) == 0)
        return 0x64000000 + (a & 0xfff); /* nothing there, nor at its multiples */
    return rng_below(r, loose) ? a & ~3u : a;
}

static void point_registers(struct trial *t, struct rng *r)
{
    uint32_t n = encoding_field(&t->e, 'n'), m = encoding_field(&t->e, 'm');
    if (t->e.c->flags & CLASS_MEM) {
        if (encoding_has(&t->e, 'm') && m != 13 && m < 15)
            t->before.r[m] = (uint32_t)rng_below(r, 256);
        if (encoding_has(&t->e, 'n') && n < 15)
            t->before.r[n] = address(r, t) & ~(n == 13 ? 3u : 0u);
    } else if ((t->e.c->flags & CLASS_BRANCH) && encoding_has(&t->e, 'm') && m != 13 && m < 15)
        t->before.r[m] = (CODE + (uint32_t)rng_below(r, CODE_SIZE)) | (rng_below(r, 16) != 0);
}

void trial_state(struct trial *t, struct rng *r)
{
    struct machine *m = &t->before;
    for (unsigned k = 0; k < 15; k++)
        m->r[k] = integer(r);
    if (!rng_below(r, 4))
        m->r[encoding_field(&t->e, 'm') & 7] = m->r[encoding_field(&t->e, 'n') & 7];
    m->r[13] = (MIDDLE - 0x400 + (uint32_t)rng_below(r, 0x800)) & ~3u;
    m->apsr = (uint32_t)rng_u64(r) & 0xf80f0000;
    m->fpscr = (uint32_t)rng_u64(r) & 0xf7c0009f;
    if (rng_below(r, 2))
        m->fpscr &= ~0x07000000u; /* AHP, DN, FZ off */
    for (unsigned k = 0; k < 32; k++)
        m->s[k] = real(r);
    point_registers(t, r);
}

/* --- running --- */
static void set_ours(struct bench *b, const struct machine *m, uint32_t pc, bool fp)
{
    for (unsigned k = 0; k < 15; k++)
        cpu_set_reg(b->cpu, k, m->r[k]);
    cpu_set_reg(b->cpu, 15, pc);
    cpu_set_special(b->cpu, CPU_XPSR, m->apsr);
    cpu_set_special(b->cpu, CPU_CFSR, 0);
    if (!fp)
        return;
    cpu_set_special(b->cpu, CPU_FPSCR, m->fpscr);
    cpu_set_special(b->cpu, CPU_CONTROL, 4); /* FP state in use, so that FPSCR is not set up anew */
    for (unsigned k = 0; k < 32; k++)
        cpu_set_fpreg(b->cpu, k, m->s[k]);
}

static void get_ours(struct bench *b, struct machine *m, bool fp)
{
    for (unsigned k = 0; k < 16; k++)
        m->r[k] = cpu_reg(b->cpu, k);
    m->apsr = cpu_special(b->cpu, CPU_XPSR) & 0xf80f0000;
    if (!fp)
        return;
    m->fpscr = cpu_special(b->cpu, CPU_FPSCR);
    for (unsigned k = 0; k < 32; k++)
        m->s[k] = cpu_fpreg(b->cpu, k);
}

static void run_ours(struct bench *b, struct trial *t, bool fp)
{
    set_ours(b, &t->before, t->at, fp);
    b->exception = 0;
    enum cpu_why why = cpu_run(b->cpu, cpu_cycles(b->cpu) + t->instructions);
    t->cfsr = cpu_special(b->cpu, CPU_CFSR);
    t->even = !(cpu_special(b->cpu, CPU_XPSR) >> 24 & 1);
    get_ours(b, &t->ours, fp);
    if (why == CPU_BKPT)
        t->our_end = END_BKPT;
    else if (b->exception)
        t->our_end = b->exception == 11 ? END_SVC : END_FAULT;
    else
        t->our_end = why == CPU_DEADLINE ? END_OK : END_OTHER;
    if (t->our_end != END_OK || t->even)
        reset(b);
}

/* Does the condition of the IT block fail in this state? */
static bool skips(const struct trial *t)
{
    uint32_t f = t->before.apsr, n = f >> 31, z = f >> 30 & 1, c = f >> 29 & 1, v = f >> 28 & 1, cond = t->code[0] >> 4 & 15;
    const uint32_t holds[8] = {z, c, n, v, c && !z, n == v, n == v && !z, 1};
    return t->in_it && strcmp(t->e.c->name, "bkpt-16") != 0 && (cond == 15 || holds[cond >> 1] == (cond & 1));
}

static void run_theirs(struct bench *b, struct trial *t, bool fp)
{
    static const enum trial_end ends[] = {[ORACLE_OK] = END_OK, [ORACLE_FAULT] = END_FAULT, [ORACLE_SVC] = END_SVC,
                                          [ORACLE_BKPT] = END_BKPT,
                                          [ORACLE_EXC_RETURN] = END_OTHER};
    oracle_set(b->oracle, &t->before, fp);
    /* the oracle does not count an instruction that an IT block skips */
    t->their_end = ends[oracle_step(b->oracle, t->at, t->instructions - t->skipped)];
    t->oracle_error = oracle_error(b->oracle);
    t->theirs = t->before;
    oracle_get(b->oracle, &t->theirs, fp);
    uint32_t ahead = t->theirs.r[15] - t->ours.r[15]; /* it also runs on over NOPs that the rest of the block skips */
    if ((t->in_it || !strcmp(t->e.c->name, "it-16")) && ahead <= 8)
        t->theirs.r[15] = t->ours.r[15];
}

static const char *compare(const struct trial *t, bool fp)
{
    if (t->our_end != t->their_end)
        return "end";
    if (t->our_end != END_OK)
        return NULL;
    if (memcmp(t->ours.r, t->theirs.r, sizeof t->ours.r) != 0)
        return "registers";
    if (t->ours.apsr != t->theirs.apsr)
        return "flags";
    if (fp && t->ours.fpscr != t->theirs.fpscr)
        return "FPSCR";
    if (fp && memcmp(t->ours.s, t->theirs.s, sizeof t->ours.s) != 0)
        return "FP registers";
    return NULL;
}

static const char *compare_memory(struct bench *b, struct trial *t)
{
    const char *what = NULL;
    if (t->our_end == END_OK && t->their_end == END_OK && memcmp(b->ours, b->theirs, DATA_SIZE) != 0) {
        what = "memory";
        while (b->ours[t->touched] == b->theirs[t->touched])
            t->touched++;
        t->touched += DATA;
    }
    memcpy(b->ours, b->pristine, DATA_SIZE);
    memcpy(b->theirs, b->pristine, DATA_SIZE);
    return what;
}

/* NOPs for the rest of an IT block, and a branch to itself, which ends what the oracle translates */
static const uint8_t behind[10] = {0x00, 0xbf, 0x00, 0xbf, 0x00, 0xbf, 0x00, 0xbf, 0xfe, 0xe7};

const char *trial_run(struct bench *b, struct trial *t)
{
    bool fp = t->e.c->flags & CLASS_FP;
    const char *what = NULL;
    if (b->asked++ == ORACLE_LIFE)
        renew_oracle(b);
    uint32_t size = 2 * t->halfwords + sizeof behind;
    t->skipped = skips(t);
    uint8_t *place = b->code + (t->at - CODE);
    memcpy(place, t->code, 2 * t->halfwords);
    memcpy(place + 2 * t->halfwords, behind, sizeof behind);
    cpu_invalidate(b->cpu, t->at, size);
    run_ours(b, t, fp);
    if (t->refused)
        what = t->our_end == END_FAULT && (t->cfsr & 1 << 16) ? NULL : "not refused";
    else {
        oracle_forget(b->oracle, t->at, size);
        run_theirs(b, t, fp);
        what = compare(t, fp);
    }
    const char *memory = NULL;
    if ((t->e.c->flags & CLASS_STORE) || t->our_end != END_OK)
        memory = compare_memory(b, t);
    return what ? what : memory;
}

enum refusal bench_decode(struct bench *b, uint32_t bits, bool wide)
{
    struct trial t = {.at = SLOT};
    struct rng r;
    emit(&t, bits, wide);
    rng_seed(&r, bits, 1);
    for (unsigned k = 0; k < 15; k++)
        t.before.r[k] = k == 13 ? MIDDLE : integer(&r);
    memcpy(b->code + (SLOT - CODE), t.code, 2 * t.halfwords);
    cpu_invalidate(b->cpu, SLOT, 4);
    run_ours(b, &t, false);
    memcpy(b->ours, b->pristine, DATA_SIZE);
    reset(b);
    return t.cfsr & 1 << 16 ? REFUSED_UNDEF : t.cfsr & 1 << 19 ? REFUSED_NOCP : REFUSED_NOT;
}

const char *refusal_name(enum refusal r) { return r == REFUSED_NOT ? "executed" : r == REFUSED_UNDEF ? "UNDEFINSTR" : "NOCP"; }

/* --- telling --- */
static void print_difference(const char *name, unsigned k, uint32_t before, uint32_t ours, uint32_t theirs)
{
    if (ours != theirs)
        printf("  %s%-2u before %08x ours %08x oracle %08x\n", name, k, before, ours, theirs);
}

void trial_print(const struct trial *t)
{
    static const char *const end[] = {"done", "fault", "svc", "bkpt", "other"};
    printf("  at %08x:", t->at);
    for (unsigned k = 0; k < t->halfwords; k++)
        printf(" %04x", t->code[k]);
    printf("; ours: %s, cfsr %08x%s; oracle: %s (%s)\n", end[t->our_end], t->cfsr, t->even ? ", T clear" : "",
           t->refused ? "not asked" : end[t->their_end], t->oracle_error ? t->oracle_error : "");
    printf("  pc %08x apsr %08x fpscr %08x n=%08x m=%08x\n", t->ours.r[15], t->before.apsr, t->before.fpscr,
           t->before.r[encoding_field(&t->e, 'n') & 15], t->before.r[encoding_field(&t->e, 'm') & 15]);
    if (t->refused)
        return;
    for (unsigned k = 0; k < 16; k++)
        print_difference("r", k, t->before.r[k], t->ours.r[k], t->theirs.r[k]);
    print_difference("apsr", 0, t->before.apsr, t->ours.apsr, t->theirs.apsr);
    if (t->e.c->flags & CLASS_FP) {
        print_difference("fpscr", 0, t->before.fpscr, t->ours.fpscr, t->theirs.fpscr);
        for (unsigned k = 0; k < 32; k++)
            print_difference("s", k, t->before.s[k], t->ours.s[k], t->theirs.s[k]);
    }
    if (t->touched)
        printf("  memory differs from %08x on\n", t->touched);
}
