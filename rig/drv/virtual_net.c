/* SPDX-License-Identifier: GPL-3.0-or-later
 * The virtual bench's network: the stack at the other end of the SLIP line, the update server on it, with or without TLS between. */
#include "base/err.h"
#include "base/json.h"
#include "base/rng.h"
#include "drv/virtual_parts.h"
#include "net/net.h"
#include "server/server.h"
#include "server/tls.h"
#include "sim/chip.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_MOST = sizeof((struct bench_event *)0)->text - 1 };

/* --- what the network and the server tell --- */

static void on_send(void *ctx, const uint8_t *bytes, size_t n)
{
    struct virtual *v = ctx;
    if (chip_powered(v->chip))
        chip_uart_send(v->chip, v->config->slip_uart, bytes, n, v->config->slip_baud);
}

static void on_noise(void *ctx, const char *what)
{
    struct virtual *v = ctx;
    virtual_text(virtual_push(v, BENCH_BAD_REQUEST, chip_now(v->chip))->text, LINE_MOST, what);
}

static void on_impaired(void *ctx, unsigned way, const char *what)
{
    static const char *const words[] = {"lost", "down", "too-large", "duplicated", "corrupted", "reordered", "delayed"};
    struct virtual *v = ctx;
    unsigned bit = 0;
    while (bit < sizeof words / sizeof *words && strcmp(words[bit], what) != 0)
        bit++;
    if (v->impaired[way] >> bit & 1)
        return;
    v->impaired[way] |= 1u << bit;
    struct bench_event *ev = virtual_push(v, BENCH_LINK, chip_now(v->chip));
    ev->way = way;
    virtual_text(ev->text, sizeof ev->text, what);
}

static void fill_http(struct bench_event *ev, const struct server_event *s)
{
    ev->request = s->n;
    ev->status = s->status;
    ev->ranged = s->ranged;
    ev->from = s->from;
    ev->length = s->length;
    ev->sent = s->sent;
    virtual_text(ev->method, sizeof ev->method, s->method);
    virtual_text(ev->path, sizeof ev->path, s->path);
    virtual_text(ev->file, sizeof ev->file, s->file);
    virtual_text(ev->end, sizeof ev->end, s->end);
    virtual_text(ev->attack, sizeof ev->attack, s->attack);
}

static void on_server(void *ctx, const struct server_event *s)
{
    static const enum bench_kind kinds[] = {BENCH_REQUEST, BENCH_RESPONSE, BENCH_TOLD, BENCH_BAD_REQUEST};
    struct virtual *v = ctx;
    struct bench_event *ev = virtual_push(v, kinds[s->kind], chip_now(v->chip));
    fill_http(ev, s);
    if (s->kind == SERVER_TOLD)
        ev->told = json_copy(s->told);
    if (s->kind == SERVER_BAD_REQUEST)
        virtual_text(ev->text, sizeof ev->text, s->what);
}

static void on_tls(void *ctx, const struct tls_event *t)
{
    struct virtual *v = ctx;
    struct bench_event *ev = virtual_push(v, BENCH_TLS, chip_now(v->chip));
    ev->request = t->n;
    virtual_text(ev->method, sizeof ev->method, t->version);
    virtual_text(ev->path, sizeof ev->path, t->host);
    virtual_text(ev->end, sizeof ev->end, t->end);
    virtual_text(ev->alert, sizeof ev->alert, t->alert);
    virtual_text(ev->attack, sizeof ev->attack, t->attack);
}

static void on_connection(void *ctx, unsigned n, struct tls_faults *faults)
{
    struct virtual *v = ctx;
    server_connection(v->server, n, faults);
}

/* --- ports --- */

static void link_shape(struct bench *b, const struct shape *shape)
{
    struct virtual *v = virtual_of(b);
    if (shape->way[SHAPE_TO_DEVICE].down && !v->shape.way[SHAPE_TO_DEVICE].down)
        chip_uart_flush(v->chip, v->config->slip_uart);
    if (shape->way[SHAPE_FROM_DEVICE].down != v->shape.way[SHAPE_FROM_DEVICE].down) {
        buf_clear(&v->slip);
        v->frame = false;
    }
    v->shape = *shape;
    memset(v->impaired, 0, sizeof v->impaired);
    if (v->net)
        net_shape(v->net, shape);
}

/* The same thing in the server's words; its lists are freed by the caller. */
static void link_counts(struct bench *b, unsigned way, uint64_t *packets, uint64_t *acted)
{
    net_counts(virtual_of(b)->net, way, packets, acted);
}

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
        server_offer(virtual_of(b)->server, NULL);
        return;
    }
    struct server_offer offer = offer_of(o), other = {0};
    if (o->other) {
        other = offer_of(o->other);
        offer.other = &other;
    }
    server_offer(virtual_of(b)->server, &offer);
    offer_done(&offer);
    offer_done(&other);
}

static void server_rule_set(struct bench *b, const struct bench_rule *r)
{
    struct server_rule rule = {.attack = r->attack, .request = r->request, .path = r->path, .device = r->device, .times = r->times};
    memcpy(rule.value, r->value, sizeof rule.value);
    server_rule_add(virtual_of(b)->server, &rule);
}

static void server_honest(struct bench *b)
{
    server_rules_clear(virtual_of(b)->server);
}

static uint64_t server_body(struct bench *b)
{
    return server_body_sent(virtual_of(b)->server);
}

static void server_watch(struct bench *b, uint64_t bytes)
{
    virtual_of(b)->body_watch = bytes;
}

static void server_hold(struct bench *b, uint64_t bytes)
{
    server_body_hold(virtual_of(b)->server, bytes);
}

static const struct port_link link_port = {"slip", link_shape, link_counts};
static const struct port_server server_port = {"slip", server_offer_set, server_rule_set, server_honest, server_body, server_watch,
                                               server_hold};

/* --- the life of it --- */

uint64_t virtual_net_next(const struct virtual *v, uint64_t deadline)
{
    uint64_t t = deadline, n = v->net ? net_next(v->net) : UINT64_MAX, s = v->net ? server_next(v->server) : UINT64_MAX;
    if (v->tls && tls_next(v->tls) < t)
        t = tls_next(v->tls);
    if (n < t)
        t = n;
    return s < t ? s : t;
}

/* Frames go to the stack outside the chip, because its answers go back into the chip. */
void virtual_net_work_off(struct virtual *v)
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
        virtual_push(v, BENCH_BYTES, now);
    }
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

int virtual_net_start(struct virtual *v, const struct bench_wish *wish, struct err *e)
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
                            .send = on_send, .noise = on_noise, .impaired = on_impaired};
    memcpy(nc.rig, c->rig_ip, 4);
    memcpy(nc.device, c->device_ip, 4);
    v->net = net_new(&nc, &handler, e);
    v->b.link = &link_port;
    v->b.server = &server_port;
    return v->net ? 0 : RIG_EINTERNAL;
}

void virtual_net_stop(struct virtual *v)
{
    net_free(v->net);
    tls_free(v->tls);
    certs_free(v->certs);
    server_free(v->server);
}
