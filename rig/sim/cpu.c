/* SPDX-License-Identifier: GPL-3.0-or-later
 * The core's outside: creation, mapping, reset, time and interrupt lines (contract in cpu.h).
 */
#include "sim/cpu_float.h"
#include "sim/cpu_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct cpu *cpu_new(const struct cpu_bus_ops *ops, const struct cpu_hooks *hooks, void *ctx, unsigned irqs, unsigned prio_bits)
{
    assert(irqs >= 1 && irqs <= 240 && prio_bits >= 3 && prio_bits <= 8);
    struct cpu *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->slot = calloc(PAGES, sizeof *c->slot); /* 64 MB of address space, of which the host backs what is touched */
    if (!c->slot) {
        free(c);
        return NULL;
    }
    c->ops = ops;
    c->hooks = hooks;
    c->ctx = ctx;
    c->irqs = irqs;
    c->prio_mask = 0xff & ~((1u << (8 - prio_bits)) - 1);
    cpu_scs_reset(c);
    c->lockup = true; /* until cpu_reset has found vectors */
    c->thumb = true;
    cpu_exc_update(c);
    return c;
}

void cpu_free(struct cpu *c)
{
    if (!c)
        return;
    for (struct page *p = c->pages, *next; p; p = next) {
        next = p->next;
        free(p->code);
        free(p);
    }
    free(c->slot);
    free(c);
}

/* --- mapping --- */
static struct page *page_for(struct cpu *c, uint32_t addr)
{
    struct slot *s = &c->slot[addr >> PAGE_SHIFT];
    if (!s->page) {
        struct page *p = calloc(1, sizeof *p);
        if (!p)
            abort(); /* a map that is silently missing would look like a fault of the firmware */
        p->base = addr & ~(uint32_t)PAGE_MASK;
        p->next = c->pages;
        c->pages = p;
        s->page = p;
    }
    return s->page;
}

static void unfill(struct cpu *c, uint32_t addr)
{
    struct slot *s = &c->slot[addr >> PAGE_SHIFT];
    s->r = NULL;
    s->w = NULL;
    s->x = NULL;
}

/* What is under way may stand in such a page: look again before the next instruction. A 32-bit instruction may reach into addr. */
static void changed(struct cpu *c, uint32_t addr)
{
    struct page *before = c->slot[(addr - 2) >> PAGE_SHIFT].page;
    if (before && before->decoded && before->code->insn[PAGE_HALFWORDS - 1].len == 2)
        cpu_code_forget(c, before);
    unfill(c, addr);
    cpu_attend(c, ATTN_EXC);
}

void cpu_map(struct cpu *c, uint32_t base, uint32_t size, uint8_t *mem, unsigned flags)
{
    assert(!(base & PAGE_MASK) && !(size & PAGE_MASK));
    bool any = false;
    for (uint32_t at = 0; at < size; at += CPU_PAGE) {
        if (!mem && !c->slot[(base + at) >> PAGE_SHIFT].page)
            continue;
        struct page *p = page_for(c, base + at);
        uint8_t *m = mem ? mem + at : NULL;
        if (p->mem == m && p->flags == flags && !p->slow)
            continue;
        changed(c, base + at);
        cpu_code_forget(c, p);
        p->mem = m;
        p->flags = (uint8_t)flags;
        p->slow = false;
        any = true;
    }
    if (any)
        cpu_code_relink(c);
}

void cpu_page_slow(struct cpu *c, uint32_t addr, uint32_t size, bool slow)
{
    uint32_t first = addr & ~(uint32_t)PAGE_MASK;
    for (uint64_t at = first; at < (uint64_t)addr + size; at += CPU_PAGE) {
        struct page *p = page_for(c, (uint32_t)at);
        if (p->slow == slow)
            continue;
        changed(c, (uint32_t)at);
        p->slow = slow;
    }
}

void cpu_invalidate(struct cpu *c, uint32_t addr, uint32_t size)
{
    if (!size)
        return;
    for (uint64_t at = addr & ~(uint32_t)PAGE_MASK; at < (uint64_t)addr + size; at += CPU_PAGE)
        cpu_code_forget(c, c->slot[at >> PAGE_SHIFT].page);
    struct page *before = c->slot[(addr - 2) >> PAGE_SHIFT].page;
    if (before && before->decoded && before->code->insn[PAGE_HALFWORDS - 1].len == 2)
        cpu_code_forget(c, before);
}

/* --- reset --- */
static bool reset_vectors(struct cpu *c)
{
    uint32_t sp, pc;
    if (cpu_raw_load(c, c->vtor, 4, true, &sp) || cpu_raw_load(c, c->vtor + 4, 4, true, &pc))
        return false;
    c->r[13] = c->sp[0] = sp & ~3u;
    c->pc = pc & ~1u;
    c->thumb = pc & 1;
    return true;
}

