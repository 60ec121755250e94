/* SPDX-License-Identifier: GPL-3.0-or-later
 * L7 to L12: how the update goes. As test_laws_boot.c. */
#include "base/buf.h"
#include "journal_story.h"
#include "judge_story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- L7 --- */

static void confirming_before_the_server_heard_is_too_early(void **state)
{
    (void)state;
    story_edited("1910 told stage=booted version=2.0.0\n", "", "L7", LAW_VIOLATED, "early-confirm");
    char *story = story_edit(story_good, "1910 told stage=booted version=2.0.0\n", "");
    story =
        story_edit_free(story, "1960 told stage=confirmed", "1955 told stage=booted version=2.0.0\n1960 told stage=confirmed");
    story_law(story, "L7", LAW_VIOLATED, "early-confirm");
    free(story);
    story_edited("digest=D2 attempt=1 counter=2 confirmed=0", "digest=D2 attempt=1 counter=2 confirmed=1", "L7", LAW_VIOLATED,
                 "early-confirm");
}

static void what_the_server_heard_in_an_earlier_boot_is_enough(void **state)
{
    (void)state;
    story_edited("1950 dut stage",
                 "1915 reset cause=pin by=rig\n1920 dut reset reason=pin\n1925 dut boot slot=b version=2.0.0 digest=D2 "
                 "confirmed=0\n"
                 "1930 dut running slot=b version=2.0.0 digest=D2 confirmed=0\n1950 dut stage",
                 "L7", LAW_HELD, "");
}

static void more_boots_than_attempts_are_too_many(void **state)
{
    (void)state;
    story_end_law("1800 dut", STORY_BOOT("1810") STORY_BOOT("1820") STORY_END("2000", "done"), "L7", LAW_HELD, "");
    story_end_law("1800 dut", STORY_BOOT("1810") STORY_BOOT("1820") STORY_BOOT("1830") STORY_END("2000", "done"), "L7",
                  LAW_VIOLATED, "too-many-attempts");
}

static void installing_anew_gives_new_attempts(void **state)
{
    (void)state;
    story_end_law("1800 dut",
                  STORY_BOOT("1810") STORY_BOOT("1820") "1825 dut reset reason=watchdog\n1830 dut running slot=a version=1.0.0 "
                                                        "digest=D1 "
                                                        "confirmed=1\n"
                                                        "1840 dut stage stage=installed version=2.0.0\n" STORY_BOOT("1850")
                                                            STORY_END("2000", "don"
                                                                              "e"),
                  "L7", LAW_HELD, "");
    /* but not when the image on trial says so itself */
    story_end_law("1800 dut",
                  STORY_BOOT("1810") STORY_BOOT("1820") "1830 dut running slot=b version=2.0.0 digest=D2 confirmed=0\n"
                                                        "1840 dut stage stage=installed version=2.0.0\n" STORY_BOOT("1850")
                                                            STORY_END("2000", "don"
                                                                              "e"),
                  "L7", LAW_VIOLATED, "too-many-attempts");
}

static void an_image_that_stays_on_trial_is_never_left(void **state)
{
    (void)state;
    story_end_law("1900 dut", "61800 timeout waiting=update ms=60000\n61800 end why=timeout run=2.0.0\n", "L7", LAW_VIOLATED,
                  "stays-unconfirmed");
    story_end_law("1900 dut", "9800 timeout waiting=update ms=8000\n9800 end why=timeout run=2.0.0\n", "L7", LAW_HELD, "");
}

/* --- L8 --- */

static const char bad_offer[] = "0 offer version=2.0.0 image=v2x good=false\n";

static char *refusal(const char *middle)
{
    char *story = story_edit(story_good, "0 offer version=2.0.0 image=v2 good=true\n", bad_offer);
    story = story_edit_free(story,
                            "510 fault i=0 do=power-cut delivered=true phase=write op=1100\n510 power on=false why=fault\n510 "
                            "rail mv=0\n"
                            "1000 power on=true why=fault\n1000 reset cause=power-on by=rig\n1000 faults-over\n",
                            "1000 reset cause=pin by=rig\n1000 faults-over\n1000 offer version=2.0.0 image=v2 good=true\n");
    story = story_edit_free(story, "1050 dut reset reason=power-on", "1050 dut reset reason=pin");
    story = story_edit_free(story, "1100 dut running slot=a version=1.0.0 digest=D1 reason=power-on",
                            "1100 dut running slot=a version=1.0.0 digest=D1 reason=pin");
    char *joined = mem_printf("%s1000 reset cause=pin", middle);
    story = story_edit_free(story, "1000 reset cause=pin", joined);
    free(joined);
    story_offered = "v2x";
    story_faults = "[]";
    return story;
}

