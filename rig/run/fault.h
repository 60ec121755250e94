/* SPDX-License-Identifier: GPL-3.0-or-later
 * What fault.c (when) and the effects (what) share. Not for others. A new effect is one struct fault_effect and its row in fault.c. */
#ifndef RUN_FAULT_H
#define RUN_FAULT_H
#include "run/trial_state.h"

struct bench_event;
struct bench_op;
struct json;

/* An effect writes its `fault` record once it was delivered, and counts f->done. */
struct fault_effect {
    const char *name;                     /* of a row of scenario_fault_kind() */
    bool (*can)(const struct trial *t);   /* the bench has the ports for it */
    /* Leaves f->state ACTIVE and sets f->over_t (BENCH_NEVER: until it says so itself or the faults are over), or calls fault_over.
     * op: the operation that the bench has cut already, else NULL. */
    void (*begin)(struct trial *t, struct fault_run *f, struct bench_op *op);
    /* f->over_t has come, or nobody waits for it any longer: undoes it. NULL: nothing to undo. fault.c calls fault_over behind it. */
    void (*end)(struct trial *t, struct fault_run *f);
    void (*wake)(struct trial *t, struct fault_run *f);  /* its turn to wait has come; NULL: nothing to prepare */
    void (*seen)(struct trial *t, struct fault_run *f, const struct bench_event *ev); /* an event while ACTIVE; NULL: of no interest */
    bool unpowers;   /* every other fault waits while it is active; `end` returns the power */
    bool repeats;    /* of `every`: waits again when it is over */
    bool exact;      /* `byte` means that the device has that many bytes of the image and no more */
    bool makes_up;   /* a drawn moment that never came is made up for once the device has settled */
};

extern const struct fault_effect fault_power_cut, fault_reset_pin, fault_link, fault_link_down, fault_serve, fault_offer,
    fault_clock, fault_command, fault_damage;

/* fault.c */
struct json *fault_note(struct trial *t, const struct fault_run *f, uint64_t at, const char *phase); /* phase NULL: it was not delivered */
const char *fault_phase(const struct trial *t); /* of a moment, not of an operation */
void fault_over(struct trial *t, struct fault_run *f);
uint64_t fault_until(const struct trial *t, uint64_t length); /* from now on; length 0: until the faults are over */
/* fault_when.c: at_t, at_op, at_byte or at_boot after the plan and the reference run. */
void fault_when(struct trial *t, struct fault_run *f);
uint64_t fault_ops_now(struct trial *t);
#endif
