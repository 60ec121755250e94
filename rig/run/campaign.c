/* SPDX-License-Identifier: GPL-3.0-or-later
 * Reference runs, then trials, into the journal in their order.
 *
 * Method. A reference run is an ordinary trial without faults: it is judged like any other, so a device that cannot even
 * do an honest update is found there. It stands in the header as a scenario of its own, before those of the plan.
 */
#include "run/campaign.h"

#include "base/err.h"
#include "base/json.h"
#include "base/rng.h"
#include "record/journal.h"
#include "run/fleet.h"
#include "run/note.h"
#include "run/pool.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct honest {
    char *id; /* "reference/v1>v2" */
    size_t scenario; /* of the plan: where its images and expectations come from */
    struct plan_trial trial;
    struct reference seen;
};

struct work {
    const struct campaign *c;
    struct honest *honest;
    size_t count; /* of honest runs */
    uint64_t *todo, todos;
    struct journal_writer *journal;
    uint64_t before; /* trials that were finished when the campaign began */
};

enum { HOST_LIMIT_S = 900 };

/* --- which reference runs are needed --- */

static struct honest *honest_of(const struct work *w, const struct plan_case *images)
{
    for (size_t i = 0; i < w->count; i++) {
        const struct plan_case *have = w->honest[i].trial.images;
        if (have->installed == images->installed && have->offered == images->offered && have->eventually == images->eventually &&
            have->terms.delta == images->terms.delta && have->terms.keyset == images->terms.keyset)
            return &w->honest[i];
    }
    return NULL;
}

static void add_honest(struct work *w, const struct plan_trial *t)
{
    if (honest_of(w, t->images))
        return;
    w->honest = mem_grow(w->honest, (w->count + 1) * sizeof *w->honest);
    struct honest *h = &w->honest[w->count++];
    *h = (struct honest){.scenario = t->scenario};
    h->trial = *t;
    h->trial.faults = 0;
    h->trial.k = 0;
    h->trial.seed = rng_mix(w->c->plan->config.seed, 0x726566, w->count);
    bool refused = t->images->eventually && t->images->eventually != t->images->offered;
    h->id = mem_printf("reference/%s>%s%s%s%s%s", t->images->installed->name, t->images->offered->name, refused ? ">" : "",
                       refused ? t->images->eventually->name : "", t->images->terms.delta ? "+delta" : "",
                       t->images->terms.keyset == 2 ? "+keyset2" : "");
}

/* Trials of one combination differ in their draws, not in the kinds of their triggers: the first of each tells. */
static int find_honest(struct work *w, struct err *e)
{
    const struct plan *p = w->c->plan;
    int r = 0;
    for (size_t i = 0; !r && i < p->scenarios; i++) {
        const struct plan_scenario *s = &p->scenario[i];
        for (uint64_t k = 0; !r && k < s->scenario->count && k < s->trials; k++) {
            struct plan_trial t;
            r = plan_trial(p, s->first + k, &t, e);
            if (!r && trial_needs_reference(&t))
                add_honest(w, &t);
        }
    }
    return r;
}

static void work_free(struct work *w)
{
    for (size_t i = 0; i < w->count; i++) {
        reference_free(&w->honest[i].seen);
        free(w->honest[i].id);
    }
    free(w->honest);
    free(w->todo);
    journal_close(w->journal);
}

/* --- the journal's first line --- */

static struct json *number_json(int64_t n)
{
    struct json *holder = json_array();
    json_push_int(holder, n);
    struct json *j = json_copy(json_at(holder, 0));
    json_free(holder);
    return j;
}

/* A scenario's entry with another number and first trial; of a reference run also another id and claim, and no faults. */
static struct json *entry(const struct json *from, size_t n, uint64_t first, const struct honest *h)
{
    struct json *to = json_object();
    for (const struct json *m = json_first(from); m; m = json_next(m)) {
        const char *key = json_key(m);
        if (strcmp(key, "n") == 0)
            json_add(to, key, number_json((int64_t)n));
        else if (strcmp(key, "first") == 0)
            json_add(to, key, number_json((int64_t)first));
        else if (h && strcmp(key, "id") == 0)
            json_add_str(to, key, h->id);
        else if (h && strcmp(key, "claim") == 0)
            json_add_str(to, key, "Undisturbed, the update ends as it should: what random faults are drawn from.");
        else if (h && strcmp(key, "trials") == 0)
            json_add_int(to, key, 1);
        else if (h && strcmp(key, "faults") == 0)
            json_add_str(to, key, "none");
        else if (!h || (strcmp(key, "file") != 0 && strcmp(key, "matrix") != 0))
            json_add(to, key, json_copy(m));
    }
    if (h)
        json_add_str(to, "file", "");
    return to;
}