static void expect_refusal(const char *middle, const char *id, enum law_state state, const char *kind)
{
    char *story = refusal(middle);
    story_law(story, id, state, kind);
    free(story);
}

#define FAILED(cause) \
    "600 dut stage stage=failed version=2.0.0 cause=" cause "\n610 told stage=failed version=2.0.0 cause=" cause "\n"

static void a_bad_image_that_is_refused_with_its_cause_is_well(void **state)
{
    (void)state;
    story_expect = "{\"refused\":true,\"cause\":\"bad-hash\",\"eventually\":{\"version\":\"2.0.0\",\"updates\":1}}";
    char *story = refusal(FAILED("bad-hash"));
    story_holds(story);
    story_law(story, "L8", LAW_HELD, "");
    free(story);
}

static void a_bad_image_must_not_be_activated(void **state)
{
    (void)state;
    expect_refusal(FAILED("bad-hash") "700 dut stage stage=installed version=2.0.0\n", "L8", LAW_VIOLATED, "activated");
    expect_refusal("700 dut boot slot=b version=2.0.0 digest=DX confirmed=0\n" FAILED("bad-hash"), "L8", LAW_VIOLATED,
                   "activated");
}

static void a_refusal_must_be_reported_with_its_cause(void **state)
{
    (void)state;
    expect_refusal("", "L8", LAW_VIOLATED, "not-reported");
    story_expect = "{\"refused\":true,\"cause\":\"unsigned\"}";
    expect_refusal(FAILED("bad-hash"), "L8", LAW_VIOLATED, "wrong-cause");
    expect_refusal(FAILED("unsigned"), "L8", LAW_HELD, "");
}

static void an_offer_that_is_ignored_is_refused(void **state)
{
    (void)state;
    story_expect = "{\"refused\":true}";
    char *story = story_edit(story_good, "0 offer version=2.0.0 image=v2 good=true\n", bad_offer);
    char *head = mem_printf("%.*s", (int)(strstr(story, "210 dut stage") - story), story);
    char *asked = mem_printf("%s70000 timeout waiting=refused ms=60000\n%s", head, STORY_END("70000", "done"));
    story_offered = "v2x";
    story_faults = "[]";
    story_law(asked, "L8", LAW_HELD, "");
    story_law(asked, "L11", LAW_HELD, "");
    char *unasked = story_edit(asked, "200 http n=1 method=GET path=/manifest.json status=200\n", "");
    story_law(unasked, "L8", LAW_INCONCLUSIVE, "never-asked");
    free(unasked);
    free(asked);
    free(head);
    free(story);
}

static void an_older_version_need_not_be_refused_aloud(void **state)
{
    (void)state;
    static const char asked[] =
        "0 offer version=%s image=v2x good=false\n0 power on=true why=start\n0 reset cause=power-on by=rig\n"
        "50 dut reset reason=power-on\n100 dut running slot=a version=1.0.0 digest=D1 confirmed=1\n"
        "200 http n=1 method=GET path=/manifest.json status=200\n70000 timeout waiting=refused ms=60000\n70000 end why=done\n";
    story_offered = "v2x";
    story_expect = "{\"refused\":true,\"cause\":\"downgrade|bad-manifest\"}";
    story_faults = "[]";
    char *older = mem_printf(asked, "0.9.10"), *newer = mem_printf(asked, "1.0.1");
    story_law(older, "L8", LAW_HELD, "");
    story_law(newer, "L8", LAW_VIOLATED, "not-reported");
    free(older);
    free(newer);
}

static void an_expectation_may_name_several_causes(void **state)
{
    (void)state;
    story_expect = "{\"refused\":true,\"cause\":\"unsigned|bad-hash\"}";
    expect_refusal(FAILED("bad-hash"), "L8", LAW_HELD, "");
    expect_refusal(FAILED("bad"), "L8", LAW_VIOLATED, "wrong-cause");
}

/* --- L9 --- */

static void resuming_beyond_what_is_held_leaves_a_hole(void **state)
{
    (void)state;
    story_edited("bytes=8200 from=8192", "bytes=8191 from=8192", "L9", LAW_VIOLATED, "skips-missing");
}

