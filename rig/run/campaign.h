/* SPDX-License-Identifier: GPL-3.0-or-later
 * A campaign: the reference runs, then every trial of the plan, into a journal. Never judges. */
#ifndef RUN_CAMPAIGN_H
#define RUN_CAMPAIGN_H
#include "run/trial.h"

struct err;

struct campaign {
    const struct plan *plan;                /* outlives the campaign */
    const struct bench_opener *opener;
    const char *version, *source;           /* of the rig, for the journal's first line */
    unsigned jobs;
    const volatile int *stop;               /* becomes nonzero: end after what is delivered */
    void (*progress)(void *ctx, uint64_t done, uint64_t total); /* may be NULL */
    void *ctx;
};

/* Writes the journal at path; resume: goes on with one that is there. Trials are numbered from 1, the reference runs first.
 * RIG_EINPUT, RIG_EIO with a message. */
int campaign_run(const struct campaign *c, const char *path, bool resume, struct err *e);

/* Trial `number` of the journal again (and its reference run before it, when it needs one), its block appended to out.
 * RIG_EINPUT when there is no such trial. watch may be NULL. */
int campaign_replay(const struct campaign *c, uint64_t number, const struct trial_watch *watch, struct buf *out, struct err *e);
#endif
