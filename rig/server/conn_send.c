/* SPDX-License-Identifier: GPL-3.0-or-later
 * An answer on its way.
 *
 * Method. Head, body, chunk borders and what lies behind the body go out in this order; the ledger remembers which bytes under way are
 * which. Positions are those of the body as the client's application sees it: chunk borders and headers do not count. A stall begins
 * when the peer has all that comes before it, a drip waits behind it, and an answer is over when its last byte is acknowledged: so
 * "at byte N" means that the client has N bytes, and an attack counts as delivered once the client has the byte where it shows. */
#include "server/conn_parts.h"
#include "server/site.h"

#include <inttypes.h>
#include <string.h>

enum { WRITE_MOST = 2048 };

static const enum ledger_kind kind_of[] = {LEDGER_HEAD, LEDGER_BODY};

static void set_timer(struct conn *c, uint64_t ns)
{
    c->delay = ns;
    c->wake = UINT64_MAX;
}

static void set_drip(struct conn *c)
{
    set_timer(c, c->phase == CONN_DONE ? 0 : c->x->pace[c->phase == CONN_HEAD ? EXCHANGE_HEAD : EXCHANGE_BODY].ns);
}

void conn_begin(struct conn *c, struct exchange *x)
{
    c->x = x;
    c->used = true;
    c->phase = CONN_HEAD;
    buf_clear(&c->frame);
    buf_add(&c->frame, buf_text(&x->head), x->head.size);
    ledger_clear(&c->ledger);
    memset(c->sent, 0, sizeof c->sent);
    c->chunk_left = c->chunk_n = c->filler_n = c->stall_n = 0;
    c->stalling = c->spoilt = false;
    for (int part = 0; part < EXCHANGE_PARTS; part++)
        c->allowance[part] = x->pace[part].bytes ? 0 : UINT64_MAX;
    set_drip(c);
}

/* --- how far --- */

static const struct exchange_stall *next_stall(const struct conn *c)
{
    return c->stall_n < c->x->stalls ? &c->x->stall[c->stall_n] : NULL;
}

/* Bytes of a part that may go out by now. */
static uint64_t limit(const struct conn *c, enum exchange_part part)
{
    const struct exchange *x = c->x;
    const struct exchange_stall *s = next_stall(c);
    uint64_t most = part == EXCHANGE_BODY ? exchange_total(x) : UINT64_MAX;
    if (c->allowance[part] < most)
        most = c->allowance[part];
    if (part == EXCHANGE_BODY && x->spoils && !c->spoilt && x->spoil_at < most)
        most = x->spoil_at;
    if (part == EXCHANGE_BODY && x->is_image && c->host->body_hold != UINT64_MAX) {
        const struct conn_host *h = c->host;
        uint64_t held = c->ledger.acked[LEDGER_BODY] + (h->body_hold > h->body_sent ? h->body_hold - h->body_sent : 0);
        most = held < most ? held : most;
    }
    return s && s->part == part && s->at < most ? s->at : most;
}

static void check_stall(struct conn *c)
{
    const struct exchange_stall *s = next_stall(c);
    if (!s || c->stalling || c->ledger.acked[kind_of[s->part]] < s->at)
        return;
    if (s->part == EXCHANGE_BODY && (c->phase == CONN_HEAD || c->ledger.acked[LEDGER_HEAD] < c->sent[EXCHANGE_HEAD]))
        return;
    c->stalling = true;
    set_timer(c, s->ns);
}

void conn_woken(struct conn *c)
{
    enum exchange_part part = c->phase == CONN_HEAD ? EXCHANGE_HEAD : EXCHANGE_BODY;
    if (c->stalling)
        c->stall_n++;
    else
        c->allowance[part] += c->x->pace[part].bytes;
    c->stalling = false;
    set_drip(c);
}

/* --- pieces --- */

/* False when the stream takes no more. */
static bool put(struct conn *c, enum ledger_kind kind, const void *p, size_t n, size_t *taken)
{
    *taken = n ? c->stream->ops->write(c->stream, p, n) : 0;
    ledger_add(&c->ledger, kind, *taken);
    return *taken == n;
}

static bool put_frame(struct conn *c)
{
    size_t taken;
    bool all = put(c, LEDGER_FRAME, c->frame.data, c->frame.size, &taken);
    buf_drop(&c->frame, taken);
    return all;
}

static void fill_head(struct conn *c)
{
    c->filler_n++;
    buf_printf(&c->frame, "X-Filler-%u: %064u\r\n", c->filler_n, c->filler_n);
}

static bool put_head(struct conn *c)
{
    for (;;) {
        uint64_t most = limit(c, EXCHANGE_HEAD), left = most > c->sent[EXCHANGE_HEAD] ? most - c->sent[EXCHANGE_HEAD] : 0;
        size_t n, taken;
        if (!c->frame.size && c->x->endless_head)
            fill_head(c);
        n = c->frame.size < left ? c->frame.size : (size_t)left;
        if (!n)
            return !c->frame.size;
        bool all = put(c, LEDGER_HEAD, c->frame.data, n, &taken);
        buf_drop(&c->frame, taken);
        c->sent[EXCHANGE_HEAD] += taken;
        if (!all)
            return false;
    }
}

