/* SPDX-License-Identifier: GPL-3.0-or-later
 * L1 to L6: what runs, and whether it comes back. Each test takes the story of a good trial (journal_story.c) and changes as
 * little of it as breaks one law, or as little as makes it undecidable; what the laws must not mind is changed too. */
#include "base/buf.h"
#include "journal_story.h"
#include "judge_story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- L1 --- */

static void silence_after_the_cut_is_a_brick(void **state)
{
    (void)state;
    story_end_law("1050 dut", "4000 timeout waiting=running ms=3000\n" STORY_END("4000", "timeout"), "L1", LAW_VIOLATED,
                  "silent");
    story_end_law("1060 dut", "4000 timeout waiting=running ms=3000\n" STORY_END("4000", "timeout"), "L1", LAW_VIOLATED,
                  "silent");
}

static void silence_is_a_brick_without_a_timeout_record_too(void **state)
{
    (void)state;
    story_end_law("1050 dut", STORY_END("4001", "done"), "L1", LAW_VIOLATED, "silent");
    story_end_law("1050 dut", STORY_END("3900", "done"), "L1", LAW_HELD, "");
}

static void a_boot_loop_is_a_brick(void **state)
{
    (void)state;
    static const char loop[] =
        "1050 dut reset reason=power-on\n1060 cpu-fault kind=nmi-ecc pc=0x08000abc\n1061 reset cause=software by=device\n"
        "1100 dut reset reason=software\n1111 reset cause=software by=device\n1150 dut reset reason=software\n"
        "1161 reset cause=software by=device\n4000 timeout waiting=running ms=3000\n" STORY_END("4000", "timeout");
    story_end_law("1050 dut", loop, "L1", LAW_VIOLATED, "boot-loop");
    story_end_law("1050 dut", loop, "L6", LAW_HELD, "");
}

static void a_device_that_resets_itself_does_not_win_time(void **state)
{
    (void)state;
    /* Resets every second, always within the deadline of the one before. */
    story_end_law("1050 dut",
                  "1900 reset cause=watchdog by=device\n2900 reset cause=watchdog by=device\n3900 reset cause=watchdog "
                  "by=device\n"
                  "4100 dut running slot=a version=1.0.0 digest=D1 confirmed=1\n" STORY_END("9000", "done"),
                  "L1", LAW_VIOLATED, "late");
}

static void recovery_is_a_brick(void **state)
{
    (void)state;
    story_end_law("1060 dut",
                  "1055 dut slot slot=a state=bad-hash\n1056 dut slot slot=b state=empty\n1060 dut recovery cause=bad-hash\n"
                  "4000 timeout waiting=running ms=3000\n" STORY_END("4000", "timeout"),
                  "L1", LAW_VIOLATED, "stuck-in-recovery");
    story_end_law("1060 dut", "1055 dut slot slot=a state=valid version=1.0.0\n1060 dut recovery cause=bad-magic\n"
               "4000 timeout waiting=running ms=3000\n" STORY_END("4000", "timeout"), "L1", LAW_VIOLATED, "good-slot-ignored");
}

/* The wait begins anew when the device has the whole image, and a transfer that failed begins nothing. */
static void a_recovery_that_is_served_is_none_if_the_image_then_runs(void **state)
{
    (void)state;
    static const char *const runs = "1060 dut recovery cause=bad-hash\n9000 recovery-served ok=true image=v1 bytes=1000\n"
                                    "9100 dut reset reason=software\n%s dut running slot=a version=1.0.0 digest=D1 confirmed=1\n%s";
    char *story = mem_printf(runs, "9500", STORY_END("9600", "done"));
    story_end_law("1060 dut", story, "L1", LAW_HELD, "");
    free(story);
    story = mem_printf(runs, "13000", STORY_END("13100", "done"));
    story_end_law("1060 dut", story, "L1", LAW_VIOLATED, "late");
    free(story);
    story_end_law("1060 dut",
                  "1060 dut recovery cause=bad-hash\n3000 recovery-served ok=false image=v1 bytes=10\n"
                  "4100 timeout waiting=running ms=3000\n" STORY_END("4100", "timeout"),
                  "L1", LAW_VIOLATED, "stuck-in-recovery");
}

static void recovery_that_ends_by_itself_in_time_is_none(void **state)
{
    (void)state;
    story_edited("1060 dut boot", "1055 dut recovery cause=ecc\n1060 dut boot", "L1", LAW_HELD, "");
}

