/* SPDX-License-Identifier: GPL-3.0-or-later
 * The end of a run, as a person or a build server wants it. */
#ifndef CMD_VERDICT_PRINT_H
#define CMD_VERDICT_PRINT_H
#include <stdbool.h>

struct err;

/* Judges the run folder's journal, writes the report into it, prints the verdict (or verdict.json) and the report's path.
 * Returns the exit code of DESIGN.md; on failure e is set. */
int verdict_print_run(const char *folder, bool json, bool color, struct err *e);
#endif
