/* SPDX-License-Identifier: GPL-3.0-or-later
 * The update server's connections: requests in, answers out, one at a time on each, with the exact count of what the peer has taken.
 *
 * Method. An answer is over when the peer's TCP has acknowledged its last byte; only then does the connection close, reset or take the
 * next request. So "reset at byte N" means that the client has N bytes, and a record of what was sent is what arrived. The server has no
 * clock: it is told the time by server_tick, and asks for it when an attack has to wait.
 */
#include "server/server.h"

#include "base/json.h"
#include "server/answer.h"
#include "server/attacks.h"
#include "server/exchange.h"
#include "server/offer.h"
#include "server/request.h"
#include "server/signer.h"
#include "server/site.h"

#include <stdlib.h>
#include <string.h>

enum { SLICE = 2048, AHEAD_MOST = 128 * 1024, DAY_S = 86400 };

struct conn {
    struct server *server;
    struct stream *stream;
    struct request request;
    struct buf ahead;   /* received, not yet read */
    struct exchange *x; /* NULL while waiting for a request */
    struct buf head;
    size_t head_sent, head_acked;
    uint64_t at, acked; /* body bytes handed to the stream, and taken by the peer */
    size_t flip;        /* first flip not behind at */
    uint64_t allowance; /* of a drip: body bytes that may go out */
    bool stalling, stall_over, spoilt;
    uint64_t delay, wake; /* ns; delay not 0: begins at the next tick; wake UINT64_MAX: none */
    struct conn *next;
};

struct server {
    struct server_config config;
    struct site site;
    struct conn *conns;
    unsigned n; /* requests so far */
    uint64_t body_sent, body_hold;
};

/* --- the record --- */

static struct server_event event_of(const struct conn *c, enum server_event_kind kind)
{
    const struct exchange *x = c->x;
    return (struct server_event){.kind = kind, .n = x->n, .method = x->method, .path = x->path, .file = x->file, .from = x->asked_from,
                                 .ranged = x->asked};
}

static void tell(struct server *s, const struct server_event *ev)
{
    s->config.event(s->config.ctx, ev);
}

static void tell_request(struct conn *c)
{
    struct server_event ev = event_of(c, SERVER_REQUEST);
    tell(c->server, &ev);
}

static void tell_bad(struct conn *c, const char *why)
{
    struct server_event ev = event_of(c, SERVER_BAD_REQUEST);
    ev.what = why;
    tell(c->server, &ev);
}

static void tell_told(struct conn *c, const struct json *told)
{
    struct server_event ev = event_of(c, SERVER_TOLD);
    ev.told = told;
    tell(c->server, &ev);
}

static void tell_response(struct conn *c, const char *end)
{
    struct server_event ev = event_of(c, SERVER_RESPONSE);
    ev.file = c->x->is_image ? c->x->file : NULL;
    ev.status = c->x->status;
    ev.length = c->x->announced;
    ev.sent = c->acked;
    ev.end = end;
    ev.attack = c->x->attacks.size ? buf_text(&c->x->attacks) : NULL;
    tell(c->server, &ev);
}

/* --- connections --- */

static void conn_free(struct conn *c)
{
    exchange_free(c->x);
    request_free(&c->request);
    buf_free(&c->ahead);
    buf_free(&c->head);
    free(c);
}

static void forget(struct conn *c)
{
    struct conn **p = &c->server->conns;
    while (*p != c)
        p = &(*p)->next;
    *p = c->next;
    conn_free(c);
}

static void set_timer(struct conn *c, uint64_t ns)
{
    c->delay = ns;
    c->wake = UINT64_MAX;
}

static void begin(struct conn *c, struct exchange *x)
{
    c->x = x;
    buf_clear(&c->head);
    exchange_print_head(x, &c->head);
    c->head_sent = c->head_acked = c->flip = 0;
    c->at = c->acked = 0;
    c->stalling = c->stall_over = c->spoilt = false;
    set_timer(c, x->drip_bytes ? x->drip_ns : 0);
    c->allowance = x->drip_bytes ? 0 : UINT64_MAX;
}

