/* SPDX-License-Identifier: GPL-3.0-or-later
 * What joins the laws, what the rig says of itself, and the verdict over a journal. */
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "journal_story.h"
#include "judge_story.h"
#include "judge/binomial.h"
#include "judge/judge.h"
#include "judge/verdict.h"
#include "record/header.h"
#include "record/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- the whole --- */

static void a_good_trial_holds_every_law(void **state)
{
    (void)state;
    story_holds(story_good);
    struct story_judged got = story_judge(story_good);
    for (size_t i = 0; i < JUDGE_LAWS; i++)
        assert_int_equal(got.all.law[i].state, strcmp(judge_law(i)->id, "L8") == 0 ? LAW_NOT_APPLICABLE : LAW_HELD);
    assert_int_equal(got.all.root, JUDGE_LAWS);
}

static void laws_are_in_the_order_of_the_catalogue(void **state)
{
    (void)state;
    static const char *const ids[] = {"L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9", "L10", "L11", "L12", "R1", "R2"};
    assert_int_equal(sizeof ids / sizeof *ids, JUDGE_LAWS);
    for (size_t i = 0; i < JUDGE_LAWS; i++)
        assert_string_equal(judge_law(i)->id, ids[i]);
    assert_null(judge_law(JUDGE_LAWS));
    assert_int_equal(judge_law_index("L99"), JUDGE_LAWS);
}

/* --- the rig's own --- */

static void a_cut_whose_rail_stayed_up_proves_nothing(void **state)
{
    (void)state;
    char *story = story_edit(story_good, "510 rail mv=0", "510 rail mv=1700");
    story_law(story, "R1", LAW_INCONCLUSIVE, "cut-not-real");
    assert_int_equal(story_judge(story).all.outcome, LAW_INCONCLUSIVE);
    free(story);
    story_edited("510 rail mv=0", "510 rail mv=1699", "R1", LAW_HELD, "");
    story_edited("510 rail mv=0\n", "", "R1", LAW_INCONCLUSIVE, "cut-not-real");
}

static void a_fault_that_never_happened_proves_nothing(void **state)
{
    (void)state;
    story_faults = "[{\"do\":\"power-cut\"},{\"do\":\"reset-pin\"}]";
    story_law(story_good, "R1", LAW_INCONCLUSIVE, "fault-not-delivered");
    story_faults = story_cut;
    story_edited("delivered=true", "delivered=false", "R1", LAW_INCONCLUSIVE, "fault-not-delivered");
}

static void a_brick_is_a_brick_even_when_a_later_fault_never_came(void **state)
{
    (void)state;
    story_faults = "[{\"do\":\"power-cut\"},{\"do\":\"reset-pin\"}]";
    char *story = story_until("1050 dut", "4000 timeout waiting=running ms=3000\n" STORY_END("4000", "timeout"));
    assert_int_equal(story_judge(story).all.outcome, LAW_VIOLATED);
    free(story);
}

static void what_was_seen_stands_on_an_unsound_bench(void **state)
{
    (void)state;
    char *story = story_edit(story_good, "1800 exec slot=b image=v2 digest=D2", "1800 exec slot=b image=v2x digest=DX");
    story = story_edit_free(story, "8000 cycle", "7900 bench reason=disk-full\n8000 cycle");
    story_law(story, "L3", LAW_VIOLATED, "attack-ran");
    assert_int_equal(story_judge(story).all.outcome, LAW_VIOLATED);
    free(story);
}

/* --- what joins the laws --- */

static void a_waived_law_is_shown_but_does_not_count(void **state)
{
    (void)state;
    story_waive = "{\"L10\":\"the settings page is worn out on purpose\"}";
    char *story = story_edit(story_good, "1810 dut settings id=0042 name=lamp", "1810 dut settings id=0042 name=default");
    story_law(story, "L10", LAW_WAIVED, "data-lost");
    assert_int_equal(story_judge(story).all.outcome, LAW_HELD);
    free(story);
}