static struct json *entries(const struct work *w, const struct json *from)
{
    struct json *to = json_array();
    for (size_t i = 0; i < w->count; i++)
        json_push(to, entry(json_at(from, w->honest[i].scenario), i, i + 1, &w->honest[i]));
    for (size_t i = 0; i < json_count(from); i++)
        json_push(to, entry(json_at(from, i), w->count + i, w->count + w->c->plan->scenario[i].first, NULL));
    return to;
}

static struct json *header(const struct work *w)
{
    struct json *plan = plan_json(w->c->plan), *j = json_object();
    json_add_str(j, "ev", "run");
    json_add_int(j, "schema", JOURNAL_SCHEMA);
    json_add_str(j, "otarig", w->c->version);
    json_add_str(j, "source", w->c->source);
    for (const struct json *m = json_first(plan); m; m = json_next(m))
        json_add(j, json_key(m), strcmp(json_key(m), "scenarios") == 0 ? entries(w, m) : json_copy(m));
    json_free(plan);
    return j;
}

/* --- reference runs --- */

static void run_honest(struct work *w, size_t i, const struct trial_watch *watch, struct buf *out)
{
    struct honest *h = &w->honest[i];
    trial_run(w->c->plan, &h->trial, i + 1, i, w->c->opener, NULL, &h->seen, watch, out);
}

static void honest_child(void *ctx, uint64_t job, struct buf *out)
{
    struct work *w = ctx;
    run_honest(w, (size_t)job, NULL, out);
    buf_char(out, '\0');
    reference_pack(&w->honest[job].seen, out);
}

static void broken_block(struct buf *out, uint64_t number, size_t scenario, uint64_t k, const char *reason, const char *detail)
{
    struct json *j = json_object();
    json_add_str(j, "ev", "trial");
    json_add_int(j, "n", (int64_t)number);
    json_add_int(j, "scenario", (int64_t)scenario);
    json_add_int(j, "k", (int64_t)k);
    json_add(j, "matrix", json_object());
    json_add(j, "faults", json_array());
    note_add(out, j);
    note_bench_fault(out, 0, reason, detail);
    j = note_new("end", 0);
    json_add_str(j, "why", "bench");
    note_add(out, j);
}

static void progress(const struct work *w, uint64_t done)
{
    if (w->c->progress)
        w->c->progress(w->c->ctx, done, w->c->plan->total + w->count);
}

static int append(struct work *w, uint64_t number, const char *lines, size_t n, struct err *e)
{
    return journal_finished(w->journal, number) ? 0 : journal_append_block(w->journal, lines, n, e);
}

static int append_reference(struct work *w, const struct honest *h, struct err *e)
{
    if (journal_has_reference(w->journal, h->id))
        return 0;
    struct buf line = {0};
    note_add(&line, reference_json(&h->seen, h->id, w->c->plan->config.profile));
    int r = journal_append_block(w->journal, buf_text(&line), line.size, e);
    buf_free(&line);
    return r;
}

static int honest_done(void *ctx, uint64_t job, enum pool_end how, const struct buf *out, struct err *e)
{
    struct work *w = ctx;
    struct honest *h = &w->honest[job];
    const char *end = how == POOL_DONE ? memchr(out->data, 0, out->size) : NULL;
    int r;
    if (end && reference_unpack(&h->seen, end + 1, out->size - (size_t)(end + 1 - out->data))) {
        r = append(w, job + 1, out->data, (size_t)(end - out->data), e);
    } else {
        struct buf block = {0};
        broken_block(&block, job + 1, job, 0, how == POOL_HUNG ? "rig-hung" : "rig-crashed", h->id);
        r = append(w, job + 1, buf_text(&block), block.size, e);
        buf_free(&block);
    }
    if (!r)
        r = append_reference(w, h, e);
    progress(w, job + 1);
    return r;
}

