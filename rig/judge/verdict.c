/* SPDX-License-Identifier: GPL-3.0-or-later
 * The verdict over a whole journal. */
#include "judge/verdict.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "judge/binomial.h"
#include "judge/fleet.h"
#include "judge/scene.h"
#include "record/header.h"
#include "record/journal.h"

#include <stdlib.h>
#include <string.h>

enum { PHASES_MOST = 64 };

/* --- findings --- */

static struct verdict_finding *finding_of(struct verdict *v, size_t law, size_t scenario, enum law_state state, const char *kind)
{
    for (size_t i = 0; i < v->findings; i++) {
        struct verdict_finding *f = &v->finding[i];
        if (f->law == law && f->scenario == scenario && f->state == state && strcmp(f->kind, kind) == 0)
            return f;
    }
    v->finding = mem_grow(v->finding, (v->findings + 1) * sizeof *v->finding);
    struct verdict_finding *f = &v->finding[v->findings++];
    *f = (struct verdict_finding){.state = state,
                                  .law = law,
                                  .scenario = scenario,
                                  .kind = mem_str(kind)}; /* a bench's reason lives only as long as its record */
    return f;
}

static void add_finding(struct verdict *v, const struct header *h, size_t scenario, uint64_t trial, size_t law,
                        const struct law_result *r, bool root)
{
    struct verdict_finding *f = finding_of(v, law, scenario, r->state, r->kind);
    if (!f->count++) {
        f->first = trial;
        f->why = mem_str(r->why);
        memcpy(f->line, r->line, sizeof f->line);
        f->lines = r->lines;
        if (r->state == LAW_WAIVED)
            f->waived = mem_str(header_waived(&h->scenario[scenario], judge_law(law)->id));
    }
    f->roots += root;
    if (f->trials < VERDICT_TRIALS_KEPT)
        f->trial[f->trials++] = trial;
}

static void nothing_judged(struct verdict *v, const struct journal_trial *t)
{
    struct verdict_finding *f = finding_of(v, JUDGE_LAWS, t->scenario, LAW_INCONCLUSIVE, "nothing-judged");
    if (!f->count++) {
        f->first = t->n;
        f->why = mem_str("The device's log shows nothing that any law could be judged by.");
        f->line[0] = t->event[0].line;
        f->lines = 1;
    }
    f->roots++;
    if (f->trials < VERDICT_TRIALS_KEPT)
        f->trial[f->trials++] = t->n;
}

/* What the bench says outside of trials concerns the whole run. */
static void bench_record(struct verdict *v, const struct journal_event *ev)
{
    const char *detail = journal_text(ev, "detail");
    int64_t scenario = json_value_int(json_first(json_get(ev->json, "scenarios")), 0);
    size_t at = scenario >= 0 && (uint64_t)scenario < v->scenarios ? (size_t)scenario : 0;
    struct verdict_finding *f =
        finding_of(v, judge_law_index("R2"), at, LAW_INCONCLUSIVE, json_str_or(ev->json, "reason", "bench-fault"));
    if (f->count++)
        return;
    f->why = mem_printf("The bench failed outside of a trial: %.48s%s%.160s.", f->kind, *detail ? ": " : "", detail);
    f->line[0] = ev->line;
    f->lines = 1;
}

static size_t state_order(enum law_state s)
{
    return s == LAW_VIOLATED ? 0 : s == LAW_INCONCLUSIVE ? 1 : 2;
}

static unsigned law_rank(const struct verdict_finding *f)
{
    const struct law *law = judge_law(f->law);
    if (!law)
        return 2;
    return f->state == LAW_INCONCLUSIVE ? !law->rig : law->rank;
}

