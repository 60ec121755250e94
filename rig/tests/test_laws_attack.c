/* SPDX-License-Identifier: GPL-3.0-or-later
 * L8 of attacks on a good image, of what was called back, and of keys; L11's bounds on answers; L12 of a rollback; R1 of faults that
 * met nothing. Each rule has the story that trips it, and the honest one that looks like it. */
#include "base/buf.h"
#include "journal_story.h"
#include "judge_story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char serve[] = "[{\"do\":\"serve\",\"at\":\"request\"}]";

/* The good story without its power cut: the first answer for the image is the attack's, the device says what `says` says, and goes on. */
static char *attacked(const char *answer, const char *says)
{
    char *middle = mem_printf("%s%s1000 faults-over\n1200 dut resume version=2.0.0 offset=8192\n", answer, says);
    const char *from = strstr(story_good, "510 fault"), *to = strstr(story_good, "1210 held");
    char *story = mem_printf("%.*s%s%s", (int)(from - story_good), story_good, middle, to);
    free(middle);
    story_faults = serve;
    return story;
}

#define ANSWER "900 http n=2 asked=400000000 method=GET path=/image/v2-b.bin file=v2-b.bin from=0 status=200 length=98192 " \
    "sent=8192 end=reset attack=truncate\n"
#define DELIVERED "900 fault i=0 do=serve delivered=true phase=download attack=truncate\n"
#define RETRY(t, cause) t " dut retry wait=2000 cause=" cause "\n"

static void expect_attack(const char *answer, const char *says, enum law_state state, const char *kind)
{
    char *story = attacked(answer, says);
    story_law(story, "L8", state, kind);
    if (state == LAW_HELD)
        story_holds(story);
    free(story);
}

static void an_attack_that_reached_the_device_is_reported_with_its_cause(void **state)
{
    (void)state;
    story_expect = "{\"cause\":\"short-body|tls-.*\"}";
    expect_attack(DELIVERED ANSWER, RETRY("950", "short-body"), LAW_HELD, "");
    expect_attack(DELIVERED ANSWER, RETRY("950", "tls-host"), LAW_HELD, "");
    expect_attack(DELIVERED ANSWER, RETRY("950", "timeout") RETRY("960", "short-body"), LAW_HELD, "");
    expect_attack(DELIVERED ANSWER, "950 told stage=failed version=2.0.0 cause=short-body\n", LAW_HELD, "");
}

static void silence_about_an_attack_is_a_violation(void **state)
{
    (void)state;
    story_expect = "{\"cause\":\"short-body\"}";
    expect_attack(DELIVERED ANSWER, "", LAW_VIOLATED, "not-reported");
    expect_attack(DELIVERED ANSWER, "950 dut retry wait=2000\n", LAW_VIOLATED, "not-reported");
}

static void another_cause_is_the_wrong_one(void **state)
{
    (void)state;
    story_expect = "{\"cause\":\"short-body\"}";
    expect_attack(DELIVERED ANSWER, RETRY("950", "timeout"), LAW_VIOLATED, "wrong-cause");
    expect_attack(DELIVERED ANSWER, RETRY("950", "short-body-or-so"), LAW_VIOLATED, "wrong-cause");
}

static void a_cause_counts_from_the_request_on_and_not_before(void **state)
{
    (void)state;
    story_expect = "{\"cause\":\"short-body\"}";
    expect_attack("", RETRY("850", "short-body") DELIVERED ANSWER, LAW_HELD, ""); /* the record comes when the answer is over */
    char *story = attacked(DELIVERED ANSWER, "");
    story = story_edit_free(story, "300 held", "290 dut retry wait=1 cause=short-body\n300 held");
    story_law(story, "L8", LAW_VIOLATED, "not-reported");
    free(story);
}

static void an_attack_that_never_came_shows_nothing(void **state)
{
    (void)state;
    story_expect = "{\"cause\":\"short-body\"}";
    expect_attack("", RETRY("950", "short-body"), LAW_INCONCLUSIVE, "not-attacked");
    char *story = attacked("", "");
    story_law(story, "R1", LAW_INCONCLUSIVE, "fault-not-delivered");
    assert_int_equal(story_judge(story).all.outcome, LAW_INCONCLUSIVE);
    free(story);
}

