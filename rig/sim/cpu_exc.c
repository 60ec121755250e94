/* SPDX-License-Identifier: GPL-3.0-or-later
 * Exceptions: priorities, pending, faults and their escalation, lockup, sleep, and what happens between two instructions
 * (ARM DDI 0403E.e, B1.5, B3.4). Stack frames are in cpu_frame.c.
 */
#include "sim/cpu_parts.h"

enum { NEVER = 256 };

static int full_priority(const struct cpu *c, unsigned n) { return n > EXC_HARD ? c->prio[n % EXC_MAX] : (int)n - 4; }

int cpu_exc_group_priority(const struct cpu *c, unsigned n)
{
    int p = full_priority(c, n);
    return p < 0 ? p : p & ~((2 << c->prigroup) - 1);
}

/* ExecutionPriority (B1.5.4) */
static int execution_priority(const struct cpu *c, bool primask)
{
    int p = NEVER, base = c->basepri ? (int)c->basepri & ~((2 << c->prigroup) - 1) : NEVER;
    for (unsigned w = 0; w < EXC_MAX / 32; w++)
        for (uint32_t set = c->active[w]; set; set &= set - 1) {
            int own = cpu_exc_group_priority(c, w * 32 + (unsigned)__builtin_ctz(set));
            p = own < p ? own : p;
        }
    p = base < p ? base : p;
    if (primask && p > 0)
        p = 0;
    return c->faultmask && p > -1 ? -1 : p;
}

void cpu_exc_update(struct cpu *c)
{
    c->priority = execution_priority(c, c->primask);
    cpu_mpu_view(c);
    cpu_attend(c, ATTN_EXC);
}

unsigned cpu_exc_best(const struct cpu *c)
{
    unsigned best = 0;
    for (unsigned w = 0; w < EXC_MAX / 32; w++)
        for (uint32_t set = c->pending[w] & (w ? c->enabled[w] : c->enabled[w] | 0xffff); set; set &= set - 1) {
            unsigned n = w * 32 + (unsigned)__builtin_ctz(set);
            if (!best || full_priority(c, n) < full_priority(c, best))
                best = n;
        }
    return best;
}

bool cpu_exc_preempts(const struct cpu *c)
{
    unsigned n = cpu_exc_best(c);
    return n && cpu_exc_group_priority(c, n) < c->priority;
}

/* WFI ends on what would be taken if PRIMASK were clear (B1.5.19). */
bool cpu_exc_wakes(const struct cpu *c)
{
    unsigned n = cpu_exc_best(c);
    return n && cpu_exc_group_priority(c, n) < execution_priority(c, false);
}

void cpu_exc_pend(struct cpu *c, unsigned n)
{
    bool was = cpu_bit(c->pending, n);
    cpu_bit_set(c->pending, n, true);
    if (!was && (c->scr & SCR_SEVONPEND))
        c->event = true;
    cpu_attend(c, ATTN_EXC);
}

void cpu_exc_lockup(struct cpu *c)
{
    c->lockup = true;
    cpu_attend(c, ATTN_EXC);
}

void cpu_exc_pass(struct cpu *c, unsigned cycles)
{
    c->cycles += cycles;
    c->extra += cycles;
    cpu_systick_sync(c);
}

/* --- faults --- */
bool cpu_exc_deliverable(const struct cpu *c, unsigned n)
{
    return (n < EXC_MEM || n > EXC_USAGE || (c->shcsr >> (12 + n) & 1)) && cpu_exc_group_priority(c, n) < c->priority;
}

void cpu_exc_raise(struct cpu *c, unsigned number, uint32_t cfsr)
{
    c->cfsr |= cfsr;
    c->fault = (uint8_t)number;
}

