/* SPDX-License-Identifier: GPL-3.0-or-later
 * Mistakes in files that people write: file:line:column, what is wrong, what was expected. All of a file are collected, not only
 * the first. */
#ifndef SCENARIO_MISTAKE_H
#define SCENARIO_MISTAKE_H
#include <stddef.h>

#include "base/buf.h"
#include "base/suggest.h"

struct err;

/* A place in a file, both numbers from 1; line 0: the file as a whole. The name is owned by what was read from the file. */
struct place {
    const char *file;
    unsigned line, column;
};

enum { MISTAKE_MOST = 20 }; /* of one file; further ones are counted only */

struct mistakes {
    struct buf text; /* one line each, with its newline */
    size_t count;    /* different ones, told or not */
    size_t limit;    /* that many are told; 0 means MISTAKE_MOST */
};

/* Adds a line unless the very same is there already (a matrix reads a file several times). */
void mistake_add(struct mistakes *m, struct place at, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* As mistake_add for a word out of a list: "WHAT "wrong" is not known, did you mean "near"?", or the whole list when none is near. */
void mistake_word(struct mistakes *m, struct place at, const char *what, const char *wrong, suggest_word *word, const void *ctx);
/* Adds the mistakes of one file (and of what it includes) in the order of their places. */
void mistake_add_all(struct mistakes *to, const struct mistakes *from);
void mistake_free(struct mistakes *m);
#endif
