/* SPDX-License-Identifier: GPL-3.0-or-later
 * The virtual bench.
 *
 * Method. The chip runs until the earliest of the caller's deadline and the next timer of the stack or the server. Hooks of the
 * chip only collect: bytes of the SLIP line, console characters, notable moments; those that somebody waits for stop the
 * chip at the end of the instruction. What was collected is worked off outside the chip, in the order of its times. Nothing
 * here reads a clock of the host.
 */
#include "drv/virtual.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/rng.h"
#include "net/net.h"
#include "server/server.h"
#include "server/tls.h"
#include "sim/chip.h"
#include "sim/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLASH_BASE = 0x08000000, LINE_MOST = sizeof((struct bench_event *)0)->text - 1, SLIP_END = 0xc0 };

struct queued {
    struct bench_event ev;
    struct queued *next;
};

struct virtual {
    struct bench b; /* first: the ports get a struct bench */
    const struct virtual_config *config;
    struct chip *chip;
    struct net *net;
    struct server *server;
    struct certs *certs; /* of TLS, else NULL, */
    struct tls *tls;     /* this too */
    struct queued *first, **last;
    struct buf line, slip;
    bool frame, wire;
    uint64_t body_watch;
    uint32_t watch_addr, watch_size, pc;
    void (*log)(void *ctx, const struct bench_op *op);
    void *log_ctx;
    bool dead_told;
};

static struct virtual *of(struct bench *b)
{
    return (struct virtual *)b;
}

static struct bench_event *push(struct virtual *v, enum bench_kind kind, uint64_t t)
{
    struct queued *q = mem_new(sizeof *q);
    q->ev.kind = kind;
    q->ev.t = t;
    *v->last = q;
    v->last = &q->next;
    return &q->ev;
}

static void copy_text(char *to, size_t room, const char *from)
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
    if (byte == '\r')
        return;
    if (byte != '\n' && v->line.size < LINE_MOST) {
        buf_char(&v->line, byte >= 0x20 && byte < 0x7f ? (char)byte : '?');
        return;
    }
    if (byte != '\n')
        return;
    sample_pc(v);
    copy_text(push(v, BENCH_LINE, t)->text, LINE_MOST + 1, buf_text(&v->line));
    buf_clear(&v->line);
    chip_stop(v->chip);
}

static void on_uart(void *ctx, unsigned uart, uint8_t byte, uint64_t t)
{
    struct virtual *v = ctx;
    if (uart == v->config->console_uart)
        console_char(v, byte, t);
    if (uart != v->config->slip_uart || !v->wire)
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
        push(v, BENCH_OP, op->start_ns)->op = told;
        chip_stop(v->chip);
    }
}

static void on_flash_error(void *ctx, uint32_t sr, uint32_t addr, uint32_t pc)
{
    struct virtual *v = ctx;
    struct bench_event *ev = push(v, BENCH_FLASH_ERROR, chip_now(v->chip));
    ev->value = sr;
    ev->addr = addr;
    ev->pc = pc;
}

static void on_access(void *ctx, const struct chip_access *a)
{
    struct virtual *v = ctx;
    struct bench_event *ev = push(v, BENCH_ACCESS, chip_now(v->chip));
    ev->addr = a->addr;
    ev->pc = a->pc;
    ev->value = a->value;
    ev->write = a->write;
    copy_text(ev->text, sizeof ev->text, a->why);
}

static void on_reset(void *ctx, enum chip_reset cause, uint64_t t)
{
    static const char *const names[] = {"power-on", "pin", "software", "watchdog", "option-byte"};
    struct virtual *v = ctx;
    copy_text(push(v, BENCH_RESET, t)->text, 32, names[cause]);
    v->pc = 0; /* what ran before says nothing about what runs next */
    chip_stop(v->chip);
}

static void on_fault(void *ctx, enum chip_fault kind, uint32_t pc, uint64_t t)
{
    static const char *const names[] = {"hard", "lockup", "nmi-ecc", "bkpt"};
    struct virtual *v = ctx;
    struct bench_event *ev = push(v, BENCH_CPU_FAULT, t);
    copy_text(ev->text, sizeof ev->text, names[kind]);
    ev->pc = pc;
    chip_stop(v->chip);
}

/* --- what the network and the server tell --- */

static void on_send(void *ctx, const uint8_t *bytes, size_t n)
{
    struct virtual *v = ctx;
    if (v->wire && chip_powered(v->chip))
        chip_uart_send(v->chip, v->config->slip_uart, bytes, n, v->config->slip_baud);
}

static void on_noise(void *ctx, const char *what)
{
    struct virtual *v = ctx;
    copy_text(push(v, BENCH_BAD_REQUEST, chip_now(v->chip))->text, LINE_MOST, what);
}

