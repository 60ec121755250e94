/* SPDX-License-Identifier: GPL-3.0-or-later
 * The nearest right word to a wrong one (optimal string alignment distance). */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H
#include <stddef.h>

/* The i-th of the right words, NULL behind the last. */
typedef const char *suggest_word(const void *ctx, size_t i); /* a function type, for the signature below */
/* The nearest, or NULL when none is near (distance more than 1 + length/3). Ties go to the first. */
const char *suggest_nearest(const char *wrong, suggest_word *word, const void *ctx);

#endif
