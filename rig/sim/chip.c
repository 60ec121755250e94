/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chip's life: power, resets, and time.
 *
 * One queue of moments: each peripheral has at most one time at which something happens (due[]), plus the armed cuts. Between two
 * moments the core runs undisturbed; a moment is carried out before the first instruction that does not begin before it. While a
 * moment is carried out, chip_now is exactly its time, so that byte times on a UART do not drift by the rest of an instruction.
 */
#include "sim/chip_priv.h"
#include "sim/models.h"
#include "sim/nvm.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { STREAM_SRAM = 1, STREAM_CUT, STREAM_DEVICE, MSI_AT_RESET = 4000000, HSE_DEFAULT = 8000000 };

static const struct flash_family otp_family = {
    .name = "stm32l4-otp",
    .word = 8,
    .page = CHIP_OTP_SIZE,
    .bank = CHIP_OTP_SIZE,
    .size = CHIP_OTP_SIZE,
    .ecc = true,
    .erased = 0xff,
    .program_ns = 81690,
    .row_ns = 1910000,
    .erase_ns = 22020000,
    .mass_erase_ns = 22130000,
    .program_weight = {.before = 20, .torn = 30, .ecc = 30, .after = 20},
    .erase_weight = {.before = 20, .partial = 60, .after = 20},
};

static void on_exception(void *ctx, unsigned number, uint32_t return_pc)
{
    if (number == 3)
        chip_told(ctx, CHIP_FAULT_HARD, return_pc);
}

static bool build(struct chip *c)
{
    static const struct cpu_hooks hooks = {.exception = on_exception, .scs_unmodelled = chip_scs};
    uint32_t pages = flash_stm32l4.size / flash_stm32l4.page;
    c->sram1 = malloc(CHIP_SRAM1_SIZE);
    c->sram2 = malloc(CHIP_SRAM2_SIZE);
    c->seen = calloc((size_t)2 * CHIP_SITES, sizeof *c->seen);
    c->page_synced = calloc(pages, sizeof *c->page_synced);
    c->page_slow = calloc(pages, 1);
    c->flash = flash_new(&flash_stm32l4);
    c->otp = flash_new(&otp_family);
    c->cpu = cpu_new(&chip_bus_ops, &hooks, c, CHIP_IRQS, 4);
    if (!c->sram1 || !c->sram2 || !c->seen || !c->page_synced || !c->page_slow || !c->flash || !c->otp || !c->cpu)
        return false;
    memset(c->sram1, 0, CHIP_SRAM1_SIZE);
    memset(c->sram2, 0, CHIP_SRAM2_SIZE);
    return chip_bus_build(c);
}

struct chip *chip_new(const struct chip_hooks *hooks, uint64_t seed)
{
    struct chip *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    if (hooks)
        c->hooks = *hooks;
    c->id[0] = 0x00330038, c->id[1] = 0x33365106, c->id[2] = 0x20363557;
    c->hse_hz = HSE_DEFAULT;
    c->cut_due = c->armed_ns = c->next_due = PERIPH_NEVER;
    rng_seed(&c->dev_rng, seed, STREAM_DEVICE);
    chip_reseed(c, seed);
    if (!build(c)) {
        chip_free(c);
        return NULL;
    }
    ticks_start(&c->ticks, cpu_cycles(c->cpu), 0, MSI_AT_RESET);
    return c;
}

void chip_free(struct chip *c)
{
    if (!c)
        return;
    chip_bus_free(c);
    cpu_free(c->cpu);
    flash_free(c->flash);
    flash_free(c->otp);
    free(c->sram1);
    free(c->sram2);
    free(c->seen);
    free(c->page_synced);
    free(c->page_slow);
    free(c);
}

void chip_reseed(struct chip *c, uint64_t seed)
{
    c->seed = seed;
    rng_seed(&c->sram_rng, seed, STREAM_SRAM);
    rng_seed(&c->cut_rng, seed, STREAM_CUT);
}

