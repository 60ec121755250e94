/* SPDX-License-Identifier: GPL-3.0-or-later
 * Exception entry and return: stack frames, EXC_RETURN, late arrival and tail chaining (ARM DDI 0403E.e, B1.5.6 to B1.5.8, B1.5.14).
 *
 * Method: entry stacks first and then takes the best of what is pending, so that an exception that arrived meanwhile wins (late
 * arrival). A return whose priority is below that of a pending exception enters that one without unstacking (tail chaining, 6 cycles).
 */
#include "sim/cpu_parts.h"

enum { ENTRY_CYCLES = 12, TAIL_CYCLES = 6, FRAME = 0x20, FP_FRAME = 0x68 };

static unsigned current_sp(const struct cpu *c) { return !c->ipsr && (c->control & CONTROL_SPSEL); }

/* Changes what r[13] stands for: call with the state that is to hold from now on. */
static void use_sp(struct cpu *c, unsigned old)
{
    unsigned now = current_sp(c);
    if (now == old)
        return;
    c->sp[old] = c->r[13];
    c->r[13] = c->sp[now];
}

void cpu_exc_select_sp(struct cpu *c, unsigned control)
{
    unsigned old = current_sp(c);
    c->control = control;
    use_sp(c, old);
}

static void stacking_fault(struct cpu *c, enum access a, bool entry)
{
    if (a == ACCESS_MPU)
        cpu_exc_derived(c, EXC_MEM, entry ? CFSR_MSTKERR : CFSR_MUNSTKERR);
    else if (a)
        cpu_exc_derived(c, EXC_BUS, entry ? CFSR_STKERR : CFSR_UNSTKERR);
}

/* Where the FP state will go when it is needed (UpdateFPCCR). */
static void reserve_fp(struct cpu *c, uint32_t frame)
{
    uint32_t f = c->fpccr & (FPCCR_ASPEN | FPCCR_LSPEN);
    f |= FPCCR_LSPACT | (cpu_privileged(c) ? 0 : FPCCR_USER) | (c->ipsr ? 0 : FPCCR_THREAD);
    f |= c->priority > -1 ? FPCCR_HFRDY : 0;
    f |= cpu_exc_deliverable(c, EXC_MEM) ? FPCCR_MMRDY : 0;
    f |= cpu_exc_deliverable(c, EXC_BUS) ? FPCCR_BFRDY : 0;
    f |= (c->demcr >> 16 & 1) && cpu_exc_deliverable(c, EXC_DEBUG) ? FPCCR_MONRDY : 0;
    c->fpccr = f;
    c->fpcar = frame + FRAME;
}

static enum access stack_fp(struct cpu *c, uint32_t frame)
{
    enum access a = ACCESS_OK;
    if (c->fpccr & FPCCR_LSPEN) {
        reserve_fp(c, frame);
        return a;
    }
    for (unsigned k = 0; k < 17 && !a; k++)
        a = cpu_raw_store(c, frame + FRAME + 4 * k, 4, cpu_privileged(c), k < 16 ? c->s[k] : c->fpscr);
    return a;
}

/* PushStack; gives EXC_RETURN */
static uint32_t push(struct cpu *c, uint32_t return_pc)
{
    bool fp = c->control & CONTROL_FPCA, force = fp || (c->ccr & CCR_STKALIGN);
    bool padded = (c->r[13] & 4) && force;
    uint32_t frame = (c->r[13] - (fp ? FP_FRAME : FRAME)) & ~(force ? 4u : 0u);
    uint32_t psr = (cpu_xpsr(c) & ~(1u << 9)) | (padded ? 1u << 9 : 0);
    const uint32_t words[8] = {c->r[0], c->r[1], c->r[2], c->r[3], c->r[12], c->r[14], return_pc, psr};
    enum access a = ACCESS_OK;
    c->r[13] = frame;
    for (unsigned k = 0; k < 8 && !a; k++)
        a = cpu_raw_store(c, frame + 4 * k, 4, cpu_privileged(c), words[k]);
    if (!a && fp)
        a = stack_fp(c, frame);
    stacking_fault(c, a, true);
    return (c->ipsr ? 0xfffffff1u : current_sp(c) ? 0xfffffffdu : 0xfffffff9u) & ~(fp ? 16u : 0u);
}

