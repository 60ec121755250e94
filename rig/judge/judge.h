/* SPDX-License-Identifier: GPL-3.0-or-later
 * The table of laws, and one trial judged by all of them. Pure: a trial's records and the header in, answers out. */
#ifndef JUDGE_JUDGE_H
#define JUDGE_JUDGE_H
#include "judge/law.h"

enum { JUDGE_LAWS = 14 };

/* The i-th law in the order of the catalogue (L1 … L12, R1, R2); NULL behind the last. */
const struct law *judge_law(size_t i);
size_t judge_law_index(const char *id); /* JUDGE_LAWS when there is none */

struct judge_result {
    enum law_state outcome;             /* LAW_HELD, LAW_VIOLATED (wins) or LAW_INCONCLUSIVE */
    size_t root; /* law to name first: index of a violated, else of an inconclusive one; JUDGE_LAWS: none */
    struct law_result law[JUDGE_LAWS];  /* in the order of the table */
};

/* trial must be finished. */
void judge_trial(const struct header *h, const struct journal_trial *trial, struct judge_result *out);

#endif