uint64_t chip_now(const struct chip *c)
{
    if (c->in_event)
        return c->event_ns;
    return c->powered ? ticks_ns(&c->ticks, cpu_cycles(c->cpu)) : c->off_ns;
}

void chip_told(struct chip *c, enum chip_fault kind, uint32_t pc)
{
    if (c->hooks.fault)
        c->hooks.fault(c->hooks.ctx, kind, pc, chip_now(c));
}

void chip_stop(struct chip *c)
{
    c->stop = true;
    if (c->in_cpu)
        cpu_stop(c->cpu);
}

/* --- moments --- */

void chip_replan(struct chip *c, uint64_t due)
{
    if (due < c->next_due)
        c->next_due = due;
    if (c->in_cpu)
        cpu_set_deadline(c->cpu, ticks_cycle(&c->ticks, due < c->until ? due : c->until));
}

static uint64_t soonest(const struct chip *c, int *who)
{
    uint64_t best = c->cut_due < c->armed_ns ? c->cut_due : c->armed_ns;
    *who = -1; /* a cut comes before anything else of the same moment */
    for (unsigned k = 0; k < c->eventfuls; k++) {
        unsigned i = c->eventful[k];
        if (c->due[i] < best) {
            best = c->due[i];
            *who = (int)i;
        }
    }
    return best;
}

void chip_events(struct chip *c, uint64_t upto)
{
    bool in_access = c->in_access;
    int who;
    if (c->next_due > upto || c->in_event)
        return;
    c->in_access = false;
    c->in_event = true;
    while ((c->next_due = soonest(c, &who)) <= upto) {
        c->event_ns = c->next_due > c->ticks.ns ? c->next_due : c->ticks.ns; /* armed while the chip was off: now */
        if (who < 0) {
            chip_nvm_cut(c);
        } else {
            c->due[who] = PERIPH_NEVER;
            c->periph[who].model->event(&c->periph[who]);
        }
        if (!c->powered || c->restart)
            break;
    }
    c->in_event = false;
    c->in_access = in_access;
}

/* --- power and resets --- */

static void noise(struct chip *c)
{
    for (uint32_t i = 0; i < CHIP_SRAM1_SIZE + CHIP_SRAM2_SIZE; i += 8) {
        uint64_t r = rng_u64(&c->sram_rng);
        uint8_t *to = i < CHIP_SRAM1_SIZE ? c->sram1 + i : c->sram2 + (i - CHIP_SRAM1_SIZE);
        for (int k = 0; k < 8; k++)
            to[k] = (uint8_t)(r >> 8 * k);
    }
    cpu_invalidate(c->cpu, CHIP_SRAM1, CHIP_SRAM1_SIZE);
    cpu_invalidate(c->cpu, CHIP_SRAM2, CHIP_SRAM2_SIZE);
}

static void start_core(struct chip *c)
{
    chip_nvm_sync(c);
    for (unsigned irq = 0; irq < CHIP_IRQS; irq++)
        cpu_irq_set(c->cpu, irq, false);
    c->locked = !cpu_reset(c->cpu, 0);
    if (c->locked)
        chip_told(c, CHIP_FAULT_LOCKUP, 0);
}

static void reset(struct chip *c, enum chip_reset cause)
{
    enum periph_reset how = cause == CHIP_RESET_POWER ? PERIPH_POWER : PERIPH_SYSTEM;
    bool mapped = c->synced && c->mem_mode == 0 && !c->bank_swap;
    c->hold = c->locked = false;
    c->restart = 0;
    c->mem_mode = 0;
    c->bank_swap = false;
    for (unsigned i = 0; i < c->periphs; i++) {
        c->due[i] = PERIPH_NEVER;
        if (c->periph[i].model)
            c->periph[i].model->reset(&c->periph[i], how);
    }
    rcc_reset_cause(c->rcc, cause);
    if (!mapped || c->bank_swap) /* bank_swap: set by the option bytes just loaded */
        chip_bus_map(c);
    start_core(c);
}

