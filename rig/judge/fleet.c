/* SPDX-License-Identifier: GPL-3.0-or-later
 * A fleet judged as a whole.
 *
 * Method. Each device is a trial and answers to every law alone; what only shows when they stand together is judged here, from the
 * same records. Failed is a device that told so of the offered version, or whose trial ended before the watch did: it is counted as the
 * rollout counts, to which a device that stopped because it was told to has not failed. The overrun is what failed beyond the budget.
 * Requests that are no telemetry are counted by the devices that make them, in a window that slides over the time since the server
 * came back, or began to be overloaded: a crowd is devices, not requests. An id belongs to the chip: one id on two chips is two devices
 * that the server takes for one. What the fleet breaks is found in the trial of the device that shows it. Kinds: fleet-not-updated (L4),
 * too-many-updated, too-many-failed, budget-overrun, stampede (L11), fleet-not-back (L2), identity-shared (L10). */
#include "judge/fleet.h"

#include "base/buf.h"
#include "base/json.h"
#include "judge/judge.h"
#include "judge/scene.h"
#include "record/header.h"
#include "record/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fleet *fleet_new(const struct header *h, const struct header_scenario *s)
{
    struct fleet *f = mem_new(sizeof *f);
    f->header = h;
    f->scenario = s;
    return f;
}

void fleet_free(struct fleet *f)
{
    if (!f)
        return;
    free(f->device);
    free(f->ask);
    free(f->identity);
    free(f);
}

/* --- what a device did --- */

static void *add(void *list, size_t *count, size_t size)
{
    if ((*count & (*count - 1)) == 0) /* room doubles at each power of two */
        list = mem_grow(list, (*count ? 2 * *count : 1) * size);
    memset((char *)list + *count * size, 0, size);
    (*count)++;
    return list;
}

static bool about_offer(const struct fleet *f, const struct journal_event *ev)
{
    return strcmp(journal_text(ev, "version"), f->scenario->fleet.version) == 0;
}

static void told(const struct fleet *f, struct fleet_device *d, const struct journal_event *ev)
{
    const char *stage = journal_text(ev, "stage"), *cause = journal_text(ev, "cause");
    if (!about_offer(f, ev) || strcmp(cause, "paused") == 0 || strcmp(cause, "withdrawn") == 0)
        return;
    if (strcmp(stage, "started") == 0 && d->begun_t < 0)
        d->begun_t = ev->t;
    if (strcmp(stage, "confirmed") == 0 && d->confirmed_t < 0)
        d->confirmed_t = ev->t;
    if ((strcmp(stage, "failed") == 0 || strcmp(stage, "rolled-back") == 0) && d->failed_t < 0) {
        d->failed = true;
        d->failed_t = ev->t;
        d->failed_line = ev->line;
    }
}

static void asked(struct fleet *f, size_t device, const struct journal_event *ev)
{
    const char *method = journal_text(ev, "method");
    if (strcmp(method, "POST") == 0)
        return;
    f->ask = add(f->ask, &f->asks, sizeof *f->ask);
    f->ask[f->asks - 1] = (struct fleet_ask){scene_asked(ev) >= 0 ? scene_asked(ev) : ev->t, device, ev->line,
                                             journal_number(ev, "status", 0) == 503 || strcmp(journal_text(ev, "end"), "reset") == 0};
}

static void identity(struct fleet *f, size_t device, const char *chip, const struct journal_event *ev)
{
    const char *id = journal_text(ev, "id");
    for (size_t i = 0; i < f->identities; i++)
        if (strcmp(f->identity[i].chip, chip) == 0 && strcmp(f->identity[i].id, id) == 0)
            return;
    f->identity = add(f->identity, &f->identities, sizeof *f->identity);
    struct fleet_identity *x = &f->identity[f->identities - 1];
    snprintf(x->chip, sizeof x->chip, "%s", chip);
    snprintf(x->id, sizeof x->id, "%s", id);
    x->device = device;
    x->line = ev->line;
}

static void ended(const struct fleet *f, struct fleet_device *d, const struct journal_event *end)
{
    const struct json *running = json_get(end->json, "running");
    const char *version = json_str_or(running, "version", "");
    bool confirmed = json_bool(running, "confirmed", false);
    d->line = end->line;
    d->dead = strcmp(journal_text(end, "why"), "done") != 0;
    d->updated = confirmed && strcmp(version, f->scenario->fleet.version) == 0;
    d->back = confirmed && *f->scenario->fleet.back && strcmp(version, f->scenario->fleet.back) == 0;
    d->was_updated = d->confirmed_t >= 0 || d->updated;
    if (d->dead && !d->failed) {
        d->failed = true;
        d->failed_t = end->t;
        d->failed_line = end->line;
    }
}

