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

enum { CONSOLE_LINES = 2000, ASKED = sizeof ((struct trial *)0)->asked / sizeof ((struct trial *)0)->asked[0] };
static const uint64_t CYCLE_OFF = 500 * MS, CYCLE_AFTER = 1500 * MS, SETTLED = 3000 * MS;

uint64_t trial_now(const struct trial *t)
{
    return t->b->now(t->b);
}

static uint64_t body(const struct trial *t)
{
    return t->b->server ? t->b->server->body(t->b) : 0;
}

static void enter(struct trial *t, enum phase p)
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
    enter(t, phase_after_reset(t->phase));
    fault_named(t, "boot", trial_now(t));
}

/* --- what the console says --- */

static void copy_field(char *to, size_t room, const struct profile_event *ev, const char *field)
{
    const char *value = profile_event_get(ev, field);
    if (value)
        snprintf(to, room, "%s", value);
}

static bool flag(const struct profile_event *ev, const char *field)
{
    const char *value = profile_event_get(ev, field);
    return value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0 || strcmp(value, "yes") == 0);
}

static void device_runs(struct trial *t, const struct profile_event *ev, uint64_t at)
{
    if (t->learn && !t->learn->boot_ns)
        t->learn->boot_ns = at;
    copy_field(t->version, sizeof t->version, ev, "version");
    copy_field(t->slot, sizeof t->slot, ev, "slot");
    copy_field(t->digest, sizeof t->digest, ev, "digest");
    t->confirmed = flag(ev, "confirmed");
    t->running = true;
    if (t->confirmed)
        memcpy(t->confirmed_version, t->version, sizeof t->version);
    t->running_by = BENCH_NEVER;
    t->settled_t = at;
    look_running(t, at);
    fault_watch(t);
}

static bool about_offer(const struct trial *t, const struct profile_event *ev)
{
    const char *version = profile_event_get(ev, "version");
    return !version || !t->offer || strcmp(version, t->offer->version) == 0;
}

static void device_stage(struct trial *t, const struct profile_event *ev, uint64_t at)
{
    const char *stage = profile_event_get(ev, "stage");
    char name[64];
    if (!stage)
        return;
    if (strcmp(stage, "confirmed") == 0) {
        t->confirmed = true;
        memcpy(t->confirmed_version, t->version, sizeof t->version);
        if (t->recovering && about_offer(t, ev))
            t->updates++;
    }
    if (strcmp(stage, "failed") == 0 || strcmp(stage, "rolled-back") == 0)
        t->gave_up = true;
    t->settled_t = at;
    snprintf(name, sizeof name, "update.%s", stage);
    fault_named(t, name, at);
}

static void device_line(struct trial *t, const struct profile_event *pe, const struct bench_event *ev)
{
    const char *kind = pe->kind->name;
    char name[64];
    struct json *j = note_new("dut", ev->t);
    json_add_str(j, "kind", kind);
    profile_event_add(pe, j);
    json_add_str(j, "line", ev->text);
    note_add(t->out, j);
    enum phase after = phase_after(t->phase, pe);
    if (after != t->phase)
        enter(t, after);
    if (strcmp(kind, "running") == 0)
        device_runs(t, pe, ev->t);
    if (strcmp(kind, "rollback") == 0)
        t->gave_up = true;
    if (strcmp(kind, "recovery") == 0)
        serial_wanted(t);
    if (strcmp(kind, "stage") == 0)
        device_stage(t, pe, ev->t);
    snprintf(name, sizeof name, "device.%s", kind);
    fault_named(t, name, ev->t);
}

static void console_line(struct trial *t, const struct bench_event *ev)
{
    struct profile_event pe;
    if (++t->lines > CONSOLE_LINES) {
        t->dropped++;
        if (profile_match(t->profile, ev->text, &pe) && strcmp(pe.kind->name, "running") == 0)
            device_line(t, &pe, ev);
        return;
    }
    if (profile_match(t->profile, ev->text, &pe)) {
        device_line(t, &pe, ev);
        return;
    }
    struct json *j = note_new("console", ev->t);
    json_add_str(j, "line", ev->text);
    note_add(t->out, j);
}

static void told(struct trial *t, struct bench_event *ev)
{
    note_told(t->out, ev);
    const char *stage = json_str_or(ev->told, "stage", "");
    if (strcmp(stage, "failed") == 0 || strcmp(stage, "rolled-back") == 0)
        t->told_up = true;
    if (strcmp(stage, "confirmed") == 0)
        t->told_confirmed = true;
    t->settled_t = ev->t;
    if (t->feed)
        fleet_device_told(t, ev->told, ev->t);
    json_free(ev->told);
}