static void what_is_still_in_ram_is_no_hole(void **state)
{
    (void)state;
    story_edited("400 dut chunk index=0", "350 held slot=b file=v2-b.bin bytes=0 from=4096\n400 dut chunk index=0", "L9",
                 LAW_HELD, "");
}

/* A chunk line says: written, and recorded in flash. */
static void what_a_chunk_line_says_is_in_flash_has_to_be_there(void **state)
{
    (void)state;
    static const char at[] = "500 dut chunk index=1";
    story_edited(at, "450 held slot=b file=v2-b.bin bytes=4096 from=4096\n500 dut chunk index=1", "L9", LAW_HELD, "");
    story_edited(at, "450 held slot=b file=v2-b.bin bytes=100 from=4096\n500 dut chunk index=1", "L9", LAW_VIOLATED, "skips-missing");
    story_edited(at, "440 dut stage stage=failed version=2.0.0 cause=timeout\n445 told stage=failed version=2.0.0 cause=timeout\n"
                     "450 held slot=b file=v2-b.bin bytes=100 from=4096\n500 dut chunk index=1", "L9", LAW_VIOLATED, "skips-missing");
    story_edited(at, "440 http n=9 method=GET path=/manifest.json status=200 attack=arbitrary-software\n"
                     "450 held slot=b file=v2-b.bin bytes=100 from=4096\n500 dut chunk index=1", "L9", LAW_HELD, "");
}

static void fetching_verified_bytes_again_is_waste(void **state)
{
    (void)state;
    story_edited("bytes=8200 from=8192", "bytes=8200 from=4096", "L9", LAW_VIOLATED, "fetches-again");
    story_edited("1210 held slot=b file=v2-b.bin bytes=8200 from=8192",
                 "1209 fault i=0 do=flash-damage delivered=true region=download\n1210 held slot=b file=v2-b.bin bytes=8200 from=0", "L9",
                 LAW_HELD, "");
    char *story = story_edit(story_good, "1210 held slot=b file=v2-b.bin bytes=8200 from=8192\n",
                             "1205 dut stage stage=failed version=2.0.0 cause=timeout\n1206 told stage=failed version=2.0.0 "
                             "cause=timeout\n"
                             "1210 held slot=b file=v2-b.bin bytes=8200 from=0\n");
    story_law(story, "L9", LAW_HELD, "");
    free(story);
}

static void without_eyes_on_the_flash_a_request_is_measured_by_what_was_known_before(void **state)
{
    (void)state;
    char *story = story_edit(story_good, "300 held slot=b file=v2-b.bin bytes=0 from=0\n", "");
    story = story_edit_free(story, "1210 held slot=b file=v2-b.bin bytes=8200 from=8192\n", "");
    /* one response from 0 during which chunks are verified: no second fetch */
    story = story_edit_free(story, "510 fault",
                            "505 http n=2 method=GET path=/image/v2-b.bin file=v2-b.bin from=0 status=200 length=98192 "
                            "end=reset\n"
                            "510 fault");
    story_law(story, "L9", LAW_HELD, "");
    story = story_edit_free(story, "file=v2-b.bin from=8192 ranged=true", "file=v2-b.bin from=0 ranged=true");
    story_law(story, "L9", LAW_VIOLATED, "fetches-again");
    free(story);
}

static void an_honest_download_that_does_not_verify_was_damaged_on_the_way(void **state)
{
    (void)state;
    static const char failed[] = "1505 dut stage stage=failed version=2.0.0 cause=bad-hash\n1506 told stage=failed version=2.0.0 "
                                 "cause=bad-hash\n1510 dut";
    story_edited("1510 dut", failed, "L9", LAW_VIOLATED, "damaged-download");
    char *story = story_edit(story_good, "1510 dut", failed);
    story = story_edit_free(story, "sent=90000 end=complete", "sent=90000 end=complete attack=flip-bits");
    story_law(story, "L9", LAW_HELD, "");
    free(story);
}

/* --- L10 to L12 --- */

static void settings_that_change_are_lost(void **state)
{
    (void)state;
    story_edited("1810 dut settings id=0042 name=lamp", "1810 dut settings id=0042 name=default", "L10", LAW_VIOLATED,
                 "data-lost");
    story_edited("1110 dut settings id=0042", "1110 dut settings id=0", "L10", LAW_VIOLATED, "data-lost");
    /* not where the rig typed another name, or spoilt what holds it; a spoilt slot holds no name */
    static const char last[] = "8610 dut settings id=0042 name=lamp";
    story_edited(last, "8609 fault i=0 do=command delivered=true\n8610 dut settings id=0042 name=default", "L10", LAW_HELD, "");
    story_edited(last, "8609 fault i=0 do=flash-damage delivered=true region=settings\n8610 dut settings id=0042 name=default", "L10",
                 LAW_HELD, "");
    story_edited(last, "8609 fault i=0 do=flash-damage delivered=true region=slot-b\n8610 dut settings id=0042 name=default", "L10",
                 LAW_VIOLATED, "data-lost");
    story_end_law("1050 dut", STORY_END("3900", "done"), "L10", LAW_NOT_APPLICABLE, "");
}