static bool vector(struct cpu *c, unsigned n, uint32_t *value)
{
    uint32_t at = c->vtor + 4 * n; /* by the default memory map: the MPU has no say */
    struct page *p = c->slot[at >> PAGE_SHIFT].page;
    if (!p || !p->mem || p->slow || !(p->flags & CPU_MAP_R))
        return c->ops->load(c->ctx, at, 4, value) == CPU_BUS_OK;
    *value = le32(p->mem + (at & PAGE_MASK));
    return true;
}

/* ExceptionTaken: enters the best pending exception. */
static void take(struct cpu *c, uint32_t exc_return, uint32_t return_pc)
{
    unsigned n = cpu_exc_best(c), old = current_sp(c);
    uint32_t entry = 0;
    if (!n) { /* a stack that lies over the NVIC unpended what was being entered */
        cpu_exc_lockup(c);
        return;
    }
    c->ipsr = n;
    c->control &= ~(unsigned)(CONTROL_FPCA | CONTROL_SPSEL);
    use_sp(c, old);
    c->r[14] = exc_return;
    c->it = c->it_next = 0;
    c->monitor = false;
    c->event = true;
    cpu_bit_set(c->pending, n, false);
    cpu_bit_set(c->active, n, true);
    cpu_exc_update(c);
    if (!vector(c, n, &entry)) {
        c->hfsr |= HFSR_VECTTBL;
        if (n <= EXC_HARD) {
            cpu_exc_lockup(c);
            return;
        }
        cpu_bit_set(c->active, n, false);
        cpu_exc_pend(c, n);
        cpu_exc_pend(c, EXC_HARD);
        take(c, exc_return, return_pc);
        return;
    }
    c->pc = entry & ~1u;
    c->thumb = entry & 1;
    if (c->hooks && c->hooks->exception)
        c->hooks->exception(c->ctx, n, return_pc);
}

void cpu_exc_take(struct cpu *c, uint32_t return_pc)
{
    uint32_t exc_return = push(c, return_pc);
    cpu_exc_pass(c, ENTRY_CYCLES);
    take(c, exc_return, return_pc);
}

/* Enters an exception where a frame already lies on the stack. */
static void chain(struct cpu *c, uint32_t exc_return)
{
    cpu_exc_pass(c, TAIL_CYCLES);
    take(c, exc_return, c->pc);
}

/* A return that fails its integrity checks: UsageFault on the frame that is there (B1.5.8). */
static void refuse(struct cpu *c, uint32_t exc_return)
{
    c->cfsr |= CFSR_INVPC;
    unsigned n = EXC_USAGE;
    if (!cpu_exc_deliverable(c, n)) {
        c->hfsr |= HFSR_FORCED;
        n = EXC_HARD;
        if (c->priority <= -1) {
            cpu_exc_lockup(c);
            return;
        }
    }
    cpu_exc_pend(c, n);
    chain(c, exc_return);
}

static enum access unstack_fp(struct cpu *c, uint32_t frame, bool priv)
{
    uint32_t words[17];
    if (c->fpccr & FPCCR_LSPACT) { /* it never left the registers */
        c->fpccr &= ~(uint32_t)FPCCR_LSPACT;
        return ACCESS_OK;
    }
    for (unsigned k = 0; k < 17; k++) {
        enum access a = cpu_raw_load(c, frame + FRAME + 4 * k, 4, priv, &words[k]);
        if (a)
            return a;
    }
    for (unsigned k = 0; k < 16; k++)
        c->s[k] = words[k];
    c->fpscr = words[16] & 0xf7c0009f;
    return ACCESS_OK;
}

