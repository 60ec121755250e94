/* SPDX-License-Identifier: GPL-3.0-or-later
 * The verdict over a whole journal: what held, what did not, and how much that says. Pure: the same bytes give the same verdict.
 */
#ifndef JUDGE_VERDICT_H
#define JUDGE_VERDICT_H
#include "judge/judge.h"

struct err;
struct fleet;
struct journal;
struct json;

/* Three outcomes, never two; and the fourth of a run in which no trial came to its end. */
enum verdict_outcome { VERDICT_HELD, VERDICT_VIOLATED, VERDICT_INCONCLUSIVE, VERDICT_NOTHING };

enum { VERDICT_TRIALS_KEPT = 20 };

/* All trials of one scenario in which one law gave one answer of one kind. */
struct verdict_finding {
    enum law_state state;     /* LAW_VIOLATED, LAW_INCONCLUSIVE or LAW_WAIVED */
    size_t law, scenario; /* indexes into the table of laws and the header's scenarios; law JUDGE_LAWS: none (kind says what) */
    const char *kind;
    char *why;                /* of the first trial */
    char *waived;             /* LAW_WAIVED: the scenario's reason; else NULL */
    uint64_t count, roots;    /* trials; trials in which this law is the one to name first */
    uint64_t first;           /* trial number; 0: before any trial */
    size_t line[LAW_LINES];   /* cited lines of the first trial */
    size_t lines;
    uint64_t trial[VERDICT_TRIALS_KEPT]; /* the first ones, ascending */
    size_t trials;
};

struct verdict_phase {
    char *name;               /* download, erase, write, verify, activate, boot, confirm, … as the faults name it */
    uint64_t faults, cuts;    /* delivered in it: of any kind; power cuts */
    uint64_t trials, failed;  /* conclusive trials with a power cut in it; violated ones of them */
    double upper;             /* failure probability is below this at 95 % (binomial_upper) */
};

struct verdict_scenario {
    uint64_t planned, held, violated, inconclusive, unfinished; /* trials; planned less the rest never ran */
    enum verdict_outcome outcome;
    double upper;                              /* as above, over held + violated */
    uint64_t law[JUDGE_LAWS][LAW_STATES];      /* trials by law and state */
};

struct verdict_trial {
    uint64_t n;
    size_t scenario, line;    /* line of its `trial` record */
    enum law_state outcome;
    size_t root;              /* as in judge_result */
};

struct verdict {
    enum verdict_outcome outcome;
    uint64_t planned, held, violated, inconclusive, unfinished;
    double upper;
    struct verdict_scenario *scenario; /* as many as the header has */
    size_t scenarios;
    struct verdict_finding *finding;   /* the device's violations first, root laws first */
    size_t findings;
    struct verdict_phase *phase;       /* in the order of an update; "" (no phase) last */
    size_t phases;
    struct verdict_trial *trial;       /* finished ones, ascending by n */
    size_t trials;
    struct fleet **fleet;              /* by scenario; NULL: it is about one device */
};

/* Reads j to its end (from its beginning, however far it was read). RIG_EINPUT as journal_next_trial. */
int verdict_make(struct journal *j, struct verdict **out, struct err *e);
void verdict_free(struct verdict *v); /* takes NULL */

int verdict_exit_code(const struct verdict *v);            /* 0, 1, 2 or 5 of DESIGN.md */
const char *verdict_outcome_name(enum verdict_outcome o);  /* "held", "violated", "inconclusive", "nothing ran" */
/* One sentence: what the outcome stands on. The caller frees it. */
char *verdict_sentence(const struct verdict *v, const struct journal *j);
const struct verdict_trial *verdict_trial_of(const struct verdict *v, uint64_t n); /* NULL when it did not finish */
/* verdict.json. The caller frees it. */
struct json *verdict_json(const struct verdict *v, const struct journal *j);

#endif