static void a_confirmed_application_that_resets_itself_for_ever_is_unbounded(void **state)
{
    (void)state;
    struct buf loop = {0};
    for (int i = 0; i < 9; i++)
        buf_printf(&loop,
                   "%d reset cause=watchdog by=device\n%d dut reset reason=watchdog\n%d dut running slot=a version=1.0.0 "
                   "digest=D1 "
                   "confirmed=1\n",
                   1300 + 100 * i, 1310 + 100 * i, 1350 + 100 * i);
    char *nine = mem_printf("%s%s", buf_text(&loop), STORY_END("9000", "done"));
    story_end_law("1500 http", nine, "L11", LAW_VIOLATED, "reset-loop");
    story_end_law("1500 http", nine, "L1", LAW_VIOLATED, "boot-loop");
    char *eight = mem_printf("%s%s", strstr(buf_text(&loop), "1400 reset"), STORY_END("9000", "done"));
    story_end_law("1500 http", eight, "L11", LAW_HELD, "");
    story_end_law("1500 http", eight, "L1", LAW_HELD, "");
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
    buf_str(&loop, STORY_END("2500", "done"));
    story_end_law("1050 dut", buf_text(&loop), "L11", LAW_VIOLATED, "too-many-boots");
    story_end_law("1050 dut", strstr(buf_text(&loop), "1160"), "L11", LAW_HELD, "");
    buf_free(&loop);
}

static void fetching_an_image_over_and_over_is_unbounded(void **state)
{
    (void)state;
    story_edited("fetched=98192", "fetched=589152", "L11", LAW_HELD, "");
    story_edited("fetched=98192", "fetched=589153", "L11", LAW_VIOLATED, "unbounded-download");
}

static void retries_without_waiting_are_a_storm(void **state)
{
    (void)state;
    struct buf storm = {0};
    for (int i = 0; i < 31; i++)
        buf_printf(&storm, "%d dut retry wait=1 cause=timeout\n", 1220 + i);
    buf_str(&storm, "1500 http");
    story_edited("1500 http", buf_text(&storm), "L11", LAW_VIOLATED, "retry-storm");
    story_edited("1500 http", strchr(buf_text(&storm), '\n') + 1, "L11", LAW_HELD, "");
    buf_free(&storm);
}

static void a_delta_is_worth_two_tries_and_no_third(void **state)
{
    (void)state;
    static const char three[] = "1220 dut retry wait=2000 cause=bad-delta\n1221 dut retry wait=4000 cause=bad-base\n"
                                "1222 dut retry wait=8000 cause=bad-delta\n1500 http";
    story_edited("1500 http", three, "L11", LAW_VIOLATED, "endless-retry");
    story_edited("1500 http", strchr(three, '\n') + 1, "L11", LAW_HELD, "");
}