static void a_device_that_is_cut_before_it_could_speak_is_not_blamed(void **state)
{
    (void)state;
    story_expect = "{\"cause\":\"short-body\"}";
    story_faults = "[{\"do\":\"serve\"},{\"do\":\"power-cut\"}]";
    char *story = story_edit(story_good, "510 fault i=0", "505 http n=2 asked=400000000 method=GET path=/image/v2-b.bin file=v2-b.bin "
        "status=200 end=reset attack=truncate\n505 fault i=0 do=serve delivered=true attack=truncate\n510 fault i=1");
    story_law(story, "L8", LAW_INCONCLUSIVE, "cut-short");
    story = story_edit_free(story, "1200 dut resume", "1190 dut retry wait=1 cause=short-body\n1200 dut resume");
    story_holds(story); /* it remembered */
    free(story);
}

static void a_wrong_clock_is_an_attack_and_a_power_cut_is_none(void **state)
{
    (void)state;
    story_expect = "{\"cause\":\"tls-expired\"}";
    story_law(story_good, "L8", LAW_NOT_APPLICABLE, ""); /* nothing but a cut is planned, as in a reference run nothing is */
    char *story = attacked("500 fault i=0 do=clock delivered=true\n", RETRY("950", "tls-expired"));
    story_faults = "[{\"do\":\"clock\"}]";
    story_holds(story);
    free(story);
}

/* --- called back --- */

#define MANIFEST(t, asked) t " http n=9 asked=" asked "000000 method=GET path=/manifest.json?x=1 status=200 end=complete\n"
#define PAUSE(t) t " offer version=2.0.0 image=v2 action=pause good=false\n"
#define GO(t) t " offer version=2.0.0 image=v2 good=true\n"

static void stopped(const char *before, const char *from, const char *to, enum law_state state, const char *kind)
{
    char *edit = mem_printf("%s%s", before, from);
    char *story = story_edit(story_good, from, edit);
    if (to)
        story = story_edit_free(story, "1950 dut stage", to);
    story_law(story, "L8", state, kind);
    free(story);
    free(edit);
}

static void nothing_is_activated_while_it_is_paused(void **state)
{
    (void)state;
    stopped(PAUSE("1615") MANIFEST("1630", "1620"), "1700 dut stage", NULL, LAW_VIOLATED, "activated-while-paused");
    stopped(PAUSE("1615") MANIFEST("1630", "1620") "1640 dut retry wait=1 cause=paused\n" GO("1650") MANIFEST("1670", "1660"),
            "1700 dut stage", NULL, LAW_HELD, "");
}

static void a_device_that_had_asked_just_before_could_not_know(void **state)
{
    (void)state;
    stopped(MANIFEST("1600", "1590") PAUSE("1605"), "1700 dut stage", NULL, LAW_HELD, "");
    stopped(PAUSE("1595") MANIFEST("1600", "1590"), "1700 dut stage", NULL, LAW_HELD, ""); /* the answer was under way */
    char *story = story_edit(story_good, "200 http n=1 method=GET path=/manifest.json status=200\n",
        MANIFEST("200", "190") PAUSE("205")); /* a slow link: the end of an answer is seen after the device has acted on it */
    story = story_edit_free(story, "210 dut stage stage=started version=2.0.0 offset=0\n220 told stage=started version=2.0.0\n", "");
    story = story_edit_free(story, "1710 reset cause=software", MANIFEST("1705", "201") "1710 reset cause=software");
    story_law(story, "L8", LAW_HELD, "");
    story = story_edit_free(story, "asked=201000000", "asked=206000000");
    story_law(story, "L8", LAW_VIOLATED, "activated-while-paused");
    free(story);
}

static void a_device_that_does_not_ask_again_activates_what_was_called_back(void **state)
{
    (void)state;
    stopped("199 http n=9 asked=198000000 method=GET path=/manifest.json status=200 end=complete\n" PAUSE("199"), "200 http", NULL,
            LAW_VIOLATED, "activated-while-paused");
}

static void what_boots_already_may_be_confirmed_while_it_is_paused(void **state)
{
    (void)state;
    stopped(PAUSE("1900") MANIFEST("1930", "1920"), "1950 dut stage", NULL, LAW_HELD, "");
}

static void nothing_is_begun_while_it_is_paused(void **state)
{
    (void)state;
    char *story = story_edit(story_good, "0 offer version=2.0.0 image=v2 good=true\n", PAUSE("0"));
    story = story_edit_free(story, "210 dut stage", MANIFEST("205", "200") "210 dut stage");
    story_law(story, "L8", LAW_VIOLATED, "begun-while-paused");
    free(story);
}

