/* SPDX-License-Identifier: GPL-3.0-or-later
 * The laws. Each test takes the story of a good trial (journal_story.c) and changes as little of it as breaks one law, or as little
 * as makes it undecidable; what the laws must not mind is changed too. */
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "journal_story.h"
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
#include <unistd.h>

#include <cmocka.h>

struct judged {
    struct judge_result all;
    char kind[JUDGE_LAWS][40]; /* kinds may point into the journal, which is gone */
};

static const char *offered = "v2", *expect = "{}", *waive = "{}", *faults = story_cut;

static struct journal *open_story(const char *story, uint64_t trials)
{
    struct buf text = {0};
    struct journal *j = NULL;
    struct err e = {0};
    story_header(&text, offered, trials, expect, waive);
    for (uint64_t n = 1; n <= trials; n++)
        story_trial(&text, n, faults, story);
    char *path = story_file(text.data, text.size);
    if (journal_read(path, &j, &e))
        fail_msg("%s", e.text);
    story_forget(path);
    buf_free(&text);
    return j;
}

static struct judged judge(const char *story)
{
    static struct judged out;
    struct journal *j = open_story(story, 1);
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

/* The answer of one law, "held", "violated boot-loop", …; frees the story when asked to. */
static void expect_law(const char *story, const char *id, enum law_state state, const char *kind)
{
    struct judged got = judge(story);
    size_t i = judge_law_index(id);
    assert_true(i < JUDGE_LAWS);
    if (got.all.law[i].state != state || strcmp(got.kind[i], kind) != 0)
        fail_msg("%s: %s %s (%s), wanted %s %s", id, law_state_name(got.all.law[i].state), got.kind[i], got.all.law[i].why,
                 law_state_name(state), kind);
    assert_true(state != LAW_VIOLATED || (got.all.law[i].lines > 0 && got.all.law[i].why[0]));
}

static void edited(const char *from, const char *to, const char *id, enum law_state state, const char *kind)
{
    char *story = story_edit(story_good, from, to);
    expect_law(story, id, state, kind);
    free(story);
}

static void holds(const char *story)
{
    struct judged got = judge(story);
    for (size_t i = 0; i < JUDGE_LAWS; i++)
        if (got.all.law[i].state != LAW_HELD && got.all.law[i].state != LAW_NOT_APPLICABLE)
            fail_msg("%s: %s %s: %s", judge_law(i)->id, law_state_name(got.all.law[i].state), got.kind[i], got.all.law[i].why);
    assert_int_equal(got.all.outcome, LAW_HELD);
}

static int reset_world(void **state)
{
    (void)state;
    offered = "v2";
    expect = waive = "{}";
    faults = story_cut;
    return 0;
}

/* The good story up to the line that begins with `upto`, then another end. */
static char *ends_with(const char *upto, const char *rest)
{
    const char *at = strstr(story_good, upto);
    assert_non_null(at);
    return mem_printf("%.*s%s", (int)(at - story_good), story_good, rest);
}

static void expect_end(const char *upto, const char *rest, const char *id, enum law_state state, const char *kind)
{
    char *story = ends_with(upto, rest);
    expect_law(story, id, state, kind);
    free(story);
}

#define END(t, why) t " end why=" why " boots=3 fetched=8192 updates=0\n"

/* --- the whole --- */

static void a_good_trial_holds_every_law(void **state)
{
    (void)state;
    holds(story_good);
    struct judged got = judge(story_good);
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

/* --- L1 --- */

static void silence_after_the_cut_is_a_brick(void **state)
{
    (void)state;
    expect_end("1050 dut", "4000 timeout waiting=running ms=3000\n" END("4000", "timeout"), "L1", LAW_VIOLATED, "silent");
    expect_end("1060 dut", "4000 timeout waiting=running ms=3000\n" END("4000", "timeout"), "L1", LAW_VIOLATED, "silent");
}

static void silence_is_a_brick_without_a_timeout_record_too(void **state)
{
    (void)state;
    expect_end("1050 dut", END("4001", "done"), "L1", LAW_VIOLATED, "silent");
    expect_end("1050 dut", END("3900", "done"), "L1", LAW_HELD, "");
}

static void a_boot_loop_is_a_brick(void **state)
{
    (void)state;
    static const char loop[] = "1050 dut reset reason=power-on\n1060 cpu-fault kind=nmi-ecc pc=0x08000abc\n1061 reset cause=software by=device\n"
                               "1100 dut reset reason=software\n1111 reset cause=software by=device\n1150 dut reset reason=software\n"
                               "1161 reset cause=software by=device\n4000 timeout waiting=running ms=3000\n" END("4000", "timeout");
    expect_end("1050 dut", loop, "L1", LAW_VIOLATED, "boot-loop");
    expect_end("1050 dut", loop, "L6", LAW_HELD, "");
}

static void a_device_that_resets_itself_does_not_win_time(void **state)
{
    (void)state;
    /* Resets every second, always within the deadline of the one before. */
    expect_end("1050 dut", "1900 reset cause=watchdog by=device\n2900 reset cause=watchdog by=device\n3900 reset cause=watchdog by=device\n"
               "4100 dut running slot=a version=1.0.0 digest=D1 confirmed=1\n" END("9000", "done"), "L1", LAW_VIOLATED, "late");
}

static void recovery_is_a_brick(void **state)
{
    (void)state;
    expect_end("1060 dut", "1055 dut slot slot=a state=bad-hash\n1056 dut slot slot=b state=empty\n1060 dut recovery cause=bad-hash\n"
               "4000 timeout waiting=running ms=3000\n" END("4000", "timeout"), "L1", LAW_VIOLATED, "stuck-in-recovery");
    expect_end("1060 dut", "1055 dut slot slot=a state=valid version=1.0.0\n1060 dut recovery cause=bad-magic\n"
               "4000 timeout waiting=running ms=3000\n" END("4000", "timeout"), "L1", LAW_VIOLATED, "good-slot-ignored");
}

static void recovery_that_ends_by_itself_in_time_is_none(void **state)
{
    (void)state;
    edited("1060 dut boot", "1055 dut recovery cause=ecc\n1060 dut boot", "L1", LAW_HELD, "");
}

static void a_further_fault_restarts_the_clock(void **state)
{
    (void)state;
    static const char *const again = "3500 fault i=1 do=power-cut delivered=true phase=boot\n3500 power on=false why=fault\n3500 rail mv=0\n"
                                     "3600 power on=true why=fault\n3600 reset cause=power-on by=rig\n";
    char *story = mem_printf("%s3650 dut reset reason=power-on\n6000 dut running slot=a version=1.0.0 digest=D1 confirmed=1\n%s", again,
                             END("6100", "done"));
    expect_end("1050 dut", story, "L1", LAW_HELD, "");
    free(story);
    story = mem_printf("%s3650 dut reset reason=power-on\n6601 dut running slot=a version=1.0.0 digest=D1 confirmed=1\n%s", again,
                       END("6700", "done"));
    expect_end("1050 dut", story, "L1", LAW_VIOLATED, "late");
    free(story);
}

static void a_dead_processor_is_a_brick_even_when_the_application_ran(void **state)
{
    (void)state;
    expect_end("1200 dut", "1150 dead\n" END("1150", "dead"), "L1", LAW_VIOLATED, "silent");
}

static void a_reset_of_its_own_must_end_in_the_application_too(void **state)
{
    (void)state;
    expect_end("1760 dut", "4710 timeout waiting=running ms=3000\n" END("4710", "timeout"), "L1", LAW_VIOLATED, "silent");
}

static void silence_on_a_broken_bench_is_no_brick(void **state)
{
    (void)state;
    expect_end("1050 dut", "1200 bench reason=console-lost detail=gone\n" END("9000", "bench"), "L1", LAW_INCONCLUSIVE, "unsound-bench");
    expect_end("1050 dut", "1200 bench reason=console-lost detail=gone\n" END("9000", "bench"), "R2", LAW_INCONCLUSIVE, "console-lost");
}

/* --- L2 --- */

static void a_version_that_nobody_allowed_is_wrong(void **state)
{
    (void)state;
    expect = "{\"versions\":[\"1.0.0\"]}";
    edited("8000 cycle", "8000 cycle", "L2", LAW_VIOLATED, "wrong-version");
    expect = "{\"versions\":[\"1.0.0\",\"2.0.0\"]}";
    edited("8000 cycle", "8000 cycle", "L2", LAW_HELD, "");
}

static void a_version_of_no_image_is_unknown(void **state)
{
    (void)state;
    edited("8600 dut running slot=b version=2.0.0 digest=D2", "8600 dut running slot=b version=9.9.9 digest=D9", "L2", LAW_VIOLATED,
           "unknown-version");
}

static void a_trial_boot_of_an_image_that_will_not_stay_is_no_wrong_version(void **state)
{
    (void)state;
    expect = "{\"versions\":[\"1.0.0\"]}";
    expect_end("1900 dut", END("2500", "done"), "L2", LAW_HELD, "");
    expect = "{\"versions\":[\"1.0.0\"],\"refused\":true}";
    expect_end("1900 dut", END("2500", "done"), "L2", LAW_VIOLATED, "wrong-version");
}

static void a_good_offer_of_the_recovery_may_run(void **state)
{
    (void)state;
    expect = "{\"versions\":[\"1.0.0\"]}";
    edited("1000 faults-over", "1000 faults-over\n1000 offer version=2.0.0 image=v2 good=true", "L2", LAW_HELD, "");
}

static void the_earlier_of_two_good_offers_may_still_run(void **state)
{
    (void)state;
    edited("8000 cycle", "7000 offer version=3.0.0 image=v3 good=true\n8000 cycle", "L2", LAW_HELD, "");
}

static void a_device_that_says_another_image_than_it_executes_lies(void **state)
{
    (void)state;
    edited("1800 exec slot=b image=v2 digest=D2", "1800 exec slot=b image=v3 digest=D3", "L2", LAW_VIOLATED, "wrong-claim");
    edited("1800 exec slot=b", "1800 exec slot=a", "L2", LAW_VIOLATED, "wrong-claim");
    edited("1800 dut running slot=b version=2.0.0 digest=D2", "1800 dut running slot=b version=3.0.0 digest=D2", "L2", LAW_VIOLATED,
           "wrong-claim");
}

static void a_confirmed_version_must_come_back(void **state)
{
    (void)state;
    char *story = story_edit(story_good, "8600 dut running slot=b version=2.0.0 digest=D2", "8600 dut running slot=a version=1.0.0 digest=D1");
    story = story_edit_free(story, "8600 exec slot=b image=v2 digest=D2", "8600 exec slot=a image=v1 digest=D1");
    expect_law(story, "L2", LAW_VIOLATED, "not-kept");
    expect_law(story, "L4", LAW_VIOLATED, "cannot-update-again");
    free(story);
}

/* --- L3 --- */

static void attack_content_must_never_run(void **state)
{
    (void)state;
    edited("1800 exec slot=b image=v2 digest=D2", "1800 exec slot=b image=v2x digest=DX", "L3", LAW_VIOLATED, "attack-ran");
    edited("1770 dut boot slot=b version=2.0.0 digest=D2", "1770 dut boot slot=b version=2.0.0 digest=DX", "L3", LAW_VIOLATED, "attack-ran");
}

static void an_unsigned_copy_is_attack_content_though_its_digest_is_genuine(void **state)
{
    (void)state;
    offered = "v2-unsigned";
    edited("0 offer version=2.0.0 image=v2 good=true", "0 offer version=2.0.0 image=v2-unsigned good=false", "L3", LAW_VIOLATED, "attack-ran");
}

static void a_good_offer_makes_the_digest_legitimate_once_it_is_fetched(void **state)
{
    (void)state;
    offered = "v2-unsigned";
    char *story = story_edit(story_good, "0 offer version=2.0.0 image=v2 good=true",
                             "0 offer version=2.0.0 image=v2-unsigned good=false\n205 dut stage stage=failed version=2.0.0 cause=unsigned\n"
                             "206 told stage=failed version=2.0.0 cause=unsigned");
    story = story_edit_free(story, "1000 faults-over", "1000 faults-over\n1000 offer version=2.0.0 image=v2 good=true");
    /* put the refusal in the order of time */
    story = story_edit_free(story, "205 dut stage stage=failed version=2.0.0 cause=unsigned\n206 told stage=failed version=2.0.0 cause=unsigned\n", "");
    story = story_edit_free(story, "400 dut chunk", "305 dut stage stage=failed version=2.0.0 cause=unsigned\n"
                            "306 told stage=failed version=2.0.0 cause=unsigned\n400 dut chunk");
    expect_law(story, "L3", LAW_HELD, "");
    expect_law(story, "L8", LAW_HELD, "");
    free(story);
}

static void what_no_image_has_is_unknown_content(void **state)
{
    (void)state;
    edited("1100 exec slot=a image=v1 digest=D1", "1100 exec slot=a image=unknown digest=D9", "L3", LAW_VIOLATED, "unknown-content");
    edited("1100 exec slot=a image=v1 digest=D1", "1100 exec slot=a", "L3", LAW_VIOLATED, "unknown-content");
    edited("1100 exec slot=a image=v1 digest=D1", "1100 exec slot=a image=v3 digest=D3", "L3", LAW_VIOLATED, "not-offered");
}

static void a_short_digest_is_enough(void **state)
{
    (void)state;
    edited("1100 dut running slot=a version=1.0.0 digest=D1", "1100 dut running slot=a version=1.0.0 digest=1111111111", "L3", LAW_HELD, "");
    edited("1100 dut running slot=a version=1.0.0 digest=D1", "1100 dut running slot=a version=1.0.0 digest=1111", "L3", LAW_VIOLATED,
           "unknown-content");
}

/* --- L4 --- */

static void a_device_that_cannot_update_again_is_bricked(void **state)
{
    (void)state;
    expect_end("1510 dut", "61000 timeout waiting=update ms=60000\n61000 end why=timeout run=1.0.0 boots=2 fetched=8192 updates=0\n", "L4",
               LAW_VIOLATED, "cannot-update-again");
    expect_end("1510 dut", "61000 timeout waiting=update ms=60000\n61000 end why=timeout run=1.0.0 boots=2 fetched=8192 updates=0\n", "L11",
               LAW_VIOLATED, "too-slow");
}

static void the_follow_up_update_counts_as_well(void **state)
{
    (void)state;
    edited("8000 cycle", "7000 offer version=3.0.0 image=v3 good=true\n8000 cycle", "L4", LAW_VIOLATED, "cannot-update-again");
}

static void an_update_that_was_complete_before_the_faults_counts(void **state)
{
    (void)state;
    char *story = story_edit(story_good, "1000 faults-over\n", "");
    story = story_edit_free(story, "8000 cycle", "7000 faults-over\n8000 cycle");
    holds(story);
    free(story);
}

static void more_updates_than_expected_are_too_many(void **state)
{
    (void)state;
    expect = "{\"eventually\":{\"version\":\"2.0.0\",\"updates\":1}}";
    edited("1510 dut stage", "1505 dut stage stage=started version=2.0.0\n1506 dut stage stage=failed version=2.0.0 cause=timeout\n"
           "1507 told stage=failed version=2.0.0 cause=timeout\n1508 dut stage stage=started version=2.0.0\n1510 dut stage", "L4", LAW_VIOLATED,
           "too-many-updates");
    expect = "{\"eventually\":{\"version\":\"2.0.0\",\"updates\":2}}";
    edited("1510 dut stage", "1505 dut stage stage=started version=2.0.0\n1506 dut stage stage=failed version=2.0.0 cause=timeout\n"
           "1507 told stage=failed version=2.0.0 cause=timeout\n1508 dut stage stage=started version=2.0.0\n1510 dut stage", "L4", LAW_HELD, "");
}

static void an_update_that_a_bench_fault_cut_short_is_undecided(void **state)
{
    (void)state;
    expect_end("1510 dut", "1600 bench reason=link-lost\n1600 end why=bench run=1.0.0 boots=2\n", "L4", LAW_INCONCLUSIVE, "cut-short");
}

/* --- L5 --- */

static void falling_below_a_confirmed_counter_is_a_downgrade(void **state)
{
    (void)state;
    char *story = story_edit(story_good, "8560 dut boot slot=b version=2.0.0 digest=D2 attempt=0 counter=2 confirmed=1",
                             "8560 dut boot slot=a version=1.0.0 digest=D1 attempt=0 counter=1 confirmed=1");
    expect_law(story, "L5", LAW_VIOLATED, "counter-lowered");
    free(story);
    edited("8560 dut boot slot=b version=2.0.0 digest=D2 attempt=0 counter=2", "8560 dut boot slot=b version=2.0.0 digest=D2 attempt=0 counter=1",
           "L5", LAW_VIOLATED, "counter-lowered");
}

static void falling_back_from_a_trial_is_none(void **state)
{
    (void)state;
    expect_end("1900 dut", "1850 reset cause=watchdog by=device\n1900 dut reset reason=watchdog\n"
               "1910 dut boot slot=a version=1.0.0 digest=D1 counter=1 confirmed=1\n"
               "1950 dut running slot=a version=1.0.0 digest=D1 confirmed=1\n" END("2500", "done"), "L5", LAW_HELD, "");
}

/* --- L6 --- */

static void a_wrong_boot_reason_is_a_lie(void **state)
{
    (void)state;
    edited("1050 dut reset reason=power-on", "1050 dut reset reason=watchdog", "L6", LAW_VIOLATED, "wrong-reason");
    edited("1760 dut reset reason=software", "1760 dut reset reason=power-on", "L6", LAW_VIOLATED, "wrong-reason");
    edited("1800 dut running slot=b version=2.0.0 digest=D2 reason=software", "1800 dut running slot=b version=2.0.0 digest=D2 reason=pin", "L6",
           LAW_VIOLATED, "wrong-reason");
    edited("1810 dut settings", "1805 dut reset reason=software\n1810 dut settings", "L6", LAW_VIOLATED, "no-reset");
}

static void flags_of_a_reset_that_was_never_told_of_stay(void **state)
{
    (void)state;
    /* a pin reset before the device said anything: the power-on flag is still there */
    edited("1050 dut reset", "1010 reset cause=pin by=rig\n1050 dut reset", "L6", LAW_HELD, "");
    /* but power-on wipes what was before */
    char *story = story_edit(story_good, "1000 power on=true why=fault\n", "900 reset cause=pin by=rig\n1000 power on=true why=fault\n");
    story = story_edit_free(story, "1050 dut reset reason=power-on", "1050 dut reset reason=pin");
    expect_law(story, "L6", LAW_VIOLATED, "wrong-reason");
    free(story);
}

static void the_expected_reason_is_that_of_the_boot_after_the_fault(void **state)
{
    (void)state;
    expect = "{\"boot_reason\":\"power-on\"}";
    holds(story_good);
    expect = "{\"boot_reason\":\"pin\"}";
    edited("8000 cycle", "8000 cycle", "L6", LAW_VIOLATED, "unexpected-reason");
}

/* --- L7 --- */

static void confirming_before_the_server_heard_is_too_early(void **state)
{
    (void)state;
    edited("1910 told stage=booted version=2.0.0\n", "", "L7", LAW_VIOLATED, "early-confirm");
    char *story = story_edit(story_good, "1910 told stage=booted version=2.0.0\n", "");
    story = story_edit_free(story, "1960 told stage=confirmed", "1955 told stage=booted version=2.0.0\n1960 told stage=confirmed");
    expect_law(story, "L7", LAW_VIOLATED, "early-confirm");
    free(story);
    edited("digest=D2 attempt=1 counter=2 confirmed=0", "digest=D2 attempt=1 counter=2 confirmed=1", "L7", LAW_VIOLATED, "early-confirm");
}

static void what_the_server_heard_in_an_earlier_boot_is_enough(void **state)
{
    (void)state;
    edited("1950 dut stage", "1915 reset cause=pin by=rig\n1920 dut reset reason=pin\n1925 dut boot slot=b version=2.0.0 digest=D2 confirmed=0\n"
           "1930 dut running slot=b version=2.0.0 digest=D2 confirmed=0\n1950 dut stage", "L7", LAW_HELD, "");
}

#define BOOT(t) t " dut boot slot=b version=2.0.0 digest=D2 attempt=1 counter=2 confirmed=0\n"

static void more_boots_than_attempts_are_too_many(void **state)
{
    (void)state;
    expect_end("1800 dut", BOOT("1810") BOOT("1820") END("2000", "done"), "L7", LAW_HELD, "");
    expect_end("1800 dut", BOOT("1810") BOOT("1820") BOOT("1830") END("2000", "done"), "L7", LAW_VIOLATED, "too-many-attempts");
}

static void installing_anew_gives_new_attempts(void **state)
{
    (void)state;
    expect_end("1800 dut", BOOT("1810") BOOT("1820") "1825 dut reset reason=watchdog\n1830 dut running slot=a version=1.0.0 digest=D1 confirmed=1\n"
               "1840 dut stage stage=installed version=2.0.0\n" BOOT("1850") END("2000", "done"), "L7", LAW_HELD, "");
    /* but not when the image on trial says so itself */
    expect_end("1800 dut", BOOT("1810") BOOT("1820") "1830 dut running slot=b version=2.0.0 digest=D2 confirmed=0\n"
               "1840 dut stage stage=installed version=2.0.0\n" BOOT("1850") END("2000", "done"), "L7", LAW_VIOLATED, "too-many-attempts");
}

static void an_image_that_stays_on_trial_is_never_left(void **state)
{
    (void)state;
    expect_end("1900 dut", "61800 timeout waiting=update ms=60000\n61800 end why=timeout run=2.0.0\n", "L7", LAW_VIOLATED, "stays-unconfirmed");
    expect_end("1900 dut", "9800 timeout waiting=update ms=8000\n9800 end why=timeout run=2.0.0\n", "L7", LAW_HELD, "");
}

/* --- L8 --- */

static const char bad_offer[] = "0 offer version=2.0.0 image=v2x good=false\n";

static char *refusal(const char *middle)
{
    char *story = story_edit(story_good, "0 offer version=2.0.0 image=v2 good=true\n", bad_offer);
    story = story_edit_free(story, "510 fault i=0 do=power-cut delivered=true phase=write op=1100\n510 power on=false why=fault\n510 rail mv=0\n"
                            "1000 power on=true why=fault\n1000 reset cause=power-on by=rig\n1000 faults-over\n",
                            "1000 reset cause=pin by=rig\n1000 faults-over\n1000 offer version=2.0.0 image=v2 good=true\n");
    story = story_edit_free(story, "1050 dut reset reason=power-on", "1050 dut reset reason=pin");
    story = story_edit_free(story, "1100 dut running slot=a version=1.0.0 digest=D1 reason=power-on",
                            "1100 dut running slot=a version=1.0.0 digest=D1 reason=pin");
    char *joined = mem_printf("%s1000 reset cause=pin", middle);
    story = story_edit_free(story, "1000 reset cause=pin", joined);
    free(joined);
    offered = "v2x";
    faults = "[]";
    return story;
}

static void expect_refusal(const char *middle, const char *id, enum law_state state, const char *kind)
{
    char *story = refusal(middle);
    expect_law(story, id, state, kind);
    free(story);
}

#define FAILED(cause) "600 dut stage stage=failed version=2.0.0 cause=" cause "\n610 told stage=failed version=2.0.0 cause=" cause "\n"

static void a_bad_image_that_is_refused_with_its_cause_is_well(void **state)
{
    (void)state;
    expect = "{\"refused\":true,\"cause\":\"bad-hash\",\"eventually\":{\"version\":\"2.0.0\",\"updates\":1}}";
    char *story = refusal(FAILED("bad-hash"));
    holds(story);
    expect_law(story, "L8", LAW_HELD, "");
    free(story);
}

static void a_bad_image_must_not_be_activated(void **state)
{
    (void)state;
    expect_refusal(FAILED("bad-hash") "700 dut stage stage=installed version=2.0.0\n", "L8", LAW_VIOLATED, "activated");
    expect_refusal("700 dut boot slot=b version=2.0.0 digest=DX confirmed=0\n" FAILED("bad-hash"), "L8", LAW_VIOLATED, "activated");
}

static void a_refusal_must_be_reported_with_its_cause(void **state)
{
    (void)state;
    expect_refusal("", "L8", LAW_VIOLATED, "not-reported");
    expect = "{\"refused\":true,\"cause\":\"unsigned\"}";
    expect_refusal(FAILED("bad-hash"), "L8", LAW_VIOLATED, "wrong-cause");
    expect_refusal(FAILED("unsigned"), "L8", LAW_HELD, "");
}

static void an_offer_that_is_ignored_is_refused(void **state)
{
    (void)state;
    expect = "{\"refused\":true}";
    char *story = story_edit(story_good, "0 offer version=2.0.0 image=v2 good=true\n", bad_offer);
    char *head = mem_printf("%.*s", (int)(strstr(story, "210 dut stage") - story), story);
    char *asked = mem_printf("%s70000 timeout waiting=refused ms=60000\n%s", head, END("70000", "done"));
    offered = "v2x";
    faults = "[]";
    expect_law(asked, "L8", LAW_HELD, "");
    expect_law(asked, "L11", LAW_HELD, "");
    char *unasked = story_edit(asked, "200 http n=1 method=GET path=/manifest.json status=200\n", "");
    expect_law(unasked, "L8", LAW_INCONCLUSIVE, "never-asked");
    free(unasked);
    free(asked);
    free(head);
    free(story);
}

static void an_older_version_need_not_be_refused_aloud(void **state)
{
    (void)state;
    static const char asked[] = "0 offer version=%s image=v2x good=false\n0 power on=true why=start\n0 reset cause=power-on by=rig\n"
                                "50 dut reset reason=power-on\n100 dut running slot=a version=1.0.0 digest=D1 confirmed=1\n"
                                "200 http n=1 method=GET path=/manifest.json status=200\n70000 timeout waiting=refused ms=60000\n70000 end why=done\n";
    offered = "v2x";
    expect = "{\"refused\":true,\"cause\":\"downgrade|bad-manifest\"}";
    faults = "[]";
    char *older = mem_printf(asked, "0.9.10"), *newer = mem_printf(asked, "1.0.1");
    expect_law(older, "L8", LAW_HELD, "");
    expect_law(newer, "L8", LAW_VIOLATED, "not-reported");
    free(older);
    free(newer);
}

static void an_expectation_may_name_several_causes(void **state)
{
    (void)state;
    expect = "{\"refused\":true,\"cause\":\"unsigned|bad-hash\"}";
    expect_refusal(FAILED("bad-hash"), "L8", LAW_HELD, "");
    expect_refusal(FAILED("bad"), "L8", LAW_VIOLATED, "wrong-cause");
}

/* --- L9 --- */

static void resuming_beyond_what_is_held_leaves_a_hole(void **state)
{
    (void)state;
    edited("bytes=8200 from=8192", "bytes=8191 from=8192", "L9", LAW_VIOLATED, "skips-missing");
}

static void what_is_still_in_ram_is_no_hole(void **state)
{
    (void)state;
    edited("400 dut chunk index=0", "350 held slot=b file=v2-b.bin bytes=0 from=4096\n400 dut chunk index=0", "L9", LAW_HELD, "");
}

static void fetching_verified_bytes_again_is_waste(void **state)
{
    (void)state;
    edited("bytes=8200 from=8192", "bytes=8200 from=4096", "L9", LAW_VIOLATED, "fetches-again");
    char *story = story_edit(story_good, "1210 held slot=b file=v2-b.bin bytes=8200 from=8192\n",
                             "1205 dut stage stage=failed version=2.0.0 cause=timeout\n1206 told stage=failed version=2.0.0 cause=timeout\n"
                             "1210 held slot=b file=v2-b.bin bytes=8200 from=0\n");
    expect_law(story, "L9", LAW_HELD, "");
    free(story);
}

static void without_eyes_on_the_flash_a_request_is_measured_by_what_was_known_before(void **state)
{
    (void)state;
    char *story = story_edit(story_good, "300 held slot=b file=v2-b.bin bytes=0 from=0\n", "");
    story = story_edit_free(story, "1210 held slot=b file=v2-b.bin bytes=8200 from=8192\n", "");
    /* one response from 0 during which chunks are verified: no second fetch */
    story = story_edit_free(story, "510 fault", "505 http n=2 method=GET path=/image/v2-b.bin file=v2-b.bin from=0 status=200 length=98192 end=reset\n"
                            "510 fault");
    expect_law(story, "L9", LAW_HELD, "");
    story = story_edit_free(story, "file=v2-b.bin from=8192 ranged=true", "file=v2-b.bin from=0 ranged=true");
    expect_law(story, "L9", LAW_VIOLATED, "fetches-again");
    free(story);
}

static void an_honest_download_that_does_not_verify_was_damaged_on_the_way(void **state)
{
    (void)state;
    static const char failed[] = "1505 dut stage stage=failed version=2.0.0 cause=bad-hash\n1506 told stage=failed version=2.0.0 cause=bad-hash\n1510 dut";
    edited("1510 dut", failed, "L9", LAW_VIOLATED, "damaged-download");
    char *story = story_edit(story_good, "1510 dut", failed);
    story = story_edit_free(story, "sent=90000 end=complete", "sent=90000 end=complete attack=flip-bits");
    expect_law(story, "L9", LAW_HELD, "");
    free(story);
}

/* --- L10 to L12 --- */

static void settings_that_change_are_lost(void **state)
{
    (void)state;
    edited("1810 dut settings id=0042 name=lamp", "1810 dut settings id=0042 name=default", "L10", LAW_VIOLATED, "data-lost");
    edited("1110 dut settings id=0042", "1110 dut settings id=0", "L10", LAW_VIOLATED, "data-lost");
    expect_end("1050 dut", END("3900", "done"), "L10", LAW_NOT_APPLICABLE, "");
}

static void a_confirmed_application_that_resets_itself_for_ever_is_unbounded(void **state)
{
    (void)state;
    struct buf loop = {0};
    for (int i = 0; i < 9; i++)
        buf_printf(&loop, "%d reset cause=watchdog by=device\n%d dut reset reason=watchdog\n%d dut running slot=a version=1.0.0 digest=D1 "
                   "confirmed=1\n", 1300 + 100 * i, 1310 + 100 * i, 1350 + 100 * i);
    char *nine = mem_printf("%s%s", buf_text(&loop), END("9000", "done"));
    expect_end("1500 http", nine, "L11", LAW_VIOLATED, "reset-loop");
    expect_end("1500 http", nine, "L1", LAW_VIOLATED, "boot-loop");
    char *eight = mem_printf("%s%s", strstr(buf_text(&loop), "1400 reset"), END("9000", "done"));
    expect_end("1500 http", eight, "L11", LAW_HELD, "");
    expect_end("1500 http", eight, "L1", LAW_HELD, "");
    free(eight);
    free(nine);
    buf_free(&loop);
}

static void too_many_boots_to_the_application_are_unbounded(void **state)
{
    (void)state;
    struct buf loop = {0};
    for (int i = 0; i < 9; i++)
        buf_printf(&loop, "%d reset cause=watchdog by=device\n", 1060 + 100 * i);
    buf_str(&loop, END("2500", "done"));
    expect_end("1050 dut", buf_text(&loop), "L11", LAW_VIOLATED, "too-many-boots");
    expect_end("1050 dut", strstr(buf_text(&loop), "1160"), "L11", LAW_HELD, "");
    buf_free(&loop);
}

static void fetching_an_image_over_and_over_is_unbounded(void **state)
{
    (void)state;
    edited("fetched=98192", "fetched=589152", "L11", LAW_HELD, "");
    edited("fetched=98192", "fetched=589153", "L11", LAW_VIOLATED, "unbounded-download");
}

static void retries_without_waiting_are_a_storm(void **state)
{
    (void)state;
    struct buf storm = {0};
    for (int i = 0; i < 31; i++)
        buf_printf(&storm, "%d dut retry wait=1 cause=timeout\n", 1220 + i);
    buf_str(&storm, "1500 http");
    edited("1500 http", buf_text(&storm), "L11", LAW_VIOLATED, "retry-storm");
    edited("1500 http", strchr(buf_text(&storm), '\n') + 1, "L11", LAW_HELD, "");
    buf_free(&storm);
}

static void a_stage_that_the_server_never_hears_of_is_untold(void **state)
{
    (void)state;
    static const char *const lines[] = {"220 told stage=started version=2.0.0\n", "1610 told stage=verified version=2.0.0\n",
                                        "1705 told stage=installed version=2.0.0\n", "1960 told stage=confirmed version=2.0.0\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        edited(lines[i], "", "L12", LAW_VIOLATED, "untold-stage");
}

static void a_stage_may_be_told_late(void **state)
{
    (void)state;
    char *story = story_edit(story_good, "1960 told stage=confirmed version=2.0.0\n", "");
    story = story_edit_free(story, "8610 dut", "8605 told stage=confirmed version=2.0.0\n8610 dut");
    expect_law(story, "L12", LAW_HELD, "");
    free(story);
}

static void a_failure_must_be_told_with_its_cause(void **state)
{
    (void)state;
    expect_refusal("600 dut stage stage=failed version=2.0.0 cause=bad-hash\n", "L12", LAW_HELD, ""); /* 400 ms: no time */
    static const char quiet[] = "0 offer version=2.0.0 image=v2x good=false\n0 power on=true why=start\n0 reset cause=power-on by=rig\n"
                                "50 dut reset reason=power-on\n100 dut running slot=a version=1.0.0 digest=D1 confirmed=1\n"
                                "600 dut stage stage=failed version=2.0.0 cause=bad-hash\n%s9000 end why=done run=1.0.0\n";
    char *story = mem_printf(quiet, "");
    expect_law(story, "L12", LAW_VIOLATED, "untold-failure");
    free(story);
    story = mem_printf(quiet, "610 told stage=failed version=2.0.0 cause=timeout\n");
    expect_law(story, "L12", LAW_VIOLATED, "wrong-cause");
    free(story);
    story = mem_printf(quiet, "610 told stage=failed version=2.0.0 cause=bad-hash\n");
    expect_law(story, "L12", LAW_HELD, "");
    free(story);
    story = mem_printf(quiet, "700 dut retry wait=8000 cause=no-server\n"); /* it said that it would wait */
    expect_law(story, "L12", LAW_HELD, "");
    free(story);
    story = mem_printf(quiet, "700 fault i=0 do=link-down delivered=true off_ms=5000\n");
    expect_law(story, "L12", LAW_HELD, "");
    free(story);
    story = mem_printf(quiet, "700 http n=3 method=POST path=/telemetry status=204 end=reset attack=reset\n"); /* it takes time to notice */
    expect_law(story, "L12", LAW_HELD, "");
    free(story);
}

static void a_rollback_must_be_told(void **state)
{
    (void)state;
    static const char back[] = "1850 reset cause=watchdog by=device\n1900 dut reset reason=watchdog\n1905 dut rollback slot=b version=2.0.0 cause=attempts\n"
                               "1950 dut running slot=a version=1.0.0 digest=D1 confirmed=1\n%s9000 end why=done run=1.0.0\n";
    char *rest = mem_printf(back, "");
    expect_end("1900 dut", rest, "L12", LAW_VIOLATED, "untold-rollback");
    free(rest);
    rest = mem_printf(back, "2000 told stage=rolled-back version=2.0.0 cause=attempts\n");
    expect_end("1900 dut", rest, "L12", LAW_HELD, "");
    free(rest);
}

/* --- the rig's own --- */

static void a_cut_whose_rail_stayed_up_proves_nothing(void **state)
{
    (void)state;
    char *story = story_edit(story_good, "510 rail mv=0", "510 rail mv=1700");
    expect_law(story, "R1", LAW_INCONCLUSIVE, "cut-not-real");
    assert_int_equal(judge(story).all.outcome, LAW_INCONCLUSIVE);
    free(story);
    edited("510 rail mv=0", "510 rail mv=1699", "R1", LAW_HELD, "");
    edited("510 rail mv=0\n", "", "R1", LAW_INCONCLUSIVE, "cut-not-real");
}

static void a_fault_that_never_happened_proves_nothing(void **state)
{
    (void)state;
    faults = "[{\"do\":\"power-cut\"},{\"do\":\"reset-pin\"}]";
    expect_law(story_good, "R1", LAW_INCONCLUSIVE, "fault-not-delivered");
    faults = story_cut;
    edited("delivered=true", "delivered=false", "R1", LAW_INCONCLUSIVE, "fault-not-delivered");
}

static void a_brick_is_a_brick_even_when_a_later_fault_never_came(void **state)
{
    (void)state;
    faults = "[{\"do\":\"power-cut\"},{\"do\":\"reset-pin\"}]";
    char *story = ends_with("1050 dut", "4000 timeout waiting=running ms=3000\n" END("4000", "timeout"));
    assert_int_equal(judge(story).all.outcome, LAW_VIOLATED);
    free(story);
}

static void what_was_seen_stands_on_an_unsound_bench(void **state)
{
    (void)state;
    char *story = story_edit(story_good, "1800 exec slot=b image=v2 digest=D2", "1800 exec slot=b image=v2x digest=DX");
    story = story_edit_free(story, "8000 cycle", "7900 bench reason=disk-full\n8000 cycle");
    expect_law(story, "L3", LAW_VIOLATED, "attack-ran");
    assert_int_equal(judge(story).all.outcome, LAW_VIOLATED);
    free(story);
}

/* --- what joins the laws --- */

static void a_waived_law_is_shown_but_does_not_count(void **state)
{
    (void)state;
    waive = "{\"L10\":\"the settings page is worn out on purpose\"}";
    char *story = story_edit(story_good, "1810 dut settings id=0042 name=lamp", "1810 dut settings id=0042 name=default");
    expect_law(story, "L10", LAW_WAIVED, "data-lost");
    assert_int_equal(judge(story).all.outcome, LAW_HELD);
    free(story);
}

static void the_brick_is_named_before_what_follows_from_it(void **state)
{
    (void)state;
    char *story = ends_with("1050 dut", "4000 timeout waiting=running ms=3000\n" END("4000", "timeout"));
    struct judged got = judge(story);
    assert_string_equal(judge_law(got.all.root)->id, "L1");
    assert_int_equal(got.all.law[judge_law_index("L4")].state, LAW_VIOLATED);
    free(story);
}

static void the_law_that_broke_first_is_the_root(void **state)
{
    (void)state;
    /* A lie about the boot reason comes earlier, but does not outweigh the brick. Attempts without end come before the timeout. */
    char *rest = mem_printf("%s%s%s4710 timeout waiting=running ms=3000\n%s", BOOT("1810"), BOOT("1820"), BOOT("1830"), END("4710", "timeout"));
    char *story = ends_with("1800 dut", rest);
    story = story_edit_free(story, "1050 dut reset reason=power-on", "1050 dut reset reason=watchdog");
    struct judged got = judge(story);
    assert_int_equal(got.all.law[judge_law_index("L6")].state, LAW_VIOLATED);
    assert_int_equal(got.all.law[judge_law_index("L1")].state, LAW_VIOLATED);
    assert_string_equal(judge_law(got.all.root)->id, "L7");
    free(story);
    free(rest);
}

static void a_trial_in_which_nothing_can_be_judged_is_inconclusive(void **state)
{
    (void)state;
    faults = "[]";
    struct judged got = judge("0 console line=hello\n100 end why=done\n");
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
    struct journal *j = open_story(story_good, 20);
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
    char *brick = ends_with("1050 dut", "4000 timeout waiting=running ms=3000\n" END("4000", "timeout"));
    struct journal *j = open_story(brick, 30);
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
    char *brick = ends_with("1050 dut", "4000 timeout waiting=running ms=3000\n" END("4000", "timeout"));
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
    char *brick = ends_with("1050 dut", "4000 timeout waiting=running ms=3000\n" END("4000", "timeout"));
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
    char *brick = ends_with("1050 dut", "4000 timeout waiting=running ms=3000\n" END("4000", "timeout"));
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
    static const struct { uint64_t k, n; double upper; } row[] = {{0, 1, 0.95}, {0, 10, 0.258866}, {0, 1000, 0.0029912}, {1, 10, 0.394163},
                                                                 {5, 100, 0.102253}, {50, 100, 0.586378}, {0, 20000, 0.000149775},
                                                                 {9, 10, 0.994884}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        double got = binomial_upper(row[i].k, row[i].n);
        if (got < row[i].upper * 0.9999 || got > row[i].upper * 1.0001)
            fail_msg("%llu of %llu: %.7f, not %.7f", (unsigned long long)row[i].k, (unsigned long long)row[i].n, got, row[i].upper);
    }
    assert_true(binomial_upper(0, 0) == 1 && binomial_upper(7, 7) == 1);
    for (uint64_t k = 0; k < 50; k++)
        assert_true(binomial_upper(k, 200) < binomial_upper(k + 1, 200));
    assert_true(binomial_upper(10000, 20000) > 0.5 && binomial_upper(10000, 20000) < 0.51);
}

#define T(f) cmocka_unit_test_setup(f, reset_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_good_trial_holds_every_law), T(laws_are_in_the_order_of_the_catalogue), T(silence_after_the_cut_is_a_brick),
        T(silence_is_a_brick_without_a_timeout_record_too), T(a_boot_loop_is_a_brick), T(a_device_that_resets_itself_does_not_win_time),
        T(recovery_is_a_brick), T(recovery_that_ends_by_itself_in_time_is_none), T(a_further_fault_restarts_the_clock),
        T(a_dead_processor_is_a_brick_even_when_the_application_ran), T(a_reset_of_its_own_must_end_in_the_application_too),
        T(silence_on_a_broken_bench_is_no_brick), T(a_version_that_nobody_allowed_is_wrong), T(a_version_of_no_image_is_unknown),
        T(a_trial_boot_of_an_image_that_will_not_stay_is_no_wrong_version), T(a_good_offer_of_the_recovery_may_run),
        T(the_earlier_of_two_good_offers_may_still_run), T(a_device_that_says_another_image_than_it_executes_lies),
        T(a_confirmed_version_must_come_back), T(attack_content_must_never_run),
        T(an_unsigned_copy_is_attack_content_though_its_digest_is_genuine), T(a_good_offer_makes_the_digest_legitimate_once_it_is_fetched),
        T(what_no_image_has_is_unknown_content), T(a_short_digest_is_enough), T(a_device_that_cannot_update_again_is_bricked),
        T(the_follow_up_update_counts_as_well), T(an_update_that_was_complete_before_the_faults_counts),
        T(more_updates_than_expected_are_too_many), T(an_update_that_a_bench_fault_cut_short_is_undecided),
        T(falling_below_a_confirmed_counter_is_a_downgrade), T(falling_back_from_a_trial_is_none), T(a_wrong_boot_reason_is_a_lie),
        T(flags_of_a_reset_that_was_never_told_of_stay), T(the_expected_reason_is_that_of_the_boot_after_the_fault),
        T(confirming_before_the_server_heard_is_too_early), T(what_the_server_heard_in_an_earlier_boot_is_enough),
        T(more_boots_than_attempts_are_too_many), T(installing_anew_gives_new_attempts), T(an_image_that_stays_on_trial_is_never_left),
        T(a_bad_image_that_is_refused_with_its_cause_is_well), T(a_bad_image_must_not_be_activated),
        T(a_refusal_must_be_reported_with_its_cause), T(an_offer_that_is_ignored_is_refused),
        T(an_older_version_need_not_be_refused_aloud), T(an_expectation_may_name_several_causes), T(resuming_beyond_what_is_held_leaves_a_hole),
        T(what_is_still_in_ram_is_no_hole), T(fetching_verified_bytes_again_is_waste),
        T(without_eyes_on_the_flash_a_request_is_measured_by_what_was_known_before),
        T(an_honest_download_that_does_not_verify_was_damaged_on_the_way), T(settings_that_change_are_lost),
        T(a_confirmed_application_that_resets_itself_for_ever_is_unbounded), T(too_many_boots_to_the_application_are_unbounded),
        T(fetching_an_image_over_and_over_is_unbounded), T(retries_without_waiting_are_a_storm),
        T(a_stage_that_the_server_never_hears_of_is_untold), T(a_stage_may_be_told_late), T(a_failure_must_be_told_with_its_cause),
        T(a_rollback_must_be_told), T(a_cut_whose_rail_stayed_up_proves_nothing), T(a_fault_that_never_happened_proves_nothing),
        T(a_brick_is_a_brick_even_when_a_later_fault_never_came), T(what_was_seen_stands_on_an_unsound_bench),
        T(a_waived_law_is_shown_but_does_not_count), T(the_brick_is_named_before_what_follows_from_it), T(the_law_that_broke_first_is_the_root),
        T(a_trial_in_which_nothing_can_be_judged_is_inconclusive), T(a_run_that_held_says_how_much_that_is_worth),
        T(findings_are_grouped_by_law_and_kind), T(one_violation_outweighs_what_is_inconclusive), T(a_run_that_was_cut_short_has_not_held),
        T(a_reference_that_failed_makes_the_run_inconclusive), T(the_same_bytes_give_the_same_verdict_wherever_they_lie),
        T(the_order_of_trials_does_not_change_the_counts), T(the_bound_is_clopper_and_pearsons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
