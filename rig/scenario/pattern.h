/* SPDX-License-Identifier: GPL-3.0-or-later
 * Regular expressions that people write into files, kept from costing more than their length. */
#ifndef SCENARIO_PATTERN_H
#define SCENARIO_PATTERN_H

struct err;
struct regex;

/* As regex_new, and refuses what the C library would unroll into more than 20000 parts: ((a{255}){255}){255} takes it gigabytes. */
struct regex *pattern_new(const char *text, struct err *e);
#endif