static void fill_http(struct bench_event *ev, const struct server_event *s)
{
    ev->request = s->n;
    ev->status = s->status;
    ev->ranged = s->ranged;
    ev->from = s->from;
    ev->length = s->length;
    ev->sent = s->sent;
    copy_text(ev->method, sizeof ev->method, s->method);
    copy_text(ev->path, sizeof ev->path, s->path);
    copy_text(ev->file, sizeof ev->file, s->file);
    copy_text(ev->end, sizeof ev->end, s->end);
    copy_text(ev->attack, sizeof ev->attack, s->attack);
}

static void on_server(void *ctx, const struct server_event *s)
{
    static const enum bench_kind kinds[] = {BENCH_REQUEST, BENCH_RESPONSE, BENCH_TOLD, BENCH_BAD_REQUEST};
    struct virtual *v = ctx;
    struct bench_event *ev = push(v, kinds[s->kind], chip_now(v->chip));
    fill_http(ev, s);
    if (s->kind == SERVER_TOLD)
        ev->told = json_copy(s->told);
    if (s->kind == SERVER_BAD_REQUEST)
        copy_text(ev->text, sizeof ev->text, s->what);
}

static void on_tls(void *ctx, const struct tls_event *t)
{
    struct virtual *v = ctx;
    struct bench_event *ev = push(v, BENCH_TLS, chip_now(v->chip));
    ev->request = t->n;
    copy_text(ev->method, sizeof ev->method, t->version);
    copy_text(ev->path, sizeof ev->path, t->host);
    copy_text(ev->end, sizeof ev->end, t->end);
    copy_text(ev->alert, sizeof ev->alert, t->alert);
    copy_text(ev->attack, sizeof ev->attack, t->attack);
}

static void on_connection(void *ctx, unsigned n, struct tls_faults *faults)
{
    struct virtual *v = ctx;
    server_connection(v->server, n, faults);
}

/* --- ports --- */

static void power_on(struct bench *b)
{
    of(b)->dead_told = false;
    of(b)->pc = 0;
    chip_power_on(of(b)->chip);
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
    struct virtual *v = of(b);
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
    return chip_powered(of(b)->chip) ? 3300 : 0;
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
    chip_arm_cut(of(b)->chip, index, outcome_of(outcome), torn);
}

static void reset_pulse(struct bench *b)
{
    of(b)->dead_told = false;
    of(b)->pc = 0;
    chip_reset_pin(of(b)->chip);
    line_is_cut(of(b));
}

static void console_send(struct bench *b, const void *bytes, size_t n)
{
    struct virtual *v = of(b);
    chip_uart_send(v->chip, v->config->console_uart, bytes, n, v->config->console_baud);
}

static void link_up(struct bench *b, bool up)
{
    struct virtual *v = of(b);
    v->wire = up;
    if (v->net)
        net_wire(v->net, up);
    if (!up) {
        chip_uart_flush(v->chip, v->config->slip_uart);
        buf_clear(&v->slip);
    }
}

/* The same thing in the server's words; its lists are freed by the caller. */
static struct server_offer offer_of(const struct bench_offer *o)
{
    struct server_file *files = mem_new((o->count + 1) * sizeof *files);
    struct server_delta *deltas = mem_new((o->delta_count + 1) * sizeof *deltas);
    for (size_t i = 0; i < o->count; i++)
        files[i] = (struct server_file){o->files[i].slot, o->files[i].name, o->files[i].bytes, o->files[i].size};
    for (size_t i = 0; i < o->delta_count; i++)
        deltas[i] = (struct server_delta){o->deltas[i].slot, o->deltas[i].base_sha256, o->deltas[i].name, o->deltas[i].bytes,
                                          o->deltas[i].size};
    return (struct server_offer){.version = o->version, .hardware = o->hardware, .security_counter = o->security_counter,
                                 .chunk_size = o->chunk_size, .files = files, .count = o->count, .action = o->action,
                                 .keyset = o->keyset, .deltas = deltas, .delta_count = o->delta_count};
}

static void offer_done(struct server_offer *o)
{
    free((void *)(uintptr_t)o->files);
    free((void *)(uintptr_t)o->deltas);
}

static void server_offer_set(struct bench *b, const struct bench_offer *o)
{
    if (!o) {
        server_offer(of(b)->server, NULL);
        return;
    }
    struct server_offer offer = offer_of(o), other = {0};
    if (o->other) {
        other = offer_of(o->other);
        offer.other = &other;
    }
    server_offer(of(b)->server, &offer);
    offer_done(&offer);
    offer_done(&other);
}

static void server_rule_set(struct bench *b, const struct bench_rule *r)
{
    struct server_rule rule = {.attack = r->attack, .request = r->request, .path = r->path, .device = r->device, .times = r->times};
    memcpy(rule.value, r->value, sizeof rule.value);
    server_rule_add(of(b)->server, &rule);
}

