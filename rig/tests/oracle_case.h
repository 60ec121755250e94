/* SPDX-License-Identifier: GPL-3.0-or-later
 * One case of the differential fuzz: an encoding in a state, run on the core and on the oracle.
 */
#ifndef TESTS_ORACLE_CASE_H
#define TESTS_ORACLE_CASE_H
#include "base/rng.h"
#include "tests/oracle.h"
#include "tests/oracle_classes.h"

#include <stddef.h>

enum refusal { REFUSED_NOT, REFUSED_UNDEF, REFUSED_NOCP };
enum trial_end { END_OK, END_FAULT, END_SVC, END_BKPT, END_OTHER };

struct trial {
    struct encoding e;
    bool in_it, skipped; /* in an IT block; whose condition fails */
    bool even;          /* an interworking branch left Thumb state */
    bool refused;       /* must be, and was not shown to the oracle */
    uint32_t at;        /* address of the first instruction */
    uint16_t code[8];
    unsigned halfwords, instructions;
    struct machine before, ours, theirs;
    enum trial_end our_end, their_end;
    uint32_t cfsr, touched; /* of ours; first address that differs in memory */
    const char *oracle_error;
};

struct bench; /* core, oracle and their memories */
struct bench *bench_new(void);
void bench_free(struct bench *b);
enum refusal bench_decode(struct bench *b, uint32_t bits, bool wide); /* runs it on the core alone, in some state */
const char *refusal_name(enum refusal r);

void trial_place(struct trial *t, struct rng *r); /* chooses where it stands and what stands before it (IT, CLREX, LDREX) */
void trial_state(struct trial *t, struct rng *r); /* registers that make it do something */
const char *trial_run(struct bench *b, struct trial *t); /* NULL when all agrees, else what does not */
void trial_print(const struct trial *t);

/* The oracle's known deviations */
struct oracle_mask {
    const char *name, *reason;
    bool (*is)(const struct trial *t);
};
extern const struct oracle_mask oracle_masks[];
extern const size_t oracle_masks_n;
int trial_mask(const struct trial *t); /* which one explains the difference; -1 none */

#endif
