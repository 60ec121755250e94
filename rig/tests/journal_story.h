/* SPDX-License-Identifier: GPL-3.0-or-later
 * Journals for tests, written as a story: one short line per record. */
#ifndef TESTS_JOURNAL_STORY_H
#define TESTS_JOURNAL_STORY_H
#include <stddef.h>
#include <stdint.h>

struct buf;

/* A line is "MS EV key=value …", for console lines "MS dut KIND key=value …"; key:value is a string even where it looks like a
 * number; nothing follows EV for records without members. D1, D2, D3, DX stand for the digests of v1, v2, v3 and of attack
 * content. `end` gets `running` from run=VERSION. */
void story_lines(struct buf *out, const char *story);
/* Header of images v1 v2 v3 (1.0.0 to 3.0.0, counters 1 to 3; v2 also as v2-unsigned, not genuine, of the same digest; v2x,
 * attack content) and one scenario v1 > offered of that many trials. expect and waive are JSON text ("{}"). */
void story_header(struct buf *out, const char *offered, uint64_t trials, const char *expect, const char *waive);
/* One whole block: `trial` n with these planned faults (JSON text, "[]"), then the story. */
void story_trial(struct buf *out, uint64_t n, const char *faults, const char *story);
/* A copy of story with the only occurrence of from replaced; fails the test when there is not exactly one. Free it. */
char *story_edit(const char *story, const char *from, const char *to);
char *story_edit_free(char *story, const char *from, const char *to); /* frees story */
/* Writes bytes to a fresh file and gives its path; story_forget removes file and path. */
char *story_file(const void *bytes, size_t n);
void story_forget(char *path);

/* A trial in which everything is as it should be: cut while it writes, resumed, updated, confirmed, power-cycled. */
extern const char story_good[];
extern const char story_cut[]; /* its planned faults */
extern const char *story_signer; /* of every image that is genuine; "": not said */

#endif