static void begin_answer(struct conn *c)
{
    struct server *s = c->server;
    struct answer a;
    s->site.rules.secure = c->stream->ops->spoil != NULL;
    begin(c, answer_make(&s->site, &c->request, ++s->n, &a));
    tell_request(c);
    if (a.told)
        tell_told(c, a.told);
    if (a.why)
        tell_bad(c, a.why);
    json_free(a.told);
}

/* Reads on when no answer is under way; false when there is no whole request yet. */
static bool next_request(struct conn *c)
{
    size_t taken = request_feed(&c->request, c->ahead.data, c->ahead.size);
    if (c->request.state == REQUEST_BAD) {
        buf_clear(&c->ahead);
        begin(c, answer_bad(&c->server->site, &c->request, ++c->server->n));
        tell_bad(c, c->request.why);
        return true;
    }
    buf_drop(&c->ahead, taken);
    if (c->request.state != REQUEST_READY)
        return false;
    begin_answer(c);
    return true;
}

static bool stalls(const struct conn *c)
{
    return c->x->stall_at != UINT64_MAX && !c->stall_over;
}

/* Body bytes that may go out by now. */
static uint64_t limit(const struct conn *c)
{
    uint64_t most = c->x->send < c->allowance ? c->x->send : c->allowance;
    if (c->x->spoils && !c->spoilt && c->x->spoil_at < most)
        most = c->x->spoil_at;
    const struct server *s = c->server;
    uint64_t held = s->body_hold > s->body_sent ? s->body_hold - s->body_sent : 0;
    if (c->x->is_image && s->body_hold != UINT64_MAX && c->acked + held < most)
        most = c->acked + held;
    return stalls(c) && c->x->stall_at < most ? c->x->stall_at : most;
}

static void flip(struct conn *c, uint8_t *slice, size_t n)
{
    const struct exchange *x = c->x;
    while (c->flip < x->flip_count && x->flips[c->flip].at < c->at)
        c->flip++;
    for (size_t i = c->flip; i < x->flip_count && x->flips[i].at - c->at < n; i++)
        slice[x->flips[i].at - c->at] ^= x->flips[i].mask;
}

/* The next bytes of the body, at most n; what goes on behind its end begins again. */
static size_t fill(struct conn *c, uint8_t *slice, size_t n)
{
    const struct exchange *x = c->x;
    uint64_t offset = c->at % x->size, run = x->size - offset;
    if (run < n)
        n = (size_t)run;
    memcpy(slice, x->body + offset, n);
    flip(c, slice, n);
    return n;
}

static void send_on(struct conn *c)
{
    struct stream *st = c->stream;
    uint8_t slice[SLICE];
    c->head_sent += st->ops->write(st, c->head.data + c->head_sent, c->head.size - c->head_sent);
    while (c->head_sent == c->head.size && c->at < limit(c)) {
        uint64_t left = limit(c) - c->at;
        size_t room = st->ops->room(st), n = left < SLICE ? (size_t)left : SLICE;
        n = fill(c, slice, n < room ? n : room);
        size_t taken = n ? st->ops->write(st, slice, n) : 0;
        c->at += taken;
        if (taken == 0 || taken < n)
            return;
    }
}

/* What TLS does wrong lies between two writes, hence between two records. */
static void pump(struct conn *c)
{
    send_on(c);
    if (!c->x->spoils || c->spoilt || c->head_sent < c->head.size || c->at != c->x->spoil_at)
        return;
    c->spoilt = true;
    c->stream->ops->spoil(c->stream, c->x->spoil);
    send_on(c);
}

/* A stall begins when the peer has all that comes before it. A drip waits behind it. */
static void check_stall(struct conn *c)
{
    if (c->stalling || !stalls(c) || c->head_acked < c->head.size || c->acked < c->x->stall_at)
        return;
    c->stalling = true;
    set_timer(c, c->x->stall_ns);
}

/* The answer is over; false when the connection is too. */
static bool finish(struct conn *c)
{
    struct stream *st = c->stream;
    enum exchange_end end = c->x->end;
    tell_response(c, c->x->word);
    exchange_free(c->x);
    c->x = NULL;
    set_timer(c, 0);
    if (end == EXCHANGE_KEEP) {
        request_next(&c->request);
        return true;
    }
    forget(c);
    if (end == EXCHANGE_RESET)
        st->ops->reset(st);
    else
        st->ops->close(st);
    return false;
}

