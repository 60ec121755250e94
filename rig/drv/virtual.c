/* SPDX-License-Identifier: GPL-3.0-or-later
 * The virtual bench.
 *
 * Method. The chip runs until the earliest of the caller's deadline and the next timer of the stack or the server. Hooks of the
 * chip only collect: bytes of the SLIP line, console characters, notable moments; those that somebody waits for stop the
 * chip at the end of the instruction. What was collected is worked off outside the chip, in the order of its times. Nothing
 * here reads a clock of the host.
 */
#include "drv/virtual_parts.h"

#include "base/err.h"
#include "base/json.h"
#include "base/rng.h"
#include "sim/chip.h"
#include "sim/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLASH_BASE = 0x08000000, LINE_MOST = sizeof((struct bench_event *)0)->text - 1, SLIP_END = 0xc0 };

struct virtual *virtual_of(struct bench *b)
{
    return (struct virtual *)b;
}

struct bench_event *virtual_push(struct virtual *v, enum bench_kind kind, uint64_t t)
{
    struct virtual_queued *q = mem_new(sizeof *q);
    q->ev.kind = kind;
    q->ev.t = t;
    *v->last = q;
    v->last = &q->next;
    return &q->ev;
}

void virtual_text(char *to, size_t room, const char *from)
{
    snprintf(to, room, "%s", from ? from : "");
}

/* The program counter in flash tells which slot runs; handlers in SRAM leave the last one standing. */
static void sample_pc(struct virtual *v)
{
    uint32_t pc = cpu_pc(chip_cpu(v->chip));
    if (chip_powered(v->chip) && pc >= FLASH_BASE && pc < FLASH_BASE + flash_stm32l4.size)
        v->pc = pc;
}

/* --- what the chip tells --- */

static void console_char(struct virtual *v, uint8_t byte, uint64_t t)
{
    if (v->config->console_byte)
        v->config->console_byte(v->config->console_ctx, byte, t);
    if (v->raw) {
        virtual_push(v, BENCH_BYTE, t)->value = byte;
        chip_stop(v->chip);
    }
    if (byte == '\r')
        return;
    if (byte != '\n' && v->line.size < LINE_MOST) {
        buf_char(&v->line, byte >= 0x20 && byte < 0x7f ? (char)byte : '?');
        return;
    }
    if (byte != '\n')
        return;
    sample_pc(v);
    virtual_text(virtual_push(v, BENCH_LINE, t)->text, LINE_MOST + 1, buf_text(&v->line));
    buf_clear(&v->line);
    chip_stop(v->chip);
}

static void on_uart(void *ctx, unsigned uart, uint8_t byte, uint64_t t)
{
    struct virtual *v = ctx;
    if (uart == v->config->console_uart)
        console_char(v, byte, t);
    if (uart != v->config->slip_uart)
        return;
    buf_char(&v->slip, (char)byte);
    if (byte == SLIP_END && v->slip.size > 1) {
        v->frame = true;
        chip_stop(v->chip);
    }
}

static void fill_op(struct bench_op *out, const struct flash_op *op)
{
    *out = (struct bench_op){.index = op->index, .erase = op->kind == FLASH_ERASE || op->kind == FLASH_MASS_ERASE,
                             .addr = FLASH_BASE + op->addr, .size = op->size, .pc = op->pc, .t = op->start_ns};
}

static void on_flash_op(void *ctx, const struct flash_op *op)
{
    struct virtual *v = ctx;
    struct bench_op told;
    fill_op(&told, op);
    if (v->log)
        v->log(v->log_ctx, &told);
    if (told.addr < (uint64_t)v->watch_addr + v->watch_size && (uint64_t)told.addr + told.size > v->watch_addr) {
        virtual_push(v, BENCH_OP, op->start_ns)->op = told;
        chip_stop(v->chip);
    }
}

static void on_flash_error(void *ctx, uint32_t sr, uint32_t addr, uint32_t pc)
{
    struct virtual *v = ctx;
    struct bench_event *ev = virtual_push(v, BENCH_FLASH_ERROR, chip_now(v->chip));
    ev->value = sr;
    ev->addr = addr;
    ev->pc = pc;
}

static void on_access(void *ctx, const struct chip_access *a)
{
    struct virtual *v = ctx;
    struct bench_event *ev = virtual_push(v, BENCH_ACCESS, chip_now(v->chip));
    ev->addr = a->addr;
    ev->pc = a->pc;
    ev->value = a->value;
    ev->write = a->write;
    virtual_text(ev->text, sizeof ev->text, a->why);
}

static void on_reset(void *ctx, enum chip_reset cause, uint64_t t)
{
    static const char *const names[] = {"power-on", "pin", "software", "watchdog", "option-byte"};
    struct virtual *v = ctx;
    virtual_text(virtual_push(v, BENCH_RESET, t)->text, 32, names[cause]);
    v->pc = 0; /* what ran before says nothing about what runs next */
    chip_stop(v->chip);
}

