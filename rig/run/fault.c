/* SPDX-License-Identifier: GPL-3.0-or-later
 * When faults strike, and what they do.
 *
 * Method. Triggers of the main list are all live from the start. Those below after-boot are live one after the other, each from the
 * moment at which the one before it is over, and count from there. A random trigger is mapped onto the reference run; where
 * its phase has no flash operation, the moment is drawn in the phase's time instead. A drawn moment that this run never reaches (an
 * earlier fault made it shorter) is delivered once the device has settled: a fault that was planned is a fault that happens. A moment
 * that somebody named and that never comes is written down as not delivered.
 */
#include "base/json.h"
#include "run/note.h"
#include "run/trial_state.h"

#include <stdio.h>
#include <string.h>

static bool is(const struct fault_run *f, const char *does)
{
    return strcmp(f->plan->does, does) == 0;
}

/* --- resolving triggers --- */

static uint64_t offered_size(const struct trial *t)
{
    uint64_t most = 0;
    const struct plan_set *set = t->given->images->offered;
    for (size_t i = 0; i < set->count; i++)
        most = set->image[i]->bytes.size > most ? set->image[i]->bytes.size : most;
    return most;
}

static uint64_t boot_time(const struct trial *t)
{
    return t->reference && t->reference->boot_ns ? t->reference->boot_ns : 200 * MS;
}

static void random_time(struct trial *t, struct fault_run *f)
{
    const struct plan_fault *p = f->plan;
    uint64_t at = 0, now = trial_now(t);
    if (!p->in_recovery) {
        f->at_t = t->reference && reference_pick_time(t->reference, p->phase, p->draw, &at) ? at : BENCH_NEVER;
        return;
    }
    uint64_t end = t->reference ? t->reference->end_t : 0, rest = boot_time(t);
    if (p->phase != SCENARIO_BOOT && end > now)
        rest += end - now;
    f->at_t = now + plan_pick(p->draw, 1, rest);
}

/* Flash operations so far; none are counted on a bench that cannot see them. */
static uint64_t ops_now(struct trial *t)
{
    return t->b->nvm ? t->b->nvm->ops(t->b) : 0;
}

static void random_op(struct trial *t, struct fault_run *f)
{
    const struct plan_fault *p = f->plan;
    uint64_t index;
    if (!t->reference || !reference_ops_after(t->reference, p->phase, 0)) {
        random_time(t, f);
    } else if (!p->in_recovery) {
        f->at_op = reference_pick_op(t->reference, p->phase, p->draw, &index) ? index : BENCH_NEVER;
    } else {
        uint64_t rest = reference_ops_after(t->reference, p->phase, t->first_cut_op);
        f->at_op = ops_now(t) + plan_pick(p->draw, 1, rest ? rest : 1);
    }
}

static void random_boot(struct trial *t, struct fault_run *f)
{
    uint64_t most = t->reference && t->reference->boots ? t->reference->boots : 1;
    f->at_boot = (f->plan->in_recovery ? t->boots : 0) + plan_pick(f->plan->draw, 1, most);
}

static void resolve(struct trial *t, struct fault_run *f)
{
    const struct plan_fault *p = f->plan;
    uint64_t base_t = p->in_recovery ? trial_now(t) : 0;
    uint64_t base_op = p->in_recovery ? ops_now(t) : 0;
    switch (p->at) {
    case SCENARIO_AT_TIME:
    case SCENARIO_AT_EVERY: f->at_t = base_t + p->number; break;
    case SCENARIO_AT_OP: f->at_op = base_op + p->number; break;
    case SCENARIO_AT_PERCENT: f->at_byte = offered_size(t) * p->number / 10000; break;
    case SCENARIO_AT_BYTE: f->at_byte = p->number; break;
    case SCENARIO_AT_BOOT: f->at_boot = (p->in_recovery ? t->boots : 0) + p->number; break;
    case SCENARIO_AT_RANDOM_TIME: random_time(t, f); break;
    case SCENARIO_AT_RANDOM_OP: random_op(t, f); break;
    case SCENARIO_AT_RANDOM_BOOT: random_boot(t, f); break;
    case SCENARIO_AT_RANDOM_BYTE:
        if (!t->reference || !reference_pick_byte(t->reference, p->draw, &f->at_byte))
            f->at_byte = BENCH_NEVER;
        break;
    default: break;
    }
}

/* --- arming the bench --- */

