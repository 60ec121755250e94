/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the page needs of a journal beyond its verdict, gathered in one pass, trial by trial: memory grows with the number of cuts
 * (32 bytes each) and the few trials that are shown, not with the journal. */
#ifndef REPORT_FACTS_H
#define REPORT_FACTS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/histogram.h"

struct json;

enum { FACTS_PHASES = 16, FACTS_KEPT = 24, FACTS_SITES = 12 };

#define FACTS_ELSEWHERE "" /* the phase of cuts outside of an update */

struct facts_cut {
    uint64_t trial, op; /* op 0: between operations */
    uint32_t scenario;
    uint16_t phase;     /* index into facts.phase */
    uint16_t outcome;   /* enum histogram_outcome */
};

struct facts_trial {
    uint64_t trial;      /* 0: none */
    size_t first_line;   /* of events[0] in the journal, from 1; the events stand on consecutive lines */
    struct json *events; /* array, from `trial` to `end` */
};

struct facts_site { char addr[16], pc[16], why[48]; uint64_t count; };

struct facts {
    struct json *references; /* array */
    char phase[FACTS_PHASES][24];
    size_t phases;
    struct facts_cut *cut;   /* power cuts that were delivered, in the journal's order */
    size_t cuts, room;
    uint64_t trials, undelivered, other_faults; /* other_faults: of reset pin, network, server, clock … */
    struct facts_trial kept[FACTS_KEPT], passing;
    size_t kept_count;
    int passing_rank;
    struct facts_site site[FACTS_SITES]; /* accesses outside what the bench models */
    size_t sites;
};

void facts_open(struct facts *f);
void facts_reference(struct facts *f, const struct json *reference);
/* A whole block. keep: one of the failing trials to show (the first FACTS_KEPT are kept); held: a candidate for the passing one. */
void facts_block(struct facts *f, const struct json *events, size_t first_line, bool keep, bool held);
const struct facts_trial *facts_find(const struct facts *f, uint64_t trial); /* NULL when not kept */
void facts_close(struct facts *f);

#endif
