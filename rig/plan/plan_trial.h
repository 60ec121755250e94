/* SPDX-License-Identifier: GPL-3.0-or-later
 * One trial of a plan, with every draw made. */
#ifndef PLAN_PLAN_TRIAL_H
#define PLAN_PLAN_TRIAL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/option.h"
#include "scenario/scenario_fault.h"

struct err;
struct plan;
struct plan_case;
struct plan_set;
struct scenario_case;

struct plan_fault {
    const struct scenario_fault *from;
    const char *does; /* "power-cut", … */
    enum scenario_at at;
    enum scenario_phase phase;
    uint64_t number;       /* of the trigger: ns, 1/100 percent, byte, operation, boot, request; every: its period in ns */
    uint64_t draw;         /* uniform over 64 bits, of random triggers: plan_pick() maps it onto what the reference run shows */
    uint64_t delay_ns;
    unsigned occurrence, times;
    const char *event, *path, *device, *outcome; /* NULL: none, any, any, drawn by the bench */
    unsigned torn;
    struct option_value value[SCENARIO_VALUES]; /* of its kind's rows, draws resolved, defaults filled in */
    const struct option_owner *attack;
    struct option_value attack_value[OPTION_MOST]; /* draws resolved; what the scenario does not say is not given */
    const struct plan_set *offer;                  /* of do: offer; NULL: what is offered anyway */
    bool in_recovery;
};

struct plan_trial {
    uint64_t n; /* from 1 */
    size_t scenario;
    uint64_t k; /* in the scenario, from 0 */
    const struct scenario_case *given;
    const struct plan_case *images;
    uint64_t seed; /* of the bench */
    struct plan_fault fault[SCENARIO_FAULTS];
    size_t faults;
};

/* Trial n of 1..total; RIG_EINPUT outside. Points into the plan. */
int plan_trial(const struct plan *p, uint64_t n, struct plan_trial *out, struct err *e);
uint64_t plan_pick(uint64_t draw, uint64_t low, uint64_t high); /* low..high, both included; low when the range is empty */
/* A value of a resolved fault by its option's name, or otherwise. */
uint64_t plan_number(const struct plan_fault *f, const char *option, uint64_t otherwise);
const char *plan_text_value(const struct plan_fault *f, const char *option, const char *otherwise);
#endif
