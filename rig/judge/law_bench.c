/* SPDX-License-Identifier: GPL-3.0-or-later
 * R1 real cut and R2 sound bench: what the rig itself did. They never blame the device: a trial that they doubt is inconclusive.
 * Kinds of R1: cut-not-real, no-reset-level, fault-not-delivered; of R2: the reason of the bench's own record. */
#include "base/json.h"
#include "judge/laws.h"
#include "judge/scene.h"
#include "record/header.h"
#include "record/journal.h"

#include <string.h>

static const struct json *planned(const struct law_case *c)
{
    const struct journal_event *first = c->trial->event;
    return first ? json_get(first->json, "faults") : NULL;
}

bool law_cut_applies(const struct law_case *c)
{
    if (json_count(planned(c)))
        return true;
    for (size_t i = 0; i < c->trial->count; i++)
        if (journal_is(&c->trial->event[i], "fault", NULL))
            return true;
    return false;
}

struct rail {
    const struct journal_event *cut; /* since power was last on */
    int64_t lowest;                  /* mV, -1: not measured */
};

static void power_returns(const struct law_case *c, const struct rail *x, const struct journal_event *ev, struct law_result *r)
{
    if (!x->cut)
        return;
    if (!c->header->reset_mv)
        law_unclear(r, x->cut, "no-reset-level",
                    "Power was cut, but the bench does not say below which voltage the device resets.");
    else if (x->lowest < 0)
        law_unclear(r, ev, "cut-not-real", "Power was cut, but the rail was not measured before it returned.");
    else if (x->lowest >= c->header->reset_mv)
        law_unclear(r, ev, "cut-not-real", "Power was cut, but the rail fell only to %lld mV; the device resets below %lld mV.",
                    (long long)x->lowest, (long long)c->header->reset_mv);
    law_cite(r, r->state == LAW_HELD ? NULL : x->cut);
}

static const struct journal_event *delivery(const struct law_case *c, size_t fault)
{
    for (size_t i = 0; i < c->trial->count; i++)
        if (scene_fault_done(&c->trial->event[i], NULL) && journal_number(&c->trial->event[i], "i", -1) == (int64_t)fault)
            return &c->trial->event[i];
    return NULL;
}

/* Did the device ask for anything while the server's other offer stood? */
static bool offer_seen(const struct law_case *c, const struct journal_event *from)
{
    bool stands = false;
    for (size_t i = 0; i < c->trial->count; i++) {
        const struct journal_event *ev = &c->trial->event[i];
        int64_t asked = scene_asked(ev) >= 0 ? scene_asked(ev) : ev->t;
        if (ev == from)
            stands = true;
        else if (stands && journal_is(ev, "offer", NULL) && ev->t > from->t)
            return false;
        else if (stands && journal_is(ev, "http", NULL) && asked >= from->t && strcmp(journal_text(ev, "method"), "GET") == 0)
            return true;
    }
    return false;
}

/* What was set up and never met the device proves nothing: a link on which nothing was sent, an offer that nobody asked for. */
static void reached(const struct law_case *c, size_t fault, const char *does, struct law_result *r)
{
    const struct journal_event *from = delivery(c, fault);
    if (strcmp(does, "offer") == 0 && !offer_seen(c, from))
        law_unclear(r, from, "fault-not-delivered", "Fault %zu (offer): the device asked for nothing while that offer stood.", fault + 1);
    for (size_t i = 0; i < c->trial->count; i++) {
        const struct journal_event *ev = &c->trial->event[i];
        if (journal_is(ev, "impaired", NULL) && journal_number(ev, "i", -1) == (int64_t)fault && journal_number(ev, "touched", 1) == 0)
            law_unclear(r, ev, "fault-not-delivered", "Fault %zu (%.24s) touched none of the %lld packets that were sent meanwhile.",
                        fault + 1, does, (long long)journal_number(ev, "packets", 0));
    }
}

static void undelivered(const struct law_case *c, struct law_result *r)
{
    size_t n = json_count(planned(c)), i = 0;
    for (const struct json *f = json_first(planned(c)); f; f = json_next(f), i++)
        if (delivery(c, i))
            reached(c, i, json_str_or(f, "do", "?"), r);
        else
            law_unclear(r, scene_end(c), "fault-not-delivered",
                        "Fault %zu of %zu (%.24s) never happened: its moment did not come.", i + 1, n, json_str_or(f, "do", "?"));
}

void law_cut(const struct law_case *c, struct law_result *r)
{
    struct rail x = {.lowest = -1};
    for (size_t i = 0; i < c->trial->count; i++) {
        const struct journal_event *ev = &c->trial->event[i];
        if (scene_fault_done(ev, "power-cut"))
            x.cut = x.cut ? x.cut : ev;
        if (journal_is(ev, "rail", NULL)) {
            int64_t mv = journal_number(ev, "mv", -1);
            x.lowest = mv >= 0 && (x.lowest < 0 || mv < x.lowest) ? mv : x.lowest;
        }
        if (journal_is(ev, "power", NULL) && journal_flag(ev, "on")) {
            power_returns(c, &x, ev, r);
            x = (struct rail){.lowest = -1};
        }
    }
    if (x.cut)
        power_returns(c, &x, scene_end(c), r);
    undelivered(c, r);
}

void law_bench(const struct law_case *c, struct law_result *r)
{
    const struct journal_event *end = scene_end(c);
    for (size_t i = 0; i < c->trial->count; i++) {
        const struct journal_event *ev = &c->trial->event[i];
        if (journal_is(ev, "bench", NULL))
            law_unclear(r, ev, json_str_or(ev->json, "reason", "bench-fault"), "The bench failed: %.48s%s%.160s.",
                        journal_text(ev, "reason"), *journal_text(ev, "detail") ? ": " : "", journal_text(ev, "detail"));
    }
    if (strcmp(journal_text(end, "why"), "bench") == 0)
        law_unclear(r, end, "bench-fault", "The trial ended by a bench fault.");
}
