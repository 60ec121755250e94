/* SPDX-License-Identifier: GPL-3.0-or-later
 * System control space: SCB, FPU control, identification (ARM DDI 0403E.e, B3.2, A2.5.3). Sub-word stores arrive as lanes.
 */
#include "sim/cpu_parts.h"

enum { SHCSR_ENABLES = 7 << 16 };
#define AIRCR_KEY 0x05fau

static uint32_t merge(uint32_t old, uint32_t value, uint32_t lanes) { return (old & ~lanes) | (value & lanes); }

/* SHCSR's active and pending bits mirror the exceptions' (B3.2.13). */
static const struct { uint8_t bit, exception; bool pending; } shcsr_map[] = {
    {0, EXC_MEM, false}, {1, EXC_BUS, false}, {3, EXC_USAGE, false}, {7, EXC_SVC, false}, {8, EXC_DEBUG, false}, {10, EXC_PENDSV, false},
    {11, EXC_SYSTICK, false}, {12, EXC_USAGE, true}, {13, EXC_MEM, true}, {14, EXC_BUS, true}, {15, EXC_SVC, true}};
enum { SHCSR_N = sizeof shcsr_map / sizeof *shcsr_map };

static uint32_t shcsr(const struct cpu *c)
{
    uint32_t v = c->shcsr;
    for (unsigned k = 0; k < SHCSR_N; k++)
        v |= (uint32_t)cpu_bit(shcsr_map[k].pending ? c->pending : c->active, shcsr_map[k].exception) << shcsr_map[k].bit;
    return v;
}

static void set_shcsr(struct cpu *c, uint32_t v)
{
    c->shcsr = v & SHCSR_ENABLES;
    for (unsigned k = 0; k < SHCSR_N; k++)
        cpu_bit_set(shcsr_map[k].pending ? c->pending : c->active, shcsr_map[k].exception, v >> shcsr_map[k].bit & 1);
    cpu_exc_update(c);
}

static uint32_t icsr(const struct cpu *c)
{
    unsigned best = cpu_exc_best(c), active = 0, irq = 0;
    for (unsigned n = 1; n < EXC_MAX; n++) {
        active += cpu_bit(c->active, n);
        irq |= n >= EXC_IRQ && cpu_bit(c->pending, n);
    }
    bool base = active == 0 || (active == 1 && c->ipsr < EXC_MAX && cpu_bit(c->active, c->ipsr));
    return (uint32_t)cpu_bit(c->pending, EXC_NMI) << 31 | (uint32_t)cpu_bit(c->pending, EXC_PENDSV) << 28
         | (uint32_t)cpu_bit(c->pending, EXC_SYSTICK) << 26 | irq << 22 | best << 12 | (uint32_t)base << 11 | (c->ipsr & 0x1ff);
}

static void set_icsr(struct cpu *c, uint32_t v)
{
    if (v >> 31)
        cpu_exc_pend(c, EXC_NMI);
    if (v >> 28 & 1)
        cpu_exc_pend(c, EXC_PENDSV);
    else if (v >> 27 & 1)
        cpu_bit_set(c->pending, EXC_PENDSV, false);
    if (v >> 26 & 1)
        cpu_exc_pend(c, EXC_SYSTICK);
    else if (v >> 25 & 1)
        cpu_bit_set(c->pending, EXC_SYSTICK, false);
}

static void set_aircr(struct cpu *c, uint32_t v)
{
    if (v >> 16 != AIRCR_KEY)
        return;
    c->prigroup = v >> 8 & 7;
    if (v & 4) {
        c->reset = true;
        cpu_attend(c, ATTN_EXC);
    }
    cpu_exc_update(c);
}

static uint32_t priorities(const struct cpu *c, unsigned first)
{
    uint32_t v = 0;
    for (unsigned k = 0; k < 4; k++)
        v |= (uint32_t)(first + k < EXC_MEM ? 0 : c->prio[first + k]) << 8 * k;
    return v;
}

static void set_priorities(struct cpu *c, unsigned first, uint32_t v, uint32_t lanes)
{
    static const uint16_t exist = 0xd870; /* 4, 5, 6, 11, 12, 14, 15 */
    for (unsigned k = 0; k < 4; k++)
        if ((lanes >> 8 * k & 255) && (exist >> (first + k) & 1))
            c->prio[first + k] = (uint8_t)(v >> 8 * k & c->prio_mask);
    cpu_exc_update(c);
}

/* Cortex-M4 TRM, table 4-1: 0xE000ED40..0xE000ED70 */
static const uint32_t id[13] = {0x00000030, 0x00000200, 0x00100000, 0, 0x00100030, 0, 0x01000000, 0,
                                0x01101110, 0x02112000, 0x21232231, 0x01111131, 0x01310132};