static void open_chunk(struct conn *c)
{
    static const char *const lies[] = {
        [CHUNKS_BAD_SIZE] = "xyz", [CHUNKS_NEGATIVE] = "-3e8", [CHUNKS_HUGE] = "ffffffffffffffff", [CHUNKS_OVERFLOW] = "100000000000003e8"};
    const struct exchange *x = c->x;
    uint64_t offset = c->sent[EXCHANGE_BODY] % x->size, left = x->repeat ? x->chunk_size : x->size - offset;
    c->chunk_left = left < x->chunk_size ? left : x->chunk_size;
    uint64_t said = x->chunks == CHUNKS_TOO_LONG && c->chunk_n == 0 ? c->chunk_left + x->size : c->chunk_left;
    if (c->chunk_n++ == 0 && x->chunks < sizeof lies / sizeof lies[0] && lies[x->chunks])
        buf_printf(&c->frame, "%s\r\n", lies[x->chunks]);
    else if (x->chunks == CHUNKS_EXTENSION)
        buf_printf(&c->frame, "%" PRIx64 ";name=\"%0400d\"\r\n", said, 7);
    else
        buf_printf(&c->frame, "%" PRIx64 "\r\n", said);
}

/* The next bytes of the body, within the chunk if there is one; what goes on behind its end begins again. */
static bool put_body_piece(struct conn *c)
{
    const struct exchange *x = c->x;
    uint64_t offset = c->sent[EXCHANGE_BODY] % x->size, n = limit(c, EXCHANGE_BODY) - c->sent[EXCHANGE_BODY], run = x->size - offset;
    size_t taken, room = c->stream->ops->room(c->stream), most = c->host->config->write_most ? c->host->config->write_most : WRITE_MOST;
    n = n < run ? n : run;
    n = n < room ? n : room;
    n = n < most ? n : most;
    if (x->chunked && c->chunk_left < n)
        n = c->chunk_left;
    bool all = put(c, LEDGER_BODY, x->body + offset, (size_t)n, &taken);
    c->sent[EXCHANGE_BODY] += taken;
    if (x->chunked && taken) {
        c->chunk_left -= taken;
        if (!c->chunk_left && x->chunks != CHUNKS_NO_CRLF)
            buf_str(&c->frame, "\r\n");
    }
    return all && n;
}

/* What TLS does wrong lies between two writes, hence between two records. */
static void spoil(struct conn *c)
{
    if (!c->x->spoils || c->spoilt || c->sent[EXCHANGE_BODY] != c->x->spoil_at)
        return;
    c->spoilt = true;
    c->stream->ops->spoil(c->stream, c->x->spoil);
}

static bool put_body(struct conn *c)
{
    for (;;) {
        if (!put_frame(c))
            return false;
        spoil(c);
        if (c->sent[EXCHANGE_BODY] == exchange_total(c->x))
            return true;
        if (c->sent[EXCHANGE_BODY] >= limit(c, EXCHANGE_BODY))
            return false;
        if (c->x->chunked && !c->chunk_left) {
            open_chunk(c);
            continue;
        }
        if (!put_body_piece(c))
            return false;
    }
}

/* Behind the last byte of the body; a body that was cut has no end. */
static void frame_end(struct conn *c)
{
    const struct exchange *x = c->x;
    if (x->cut_at != EXCHANGE_NEVER && !x->no_body)
        return;
    if (x->chunked && !x->no_body && x->chunks != CHUNKS_NO_END)
        buf_str(&c->frame, x->chunks == CHUNKS_TRAILER ? "0\r\nContent-Length: 5\r\nX-Trailer: 1\r\n\r\n" : "0\r\n\r\n");
    if (x->tail.size)
        buf_add(&c->frame, x->tail.data, x->tail.size);
}

static void enter_body(struct conn *c)
{
    c->phase = CONN_BODY;
    while (next_stall(c) && next_stall(c)->part == EXCHANGE_HEAD)
        c->stall_n++;
    set_drip(c);
}

void conn_pump(struct conn *c)
{
    if (c->phase == CONN_HEAD && put_head(c) && !c->x->endless_head) {
        const struct exchange_stall *s = next_stall(c);
        if (!s || s->part != EXCHANGE_HEAD || s->at > c->sent[EXCHANGE_HEAD])
            enter_body(c);
    }
    if (c->phase == CONN_BODY && put_body(c)) {
        frame_end(c);
        c->phase = CONN_TAIL;
    }
    if (c->phase == CONN_TAIL && put_frame(c))
        c->phase = CONN_DONE;
    check_stall(c);
}

bool conn_sent(const struct conn *c)
{
    const struct exchange_stall *s = next_stall(c);
    return c->phase == CONN_DONE && !c->ledger.count && !c->stalling && (!s || s->at > exchange_total(c->x));
}

/* --- the record --- */

/* Whether the peer has the byte where an attack shows. One that closes or resets has read what it answers to by doing so, even when
 * its transport did not say so. */
static bool delivered(const struct conn *c, const struct exchange_act *a, bool by_peer)
{
    if (a->at == EXCHANGE_NEVER)
        return true;
    if (a->at)
        return c->ledger.acked[kind_of[a->part]] >= a->at;
    return c->ledger.acked[LEDGER_HEAD] || c->ledger.acked[LEDGER_BODY] || (by_peer && (c->sent[EXCHANGE_HEAD] || c->sent[EXCHANGE_BODY]));
}

const char *conn_delivered(const struct conn *c, const char *end, struct buf *out)
{
    bool by_peer = strncmp(end, "peer-", 5) == 0;
    for (unsigned i = 0; i < c->x->acts; i++)
        if (delivered(c, &c->x->act[i], by_peer))
            buf_printf(out, "%s%s", out->size ? "+" : "", c->x->act[i].name);
    return out->size ? buf_text(out) : NULL;
}
