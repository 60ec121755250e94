/* SPDX-License-Identifier: GPL-3.0-or-later
 * Special registers: MRS, MSR, CPS, and the program status register (ARM DDI 0403E.e, B1.4, B5.2).
 */
#include "sim/cpu_parts.h"

uint32_t cpu_xpsr(const struct cpu *c)
{
    return (c->fn & 0x80000000u) | (uint32_t)(c->fz == 0) << 30 | c->fc << 29 | (c->fv >> 31) << 28 | c->q << 27 | c->ge << 16
         | (c->it & 3u) << 25 | (uint32_t)c->thumb << 24 | (c->it & 0xfcu) << 8 | c->ipsr;
}

void cpu_set_apsr(struct cpu *c, uint32_t v, bool nzcvq, bool ge)
{
    if (nzcvq) {
        c->fn = v & 0x80000000u;
        c->fz = !(v >> 30 & 1);
        c->fc = v >> 29 & 1;
        c->fv = v << 3 & 0x80000000u;
        c->q = v >> 27 & 1;
    }
    if (ge)
        c->ge = v >> 16 & 15;
}

static uint32_t stack_pointer(const struct cpu *c, unsigned which)
{
    unsigned current = !c->ipsr && (c->control & CONTROL_SPSEL);
    return which == current ? c->r[13] : c->sp[which];
}

static void set_stack_pointer(struct cpu *c, unsigned which, uint32_t v)
{
    unsigned current = !c->ipsr && (c->control & CONTROL_SPSEL);
    *(which == current ? &c->r[13] : &c->sp[which]) = v & ~3u;
}

void cpu_mrs(struct cpu *c, const struct insn *i)
{
    bool priv = cpu_privileged(c);
    uint32_t v = 0;
    switch (i->imm) {
    case 8: v = priv ? stack_pointer(c, 0) : 0; break;
    case 9: v = priv ? stack_pointer(c, 1) : 0; break;
    case 16: v = priv ? c->primask : 0; break;
    case 17: case 18: v = priv ? c->basepri : 0; break;
    case 19: v = priv ? c->faultmask : 0; break;
    case 20: v = c->control; break;
    default: /* parts of xPSR; EPSR reads as 0 */
        v = (i->imm & 1 ? c->ipsr : 0) | (i->imm & 4 ? 0 : cpu_xpsr(c) & 0xf80f0000u);
    }
    c->r[i->rd] = v;
}

static void set_control(struct cpu *c, uint32_t v)
{
    unsigned control = (c->control & CONTROL_SPSEL) | (v & (CONTROL_NPRIV | CONTROL_FPCA));
    if (!c->ipsr) /* SPSEL is for thread mode */
        control = v & (CONTROL_NPRIV | CONTROL_SPSEL | CONTROL_FPCA);
    cpu_exc_select_sp(c, control);
}

static void set_basepri_max(struct cpu *c, unsigned v)
{
    if (v && (v < c->basepri || !c->basepri))
        c->basepri = v;
}

static void set_faultmask(struct cpu *c, unsigned v)
{
    if (!v || c->priority > -1)
        c->faultmask = v;
}

void cpu_msr(struct cpu *c, const struct insn *i)
{
    uint32_t v = c->r[i->rn];
    if (i->imm < 8) {
        if (!(i->imm & 4))
            cpu_set_apsr(c, v, i->x & 2, i->x & 1);
        return;
    }
    if (!cpu_privileged(c))
        return;
    switch (i->imm) {
    case 8: case 9: set_stack_pointer(c, i->imm & 1, v); break;
    case 16: c->primask = v & 1; break;
    case 17: c->basepri = v & c->prio_mask; break;
    case 18: set_basepri_max(c, v & c->prio_mask); break;
    case 19: set_faultmask(c, v & 1); break;
    default: set_control(c, v);
    }
    cpu_exc_update(c);
}

void cpu_cps(struct cpu *c, const struct insn *i)
{
    if (!cpu_privileged(c))
        return;
    if (i->imm & 2)
        c->primask = i->x;
    if (i->imm & 1)
        set_faultmask(c, i->x);
    cpu_exc_update(c);
}

uint32_t cpu_special(const struct cpu *c, enum cpu_special which)
{
    switch (which) {
    case CPU_XPSR: return cpu_xpsr(c);
    case CPU_MSP: return stack_pointer(c, 0);
    case CPU_PSP: return stack_pointer(c, 1);
    case CPU_PRIMASK: return c->primask;
    case CPU_BASEPRI: return c->basepri;
    case CPU_FAULTMASK: return c->faultmask;
    case CPU_CONTROL: return c->control;
    case CPU_FPSCR: return c->fpscr;
    case CPU_CFSR: return c->cfsr;
    case CPU_HFSR: return c->hfsr;
    case CPU_MMFAR: return c->mmfar;
    case CPU_BFAR: return c->bfar;
    case CPU_VTOR: return c->vtor;
    case CPU_SHCSR: return cpu_scs_load((struct cpu *)(uintptr_t)c, 0xe000ed24); /* a read without a side effect */
    case CPU_CPACR: return c->cpacr;
    case CPU_SCR: return c->scr;
    }
    return 0;
}

/* IPSR and the T bit stay: they change with the mode, by exceptions only. */
static void set_xpsr(struct cpu *c, uint32_t v)
{
    cpu_set_apsr(c, v, true, true);
    c->it = c->it_next = (uint8_t)((v >> 25 & 3) | (v >> 8 & 0xfc));
}

void cpu_set_special(struct cpu *c, enum cpu_special which, uint32_t v)
{
    switch (which) {
    case CPU_XPSR: set_xpsr(c, v); break;
    case CPU_MSP: set_stack_pointer(c, 0, v); break;
    case CPU_PSP: set_stack_pointer(c, 1, v); break;
    case CPU_PRIMASK: c->primask = v & 1; break;
    case CPU_BASEPRI: c->basepri = v & c->prio_mask; break;
    case CPU_FAULTMASK: c->faultmask = v & 1; break;
    case CPU_CONTROL: set_control(c, v); break;
    case CPU_FPSCR: c->fpscr = v & 0xf7c0009f; break;
    case CPU_CFSR: c->cfsr = v; break;
    case CPU_HFSR: c->hfsr = v; break;
    case CPU_MMFAR: c->mmfar = v; break;
    case CPU_BFAR: c->bfar = v; break;
    case CPU_VTOR: cpu_scs_store(c, 0xe000ed08, v, 0xffffffff); break;
    case CPU_SHCSR: cpu_scs_store(c, 0xe000ed24, v, 0xffffffff); break;
    case CPU_CPACR: c->cpacr = v & 0x00f00000; break;
    case CPU_SCR: cpu_scs_store(c, 0xe000ed10, v, 0xffffffff); break;
    }
    cpu_exc_update(c);
}