static bool cuts(const struct fault_run *f)
{
    return is(f, "power-cut");
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
    uint64_t byte = BENCH_NEVER;
    for (size_t i = 0; i < t->faults; i++) {
        const struct fault_run *f = &t->fault[i];
        if (f->state != FAULT_WAITING)
            continue;
        if (cuts(f) && f->at_op != BENCH_NEVER && (!cut || f->at_op < cut->at_op))
            cut = f;
        if (f->at_byte < byte)
            byte = f->at_byte;
    }
    if (t->b->power->arm)
        t->b->power->arm(t->b, cut ? cut->at_op : 0, cut ? cut->plan->outcome : NULL, cut ? cut->plan->torn : 0);
    if (t->b->server)
        t->b->server->watch_body(t->b, byte);
    fault_watch(t);
}

static void serve(struct trial *t, const struct fault_run *f)
{
    const struct plan_fault *p = f->plan;
    if (!t->b->server || !p->attack)
        return;
    struct bench_rule rule = {.attack = p->attack->name, .path = p->path, .device = p->device, .times = (unsigned)plan_number(p, "times", 1)};
    if (p->at == SCENARIO_AT_REQUEST)
        rule.request = (unsigned)p->number;
    memcpy(rule.value, p->attack_value, sizeof rule.value);
    t->b->server->rule(t->b, &rule);
}

static void wake(struct trial *t, struct fault_run *f)
{
    f->state = FAULT_WAITING;
    resolve(t, f);
    if (is(f, "serve") && f->plan->at == SCENARIO_AT_REQUEST) {
        serve(t, f);
        f->state = FAULT_ACTIVE;
    }
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
        *f = (struct fault_run){.plan = p, .at_t = BENCH_NEVER, .at_op = BENCH_NEVER, .at_byte = BENCH_NEVER, .at_boot = BENCH_NEVER};
        f->random = p->at == SCENARIO_AT_RANDOM_TIME || p->at == SCENARIO_AT_RANDOM_OP || p->at == SCENARIO_AT_RANDOM_BYTE ||
                    p->at == SCENARIO_AT_RANDOM_BOOT;
        if (!p->in_recovery)
            wake(t, f);
    }
    wake_next(t);
}

/* --- what faults do --- */

static struct json *note_fault(struct trial *t, const struct fault_run *f, uint64_t at, bool delivered)
{
    struct json *j = note_new("fault", at);
    json_add_int(j, "i", f - t->fault);
    json_add_str(j, "do", f->plan->does);
    json_add_bool(j, "delivered", delivered);
    return j;
}

static void add_op(struct trial *t, struct json *j, const struct bench_op *op)
{
    char outcome[16], region[REGION_NAME];
    json_add_int(j, "op", (int64_t)op->index);
    json_add_str(j, "kind", op->erase ? "erase" : "program");
    json_add_hex(j, "addr", op->addr);
    json_add_str(j, "region", region_name(t->profile, op->addr, region));
    json_add_hex(j, "pc", op->pc);
    json_add_str(j, "outcome", note_outcome(op, outcome));
}

static void over(struct trial *t, struct fault_run *f)
{
    f->state = FAULT_OVER;
    t->settled_t = trial_now(t);
    wake_next(t);
}

/* Power is off already when the bench cut at an armed operation. */
static void power_cut(struct trial *t, struct fault_run *f, struct bench_op *op)
{
    struct bench_op under_way = {0};
    uint64_t at = trial_now(t), off = plan_number(f->plan, "off", 500 * MS);
    if (!op)
        t->b->power->off(t->b, &under_way);
    else
        under_way = *op;
    bool in_op = under_way.index != 0;
    struct json *j = note_fault(t, f, at, true);
    json_add_str(j, "phase", phase_name(t->phase, in_op && region_payload(t->profile, under_way.addr), under_way.erase));
    if (in_op)
        add_op(t, j, &under_way);
    json_add_int(j, "off_ms", (int64_t)(off / MS));
    note_add(t->out, j);
    note_power(t->out, at, 0, "fault");
    note_rail(t->out, at, t->b->power->rail_mv(t->b));
    if (!t->first_cut_op)
        t->first_cut_op = ops_now(t);
    t->running = false;
    t->running_by = BENCH_NEVER;
    f->done++;
    f->state = FAULT_ACTIVE;
    f->over_t = at + off;
}

