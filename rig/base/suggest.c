/* SPDX-License-Identifier: GPL-3.0-or-later
 * The nearest right word to a wrong one. */
#include "base/suggest.h"

#include <string.h>

enum { LONGEST = 48 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), d[LONGEST + 1][LONGEST + 1];
    if (n > LONGEST || m > LONGEST)
        return LONGEST;
    for (size_t i = 0; i <= n; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= m; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= n; i++)
        for (size_t j = 1; j <= m; j++) {
            d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < d[i][j])
                d[i][j] = d[i - 2][j - 2] + 1;
        }
    return d[n][m];
}

const char *suggest_nearest(const char *wrong, suggest_word *word, const void *ctx)
{
    const char *best = NULL, *candidate;
    size_t nearest = 2 + strlen(wrong) / 3;
    for (size_t i = 0; (candidate = word(ctx, i)); i++) {
        size_t d = distance(wrong, candidate);
        if (d < nearest) {
            nearest = d;
            best = candidate;
        }
    }
    return best;
}