static void unpack(struct cpu *c, const uint32_t words[8])
{
    for (unsigned k = 0; k < 4; k++)
        c->r[k] = words[k];
    c->r[12] = words[4];
    c->r[14] = words[5];
    c->pc = words[6] & ~1u;
    cpu_set_apsr(c, words[7], true, true);
    c->thumb = words[7] >> 24 & 1;
    c->it = c->it_next = (uint8_t)((words[7] >> 25 & 3) | (words[7] >> 8 & 0xfc));
}

/* PopStack and the mode changes around it; false: the frame could not be read. */
static bool pop(struct cpu *c, uint32_t exc_return, uint32_t *psr)
{
    bool handler = (exc_return & 15) == 1, process = (exc_return & 15) == 13, fp = !(exc_return & 16);
    bool priv = handler || !(c->control & CONTROL_NPRIV), force = fp || (c->ccr & CCR_STKALIGN);
    uint32_t words[8], frame = process ? c->sp[1] : c->r[13];
    enum access a = ACCESS_OK;
    for (unsigned k = 0; k < 8 && !a; k++)
        a = cpu_raw_load(c, frame + 4 * k, 4, priv, &words[k]);
    if (!a && fp)
        a = unstack_fp(c, frame, priv);
    if (a) {
        stacking_fault(c, a, false);
        return false;
    }
    *psr = words[7];
    uint32_t top = (frame + (fp ? FP_FRAME : FRAME)) | (force && (*psr >> 9 & 1) ? 4u : 0u);
    c->sp[process] = top;
    if (!process)
        c->r[13] = top;
    unsigned old = current_sp(c); /* still in handler mode: main */
    c->control = (c->control & CONTROL_NPRIV) | (process ? CONTROL_SPSEL : 0) | (fp ? CONTROL_FPCA : 0);
    c->ipsr = handler ? *psr & 0x1ff : 0;
    use_sp(c, old);
    unpack(c, words);
    return true;
}

static unsigned active_count(const struct cpu *c)
{
    unsigned n = 0;
    for (unsigned w = 0; w < EXC_MAX / 32; w++)
        n += popcount(c->active[w]);
    return n;
}

static bool acceptable(const struct cpu *c, uint32_t exc_return)
{
    unsigned low = exc_return & 15;
    if ((exc_return & 0x0fffffe0) != 0x0fffffe0 || c->ipsr >= EXC_MAX || !cpu_bit(c->active, c->ipsr))
        return false;
    if (low == 1)
        return true;
    return (low == 9 || low == 13) && (active_count(c) == 1 || (c->ccr & CCR_NONBASETHRDENA));
}

void cpu_exc_return(struct cpu *c, uint32_t exc_return)
{
    bool good = acceptable(c, exc_return), base = active_count(c) == 1, handler = (exc_return & 15) == 1;
    uint32_t psr;
    cpu_exc_deactivate(c, c->ipsr);
    if (!good) {
        refuse(c, 0xf0000000 | exc_return);
        return;
    }
    if (cpu_exc_preempts(c)) {
        chain(c, exc_return);
        return;
    }
    cpu_exc_pass(c, ENTRY_CYCLES);
    bool popped = !cpu_exc_preempts(c) && pop(c, exc_return, &psr);
    if (!popped) { /* SysTick came meanwhile, or unstacking failed and a fault is pending now */
        if (cpu_exc_preempts(c))
            take(c, exc_return, c->pc);
        else
            cpu_exc_lockup(c);
        return;
    }
    cpu_exc_update(c);
    c->monitor = false;
    c->event = true;
    if (handler != ((psr & 0x1ff) != 0)) {
        push(c, c->pc);
        refuse(c, 0xf0000000 | exc_return);
        return;
    }
    if (!handler && base && (c->scr & SCR_SLEEPONEXIT)) {
        c->sleeping = true;
        c->sleep_event = false;
    }
}