/* --- rollback --- */

/* From 2.0.0 back to 1.0.0, by this offer. */
static char *back(const char *offer)
{
    char *tail = mem_printf("8700 %s\n"
        "8710 dut stage stage=started version=1.0.0\n8715 told stage=started version=1.0.0\n"
        "8800 dut stage stage=downloaded version=1.0.0\n8801 told stage=downloaded version=1.0.0\n"
        "8810 dut stage stage=verified version=1.0.0\n8811 told stage=verified version=1.0.0\n"
        "8820 dut stage stage=installed version=1.0.0\n8821 told stage=installed version=1.0.0\n"
        "8830 reset cause=software by=device\n8835 dut reset reason=software\n"
        "8840 dut boot slot=a version=1.0.0 digest=D1 attempt=1 confirmed=0\n"
        "8850 dut running slot=a version=1.0.0 digest=D1 reason=software confirmed=0\n8850 exec slot=a image=v1 digest=D1\n"
        "8860 told stage=booted version=1.0.0\n8870 dut stage stage=confirmed version=1.0.0\n"
        "8880 told stage=confirmed version=1.0.0\n"
        "10000 end", offer);
    char *story = story_edit(story_good, "10000 end", tail);
    free(tail);
    return story_edit_free(story, "end why=done run=2.0.0", "end why=done run=1.0.0");
}

/* The counters of these stories' images differ, which is L5's business. */
static void expect_back(const char *offer, const char *id, enum law_state state, const char *kind)
{
    char *story = back(offer);
    story_law(story, id, state, kind);
    free(story);
}

static void a_rollback_that_the_vendor_signed_is_well(void **state)
{
    (void)state;
    static const char signed_rollback[] = "offer version=1.0.0 image=v1 action=rollback good=true";
    const char *const laws[] = {"L1", "L2", "L3", "L7", "L8", "L12"};
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++)
        expect_back(signed_rollback, laws[i], strcmp(laws[i], "L8") == 0 ? LAW_NOT_APPLICABLE : LAW_HELD, "");
    expect_back(signed_rollback, "L5", LAW_VIOLATED, "counter-lowered");
}

static void an_older_version_without_a_rollback_is_a_violation(void **state)
{
    (void)state;
    expect_back("offer version=1.0.0 image=v1 good=false", "L2", LAW_VIOLATED, "rolled-back-unasked");
    expect_back("offer version=1.0.0 image=v1 action=pause good=false", "L2", LAW_VIOLATED, "rolled-back-unasked");
    expect_back("offer version=2.0.0 image=v2 good=true", "L2", LAW_VIOLATED, "not-kept");
}

static void a_rollback_tells_each_of_its_stages_anew(void **state)
{
    (void)state;
    char *story = back("offer version=1.0.0 image=v1 action=rollback good=true");
    story = story_edit_free(story, "8811 told stage=verified version=1.0.0\n", "");
    story_law(story, "L12", LAW_HELD, ""); /* it may be told late still */
    story = story_edit_free(story, "10000 end", "20000 end");
    story_law(story, "L12", LAW_VIOLATED, "untold-stage");
    free(story);
}

/* --- keys --- */

#define KEYS(t) t " http n=8 method=GET path=/keys.json status=200 end=complete\n"

static void what_the_revoked_key_signed_is_attack_content_once_the_device_knows(void **state)
{
    (void)state;
    story_signer = "good";
    stopped("", "10000 end", NULL, LAW_NOT_APPLICABLE, "");
    char *story = story_edit(story_good, "200 http", "150 offer version=2.0.0 image=v2 keyset=2 good=true\n" KEYS("160") "200 http");
    story_law(story, "L3", LAW_VIOLATED, "attack-ran");
    free(story);
    story = story_edit(story_good, "200 http", "150 offer version=2.0.0 image=v2 keyset=2 good=true\n200 http");
    story_law(story, "L3", LAW_HELD, ""); /* it was never told */
    free(story);
    story = story_edit(story_good, "1510 dut", "1505 offer version=3.0.0 image=v3 keyset=2 good=true\n" KEYS("1506") "1510 dut");
    story_law(story, "L3", LAW_HELD, ""); /* it was fetched before */
    free(story);
    story_signer = "next";
    story = story_edit(story_good, "200 http", "150 offer version=2.0.0 image=v2 keyset=2 good=true\n" KEYS("160") "200 http");
    story_holds(story);
    free(story);
}

