/* SPDX-License-Identifier: GPL-3.0-or-later
 * A fleet: all devices of a fleet scenario together, each in a process of its own, against one rollout. */
#ifndef RUN_FLEET_H
#define RUN_FLEET_H
#include "run/trial.h"

struct buf;
struct err;

struct fleet {
    const struct plan *plan;
    size_t scenario;                      /* of the plan */
    uint64_t number;                      /* of its first trial in the journal */
    size_t place;                         /* index of the scenario in the journal */
    const struct bench_opener *opener;
    unsigned jobs;                        /* processes that run at once */
    unsigned limit_s;                     /* of the host's clock, from one second of a device's to its next; a guard */
    const volatile int *stop;
};

struct fleet_script; /* what each device was given, and when */

/* Runs it to its end. block[i], as many as there are devices, gets the journal block of device i; empty: its process was lost. script
 * may be NULL. Returns 0 also when *stop became nonzero: then blocks are missing. RIG_EIO when the host has no processes left. */
int fleet_run(const struct fleet *f, struct buf *block, struct fleet_script *script, struct err *e);
/* Device i again, in this process, given what the script says. */
void fleet_replay(const struct fleet *f, size_t i, const struct fleet_script *script, const struct trial_watch *watch, struct buf *out);
struct fleet_script *fleet_script_new(size_t devices);
void fleet_script_free(struct fleet_script *s); /* takes NULL */
#endif