void fleet_take(struct fleet *f, const struct journal_trial *t)
{
    char chip[40] = "";
    f->device = add(f->device, &f->devices, sizeof *f->device);
    struct fleet_device *d = &f->device[f->devices - 1];
    *d = (struct fleet_device){.trial = t->n, .begun_t = -1, .confirmed_t = -1, .failed_t = -1, .place = -1};
    for (size_t i = 0; i < t->count; i++) {
        const struct journal_event *ev = &t->event[i];
        if (journal_is(ev, "told", NULL))
            told(f, d, ev);
        if (journal_is(ev, "http", NULL))
            asked(f, f->devices - 1, ev);
        if (journal_is(ev, "chip", NULL)) {
            snprintf(chip, sizeof chip, "%s", journal_text(ev, "unique_id"));
            d->place = d->place < 0 ? journal_number(ev, "place", -1) : d->place;
        }
        if (journal_is(ev, "dut", "settings"))
            identity(f, f->devices - 1, chip, ev);
    }
    ended(f, d, &t->event[t->count - 1]);
}

/* --- the crowd --- */

static int by_time(const void *a, const void *b)
{
    const struct fleet_ask *x = a, *y = b;
    return x->t != y->t ? (x->t < y->t ? -1 : 1) : x->device != y->device ? (x->device < y->device ? -1 : 1) : x->line < y->line ? -1 : 1;
}

static void find_peak(struct fleet *f)
{
    int64_t window = scene_ns(f->scenario->fleet.window_ms ? f->scenario->fleet.window_ms : 1000);
    int64_t from = f->scenario->fleet.watched_ms * 1000000;
    size_t *within = mem_new((f->devices + 1) * sizeof *within), distinct = 0, first = 0;
    for (size_t i = 0; i < f->asks; i++) {
        if (f->ask[i].t < from) {
            first = i + 1;
            continue;
        }
        distinct += within[f->ask[i].device]++ == 0;
        for (; f->ask[i].t - f->ask[first].t >= window; first++)
            distinct -= --within[f->ask[first].device] == 0;
        if (distinct > f->peak) {
            f->peak = distinct;
            f->peak_ask = first;
        }
    }
    free(within);
}

void fleet_close(struct fleet *f)
{
    if (f->asks)
        qsort(f->ask, f->asks, sizeof *f->ask, by_time);
    find_peak(f);
}

void fleet_figures(const struct fleet *f, struct fleet_figures *out)
{
    int64_t budget = f->scenario->fleet.budget;
    *out = (struct fleet_figures){.devices = f->devices, .asks = f->asks, .peak = f->peak};
    for (size_t i = 0; i < f->devices; i++) {
        const struct fleet_device *d = &f->device[i];
        out->updated += d->updated;
        out->back += d->back && d->was_updated;
        out->failed += d->failed;
        out->never += d->begun_t < 0;
    }
    for (size_t i = 0; i < f->asks; i++)
        out->refused += f->ask[i].refused;
    out->overrun = budget && (int64_t)out->failed > budget ? out->failed - (size_t)budget : 0;
}

/* --- the judgement --- */

struct judgement {
    const struct fleet *f;
    struct fleet_finding *out;
    size_t count;
};

static void find(struct judgement *j, const char *law, const char *kind, const struct fleet_device *d, size_t line, char *why)
{
    struct fleet_finding *x = &j->out[j->count];
    *x = (struct fleet_finding){.law = judge_law_index(law), .trial = d->trial};
    x->result = (struct law_result){.state = LAW_VIOLATED, .kind = kind, .line = {line}, .lines = 1, .at = line};
    snprintf(x->result.why, sizeof x->result.why, "%s", why);
    free(why);
    if (header_law_shown(j->f->header, law) && j->count < FLEET_FINDINGS)
        j->count++;
}

static size_t count(const struct fleet *f, bool (*is)(const struct fleet_device *d))
{
    size_t n = 0;
    for (size_t i = 0; i < f->devices; i++)
        n += is(&f->device[i]);
    return n;
}

static const struct fleet_device *first(const struct fleet *f, bool (*is)(const struct fleet_device *d), bool wanted)
{
    for (size_t i = 0; i < f->devices; i++)
        if (is(&f->device[i]) == wanted)
            return &f->device[i];
    return &f->device[0];
}

static bool is_updated(const struct fleet_device *d) { return d->updated; }
static bool was_updated(const struct fleet_device *d) { return d->was_updated; }
static bool not_back(const struct fleet_device *d) { return d->was_updated && !d->back; }
static bool is_failed(const struct fleet_device *d) { return d->failed; }

/* Is a of b less than the share (1/100 percent)? */
static bool below(size_t a, size_t b, int64_t share)
{
    return share >= 0 && (int64_t)a * 10000 < share * (int64_t)b;
}

