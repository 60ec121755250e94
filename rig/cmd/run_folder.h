/* SPDX-License-Identifier: GPL-3.0-or-later
 * The folder of a run: journal.jsonl (deterministic), run.json (what differs from run to run, and how to do it again), the report. */
#ifndef CMD_RUN_FOLDER_H
#define CMD_RUN_FOLDER_H
#include <stdint.h>

#include "cmd/setup.h"

struct err;
struct json;

/* reports/out/NAME/UTC-TIME, made, and NAME/latest set to it. The caller frees. NULL with a message. */
char *run_folder_new(const char *name, struct err *e);
/* What was asked for, so that replay and resume need no more than the folder. */
struct json *run_folder_describe(const struct setup_wish *wish, unsigned jobs);
int run_folder_write(const char *folder, const struct json *description, struct err *e);
/* NULL with a message when the folder holds no readable run.json. */
struct json *run_folder_read(const char *folder, struct err *e);
/* The wish in a description; paths point into it and the array is the caller's to free (wish->paths). */
void run_folder_wish(const struct json *description, struct setup_wish *out);
/* Seconds of the host's clock since some start; only for durations and progress. */
double run_folder_seconds(void);
#endif