static void the_brick_is_named_before_what_follows_from_it(void **state)
{
    (void)state;
    char *story = story_until("1050 dut", "4000 timeout waiting=running ms=3000\n" STORY_END("4000", "timeout"));
    struct story_judged got = story_judge(story);
    assert_string_equal(judge_law(got.all.root)->id, "L1");
    assert_int_equal(got.all.law[judge_law_index("L4")].state, LAW_VIOLATED);
    free(story);
}

static void the_law_that_broke_first_is_the_root(void **state)
{
    (void)state;
    /* A lie about the boot reason comes earlier, but does not outweigh the brick. Attempts without end come before the timeout.
     */
    char *rest = mem_printf("%s%s%s4710 timeout waiting=running ms=3000\n%s", STORY_BOOT("1810"), STORY_BOOT("1820"),
                            STORY_BOOT("1830"), STORY_END("4710", "timeout"));
    char *story = story_until("1800 dut", rest);
    story = story_edit_free(story, "1050 dut reset reason=power-on", "1050 dut reset reason=watchdog");
    struct story_judged got = story_judge(story);
    assert_int_equal(got.all.law[judge_law_index("L6")].state, LAW_VIOLATED);
    assert_int_equal(got.all.law[judge_law_index("L1")].state, LAW_VIOLATED);
    assert_string_equal(judge_law(got.all.root)->id, "L7");
    free(story);
    free(rest);
}

static void a_trial_in_which_nothing_can_be_judged_is_inconclusive(void **state)
{
    (void)state;
    story_faults = "[]";
    struct story_judged got = story_judge("0 console line=hello\n100 end why=done\n");
    assert_int_equal(got.all.law[judge_law_index("L2")].state, LAW_NOT_APPLICABLE);
    assert_true(got.all.outcome == LAW_HELD || got.all.outcome == LAW_INCONCLUSIVE);
}

/* --- the verdict --- */

static struct verdict *verdict_of(struct journal *j)
{
    struct verdict *v = NULL;
    struct err e = {0};
    if (verdict_make(j, &v, &e))
        fail_msg("%s", e.text);
    return v;
}

static void a_run_that_held_says_how_much_that_is_worth(void **state)
{
    (void)state;
    struct journal *j = story_open(story_good, 20);
    struct verdict *v = verdict_of(j);
    assert_int_equal(v->outcome, VERDICT_HELD);
    assert_int_equal(verdict_exit_code(v), 0);
    assert_int_equal(v->held, 20);
    assert_int_equal(v->findings, 0);
    assert_int_equal(v->phases, 1);
    assert_string_equal(v->phase[0].name, "write");
    assert_int_equal(v->phase[0].trials, 20);
    assert_true(v->upper > 0.139 && v->upper < 0.1392); /* 1 - 0.05^(1/20) = 0.13911 */
    assert_int_equal(verdict_trial_of(v, 20)->outcome, LAW_HELD);
    assert_null(verdict_trial_of(v, 21));
    verdict_free(v);
    journal_free(j);
}

static void findings_are_grouped_by_law_and_kind(void **state)
{
    (void)state;
    char *brick = story_until("1050 dut", "4000 timeout waiting=running ms=3000\n" STORY_END("4000", "timeout"));
    struct journal *j = story_open(brick, 30);
    struct verdict *v = verdict_of(j);
    assert_int_equal(verdict_exit_code(v), 1);
    assert_string_equal(judge_law(v->finding[0].law)->id, "L1");
    assert_string_equal(v->finding[0].kind, "silent");
    assert_int_equal(v->finding[0].count, 30);
    assert_int_equal(v->finding[0].roots, 30);
    assert_int_equal(v->finding[0].first, 1);
    assert_int_equal(v->finding[0].trials, VERDICT_TRIALS_KEPT);
    assert_int_equal(v->phase[0].failed, 30);
    assert_true(v->upper == 1);
    verdict_free(v);
    journal_free(j);
    free(brick);
}

