/* SPDX-License-Identifier: GPL-3.0-or-later
 * When faults strike, and what they do.
 *
 * Method. Triggers of the main list are all live from the start. Those below after-boot are live one after the other, each from the
 * moment at which the one before it is over, and count from there. A random trigger is mapped onto the reference run; (fault_when.c).
 * A drawn moment that this run never reaches (an
 * earlier fault made it shorter) is delivered once the device has settled: a fault that was planned is a fault that happens. A moment
 * that somebody named and that never comes is written down as not delivered.
 */
#include "base/json.h"
#include "run/fault.h"
#include "run/note.h"

#include <string.h>

static const struct fault_effect *const effects[] = {&fault_power_cut, &fault_reset_pin, &fault_link, &fault_link_down,
                                                     &fault_serve, &fault_offer, &fault_clock, &fault_command, &fault_damage, NULL};

static const struct fault_effect *effect_of(const struct plan_fault *f)
{
    const struct fault_effect *const *e = effects;
    while (*e && strcmp((*e)->name, f->does) != 0)
        e++;
    return *e;
}

/* --- arming the bench --- */

static bool cuts(const struct fault_run *f)
{
    return f->effect && f->effect->unpowers;
}

/* Operations that somebody waits for: all of them when a fault other than a cut is aimed at one, else those in the running slot. */
void fault_watch(struct trial *t)
{
    bool all = false;
    for (size_t i = 0; i < t->faults; i++)
        all |= t->fault[i].state == FAULT_WAITING && t->fault[i].at_op != BENCH_NEVER && !cuts(&t->fault[i]);
    if (all && t->b->nvm)
        t->b->nvm->watch(t->b, 0, UINT32_MAX);
    else
        look_watch(t, t->running ? t->slot : NULL);
}

static void arm(struct trial *t)
{
    const struct fault_run *cut = NULL;
    uint64_t byte = BENCH_NEVER, hold = BENCH_NEVER;
    for (size_t i = 0; i < t->faults; i++) {
        const struct fault_run *f = &t->fault[i];
        if (f->state != FAULT_WAITING)
            continue;
        if (cuts(f) && f->at_op != BENCH_NEVER && (!cut || f->at_op < cut->at_op))
            cut = f;
        if (f->at_byte < byte)
            byte = f->at_byte;
        if (f->effect && f->effect->exact && f->at_byte < hold)
            hold = f->at_byte;
    }
    if (t->b->power->arm)
        t->b->power->arm(t->b, cut ? cut->at_op : 0, cut ? cut->plan->outcome : NULL, cut ? cut->plan->torn : 0);
    if (t->b->server)
        t->b->server->watch_body(t->b, byte);
    if (t->b->server && t->b->server->hold_body)
        t->b->server->hold_body(t->b, hold);
    fault_watch(t);
}

static void wake(struct trial *t, struct fault_run *f)
{
    f->state = FAULT_WAITING;
    fault_when(t, f);
    if (f->effect && f->effect->wake)
        f->effect->wake(t, f);
}

static void wake_next(struct trial *t)
{
    struct fault_run *next = NULL;
    bool main_list_over = true;
    for (size_t i = 0; i < t->faults; i++) {
        struct fault_run *f = &t->fault[i];
        if (!f->plan->in_recovery && f->state != FAULT_OVER)
            main_list_over = false;
        if (f->plan->in_recovery && f->state != FAULT_OVER && !next)
            next = f;
    }
    if (main_list_over && next && next->state == FAULT_ASLEEP)
        wake(t, next);
    arm(t);
}

void fault_begin(struct trial *t)
{
    t->faults = t->given->faults;
    for (size_t i = 0; i < t->faults; i++) {
        struct fault_run *f = &t->fault[i];
        const struct plan_fault *p = &t->given->fault[i];
        *f = (struct fault_run){.plan = p, .effect = effect_of(p), .at_t = BENCH_NEVER, .at_op = BENCH_NEVER, .at_byte = BENCH_NEVER,
                                .at_boot = BENCH_NEVER};
        f->random = p->at == SCENARIO_AT_RANDOM_TIME || p->at == SCENARIO_AT_RANDOM_OP || p->at == SCENARIO_AT_RANDOM_BYTE ||
                    p->at == SCENARIO_AT_RANDOM_BOOT;
        if (!p->in_recovery)
            wake(t, f);
    }
    wake_next(t);
}

/* --- what faults do --- */

const char *fault_phase(const struct trial *t)
{
    return phase_name(t->phase, false, false);
}

struct json *fault_note(struct trial *t, const struct fault_run *f, uint64_t at, const char *phase)
{
    struct json *j = note_new("fault", at);
    json_add_int(j, "i", f - t->fault);
    json_add_str(j, "do", f->plan->does);
    json_add_bool(j, "delivered", phase != NULL);
    if (phase)
        json_add_str(j, "phase", phase);
    return j;
}

uint64_t fault_until(const struct trial *t, uint64_t length)
{
    return length ? trial_now(t) + length : BENCH_NEVER;
}

void fault_over(struct trial *t, struct fault_run *f)
{
    if (f->effect && f->effect->repeats && f->plan->at == SCENARIO_AT_EVERY && f->done < f->plan->times) {
        f->state = FAULT_WAITING;
        f->at_t = trial_now(t) + f->plan->number;
        return;
    }
    f->state = FAULT_OVER;
    t->settled_t = trial_now(t);
    wake_next(t);
}

