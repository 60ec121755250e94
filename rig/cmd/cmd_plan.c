/* SPDX-License-Identifier: GPL-3.0-or-later
 * otarig plan: every default, image and trial resolved, before anything runs. */
#include "base/err.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/words.h"
#include "plan/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHOWN = 3 }; /* trials of each scenario */

static const enum options_id takes[] = {OPTIONS_BENCH, OPTIONS_DUT, OPTIONS_IMAGES, OPTIONS_SEED, OPTIONS_TRIALS, OPTIONS_TRIAL,
    OPTIONS_JSON,
                                        OPTIONS_IDS};
static const struct options_command command = {
    "plan FILE|FOLDER… [options]",
    "Prints what a run with the same options would do: every default, the hash of every image, and the first trials with their draws;\n"
    "--trial N one of them. Random triggers are shown with their draw: the run maps it onto what the undisturbed update shows.",
    takes, 1, 4096};

struct inputs {
    struct scenario_set scenarios;
    struct profile *profile;
    struct bench_file *bench_file;
    struct plan_bench bench;
    struct plan *plan;
};

static int load(const struct options *o, struct inputs *in, struct err *e)
{
    struct mistakes m = {0};
    scenario_set_load(&in->scenarios, o->arg, o->args, &words_scenario, &m);
    in->profile = profile_load(o->dut, &m);
    in->bench_file = bench_file_load(o->bench, &words_bench, &m);
    if (!m.count) {
        in->bench = (struct plan_bench){in->bench_file->name, in->bench_file->can};
        struct plan_config config = {&in->scenarios, in->profile, &in->bench, o->images, o->seed, o->trials};
        in->plan = plan_build(&config, &m);
    }
    if (in->plan)
        plan_describe_bench(in->plan, in->bench_file);
    fputs(buf_text(&m.text), stderr);
    int r = m.count ? err_set(e, RIG_EINPUT, "%zu error%s", m.count, m.count == 1 ? "" : "s") : 0;
    mistake_free(&m);
    return r;
}

static void unload(struct inputs *in)
{
    plan_free(in->plan);
    bench_file_free(in->bench_file);
    profile_free(in->profile);
    scenario_set_free(&in->scenarios);
}

static struct json *trial_json(const struct plan *p, const struct plan_trial *t)
{
    struct json *j = json_object();
    char seed[24];
    snprintf(seed, sizeof seed, "%" PRIu64, t->seed);
    json_add_int(j, "n", (int64_t)t->n);
    json_add_str(j, "scenario", p->scenario[t->scenario].scenario->id);
    json_add_int(j, "k", (int64_t)t->k);
    json_add_str(j, "seed", seed);
    json_add(j, "matrix", plan_matrix_json(p, t));
    json_add_str(j, "installed", t->images->installed->name);
    json_add_str(j, "offered", t->images->offered->name);
    json_add_str(j, "eventually", t->images->eventually ? t->images->eventually->name : NULL);
    json_add(j, "faults", plan_faults_json(t));
    return j;
}

static void print_trial(const struct plan *p, const struct plan_trial *t)
{
    struct json *j = trial_json(p, t);
    char *text = json_print(j);
    printf("  %s\n", text);
    free(text);
    json_free(j);
}

static int print_one(const struct plan *p, uint64_t n, struct err *e)
{
    struct plan_trial t;
    int r = plan_trial(p, n, &t, e);
    if (r)
        return r;
    struct json *j = trial_json(p, &t);
    char *text = json_print_pretty(j);
    puts(text);
    free(text);
    json_free(j);
    return 0;
}

static void print_json(const struct plan *p)
{
    struct json *j = plan_json(p), *trials = json_array();
    json_add_int(j, "total", (int64_t)p->total);
    for (size_t i = 0; i < p->scenarios; i++)
        for (uint64_t k = 0; k < SHOWN && k < p->scenario[i].trials; k++) {
            struct plan_trial t;
            if (!plan_trial(p, p->scenario[i].first + k, &t, NULL))
                json_push(trials, trial_json(p, &t));
        }
    json_add(j, "first_trials", trials);
    char *text = json_print_pretty(j);
    puts(text);
    free(text);
    json_free(j);
}