static bool is_delta(const struct trial *t, const char *file)
{
    for (size_t i = 0; t->offer && i < t->offer->deltas; i++)
        if (strcmp(file_base(t->offer->delta[i]->file), file) == 0)
            return true;
    return false;
}

/* --- the loop --- */

static void on_event(struct trial *t, struct bench_event *ev)
{
    fault_event(t, ev);
    look_again(t, ev->t);
    if (ev->kind != BENCH_DEADLINE && ev->kind != BENCH_OP)
        t->heard_t = ev->t;
    if (ev->kind == BENCH_RESPONSE && strcmp(ev->method, "POST") != 0)
        t->answered_t = ev->t;
    switch (ev->kind) {
    case BENCH_LINE: console_line(t, ev); break;
    case BENCH_RESET:
        note_reset(t->out, ev->t, ev->text, "device");
        trial_device_restarts(t, false);
        break;
    case BENCH_REQUEST:
        t->asked[ev->request % ASKED] = ev->t;
        look_held(t, ev);
        break;
    case BENCH_RESPONSE: note_response(t->out, ev, t->asked[ev->request % ASKED], is_delta(t, ev->file)); break;
    case BENCH_TLS: note_tls(t->out, ev); break;
    case BENCH_TOLD: told(t, ev); break;
    case BENCH_BYTE: serial_byte(t, ev); break;
    case BENCH_OP: look_op(t, &ev->op); break;
    case BENCH_DEAD: note_simple(t->out, ev->t, "dead"); break;
    case BENCH_BROKEN:
        note_bench_fault(t->out, ev->t, ev->text, NULL);
        t->broken = true;
        break;
    case BENCH_ACCESS:
    case BENCH_FLASH_ERROR:
    case BENCH_CPU_FAULT:
    case BENCH_BAD_REQUEST: note_oddity(t->out, ev); break;
    default: break;
    }
}

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
    on_event(t, &ev);
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
    return t->running && t->confirmed && strcmp(t->version, set->version) == 0;
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

/* What the bench is to offer of a set; room is the caller's. */
struct offer_room { struct bench_image file[PROFILE_SLOTS]; struct bench_delta delta[PROFILE_DELTAS * PROFILE_SLOTS]; };

static struct bench_offer offer_of(const struct trial *t, const struct plan_set *set, struct offer_room *room)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct plan_image *image = set->image[i];
        room->file[i] = (struct bench_image){image->slot, file_base(image->file), (const uint8_t *)image->bytes.data, image->bytes.size};
    }
    for (size_t i = 0; i < set->deltas; i++) {
        const struct plan_delta *d = set->delta[i];
        room->delta[i] = (struct bench_delta){d->slot, d->base_sha256, d->file, (const uint8_t *)d->bytes.data, d->bytes.size};
    }
    return (struct bench_offer){.version = set->version, .hardware = t->profile->hardware, .security_counter = set->counter,
                                .chunk_size = t->profile->update.chunk, .files = room->file, .count = set->count,
                                .deltas = room->delta, .delta_count = t->given->images->terms.delta ? set->deltas : 0};
}

void trial_offer_as(struct trial *t, const struct plan_set *set, const char *action, bool good)
{
    struct offer_room room, other_room;
    const struct plan_set *next = t->given->images->next;
    struct bench_offer offer = offer_of(t, set, &room), other = next && next != set ? offer_of(t, next, &other_room) : offer;
    offer.action = action;
    offer.keyset = other.keyset = t->keyset;
    other.action = "update";
    offer.other = next && next != set ? &other : NULL;
    t->offer = set;
    t->action = action;
    if (t->b->server)
        t->b->server->offer(t->b, &offer);
    struct json *j = note_new("offer", trial_now(t));
    json_add_str(j, "version", set->version);
    json_add_str(j, "image", set->name);
    json_add_bool(j, "good", good);
    if (strcmp(action, "update") != 0)
        json_add_str(j, "action", action);
    if (t->keyset != 1)
        json_add_int(j, "keyset", t->keyset);
    note_add(t->out, j);
}

void trial_offer(struct trial *t, const struct plan_set *set, bool good)
{
    trial_offer_as(t, set, "update", good);
}

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
    enter(t, PHASE_START);
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