static void strike(struct trial *t, struct fault_run *f, struct bench_op *op)
{
    f->at_t = f->at_op = f->at_byte = f->at_boot = BENCH_NEVER;
    if (f->effect && f->effect->can(t)) {
        f->effect->begin(t, f, op);
    } else {
        note_bench_fault(t->out, trial_now(t), "not-offered", f->plan->does);
        t->broken = true;
    }
    arm(t);
}

static void effect_ends(struct trial *t, struct fault_run *f)
{
    if (f->state == FAULT_ACTIVE && f->effect->end)
        f->effect->end(t, f);
    fault_over(t, f);
}

/* --- triggers --- */

/* A power cut that is under way keeps every other fault waiting. */
static bool power_is_off(const struct trial *t)
{
    for (size_t i = 0; i < t->faults; i++)
        if (t->fault[i].state == FAULT_ACTIVE && cuts(&t->fault[i]))
            return true;
    return false;
}

void fault_due(struct trial *t)
{
    uint64_t now = trial_now(t);
    for (size_t i = 0; i < t->faults; i++) {
        struct fault_run *f = &t->fault[i];
        if (f->state == FAULT_ACTIVE && f->over_t && f->over_t <= now)
            effect_ends(t, f);
        if (f->state == FAULT_WAITING && f->at_t <= now && !power_is_off(t))
            strike(t, f, NULL);
    }
}

uint64_t fault_next(const struct trial *t)
{
    uint64_t next = BENCH_NEVER;
    for (size_t i = 0; i < t->faults; i++) {
        const struct fault_run *f = &t->fault[i];
        uint64_t at = f->state == FAULT_WAITING ? f->at_t : f->state == FAULT_ACTIVE && f->over_t ? f->over_t : BENCH_NEVER;
        if (f->state == FAULT_WAITING && power_is_off(t))
            at = BENCH_NEVER;
        next = at < next ? at : next;
    }
    return next;
}

static bool path_matches(const struct plan_fault *p, const char *path)
{
    return !p->path || strncmp(path, p->path, strlen(p->path)) == 0;
}

static void op_seen(struct trial *t, const struct bench_event *ev)
{
    for (size_t i = 0; i < t->faults; i++) {
        struct fault_run *f = &t->fault[i];
        if (f->state != FAULT_WAITING || f->at_op != ev->op.index)
            continue;
        if (ev->kind == BENCH_CUT) {
            struct bench_op op = ev->op;
            strike(t, f, &op);
            return;
        }
        if (!cuts(f)) /* somewhere within the operation: half a word's time is inside every kind of it */
            f->at_t = ev->t + plan_pick(f->plan->draw, 0, 80000);
    }
}

static void bytes_seen(struct trial *t)
{
    uint64_t body = t->b->server->body(t->b);
    for (size_t i = 0; i < t->faults; i++)
        if (t->fault[i].state == FAULT_WAITING && t->fault[i].at_byte <= body)
            strike(t, &t->fault[i], NULL);
    arm(t);
}

static void boot_seen(struct trial *t)
{
    for (size_t i = 0; i < t->faults; i++)
        if (t->fault[i].state == FAULT_WAITING && t->fault[i].at_boot == t->boots)
            t->fault[i].at_t = trial_now(t) + t->fault[i].plan->delay_ns;
}

static void request_seen(struct trial *t, const struct bench_event *ev)
{
    for (size_t i = 0; i < t->faults; i++) {
        struct fault_run *f = &t->fault[i];
        if (f->state == FAULT_WAITING && f->plan->at == SCENARIO_AT_REQUEST && path_matches(f->plan, ev->path) &&
            ++f->met == f->plan->number)
            f->at_t = ev->t + f->plan->delay_ns;
    }
}

void fault_event(struct trial *t, const struct bench_event *ev)
{
    if (ev->kind == BENCH_CUT || ev->kind == BENCH_OP)
        op_seen(t, ev);
    if (ev->kind == BENCH_BYTES)
        bytes_seen(t);
    if (ev->kind == BENCH_REQUEST)
        request_seen(t, ev);
    for (size_t i = 0; i < t->faults; i++)
        if (t->fault[i].state == FAULT_ACTIVE && t->fault[i].effect->seen)
            t->fault[i].effect->seen(t, &t->fault[i], ev);
}

void fault_named(struct trial *t, const char *name, uint64_t at)
{
    if (strcmp(name, "boot") == 0)
        boot_seen(t);
    for (size_t i = 0; i < t->faults; i++) {
        struct fault_run *f = &t->fault[i];
        const struct plan_fault *p = f->plan;
        if (f->state != FAULT_WAITING || p->at != SCENARIO_AT_EVENT || strcmp(p->event, name) != 0)
            continue;
        unsigned nth = p->occurrence ? p->occurrence : 1;
        if (++f->met == nth)
            f->at_t = at + p->delay_ns;
    }
}

bool fault_all_over(const struct trial *t)
{
    for (size_t i = 0; i < t->faults; i++)
        if (t->fault[i].state != FAULT_OVER)
            return false;
    return true;
}

static bool made_up_for(const struct fault_run *f)
{
    return f->state == FAULT_WAITING && f->random && f->effect && f->effect->makes_up;
}

void fault_give_up(struct trial *t)
{
    for (size_t i = 0; i < t->faults; i++) {
        struct fault_run *f = &t->fault[i];
        if (f->state == FAULT_OVER || (f->state == FAULT_ACTIVE && cuts(f)))
            continue;
        if (made_up_for(f)) {
            strike(t, f, NULL);
            return;
        }
        if (!f->done && f->state != FAULT_ASLEEP)
            note_add(t->out, fault_note(t, f, trial_now(t), NULL));
        f->done = f->plan->times; /* no more of `every` */
        effect_ends(t, f);
        return;
    }
}
