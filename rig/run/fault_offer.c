/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the server offers changes in mid-trial: another release, a pause, a withdrawal, a rollback (catalogue S12, S16, S17).
 *
 * Method. A pause proves nothing in the moment in which it is made: it stands for a while, and the journal shows that nothing
 * was activated under it. A rollback stands until the device runs what it was told to, or until the deadline of an update. */
#include "base/json.h"
#include "run/fault.h"
#include "run/note.h"

#include <string.h>

static const uint64_t PAUSE_STANDS = 20000 * MS, COMES_TO_REST = 3000 * MS;

static bool has_server(const struct trial *t)
{
    return t->b->server;
}

static bool action_is(const struct fault_run *f, const char *word)
{
    return strcmp(plan_text_value(f->plan, "action", "update"), word) == 0;
}

static uint64_t stands(const struct trial *t, const struct fault_run *f)
{
    bool waits = action_is(f, "pause") || action_is(f, "none");
    return plan_number(f->plan, "for", waits ? PAUSE_STANDS : action_is(f, "rollback") ? t->profile->deadline.update_ms * MS : 0);
}

/* A signed image can be a sick one: where the trial's own offer is there to be given up, only what it names as its end is good. */
static bool healthy(const struct trial *t, const struct plan_set *set)
{
    const struct plan_case *c = t->given->images;
    return set->genuine && (c->eventually == c->offered || set == c->eventually || set == c->next);
}

static void change(struct trial *t, struct fault_run *f, struct bench_op *op)
{
    const char *action = plan_text_value(f->plan, "action", "update");
    const struct plan_set *set = f->plan->offer ? f->plan->offer : t->offer;
    bool good = healthy(t, set) && (action_is(f, "update") || action_is(f, "rollback"));
    uint64_t length = stands(t, f);
    (void)op;
    struct json *j = fault_note(t, f, trial_now(t), fault_phase(t));
    json_add_str(j, "action", action);
    note_add(t->out, j);
    t->keyset = (unsigned)plan_number(f->plan, "keyset", t->keyset);
    trial_offer_as(t, set, action, good);
    f->done++;
    f->state = FAULT_ACTIVE;
    f->over_t = trial_now(t) + length;
    if (!length)
        fault_over(t, f);
}

/* A rollback is over once it is obeyed and the device has come to rest. */
static void seen(struct trial *t, struct fault_run *f, const struct bench_event *ev)
{
    bool obeyed = action_is(f, "rollback") && t->running && t->confirmed && strcmp(t->version, t->offer->version) == 0;
    uint64_t rest = ev->t + COMES_TO_REST;
    if (obeyed && rest < f->over_t)
        f->over_t = rest;
}

const struct fault_effect fault_offer = {.name = "offer", .can = has_server, .begin = change, .seen = seen};