static bool above(size_t a, size_t b, int64_t share)
{
    return share >= 0 && (int64_t)a * 10000 > share * (int64_t)b;
}

static void who_got_it(struct judgement *j)
{
    const struct fleet *f = j->f;
    const struct header_fleet *x = &f->scenario->fleet;
    size_t updated = count(f, is_updated), had = count(f, was_updated), stay = count(f, not_back);
    const struct fleet_device *missing = first(f, is_updated, false), *one = first(f, is_updated, true);
    const struct fleet_device *stayed = first(f, not_back, true);
    if (below(updated, f->devices, x->updated))
        find(j, "L4", "fleet-not-updated", missing, missing->line,
             mem_printf("%zu of %zu devices run %.40s, confirmed; %lld.%02lld %% were expected.",
             updated, f->devices, x->version, (long long)x->updated / 100, (long long)x->updated % 100));
    if (above(updated, f->devices, x->updated_most))
        find(j, "L11", "too-many-updated", one, one->line, mem_printf("%zu of %zu devices run %.40s; at most %lld.%02lld %% were expected.",
             updated, f->devices, x->version, (long long)x->updated_most / 100, (long long)x->updated_most % 100));
    if (below(had - stay, had, x->back_share))
        find(j, "L2", "fleet-not-back", stayed, stayed->line, mem_printf("%zu of %zu devices that had been updated went back to %.40s.",
             had - stay, had, x->back));
}

static int by_failure(const void *a, const void *b)
{
    const struct fleet_device *x = *(const struct fleet_device *const *)a, *y = *(const struct fleet_device *const *)b;
    return x->failed_t != y->failed_t ? (x->failed_t < y->failed_t ? -1 : 1) : x->trial < y->trial ? -1 : 1;
}

/* The n-th device to fail, from 0. */
static const struct fleet_device *failure(const struct fleet *f, size_t n)
{
    const struct fleet_device **list = mem_new((f->devices + 1) * sizeof(struct fleet_device *)), *found;
    size_t failures = 0;
    for (size_t i = 0; i < f->devices; i++)
        if (f->device[i].failed)
            list[failures++] = &f->device[i];
    qsort(list, failures, sizeof(struct fleet_device *), by_failure);
    found = list[n];
    free(list);
    return found;
}

static void who_failed(struct judgement *j)
{
    const struct fleet *f = j->f;
    const struct header_fleet *x = &f->scenario->fleet;
    size_t failed = count(f, is_failed);
    if (x->failed >= 0 && (int64_t)failed > x->failed) {
        const struct fleet_device *d = failure(f, (size_t)x->failed);
        find(j, "L11", "too-many-failed", d, d->failed_line, mem_printf("%zu of %zu devices failed; at most %lld were expected.", failed,
             f->devices, (long long)x->failed));
    }
    if (x->overrun >= 0 && (int64_t)failed > x->budget + x->overrun) {
        const struct fleet_device *d = failure(f, (size_t)(x->budget + x->overrun));
        find(j, "L11", "budget-overrun", d, d->failed_line, mem_printf("%zu devices failed; the budget is %lld, and at most %lld more were "
             "expected.", failed, (long long)x->budget, (long long)x->overrun));
    }
}

static void crowd(struct judgement *j)
{
    const struct fleet *f = j->f;
    const struct header_fleet *x = &f->scenario->fleet;
    if (!above(f->peak, f->devices, x->peak))
        return;
    const struct fleet_ask *a = &f->ask[f->peak_ask];
    find(j, "L11", "stampede", &f->device[a->device], a->line,
         mem_printf("%zu of %zu devices asked within %lld ms, from %lld ms on; at most %lld.%02lld %% were expected.",
         f->peak, f->devices, (long long)x->window_ms, scene_ms(a->t), (long long)x->peak / 100,
         (long long)x->peak % 100));
}

static void who_is_who(struct judgement *j)
{
    const struct fleet *f = j->f;
    for (size_t i = 0; i < f->identities; i++)
        for (size_t k = 0; k < i; k++)
            if (*f->identity[i].id && strcmp(f->identity[i].id, f->identity[k].id) == 0) {
                const struct fleet_identity *x = &f->identity[i];
                find(j, "L10", "identity-shared", &f->device[x->device], x->line, mem_printf("The id %.47s is told by two chips: %.24s and "
                     "%.24s.", x->id, f->identity[k].chip, x->chip));
                return;
            }
}

size_t fleet_judge(const struct fleet *f, struct fleet_finding out[FLEET_FINDINGS])
{
    struct judgement j = {.f = f, .out = out};
    if (!f->devices || (int64_t)f->devices < f->scenario->fleet.devices)
        return 0;
    who_got_it(&j);
    who_failed(&j);
    crowd(&j);
    who_is_who(&j);
    return j.count;
}
