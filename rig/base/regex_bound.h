/* SPDX-License-Identifier: GPL-3.0-or-later
 * Whether a regular expression stays small and quick when it is compiled and matched. For base/regex.c. */
#ifndef BASE_REGEX_BOUND_H
#define BASE_REGEX_BOUND_H

/* NULL, or why not (static text): its repetitions multiply to more than 1,200 parts, nest, or its groups nest deeper than 64. */
const char *regex_bound_broken(const char *pattern);
#endif
