/* SPDX-License-Identifier: GPL-3.0-or-later
 * NVIC registers (ARM DDI 0403E.e, B3.4), and the debug blocks a program may touch without a debugger: DEMCR, DWT's cycle counter
 * (C1.6, C1.8).
 */
#include "sim/cpu_parts.h"

static uint32_t *const none = NULL;

/* Interrupts n*32.. sit 16 bits up in the exception maps. */
static uint32_t word_of(const uint32_t *map, unsigned n)
{
    uint32_t low = map[n] >> 16, high = n + 1 < EXC_MAX / 32 ? map[n + 1] << 16 : 0;
    return low | high;
}

static void change(struct cpu *c, uint32_t *map, unsigned n, uint32_t which, bool on)
{
    for (unsigned k = 0; k < 32; k++)
        if ((which >> k & 1) && n * 32 + k < c->irqs)
            cpu_bit_set(map, EXC_IRQ + n * 32 + k, on);
}

static void clear_pending(struct cpu *c, unsigned n, uint32_t which)
{
    for (unsigned k = 0; k < 32; k++) {
        unsigned x = EXC_IRQ + n * 32 + k;
        if ((which >> k & 1) && n * 32 + k < c->irqs) /* a level that is still there stays pending, unless it is being served */
            cpu_bit_set(c->pending, x, cpu_bit(c->line, x) && !cpu_bit(c->active, x));
    }
}

static void set_pending(struct cpu *c, unsigned n, uint32_t which)
{
    for (unsigned k = 0; k < 32; k++)
        if ((which >> k & 1) && n * 32 + k < c->irqs)
            cpu_exc_pend(c, EXC_IRQ + n * 32 + k);
}

static uint32_t priorities(struct cpu *c, unsigned first, uint32_t value, uint32_t lanes)
{
    uint32_t v = 0;
    for (unsigned k = 0; k < 4 && first + k < c->irqs; k++) {
        if (lanes >> 8 * k & 255)
            c->prio[EXC_IRQ + first + k] = (uint8_t)(value >> 8 * k & c->prio_mask);
        v |= (uint32_t)c->prio[EXC_IRQ + first + k] << 8 * k;
    }
    if (lanes)
        cpu_exc_update(c);
    return v;
}

bool cpu_nvic_register(struct cpu *c, uint32_t addr, uint32_t *value, uint32_t lanes)
{
    uint32_t at = addr & 0xfff, which = *value & lanes, read = 0;
    unsigned n = (at & 0x7f) / 4;
    if (at == 0xf00 && lanes) { /* STIR */
        if ((which & 0x1ff) < c->irqs)
            cpu_exc_pend(c, EXC_IRQ + (which & 0x1ff));
        return true;
    }
    if (at >= 0x400 && at < 0x4f0) {
        *value = priorities(c, at - 0x400, *value, lanes);
        return true;
    }
    if (at < 0x100 || at >= 0x320 || n >= 8 || (n == 7 && c->irqs <= 224))
        return false;
    switch (at >> 7) {
    case 2: read = word_of(c->enabled, n); change(c, c->enabled, n, which, true); break;
    case 3: read = word_of(c->enabled, n); change(c, c->enabled, n, which, false); break;
    case 4: read = word_of(c->pending, n); set_pending(c, n, which); break;
    case 5: read = word_of(c->pending, n); clear_pending(c, n, which); break;
    case 6: read = word_of(c->active, n); break;
    default: return false;
    }
    *value = read;
    return true;
}

/* DEMCR.TRCENA and DWT_CTRL.CYCCNTENA both on: the counter is cycles - dwt_base; else dwt_base holds its value. */
static bool counting(const struct cpu *c) { return (c->demcr >> 24 & 1) && (c->dwt_ctrl & 1); }
static uint32_t cycle_count(const struct cpu *c) { return (uint32_t)(counting(c) ? c->cycles - c->dwt_base : c->dwt_base); }

static void hold(struct cpu *c, uint32_t count) { c->dwt_base = counting(c) ? c->cycles - count : count; }

bool cpu_debug_register(struct cpu *c, uint32_t addr, uint32_t *value, uint32_t lanes)
{
    uint32_t count = cycle_count(c), *reg = none;
    switch (addr) {
    case 0xe000edf0: /* DHCSR: no debugger. S_REGRDY */
        *value = lanes ? *value : 0x00010000;
        return true;
    case 0xe000edfc: reg = &c->demcr; break;
    case 0xe0001000: reg = &c->dwt_ctrl; break;
    case 0xe0001004: break;
    default: return false;
    }
    if (!lanes) {
        *value = reg ? *reg : count;
        if (addr == 0xe0001000)
            *value |= 0x40000000; /* four comparators, which are not modelled */
        return true;
    }
    if (reg)
        *reg = (*reg & ~lanes) | (*value & lanes);
    else
        count = (count & ~lanes) | (*value & lanes);
    if (addr == 0xe000edfc)
        c->demcr &= 0x010f07f1;
    if (addr == 0xe0001000)
        c->dwt_ctrl &= 0x00001fff;
    hold(c, count);
    return true;
}
