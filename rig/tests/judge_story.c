/* SPDX-License-Identifier: GPL-3.0-or-later
 * Stories judged. */
#include "judge_story.h"

#include "base/buf.h"
#include "base/err.h"
#include "journal_story.h"
#include "record/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const char *story_offered = "v2", *story_expect = "{}", *story_waive = "{}", *story_faults = story_cut;

int story_reset(void **state)
{
    (void)state;
    story_offered = "v2";
    story_expect = story_waive = "{}";
    story_faults = story_cut;
    story_signer = "";
    return 0;
}

struct journal *story_open(const char *story, uint64_t trials)
{
    struct buf text = {0};
    struct journal *j = NULL;
    struct err e = {0};
    story_header(&text, story_offered, trials, story_expect, story_waive);
    for (uint64_t n = 1; n <= trials; n++)
        story_trial(&text, n, story_faults, story);
    char *path = story_file(text.data, text.size);
    if (journal_read(path, &j, &e))
        fail_msg("%s", e.text);
    story_forget(path);
    buf_free(&text);
    return j;
}

struct story_judged story_judge(const char *story)
{
    struct story_judged out;
    struct journal *j = story_open(story, 1);
    const struct journal_trial *t;
    struct err e = {0};
    int r = journal_next_trial(j, &t, &e);
    if (r != 1 || !t->finished)
        fail_msg("no whole trial: %s", e.text);
    judge_trial(journal_header(j), t, &out.all);
    for (size_t i = 0; i < JUDGE_LAWS; i++)
        snprintf(out.kind[i], sizeof out.kind[i], "%s", out.all.law[i].kind);
    journal_free(j);
    return out;
}

void story_law(const char *story, const char *id, enum law_state state, const char *kind)
{
    struct story_judged got = story_judge(story);
    size_t i = judge_law_index(id);
    assert_true(i < JUDGE_LAWS);
    if (got.all.law[i].state != state || strcmp(got.kind[i], kind) != 0)
        fail_msg("%s: %s %s (%s), wanted %s %s", id, law_state_name(got.all.law[i].state), got.kind[i], got.all.law[i].why,
                 law_state_name(state), kind);
    assert_true(state != LAW_VIOLATED || (got.all.law[i].lines > 0 && got.all.law[i].why[0]));
}

void story_edited(const char *from, const char *to, const char *id, enum law_state state, const char *kind)
{
    char *story = story_edit(story_good, from, to);
    story_law(story, id, state, kind);
    free(story);
}

char *story_until(const char *upto, const char *rest)
{
    const char *at = strstr(story_good, upto);
    assert_non_null(at);
    return mem_printf("%.*s%s", (int)(at - story_good), story_good, rest);
}

void story_end_law(const char *upto, const char *rest, const char *id, enum law_state state, const char *kind)
{
    char *story = story_until(upto, rest);
    story_law(story, id, state, kind);
    free(story);
}

void story_holds(const char *story)
{
    struct story_judged got = story_judge(story);
    for (size_t i = 0; i < JUDGE_LAWS; i++)
        if (got.all.law[i].state != LAW_HELD && got.all.law[i].state != LAW_NOT_APPLICABLE)
            fail_msg("%s: %s %s: %s", judge_law(i)->id, law_state_name(got.all.law[i].state), got.kind[i], got.all.law[i].why);
    assert_int_equal(got.all.outcome, LAW_HELD);
}