static void on_fault(void *ctx, enum chip_fault kind, uint32_t pc, uint64_t t)
{
    static const char *const names[] = {"hard", "lockup", "nmi-ecc", "bkpt"};
    struct virtual *v = ctx;
    struct bench_event *ev = virtual_push(v, BENCH_CPU_FAULT, t);
    virtual_text(ev->text, sizeof ev->text, names[kind]);
    ev->pc = pc;
    chip_stop(v->chip);
}

/* --- ports --- */

static void power_on(struct bench *b)
{
    virtual_of(b)->dead_told = false;
    virtual_of(b)->pc = 0;
    chip_power_on(virtual_of(b)->chip);
}

static const char *outcome_name(enum flash_outcome outcome)
{
    return flash_outcome_name(outcome);
}

static void line_is_cut(struct virtual *v)
{
    buf_clear(&v->line);
    buf_clear(&v->slip);
    v->frame = false;
}

static void power_off(struct bench *b, struct bench_op *op)
{
    struct virtual *v = virtual_of(b);
    struct flash_op was;
    enum flash_outcome outcome;
    unsigned torn = 0;
    *op = (struct bench_op){0};
    if (chip_power_cut(v->chip, FLASH_DONE, 0, &was, &outcome, &torn)) {
        fill_op(op, &was);
        op->outcome = outcome_name(outcome);
        op->torn = torn;
    }
    line_is_cut(v);
}

static unsigned rail_mv(struct bench *b)
{
    return chip_powered(virtual_of(b)->chip) ? 3300 : 0;
}

static enum flash_outcome outcome_of(const char *name)
{
    for (int o = FLASH_BEFORE; name && o <= FLASH_AFTER; o++)
        if (strcmp(flash_outcome_name((enum flash_outcome)o), name) == 0)
            return (enum flash_outcome)o;
    return FLASH_DONE;
}

static void power_arm(struct bench *b, uint64_t index, const char *outcome, unsigned torn)
{
    chip_arm_cut(virtual_of(b)->chip, index, outcome_of(outcome), torn);
}

static void reset_pulse(struct bench *b)
{
    virtual_of(b)->dead_told = false;
    virtual_of(b)->pc = 0;
    chip_reset_pin(virtual_of(b)->chip);
    line_is_cut(virtual_of(b));
}

static void console_send(struct bench *b, const void *bytes, size_t n)
{
    struct virtual *v = virtual_of(b);
    chip_uart_send(v->chip, v->config->console_uart, bytes, n, v->config->console_baud);
}

static void unique_id(struct bench *b, const uint32_t id[3])
{
    chip_unique_id(virtual_of(b)->chip, id);
}

static void console_raw(struct bench *b, bool on)
{
    virtual_of(b)->raw = on;
}

static uint64_t nvm_ops(struct bench *b)
{
    return chip_flash_ops(virtual_of(b)->chip);
}

static const uint8_t *nvm_bytes(struct bench *b, uint32_t addr, size_t n)
{
    uint32_t size = flash_stm32l4.size;
    if (addr < FLASH_BASE || addr - FLASH_BASE > size || n > size - (addr - FLASH_BASE))
        return NULL;
    return flash_bytes(chip_flash(virtual_of(b)->chip)) + (addr - FLASH_BASE);
}

static void nvm_watch(struct bench *b, uint32_t addr, uint32_t size)
{
    virtual_of(b)->watch_addr = addr;
    virtual_of(b)->watch_size = size;
}

static uint32_t nvm_pc(struct bench *b)
{
    return virtual_of(b)->pc;
}

static void nvm_damage(struct bench *b, uint32_t addr, uint32_t n, enum bench_damage how, uint64_t seed)
{
    static const enum flash_rot rots[] = {FLASH_ROT_ZERO, FLASH_ROT_RANDOM, FLASH_ROT_ECC, FLASH_ROT_ERASED};
    struct rng r;
    rng_seed(&r, seed, 0);
    if (addr >= FLASH_BASE)
        flash_rot(chip_flash(virtual_of(b)->chip), addr - FLASH_BASE, n, rots[how], &r);
}

static void nvm_log(struct bench *b, void (*told)(void *ctx, const struct bench_op *op), void *ctx)
{
    virtual_of(b)->log = told;
    virtual_of(b)->log_ctx = ctx;
}

static uint64_t rtc_date(struct bench *b)
{
    return virtual_of(b)->config->calendar_s + chip_now(virtual_of(b)->chip) / 1000000000;
}

static void rtc_set(struct bench *b, uint64_t unix_s)
{
    chip_rtc_set(virtual_of(b)->chip, unix_s);
}