static void a_further_fault_restarts_the_clock(void **state)
{
    (void)state;
    static const char *const again = "3500 fault i=1 do=power-cut delivered=true phase=boot\n3500 power on=false why=fault\n3500 "
                                     "rail mv=0\n"
                                     "3600 power on=true why=fault\n3600 reset cause=power-on by=rig\n";
    char *story = mem_printf("%s3650 dut reset reason=power-on\n6000 dut running slot=a version=1.0.0 digest=D1 confirmed=1\n%s",
                             again, STORY_END("6100", "done"));
    story_end_law("1050 dut", story, "L1", LAW_HELD, "");
    free(story);
    story = mem_printf("%s3650 dut reset reason=power-on\n6601 dut running slot=a version=1.0.0 digest=D1 confirmed=1\n%s", again,
                       STORY_END("6700", "done"));
    story_end_law("1050 dut", story, "L1", LAW_VIOLATED, "late");
    free(story);
}

static void a_dead_processor_is_a_brick_even_when_the_application_ran(void **state)
{
    (void)state;
    story_end_law("1200 dut", "1150 dead\n" STORY_END("1150", "dead"), "L1", LAW_VIOLATED, "silent");
}

static void a_reset_of_its_own_must_end_in_the_application_too(void **state)
{
    (void)state;
    story_end_law("1760 dut", "4710 timeout waiting=running ms=3000\n" STORY_END("4710", "timeout"), "L1", LAW_VIOLATED,
                  "silent");
}

static void silence_on_a_broken_bench_is_no_brick(void **state)
{
    (void)state;
    story_end_law("1050 dut", "1200 bench reason=console-lost detail=gone\n" STORY_END("9000", "bench"), "L1", LAW_INCONCLUSIVE,
                  "unsound-bench");
    story_end_law("1050 dut", "1200 bench reason=console-lost detail=gone\n" STORY_END("9000", "bench"), "R2", LAW_INCONCLUSIVE,
                  "console-lost");
}

static void destroying_the_slot_that_runs_is_seen_even_when_luck_helps(void **state)
{
    (void)state;
    static const char wrote[] = "1150 write-running op=7 kind=erase addr:0x08026000 slot=a\n1200 dut resume";
    story_edited("1200 dut resume", wrote, "L1", LAW_HELD, "");
    char *story = story_edit(story_good, "1200 dut resume", wrote);
    story = story_edit_free(story, "1770 dut boot", "1765 dut slot slot=a state=bad-hash version=1.0.0\n1770 dut boot");
    story_law(story, "L1", LAW_VIOLATED, "good-slot-destroyed");
    static const char later[] = "1100 dut running slot=a version=1.0.0 digest=D1 reason=power-on confirmed=0\n"
                                "1110 dut stage stage=confirmed version=1.0.0";
    char *in_this_run = story_edit(story, "1100 dut running slot=a version=1.0.0 digest=D1 reason=power-on confirmed=1", later);
    story_law(in_this_run, "L1", LAW_VIOLATED, "good-slot-destroyed");
    free(in_this_run);
    story = story_edit_free(story, "slot=a state=bad-hash", "slot=a state=valid");
    story_law(story, "L1", LAW_HELD, "");
    free(story);
    /* once another slot runs, the old one is there to be overwritten */
    story = story_edit(story_good, "1200 dut resume", wrote);
    story = story_edit_free(story, "8560 dut boot", "8555 dut slot slot=a state=truncated\n8560 dut boot");
    story_law(story, "L1", LAW_HELD, "");
    free(story);
}

/* --- L2 --- */

static void a_version_that_nobody_allowed_is_wrong(void **state)
{
    (void)state;
    story_expect = "{\"versions\":[\"1.0.0\"]}";
    story_edited("8000 cycle", "8000 cycle", "L2", LAW_VIOLATED, "wrong-version");
    story_expect = "{\"versions\":[\"1.0.0\",\"2.0.0\"]}";
    story_edited("8000 cycle", "8000 cycle", "L2", LAW_HELD, "");
}

static void a_version_of_no_image_is_unknown(void **state)
{
    (void)state;
    story_edited("8600 dut running slot=b version=2.0.0 digest=D2", "8600 dut running slot=b version=9.9.9 digest=D9", "L2",
                 LAW_VIOLATED, "unknown-version");
}

static void a_trial_boot_of_an_image_that_will_not_stay_is_no_wrong_version(void **state)
{
    (void)state;
    story_expect = "{\"versions\":[\"1.0.0\"]}";
    story_end_law("1900 dut", STORY_END("2500", "done"), "L2", LAW_HELD, "");
    story_expect = "{\"versions\":[\"1.0.0\"],\"refused\":true}";
    story_end_law("1900 dut", STORY_END("2500", "done"), "L2", LAW_VIOLATED, "wrong-version");
}

