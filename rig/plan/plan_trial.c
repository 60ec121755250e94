/* SPDX-License-Identifier: GPL-3.0-or-later
 * One trial, out of (seed, scenario id, k) alone.
 *
 * Method. Every fault has a stream of its own, and in it every number has its place whether it is drawn or not; so a fault more,
     or a range
 * in the place of a fixed value, never shifts the draws of the others,
     and a scenario's trial k stays the same trial when files are
 * added beside it or more trials are asked for. */
#include "plan/plan_parts.h"

#include "base/err.h"
#include "base/rng.h"

#include <inttypes.h>
#include <string.h>

static uint64_t draw(struct rng *r, const struct scenario_value *v)
{
    uint64_t x = rng_u64(r);
    return v->random ? plan_pick(x, v->low, v->high) : v->low;
}

/* The high half of draw × span: as uniform as 64 bits allow, without a division and without a second draw. */
uint64_t plan_pick(uint64_t drawn, uint64_t low, uint64_t high)
{
    if (high <= low)
        return low;
    uint64_t span = high - low + 1;
    if (span == 0) /* all 64 bits */
        return drawn;
    uint64_t a = drawn >> 32, b = drawn & UINT32_MAX, c = span >> 32, d = span & UINT32_MAX;
    uint64_t mid = a * d + (b * d >> 32), cross = b * c + (mid & UINT32_MAX);
    return low + a * c + (mid >> 32) + (cross >> 32);
}

/* Attacks know their own defaults; those of the language's own faults are filled in here. */
static void values(struct rng *r, const struct scenario_value *from, size_t count, bool defaults, struct option_value *to)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t x = draw(r, &from[i]);
        bool given = from[i].row && (from[i].given || (defaults && from[i].row->otherwise));
        if (from[i].row)
            to[i] = (struct option_value){.row = from[i].row, .given = given, .number = given ? x : 0, .text = given
                ? from[i].text : NULL};
    }
}

static void fault(const struct scenario_fault *from, uint64_t seed, uint64_t stream, struct plan_fault *f)
{
    const struct scenario_trigger *at = &from->at;
    struct rng r;
    rng_seed(&r, seed, stream);
    *f = (struct plan_fault){.from = from, .does = from->does->name, .at = at->at, .phase = at->phase,
        .occurrence = at->occurrence,
                             .times = at->times, .event = at->at == SCENARIO_AT_EVENT || at->at == SCENARIO_AT_EDGE ? at->event
                                 : NULL,
                             .path = at->path, .device = at->device, .outcome = at->outcome, .torn = at->torn, .attack = from->attack,
                             .in_recovery = from->in_recovery};
    f->draw = rng_u64(&r);
    f->number = draw(&r, &at->number);
    f->delay_ns = draw(&r, &at->delay);
    values(&r, from->value, SCENARIO_VALUES, true, f->value);
    values(&r, from->attack_value, OPTION_MOST, false, f->attack_value);
}

static size_t scenario_of(const struct plan *p, uint64_t n)
{
    size_t low = 0, high = p->scenarios;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (p->scenario[mid].first <= n)
            low = mid;
        else
            high = mid;
    }
    return low;
}

int plan_trial(const struct plan *p, uint64_t n, struct plan_trial *out, struct err *e)
{
    if (n < 1 || n > p->total)
        return err_set(e, RIG_EINPUT, "trial %" PRIu64 ": the plan has trials 1 to %" PRIu64, n, p->total);
    size_t i = scenario_of(p, n);
    const struct plan_scenario *ps = &p->scenario[i];
    uint64_t k = n - ps->first, own = rng_mix(p->config.seed, plan_trial_stream(ps->scenario), k);
    const struct scenario_case *given = &ps->scenario->cases[k % ps->scenario->count];
    *out = (struct plan_trial){.n = n, .scenario = i, .k = k, .given = given, .images = &ps->cases[k % ps->scenario->count],
                               .faults = given->faults};
    for (size_t f = 0; f < given->faults; f++)
        fault(&given->fault[f], own, 1 + f, &out->fault[f]);
    for (size_t f = 0; f < given->faults; f++)
        out->fault[f].offer = out->images->offer[f];
    out->seed = rng_mix(own, 0x62656e6368u, 0);
    return 0;
}

static const struct option_value *find(const struct plan_fault *f, const char *option)
{
    for (size_t i = 0; i < SCENARIO_VALUES && f->value[i].row; i++)
        if (strcmp(f->value[i].row->name, option) == 0)
            return &f->value[i];
    for (size_t i = 0; i < OPTION_MOST && f->attack_value[i].row; i++)
        if (strcmp(f->attack_value[i].row->name, option) == 0)
            return &f->attack_value[i];
    return NULL;
}

uint64_t plan_number(const struct plan_fault *f, const char *option, uint64_t otherwise)
{
    const struct option_value *v = find(f, option);
    return v && v->given ? v->number : otherwise;
}

const char *plan_text_value(const struct plan_fault *f, const char *option, const char *otherwise)
{
    const struct option_value *v = find(f, option);
    return v && v->given && v->text ? v->text : otherwise;
}
