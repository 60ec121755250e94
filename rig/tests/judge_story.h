/* SPDX-License-Identifier: GPL-3.0-or-later
 * Stories judged: what the tests of the laws share. */
#ifndef TESTS_JUDGE_STORY_H
#define TESTS_JUDGE_STORY_H
#include "judge/judge.h"

struct journal;

struct story_judged {
    struct judge_result all;
    char kind[JUDGE_LAWS][40]; /* kinds may point into the journal, which is gone */
};

/* The scenario around the story: image offered, expect, waive (JSON), planned faults (JSON). Each STORY_TEST begins with v2, {},
 * {} and story_cut. */
extern const char *story_offered, *story_expect, *story_waive, *story_faults;
int story_reset(void **state);
#define STORY_TEST(f) cmocka_unit_test_setup(f, story_reset)

#define STORY_BOOT(t) t " dut boot slot=b version=2.0.0 digest=D2 attempt=1 counter=2 confirmed=0\n"
#define STORY_END(t, why) t " end why=" why " boots=3 fetched=8192 updates=0\n"

struct journal *story_open(const char *story, uint64_t trials); /* the same story in every trial */
struct story_judged story_judge(const char *story);
/* The law must answer this, and cite lines when it is violated; fails the test otherwise. */
void story_law(const char *story, const char *id, enum law_state state, const char *kind);
/* The same for the good story with one edit; and for the good story up to the line that begins with upto, then rest. */
void story_edited(const char *from, const char *to, const char *id, enum law_state state, const char *kind);
void story_end_law(const char *upto, const char *rest, const char *id, enum law_state state, const char *kind);
char *story_until(const char *upto, const char *rest); /* free it */
void story_holds(const char *story);                   /* every law holds or does not apply */

#endif