static void a_good_offer_of_the_recovery_may_run(void **state)
{
    (void)state;
    story_expect = "{\"versions\":[\"1.0.0\"]}";
    story_edited("1000 faults-over", "1000 faults-over\n1000 offer version=2.0.0 image=v2 good=true", "L2", LAW_HELD, "");
}

static void the_earlier_of_two_good_offers_may_still_run(void **state)
{
    (void)state;
    story_edited("8000 cycle", "7000 offer version=3.0.0 image=v3 good=true\n8000 cycle", "L2", LAW_HELD, "");
}

static void a_device_that_says_another_image_than_it_executes_lies(void **state)
{
    (void)state;
    story_edited("1800 exec slot=b image=v2 digest=D2", "1800 exec slot=b image=v3 digest=D3", "L2", LAW_VIOLATED, "wrong-claim");
    story_edited("1800 exec slot=b", "1800 exec slot=a", "L2", LAW_VIOLATED, "wrong-claim");
    story_edited("1800 dut running slot=b version=2.0.0 digest=D2", "1800 dut running slot=b version=3.0.0 digest=D2", "L2",
                 LAW_VIOLATED, "wrong-claim");
}

static void a_confirmed_version_must_come_back(void **state)
{
    (void)state;
    char *story = story_edit(story_good, "8600 dut running slot=b version=2.0.0 digest=D2",
                             "8600 dut running slot=a version=1.0.0 digest=D1");
    story = story_edit_free(story, "8600 exec slot=b image=v2 digest=D2", "8600 exec slot=a image=v1 digest=D1");
    story_law(story, "L2", LAW_VIOLATED, "not-kept");
    story_law(story, "L4", LAW_VIOLATED, "cannot-update-again");
    free(story);
    story_edited("8600 dut running slot=b version=2.0.0 digest=D2 reason=power-on confirmed=1",
                 "8600 dut running slot=b version=2.0.0 digest=D2 reason=power-on confirmed=0", "L2", LAW_VIOLATED, "not-kept");
}

/* --- L3 --- */

static void attack_content_must_never_run(void **state)
{
    (void)state;
    story_edited("1800 exec slot=b image=v2 digest=D2", "1800 exec slot=b image=v2x digest=DX", "L3", LAW_VIOLATED, "attack-ran");
    story_edited("1770 dut boot slot=b version=2.0.0 digest=D2", "1770 dut boot slot=b version=2.0.0 digest=DX", "L3",
                 LAW_VIOLATED, "attack-ran");
}

static void an_unsigned_copy_is_attack_content_though_its_digest_is_genuine(void **state)
{
    (void)state;
    story_offered = "v2-unsigned";
    story_edited("0 offer version=2.0.0 image=v2 good=true", "0 offer version=2.0.0 image=v2-unsigned good=false", "L3",
                 LAW_VIOLATED, "attack-ran");
    story_edited("0 offer version=2.0.0 image=v2 good=true", "0 offer version=2.0.0 image=v2-unsigned good=false", "L2",
                 LAW_VIOLATED, "wrong-image");
}

static void a_good_offer_makes_the_digest_legitimate_once_it_is_fetched(void **state)
{
    (void)state;
    story_offered = "v2-unsigned";
    char *story = story_edit(story_good, "0 offer version=2.0.0 image=v2 good=true",
                             "0 offer version=2.0.0 image=v2-unsigned good=false\n205 dut stage stage=failed version=2.0.0 "
                             "cause=unsigned\n"
                             "206 told stage=failed version=2.0.0 cause=unsigned");
    story = story_edit_free(story, "1000 faults-over", "1000 faults-over\n1000 offer version=2.0.0 image=v2 good=true");
    /* put the refusal in the order of time */
    story = story_edit_free(story,
                            "205 dut stage stage=failed version=2.0.0 cause=unsigned\n206 told stage=failed version=2.0.0 "
                            "cause=unsigned\n",
                            "");
    story = story_edit_free(story, "400 dut chunk", "305 dut stage stage=failed version=2.0.0 cause=unsigned\n"
                            "306 told stage=failed version=2.0.0 cause=unsigned\n400 dut chunk");
    story_law(story, "L3", LAW_HELD, "");
    story_law(story, "L8", LAW_HELD, "");
    free(story);
}