void cpu_exc_fault(struct cpu *c, uint32_t return_pc)
{
    unsigned n = c->fault;
    c->fault = 0;
    c->it_next = c->it;
    if (n != EXC_HARD && !cpu_exc_deliverable(c, n)) {
        c->hfsr |= HFSR_FORCED;
        n = EXC_HARD;
    }
    if (n == EXC_HARD && c->priority <= -1) {
        cpu_exc_lockup(c);
        return;
    }
    cpu_exc_pend(c, n);
    cpu_exc_take(c, return_pc);
}

/* A stacking error while HardFault or NMI is being entered does not lock up: its handler runs all the same. */
void cpu_exc_derived(struct cpu *c, unsigned number, uint32_t cfsr)
{
    c->cfsr |= cfsr;
    if (cpu_exc_deliverable(c, number))
        cpu_exc_pend(c, number);
    else if (c->priority > -1) {
        c->hfsr |= HFSR_FORCED;
        cpu_exc_pend(c, EXC_HARD);
    }
}

/* SVC and BKPT. Where SVCall cannot preempt, the SVC becomes a HardFault that returns to itself. */
void cpu_exc_sync_call(struct cpu *c, unsigned n, uint32_t return_pc)
{
    bool monitor = n == EXC_DEBUG && (c->demcr >> 16 & 1);
    if ((n == EXC_SVC || monitor) && cpu_exc_deliverable(c, n)) {
        c->dfsr |= monitor ? 2 : 0;
        c->it = c->it_next;
        cpu_exc_pend(c, n);
        cpu_exc_take(c, return_pc);
        return;
    }
    if (n == EXC_DEBUG) {
        c->hfsr |= HFSR_DEBUGEVT;
        c->dfsr |= 2;
    } else
        c->hfsr |= HFSR_FORCED;
    c->pc = n == EXC_DEBUG ? return_pc : return_pc - 2;
    c->fault = EXC_HARD;
    cpu_exc_fault(c, c->pc);
}

bool cpu_divide_by_zero(struct cpu *c)
{
    if (!(c->ccr & CCR_DIV_0_TRP))
        return false;
    cpu_exc_raise(c, EXC_USAGE, CFSR_DIVBYZERO);
    return true;
}

void cpu_exc_deactivate(struct cpu *c, unsigned n)
{
    if (n < EXC_MAX)
        cpu_bit_set(c->active, n, false);
    if (n != EXC_NMI)
        c->faultmask = 0;
    if ((n >= EXC_IRQ || n == EXC_NMI) && n < EXC_MAX && cpu_bit(c->line, n))
        cpu_exc_pend(c, n); /* a level that is still there asks again (B3.4.1) */
    cpu_exc_update(c);
}

/* --- between two instructions --- */
static bool still_asleep(struct cpu *c)
{
    if (!c->sleeping)
        return false;
    if (cpu_exc_wakes(c) || (c->sleep_event && c->event)) {
        if (c->sleep_event)
            c->event = false;
        c->sleeping = false;
        return false;
    }
    return true;
}

static void arm(struct cpu *c)
{
    c->attn = 0;
    c->limit = c->it ? 0 : c->deadline < c->st_due ? c->deadline : c->st_due;
}

int cpu_exc_boundary(struct cpu *c)
{
    for (;;) {
        if (c->attn & ATTN_STALE) {
            c->attn &= (uint8_t)~ATTN_STALE;
            cpu_code_flush_stale(c);
        }
        if (c->lockup)
            return CPU_LOCKUP;
        if (c->reset)
            return CPU_RESET;
        if (c->stop) {
            c->stop = false;
            return CPU_STOPPED;
        }
        if (c->cycles >= c->st_due)
            cpu_systick_sync(c);
        if (c->cycles >= c->deadline)
            return CPU_DEADLINE;
        if (still_asleep(c))
            return CPU_SLEEP;
        if (cpu_exc_preempts(c))
            cpu_exc_take(c, c->pc);
        else if (!c->thumb) {
            cpu_exc_raise(c, EXC_USAGE, CFSR_INVSTATE);
            cpu_exc_fault(c, c->pc);
        } else
            break;
    }
    arm(c);
    return -1;
}
