/* SPDX-License-Identifier: GPL-3.0-or-later
 * The journal: append-only JSON lines, one block per trial (events.md lists the vocabulary). The writer syncs whole blocks; the
 * reader streams trial by trial, so that 20,000 trials need no more memory than the largest one. */
#ifndef RECORD_JOURNAL_H
#define RECORD_JOURNAL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct header;
struct json;

enum {
    JOURNAL_SCHEMA = 1,
    JOURNAL_LINE_MOST = 4 << 20,    /* bytes of a line; longer ones are refused by their number */
    JOURNAL_EVENTS_MOST = 100000,   /* events of one trial */
    JOURNAL_TOP_MOST = 20000,       /* records outside of trials */
    JOURNAL_SKEW_MS = 100,          /* an operation is stamped with its beginning: records may go back in time by this much */
};

/* --- writing --- */

struct journal_writer;

/* Creates path (refused when it is there) and syncs the header as line 1; its folder must exist. header stays the caller's.
 * RIG_EINPUT: exists, or another writer holds it; RIG_EIO: what the host refused, with the path. */
int journal_create(const char *path, const struct json *header, struct journal_writer **out, struct err *e);
/* Opens an unfinished journal for going on: checks that its header is byte for byte this plan's (else RIG_EINPUT saying which
 * member differs), reads every block and cuts off what stands behind the last whole one. An absent or empty file is created. A
 * damaged line in front of a whole block is an error, never cut off. */
int journal_open_resume(const char *path, const struct json *header, struct journal_writer **out, struct err *e);
/* Whole records, each ended by a newline: one trial from `trial` to `end`, or records that stand outside of trials. Written and
 * synced before it returns. When the host fails (disk full), the journal is cut back to its last whole block and RIG_EIO tells
 * path and reason: nothing that was synced is lost and the caller may try again. */
int journal_append_block(struct journal_writer *w, const char *lines, size_t n, struct err *e);
/* Of a resumed journal: whether trial n (from 1) has its end; how many have. Includes what was appended since. */
bool journal_finished(const struct journal_writer *w, uint64_t n);
uint64_t journal_finished_count(const struct journal_writer *w);
/* Of a resumed journal: whether the `reference` record of this id is there. */
bool journal_has_reference(const struct journal_writer *w, const char *id);
void journal_close(struct journal_writer *w); /* takes NULL */

/* --- reading --- */

/* One record. What ev names, and the members that nearly every reader asks for. */
struct journal_event {
    const char *ev;          /* never NULL; a name that this version does not know is kept */
    const char *kind;        /* of `dut`: reset, boot, running, …; "" otherwise */
    int64_t t; /* ns of the trial's clock; never falls within a trial (a record that goes back gets the time before) */
    size_t line;             /* of the file, from 1: findings cite it */
    const struct json *json; /* the whole record */
};

struct journal_trial {
    uint64_t n;              /* from 1, in the run */
    uint64_t k;              /* from 0, in its scenario */
    size_t scenario;         /* index into the header's scenarios; always valid */
    bool finished;           /* has its end: only the last block of a file may lack it */
    const struct journal_event *event; /* event[0] is `trial`, the last is `end` when finished */
    size_t count;
    const struct json *all;  /* the same records as a JSON array */
};

struct journal;

/* path: a journal, or a run folder that holds journal.jsonl. Reads the header and what stands before the first trial.
 * RIG_EINPUT with path:line for whatever is not a journal of this schema. */
int journal_read(const char *path, struct journal **out, struct err *e);
/* The next trial, valid until the next call: 1. No more: 0. Damaged: a negative RIG_E… with path:line. A last line or block that
 * was being written when the host died is no damage: it comes as a trial that is not finished. */
int journal_next_trial(struct journal *j, const struct journal_trial **out, struct err *e);
int journal_rewind(struct journal *j, struct err *e); /* to before the first trial */
const struct header *journal_header(const struct journal *j);
/* Records outside of trials (reference, bench) as far as read, in file order. */
size_t journal_top_count(const struct journal *j);
const struct journal_event *journal_top(const struct journal *j, size_t i);
const char *journal_path(const struct journal *j); /* of the file itself */
void journal_free(struct journal *j);              /* takes NULL */

/* Is this the record `ev`, and for `dut` of that kind (NULL: any)? */
bool journal_is(const struct journal_event *event, const char *ev, const char *kind);
/* Members of an event: json_str, or "" when missing; json_int; and numbers that a console pattern left as text ("12"). */
const char *journal_text(const struct journal_event *event, const char *member);
int64_t journal_number(const struct journal_event *event, const char *member, int64_t otherwise);
/* true, or 1, or "1": consoles say confirmed=1. */
bool journal_flag(const struct journal_event *event, const char *member);

#endif
