/* SPDX-License-Identifier: GPL-3.0-or-later
 * Lines of a journal put together into trials: what the reader and a resuming writer share. */
#ifndef RECORD_BLOCK_H
#define RECORD_BLOCK_H
#include "record/journal.h"
#include "record/line.h"

struct header;

/* A set of trial numbers. */
struct block_set {
    uint8_t *bits;
    uint64_t most, count; /* numbers are 1 … most */
};
bool block_set_has(const struct block_set *s, uint64_t n);
void block_set_add(struct block_set *s, uint64_t n);

struct block {
    struct line *line;
    struct header *header;     /* after block_header */
    struct block_set seen;     /* finished trials; a second block of one is an error */
    struct journal_trial trial; /* of BLOCK_TRIAL and BLOCK_PART */
    struct journal_event *event;
    size_t room;
    struct json *all;
    struct json *top;          /* of BLOCK_TOP: the record, until the next call */
    size_t top_line;
};

enum block_kind {
    BLOCK_END,   /* nothing more */
    BLOCK_TRIAL, /* a whole trial */
    BLOCK_TOP,   /* a record outside of trials */
    BLOCK_PART,  /* what was being written when the host died: a trial without its end; only ever last */
};

/* Reads line 1. RIG_EINPUT with path:1 when it is no header. */
int block_header(struct block *b, struct line *line, struct err *e);
/* The next block: a block_kind, or a negative RIG_E… with path:line. */
int block_next(struct block *b, struct err *e);
void block_rewind(struct block *b); /* the caller has put line behind the header again */
void block_free(struct block *b);
/* Fills in what journal_event says about a record. */
struct journal_event block_event(const struct json *record, int64_t t, size_t line);

#endif