bool cpu_reset(struct cpu *c, uint32_t vtor)
{
    memset(c->r, 0, sizeof c->r);
    memset(c->s, 0, sizeof c->s);
    memset(c->prio, 0, sizeof c->prio);
    memset(c->enabled, 0, sizeof c->enabled);
    memset(c->active, 0, sizeof c->active);
    memcpy(c->pending, c->line, sizeof c->pending); /* a level that is there pends again */
    c->fn = c->fz = c->fc = c->fv = c->q = c->ge = c->fpscr = 0;
    c->sp[0] = c->sp[1] = 0;
    c->ipsr = c->control = c->primask = c->faultmask = c->basepri = 0;
    c->it = c->it_next = c->fault = 0;
    c->fz = 1;
    c->monitor = c->event = c->bkpt_told = c->sleep_event = c->stop = c->reset = c->lockup = c->sleeping = false;
    c->r[14] = 0xffffffff;
    c->ip = NULL;
    c->vtor = vtor & 0xffffff80;
    cpu_scs_reset(c);
    cpu_exc_update(c);
    cpu_mem_flush(c);
    c->lockup = !reset_vectors(c);
    return !c->lockup;
}

/* --- running and time --- */
enum cpu_why cpu_run(struct cpu *c, uint64_t deadline)
{
    c->deadline = deadline;
    c->running = true;
    enum cpu_why why = cpu_exec(c);
    c->running = false;
    c->ip = NULL;
    c->deadline = UINT64_MAX;
    if (c->attn & ATTN_STALE) { /* left behind by the last instruction */
        c->attn &= (uint8_t)~ATTN_STALE;
        cpu_code_flush_stale(c);
    }
    return why;
}

void cpu_advance(struct cpu *c, uint64_t to_cycle)
{
    if (to_cycle <= c->cycles)
        return;
    c->extra += to_cycle - c->cycles;
    c->cycles = to_cycle;
    cpu_systick_sync(c);
}

uint64_t cpu_cycles(const struct cpu *c) { return c->cycles; }
uint64_t cpu_instructions(const struct cpu *c) { return c->cycles - c->extra; }
uint64_t cpu_next_event(const struct cpu *c) { return c->st_due; }

void cpu_set_deadline(struct cpu *c, uint64_t deadline)
{
    if (deadline < c->deadline) {
        c->deadline = deadline;
        cpu_attend(c, ATTN_TIME);
    }
}

void cpu_stall(struct cpu *c, uint64_t cycles)
{
    c->cycles += cycles;
    c->extra += cycles;
}

void cpu_stop(struct cpu *c)
{
    c->stop = true;
    cpu_attend(c, ATTN_TIME);
}

/* --- interrupts --- */
void cpu_irq_set(struct cpu *c, unsigned irq, bool level)
{
    assert(irq < c->irqs);
    unsigned n = EXC_IRQ + irq;
    bool was = cpu_bit(c->line, n);
    cpu_bit_set(c->line, n, level);
    if (level && !was)
        cpu_exc_pend(c, n);
}

void cpu_nmi_pend(struct cpu *c) { cpu_exc_pend(c, EXC_NMI); }

void cpu_nmi_set(struct cpu *c, bool level)
{
    cpu_bit_set(c->line, EXC_NMI, level);
    if (level)
        cpu_exc_pend(c, EXC_NMI);
}

void cpu_event(struct cpu *c)
{
    c->event = true;
    cpu_attend(c, ATTN_TIME);
}

bool cpu_sleeping(const struct cpu *c) { return c->sleeping; }
bool cpu_wake_pending(const struct cpu *c) { return c->sleeping && (cpu_exc_wakes(c) || (c->sleep_event && c->event)); }

/* --- registers --- */
uint32_t cpu_pc(const struct cpu *c)
{
    return c->ip ? c->code->base + (uint32_t)(c->ip - c->code->insn) * 2 : c->pc;
}

uint32_t cpu_reg(const struct cpu *c, unsigned r)
{
    assert(r < 16);
    return r == 15 ? cpu_pc(c) : c->r[r];
}

void cpu_set_reg(struct cpu *c, unsigned r, uint32_t value)
{
    assert(r < 16);
    if (r == 15)
        c->pc = value & ~1u;
    else
        c->r[r] = r == 13 ? value & ~3u : value;
}

uint32_t cpu_fpreg(const struct cpu *c, unsigned s)
{
    assert(s < 32);
    return c->s[s];
}

void cpu_set_fpreg(struct cpu *c, unsigned s, uint32_t bits)
{
    assert(s < 32);
    c->s[s] = bits;
}
