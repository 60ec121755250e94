/* SPDX-License-Identifier: GPL-3.0-or-later
 * A fleet as its trials tell: who got what and when, and whether the whole is what the scenario expects. */
#ifndef JUDGE_FLEET_H
#define JUDGE_FLEET_H
#include "judge/law.h"

struct fleet_device {
    uint64_t trial;
    bool updated, back, failed, was_updated; /* updated, back: at the end, confirmed; was_updated: confirmed at some time */
    bool dead;                               /* its trial ended before the watch did */
    int64_t begun_t, confirmed_t, failed_t;  /* of the offered version, ns; -1: never */
    size_t line, failed_line;                /* of its `end` record; of its failure */
    long long place;                         /* in the rollout, 0 to 9999; -1: not written */
};

struct fleet_ask { int64_t t; size_t device, line; bool refused; }; /* refused: answered by 503, or not at all */

struct fleet_identity { char chip[40], id[48]; size_t device, line; };

struct fleet {
    const struct header *header;
    const struct header_scenario *scenario;
    struct fleet_device *device;
    size_t devices;
    struct fleet_ask *ask;           /* requests that are no telemetry, by time after fleet_close */
    size_t asks;
    struct fleet_identity *identity; /* each pair of chip and id that was seen */
    size_t identities;
    size_t peak, peak_ask;           /* distinct devices within expect's window; index of the first request in it */
};

struct fleet *fleet_new(const struct header *h, const struct header_scenario *s);
void fleet_free(struct fleet *f); /* takes NULL */
void fleet_take(struct fleet *f, const struct journal_trial *t);
void fleet_close(struct fleet *f); /* after the last trial */

struct fleet_figures {
    size_t devices, updated, back, failed, overrun, never; /* back: of those that had been updated; never: did not begin; overrun: of the
                                                             * failed, those beyond the budget */
    size_t asks, refused, peak;
};
void fleet_figures(const struct fleet *f, struct fleet_figures *out);

/* Of the judgement: a law that the fleet breaks, and the trial of the device that shows it. */
struct fleet_finding { size_t law; uint64_t trial; struct law_result result; };
enum { FLEET_FINDINGS = 8 };
/* A fleet of which not every device came to its end is not judged: 0. Returns how many. */
size_t fleet_judge(const struct fleet *f, struct fleet_finding out[FLEET_FINDINGS]);

#endif