/* As far as it goes; false when the connection is gone. */
static bool work(struct conn *c)
{
    while (c->x || next_request(c)) {
        pump(c);
        check_stall(c);
        if (c->head_acked < c->head.size || c->acked < c->x->send)
            return true;
        if (!finish(c))
            return false;
    }
    return true;
}

/* --- what the stream tells --- */

static void on_accept(void *ctx, struct stream *st)
{
    struct server *s = ctx;
    struct conn *c = mem_new(sizeof *c);
    c->server = s;
    c->stream = st;
    c->wake = UINT64_MAX;
    request_init(&c->request);
    c->next = s->conns;
    s->conns = c;
    st->user = c;
}

static void on_received(void *ctx, struct stream *st, const void *p, size_t n)
{
    struct conn *c = st->user;
    (void)ctx;
    if (n > AHEAD_MOST - c->ahead.size) { /* a peer that talks on and on without listening */
        if (c->x)
            tell_response(c, "reset");
        forget(c);
        st->ops->reset(st);
        return;
    }
    buf_add(&c->ahead, p, n);
    if (!c->x)
        work(c);
}

static void on_writable(void *ctx, struct stream *st, size_t acked)
{
    struct conn *c = st->user;
    (void)ctx;
    if (!c->x)
        return;
    size_t head = c->head.size - c->head_acked;
    if (head > acked)
        head = acked;
    c->head_acked += head;
    c->acked += acked - head;
    if (c->x->is_image)
        c->server->body_sent += acked - head;
    work(c);
}

static void on_ended(void *ctx, struct stream *st, enum stream_end how)
{
    static const char *const words[] = {"peer-closed", "peer-reset", "timed-out"};
    struct conn *c = st->user;
    (void)ctx;
    if (c->x)
        tell_response(c, words[how]);
    forget(c);
}

/* --- time --- */

static void on_wake(struct conn *c)
{
    if (c->stalling)
        c->stall_over = true;
    else
        c->allowance += c->x->drip_bytes;
    c->stalling = false;
    set_timer(c, c->x->drip_bytes ? c->x->drip_ns : 0);
}

static void tick(struct conn *c, uint64_t now)
{
    do {
        if (c->delay)
            c->wake = now + c->delay;
        c->delay = 0;
        if (c->wake > now)
            return;
        c->wake = UINT64_MAX;
        on_wake(c);
    } while (work(c));
}

void server_tick(struct server *s, uint64_t now_ns)
{
    struct conn *next;
    s->site.now = now_ns;
    for (struct conn *c = s->conns; c; c = next) {
        next = c->next;
        tick(c, now_ns);
    }
}

uint64_t server_next(const struct server *s)
{
    uint64_t next = UINT64_MAX;
    for (const struct conn *c = s->conns; c; c = c->next) {
        uint64_t t = c->delay ? s->site.now : c->wake;
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
    s->body_hold = UINT64_MAX;
    s->site = (struct site){.calendar_s = config->calendar_s, .lifetime_s = config->lifetime_s ? config->lifetime_s : DAY_S,
                            .signer = config->keys.have ? signer_new(&config->keys) : NULL, .rules.seed = config->seed};
    return s;
}

void server_free(struct server *s)
{
    if (!s)
        return;
    for (struct conn *c = s->conns, *next; c; c = next) {
        next = c->next;
        conn_free(c);
    }
    offer_free(s->site.offer);
    rules_clear(&s->site.rules);
    free(s->site.signer);
    free(s);
}

void server_handler(struct server *s, struct stream_handler *out)
{
    *out = (struct stream_handler){s, on_accept, on_received, on_writable, on_ended};
}

void server_offer(struct server *s, const struct server_offer *offer)
{
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
    rules_clear(&s->site.rules);
}

uint64_t server_body_sent(const struct server *s)
{
    return s->body_sent;
}

void server_body_hold(struct server *s, uint64_t bytes)
{
    bool lifted = bytes > s->body_hold;
    s->body_hold = bytes;
    for (struct conn *c = lifted ? s->conns : NULL, *next; c; c = next) {
        next = c->next;
        work(c);
    }
}

const struct option_owner *server_attack(size_t i)
{
    const struct attack *a = attacks_at(i);
    return a ? &a->row : NULL;
}