static void what_no_image_has_is_unknown_content(void **state)
{
    (void)state;
    story_edited("1100 exec slot=a image=v1 digest=D1", "1100 exec slot=a image=unknown digest=D9", "L3", LAW_VIOLATED,
                 "unknown-content");
    story_edited("1100 exec slot=a image=v1 digest=D1", "1100 exec slot=a", "L3", LAW_VIOLATED, "unknown-content");
    story_edited("1100 exec slot=a image=v1 digest=D1", "1100 exec slot=a image=v3 digest=D3", "L3", LAW_VIOLATED, "not-offered");
}

static void a_short_digest_is_enough(void **state)
{
    (void)state;
    story_edited("1100 dut running slot=a version=1.0.0 digest=D1", "1100 dut running slot=a version=1.0.0 digest=1111111111",
                 "L3", LAW_HELD, "");
    story_edited("1100 dut running slot=a version=1.0.0 digest=D1", "1100 dut running slot=a version=1.0.0 digest=1111", "L3",
                 LAW_VIOLATED, "unknown-content");
}

/* --- L4 --- */

static void a_device_that_cannot_update_again_is_bricked(void **state)
{
    (void)state;
    story_end_law("1510 dut",
                  "61000 timeout waiting=update ms=60000\n61000 end why=timeout run=1.0.0 boots=2 fetched=8192 updates=0\n", "L4",
                  LAW_VIOLATED, "cannot-update-again");
    story_end_law("1510 dut",
                  "61000 timeout waiting=update ms=60000\n61000 end why=timeout run=1.0.0 boots=2 fetched=8192 updates=0\n",
                  "L11", LAW_VIOLATED, "too-slow");
}

static void the_follow_up_update_counts_as_well(void **state)
{
    (void)state;
    story_edited("8000 cycle", "7000 offer version=3.0.0 image=v3 good=true\n8000 cycle", "L4", LAW_VIOLATED,
                 "cannot-update-again");
}

static void an_update_that_was_complete_before_the_faults_counts(void **state)
{
    (void)state;
    char *story = story_edit(story_good, "1000 faults-over\n", "");
    story = story_edit_free(story, "8000 cycle", "7000 faults-over\n8000 cycle");
    story_holds(story);
    free(story);
}

static void more_updates_than_expected_are_too_many(void **state)
{
    (void)state;
    story_expect = "{\"eventually\":{\"version\":\"2.0.0\",\"updates\":1}}";
    story_edited("1510 dut stage",
                 "1505 dut stage stage=started version=2.0.0\n1506 dut stage stage=failed version=2.0.0 cause=timeout\n"
                 "1507 told stage=failed version=2.0.0 cause=timeout\n1508 dut stage stage=started version=2.0.0\n1510 dut stage",
                 "L4", LAW_VIOLATED, "too-many-updates");
    story_expect = "{\"eventually\":{\"version\":\"2.0.0\",\"updates\":2}}";
    story_edited("1510 dut stage",
                 "1505 dut stage stage=started version=2.0.0\n1506 dut stage stage=failed version=2.0.0 cause=timeout\n"
                 "1507 told stage=failed version=2.0.0 cause=timeout\n1508 dut stage stage=started version=2.0.0\n1510 dut stage",
                 "L4", LAW_HELD, "");
}

static void an_update_that_a_bench_fault_cut_short_is_undecided(void **state)
{
    (void)state;
    story_end_law("1510 dut", "1600 bench reason=link-lost\n1600 end why=bench run=1.0.0 boots=2\n", "L4", LAW_INCONCLUSIVE,
                  "cut-short");
}

/* --- L5 --- */

static void falling_below_a_confirmed_counter_is_a_downgrade(void **state)
{
    (void)state;
    char *story = story_edit(story_good, "8560 dut boot slot=b version=2.0.0 digest=D2 attempt=0 counter=2 confirmed=1",
                             "8560 dut boot slot=a version=1.0.0 digest=D1 attempt=0 counter=1 confirmed=1");
    story_law(story, "L5", LAW_VIOLATED, "counter-lowered");
    free(story);
    story_edited("8560 dut boot slot=b version=2.0.0 digest=D2 attempt=0 counter=2",
                 "8560 dut boot slot=b version=2.0.0 digest=D2 attempt=0 counter=1", "L5", LAW_VIOLATED, "counter-lowered");
}

static void falling_back_from_a_trial_is_none(void **state)
{
    (void)state;
    story_end_law("1900 dut", "1850 reset cause=watchdog by=device\n1900 dut reset reason=watchdog\n"
               "1910 dut boot slot=a version=1.0.0 digest=D1 counter=1 confirmed=1\n"
               "1950 dut running slot=a version=1.0.0 digest=D1 confirmed=1\n" STORY_END("2500", "done"), "L5", LAW_HELD, "");
}

