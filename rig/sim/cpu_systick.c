/* SPDX-License-Identifier: GPL-3.0-or-later
 * SysTick (ARM DDI 0403E.e, B3.3). CLKSOURCE 0 is the core clock divided by 8, as STMicroelectronics wires it (RM0351, 12.2).
 *
 * Method: nothing ticks. The counter's value at a base cycle is kept, and everything else follows from the cycles since. After v ticks
 * from value v the counter is 0 (COUNTFLAG, interrupt); the next tick loads RELOAD; so events are RELOAD + 1 ticks apart.
 */
#include "sim/cpu_parts.h"

enum { CSR = 0x10, RVR = 0x14, CVR = 0x18, CALIB = 0x1c };

static uint64_t divider(const struct cpu *c) { return c->st_csr & ST_CLKSOURCE ? 1 : 8; }

/* Ticks from st_base to the first event; 0: never */
static uint64_t first_event(const struct cpu *c)
{
    if (!(c->st_csr & ST_ENABLE))
        return 0;
    if (c->st_value)
        return c->st_value;
    return c->st_reload ? (uint64_t)c->st_reload + 1 : 0;
}

static void schedule(struct cpu *c)
{
    uint64_t n = first_event(c);
    c->st_due = n && (c->st_csr & ST_TICKINT) ? c->st_base + n * divider(c) : UINT64_MAX;
    cpu_attend(c, ATTN_TIME);
}

static uint32_t value_after(const struct cpu *c, uint64_t ticks)
{
    if (ticks <= c->st_value)
        return c->st_value - (uint32_t)ticks;
    return c->st_reload - (uint32_t)((ticks - c->st_value - 1) % ((uint64_t)c->st_reload + 1));
}

void cpu_systick_sync(struct cpu *c)
{
    if (!(c->st_csr & ST_ENABLE))
        return;
    uint64_t ticks = (c->cycles - c->st_base) / divider(c), n = first_event(c);
    if (!ticks)
        return;
    bool fired = n && ticks >= n;
    c->st_value = value_after(c, ticks);
    c->st_base += ticks * divider(c);
    if (fired) {
        c->st_csr |= ST_COUNTFLAG;
        if (c->st_csr & ST_TICKINT)
            cpu_exc_pend(c, EXC_SYSTICK);
    }
    schedule(c);
}

uint32_t cpu_systick_load(struct cpu *c, uint32_t addr)
{
    cpu_systick_sync(c);
    uint32_t csr = c->st_csr;
    switch (addr & 0x1c) {
    case CSR:
        c->st_csr &= ~(uint32_t)ST_COUNTFLAG;
        return csr;
    case RVR: return c->st_reload;
    case CVR: return c->st_value;
    default: return 0x40000000; /* CALIB: no exact 10 ms, reference clock present */
    }
}

void cpu_systick_store(struct cpu *c, uint32_t addr, uint32_t v)
{
    cpu_systick_sync(c);
    switch (addr & 0x1c) {
    case CSR:
        if ((v ^ c->st_csr) & (ST_ENABLE | ST_CLKSOURCE))
            c->st_base = c->cycles;
        c->st_csr = (c->st_csr & ST_COUNTFLAG) | (v & (ST_ENABLE | ST_TICKINT | ST_CLKSOURCE));
        break;
    case RVR: c->st_reload = v & 0xffffff; break;
    case CVR: /* any write clears it */
        c->st_value = 0;
        c->st_base = c->cycles;
        c->st_csr &= ~(uint32_t)ST_COUNTFLAG;
        break;
    default: break;
    }
    schedule(c);
}