static void server_honest(struct bench *b)
{
    server_rules_clear(of(b)->server);
}

static uint64_t server_body(struct bench *b)
{
    return server_body_sent(of(b)->server);
}

static void server_watch(struct bench *b, uint64_t bytes)
{
    of(b)->body_watch = bytes;
}

static uint64_t nvm_ops(struct bench *b)
{
    return chip_flash_ops(of(b)->chip);
}

static const uint8_t *nvm_bytes(struct bench *b, uint32_t addr, size_t n)
{
    uint32_t size = flash_stm32l4.size;
    if (addr < FLASH_BASE || addr - FLASH_BASE > size || n > size - (addr - FLASH_BASE))
        return NULL;
    return flash_bytes(chip_flash(of(b)->chip)) + (addr - FLASH_BASE);
}

static void nvm_watch(struct bench *b, uint32_t addr, uint32_t size)
{
    of(b)->watch_addr = addr;
    of(b)->watch_size = size;
}

static uint32_t nvm_pc(struct bench *b)
{
    return of(b)->pc;
}

static void nvm_log(struct bench *b, void (*told)(void *ctx, const struct bench_op *op), void *ctx)
{
    of(b)->log = told;
    of(b)->log_ctx = ctx;
}

static uint64_t rtc_date(struct bench *b)
{
    return of(b)->config->calendar_s + chip_now(of(b)->chip) / 1000000000;
}

static void rtc_set(struct bench *b, uint64_t unix_s)
{
    chip_rtc_set(of(b)->chip, unix_s);
}

static void rtc_drift(struct bench *b, int32_t ppm)
{
    chip_rtc_drift(of(b)->chip, ppm);
}

static void rtc_battery(struct bench *b, bool there)
{
    chip_battery(of(b)->chip, there);
}

static const struct port_power power = {"sim", power_on, power_off, rail_mv, power_arm};
static const struct port_reset reset = {"sim", reset_pulse};
static const struct port_console console = {"sim", console_send};
static const struct port_link link_port = {"slip", link_up};
static const struct port_server server_port = {"slip", server_offer_set, server_rule_set, server_honest, server_body, server_watch};
static const struct port_rtc rtc = {"sim", rtc_date, rtc_set, rtc_drift, rtc_battery};
static const struct port_nvm nvm = {"sim", nvm_ops, nvm_bytes, nvm_watch, nvm_pc, nvm_log};

/* --- the loop --- */

static uint64_t bench_now(struct bench *b)
{
    return chip_now(of(b)->chip);
}

static uint64_t bench_instructions(struct bench *b)
{
    return cpu_instructions(chip_cpu(of(b)->chip));
}

static uint64_t soonest(const struct virtual *v, uint64_t deadline)
{
    uint64_t t = deadline, n = v->net ? net_next(v->net) : UINT64_MAX, s = v->net ? server_next(v->server) : UINT64_MAX;
    if (v->tls && tls_next(v->tls) < t)
        t = tls_next(v->tls);
    if (n < t)
        t = n;
    return s < t ? s : t;
}

/* Frames go to the stack outside the chip, because its answers go back into the chip. */
static void work_off(struct virtual *v)
{
    uint64_t now = chip_now(v->chip);
    if (!v->net)
        return;
    server_tick(v->server, now); /* it knows the time before anybody asks */
    if (v->frame) {
        net_receive(v->net, (const uint8_t *)v->slip.data, v->slip.size, now);
        buf_clear(&v->slip);
        v->frame = false;
    }
    net_tick(v->net, now);
    server_tick(v->server, now);
    if (v->tls)
        tls_tick(v->tls, now);
    if (server_body_sent(v->server) >= v->body_watch) {
        v->body_watch = BENCH_NEVER;
        push(v, BENCH_BYTES, now);
    }
}

static void cut_done(struct virtual *v)
{
    struct flash_op op;
    enum flash_outcome outcome;
    unsigned torn;
    chip_last_cut(v->chip, &op, &outcome, &torn);
    struct bench_event *ev = push(v, BENCH_CUT, chip_now(v->chip));
    fill_op(&ev->op, &op);
    ev->op.outcome = outcome_name(outcome);
    ev->op.torn = torn;
    line_is_cut(v);
}

static void step(struct virtual *v, uint64_t deadline)
{
    enum chip_why why = chip_run(v->chip, soonest(v, deadline));
    sample_pc(v);
    if (why == CHIP_CUT)
        cut_done(v);
    if (why == CHIP_DEAD && chip_powered(v->chip) && !v->dead_told) {
        v->dead_told = true;
        push(v, BENCH_DEAD, chip_now(v->chip));
    }
    work_off(v);
}