static void power_returns(struct trial *t, struct fault_run *f)
{
    uint64_t at = trial_now(t);
    note_power(t->out, at, 1, "fault");
    note_reset(t->out, at, "power-on", "rig");
    t->b->power->on(t->b);
    f->over_t = 0;
    trial_device_restarts(t, true);
    if (f->plan->at == SCENARIO_AT_EVERY && f->done < f->plan->times) {
        f->state = FAULT_WAITING;
        f->at_t = at + f->plan->number;
        return;
    }
    over(t, f);
}

static void reset_pin(struct trial *t, struct fault_run *f)
{
    uint64_t at = trial_now(t);
    struct json *j = note_fault(t, f, at, true);
    json_add_str(j, "phase", phase_name(t->phase, false, false));
    note_add(t->out, j);
    note_reset(t->out, at, "pin", "rig");
    t->b->reset->pulse(t->b);
    trial_device_restarts(t, true);
    if (f->plan->at == SCENARIO_AT_EVERY && ++f->done < f->plan->times) {
        f->at_t = at + f->plan->number;
        return;
    }
    over(t, f);
}

static void link_down(struct trial *t, struct fault_run *f)
{
    uint64_t at = trial_now(t), length = plan_number(f->plan, "for", 5000 * MS);
    struct json *j = note_fault(t, f, at, true);
    json_add_str(j, "phase", phase_name(t->phase, false, false));
    json_add_int(j, "off_ms", (int64_t)(length / MS));
    note_add(t->out, j);
    t->b->link->up(t->b, false);
    f->done++;
    f->state = FAULT_ACTIVE;
    f->over_t = at + length;
}

static void strike(struct trial *t, struct fault_run *f, struct bench_op *op)
{
    f->at_t = f->at_op = f->at_byte = f->at_boot = BENCH_NEVER;
    if (cuts(f)) {
        power_cut(t, f, op);
    } else if (is(f, "reset-pin") && t->b->reset) {
        reset_pin(t, f);
    } else if (is(f, "link-down") && t->b->link) {
        link_down(t, f);
    } else if (is(f, "serve")) {
        serve(t, f);
        f->state = FAULT_ACTIVE;
        f->over_t = BENCH_NEVER;
    } else {
        note_bench_fault(t->out, trial_now(t), "not-offered", f->plan->does);
        t->broken = true;
    }
    arm(t);
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
        if (f->state == FAULT_ACTIVE && f->over_t && f->over_t <= now) {
            if (cuts(f)) {
                power_returns(t, f);
            } else {
                if (is(f, "link-down"))
                    t->b->link->up(t->b, true);
                over(t, f);
            }
        }
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

/* Two attacks on one response are told as "flip-bits+truncate". */
static bool named_in(const char *name, const char *list)
{
    size_t n = strlen(name);
    for (const char *p = list; (p = strstr(p, name)); p += n)
        if ((p == list || p[-1] == '+') && (p[n] == 0 || p[n] == '+'))
            return true;
    return false;
}

static void attack_seen(struct trial *t, struct fault_run *f, const struct bench_event *ev)
{
    if (!named_in(f->plan->attack->name, ev->attack))
        return;
    if (!f->done++) {
        struct json *j = note_fault(t, f, ev->t, true);
        json_add_str(j, "phase", phase_name(t->phase, false, false));
        json_add_str(j, "attack", ev->attack);
        note_add(t->out, j);
    }
    uint64_t times = plan_number(f->plan, "times", 1);
    if (times && f->done >= times)
        over(t, f);
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
    for (size_t i = 0; ev->kind == BENCH_RESPONSE && i < t->faults; i++)
        if (t->fault[i].state == FAULT_ACTIVE && is(&t->fault[i], "serve"))
            attack_seen(t, &t->fault[i], ev);
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

void fault_give_up(struct trial *t)
{
    for (size_t i = 0; i < t->faults; i++) {
        struct fault_run *f = &t->fault[i];
        if (f->state == FAULT_OVER || (f->state == FAULT_ACTIVE && cuts(f)))
            continue;
        if (f->state == FAULT_WAITING && f->random && (cuts(f) || is(f, "reset-pin"))) {
            strike(t, f, NULL);
            return;
        }
        if (!f->done && f->state != FAULT_ASLEEP)
            note_add(t->out, note_fault(t, f, trial_now(t), false));
        if (f->state == FAULT_ACTIVE && is(f, "link-down"))
            t->b->link->up(t->b, true);
        over(t, f);
        return;
    }
}
