/* SPDX-License-Identifier: GPL-3.0-or-later
 * Writes down what happened, in the words of record/events.md. Nothing here judges. */
#ifndef RUN_NOTE_H
#define RUN_NOTE_H
#include <stdbool.h>
#include <stdint.h>

struct bench_event;
struct bench_op;
struct buf;
struct json;

/* A new event object {"ev":ev,"t":t}; members are added by the caller. */
struct json *note_new(const char *ev, uint64_t t);
/* Appends the line and frees the object. */
void note_add(struct buf *out, struct json *event);

void note_power(struct buf *out, uint64_t t, int on, const char *why);
void note_rail(struct buf *out, uint64_t t, unsigned mv);
void note_reset(struct buf *out, uint64_t t, const char *cause, const char *by);
void note_simple(struct buf *out, uint64_t t, const char *ev); /* faults-over, dead, cycle */
void note_timeout(struct buf *out, uint64_t t, const char *waiting, uint64_t limit_ns);
void note_bench_fault(struct buf *out, uint64_t t, const char *reason, const char *detail);
/* asked: when the request arrived, ns; 0: not seen. delta: of a delta image, not of an image. */
void note_response(struct buf *out, const struct bench_event *ev, uint64_t asked, bool delta);
void note_tls(struct buf *out, const struct bench_event *ev);
void note_told(struct buf *out, const struct bench_event *ev);
void note_oddity(struct buf *out, const struct bench_event *ev); /* access, flash-error, cpu-fault, bad request */
void note_write_running(struct buf *out, const struct bench_op *op, const char *slot);
/* "torn-3", "ecc", … of a cut; "none" when no operation was under way. buf holds at least 16 bytes. */
const char *note_outcome(const struct bench_op *op, char text[16]);
#endif
