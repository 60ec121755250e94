/* SPDX-License-Identifier: GPL-3.0-or-later
 * A connection's life: what it reads, what it tells, how it ends. It has no clock: it is told the time by conn_tick. */
#include "base/json.h"
#include "server/answer.h"
#include "server/conn_parts.h"
#include "server/site.h"

#include <stdlib.h>
#include <string.h>

enum { AHEAD_MOST = 128 * 1024 };

/* --- the record --- */

static struct server_event event_of(const struct conn *c, enum server_event_kind kind)
{
    const struct exchange *x = c->x;
    return (struct server_event){.kind = kind, .n = x->n, .method = x->method, .path = x->path, .device = x->device, .file = x->file,
                                 .from = x->asked_from, .ranged = x->asked};
}

static void tell(struct conn *c, const struct server_event *ev)
{
    c->host->config->event(c->host->config->ctx, ev);
}

static void tell_request(struct conn *c)
{
    struct server_event ev = event_of(c, SERVER_REQUEST);
    tell(c, &ev);
}

static void tell_bad(struct conn *c, const char *why)
{
    struct server_event ev = event_of(c, SERVER_BAD_REQUEST);
    ev.what = why;
    tell(c, &ev);
}

static void tell_told(struct conn *c, const struct json *told)
{
    struct server_event ev = event_of(c, SERVER_TOLD);
    ev.told = told;
    tell(c, &ev);
}

static void tell_response(struct conn *c, const char *end)
{
    struct server_event ev = event_of(c, SERVER_RESPONSE);
    struct buf names = {0};
    ev.file = c->x->is_image ? c->x->file : NULL;
    ev.status = c->x->status;
    ev.length = c->x->announced;
    ev.sent = c->ledger.acked[LEDGER_BODY];
    ev.end = end;
    ev.attack = conn_delivered(c, end, &names);
    tell(c, &ev);
    buf_free(&names);
}

/* --- beginning and end --- */

static void conn_free(struct conn *c)
{
    exchange_free(c->x);
    request_free(&c->request);
    buf_free(&c->ahead);
    buf_free(&c->frame);
    ledger_free(&c->ledger);
    free(c->device);
    free(c);
}

static void forget(struct conn *c)
{
    struct conn **p = &c->host->conns;
    while (*p != c)
        p = &(*p)->next;
    *p = c->next;
    c->host->count--;
    conn_free(c);
}

void conn_free_all(struct conn_host *h)
{
    for (struct conn *c = h->conns, *next; c; c = next) {
        next = c->next;
        conn_free(c);
    }
    h->conns = NULL;
    h->count = 0;
}

static void end_stream(struct conn *c, enum exchange_end end)
{
    struct stream *st = c->stream;
    forget(c);
    if (end == EXCHANGE_RESET)
        st->ops->reset(st);
    else
        st->ops->close(st);
}

/* --- requests --- */

/* Who speaks when the request does not say: who spoke on this connection, or the only one who ever spoke. */
static const char *speaker(const struct conn *c)
{
    const char *only = c->host->only_device;
    return c->device ? c->device : only && *only ? only : NULL;
}

static void remember_device(struct conn *c)
{
    struct conn_host *h = c->host;
    if (!c->x->device)
        return;
    exchange_set(&c->device, c->x->device);
    if (!h->only_device || strcmp(h->only_device, c->x->device) != 0)
        exchange_set(&h->only_device, h->only_device ? "" : c->x->device);
}

static void begin_answer(struct conn *c)
{
    struct conn_host *h = c->host;
    struct answer a;
    h->site->rules.secure = c->stream->ops->spoil != NULL;
    conn_begin(c, answer_make(h->site, &c->request, ++h->n, speaker(c), &a));
    remember_device(c);
    tell_request(c);
    if (a.told)
        tell_told(c, a.told);
    if (a.why)
        tell_bad(c, a.why);
    json_free(a.told);
}

static void refuse(struct conn *c)
{
    buf_clear(&c->ahead);
    conn_begin(c, answer_bad(c->host->site, &c->request, ++c->host->n));
    tell_bad(c, c->request.why);
}

/* A client that waits for permission to send its body (RFC 9110, 10.1.1). */
static void say_continue(struct conn *c)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!c->request.expects || c->continued || c->early || c->request.state != REQUEST_MORE)
        return;
    c->continued = true;
    ledger_add(&c->ledger, LEDGER_FRAME, c->stream->ops->write(c->stream, text, sizeof text - 1));
}

/* An attack's answer to what came so far. Behind an earlier answer it needs a byte of the next request: else it would answer nothing. */
static bool begin_early(struct conn *c)
{
    struct conn_host *h = c->host;
    if (c->early || (c->used && !c->came))
        return false;
    h->site->rules.secure = c->stream->ops->spoil != NULL;
    struct exchange *x = answer_early(h->site, &c->request, h->n + 1, speaker(c), c->came);
    if (!x)
        return false;
    h->n++;
    c->early = true;
    c->begun = UINT64_MAX;
    conn_begin(c, x);
    tell_request(c);
    return true;
}

