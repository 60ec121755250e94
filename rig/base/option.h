/* SPDX-License-Identifier: GPL-3.0-or-later
 * Options as data: what an attack, a driver or a bench port can be told. One row declares, checks, documents and completes. */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H
#include <stdbool.h>
#include <stdint.h>

enum option_type {
    OPTION_TIME,    /* "20ms": ns in number */
    OPTION_BYTES,   /* "4096", "4KiB": bytes */
    OPTION_COUNT,   /* a whole number */
    OPTION_PERCENT, /* "60%" or 60: in 1/100 percent, 6000 */
    OPTION_BOOL,
    OPTION_WORD,    /* one of words */
    OPTION_TEXT,
    OPTION_DATE,    /* "2026-07-01T12:00:00Z", "2026-07-01", or Unix seconds: Unix seconds in number */
};

struct option_row {
    const char *name, *help;
    enum option_type type;
    bool required;
    const char *otherwise;        /* default as text, NULL when none */
    const char *const *words;     /* OPTION_WORD: NULL-terminated */
    uint64_t low, high;           /* inclusive bounds of number; high 0 means none */
};

struct option_value {
    const struct option_row *row;
    bool given;
    uint64_t number; /* of numbers, times, booleans, and the index of a word */
    const char *text; /* of words and texts */
};

/* A thing with options: an attack of the server, a driver. rows end with a NULL name. */
struct option_owner {
    const char *name, *help;
    const struct option_row *options;
    const char *example; /* one line of YAML */
};

enum { OPTION_MOST = 8 };

/* What a thing was told, or else the default of the row. values[i] belongs to rows[i] (its row member is not looked at); name must be
 * one of the rows'. Numbers are in the units of enum option_type. */
bool option_given(const struct option_row *rows, const struct option_value *values, const char *name);
uint64_t option_number(const struct option_row *rows, const struct option_value *values, const char *name); /* no default: 0 */
const char *option_text(const struct option_row *rows, const struct option_value *values, const char *name); /* no default: NULL */
bool option_is(const struct option_row *rows, const struct option_value *values, const char *name, const char *word);
#endif
