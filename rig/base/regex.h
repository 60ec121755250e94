/* SPDX-License-Identifier: GPL-3.0-or-later
 * Regular expressions with named fields: POSIX extended, plus (?<name>…), (?:…), \d \s \w \S \W \D. */
#ifndef BASE_REGEX_H
#define BASE_REGEX_H
#include <stdbool.h>
#include <stddef.h>

struct err;
struct regex;
enum { REGEX_FIELDS = 16 };

struct regex_match {
    size_t count;
    struct { const char *name; size_t start, end; } field[REGEX_FIELDS]; /* names owned by the regex; unmatched ones left out */
};

/* NULL with a message (what is wrong and at which column of the pattern, from 1). Patterns are at most 1024 bytes. */
struct regex *regex_new(const char *pattern, struct err *e);
void regex_free(struct regex *r);
bool regex_match(const struct regex *r, const char *text, struct regex_match *m); /* anywhere in text; m may be NULL */
size_t regex_names(const struct regex *r);
const char *regex_name(const struct regex *r, size_t i);

#endif
