/* SPDX-License-Identifier: GPL-3.0-or-later
 * One device of a fleet, from its first power-on to the end of the watch.
 *
 * Method. The bench's clock is the fleet's. A device that checks in is switched on, and off again once it is at rest: it runs a
 * confirmed image, has had an answer from the server, and has been silent since; one that waits longer than that to try again
 * goes on at its next check-in. At each whole second in which it is on, it gets what the rollout has for it (fleet.c says why seconds),
 * and what it tells goes back with its time. Its chip's unique id comes from the trial's seed. To give two devices each other's flash
 * is the same as to give them each other's chips: that is how a swap is done, between two check-ins. */
#include "base/json.h"
#include "base/rng.h"
#include "plan/plan.h"
#include "run/note.h"
#include "run/trial_state.h"

#include <stdio.h>
#include <string.h>

static const uint64_t SECOND = 1000 * MS, REST = 3000 * MS, NO_ANSWER = 30000 * MS;

struct device {
    struct trial *t;
    const struct scenario_fleet *fleet;
    struct rollout_answer has; /* what it was given last */
    bool any;                  /* … if anything */
    char id[32];               /* of its chip */
    bool swapped, rests;
};

/* --- the chip --- */

static void chip_of(const struct plan_trial *given, uint32_t id[3])
{
    for (unsigned i = 0; i < 3; i++)
        id[i] = (uint32_t)rng_mix(given->seed, 0x756964, i);
}

static void take_chip(struct device *d, const struct plan_trial *whose)
{
    struct trial *t = d->t;
    uint32_t id[3];
    chip_of(whose, id);
    if (t->b->unique_id)
        t->b->unique_id(t->b, id);
    snprintf(d->id, sizeof d->id, "%08x%08x%08x", (unsigned)id[2], (unsigned)id[1], (unsigned)id[0]);
    struct json *j = note_new("chip", trial_now(t));
    json_add_str(j, "unique_id", d->id);
    json_add_int(j, "place", (int64_t)rollout_place(t->plan->config.seed, d->id));
    note_add(t->out, j);
}

static void swap(struct device *d)
{
    struct trial *t = d->t;
    struct plan_trial other;
    if (d->swapped || t->given->k > 1 || trial_now(t) < d->fleet->swap_ns)
        return;
    d->swapped = true;
    if (plan_trial(t->plan, t->given->k == 0 ? t->given->n + 1 : t->given->n - 1, &other, NULL) == 0)
        take_chip(d, &other);
}

/* --- what the server does --- */

static void rule(struct trial *t, const struct option_owner *attack, const char *key, uint64_t number, const char *key2, uint64_t number2)
{
    struct bench_rule r = {.attack = attack ? attack->name : NULL};
    for (size_t i = 0; attack && i < OPTION_MOST && attack->options[i].name; i++) {
        bool first = strcmp(attack->options[i].name, key) == 0, second = strcmp(attack->options[i].name, key2) == 0;
        r.value[i] = (struct option_value){.row = &attack->options[i], .given = first || second, .number = first ? number : number2};
    }
    if (attack)
        t->b->server->rule(t->b, &r);
}

static void serve(struct device *d, enum rollout_service service)
{
    const struct scenario_fleet *f = d->fleet;
    struct trial *t = d->t;
    t->b->server->honest(t->b);
    if (service == ROLLOUT_BUSY)
        rule(t, f->busy, "code", 503, "retry-after", f->rules.retry_after_s * SECOND);
    if (service == ROLLOUT_DOWN)
        rule(t, f->reset, "at-byte", 1, "", 0);
    struct json *j = note_new("service", trial_now(t));
    json_add_str(j, "is", rollout_service_name(service));
    if (service == ROLLOUT_BUSY)
        json_add_int(j, "retry_after_s", (int64_t)f->rules.retry_after_s);
    note_add(t->out, j);
}

static void offer(struct device *d, enum rollout_action action)
{
    const struct plan_case *images = d->t->given->images;
    const struct plan_set *set = action == ROLLOUT_BACK && images->back ? images->back : images->offered;
    bool good = action == ROLLOUT_BACK || (action == ROLLOUT_UPDATE && images->eventually == images->offered);
    trial_offer_as(d->t, set, rollout_action_name(action), good);
}

