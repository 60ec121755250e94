/* SPDX-License-Identifier: GPL-3.0-or-later
 * The parts of the page, one per {{marker}} of reports/template/report.html. Each appends HTML; none fails: what a journal lacks is
 * left out or said to be missing. */
#ifndef REPORT_PART_H
#define REPORT_PART_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "judge/verdict.h"
#include "record/header.h"
#include "record/journal.h"
#include "report/facts.h"

struct buf;
struct json;

struct page {
    const struct journal *journal;
    const struct header *header;
    const struct verdict *verdict;
    const struct facts *facts;
    const struct json *info; /* run.json, NULL without it */
    const struct json *bugs; /* the list of planted bugs, NULL without it */
};

enum part_state { PART_HELD, PART_VIOLATED, PART_INCONCLUSIVE, PART_NONE };

enum part_state part_outcome(enum verdict_outcome o);
void part_icon(struct buf *out, enum part_state s); /* told apart by shape, not only by colour */
void part_tag(struct buf *out, enum part_state s, const char *text);
const char *part_scenario(const struct page *page, size_t scenario); /* its id */
/* `build/otarig replay RUN/TRIAL` with the run's folder as run.json names it, the word RUN without. The caller frees. */
char *part_replay(const struct page *page, uint64_t trial);
/* Law of a finding as "L1 boots"; its kind alone when no law is meant. The caller frees. */
char *part_law(const struct verdict_finding *f);

void part_verdict(struct buf *out, const struct page *page);
void part_findings(struct buf *out, const struct page *page);
void part_inconclusive(struct buf *out, const struct page *page);
void part_claims(struct buf *out, const struct page *page);
void part_cuts(struct buf *out, const struct page *page);
void part_fleet(struct buf *out, const struct page *page);
void part_laws(struct buf *out, const struct page *page);
void part_bugs(struct buf *out, const struct page *page);
size_t part_bugs_caught(const struct json *bugs); /* by the law that each breaks */
void part_passing(struct buf *out, const struct page *page);
void part_environment(struct buf *out, const struct page *page);
void part_limits(struct buf *out, const struct page *page);
/* The console lines of a kept trial around the cited ones, at most `most`; cited lines marked. */
void part_console(struct buf *out, const struct facts_trial *t, const size_t *cited, size_t count, size_t most);

#endif