/* --- trials --- */

static void run_trial(struct work *w, uint64_t number, const struct trial_watch *watch, struct buf *out)
{
    struct plan_trial t;
    struct err e = {0};
    if (plan_trial(w->c->plan, number - w->count, &t, &e)) {
        broken_block(out, number, 0, 0, "no-such-trial", e.text);
        return;
    }
    const struct honest *h = trial_needs_reference(&t) ? honest_of(w, t.images) : NULL;
    if (h && !h->seen.complete)
        broken_block(out, number, w->count + t.scenario, t.k, "reference-failed", h->id);
    else
        trial_run(w->c->plan, &t, number, w->count + t.scenario, w->c->opener, h ? &h->seen : NULL, NULL, watch, out);
}

static void trial_child(void *ctx, uint64_t job, struct buf *out)
{
    struct work *w = ctx;
    run_trial(w, w->todo[job], NULL, out);
}

static int trial_done(void *ctx, uint64_t job, enum pool_end how, const struct buf *out, struct err *e)
{
    struct work *w = ctx;
    uint64_t number = w->todo[job];
    int r;
    if (how == POOL_DONE) {
        r = journal_append_block(w->journal, buf_text(out), out->size, e);
    } else {
        struct plan_trial t = {0};
        struct buf block = {0};
        plan_trial(w->c->plan, number - w->count, &t, NULL);
        broken_block(&block, number, w->count + t.scenario, t.k, how == POOL_HUNG ? "rig-hung" : "rig-crashed", "");
        r = journal_append_block(w->journal, buf_text(&block), block.size, e);
        buf_free(&block);
    }
    progress(w, w->before + job + 1);
    return r;
}

static void list_todo(struct work *w)
{
    const struct plan *p = w->c->plan;
    uint64_t done = 0;
    w->todo = mem_new((p->total + 1) * sizeof *w->todo);
    for (size_t i = 0; i < p->scenarios; i++)
        for (uint64_t n = w->count + p->scenario[i].first, k = 0; k < p->scenario[i].trials; n++, k++)
            if (journal_finished(w->journal, n))
                done++;
            else if (!p->scenario[i].scenario->fleet.devices)
                w->todo[w->todos++] = n;
    w->before = w->count + done;
}

/* --- fleets: after the trials that stand alone, one after the other --- */

static struct fleet fleet_of(const struct work *w, size_t scenario)
{
    return (struct fleet){.plan = w->c->plan, .scenario = scenario, .number = w->count + w->c->plan->scenario[scenario].first,
                          .place = w->count + scenario, .opener = w->c->opener, .jobs = w->c->jobs, .limit_s = HOST_LIMIT_S,
                          .stop = w->c->stop};
}

static bool fleet_finished(const struct work *w, const struct fleet *f, size_t devices)
{
    for (size_t i = 0; i < devices; i++)
        if (!journal_finished(w->journal, f->number + i))
            return false;
    return true;
}

/* A fleet that was cut short is run again as a whole; what the journal has of it already is the same. */
static int run_fleet(struct work *w, size_t scenario, uint64_t *done, struct err *e)
{
    struct fleet f = fleet_of(w, scenario);
    size_t devices = w->c->plan->scenario[scenario].scenario->fleet.devices;
    if (!devices || fleet_finished(w, &f, devices))
        return 0;
    struct buf *block = mem_new(devices * sizeof *block);
    int r = fleet_run(&f, block, NULL, e);
    for (size_t i = 0; i < devices; i++) {
        if (!r && !*w->c->stop && !block[i].size)
            broken_block(&block[i], f.number + i, f.place, i, "rig-crashed", "a device of a fleet");
        if (!r && block[i].size && !*w->c->stop && !journal_finished(w->journal, f.number + i)) {
            r = append(w, f.number + i, buf_text(&block[i]), block[i].size, e);
            progress(w, ++*done);
        }
        buf_free(&block[i]);
    }
    free(block);
    return r;
}

