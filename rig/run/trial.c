/* SPDX-License-Identifier: GPL-3.0-or-later
 * One trial from first power-on to its end line.
 *
 * Method. A trial has four acts. (1) The device starts and updates itself while faults strike. (2) Where the offered image is one that
 * the device must not keep, the rig waits until it has been given up, and cycles power: a device that has only forgotten to start it
 * again starts it now. (3) The faults are over: the server is honest and offers a good image; if the update was already complete, it
 * offers the next version, so that every trial shows one whole good update after the last fault. (4) The rig cycles power once more:
 * what was confirmed must come back. A timeout is an event; whether it is a brick is for the judge.
 */
#include "run/trial.h"

#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "run/note.h"
#include "run/trial_state.h"

#include <stdio.h>
#include <string.h>

static const uint64_t CYCLE_OFF = 500 * MS, CYCLE_AFTER = 1500 * MS, SETTLED = 3000 * MS;

uint64_t trial_now(const struct trial *t)
{
    return t->b->now(t->b);
}

static uint64_t body(const struct trial *t)
{
    return t->b->server ? t->b->server->body(t->b) : 0;
}

void trial_enter(struct trial *t, enum phase p)
{
    t->phase = p;
    if (t->learn && !t->learn->end_t)
        reference_enter(t->learn, p, trial_now(t), body(t));
}

void trial_device_restarts(struct trial *t, bool by_rig)
{
    uint64_t limit = trial_now(t) + t->profile->deadline.boot_ms * MS;
    if (t->running && !by_rig)
        t->crashes++;
    t->unseen = false;
    t->running = false;
    serial_broken(t);
    if (by_rig || t->running_by == BENCH_NEVER)
        t->running_by = limit;
    fault_watch(t);
    t->boots++;
    trial_enter(t, phase_after_reset(t->phase));
    fault_named(t, "boot", trial_now(t));
}

/* --- the loop --- */

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* A device that runs and restarts for ever meets its boot deadline each time; it is not worth more of the host's time. One that never
 * runs is ended by that deadline. */
static uint64_t crashes_most(const struct trial *t)
{
    return 8 * (t->profile->max_boots ? t->profile->max_boots : 16);
}

/* One event, at the latest at until. The device is over when it does not run by its boot deadline. */
void trial_step(struct trial *t, uint64_t until)
{
    struct bench_event ev;
    uint64_t deadline = sooner(sooner(until, fault_next(t)), t->running_by);
    t->b->next(t->b, deadline, &ev);
    device_event(t, &ev);
    fault_due(t);
    if (t->broken) {
        t->end_why = "bench";
    } else if (t->crashes > crashes_most(t)) {
        note_timeout(t->out, trial_now(t), "rest", trial_now(t));
        t->end_why = "timeout";
    }
    if (!t->end_why && t->running_by <= trial_now(t)) {
        note_timeout(t->out, trial_now(t), "running", t->profile->deadline.boot_ms * MS);
        t->end_why = "timeout";
    }
}

/* Runs until the condition holds or the limit is over. Returns whether it holds. */
static bool wait_for(struct trial *t, bool (*holds)(const struct trial *t), uint64_t limit)
{
    uint64_t until = trial_now(t) + limit;
    while (!t->end_why && !holds(t) && trial_now(t) < until)
        trial_step(t, until);
    return !t->end_why && holds(t);
}

static void pass(struct trial *t, uint64_t time)
{
    uint64_t until = trial_now(t) + time;
    while (!t->end_why && trial_now(t) < until)
        trial_step(t, until);
}

/* --- act 1 and 2: the update under fire --- */

static bool on_version(const struct trial *t, const struct plan_set *set)
{
    return set && t->running && t->confirmed && strcmp(t->version, set->version) == 0;
}

static bool must_be_refused(const struct trial *t)
{
    return t->given->images->eventually != t->given->images->offered;
}

static bool act_settled(const struct trial *t)
{
    bool ended = must_be_refused(t) ? t->gave_up && t->running : on_version(t, t->offer);
    return ended && trial_now(t) - t->settled_t >= SETTLED;
}

static bool faults_over_or_settled(const struct trial *t)
{
    return fault_all_over(t) || act_settled(t);
}

static void faults_strike(struct trial *t)
{
    uint64_t limit = t->profile->deadline.update_ms * MS;
    for (unsigned guard = 0; !t->end_why && !fault_all_over(t) && guard < 4 * SCENARIO_FAULTS; guard++) {
        bool in_time = wait_for(t, faults_over_or_settled, limit);
        if (t->end_why || fault_all_over(t))
            break;
        if (!in_time)
            note_timeout(t->out, trial_now(t), "faults", limit);
        fault_give_up(t);
    }
}

static bool given_up(const struct trial *t)
{
    return t->gave_up && t->running && (t->told_up || trial_now(t) - t->settled_t >= 10 * SETTLED);
}