static void print_images(const struct plan *p)
{
    for (size_t i = 0; i < p->flashes; i++)
        printf("  factory flash    0x%08x %8zu bytes  %.16s…  %s\n", (unsigned)p->flash[i].at, p->flash[i].bytes.size,
            p->flash[i].sha256,
               p->flash[i].file);
    for (size_t i = 0; i < p->sets; i++)
        for (size_t k = 0; k < p->set[i]->count; k++) {
            const struct plan_image *image = p->set[i]->image[k];
            printf("  %-16s slot %s  %8zu bytes  %.16s…  %s, counter %u, %s\n", p->set[i]->name, *image->slot ? image->slot : "-",
                   image->bytes.size, image->sha256, image->version, (unsigned)image->counter,
                   image->genuine ? "genuine" : image->cause ? image->cause : "mutated");
        }
}

static void print_fleet(const struct plan_scenario *ps)
{
    if (!ps->scenario->fleet.devices)
        return;
    struct json *j = plan_fleet_json(ps);
    char *text = json_print(j);
    printf("  fleet: one trial is one device of %s\n", text);
    free(text);
    json_free(j);
}

static void print_scenario(const struct plan *p, const struct plan_scenario *ps)
{
    const struct scenario *s = ps->scenario;
    const struct scenario_expect *x = &s->cases[0].expect;
    printf("\n%s: trials %" PRIu64 " to %" PRIu64 "\n  claim: %s\n", s->id, ps->first, ps->first + ps->trials - 1, s->claim);
    printf("  given: %s installed, %s offered, %s afterwards; %zu combination%s\n", ps->cases[0].installed->name,
        ps->cases[0].offered->name,
           ps->cases[0].eventually ? ps->cases[0].eventually->name : "nothing", s->count, s->count == 1 ? "" : "s");
    printf("  expect: version");
    for (size_t i = 0; i < ps->cases[0].versions; i++)
        printf("%s%s", i ? " or " : " ", ps->cases[0].version[i]);
    printf("; updates %u; boot-reason %s; refused %s; final-cycle %s\n", x->updates, x->boot_reason ? x->boot_reason
        : "any honest one",
           x->refused ? x->cause ? x->cause : "true" : "false", x->final_cycle ? "true" : "false");
    print_fleet(ps);
    for (size_t i = 0; i < x->waives; i++)
        printf("  waived: %s, %s\n", x->waive[i].law, x->waive[i].why);
    for (uint64_t k = 0; k < SHOWN && k < ps->trials; k++) {
        struct plan_trial t;
        if (!plan_trial(p, ps->first + k, &t, NULL))
            print_trial(p, &t);
    }
}

static void print_plan(const struct plan *p)
{
    const struct profile *d = p->config.profile;
    printf("plan %s\n", p->id);
    printf("  seed %" PRIu64 ", bench %s, device %s, %" PRIu64 " trials\n", p->config.seed, p->config.bench->name, d->name,
        p->total);
    printf("  deadlines: boot %u ms, update %u ms, confirm %u ms, settle %u ms; attempts %u, boots %u\n",
        (unsigned)d->deadline.boot_ms,
           (unsigned)d->deadline.update_ms, (unsigned)d->deadline.confirm_ms, (unsigned)d->deadline.settle_ms, d->attempts,
               d->max_boots);
    print_images(p);
    for (size_t i = 0; i < p->scenarios; i++)
        print_scenario(p, &p->scenario[i]);
}

int cmd_plan(int argc, char **argv)
{
    struct options o;
    struct inputs in = {0};
    struct err e = {0};
    int r = options_read(&command, argc, argv, &o, &e);
    if (!r && !o.help)
        r = load(&o, &in, &e);
    if (!r && !o.help) {
        if (o.trial)
            r = print_one(in.plan, o.trial, &e);
        else if (o.json)
            print_json(in.plan);
        else
            print_plan(in.plan);
    }
    unload(&in);
    options_free(&o);
    return r ? options_fail(argv[0], &e) : 0;
}