static void read_on(struct conn *c)
{
    if (!c->ahead.size)
        return;
    if (c->begun == UINT64_MAX)
        c->begun = c->host->site->now;
    size_t n = request_feed(&c->request, c->ahead.data, c->ahead.size);
    c->came += n;
    buf_drop(&c->ahead, n);
}

static void request_over(struct conn *c)
{
    request_next(&c->request);
    c->came = 0;
    c->early = false;
    c->begun = UINT64_MAX;
}

/* Reads on when no answer is under way; false when there is no whole request yet. */
static bool next_request(struct conn *c)
{
    read_on(c);
    if (c->early && c->request.state == REQUEST_READY) {
        request_over(c);
        read_on(c);
    }
    if (c->request.state == REQUEST_MORE) {
        if (begin_early(c))
            return true;
        say_continue(c);
        return false;
    }
    c->begun = UINT64_MAX;
    if (c->request.state == REQUEST_BAD)
        refuse(c);
    else
        begin_answer(c);
    return true;
}

/* --- answers --- */

/* The answer is over; false when the connection is too. */
static bool finish(struct conn *c)
{
    enum exchange_end end = c->x->end;
    tell_response(c, c->x->word);
    exchange_free(c->x);
    c->x = NULL;
    c->delay = 0;
    c->wake = UINT64_MAX;
    c->continued = false;
    if (end == EXCHANGE_KEEP) {
        if (!c->early)
            request_over(c);
        return true;
    }
    end_stream(c, end);
    return false;
}

/* As far as it goes; false when the connection is gone. */
static bool work(struct conn *c)
{
    while (c->x || next_request(c)) {
        conn_pump(c);
        if (!conn_sent(c))
            return true;
        if (!finish(c))
            return false;
    }
    return true;
}

void conn_accept(struct conn_host *h, struct stream *st)
{
    static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    if (h->config->connections_most && h->count >= h->config->connections_most) {
        st->ops->write(st, busy, sizeof busy - 1);
        st->user = NULL; /* whatever it says on its way out concerns nobody */
        st->ops->close(st);
        return;
    }
    struct conn *c = mem_new(sizeof *c);
    *c = (struct conn){.host = h, .stream = st, .wake = UINT64_MAX, .last = h->site->now, .begun = UINT64_MAX, .next = h->conns};
    request_init(&c->request);
    h->conns = c;
    h->count++;
    st->user = c;
    work(c);
}

void conn_go_on(struct conn *c)
{
    work(c);
}

void conn_received(struct conn *c, const void *p, size_t n)
{
    c->last = c->host->site->now;
    if (n > AHEAD_MOST - c->ahead.size) { /* a peer that talks on and on without listening */
        if (c->x)
            tell_response(c, "reset");
        end_stream(c, EXCHANGE_RESET);
        return;
    }
    buf_add(&c->ahead, p, n);
    if (!c->x)
        work(c);
}

void conn_writable(struct conn *c, size_t acked)
{
    uint64_t body = c->ledger.acked[LEDGER_BODY];
    if (acked)
        c->last = c->host->site->now;
    ledger_ack(&c->ledger, acked);
    if (!c->x)
        return;
    if (c->x->is_image)
        c->host->body_sent += c->ledger.acked[LEDGER_BODY] - body;
    work(c);
}

void conn_ended(struct conn *c, enum stream_end how)
{
    static const char *const words[] = {"peer-closed", "peer-reset", "timed-out"};
    if (c->x)
        tell_response(c, words[how]);
    forget(c);
}

/* --- time --- */

/* When patience ends: with a request that does not become whole, and with a peer that neither says nor takes anything. */
static uint64_t patience(const struct conn *c)
{
    const struct server_config *config = c->host->config;
    bool ours = c->x && (c->stalling || c->delay || c->wake != UINT64_MAX); /* it is the peer who waits */
    uint64_t until = config->idle_ns && !ours ? c->last + config->idle_ns : UINT64_MAX;
    if (config->request_ns && c->begun != UINT64_MAX && c->begun + config->request_ns < until)
        until = c->begun + config->request_ns;
    return until;
}

/* A peer that has said half a request is told; then the connection ends. */
static void give_up(struct conn *c)
{
    if (c->x) {
        tell_response(c, "timed-out");
        end_stream(c, EXCHANGE_RESET);
        return;
    }
    if (c->begun == UINT64_MAX) {
        end_stream(c, EXCHANGE_CLOSE);
        return;
    }
    request_give_up(&c->request);
    c->begun = UINT64_MAX;
    c->last = c->host->site->now;
    refuse(c);
    work(c);
}

void conn_tick(struct conn *c, uint64_t now)
{
    if (patience(c) <= now) {
        give_up(c);
        return;
    }
    do {
        if (c->delay)
            c->wake = now + c->delay;
        c->delay = 0;
        if (c->wake > now)
            return;
        c->wake = UINT64_MAX;
        conn_woken(c);
    } while (work(c) && c->x);
}

uint64_t conn_wake(const struct conn *c)
{
    uint64_t t = c->delay ? c->host->site->now : c->wake, until = patience(c);
    return t < until ? t : until;
}

struct conn *conn_next(const struct conn *c)
{
    return c->next;
}
