/* SPDX-License-Identifier: GPL-3.0-or-later
 * Packing for a decoder with a window of 2 KB and no tables. Tokens:
 *
 *   0nnnnnnn            n + 1 literal bytes follow
 *   10nnnnnn            n + 1 zeros; n = 63: 64 + a number that follows
 *   11nnnnnn distance   n + 4 bytes that stand distance (1 .. 2048, a number) back; n = 63: 67 + a number that stands before it
 *
 * Greedy, with the longest match among the last positions that start with the same four bytes. */
#include <stdlib.h>
#include <string.h>
#include "mkdelta.h"

enum { HASHES = 4096, TRIES = 256, MATCH_LEAST = 4, LITERALS_MOST = 128 };

struct packer {
    const uint8_t *bytes;
    size_t n;
    int64_t head[HASHES];
    int64_t *before; /* per position: the one before it with the same hash */
};

static unsigned hash(const uint8_t *p)
{
    const uint32_t word = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    return (word * 2654435761u) >> 20;
}

static void remember(struct packer *p, size_t at)
{
    if (at + MATCH_LEAST > p->n)
        return;
    const unsigned h = hash(p->bytes + at);
    p->before[at] = p->head[h];
    p->head[h] = (int64_t)at;
}

static size_t zeros(const struct packer *p, size_t at)
{
    size_t n = 0;
    while (at + n < p->n && p->bytes[at + n] == 0)
        n++;
    return n;
}

static size_t match(const struct packer *p, size_t at, size_t *distance)
{
    size_t best = 0;
    if (at + MATCH_LEAST > p->n)
        return 0;
    int64_t from = p->head[hash(p->bytes + at)];
    for (int tries = 0; from >= 0 && at - (size_t)from <= MKDELTA_WINDOW && tries < TRIES; tries++, from = p->before[from]) {
        size_t n = 0;
        while (at + n < p->n && p->bytes[(size_t)from + n] == p->bytes[at + n])
            n++;
        if (n > best) {
            best = n;
            *distance = at - (size_t)from;
        }
    }
    return best;
}

void mkdelta_number(struct blob *out, uint32_t value)
{
    for (; value >= 0x80; value >>= 7)
        blob_append_le(out, 0x80 | (value & 0x7F), 1);
    blob_append_le(out, value, 1);
}

static void token(struct blob *out, unsigned kind, size_t n, size_t least)
{
    n -= least;
    blob_append_le(out, kind | (n < 63 ? (unsigned)n : 63), 1);
    if (n >= 63)
        mkdelta_number(out, (uint32_t)(n - 63));
}

static void literals(struct blob *out, const uint8_t *bytes, size_t n)
{
    while (n > 0) {
        const size_t part = n < LITERALS_MOST ? n : LITERALS_MOST;
        blob_append_le(out, (uint32_t)(part - 1), 1);
        blob_append(out, bytes, part);
        bytes += part;
        n -= part;
    }
}

void mkdelta_pack(const uint8_t *bytes, size_t n, struct blob *out)
{
    struct packer p = {.bytes = bytes, .n = n, .before = calloc(n + 1, sizeof *p.before)};
    size_t plain = 0; /* literals that wait, up to at */
    if (p.before == NULL)
        abort();
    for (unsigned h = 0; h < HASHES; h++)
        p.head[h] = -1;
    for (size_t at = 0; at < n;) {
        size_t distance = 0, run = zeros(&p, at), same = match(&p, at, &distance), step = 1;
        if (run >= 2 && run + 2 >= same)
            step = run;
        else if (same >= MATCH_LEAST)
            step = same;
        if (step > 1) {
            literals(out, bytes + at - plain, plain);
            plain = 0;
            token(out, run >= 2 && run + 2 >= same ? 0x80 : 0xC0, step, run >= 2 && run + 2 >= same ? 1 : MATCH_LEAST);
            if (!(run >= 2 && run + 2 >= same))
                mkdelta_number(out, (uint32_t)distance);
        } else {
            plain++;
        }
        for (size_t i = 0; i < step; i++)
            remember(&p, at + i);
        at += step;
    }
    literals(out, bytes + n - plain, plain);
    free(p.before);
}