static int run_fleets(struct work *w, struct err *e)
{
    uint64_t done = w->before + w->todos;
    int r = 0;
    for (size_t i = 0; !r && i < w->c->plan->scenarios && !*w->c->stop; i++)
        r = run_fleet(w, i, &done, e);
    return r;
}

static int carry_out(struct work *w, struct err *e)
{
    struct pool pool = {.jobs = w->c->jobs, .limit_s = HOST_LIMIT_S, .ctx = w, .work = honest_child, .done = honest_done};
    int r = pool_run(&pool, w->count, w->c->stop, e);
    if (r || *w->c->stop)
        return r;
    list_todo(w);
    pool.work = trial_child;
    pool.done = trial_done;
    r = pool_run(&pool, w->todos, w->c->stop, e);
    return r || *w->c->stop ? r : run_fleets(w, e);
}

int campaign_run(const struct campaign *c, const char *path, bool resume, struct err *e)
{
    struct work w = {.c = c};
    int r = find_honest(&w, e);
    struct json *first = r ? NULL : header(&w);
    if (!r)
        r = resume ? journal_open_resume(path, first, &w.journal, e) : journal_create(path, first, &w.journal, e);
    if (!r)
        r = carry_out(&w, e);
    json_free(first);
    work_free(&w);
    return r;
}

struct apart { struct work *w; struct honest *h; };

static void apart_child(void *ctx, uint64_t job, struct buf *out)
{
    struct apart *a = ctx;
    (void)job;
    honest_child(a->w, (uint64_t)(a->h - a->w->honest), out);
}

static int apart_done(void *ctx, uint64_t job, enum pool_end how, const struct buf *out, struct err *e)
{
    struct apart *a = ctx;
    const char *end = how == POOL_DONE ? memchr(out->data, 0, out->size) : NULL;
    (void)job;
    if (end && reference_unpack(&a->h->seen, end + 1, out->size - (size_t)(end + 1 - out->data)))
        return 0;
    return err_set(e, RIG_EINTERNAL, "the reference run %s crashed", a->h->id);
}

/* In a process of its own, as in the campaign: a trial never runs where another one ran. */
static int honest_apart(struct work *w, struct honest *h, struct err *e)
{
    struct apart a = {w, h};
    struct pool pool = {.jobs = 1, .limit_s = HOST_LIMIT_S, .ctx = &a, .work = apart_child, .done = apart_done};
    return pool_run(&pool, 1, w->c->stop, e);
}

/* The whole fleet once more for what the device was given, then the device alone. */
static int replay_device(struct work *w, const struct plan_trial *t, const struct trial_watch *watch, struct buf *out, struct err *e)
{
    struct fleet f = fleet_of(w, t->scenario);
    size_t devices = w->c->plan->scenario[t->scenario].scenario->fleet.devices;
    struct buf *block = mem_new(devices * sizeof *block);
    struct fleet_script *script = fleet_script_new(devices);
    int r = fleet_run(&f, block, script, e);
    if (!r)
        fleet_replay(&f, (size_t)t->k, script, watch, out);
    for (size_t i = 0; i < devices; i++)
        buf_free(&block[i]);
    free(block);
    fleet_script_free(script);
    return r;
}

int campaign_replay(const struct campaign *c, uint64_t number, const struct trial_watch *watch, struct buf *out, struct err *e)
{
    struct work w = {.c = c};
    int r = find_honest(&w, e);
    if (!r && (number == 0 || number > w.count + c->plan->total))
        r = err_set(e, RIG_EINPUT, "there is no trial %" PRIu64 ": the run has 1 to %" PRIu64, number, w.count + c->plan->total);
    if (!r && number <= w.count) {
        run_honest(&w, (size_t)number - 1, watch, out);
    } else if (!r) {
        struct plan_trial t;
        r = plan_trial(c->plan, number - w.count, &t, e);
        if (!r && c->plan->scenario[t.scenario].scenario->fleet.devices) {
            r = replay_device(&w, &t, watch, out, e);
            work_free(&w);
            return r;
        }
        struct honest *h = !r && trial_needs_reference(&t) ? honest_of(&w, t.images) : NULL;
        if (h)
            r = honest_apart(&w, h, e);
        if (!r)
            run_trial(&w, number, watch, out);
    }
    work_free(&w);
    return r;
}