static bool scb_load(struct cpu *c, uint32_t addr, uint32_t *v)
{
    switch (addr & 0xfff) {
    case 0x004: *v = (c->irqs - 1) / 32; break;
    case 0x008: *v = c->actlr; break;
    case 0xd00: *v = 0x410fc241; break; /* Cortex-M4 r0p1 */
    case 0xd04: *v = icsr(c); break;
    case 0xd08: *v = c->vtor; break;
    case 0xd0c: *v = 0xfa050000 | c->prigroup << 8; break;
    case 0xd10: *v = c->scr; break;
    case 0xd14: *v = c->ccr; break;
    case 0xd18: case 0xd1c: case 0xd20: *v = priorities(c, (addr & 0xfff) - 0xd14); break;
    case 0xd24: *v = shcsr(c); break;
    case 0xd28: *v = c->cfsr; break;
    case 0xd2c: *v = c->hfsr; break;
    case 0xd30: *v = c->dfsr; break;
    case 0xd34: *v = c->mmfar; break;
    case 0xd38: *v = c->bfar; break;
    case 0xd3c: *v = 0; break; /* AFSR: nothing implementation defined */
    case 0xd88: *v = c->cpacr; break;
    case 0xf34: *v = c->fpccr; break;
    case 0xf38: *v = c->fpcar; break;
    case 0xf3c: *v = c->fpdscr; break;
    case 0xf40: *v = 0x10110021; break;
    case 0xf44: *v = 0x11000011; break;
    default:
        if ((addr & 0xfff) < 0xd40 || (addr & 0xfff) > 0xd70)
            return false;
        *v = id[((addr & 0xfff) - 0xd40) / 4];
    }
    return true;
}

static bool fpu_store(struct cpu *c, uint32_t addr, uint32_t v, uint32_t lanes)
{
    switch (addr & 0xfff) {
    case 0xd88: c->cpacr = merge(c->cpacr, v, lanes) & 0x00f00000; break;
    case 0xf34: c->fpccr = merge(c->fpccr, v, lanes) & (FPCCR_ASPEN | FPCCR_LSPEN | 0x17b); break;
    case 0xf38: c->fpcar = merge(c->fpcar, v, lanes) & ~7u; break;
    case 0xf3c: c->fpdscr = merge(c->fpdscr, v, lanes) & 0x07c00000; break;
    default: return false;
    }
    return true;
}

static bool scb_store(struct cpu *c, uint32_t addr, uint32_t v, uint32_t lanes)
{
    v &= lanes;
    switch (addr & 0xfff) {
    case 0x008: c->actlr = merge(c->actlr, v, lanes) & 0x307; break;
    case 0xd04: set_icsr(c, v); break;
    case 0xd08: c->vtor = merge(c->vtor, v, lanes) & 0xffffff80; break;
    case 0xd0c: set_aircr(c, v); break;
    case 0xd10: c->scr = merge(c->scr, v, lanes) & (SCR_SLEEPONEXIT | SCR_SLEEPDEEP | SCR_SEVONPEND); break;
    case 0xd14:
        c->ccr = merge(c->ccr, v, lanes)
               & (CCR_NONBASETHRDENA | CCR_USERSETMPEND | CCR_UNALIGN_TRP | CCR_DIV_0_TRP | CCR_BFHFNMIGN | CCR_STKALIGN);
        break;
    case 0xd18: case 0xd1c: case 0xd20: set_priorities(c, (addr & 0xfff) - 0xd14, v, lanes); break;
    case 0xd24: set_shcsr(c, merge(shcsr(c), v, lanes)); break;
    case 0xd28: c->cfsr &= ~v; break;
    case 0xd2c: c->hfsr &= ~v; break;
    case 0xd30: c->dfsr &= ~v; break;
    case 0xd34: c->mmfar = merge(c->mmfar, v, lanes); break;
    case 0xd38: c->bfar = merge(c->bfar, v, lanes); break;
    case 0xd3c: break;
    default: return fpu_store(c, addr, v, lanes);
    }
    return true;
}

static void unmodelled(struct cpu *c, uint32_t addr, bool write, uint32_t value)
{
    if (c->hooks && c->hooks->scs_unmodelled)
        c->hooks->scs_unmodelled(c->ctx, addr, write, value);
}

uint32_t cpu_scs_load(struct cpu *c, uint32_t addr)
{
    uint32_t v = 0;
    if (addr >> 12 == 0xe000e) {
        if ((addr & 0xff0) == 0x010)
            return cpu_systick_load(c, addr);
        if (scb_load(c, addr, &v) || cpu_nvic_register(c, addr, &v, 0) || cpu_mpu_register(c, addr, &v, false))
            return v;
    }
    if (!cpu_debug_register(c, addr, &v, 0))
        unmodelled(c, addr, false, 0);
    return v;
}

void cpu_scs_store(struct cpu *c, uint32_t addr, uint32_t value, uint32_t lanes)
{
    cpu_attend(c, ATTN_EXC);
    if (addr >> 12 == 0xe000e) {
        if ((addr & 0xff0) == 0x010) {
            cpu_systick_store(c, addr, value);
            return;
        }
        if (scb_store(c, addr, value, lanes) || cpu_nvic_register(c, addr, &value, lanes) || cpu_mpu_register(c, addr, &value, true))
            return;
    }
    if (!cpu_debug_register(c, addr, &value, lanes))
        unmodelled(c, addr, true, value);
}

void cpu_scs_reset(struct cpu *c)
{
    c->prigroup = c->scr = c->shcsr = c->cfsr = c->hfsr = c->dfsr = c->mmfar = c->bfar = c->cpacr = c->fpcar = c->fpdscr = c->actlr = 0;
    c->ccr = CCR_STKALIGN;
    c->fpccr = FPCCR_ASPEN | FPCCR_LSPEN;
    c->mpu_ctrl = c->mpu_rnr = 0;
    for (unsigned k = 0; k < 8; k++)
        c->mpu[k] = (struct mpu_region){0, 0};
    c->st_csr = 0;
    c->st_reload = c->st_value = 0;
    c->st_base = c->cycles;
    c->st_due = UINT64_MAX;
    c->demcr = 0;
    c->dwt_ctrl = 0;
    c->dwt_base = 0;
}
