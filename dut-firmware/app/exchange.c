/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The exchange of exchange.h. One connection per request: a connection that outlives its request is one more state to lose in a
 * power cut.
 */
#include "exchange.h"
#include <string.h>
#include "redirect.h"

static enum exchange_phase end(struct exchange *x, enum exchange_phase phase, enum cause cause)
{
    x->transport->close(x->transport->ctx, phase == EXCHANGE_DONE);
    x->phase = phase;
    x->cause = cause;
    return phase;
}

void exchange_init(struct exchange *x, const struct transport *transport)
{
    memset(x, 0, sizeof *x);
    x->transport = transport;
}

void exchange_drop(struct exchange *x)
{
    if (x->phase > EXCHANGE_IDLE && x->phase < EXCHANGE_DONE)
        x->transport->close(x->transport->ctx, false);
    x->phase = EXCHANGE_IDLE;
}

static void connect(struct exchange *x, uint32_t now_ms)
{
    x->sent = x->spill_at = x->spill_end = 0;
    x->left = 0;
    x->last_ms = x->connect_ms = now_ms;
    http_init(&x->parser);
    x->phase = EXCHANGE_CONNECT;
    if (!x->transport->open(x->transport->ctx, x->using))
        end(x, EXCHANGE_FAILED, CAUSE_NO_SERVER);
}

void exchange_begin(struct exchange *x, const char *request, size_t n, uint32_t now_ms)
{
    exchange_drop(x);
    x->cause = CAUSE_NONE;
    x->redirects = 0;
    x->using = x->use;
    x->use = TRANSPORT_FULL;
    http_init(&x->parser);
    if (n == 0 || n > sizeof x->request) {
        x->phase = EXCHANGE_FAILED;
        x->cause = CAUSE_BAD_MANIFEST; /* it did not fit: only a manifest could have made it so long */
        return;
    }
    memcpy(x->request, request, n);
    x->request_size = n;
    connect(x, now_ms);
}

/* Why the transport is broken, as far as it knows. */
static enum cause known_cause(const struct exchange *x, enum cause otherwise)
{
    enum cause c = x->transport->cause(x->transport->ctx);
    return c != CAUSE_NONE ? c : otherwise;
}

static void connect_step(struct exchange *x, uint32_t now_ms)
{
    enum transport_state s = x->transport->state(x->transport->ctx);
    if (s == TRANSPORT_OPEN) {
        x->phase = EXCHANGE_SEND;
        x->last_ms = now_ms;
    } else if (s != TRANSPORT_CONNECTING || now_ms - x->connect_ms >= x->transport->connect_ms) {
        end(x, EXCHANGE_FAILED, known_cause(x, CAUSE_NO_SERVER));
    }
}

static void send_step(struct exchange *x, uint32_t now_ms)
{
    size_t n = x->transport->write(x->transport->ctx, x->request + x->sent, x->request_size - x->sent);
    if (n > 0)
        x->last_ms = now_ms;
    x->sent += n;
    if (x->sent == x->request_size)
        x->phase = EXCHANGE_HEAD;
}

/* The request with another path; false: it cannot be sent there. */
static bool rewrite(struct exchange *x, const char *path)
{
    char *old = x->request + 4;
    size_t old_size = (size_t)((char *)memchr(old, ' ', x->request_size - 4) - old), size = strlen(path);
    if (x->request_size - old_size + size > sizeof x->request)
        return false;
    memmove(old + size, old + old_size, x->request_size - 4 - old_size);
    memcpy(old, path, size);
    x->request_size += size - old_size;
    return true;
}

static void redirect(struct exchange *x, uint32_t now_ms)
{
    const char *path = redirect_path(x->parser.head.location);
    bool get = x->request_size > 6 && memcmp(x->request, "GET /", 5) == 0;
    if (!path || !get || x->redirects++ == EXCHANGE_REDIRECTS || !rewrite(x, path)) {
        end(x, EXCHANGE_FAILED, CAUSE_BAD_REDIRECT);
        return;
    }
    x->transport->close(x->transport->ctx, true);
    connect(x, now_ms);
}

static void head_step(struct exchange *x, uint32_t now_ms)
{
    while (x->phase == EXCHANGE_HEAD) {
        size_t n = x->transport->read(x->transport->ctx, x->spill, sizeof x->spill), used;
        if (n == 0)
            return;
        x->last_ms = now_ms;
        enum http_result r = http_feed(&x->parser, x->spill, n, &used);
        x->spill_at = used;
        x->spill_end = n;
        if (r == HTTP_BAD_HEAD) {
            end(x, EXCHANGE_FAILED, CAUSE_HTTP_STATUS);
        } else if (r == HTTP_BAD_LENGTH) {
            end(x, EXCHANGE_FAILED, CAUSE_BAD_LENGTH);
        } else if (r == HTTP_READY && x->parser.head.redirect) {
            redirect(x, now_ms);
        } else if (r == HTTP_READY) {
            x->phase = EXCHANGE_BODY;
            x->left = x->parser.head.length;
        }
    }
}

/* The peer is gone: what it sent before may still be read; then the exchange ends. */
static void watch(struct exchange *x, uint32_t now_ms)
{
    enum transport_state s = x->transport->state(x->transport->ctx);
    if (s == TRANSPORT_ENDED || s == TRANSPORT_BROKEN)
        end(x, EXCHANGE_FAILED, known_cause(x, CAUSE_CONNECTION_LOST));
    else if (now_ms - x->last_ms >= EXCHANGE_IDLE_MS)
        end(x, EXCHANGE_FAILED, CAUSE_TIMEOUT);
}

/* Is there nothing left to read? Asked with a read of one byte, which is kept. */
static bool drained(struct exchange *x)
{
    if (x->spill_at < x->spill_end)
        return false;
    x->spill_at = 0;
    x->spill_end = x->transport->read(x->transport->ctx, x->spill, 1);
    return x->spill_end == 0;
}

enum exchange_phase exchange_step(struct exchange *x, uint32_t now_ms)
{
    if (x->phase == EXCHANGE_CONNECT)
        connect_step(x, now_ms);
    if (x->phase == EXCHANGE_SEND)
        send_step(x, now_ms);
    if (x->phase == EXCHANGE_HEAD)
        head_step(x, now_ms);
    if (x->phase == EXCHANGE_BODY && x->left == 0)
        return end(x, EXCHANGE_DONE, CAUSE_NONE);
    if (x->phase == EXCHANGE_SEND || x->phase == EXCHANGE_HEAD || (x->phase == EXCHANGE_BODY && drained(x)))
        watch(x, now_ms);
    return x->phase;
}

size_t exchange_read(struct exchange *x, uint8_t *bytes, size_t n, uint32_t now_ms)
{
    size_t got = 0;
    if (x->phase != EXCHANGE_BODY)
        return 0;
    if (n > x->left)
        n = x->left;
    while (got < n && x->spill_at < x->spill_end)
        bytes[got++] = x->spill[x->spill_at++];
    if (got < n)
        got += x->transport->read(x->transport->ctx, bytes + got, n - got);
    x->left -= (uint32_t)got;
    if (got > 0)
        x->last_ms = now_ms;
    return got;
}
