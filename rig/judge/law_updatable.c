/* SPDX-License-Identifier: GPL-3.0-or-later
 * L4 updatable: after the faults a good update succeeds. Here belongs what a scenario expects as `eventually`.
 * Kinds: cannot-update-again, too-many-updates. */
#include "judge/laws.h"
#include "judge/scene.h"
#include "record/header.h"
#include "record/journal.h"

#include <string.h>

struct reach {
    const struct journal_event *wanted, *failed, *over; /* offer to complete; last refusal of it; faults-over */
    const char *version;
    unsigned started; /* updates to the version, since the faults were over */
    bool reached;
};

static bool stage_is(const struct journal_event *ev, const char *stage, const char *version)
{
    return journal_is(ev, "dut", "stage") && strcmp(journal_text(ev, "stage"), stage) == 0 &&
           strcmp(journal_text(ev, "version"), version) == 0;
}

/* Whether the version runs confirmed, after this record: a device that falls back later has not reached it. */
static bool still_reached(const struct journal_event *ev, const char *version, bool before)
{
    if (journal_is(ev, "dut", "running"))
        return journal_flag(ev, "confirmed") && strcmp(journal_text(ev, "version"), version) == 0;
    return before || stage_is(ev, "confirmed", version);
}

/* Every good offer of the recovery is a claim of its own. */
static void new_claim(struct reach *x, const struct journal_event *offer, const char *version)
{
    x->wanted = offer;
    x->version = version;
    x->started = 0;
    x->reached = false;
    x->failed = NULL;
}

static void too_many(const struct law_case *c, const struct reach *x, const struct journal_event *ev, struct law_result *r)
{
    int64_t most = c->scenario->expect.updates;
    if (most && x->started > most && c->scenario->expect.eventually && strcmp(c->scenario->expect.eventually, x->version) == 0) {
        law_violated(r, ev, "too-many-updates", "Update number %u to %.40s was begun after the faults; %lld must do.", x->started,
                     x->version, (long long)most);
        law_cite(r, x->over);
    }
}

static void not_reached(const struct law_case *c, const struct reach *x, struct law_result *r)
{
    const struct journal_event *end = scene_end(c);
    if (strcmp(journal_text(end, "why"), "bench") == 0) {
        law_unclear(r, end, "cut-short", "The trial ended by a bench fault before the update to %.40s could succeed.",
                    x->version);
        return;
    }
    law_missing(r, end, "cannot-update-again",
                "Version %.40s was offered as a good update after the faults; %lld ms later it was not confirmed "
                "(%u begun%s%.40s).",
                x->version, scene_ms(end->t - x->wanted->t), x->started, x->failed ? ", last refused as " : "",
                x->failed ? journal_text(x->failed, "cause") : "");
    law_cite(r, x->wanted);
    law_cite(r, x->failed);
}

/* At the end of the faults, the offer that stands is the claim; without offers in the journal, the scenario's expectation is. */
static void faults_over(const struct law_case *c, const struct scene *s, struct reach *x, const struct journal_event *ev)
{
    const struct scene_offer *o = scene_current(s);
    bool was = x->reached;
    x->over = ev;
    if (o && o->good)
        new_claim(x, ev, o->version);
    else if (!o && c->scenario->expect.eventually)
        new_claim(x, ev, c->scenario->expect.eventually);
    x->reached = was && x->wanted == ev;
}

static void step(const struct law_case *c, const struct scene *s, struct reach *x, const struct journal_event *ev,
                 struct law_result *r)
{
    const struct scene_offer *o = scene_current(s);
    if (journal_is(ev, "faults-over", NULL))
        faults_over(c, s, x, ev);
    if (x->over && journal_is(ev, "offer", NULL) && o->good) {
        if (x->wanted && !x->reached)
            not_reached(c, x, r);
        new_claim(x, ev, o->version);
    }
    if (!x->wanted) {
        x->reached = o && o->good && still_reached(ev, o->version, x->reached);
        return;
    }
    x->reached = still_reached(ev, x->version, x->reached);
    if (stage_is(ev, "failed", x->version))
        x->failed = ev;
    if (stage_is(ev, "started", x->version)) {
        x->started++;
        too_many(c, x, ev, r);
    }
}

void law_updatable(const struct law_case *c, struct law_result *r)
{
    struct scene s;
    struct reach x = {0};
    const struct journal_event *end = scene_end(c);
    scene_start(&s, c);
    for (size_t i = 0; i < c->trial->count; i++) {
        scene_take(&s, &c->trial->event[i]);
        step(c, &s, &x, &c->trial->event[i], r);
    }
    if (x.wanted && !x.reached)
        not_reached(c, &x, r);
    else if (!x.wanted && (strcmp(journal_text(end, "why"), "timeout") == 0 || strcmp(journal_text(end, "why"), "dead") == 0))
        law_missing(r, end, "cannot-update-again",
                    "The device did not live to see the end of the faults: no update was possible any more.");
    else if (!x.wanted && strcmp(journal_text(end, "why"), "bench") == 0)
        law_unclear(r, end, "cut-short", "The trial ended by a bench fault before a good update could be offered.");
    else if (!x.wanted)
        law_none(r);
}
