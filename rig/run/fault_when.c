/* SPDX-License-Identifier: GPL-3.0-or-later
 * Triggers resolved: a random one is mapped onto the reference run; where its phase has no flash operation, the moment is drawn in the
 * phase's time instead. */
#include "run/fault.h"

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
uint64_t fault_ops_now(struct trial *t)
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
        f->at_op = fault_ops_now(t) + plan_pick(p->draw, 1, rest ? rest : 1);
    }
}

static void random_boot(struct trial *t, struct fault_run *f)
{
    uint64_t most = t->reference && t->reference->boots ? t->reference->boots : 1;
    f->at_boot = (f->plan->in_recovery ? t->boots : 0) + plan_pick(f->plan->draw, 1, most);
}

void fault_when(struct trial *t, struct fault_run *f)
{
    const struct plan_fault *p = f->plan;
    uint64_t base_t = p->in_recovery ? trial_now(t) : 0;
    uint64_t base_op = p->in_recovery ? fault_ops_now(t) : 0;
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
