/* SPDX-License-Identifier: GPL-3.0-or-later
 * One trial: a fresh bench, the faults of the plan, the recovery after them, and every event of it written down. */
#ifndef RUN_TRIAL_H
#define RUN_TRIAL_H
#include "plan/plan.h"
#include "port/bench.h"
#include "run/reference.h"

struct trial_watch { /* for a person who replays; any may be NULL */
    void *ctx;
    void (*begin)(void *ctx);
    void (*op)(void *ctx, const struct bench_op *op);
};

/* Appends the journal block of trial t, from `trial` to `end`, under the number and scenario index given. reference: what random
 * triggers draw from (may be NULL when there are none). learn: not NULL for a reference run, filled in. */
void trial_run(const struct plan *plan, const struct plan_trial *t, uint64_t number, size_t scenario, const struct bench_opener *opener,
               const struct reference *reference, struct reference *learn, const struct trial_watch *watch, struct buf *out);
/* Whether the trial's triggers need a reference run. */
bool trial_needs_reference(const struct plan_trial *t);
#endif