static struct verdict *verdict_of_text(const char *text, size_t n, struct journal **j)
{
    struct err e = {0};
    char *path = story_file(text, n);
    if (journal_read(path, j, &e))
        fail_msg("%s", e.text);
    story_forget(path);
    return verdict_of(*j);
}

static void one_violation_outweighs_what_is_inconclusive(void **state)
{
    (void)state;
    struct buf text = {0};
    struct journal *j;
    char *unreal = story_edit(story_good, "510 rail mv=0", "510 rail mv=3300");
    char *brick = story_until("1050 dut", "4000 timeout waiting=running ms=3000\n" STORY_END("4000", "timeout"));
    story_header(&text, "v2", 3, "{}", "{}");
    story_trial(&text, 1, story_cut, story_good);
    story_trial(&text, 2, story_cut, unreal);
    size_t two = text.size;
    story_trial(&text, 3, story_cut, brick);
    struct verdict *v = verdict_of_text(text.data, text.size, &j);
    assert_int_equal(verdict_exit_code(v), 1);
    assert_int_equal(v->inconclusive, 1);
    verdict_free(v);
    journal_free(j);
    v = verdict_of_text(text.data, two, &j); /* the third never ran, the second is inconclusive */
    assert_int_equal(verdict_exit_code(v), 2);
    verdict_free(v);
    journal_free(j);
    free(unreal);
    free(brick);
    buf_free(&text);
}

static void a_run_that_was_cut_short_has_not_held(void **state)
{
    (void)state;
    struct buf text = {0};
    struct journal *j;
    story_header(&text, "v2", 2, "{}", "{}");
    size_t none = text.size;
    story_trial(&text, 1, story_cut, story_good);
    struct verdict *v = verdict_of_text(text.data, text.size, &j);
    assert_int_equal(verdict_exit_code(v), 2);
    verdict_free(v);
    journal_free(j);
    v = verdict_of_text(text.data, text.size - 20, &j); /* torn: no trial came to its end */
    assert_int_equal(verdict_exit_code(v), 5);
    assert_int_equal(v->unfinished, 1);
    verdict_free(v);
    journal_free(j);
    v = verdict_of_text(text.data, none, &j);
    assert_int_equal(verdict_exit_code(v), 5);
    verdict_free(v);
    journal_free(j);
    buf_free(&text);
}

static void a_reference_that_failed_makes_the_run_inconclusive(void **state)
{
    (void)state;
    struct buf text = {0};
    struct journal *j;
    story_header(&text, "v2", 1, "{}", "{}");
    buf_str(&text, "{\"ev\":\"bench\",\"reason\":\"reference-failed\",\"detail\":\"v1>v2\"}\n");
    story_trial(&text, 1, story_cut, story_good);
    struct verdict *v = verdict_of_text(text.data, text.size, &j);
    assert_int_equal(verdict_exit_code(v), 2);
    assert_string_equal(v->finding[0].kind, "reference-failed");
    verdict_free(v);
    journal_free(j);
    buf_free(&text);
}

static char *printed(const char *bytes, size_t n)
{
    struct journal *j;
    struct verdict *v = verdict_of_text(bytes, n, &j);
    struct json *json = verdict_json(v, j);
    char *text = json_print_pretty(json);
    json_free(json);
    verdict_free(v);
    journal_free(j);
    return text;
}

static void the_same_bytes_give_the_same_verdict_wherever_they_lie(void **state)
{
    (void)state;
    struct buf text = {0};
    char *brick = story_until("1050 dut", "4000 timeout waiting=running ms=3000\n" STORY_END("4000", "timeout"));
    story_header(&text, "v2", 2, "{}", "{}");
    story_trial(&text, 1, story_cut, story_good);
    story_trial(&text, 2, story_cut, brick);
    char *a = printed(text.data, text.size), *b = printed(text.data, text.size); /* two different files */
    assert_string_equal(a, b);
    assert_non_null(strstr(a, "\"silent\""));
    free(a);
    free(b);
    free(brick);
    buf_free(&text);
}