/* --- L6 --- */

static void a_wrong_boot_reason_is_a_lie(void **state)
{
    (void)state;
    story_edited("1050 dut reset reason=power-on", "1050 dut reset reason=watchdog", "L6", LAW_VIOLATED, "wrong-reason");
    story_edited("1760 dut reset reason=software", "1760 dut reset reason=power-on", "L6", LAW_VIOLATED, "wrong-reason");
    story_edited("1800 dut running slot=b version=2.0.0 digest=D2 reason=software",
                 "1800 dut running slot=b version=2.0.0 digest=D2 reason=pin", "L6", LAW_VIOLATED, "wrong-reason");
    story_edited("1810 dut settings", "1805 dut reset reason=software\n1810 dut settings", "L6", LAW_VIOLATED, "no-reset");
}

static void flags_of_a_reset_that_was_never_told_of_stay(void **state)
{
    (void)state;
    /* a pin reset before the device said anything: the power-on flag is still there */
    story_edited("1050 dut reset", "1010 reset cause=pin by=rig\n1050 dut reset", "L6", LAW_HELD, "");
    /* but power-on wipes what was before */
    char *story =
        story_edit(story_good, "1000 power on=true why=fault\n", "900 reset cause=pin by=rig\n1000 power on=true why=fault\n");
    story = story_edit_free(story, "1050 dut reset reason=power-on", "1050 dut reset reason=pin");
    story_law(story, "L6", LAW_VIOLATED, "wrong-reason");
    free(story);
}

static void the_expected_reason_is_that_of_the_boot_after_the_fault(void **state)
{
    (void)state;
    story_expect = "{\"boot_reason\":\"power-on\"}";
    story_holds(story_good);
    story_expect = "{\"boot_reason\":\"pin\"}";
    story_edited("8000 cycle", "8000 cycle", "L6", LAW_VIOLATED, "unexpected-reason");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY_TEST(silence_after_the_cut_is_a_brick),
        STORY_TEST(silence_is_a_brick_without_a_timeout_record_too),
        STORY_TEST(a_boot_loop_is_a_brick),
        STORY_TEST(a_device_that_resets_itself_does_not_win_time),
        STORY_TEST(recovery_is_a_brick),
        STORY_TEST(a_recovery_that_is_served_is_none_if_the_image_then_runs),
        STORY_TEST(recovery_that_ends_by_itself_in_time_is_none),
        STORY_TEST(a_further_fault_restarts_the_clock),
        STORY_TEST(a_dead_processor_is_a_brick_even_when_the_application_ran),
        STORY_TEST(a_reset_of_its_own_must_end_in_the_application_too),
        STORY_TEST(silence_on_a_broken_bench_is_no_brick),
        STORY_TEST(destroying_the_slot_that_runs_is_seen_even_when_luck_helps),
        STORY_TEST(a_version_that_nobody_allowed_is_wrong),
        STORY_TEST(a_version_of_no_image_is_unknown),
        STORY_TEST(a_trial_boot_of_an_image_that_will_not_stay_is_no_wrong_version),
        STORY_TEST(a_good_offer_of_the_recovery_may_run),
        STORY_TEST(the_earlier_of_two_good_offers_may_still_run),
        STORY_TEST(a_device_that_says_another_image_than_it_executes_lies),
        STORY_TEST(a_confirmed_version_must_come_back),
        STORY_TEST(attack_content_must_never_run),
        STORY_TEST(an_unsigned_copy_is_attack_content_though_its_digest_is_genuine),
        STORY_TEST(a_good_offer_makes_the_digest_legitimate_once_it_is_fetched),
        STORY_TEST(what_no_image_has_is_unknown_content),
        STORY_TEST(a_short_digest_is_enough),
        STORY_TEST(a_device_that_cannot_update_again_is_bricked),
        STORY_TEST(the_follow_up_update_counts_as_well),
        STORY_TEST(an_update_that_was_complete_before_the_faults_counts),
        STORY_TEST(more_updates_than_expected_are_too_many),
        STORY_TEST(an_update_that_a_bench_fault_cut_short_is_undecided),
        STORY_TEST(falling_below_a_confirmed_counter_is_a_downgrade),
        STORY_TEST(falling_back_from_a_trial_is_none),
        STORY_TEST(a_wrong_boot_reason_is_a_lie),
        STORY_TEST(flags_of_a_reset_that_was_never_told_of_stay),
        STORY_TEST(the_expected_reason_is_that_of_the_boot_after_the_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
