/* SPDX-License-Identifier: GPL-3.0-or-later
 * The state of the core, shared by sim/cpu*.c only.
 */
#ifndef SIM_CPU_PRIV_H
#define SIM_CPU_PRIV_H
#include "sim/cpu.h"
#include "sim/cpu_ops.h"

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

enum { PAGE_HALFWORDS = CPU_PAGE / 2, PAGE_SHIFT = 11, PAGE_MASK = CPU_PAGE - 1, PAGES = 1 << (32 - PAGE_SHIFT) };
_Static_assert(1u << PAGE_SHIFT == CPU_PAGE, "page size");

enum { EXC_RESET = 1, EXC_NMI = 2, EXC_HARD = 3, EXC_MEM = 4, EXC_BUS = 5, EXC_USAGE = 6, EXC_SVC = 11, EXC_DEBUG = 12, EXC_PENDSV = 14,
       EXC_SYSTICK = 15, EXC_IRQ = 16, EXC_MAX = 256 };
enum { CFSR_IACCVIOL = 1 << 0, CFSR_DACCVIOL = 1 << 1, CFSR_MUNSTKERR = 1 << 3, CFSR_MSTKERR = 1 << 4, CFSR_MLSPERR = 1 << 5,
       CFSR_MMARVALID = 1 << 7, CFSR_IBUSERR = 1 << 8, CFSR_PRECISERR = 1 << 9, CFSR_UNSTKERR = 1 << 11, CFSR_STKERR = 1 << 12,
       CFSR_LSPERR = 1 << 13, CFSR_BFARVALID = 1 << 15, CFSR_UNDEFINSTR = 1 << 16, CFSR_INVSTATE = 1 << 17, CFSR_INVPC = 1 << 18,
       CFSR_NOCP = 1 << 19, CFSR_UNALIGNED = 1 << 24, CFSR_DIVBYZERO = 1 << 25 };
enum { HFSR_VECTTBL = 1 << 1, HFSR_FORCED = 1 << 30 };
#define HFSR_DEBUGEVT (1u << 31)
enum { CCR_NONBASETHRDENA = 1, CCR_USERSETMPEND = 2, CCR_UNALIGN_TRP = 8, CCR_DIV_0_TRP = 16, CCR_BFHFNMIGN = 256, CCR_STKALIGN = 512 };
enum { SCR_SLEEPONEXIT = 2, SCR_SLEEPDEEP = 4, SCR_SEVONPEND = 16 };
enum { CONTROL_NPRIV = 1, CONTROL_SPSEL = 2, CONTROL_FPCA = 4 };
enum { FPCCR_LSPACT = 1, FPCCR_USER = 2, FPCCR_THREAD = 8, FPCCR_HFRDY = 16, FPCCR_MMRDY = 32, FPCCR_BFRDY = 64, FPCCR_MONRDY = 256,
       FPCCR_LSPEN = 1 << 30 };
#define FPCCR_ASPEN (1u << 31)
enum { ST_ENABLE = 1, ST_TICKINT = 2, ST_CLKSOURCE = 4, ST_COUNTFLAG = 1 << 16 };

/* Decoded code of one page; two ends in case the last instruction is a 32-bit one. */
struct code {
    uint32_t base;
    bool stale; /* to be decoded anew before the next instruction */
    struct insn insn[PAGE_HALFWORDS + 2];
};

/* What is mapped at a page; kept apart from struct slot, which may be emptied at any time. */
struct page {
    struct page *next;
    uint32_t base;
    uint8_t *mem;
    struct code *code; /* room for its decoded code; NULL: never needed */
    struct page *twin; /* ring of the pages with the same memory, once one of them held code */
    uint8_t flags;
    bool slow;
    bool decoded; /* code holds something */
    bool watched; /* decoded, or a twin is: stores must look for it */
};

/* The quick way to a page: NULL means ask cpu_mem.c, which fills in what holds for the present privilege and MPU setting. */
struct slot {
    const uint8_t *r;
    uint8_t *w;
    struct code *x;
    struct page *page;
};

/* Why the run loop must look up before the next instruction */
enum { ATTN_EXC = 1, ATTN_STALE = 2, ATTN_TIME = 4 };

struct mpu_region { uint32_t rbar, rasr; };

struct cpu {
    /* touched by every instruction */
    uint32_t r[16];          /* r[13]: the stack pointer in use; r[15]: unused */
    uint32_t fn, fz, fc, fv; /* N: bit 31; Z: is zero; C: 0 or 1; V: bit 31 */
    uint64_t limit;          /* cycle at which the loop looks up; 0: at once */
    struct slot *slot;
    struct insn *ip;   /* the instruction under way when a callback can see it; NULL: pc holds */
    struct code *code; /* where ip points into */
    uint64_t cycles;
    uint32_t pc, q, ge;
    uint8_t it, it_next;     /* ITSTATE of this instruction, of the next one */
    uint8_t fault;           /* exception number of a fault the instruction under way raised */
    uint8_t attn;
    bool thumb, monitor, event, running, bkpt_told, sleep_event; /* EPSR.T, local monitor, event register … */
    bool stop, reset, lockup, sleeping;
    uint64_t deadline, extra; /* extra: cycles that were no instruction */
    uint32_t s[32], fpscr;

    /* modes and exceptions */
    uint32_t sp[2]; /* main, process: the one not in r[13] */
    unsigned ipsr, control, primask, faultmask, basepri;
    int priority; /* execution priority: 256 thread … -2 NMI */
    unsigned irqs, prio_mask;
    uint8_t prio[EXC_MAX];
    uint32_t pending[EXC_MAX / 32], enabled[EXC_MAX / 32], active[EXC_MAX / 32], line[EXC_MAX / 32];

    /* system control space */
    uint32_t vtor, prigroup, scr, ccr, shcsr, cfsr, hfsr, dfsr, mmfar, bfar, cpacr, fpccr, fpcar, fpdscr, demcr, dwt_ctrl, actlr;
    uint64_t dwt_base;
    uint32_t st_csr, st_reload, st_value; /* SysTick: value at st_base */
    uint64_t st_base, st_due;
    uint32_t mpu_ctrl, mpu_rnr;
    struct mpu_region mpu[8];
    unsigned view; /* privilege and MPU state the slots were filled for */

    struct page *pages;
    uint32_t filled[1024]; /* slots filled since the last flush */
    unsigned filled_n;
    const struct cpu_bus_ops *ops;
    const struct cpu_hooks *hooks;
    void *ctx;
    struct code once; /* one instruction that must not be kept */
};

/* --- cpu.c --- */
uint32_t cpu_xpsr(const struct cpu *c);
void cpu_set_apsr(struct cpu *c, uint32_t v, bool nzcvq, bool ge);
static inline bool cpu_privileged(const struct cpu *c) { return c->ipsr || !(c->control & CONTROL_NPRIV); }
static inline void cpu_attend(struct cpu *c, unsigned why) { c->attn |= (uint8_t)why; c->limit = 0; }

#endif