void chip_power_on(struct chip *c)
{
    if (c->powered)
        return;
    ticks_start(&c->ticks, cpu_cycles(c->cpu), c->off_ns, MSI_AT_RESET);
    c->powered = true;
    c->born = cpu_instructions(c->cpu);
    noise(c);
    reset(c, CHIP_RESET_POWER);
}

static void domain_gone(struct chip *c)
{
    rcc_domain_reset(c->rcc);
    rtc_domain_reset(c->rtc);
}

void chip_off(struct chip *c)
{
    c->off_ns = chip_now(c);
    c->powered = false;
    c->restart = 0;
    c->hold = c->locked = false;
    for (unsigned i = 0; i < c->periphs; i++)
        c->due[i] = PERIPH_NEVER;
    if (c->battery_gone)
        domain_gone(c);
    rtc_clock(c->rtc);
    if (c->in_cpu)
        cpu_stop(c->cpu);
}

/* Where VDD is there, it feeds the domain until it goes; but a program that has not begun cannot know since when VBAT is gone. */
void chip_battery(struct chip *c, bool there)
{
    c->battery_gone = !there;
    if (!there && (!c->powered || cpu_instructions(c->cpu) == c->born)) {
        domain_gone(c);
        rtc_clock(c->rtc);
    }
}

void chip_rtc_set(struct chip *c, uint64_t unix_s)
{
    if (!rcc_rtc_hz(c->rcc)) {
        domain_gone(c);
        rcc_rtc_on_lse(c->rcc);
        rtc_clock(c->rtc);
    }
    rtc_set(c->rtc, unix_s);
}

bool chip_rtc_get(const struct chip *c, uint64_t *unix_s)
{
    return rtc_get(c->rtc, unix_s);
}

void chip_rtc_drift(struct chip *c, int32_t ppm)
{
    rtc_drift(c->rtc, ppm);
}

bool chip_power_cut(struct chip *c, enum flash_outcome force, unsigned torn_bits, struct flash_op *op,
                    enum flash_outcome *outcome, unsigned *torn)
{
    bool busy = c->powered && c->op_busy;
    assert(!c->in_cpu && !c->in_event);
    if (!c->powered)
        return false;
    chip_nvm_tear(c, force, torn_bits);
    c->cut_due = c->armed_ns = PERIPH_NEVER; /* armed for a life that is over */
    chip_off(c);
    chip_last_cut(c, op, outcome, torn);
    return busy;
}

void chip_reset_pin(struct chip *c)
{
    assert(!c->in_cpu && !c->in_event);
    if (!c->powered)
        return;
    chip_nvm_tear(c, FLASH_DONE, 0);
    reset(c, CHIP_RESET_PIN);
}

static void restart(struct chip *c)
{
    enum chip_reset cause = (enum chip_reset)(c->restart - 1);
    chip_nvm_tear(c, FLASH_DONE, 0); /* RM0351 §3.3.5: a reset in an operation leaves its target undefined */
    if (c->hooks.reset)
        c->hooks.reset(c->hooks.ctx, cause, chip_now(c));
    reset(c, cause);
}

bool chip_powered(const struct chip *c)
{
    return c->powered;
}

/* --- cuts to come --- */

void chip_arm_cut(struct chip *c, uint64_t index, enum flash_outcome force, unsigned torn_bits)
{
    c->armed = index;
    c->cut_due = PERIPH_NEVER;
    c->armed_force = force;
    c->armed_bits = torn_bits;
}

void chip_arm_cut_at(struct chip *c, uint64_t t, enum flash_outcome force, unsigned torn_bits)
{
    c->armed_ns = t ? t : PERIPH_NEVER;
    c->armed_force = force;
    c->armed_bits = torn_bits;
    chip_replan(c, c->armed_ns);
}

