/* SPDX-License-Identifier: GPL-3.0-or-later
 * A log of single double-word records in two flash pages that survives a power cut in any operation. (Method: top of reclog.c.)
 * The boot-state log stands on it (bootlog.h), and so may any other small state: each log has its own two pages and its own
 * kinds.
 */
#ifndef OTA_RECLOG_H
#define OTA_RECLOG_H
#include <stdbool.h>
#include <stdint.h>

/* What a record says. kind 1..14 is the log owner's (0 and 15 can never be read back: all-zero and erased words), arg 0..15. */
struct reclog_record {
    uint8_t kind;
    uint8_t arg;
    uint32_t value;
};

enum { RECLOG_KIND_PAGE = 14 }; /* reserved: heads a page; value = the page's generation */

enum reclog_result {
    RECLOG_OK = 0,
    RECLOG_FLASH = -1, /* the flash would not take it, or took too many words badly */
    RECLOG_FULL = -2,  /* even a fresh page has no room for the live records */
};

/* Calls emit(emit_ctx, record) for every record that still matters, oldest first: what a page turnover carries over. */
typedef void reclog_emit_fn(void *emit_ctx, const struct reclog_record *r);
typedef void reclog_live_fn(void *ctx, reclog_emit_fn *emit, void *emit_ctx);

struct reclog {
    uint32_t base;       /* of the first of the two pages */
    int page;            /* active page 0 or 1; -1: none yet */
    uint32_t generation; /* of the active page */
    uint32_t next;       /* index of the first word behind the last used one, 1..256 */
    bool other_doubtful; /* the other page holds a head that is neither valid nor erased: erased before the next append */
};

/* Finds the active page of the two pages at base; writes nothing. */
void reclog_open(struct reclog *log, uint32_t base);

/* Calls fn for each valid record of the active page, oldest first. Words that are erased, torn, ECC-bad or foreign are passed
 * over. */
void reclog_each(const struct reclog *log, void (*fn)(void *ctx, const struct reclog_record *r), void *ctx);

/* Appends one record and reads it back. When the page is full the records that live() emits, then r, go to a fresh page first.
 * When it returns RECLOG_OK the record is there for good; when power goes meanwhile it is either there for good or not at all. A
 * negative result means: not there. live must not contain r yet. */
int reclog_append(struct reclog *log, const struct reclog_record *r, reclog_live_fn *live, void *live_ctx);

/* Starts a fresh page that holds just what live emits (NULL: nothing): forgets everything else, atomically. */
int reclog_compact(struct reclog *log, reclog_live_fn *live, void *live_ctx);

/* The encoding, for tests and tools. Decoding fails when the word is not a record written at (generation, index). */
void reclog_encode(const struct reclog_record *r, uint32_t generation, uint32_t index, uint8_t word[8]);
bool reclog_decode(const uint8_t word[8], uint32_t generation, uint32_t index, struct reclog_record *r);

#endif