static int ascending(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_weight(const void *a, const void *b)
{
    const struct verdict_finding *x = a, *y = b;
    int r = ascending(state_order(x->state), state_order(y->state));
    r = r ? r : ascending(x->roots == 0, y->roots == 0);
    r = r ? r : ascending(law_rank(x), law_rank(y));
    r = r ? r : ascending(y->roots, x->roots);
    r = r ? r : ascending(x->law, y->law);
    r = r ? r : ascending(x->scenario, y->scenario);
    return r ? r : strcmp(x->kind, y->kind);
}

/* --- phases --- */

static size_t phase_order(const char *name)
{
    static const char *const order[] = {"start",    "idle", "download", "erase",    "write",   "verify",
                                        "activate", "boot", "confirm",  "rollback", "recovery"};
    size_t i = 0;
    while (i < sizeof order / sizeof *order && strcmp(order[i], name) != 0)
        i++;
    return *name ? i : i + 1;
}

static int by_phase(const void *a, const void *b)
{
    const struct verdict_phase *x = a, *y = b;
    int r = ascending(phase_order(x->name), phase_order(y->name));
    return r ? r : strcmp(x->name, y->name);
}

static size_t phase_of(struct verdict *v, const char *name)
{
    for (size_t i = 0; i < v->phases; i++)
        if (strcmp(v->phase[i].name, name) == 0)
            return i;
    if (v->phases == PHASES_MOST)
        return PHASES_MOST - 1; /* an edited journal must not cost unbounded time */
    v->phase = mem_grow(v->phase, (v->phases + 1) * sizeof *v->phase);
    v->phase[v->phases] = (struct verdict_phase){.name = mem_str(name)};
    return v->phases++;
}

static void count_phases(struct verdict *v, const struct journal_trial *t, enum law_state outcome)
{
    bool cut[PHASES_MOST] = {false};
    for (size_t i = 0; i < t->count; i++) {
        if (!scene_fault_done(&t->event[i], NULL))
            continue;
        size_t p = phase_of(v, journal_text(&t->event[i], "phase"));
        v->phase[p].faults++;
        if (!scene_fault_done(&t->event[i], "power-cut"))
            continue;
        v->phase[p].cuts++;
        cut[p] = true;
    }
    for (size_t p = 0; p < v->phases; p++) {
        v->phase[p].trials += cut[p] && (outcome == LAW_HELD || outcome == LAW_VIOLATED);
        v->phase[p].failed += cut[p] && outcome == LAW_VIOLATED;
    }
}

/* --- trials --- */

static void add_trial(struct verdict *v, const struct header *h, const struct journal_trial *t)
{
    struct judge_result r;
    judge_trial(h, t, &r);
    struct verdict_scenario *s = &v->scenario[t->scenario];
    for (size_t i = 0; i < JUDGE_LAWS; i++) {
        enum law_state state = r.law[i].state;
        s->law[i][state]++;
        /* In a trial that shows a broken device, what else stayed open is of no interest. */
        if (state == LAW_VIOLATED || state == LAW_WAIVED || (state == LAW_INCONCLUSIVE && r.outcome == LAW_INCONCLUSIVE))
            add_finding(v, h, t->scenario, t->n, i, &r.law[i], r.root == i);
    }
    if (r.root == JUDGE_LAWS && r.outcome == LAW_INCONCLUSIVE)
        nothing_judged(v, t);
    s->held += r.outcome == LAW_HELD;
    s->violated += r.outcome == LAW_VIOLATED;
    s->inconclusive += r.outcome == LAW_INCONCLUSIVE;
    count_phases(v, t, r.outcome);
    if (v->fleet[t->scenario])
        fleet_take(v->fleet[t->scenario], t);
    if ((v->trials & (v->trials - 1)) == 0) /* room doubles at each power of two */
        v->trial = mem_grow(v->trial, (v->trials ? 2 * v->trials : 1) * sizeof *v->trial);
    v->trial[v->trials++] = (struct verdict_trial){t->n, t->scenario, t->event[0].line, r.outcome, r.root};
}

/* --- fleets --- */

static struct verdict_trial *trial_of(struct verdict *v, uint64_t n)
{
    for (size_t i = 0; i < v->trials; i++)
        if (v->trial[i].n == n)
            return &v->trial[i];
    return NULL;
}

/* What the fleet as a whole breaks is broken in the trial of the device that shows it. */
static void fleet_breaks(struct verdict *v, const struct header *h, size_t scenario, struct fleet_finding *x)
{
    struct verdict_scenario *s = &v->scenario[scenario];
    struct verdict_trial *t = trial_of(v, x->trial);
    bool waived = header_waived(&h->scenario[scenario], judge_law(x->law)->id) != NULL;
    if (!t)
        return;
    x->result.state = waived ? LAW_WAIVED : LAW_VIOLATED;
    bool root = !waived && t->outcome != LAW_VIOLATED;
    if (root && s->law[x->law][LAW_HELD]) { /* a trial that broke no law held this one, where it applies */
        s->law[x->law][LAW_HELD]--;
        s->law[x->law][LAW_VIOLATED]++;
    }
    add_finding(v, h, scenario, x->trial, x->law, &x->result, root);
    if (!root)
        return;
    s->held -= t->outcome == LAW_HELD;
    s->inconclusive -= t->outcome == LAW_INCONCLUSIVE;
    s->violated++;
    t->outcome = LAW_VIOLATED;
    t->root = x->law;
}

static void judge_fleets(struct verdict *v, const struct header *h)
{
    struct fleet_finding found[FLEET_FINDINGS];
    for (size_t i = 0; i < v->scenarios; i++) {
        if (!v->fleet[i])
            continue;
        fleet_close(v->fleet[i]);
        for (size_t k = 0, n = fleet_judge(v->fleet[i], found); k < n && !v->scenario[i].inconclusive; k++)
            fleet_breaks(v, h, i, &found[k]);
    }
}

static int by_number(const void *a, const void *b)
{
    return ascending(((const struct verdict_trial *)a)->n, ((const struct verdict_trial *)b)->n);
}

/* --- the sum --- */

static enum verdict_outcome outcome_of(uint64_t planned, uint64_t held, uint64_t violated, uint64_t inconclusive)
{
    if (violated)
        return VERDICT_VIOLATED;
    if (held + inconclusive == 0)
        return VERDICT_NOTHING;
    /* A run that was cut short has not shown what it set out to show. */
    return inconclusive || held < planned ? VERDICT_INCONCLUSIVE : VERDICT_HELD;
}

static bool bench_spoke(const struct verdict *v)
{
    for (size_t i = 0; i < v->findings; i++)
        if (v->finding[i].state == LAW_INCONCLUSIVE && !v->finding[i].first)
            return true;
    return false;
}

static void sum_up(struct verdict *v)
{
    for (size_t i = 0; i < v->scenarios; i++) {
        struct verdict_scenario *s = &v->scenario[i];
        s->outcome = outcome_of(s->planned, s->held, s->violated, s->inconclusive);
        s->upper = binomial_upper(s->violated, s->held + s->violated);
        v->planned += s->planned;
        v->held += s->held;
        v->violated += s->violated;
        v->inconclusive += s->inconclusive;
        v->unfinished += s->unfinished;
    }
    v->outcome = outcome_of(v->planned, v->held, v->violated, v->inconclusive);
    if (v->outcome == VERDICT_HELD && bench_spoke(v))
        v->outcome = VERDICT_INCONCLUSIVE;
    v->upper = binomial_upper(v->violated, v->held + v->violated);
    for (size_t i = 0; i < v->phases; i++)
        v->phase[i].upper = binomial_upper(v->phase[i].failed, v->phase[i].trials);
    if (v->findings)
        qsort(v->finding, v->findings, sizeof *v->finding, by_weight);
    if (v->phases)
        qsort(v->phase, v->phases, sizeof *v->phase, by_phase);
    if (v->trials)
        qsort(v->trial, v->trials, sizeof *v->trial, by_number);
}

int verdict_make(struct journal *j, struct verdict **out, struct err *e)
{
    const struct header *h = journal_header(j);
    const struct journal_trial *t;
    struct verdict *v = mem_new(sizeof *v);
    v->scenarios = h->scenarios;
    v->scenario = mem_new((h->scenarios + 1) * sizeof *v->scenario);
    v->fleet = mem_new((h->scenarios + 1) * sizeof(struct fleet *));
    for (size_t i = 0; i < h->scenarios; i++) {
        v->scenario[i].planned = h->scenario[i].trials;
        if (h->scenario[i].fleet.devices)
            v->fleet[i] = fleet_new(h, &h->scenario[i]);
    }
    int r = journal_rewind(j, e);
    while (!r && (r = journal_next_trial(j, &t, e)) == 1) {
        if (t->finished)
            add_trial(v, h, t);
        else
            v->scenario[t->scenario].unfinished++;
        r = 0;
    }
    if (r < 0) {
        verdict_free(v);
        return r;
    }
    for (size_t i = 0; i < journal_top_count(j); i++)
        if (journal_is(journal_top(j, i), "bench", NULL) && v->scenarios)
            bench_record(v, journal_top(j, i));
    judge_fleets(v, h);
    sum_up(v);
    *out = v;
    return 0;
}

void verdict_free(struct verdict *v)
{
    if (!v)
        return;
    for (size_t i = 0; i < v->findings; i++) {
        free(v->finding[i].why);
        free(v->finding[i].waived);
        free((char *)(uintptr_t)v->finding[i].kind);
    }
    for (size_t i = 0; i < v->phases; i++)
        free(v->phase[i].name);
    for (size_t i = 0; v->fleet && i < v->scenarios; i++)
        fleet_free(v->fleet[i]);
    free(v->fleet);
    free(v->finding);
    free(v->phase);
    free(v->trial);
    free(v->scenario);
    free(v);
}

int verdict_exit_code(const struct verdict *v)
{
    static const int codes[] = {[VERDICT_HELD] = 0, [VERDICT_VIOLATED] = 1, [VERDICT_INCONCLUSIVE] = 2, [VERDICT_NOTHING] = 5};
    return codes[v->outcome];
}

const char *verdict_outcome_name(enum verdict_outcome o)
{
    static const char *const names[] = {"held", "violated", "inconclusive", "nothing ran"};
    return (unsigned)o < sizeof names / sizeof *names ? names[o] : "?";
}

const struct verdict_trial *verdict_trial_of(const struct verdict *v, uint64_t n)
{
    struct verdict_trial key = {.n = n};
    return v->trials ? bsearch(&key, v->trial, v->trials, sizeof *v->trial, by_number) : NULL;
}