/* --- bounds --- */

static void an_answer_that_never_ends_is_left(void **state)
{
    (void)state;
    story_edited("200 http n=1 method=GET path=/manifest.json status=200",
                 "200 http n=1 method=GET path=/manifest.json status=200 sent=65536 attack=endless-data", "L11", LAW_HELD, "");
    story_edited("200 http n=1 method=GET path=/manifest.json status=200",
                 "200 http n=1 method=GET path=/manifest.json status=200 sent=65537 attack=endless-data", "L11", LAW_VIOLATED,
                 "unbounded-answer");
    story_end_law("1950 dut", "700000 http n=7 asked=2000000000 method=GET path=/manifest.json status=200 attack=slow-retrieval\n"
        "700100 end why=done run=2.0.0\n", "L11", LAW_VIOLATED, "held-up");
    story_end_law("1950 dut", "700000 http n=7 asked=200000000000 method=GET path=/manifest.json status=200 attack=slow-retrieval\n"
        "700100 end why=done run=2.0.0\n", "L11", LAW_HELD, "");
    story_end_law("1950 dut", "1960 fault i=0 do=link-down delivered=true off_ms=600000\n"
        "700000 http n=7 asked=2000000000 method=GET path=/manifest.json status=200 attack=slow-retrieval\n"
        "700100 end why=done run=2.0.0\n", "L11", LAW_HELD, ""); /* nobody can tell who was slow */
}

/* --- R1 --- */

static void a_link_fault_that_met_no_packet_proves_nothing(void **state)
{
    (void)state;
    story_faults = "[{\"do\":\"link\"}]";
    char *story = attacked("500 fault i=0 do=link delivered=true\n600 impaired i=0 packets=40 touched=0\n", "");
    story_faults = "[{\"do\":\"link\"}]";
    story_law(story, "R1", LAW_INCONCLUSIVE, "fault-not-delivered");
    story = story_edit_free(story, "touched=0", "touched=1");
    story_law(story, "R1", LAW_HELD, "");
    free(story);
}

static void an_offer_that_nobody_asked_for_proves_nothing(void **state)
{
    (void)state;
    char *story = attacked("900 fault i=0 do=offer delivered=true\n" PAUSE("900") GO("950") MANIFEST("960", "955"), "");
    story_faults = "[{\"do\":\"offer\"}]";
    story_law(story, "R1", LAW_INCONCLUSIVE, "fault-not-delivered");
    story = story_edit_free(story, "950 offer", "940 http n=8 asked=930000000 method=GET path=/manifest.json status=200\n950 offer");
    story_law(story, "R1", LAW_HELD, "");
    free(story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY_TEST(an_attack_that_reached_the_device_is_reported_with_its_cause),
        STORY_TEST(silence_about_an_attack_is_a_violation),
        STORY_TEST(another_cause_is_the_wrong_one),
        STORY_TEST(a_cause_counts_from_the_request_on_and_not_before),
        STORY_TEST(an_attack_that_never_came_shows_nothing),
        STORY_TEST(a_device_that_is_cut_before_it_could_speak_is_not_blamed),
        STORY_TEST(a_wrong_clock_is_an_attack_and_a_power_cut_is_none),
        STORY_TEST(nothing_is_activated_while_it_is_paused),
        STORY_TEST(a_device_that_had_asked_just_before_could_not_know),
        STORY_TEST(a_device_that_does_not_ask_again_activates_what_was_called_back),
        STORY_TEST(what_boots_already_may_be_confirmed_while_it_is_paused),
        STORY_TEST(nothing_is_begun_while_it_is_paused),
        STORY_TEST(a_rollback_that_the_vendor_signed_is_well),
        STORY_TEST(an_older_version_without_a_rollback_is_a_violation),
        STORY_TEST(a_rollback_tells_each_of_its_stages_anew),
        STORY_TEST(what_the_revoked_key_signed_is_attack_content_once_the_device_knows),
        STORY_TEST(an_answer_that_never_ends_is_left),
        STORY_TEST(a_link_fault_that_met_no_packet_proves_nothing),
        STORY_TEST(an_offer_that_nobody_asked_for_proves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