/* What the rollout has for this device from now on. */
static void ask(struct device *d)
{
    struct trial *t = d->t;
    uint64_t second = trial_now(t) / SECOND * SECOND;
    struct rollout_answer a = t->feed->answer(t->feed->ctx, second, d->id);
    if (!t->b->server)
        return;
    if (!d->any || a.action != d->has.action)
        offer(d, a.action);
    if (d->any ? a.service != d->has.service : a.service != ROLLOUT_UP)
        serve(d, a.service);
    d->has = a;
    d->any = true;
}

/* A device that stopped because it was told to has not failed. */
void fleet_device_told(struct trial *t, const struct json *told, uint64_t at)
{
    const char *stage = json_str_or(told, "stage", ""), *cause = json_str_or(told, "cause", "");
    if (strcmp(json_str_or(told, "version", ""), t->given->images->offered->version) != 0 || strcmp(cause, "paused") == 0 ||
        strcmp(cause, "withdrawn") == 0)
        return;
    if (strcmp(stage, "started") == 0)
        t->feed->tell(t->feed->ctx, at, ROLLOUT_BEGUN);
    if (strcmp(stage, "confirmed") == 0)
        t->feed->tell(t->feed->ctx, at, ROLLOUT_CONFIRMED);
    if (strcmp(stage, "failed") == 0 || strcmp(stage, "rolled-back") == 0)
        t->feed->tell(t->feed->ctx, at, ROLLOUT_FAILED);
}

/* --- its life --- */

static void until_next_second(struct trial *t, uint64_t end)
{
    uint64_t next = (trial_now(t) / SECOND + 1) * SECOND;
    next = next < end ? next : end;
    while (!t->end_why && trial_now(t) < next)
        trial_step(t, next);
}

static bool at_rest(const struct trial *t, uint64_t since)
{
    bool answered = t->answered_t >= since || trial_now(t) - since >= NO_ANSWER;
    return t->running && t->confirmed && answered && trial_now(t) - t->heard_t >= REST;
}

/* Switched on until it is at rest, but not for ever: a device that has no confirmed image keeps its owner waiting only so long. */
static void check_in(struct device *d, bool first)
{
    struct trial *t = d->t;
    uint64_t since = trial_now(t), limit = (t->profile->deadline.update_ms + t->profile->deadline.confirm_ms) * MS;
    uint64_t end = since + limit < d->fleet->for_ns ? since + limit : d->fleet->for_ns;
    trial_power_on(t, first ? "start" : "check-in");
    while (!t->end_why && trial_now(t) < end && !(d->fleet->check_in_ns && at_rest(t, since))) {
        until_next_second(t, d->fleet->check_in_ns ? end : d->fleet->for_ns);
        if (!d->fleet->check_in_ns)
            end = d->fleet->for_ns;
        if (!t->end_why && trial_now(t) < end)
            ask(d);
    }
    d->rests = t->running;
    if (!t->end_why && d->fleet->check_in_ns)
        trial_power_off(t, "check-in");
}

static void sleep_until(struct trial *t, uint64_t when)
{
    while (!t->end_why && trial_now(t) < when)
        trial_step(t, when);
}

void fleet_device_play(struct trial *t)
{
    struct device d = {.t = t, .fleet = &t->plan->scenario[t->given->scenario].scenario->fleet};
    uint64_t wake = plan_pick(rng_mix(t->given->seed, 0x77616b65, 0), 1, d.fleet->spread_ns);
    bool first = true;
    take_chip(&d, t->given);
    while (!t->end_why && wake < d.fleet->for_ns) {
        sleep_until(t, wake);
        swap(&d);
        ask(&d);
        check_in(&d, first);
        first = false;
        if (!d.fleet->check_in_ns)
            break;
        while (wake <= trial_now(t))
            wake += d.fleet->check_in_ns;
    }
    t->running = !t->end_why && d.rests; /* off between its check-ins, but not gone */
}