void chip_last_cut(const struct chip *c, struct flash_op *op, enum flash_outcome *outcome, unsigned *torn)
{
    if (op)
        *op = c->cut_op;
    if (outcome)
        *outcome = c->cut_outcome;
    if (torn)
        *torn = c->cut_torn;
}

uint64_t chip_flash_ops(const struct chip *c)
{
    return c->ops;
}

/* --- running --- */

static void pass(struct chip *c, uint64_t ns)
{
    uint64_t to = ticks_cycle(&c->ticks, ns);
    if (to > cpu_cycles(c->cpu))
        cpu_advance(c->cpu, to);
}

static bool listening(const struct chip *c)
{
    for (unsigned i = 0; i < c->periphs; i++) {
        const struct periph *p = &c->periph[i];
        if (p->model && p->model->listens && p->model->listens(p))
            return true;
    }
    return false;
}

/* Asleep: on to the next moment of the chip or of SysTick. False: none will ever come; time is at until. */
static bool sleep_on(struct chip *c, uint64_t next)
{
    bool stopped = chip_stop_mode(c); /* first: it changes the clock */
    uint64_t own = stopped ? UINT64_MAX : cpu_next_event(c->cpu), to = ticks_cycle(&c->ticks, next); /* in Stop SysTick stands still */
    if (own == UINT64_MAX && c->next_due == PERIPH_NEVER && !listening(c)) {
        pass(c, c->until);
        return false;
    }
    to = own < to ? own : to;
    if (to > cpu_cycles(c->cpu))
        cpu_advance(c->cpu, to);
    return true;
}

/* One stretch up to the next moment. False: nothing can happen any more. */
static bool stretch(struct chip *c)
{
    uint64_t next = c->next_due < c->until ? c->next_due : c->until;
    if (c->hold || c->locked) {
        c->hold = c->hold && c->op_busy;
        if (!c->hold && !c->locked)
            return true;
        pass(c, next);
        return c->hold || c->due[c->iwdg->index] != PERIPH_NEVER || next < c->until;
    }
    c->in_cpu = true;
    enum cpu_why why = cpu_run(c->cpu, ticks_cycle(&c->ticks, next));
    c->in_cpu = false;
    if (!c->powered || c->restart)
        return true; /* overtaken in the middle of an instruction */
    switch (why) {
    case CPU_SLEEP:
        return sleep_on(c, c->next_due < c->until ? c->next_due : c->until); /* it may have moved while the core ran */
    case CPU_RESET: c->restart = CHIP_RESET_SOFTWARE + 1; break;
    case CPU_LOCKUP:
        c->locked = true;
        chip_told(c, CHIP_FAULT_LOCKUP, cpu_pc(c->cpu));
        break;
    case CPU_BKPT: chip_told(c, CHIP_FAULT_BKPT, cpu_pc(c->cpu)); break;
    case CPU_DEADLINE:
    case CPU_STOPPED: break;
    }
    return true;
}

static enum chip_why off_until(struct chip *c, uint64_t until)
{
    if (c->cut_done) {
        c->cut_done = false;
        return CHIP_CUT;
    }
    if (until > c->off_ns)
        c->off_ns = until;
    return CHIP_DEAD;
}

enum chip_why chip_run(struct chip *c, uint64_t until_ns)
{
    assert(!c->in_cpu && !c->in_event);
    c->until = until_ns;
    c->stop = c->cut_done = false;
    if (c->powered)
        chip_nvm_sync(c); /* somebody may have changed flash between runs */
    for (;;) {
        if (c->powered)
            chip_events(c, chip_now(c));
        if (!c->powered)
            return off_until(c, until_ns);
        if (c->restart)
            restart(c);
        if (c->stop)
            return CHIP_STOPPED;
        if (chip_now(c) >= until_ns)
            return CHIP_TIME;
        if (!stretch(c))
            return CHIP_DEAD;
    }
}

struct flash *chip_flash(struct chip *c)
{
    return c->flash;
}

struct cpu *chip_cpu(struct chip *c)
{
    return c->cpu;
}
