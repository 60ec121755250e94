/* SPDX-License-Identifier: GPL-3.0-or-later
 * What trial.c, fault.c and look.c share: the state of one trial while it runs. Not for others. */
#ifndef RUN_TRIAL_STATE_H
#define RUN_TRIAL_STATE_H
#include "run/region.h"
#include "run/serial.h"
#include "run/trial.h"

#define MS UINT64_C(1000000)

enum fault_state { FAULT_ASLEEP, FAULT_WAITING, FAULT_ACTIVE, FAULT_OVER };

struct fault_effect;

struct fault_run {
    const struct plan_fault *plan;
    const struct fault_effect *effect; /* fault.h; NULL: the engine does not know it */
    enum fault_state state;
    uint64_t at_t, at_op, at_byte, at_boot; /* BENCH_NEVER: not by this */
    bool random;       /* drawn: may be delivered at the end when the run did not get that far */
    unsigned met, done; /* how often the trigger was met; how often it was delivered (every) */
    uint64_t over_t;   /* ACTIVE: when the effect ends */
    uint64_t packets, acted; /* of the link, when its fault began */
};

struct trial {
    const struct plan *plan;
    const struct profile *profile;
    const struct plan_trial *given;
    const struct reference *reference;
    struct reference *learn;
    struct bench *b;
    struct buf *out;
    const struct trial_watch *watch;
    const struct trial_feed *feed; /* of a fleet's device; else NULL */
    struct fault_run fault[SCENARIO_FAULTS];
    size_t faults;
    bool broken;         /* bench fault: the trial is over */
    const char *end_why; /* not NULL: over */
    /* the device, as it tells of itself */
    enum phase phase;
    bool running, confirmed, gave_up, told_up, told_confirmed;
    char version[32], slot[16], digest[80];
    char confirmed_version[32]; /* the latest that ran confirmed */
    struct serial serial;
    uint64_t boots, crashes, running_by, settled_t; /* running_by: the boot deadline; settled_t: since when nothing is to be expected */
    const struct plan_set *offer;
    const char *action;  /* of the offer that stands: update, rollback, pause, none */
    unsigned keyset;     /* that the server signs with */
    bool recovering;     /* the faults are over */
    unsigned updates;    /* completed since */
    uint64_t lines, dropped, op_base;
    bool unseen;         /* it runs, but where it executes was not seen yet */
    uint64_t asked[64];  /* when requests arrived, by their number; a ring */
    uint64_t first_cut_op;
    uint64_t heard_t, answered_t; /* when the device was last heard of; when it last had an answer that is no telemetry's */
};

/* trial.c */
uint64_t trial_now(const struct trial *t);
void trial_enter(struct trial *t, enum phase p);
void trial_device_restarts(struct trial *t, bool by_rig);
/* device.c */
void device_event(struct trial *t, struct bench_event *ev); /* takes what the event holds */
/* trial_offer.c */
void trial_offer(struct trial *t, const struct plan_set *set, bool good);
void trial_offer_as(struct trial *t, const struct plan_set *set, const char *action, bool good);
/* trial.c */
void trial_step(struct trial *t, uint64_t until); /* one event, at the latest at until (ns) */
void trial_power_on(struct trial *t, const char *why);
void trial_power_off(struct trial *t, const char *why);
/* fleet_device.c */
void fleet_device_play(struct trial *t);
void fleet_device_told(struct trial *t, const struct json *told, uint64_t at); /* telemetry */
/* fault.c */
void fault_begin(struct trial *t);
void fault_event(struct trial *t, const struct bench_event *ev);            /* before the engine's own view of it */
void fault_named(struct trial *t, const char *name, uint64_t at);           /* "update.verified", "device.running" */
void fault_due(struct trial *t);                                            /* whatever is due by now */
uint64_t fault_next(const struct trial *t);                                 /* time of the next due thing */
void fault_watch(struct trial *t);                                          /* tells the bench which operations to report */
bool fault_all_over(const struct trial *t);
void fault_give_up(struct trial *t);                                        /* what was not delivered never will be */
/* look.c: the truth in flash, on benches that can see it */
void look_running(struct trial *t, uint64_t at);
void look_again(struct trial *t, uint64_t at);                               /* where it executes, should that be unknown still */
void look_held(struct trial *t, const struct bench_event *ev);
void look_watch(struct trial *t, const char *slot);                          /* operations in the running slot; NULL: off */
void look_op(struct trial *t, const struct bench_op *op);
#endif
