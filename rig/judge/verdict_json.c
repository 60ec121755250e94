/* SPDX-License-Identifier: GPL-3.0-or-later
 * The verdict for people (one sentence) and for programs (verdict.json). */
#include "judge/verdict.h"

#include "base/buf.h"
#include "base/json.h"
#include "judge/fleet.h"
#include "record/header.h"
#include "record/journal.h"

#include <inttypes.h>
#include <stdlib.h>

/* JSON numbers are integers here. Rounded up, so that a bound stays one. */
static int64_t parts_per_million(double share)
{
    int64_t whole = (int64_t)(share * 1e6);
    return (double)whole < share * 1e6 ? whole + 1 : whole;
}

static void percent(struct buf *out, double share)
{
    int64_t hundredths = (parts_per_million(share) + 99) / 100;
    buf_printf(out, "%" PRId64 ".%02" PRId64 " %%", hundredths / 100, hundredths % 100);
}

static const struct verdict_finding *first_of(const struct verdict *v, enum law_state state)
{
    for (size_t i = 0; i < v->findings; i++)
        if (v->finding[i].state == state)
            return &v->finding[i];
    return NULL;
}

static void name_law(struct buf *out, const struct verdict_finding *f)
{
    const struct law *law = f ? judge_law(f->law) : NULL;
    if (law)
        buf_printf(out, "%s %s (%s)", law->id, law->title, f->kind);
    else if (f)
        buf_str(out, f->kind);
}

static void not_run(struct buf *out, const struct verdict *v)
{
    uint64_t ran = v->held + v->violated + v->inconclusive;
    if (ran < v->planned)
        buf_printf(out, " %" PRIu64 " of %" PRIu64 " planned trials did not run to their end.", v->planned - ran, v->planned);
}

static void say(struct buf *out, const struct verdict *v)
{
    const struct verdict_finding *f;
    uint64_t judged = v->held + v->violated;
    switch (v->outcome) {
    case VERDICT_HELD:
        buf_printf(out, "Every law held in %" PRIu64 " trials: the probability of a failure is below ", v->held);
        percent(out, v->upper);
        buf_str(out, " at 95 % confidence.");
        break;
    case VERDICT_VIOLATED:
        f = first_of(v, LAW_VIOLATED);
        buf_printf(out, "%" PRIu64 " of %" PRIu64 " trials violated a law, first of all ", v->violated, judged);
        name_law(out, f);
        if (f)
            buf_printf(out, " in trial %" PRIu64 ": %s", f->first, f->why);
        break;
    case VERDICT_INCONCLUSIVE:
        f = first_of(v, LAW_INCONCLUSIVE);
        buf_printf(out, "No law was seen violated in %" PRIu64 " trials, but the run proves nothing:", judged);
        if (v->inconclusive)
            buf_printf(out, " %" PRIu64 " more %s inconclusive;", v->inconclusive, v->inconclusive == 1 ? "is" : "are");
        if (f) {
            buf_str(out, " first of all ");
            name_law(out, f);
            buf_printf(out, ": %s", f->why);
        }
        not_run(out, v);
        break;
    default:
        buf_str(out, "No trial came to its end: there is nothing to judge.");
    }
}

char *verdict_sentence(const struct verdict *v, const struct journal *j)
{
    struct buf out = {0};
    (void)j;
    say(&out, v);
    return out.data; /* never empty; allocated like any malloc */
}

static void add_bound(struct json *to, double upper)
{
    struct buf text = {0};
    percent(&text, upper);
    json_add_int(to, "upper_ppm", parts_per_million(upper));
    json_add_str(to, "upper", buf_text(&text));
    buf_free(&text);
}

static struct json *counts_json(uint64_t planned, uint64_t held, uint64_t violated, uint64_t inconclusive, uint64_t unfinished,
                                double upper)
{
    struct json *to = json_object();
    json_add_int(to, "planned", (int64_t)planned);
    json_add_int(to, "held", (int64_t)held);
    json_add_int(to, "violated", (int64_t)violated);
    json_add_int(to, "inconclusive", (int64_t)inconclusive);
    json_add_int(to, "unfinished", (int64_t)unfinished);
    add_bound(to, upper);
    return to;
}

static struct json *law_states_json(const struct verdict_scenario *s)
{
    struct json *laws = json_object();
    for (size_t i = 0; i < JUDGE_LAWS; i++) {
        struct json *states = json_object();
        for (size_t k = 0; k < LAW_STATES; k++)
            if (s->law[i][k])
                json_add_int(states, law_state_name((enum law_state)k), (int64_t)s->law[i][k]);
        json_add(laws, judge_law(i)->id, states);
    }
    return laws;
}