static void refusal(struct trial *t)
{
    uint64_t limit = t->profile->deadline.update_ms * MS;
    if (!wait_for(t, given_up, limit) && !t->end_why)
        note_timeout(t->out, trial_now(t), "refused", limit);
}

/* --- power cycles of the rig's own: what was given up stays given up (act 2), what was confirmed comes back (act 4) --- */

static bool runs(const struct trial *t)
{
    return t->running;
}

void trial_power_off(struct trial *t, const char *why)
{
    struct bench_op op;
    t->b->power->off(t->b, &op);
    note_power(t->out, trial_now(t), 0, why);
    note_rail(t->out, trial_now(t), t->b->power->rail_mv(t->b));
    t->running = false;
    t->running_by = BENCH_NEVER;
}

void trial_power_on(struct trial *t, const char *why)
{
    note_power(t->out, trial_now(t), 1, why);
    note_reset(t->out, trial_now(t), "power-on", "rig");
    t->b->power->on(t->b);
    trial_device_restarts(t, true);
}

static bool power_cycle(struct trial *t)
{
    trial_power_off(t, "cycle");
    pass(t, CYCLE_OFF);
    trial_power_on(t, "cycle");
    return wait_for(t, runs, t->profile->deadline.boot_ms * MS);
}

static void final_cycle(struct trial *t)
{
    note_simple(t->out, trial_now(t), "cycle");
    if (power_cycle(t))
        pass(t, CYCLE_AFTER);
}

/* --- act 3: recovery --- */

static bool updated(const struct trial *t)
{
    return t->updates > 0 && on_version(t, t->offer);
}

static bool on_offer(const struct trial *t)
{
    return on_version(t, t->offer);
}

static bool bring_up_to_date(struct trial *t, bool (*holds)(const struct trial *t))
{
    unsigned updates = t->given->given->expect.updates ? t->given->given->expect.updates : 1;
    uint64_t limit = t->profile->deadline.update_ms * MS * updates;
    bool done = wait_for(t, holds, limit);
    if (!done && !t->end_why) {
        note_timeout(t->out, trial_now(t), "update", limit);
        t->end_why = "timeout";
    }
    return done;
}

static bool told_confirmed(const struct trial *t)
{
    return t->told_confirmed;
}

/* A release that the device runs already proves nothing; the next one does. */
static const struct plan_set *still_new(const struct trial *t, const struct plan_set *set)
{
    return on_version(t, set) && t->given->images->next ? t->given->images->next : set;
}

static void recovery(struct trial *t)
{
    const struct plan_case *images = t->given->images;
    t->recovering = true;
    note_simple(t->out, trial_now(t), "faults-over");
    if (t->b->server)
        t->b->server->honest(t->b);
    t->told_confirmed = false;
    bool behind = images->after && (t->offer != images->after || t->keyset != images->keyset);
    t->keyset = images->keyset;
    if (must_be_refused(t) && images->eventually)
        trial_offer(t, images->eventually, true);
    else if (behind)
        trial_offer(t, still_new(t, images->after), true);
    else if (strcmp(t->action, "update") != 0 || !t->offer->genuine)
        trial_offer(t, still_new(t, images->eventually ? images->eventually : images->offered), true);
    if (!bring_up_to_date(t, on_offer))
        return;
    if (t->updates == 0 && t->given->images->next && t->given->images->next != t->offer) {
        trial_offer(t, t->given->images->next, true);
        if (!bring_up_to_date(t, updated))
            return;
    }
    wait_for(t, told_confirmed, t->profile->deadline.settle_ms * MS);
}

/* --- the whole --- */

static void note_start(struct trial *t, uint64_t number, size_t scenario)
{
    struct json *j = json_object();
    json_add_str(j, "ev", "trial");
    json_add_int(j, "n", (int64_t)number);
    json_add_int(j, "scenario", (int64_t)scenario);
    json_add_int(j, "k", (int64_t)t->given->k);
    json_add(j, "matrix", plan_matrix_json(t->plan, t->given));
    json_add(j, "faults", plan_faults_json(t->given));
    struct json *given = plan_given_json(t->plan, t->given);
    if (given)
        json_add(j, "given", given);
    note_add(t->out, j);
}