static void a_stage_that_the_server_never_hears_of_is_untold(void **state)
{
    (void)state;
    static const char *const lines[] = {"220 told stage=started version=2.0.0\n", "1610 told stage=verified version=2.0.0\n",
                                        "1705 told stage=installed version=2.0.0\n", "1960 told stage=confirmed version=2.0.0\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        story_edited(lines[i], "", "L12", LAW_VIOLATED, "untold-stage");
}

static void a_stage_may_be_told_late(void **state)
{
    (void)state;
    char *story = story_edit(story_good, "1960 told stage=confirmed version=2.0.0\n", "");
    story = story_edit_free(story, "8610 dut", "8605 told stage=confirmed version=2.0.0\n8610 dut");
    story_law(story, "L12", LAW_HELD, "");
    free(story);
}

static void a_failure_must_be_told_with_its_cause(void **state)
{
    (void)state;
    expect_refusal("600 dut stage stage=failed version=2.0.0 cause=bad-hash\n", "L12", LAW_HELD, ""); /* 400 ms: no time */
    static const char quiet[] = "0 offer version=2.0.0 image=v2x good=false\n0 power on=true why=start\n0 reset cause=power-on "
                                "by=rig\n"
                                "50 dut reset reason=power-on\n100 dut running slot=a version=1.0.0 digest=D1 confirmed=1\n"
                                "600 dut stage stage=failed version=2.0.0 cause=bad-hash\n%s9000 end why=done run=1.0.0\n";
    char *story = mem_printf(quiet, "");
    story_law(story, "L12", LAW_VIOLATED, "untold-failure");
    free(story);
    story = mem_printf(quiet, "610 told stage=failed version=2.0.0 cause=timeout\n");
    story_law(story, "L12", LAW_VIOLATED, "wrong-cause");
    free(story);
    story = mem_printf(quiet, "610 told stage=failed version=2.0.0 cause=bad-hash\n");
    story_law(story, "L12", LAW_HELD, "");
    free(story);
    story = mem_printf(quiet, "700 dut retry wait=8000 cause=no-server\n"); /* it said that it would wait */
    story_law(story, "L12", LAW_HELD, "");
    free(story);
    /* but it asked for a manifest meanwhile */
    story = mem_printf(quiet, "700 dut retry wait=8000 cause=no-server\n2000 http n=3 method=GET path=/manifest.json status=204 "
                              "end=complete\n");
    story_law(story, "L12", LAW_VIOLATED, "untold-failure");
    free(story);
    story = mem_printf(quiet, "700 fault i=0 do=link-down delivered=true off_ms=5000\n");
    story_law(story, "L12", LAW_HELD, "");
    free(story);
    story = mem_printf(
        quiet, "700 http n=3 method=POST path=/telemetry status=204 end=reset attack=reset\n"); /* it takes time to notice */
    story_law(story, "L12", LAW_HELD, "");
    free(story);
}

static void a_rollback_must_be_told(void **state)
{
    (void)state;
    static const char back[] = "1850 reset cause=watchdog by=device\n1900 dut reset reason=watchdog\n1905 dut rollback slot=b "
                               "version=2.0.0 cause=attempts\n"
                               "1950 dut running slot=a version=1.0.0 digest=D1 confirmed=1\n%s9000 end why=done run=1.0.0\n";
    char *rest = mem_printf(back, "");
    story_end_law("1900 dut", rest, "L12", LAW_VIOLATED, "untold-rollback");
    free(rest);
    rest = mem_printf(back, "2000 told stage=rolled-back version=2.0.0 cause=attempts\n");
    story_end_law("1900 dut", rest, "L12", LAW_HELD, "");
    free(rest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY_TEST(confirming_before_the_server_heard_is_too_early),
        STORY_TEST(what_the_server_heard_in_an_earlier_boot_is_enough),
        STORY_TEST(more_boots_than_attempts_are_too_many),
        STORY_TEST(installing_anew_gives_new_attempts),
        STORY_TEST(an_image_that_stays_on_trial_is_never_left),
        STORY_TEST(a_bad_image_that_is_refused_with_its_cause_is_well),
        STORY_TEST(a_bad_image_must_not_be_activated),
        STORY_TEST(a_refusal_must_be_reported_with_its_cause),
        STORY_TEST(an_offer_that_is_ignored_is_refused),
        STORY_TEST(an_older_version_need_not_be_refused_aloud),
        STORY_TEST(an_expectation_may_name_several_causes),
        STORY_TEST(resuming_beyond_what_is_held_leaves_a_hole),
        STORY_TEST(what_is_still_in_ram_is_no_hole),
        STORY_TEST(what_a_chunk_line_says_is_in_flash_has_to_be_there),
        STORY_TEST(fetching_verified_bytes_again_is_waste),
        STORY_TEST(without_eyes_on_the_flash_a_request_is_measured_by_what_was_known_before),
        STORY_TEST(an_honest_download_that_does_not_verify_was_damaged_on_the_way),
        STORY_TEST(settings_that_change_are_lost),
        STORY_TEST(a_confirmed_application_that_resets_itself_for_ever_is_unbounded),
        STORY_TEST(too_many_boots_to_the_application_are_unbounded),
        STORY_TEST(fetching_an_image_over_and_over_is_unbounded),
        STORY_TEST(a_delta_is_worth_two_tries_and_no_third),
        STORY_TEST(retries_without_waiting_are_a_storm),
        STORY_TEST(a_stage_that_the_server_never_hears_of_is_untold),
        STORY_TEST(a_stage_may_be_told_late),
        STORY_TEST(a_failure_must_be_told_with_its_cause),
        STORY_TEST(a_rollback_must_be_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
