/* SPDX-License-Identifier: GPL-3.0-or-later
 * Trials in processes: each in a fork of its own, so that a trial cannot leave anything behind for the next one and a crash costs one
 * trial. Results come back in the order of the jobs, however many run at once. */
#ifndef RUN_POOL_H
#define RUN_POOL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

enum pool_end {
    POOL_DONE,    /* out holds what work wrote */
    POOL_CRASHED, /* the process died; out holds nothing */
    POOL_HUNG,    /* it took longer than limit_s and was killed */
};

struct pool {
    unsigned jobs;    /* at once, at least 1 */
    unsigned limit_s; /* of the host's clock, for one job; a guard against a bug of the rig */
    void *ctx;
    void (*work)(void *ctx, uint64_t job, struct buf *out);                                   /* in the child */
    int (*done)(void *ctx, uint64_t job, enum pool_end how, const struct buf *out, struct err *e); /* in the parent, in order */
};

/* Runs jobs 0..count-1. Stops at the first error of done, or when *stop becomes nonzero (a signal): RIG_OK either way for the latter,
 * jobs delivered so far stay delivered. */
int pool_run(const struct pool *p, uint64_t count, const volatile int *stop, struct err *e);
#endif