static void note_end(struct trial *t)
{
    if (t->dropped) {
        struct json *flood = note_new("flood", trial_now(t));
        json_add_int(flood, "lines", (int64_t)t->dropped);
        note_add(t->out, flood);
    }
    struct json *j = note_new("end", trial_now(t));
    json_add_str(j, "why", t->end_why ? t->end_why : "done");
    if (t->running) {
        struct json *running = json_object();
        json_add_str(running, "slot", t->slot);
        json_add_str(running, "version", t->version);
        json_add_str(running, "digest", t->digest);
        json_add_bool(running, "confirmed", t->confirmed);
        json_add(j, "running", running);
    }
    json_add_int(j, "boots", (int64_t)t->boots);
    json_add_int(j, "fetched", (int64_t)body(t));
    json_add_int(j, "ops", t->b->nvm ? (int64_t)t->b->nvm->ops(t->b) : 0);
    json_add_int(j, "updates", t->updates);
    if (t->b->instructions)
        json_add_int(j, "instructions", (int64_t)t->b->instructions(t->b));
    json_add_int(j, "ms", (int64_t)(trial_now(t) / MS));
    note_add(t->out, j);
}

static void learn_op(void *ctx, const struct bench_op *op)
{
    struct trial *t = ctx;
    if (t->learn && !t->learn->end_t) {
        struct reference_op r = {op->index, op->t, op->addr, (uint8_t)t->phase, op->erase, region_payload(t->profile, op->addr)};
        reference_add_op(t->learn, &r);
    }
    if (t->watch && t->watch->op)
        t->watch->op(t->watch->ctx, op);
}

static void learned(struct trial *t)
{
    if (!t->learn || t->learn->end_t)
        return;
    t->learn->end_t = trial_now(t);
    t->learn->bytes = body(t);
    t->learn->boots = t->boots;
    t->learn->complete = !t->end_why;
    reference_close(t->learn, t->learn->end_t, t->learn->bytes);
}

static void first_power_on(struct trial *t)
{
    trial_offer(t, t->given->images->offered, !must_be_refused(t));
    trial_enter(t, PHASE_START);
    fault_begin(t);
    trial_power_on(t, "start");
}

static void play(struct trial *t)
{
    first_power_on(t);
    faults_strike(t);
    if (!t->end_why && must_be_refused(t))
        refusal(t);
    if (t->learn && must_be_refused(t))
        learned(t);
    if (t->end_why || (must_be_refused(t) && !power_cycle(t)))
        return;
    if (t->learn && !must_be_refused(t)) { /* an honest update is its own recovery */
        t->recovering = true;
        if (wait_for(t, on_offer, t->profile->deadline.update_ms * MS))
            pass(t, 100 * MS);
        learned(t);
    }
    recovery(t);
    if (!t->end_why && t->given->given->expect.final_cycle)
        final_cycle(t);
}

static void run(struct trial *t, uint64_t number, size_t scenario, const struct bench_opener *opener)
{
    struct err e = {0};
    struct bench_wish wish = {.seed = t->given->seed, .tls = t->given->images->terms.tls};
    note_start(t, number, scenario);
    t->b = opener->open(opener->ctx, &wish, &e);
    if (!t->b) {
        note_bench_fault(t->out, 0, "bench-not-opened", e.text);
        note_add(t->out, json_parse("{\"t\":0,\"ev\":\"end\",\"why\":\"bench\"}", 34, NULL));
        return;
    }
    if (t->b->nvm)
        t->b->nvm->log(t->b, t->learn || t->watch ? learn_op : NULL, t);
    if (t->watch && t->watch->begin)
        t->watch->begin(t->watch->ctx);
    if (t->feed)
        fleet_device_play(t);
    else
        play(t);
    note_end(t);
    t->b->close(t->b);
}

static struct trial fresh(const struct plan *plan, const struct plan_trial *given, const struct trial_watch *watch, struct buf *out)
{
    return (struct trial){.plan = plan, .profile = plan->config.profile, .given = given, .watch = watch, .out = out,
                          .running_by = BENCH_NEVER, .action = "update", .keyset = given->images->terms.keyset};
}

void trial_run(const struct plan *plan, const struct plan_trial *given, uint64_t number, size_t scenario,
               const struct bench_opener *opener, const struct reference *reference, struct reference *learn,
               const struct trial_watch *watch, struct buf *out)
{
    struct trial t = fresh(plan, given, watch, out);
    t.reference = reference;
    t.learn = learn;
    run(&t, number, scenario, opener);
}

void trial_run_fleet(const struct plan *plan, const struct plan_trial *given, uint64_t number, size_t scenario,
                     const struct bench_opener *opener, const struct trial_feed *feed, const struct trial_watch *watch,
                     struct buf *out)
{
    struct trial t = fresh(plan, given, watch, out);
    t.feed = feed;
    run(&t, number, scenario, opener);
}

bool trial_needs_reference(const struct plan_trial *t)
{
    for (size_t i = 0; i < t->faults; i++) {
        enum scenario_at at = t->fault[i].at;
        if (at == SCENARIO_AT_RANDOM_TIME || at == SCENARIO_AT_RANDOM_OP || at == SCENARIO_AT_RANDOM_BYTE ||
            at == SCENARIO_AT_RANDOM_BOOT)
            return true;
    }
    return false;
}
