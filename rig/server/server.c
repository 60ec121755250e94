/* SPDX-License-Identifier: GPL-3.0-or-later
 * The update server: its connections, what it offers, and its rules. */
#include "server/server.h"

#include "server/attacks.h"
#include "server/conn.h"
#include "server/offer.h"
#include "server/signer.h"
#include "server/site.h"

#include <stdlib.h>
#include <string.h>

enum { DAY_S = 86400 };

struct server {
    struct server_config config;
    struct site site;
    struct conn_host host;
};

/* --- what the stream tells --- */

static void on_accept(void *ctx, struct stream *st)
{
    conn_accept(&((struct server *)ctx)->host, st);
}

static void on_received(void *ctx, struct stream *st, const void *p, size_t n)
{
    (void)ctx;
    if (st->user)
        conn_received(st->user, p, n);
}

static void on_writable(void *ctx, struct stream *st, size_t acked)
{
    (void)ctx;
    if (st->user)
        conn_writable(st->user, acked);
}

static void on_ended(void *ctx, struct stream *st, enum stream_end how)
{
    (void)ctx;
    if (st->user)
        conn_ended(st->user, how);
}

void server_handler(struct server *s, struct stream_handler *out)
{
    *out = (struct stream_handler){s, on_accept, on_received, on_writable, on_ended};
}

/* --- time --- */

void server_tick(struct server *s, uint64_t now_ns)
{
    struct conn *next;
    s->site.now = now_ns;
    for (struct conn *c = s->host.conns; c; c = next) {
        next = conn_next(c);
        conn_tick(c, now_ns);
    }
}

uint64_t server_next(const struct server *s)
{
    uint64_t next = UINT64_MAX;
    for (const struct conn *c = s->host.conns; c; c = conn_next(c)) {
        uint64_t t = conn_wake(c);
        if (t < next)
            next = t;
    }
    return next;
}

/* --- the server --- */

struct server *server_new(const struct server_config *config)
{
    struct server *s = mem_new(sizeof *s);
    s->config = *config;
    s->site = (struct site){.calendar_s = config->calendar_s, .lifetime_s = config->lifetime_s ? config->lifetime_s : DAY_S,
                            .signer = config->keys.have ? signer_new(&config->keys) : NULL, .rules.seed = config->seed,
                            .asked = config->asked, .ctx = config->ctx};
    s->host = (struct conn_host){.config = &s->config, .site = &s->site, .body_hold = UINT64_MAX};
    return s;
}

void server_free(struct server *s)
{
    if (!s)
        return;
    conn_free_all(&s->host);
    site_forget(&s->site);
    offer_free(s->site.offer);
    rules_clear(&s->site.rules);
    free(s->site.signer);
    free(s->host.only_device);
    free(s);
}

/* Answers under way may still send the bytes of the old offer: those are the caller's. */
void server_offer(struct server *s, const struct server_offer *offer)
{
    site_forget(&s->site);
    offer_free(s->site.offer);
    s->site.offer = offer ? offer_new(offer) : NULL;
    s->site.number++;
}

void server_rule_add(struct server *s, const struct server_rule *rule)
{
    rules_add(&s->site.rules, rule);
}

void server_connection(struct server *s, unsigned n, struct tls_faults *out)
{
    rules_connection(&s->site.rules, n, out);
}

void server_rules_clear(struct server *s)
{
    site_forget(&s->site);
    rules_clear(&s->site.rules);
}

uint64_t server_body_sent(const struct server *s)
{
    return s->host.body_sent;
}

void server_body_hold(struct server *s, uint64_t bytes)
{
    bool lifted = bytes > s->host.body_hold;
    s->host.body_hold = bytes;
    for (struct conn *c = lifted ? s->host.conns : NULL, *next; c; c = next) {
        next = conn_next(c);
        conn_go_on(c);
    }
}

const struct option_owner *server_attack(size_t i)
{
    const struct attack *a = attacks_at(i);
    return a ? &a->row : NULL;
}

void server_attack_facts(size_t i, struct server_attack_facts *out)
{
    const struct attack *a = attacks_at(i);
    const char *place = a->place ? a->place : attacks_place(a->stage);
    const char *too = a->apply_too && !a->place ? attacks_place(a->stage_too) : place;
    *out = (struct server_attack_facts){place, too == place ? NULL : too, a->catalogue, a->tuf};
}