static void rtc_drift(struct bench *b, int32_t ppm)
{
    chip_rtc_drift(virtual_of(b)->chip, ppm);
}

static void rtc_battery(struct bench *b, bool there)
{
    chip_battery(virtual_of(b)->chip, there);
}

static const struct port_power power = {"sim", power_on, power_off, rail_mv, power_arm};
static const struct port_reset reset = {"sim", reset_pulse};
static const struct port_console console = {"sim", console_send, console_raw};
static const struct port_rtc rtc = {"sim", rtc_date, rtc_set, rtc_drift, rtc_battery};
static const struct port_nvm nvm = {"sim", nvm_ops, nvm_bytes, nvm_watch, nvm_pc, nvm_damage, nvm_log};

/* --- the loop --- */

static uint64_t bench_now(struct bench *b)
{
    return chip_now(virtual_of(b)->chip);
}

static uint64_t bench_instructions(struct bench *b)
{
    return cpu_instructions(chip_cpu(virtual_of(b)->chip));
}

static void cut_done(struct virtual *v)
{
    struct flash_op op;
    enum flash_outcome outcome;
    unsigned torn;
    chip_last_cut(v->chip, &op, &outcome, &torn);
    struct bench_event *ev = virtual_push(v, BENCH_CUT, chip_now(v->chip));
    fill_op(&ev->op, &op);
    ev->op.outcome = outcome_name(outcome);
    ev->op.torn = torn;
    line_is_cut(v);
}

static void step(struct virtual *v, uint64_t deadline)
{
    enum chip_why why = chip_run(v->chip, virtual_net_next(v, deadline));
    sample_pc(v);
    if (why == CHIP_CUT)
        cut_done(v);
    if (why == CHIP_DEAD && chip_powered(v->chip) && !v->dead_told) {
        v->dead_told = true;
        virtual_push(v, BENCH_DEAD, chip_now(v->chip));
    }
    virtual_net_work_off(v);
}

static void bench_next(struct bench *b, uint64_t deadline, struct bench_event *ev)
{
    struct virtual *v = virtual_of(b);
    while (!v->first && chip_now(v->chip) < deadline)
        step(v, deadline);
    if (!v->first) {
        *ev = (struct bench_event){.kind = BENCH_DEADLINE, .t = chip_now(v->chip)};
        return;
    }
    struct virtual_queued *q = v->first;
    v->first = q->next;
    if (!v->first)
        v->last = &v->first;
    *ev = q->ev;
    free(q);
}

static void bench_close(struct bench *b)
{
    struct virtual *v = virtual_of(b);
    while (v->first) {
        struct virtual_queued *q = v->first;
        v->first = q->next;
        json_free(q->ev.told);
        free(q);
    }
    virtual_net_stop(v);
    chip_free(v->chip);
    buf_free(&v->line);
    buf_free(&v->slip);
    free(v);
}

static int load(struct virtual *v, bool tls, struct err *e)
{
    for (size_t i = 0; i < v->config->loads; i++) {
        const struct virtual_load *l = tls ? &v->config->tls_load[i] : &v->config->load[i];
        if (l->addr < FLASH_BASE || !flash_load(chip_flash(v->chip), l->addr - FLASH_BASE, l->bytes, l->size))
            return err_set(e, RIG_EINPUT, "0x%08x: %zu bytes do not fit into the flash of an STM32L476", l->addr, l->size);
    }
    return 0;
}

static void plug_in(struct bench *b)
{
    b->name = "virtual";
    b->power = &power;
    b->reset = &reset;
    b->console = &console;
    b->nvm = &nvm;
    b->rtc = &rtc;
    b->unique_id = unique_id;
    b->now = bench_now;
    b->instructions = bench_instructions;
    b->next = bench_next;
    b->close = bench_close;
}

struct bench *virtual_open(void *config, const struct bench_wish *wish, struct err *e)
{
    uint64_t seed = wish->seed;
    struct virtual *v = mem_new(sizeof *v);
    v->config = config;
    v->last = &v->first;
    v->body_watch = BENCH_NEVER;
    struct chip_hooks hooks = {.ctx = v, .uart_tx = on_uart, .flash_op = on_flash_op, .flash_error = on_flash_error,
                               .access = on_access, .reset = on_reset, .fault = on_fault};
    v->chip = chip_new(&hooks, rng_mix(seed, 1, 0));
    plug_in(&v->b);
    if (v->chip && v->config->calendar_s) /* as the factory left it */
        chip_rtc_set(v->chip, v->config->calendar_s);
    if (!v->chip || load(v, wish->tls, e) || (v->config->slip_uart && virtual_net_start(v, wish, e))) {
        err_set(e, RIG_ENOMEM, "the virtual bench does not start");
        bench_close(&v->b);
        return NULL;
    }
    return &v->b;
}