static void the_order_of_trials_does_not_change_the_counts(void **state)
{
    (void)state;
    struct buf one = {0}, other = {0};
    struct journal *a, *b;
    char *brick = story_until("1050 dut", "4000 timeout waiting=running ms=3000\n" STORY_END("4000", "timeout"));
    story_header(&one, "v2", 2, "{}", "{}");
    story_header(&other, "v2", 2, "{}", "{}");
    story_trial(&one, 1, story_cut, story_good);
    story_trial(&one, 2, story_cut, brick);
    story_trial(&other, 2, story_cut, brick);
    story_trial(&other, 1, story_cut, story_good);
    struct verdict *v = verdict_of_text(one.data, one.size, &a), *w = verdict_of_text(other.data, other.size, &b);
    assert_int_equal(v->violated, w->violated);
    assert_int_equal(v->held, w->held);
    assert_int_equal(v->trial[0].n, w->trial[0].n);
    assert_int_equal(v->findings, w->findings);
    verdict_free(v);
    verdict_free(w);
    journal_free(a);
    journal_free(b);
    buf_free(&one);
    buf_free(&other);
    free(brick);
}

static void the_bound_is_clopper_and_pearsons(void **state)
{
    (void)state;
    /* 0 of n: 1 - 0.05^(1/n). k of n: the 0.95 quantile of Beta(k+1, n-k). */
    static const struct {
        uint64_t k, n;
        double upper;
    } row[] = {{0, 1, 0.95},       {0, 10, 0.258866},   {0, 1000, 0.0029912},    {1, 10, 0.394163},
               {5, 100, 0.102253}, {50, 100, 0.586378}, {0, 20000, 0.000149775}, {9, 10, 0.994884}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        double got = binomial_upper(row[i].k, row[i].n);
        if (got < row[i].upper * 0.9999 || got > row[i].upper * 1.0001)
            fail_msg("%llu of %llu: %.7f, not %.7f", (unsigned long long)row[i].k, (unsigned long long)row[i].n, got,
                     row[i].upper);
    }
    assert_true(binomial_upper(0, 0) == 1 && binomial_upper(7, 7) == 1);
    for (uint64_t k = 0; k < 50; k++)
        assert_true(binomial_upper(k, 200) < binomial_upper(k + 1, 200));
    assert_true(binomial_upper(10000, 20000) > 0.5 && binomial_upper(10000, 20000) < 0.51);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY_TEST(a_good_trial_holds_every_law),
        STORY_TEST(laws_are_in_the_order_of_the_catalogue),
        STORY_TEST(a_cut_whose_rail_stayed_up_proves_nothing),
        STORY_TEST(a_fault_that_never_happened_proves_nothing),
        STORY_TEST(a_brick_is_a_brick_even_when_a_later_fault_never_came),
        STORY_TEST(what_was_seen_stands_on_an_unsound_bench),
        STORY_TEST(a_waived_law_is_shown_but_does_not_count),
        STORY_TEST(the_brick_is_named_before_what_follows_from_it),
        STORY_TEST(the_law_that_broke_first_is_the_root),
        STORY_TEST(a_trial_in_which_nothing_can_be_judged_is_inconclusive),
        STORY_TEST(a_run_that_held_says_how_much_that_is_worth),
        STORY_TEST(findings_are_grouped_by_law_and_kind),
        STORY_TEST(one_violation_outweighs_what_is_inconclusive),
        STORY_TEST(a_run_that_was_cut_short_has_not_held),
        STORY_TEST(a_reference_that_failed_makes_the_run_inconclusive),
        STORY_TEST(the_same_bytes_give_the_same_verdict_wherever_they_lie),
        STORY_TEST(the_order_of_trials_does_not_change_the_counts),
        STORY_TEST(the_bound_is_clopper_and_pearsons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
