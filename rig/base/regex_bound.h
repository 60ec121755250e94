/* SPDX-License-Identifier: GPL-3.0-or-later
 * Whether a regular expression stays small when it is compiled. For base/regex.c. */
#ifndef BASE_REGEX_BOUND_H
#define BASE_REGEX_BOUND_H
#include <stdbool.h>

/* False when its repetitions multiply to more than 20,000 parts, or its groups nest deeper than 64. */
bool regex_bound_holds(const char *pattern);
#endif