static struct json *fleet_json(const struct fleet *f)
{
    struct fleet_figures x;
    struct json *to = json_object();
    fleet_figures(f, &x);
    json_add_int(to, "devices", (int64_t)x.devices);
    json_add_int(to, "updated", (int64_t)x.updated);
    json_add_int(to, "back", (int64_t)x.back);
    json_add_int(to, "failed", (int64_t)x.failed);
    json_add_int(to, "overrun", (int64_t)x.overrun);
    json_add_int(to, "never_began", (int64_t)x.never);
    json_add_int(to, "requests", (int64_t)x.asks);
    json_add_int(to, "refused", (int64_t)x.refused);
    json_add_int(to, "peak", (int64_t)x.peak);
    return to;
}

static struct json *scenarios_json(const struct verdict *v, const struct header *h)
{
    struct json *list = json_array();
    for (size_t i = 0; i < v->scenarios; i++) {
        const struct verdict_scenario *s = &v->scenario[i];
        struct json *to = json_object();
        json_add_str(to, "id", h->scenario[i].id);
        json_add_str(to, "claim", h->scenario[i].claim);
        json_add_str(to, "outcome", verdict_outcome_name(s->outcome));
        json_add(to, "trials", counts_json(s->planned, s->held, s->violated, s->inconclusive, s->unfinished, s->upper));
        json_add(to, "laws", law_states_json(s));
        if (v->fleet && v->fleet[i])
            json_add(to, "fleet", fleet_json(v->fleet[i]));
        json_push(list, to);
    }
    return list;
}

static struct json *finding_json(const struct verdict_finding *f, const struct header *h)
{
    const struct law *law = judge_law(f->law);
    struct json *to = json_object(), *lines = json_array(), *trials = json_array();
    json_add_str(to, "state", law_state_name(f->state));
    json_add_str(to, "law", law ? law->id : NULL);
    json_add_str(to, "title", law ? law->title : NULL);
    json_add_str(to, "kind", f->kind);
    json_add_str(to, "scenario", h->scenario[f->scenario].id);
    json_add_int(to, "count", (int64_t)f->count);
    json_add_int(to, "roots", (int64_t)f->roots);
    json_add_int(to, "first", (int64_t)f->first);
    json_add_str(to, "why", f->why);
    json_add_str(to, "waived", f->waived);
    for (size_t i = 0; i < f->lines; i++)
        json_push_int(lines, (int64_t)f->line[i]);
    json_add(to, "lines", lines);
    for (size_t i = 0; i < f->trials; i++)
        json_push_int(trials, (int64_t)f->trial[i]);
    json_add(to, "trials", trials);
    return to;
}

static struct json *phase_json(const struct verdict_phase *p)
{
    struct json *to = json_object();
    json_add_str(to, "name", p->name);
    json_add_int(to, "faults", (int64_t)p->faults);
    json_add_int(to, "cuts", (int64_t)p->cuts);
    json_add_int(to, "trials", (int64_t)p->trials);
    json_add_int(to, "failed", (int64_t)p->failed);
    add_bound(to, p->upper);
    return to;
}

static struct json *laws_json(void)
{
    struct json *list = json_array();
    for (size_t i = 0; i < JUDGE_LAWS; i++) {
        struct json *to = json_object();
        json_add_str(to, "id", judge_law(i)->id);
        json_add_str(to, "title", judge_law(i)->title);
        json_add_str(to, "sentence", judge_law(i)->sentence);
        json_push(list, to);
    }
    return list;
}

struct json *verdict_json(const struct verdict *v, const struct journal *j)
{
    const struct header *h = journal_header(j);
    struct json *to = json_object(), *findings = json_array(), *phases = json_array();
    char *sentence = verdict_sentence(v, j);
    json_add_int(to, "schema", 1);
    json_add_str(to, "outcome", verdict_outcome_name(v->outcome));
    json_add_int(to, "exit_code", verdict_exit_code(v));
    json_add_str(to, "sentence", sentence);
    json_add_str(to, "plan_id", h->plan_id);
    json_add_str(to, "seed", h->seed);
    json_add_str(to, "dut", h->dut);
    json_add_str(to, "bench", h->bench);
    json_add(to, "trials", counts_json(v->planned, v->held, v->violated, v->inconclusive, v->unfinished, v->upper));
    for (size_t i = 0; i < v->findings; i++)
        json_push(findings, finding_json(&v->finding[i], h));
    json_add(to, "findings", findings);
    json_add(to, "scenarios", scenarios_json(v, h));
    for (size_t i = 0; i < v->phases; i++)
        json_push(phases, phase_json(&v->phase[i]));
    json_add(to, "phases", phases);
    json_add(to, "laws", laws_json());
    free(sentence);
    return to;
}
