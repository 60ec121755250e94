/* SPDX-License-Identifier: GPL-3.0-or-later
 * One trial: a fresh bench, the faults of the plan, the recovery after them, and every event of it written down. */
#ifndef RUN_TRIAL_H
#define RUN_TRIAL_H
#include "plan/plan.h"
#include "base/rollout.h"
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
/* Of a device of a fleet: its line to the rules that it shares with the others. */
struct trial_feed {
    void *ctx;
    /* What the device of this id gets from time t (ns) on; returns once every other device has come that far. */
    struct rollout_answer (*answer)(void *ctx, uint64_t t, const char *id);
    void (*tell)(void *ctx, uint64_t t, enum rollout_stage what);
};
/* As trial_run for a device of a fleet. */
void trial_run_fleet(const struct plan *plan, const struct plan_trial *t, uint64_t number, size_t scenario,
                     const struct bench_opener *opener, const struct trial_feed *feed, const struct trial_watch *watch,
                     struct buf *out);
/* Whether the trial's triggers need a reference run. */
bool trial_needs_reference(const struct plan_trial *t);
#endif
