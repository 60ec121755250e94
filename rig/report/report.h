/* SPDX-License-Identifier: GPL-3.0-or-later
 * The report of a run: HTML for people who release, JUnit XML for build servers, verdict.json for programs. Pure: the same journal,
 * run.json and list of planted bugs give the same bytes. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

struct buf;
struct err;
struct json;
struct report;
struct verdict;

/* Reads RUN/journal.jsonl twice (verdict, then what the pictures need) and judges it. run.json is optional: date, host, durations, and
 * "folder", the path that replay commands name. bugs: a JSON list of planted bugs [{name, law, expected_law, trials_needed, trials,
 * caught, run}], NULL: RUN/bugs.json or RUN/../bugs.json when one of them is there.
 * RIG_EINPUT with path and place when a file is not what it should be. The caller frees with report_close. */
int report_open(const char *run_folder, const char *bugs, struct report **out, struct err *e);
void report_close(struct report *r); /* takes NULL */

const struct verdict *report_verdict(const struct report *r); /* lives as long as r */
struct json *report_json(const struct report *r);             /* what verdict.json holds; the caller frees */
int report_html(const struct report *r, struct buf *out, struct err *e);  /* appends a whole page */
int report_junit(const struct report *r, struct buf *out, struct err *e); /* appends a whole document */

/* Writes report.html, junit.xml and verdict.json into the run folder, each whole or not at all. RIG_EIO as file_write. */
int report_write(const struct report *r, struct err *e);

#endif
