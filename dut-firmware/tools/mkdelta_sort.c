/* SPDX-License-Identifier: GPL-3.0-or-later
 * Suffix sorting by prefix doubling (Manber and Myers 1990) with radix sort: each round orders by twice as many bytes as the one
 * before; it ends when all ranks differ. */
#include <stdlib.h>
#include <string.h>
#include "mkdelta.h"

struct sorter {
    uint32_t n; /* suffixes, the empty one included */
    uint32_t *order, *rank, *spare, *count;
};

static uint32_t *room(size_t n)
{
    uint32_t *p = calloc(n, sizeof *p);
    if (p == NULL)
        abort();
    return p;
}

/* Sorts the suffixes in from by rank into to, stable. */
static void by_rank(struct sorter *s, const uint32_t *from, uint32_t *to, uint32_t ranks)
{
    memset(s->count, 0, (ranks + 1) * sizeof *s->count);
    for (uint32_t i = 0; i < s->n; i++)
        s->count[s->rank[i] + 1]++;
    for (uint32_t r = 0; r < ranks; r++)
        s->count[r + 1] += s->count[r];
    for (uint32_t i = 0; i < s->n; i++)
        to[s->count[s->rank[from[i]]]++] = from[i];
}

static uint32_t rank_behind(const struct sorter *s, uint32_t at, uint32_t step)
{
    return at + step < s->n ? s->rank[at + step] + 1 : 0;
}

/* New ranks of suffixes that stand in order by 2 * step bytes. How many differ. */
static uint32_t rank_again(struct sorter *s, uint32_t step)
{
    uint32_t ranks = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        const uint32_t a = s->order[i], b = i > 0 ? s->order[i - 1] : 0;
        if (i > 0 && (s->rank[a] != s->rank[b] || rank_behind(s, a, step) != rank_behind(s, b, step)))
            ranks++;
        s->spare[a] = ranks;
    }
    memcpy(s->rank, s->spare, s->n * sizeof *s->rank);
    return ranks + 1;
}

/* Order by what stands step bytes further on: read off the order so far; suffixes that are shorter come first. */
static void shift(struct sorter *s, uint32_t step)
{
    uint32_t at = 0;
    for (uint32_t i = s->n - step; i < s->n; i++)
        s->spare[at++] = i;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->order[i] >= step)
            s->spare[at++] = s->order[i] - step;
}

uint32_t *mkdelta_sort(const uint8_t *bytes, uint32_t n)
{
    const size_t m = (size_t)n + 1;
    uint32_t *order = room(m), *work = room(2 * m + (m > 257 ? m : 257) + 1);
    struct sorter s = {.n = n + 1, .order = order, .rank = work, .spare = work + m, .count = work + 2 * m};
    for (uint32_t i = 0; i < s.n; i++) {
        s.rank[i] = i < n ? bytes[i] + 1u : 0;
        s.spare[i] = i;
    }
    by_rank(&s, s.spare, s.order, 257);
    for (uint32_t step = 1, ranks = 0; ranks < s.n && step < s.n; step *= 2) {
        shift(&s, step);
        uint32_t most = 0;
        for (uint32_t i = 0; i < s.n; i++)
            most = s.rank[i] > most ? s.rank[i] : most;
        by_rank(&s, s.spare, s.order, most + 1);
        ranks = rank_again(&s, step);
    }
    free(work);
    return order;
}
