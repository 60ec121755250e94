/* SPDX-License-Identifier: GPL-3.0-or-later
 * A finding as a person reads it, the same behind `run` and `judge`. */
#ifndef CMD_FINDING_PRINT_H
#define CMD_FINDING_PRINT_H
#include <stdbool.h>

struct header;
struct verdict_finding;

/* On standard output: law, outcome and kind, scenario, why, in how many trials, the command that repeats the first one in the run folder
 * run, and the lines cited; journal is the path before these, NULL leaves them out. */
void finding_print(const struct verdict_finding *f, const struct header *h, const char *run, const char *journal, bool color);
#endif
