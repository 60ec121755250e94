/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The memory of freshness.h.
 *
 * Method. Three things are held against each other: the manifest's version against the highest one accepted, its expiry against
 * the clock, and the clock against the manifest's own time. The last one is the delicate one: a manifest whose time sets the
 * clock must not thereby prove its own freshness.
 *
 * - A manifest that repeats the nonce of our question was signed after we asked. Its time is the publisher's time now, whatever
 *   the clock says: the clock follows it in both directions.
 * - Any other was signed at some time in the past. A time later than the clock's proves the clock slow: it is set forward. A
 *   time before the clock's proves nothing (the manifest may have been held back): the clock stays.
 * - A clock that is lost (clock.h) can judge no age: then only an answer to our own question is new.
 *
 * The time is written at most once a day: it is a floor under a lost clock, not a clock.
 */
#include "freshness.h"
#include <string.h>
#include "clock.h"
#include "layout.h"

enum kind { NUMBER = 1, TIME = 2 }; /* value: the number */
enum { DAY_S = 86400 };

static void apply(void *ctx, const struct reclog_record *r)
{
    struct freshness *f = ctx;
    if (r->kind == NUMBER)
        f->number = r->value;
    else if (r->kind == TIME)
        f->time = r->value;
}

static void live(void *ctx, reclog_emit_fn *emit, void *emit_ctx)
{
    const struct freshness *f = ctx;
    if (f->number != 0)
        emit(emit_ctx, &(struct reclog_record){.kind = NUMBER, .value = f->number});
    if (f->time != 0)
        emit(emit_ctx, &(struct reclog_record){.kind = TIME, .value = f->time});
}

/* What cannot be written is remembered until the next reset. */
static void remember(struct freshness *f, enum kind kind, uint32_t value)
{
    struct reclog_record r = {.kind = (uint8_t)kind, .value = value};
    (void)reclog_append(&f->log, &r, live, f);
    apply(f, &r);
}

void freshness_open(struct freshness *f)
{
    memset(f, 0, sizeof *f);
    reclog_open(&f->log, LAYOUT_FRESH_BASE);
    reclog_each(&f->log, apply, f);
    clock_floor(f->time);
}

static bool believed(const struct manifest *m)
{
    return m->answers || (clock_known() && m->time > clock_now());
}

static bool days_apart(uint32_t a, uint32_t b)
{
    return (a > b ? a - b : b - a) >= DAY_S;
}

enum cause freshness_take(struct freshness *f, const struct manifest *m)
{
    if (m->number < f->number)
        return CAUSE_ROLLBACK;
    if (m->number - f->number > FRESHNESS_STEP_MOST)
        return CAUSE_BAD_MANIFEST;
    if (!m->answers && !clock_known())
        return CAUSE_FREEZE;
    bool time = believed(m);
    if (time)
        clock_signed_time(m->time);
    if (m->expires <= clock_now())
        return CAUSE_EXPIRED;
    if (m->number > f->number)
        remember(f, NUMBER, m->number);
    if (time && days_apart(m->time, f->time))
        remember(f, TIME, m->time);
    return CAUSE_NONE;
}
