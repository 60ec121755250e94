/* SPDX-License-Identifier: GPL-3.0-or-later
 * Where the cuts fell, as pictures: one stacked bar per phase of the update, and bars over its flash operations. */
#ifndef REPORT_HISTOGRAM_H
#define REPORT_HISTOGRAM_H
#include <stddef.h>
#include <stdint.h>

struct buf;

/* What a cut left of the flash operation it hit; HISTOGRAM_IDLE: it hit none. */
enum histogram_outcome {
    HISTOGRAM_BEFORE, HISTOGRAM_TORN, HISTOGRAM_ECC, HISTOGRAM_PARTIAL, HISTOGRAM_AFTER, HISTOGRAM_IDLE, HISTOGRAM_OUTCOMES
};

struct histogram_bar {
    uint64_t count[HISTOGRAM_OUTCOMES]; /* cuts */
    uint64_t failed;                    /* cuts of trials that violated a law */
};

enum { HISTOGRAM_BARS = 128 };

/* A phase on the axis of operations. Each gets room to be seen: three operations that activate an image matter more than thousands
 * that write it. */
struct histogram_stretch {
    const char *name;  /* not owned */
    uint64_t from, to; /* first and last operation, from 1 */
    double x, width;   /* by histogram_lay */
    size_t bars;       /* by histogram_lay: never more than operations */
    struct histogram_bar bar[HISTOGRAM_BARS];
};

/* "torn-3" is HISTOGRAM_TORN; an unknown word or NULL is HISTOGRAM_IDLE. */
enum histogram_outcome histogram_outcome(const char *word);
uint64_t histogram_total(const struct histogram_bar *b);
void histogram_legend(struct buf *out);
/* One horizontal bar as long as its share of most, the largest total of the table it stands in. */
void histogram_row(struct buf *out, const struct histogram_bar *b, uint64_t most);
/* Gives each stretch its place and the number of its bars. */
void histogram_lay(struct histogram_stretch *s, size_t count);
/* The bar of an operation; NULL when it is in no stretch. */
struct histogram_bar *histogram_bar_of(struct histogram_stretch *s, size_t count, uint64_t op);
/* title for screen readers. */
void histogram_operations(struct buf *out, const struct histogram_stretch *s, size_t count, const char *title);

#endif