static void bench_next(struct bench *b, uint64_t deadline, struct bench_event *ev)
{
    struct virtual *v = of(b);
    while (!v->first && chip_now(v->chip) < deadline)
        step(v, deadline);
    if (!v->first) {
        *ev = (struct bench_event){.kind = BENCH_DEADLINE, .t = chip_now(v->chip)};
        return;
    }
    struct queued *q = v->first;
    v->first = q->next;
    if (!v->first)
        v->last = &v->first;
    *ev = q->ev;
    free(q);
}

static void bench_close(struct bench *b)
{
    struct virtual *v = of(b);
    while (v->first) {
        struct queued *q = v->first;
        v->first = q->next;
        json_free(q->ev.told);
        free(q);
    }
    net_free(v->net);
    tls_free(v->tls);
    certs_free(v->certs);
    server_free(v->server);
    chip_free(v->chip);
    buf_free(&v->line);
    buf_free(&v->slip);
    free(v);
}

/* Puts TLS between the stack and the server. */
static int start_tls(struct virtual *v, uint64_t seed, struct stream_handler *handler, struct err *e)
{
    const struct virtual_tls *t = &v->config->tls;
    if (!t->host)
        return err_set(e, RIG_EINPUT, "the device's profile names no TLS");
    struct certs_config cc = {.ca_cert = t->ca, .ca_key = t->ca_key, .host = t->host, .calendar_s = v->config->calendar_s, .seeded = true,
                              .seed = rng_mix(seed, 4, 0)};
    v->certs = certs_new(&cc, e);
    if (!v->certs)
        return e->code;
    struct tls_config tc = {.certs = v->certs, .seeded = true, .seed = rng_mix(seed, 5, 0), .ctx = v, .begin = on_connection,
                            .event = on_tls};
    v->tls = tls_new(&tc, handler, e);
    if (!v->tls)
        return e->code;
    tls_handler(v->tls, handler);
    return 0;
}

static int start_network(struct virtual *v, const struct bench_wish *wish, struct err *e)
{
    uint64_t seed = wish->seed;
    const struct virtual_config *c = v->config;
    struct server_config sc = {.seed = rng_mix(seed, 3, 0), .ctx = v, .event = on_server, .calendar_s = c->calendar_s,
                               .lifetime_s = c->lifetime_s, .keys.have = c->keys.have};
    memcpy(sc.keys.root, c->keys.root, 32);
    memcpy(sc.keys.good, c->keys.good, 32);
    memcpy(sc.keys.next, c->keys.next, 32);
    memcpy(sc.keys.wrong, c->keys.wrong, 32);
    struct stream_handler handler;
    v->server = server_new(&sc);
    server_handler(v->server, &handler);
    if (wish->tls && start_tls(v, seed, &handler, e))
        return e->code;
    struct net_config nc = {.port = wish->tls ? c->tls.port : c->port, .mtu = 1500, .seed = rng_mix(seed, 2, 0), .ctx = v,
                            .send = on_send, .noise = on_noise};
    memcpy(nc.rig, c->rig_ip, 4);
    memcpy(nc.device, c->device_ip, 4);
    v->net = net_new(&nc, &handler, e);
    return v->net ? 0 : RIG_EINTERNAL;
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

static void plug_in(struct bench *b, bool network)
{
    b->name = "virtual";
    b->power = &power;
    b->reset = &reset;
    b->console = &console;
    b->nvm = &nvm;
    b->rtc = &rtc;
    b->now = bench_now;
    b->instructions = bench_instructions;
    b->next = bench_next;
    b->close = bench_close;
    if (network) {
        b->link = &link_port;
        b->server = &server_port;
    }
}

struct bench *virtual_open(void *config, const struct bench_wish *wish, struct err *e)
{
    uint64_t seed = wish->seed;
    struct virtual *v = mem_new(sizeof *v);
    v->config = config;
    v->last = &v->first;
    v->wire = true;
    v->body_watch = BENCH_NEVER;
    struct chip_hooks hooks = {.ctx = v, .uart_tx = on_uart, .flash_op = on_flash_op, .flash_error = on_flash_error,
                               .access = on_access, .reset = on_reset, .fault = on_fault};
    v->chip = chip_new(&hooks, rng_mix(seed, 1, 0));
    plug_in(&v->b, v->config->slip_uart != 0);
    if (v->chip && v->config->calendar_s) /* as the factory left it */
        chip_rtc_set(v->chip, v->config->calendar_s);
    if (!v->chip || load(v, wish->tls, e) || (v->config->slip_uart && start_network(v, wish, e))) {
        err_set(e, RIG_ENOMEM, "the virtual bench does not start");
        bench_close(&v->b);
        return NULL;
    }
    return &v->b;
}
