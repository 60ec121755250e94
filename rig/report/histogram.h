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

struct histogram_span {
    const char *name; /* of a phase; not owned */
    uint64_t from, to; /* first and last operation, from 1 */
};

/* "torn-3" is HISTOGRAM_TORN; an unknown word or NULL is HISTOGRAM_IDLE. */
enum histogram_outcome histogram_outcome(const char *word);
uint64_t histogram_total(const struct histogram_bar *b);
void histogram_legend(struct buf *out);
/* One horizontal bar as long as its share of most, the largest total of the table it stands in. */
void histogram_row(struct buf *out, const struct histogram_bar *b, uint64_t most);
/* bar[i] covers the operations from 1 + i * operations / bars on. span: phases on the same axis. title for screen readers. */
void histogram_operations(struct buf *out, const struct histogram_bar *bar, size_t bars, uint64_t operations,
                          const struct histogram_span *span, size_t spans, const char *title);

#endif
