/* SPDX-License-Identifier: GPL-3.0-or-later
 * A fleet judged as a whole, over journals written as stories: one trial per device. */
#include "base/buf.h"
#include "base/err.h"
#include "journal_story.h"
#include "judge/fleet.h"
#include "judge/verdict.h"
#include "judge_story.h"
#include "record/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DEVICES = 4 };

/* What one device does: starts at t ms as this chip with this id, is offered 2.0.0, and … */
enum fate { UPDATED, STAYS, SENT_BACK, ROLLS_BACK, PAUSED, DIES };
struct life { unsigned t; const char *chip, *id; enum fate fate; };

static void updates(struct buf *out, unsigned t)
{
    static const char *const stages[] = {"started", "downloaded", "verified", "installed"};
    for (unsigned i = 0; i < 4; i++)
        buf_printf(out, "%u dut stage stage=%s version=2.0.0\n%u told stage=%s version=2.0.0\n", t + 10 * i, stages[i], t + 10 * i + 1,
                   stages[i]);
    buf_printf(out, "%u reset cause=software by=device\n%u dut reset reason=software\n", t + 50, t + 51);
    buf_printf(out, "%u dut boot slot=b version=2.0.0 digest=D2 attempt=1 counter=2 confirmed=0\n", t + 52);
    buf_printf(out, "%u dut running slot=b version=2.0.0 digest=D2 reason=software confirmed=0\n", t + 60);
}

static void confirms(struct buf *out, unsigned t, const char *version)
{
    buf_printf(out, "%u dut stage stage=booted version=%s\n%u told stage=booted version=%s\n", t, version, t + 1, version);
    buf_printf(out, "%u dut stage stage=confirmed version=%s\n%u told stage=confirmed version=%s\n", t + 2, version, t + 3, version);
}

/* Confirmed, though its image was already there: the way back is for the tests of the laws. */
static void goes_back(struct buf *out, unsigned t)
{
    buf_printf(out, "%u offer version=1.0.0 image=v1 action=rollback good=true\n", t);
    buf_printf(out, "%u reset cause=software by=device\n%u dut reset reason=software\n", t + 1, t + 2);
    buf_printf(out, "%u dut running slot=a version=1.0.0 digest=D1 reason=software confirmed=1\n", t + 3);
}

static void live(struct buf *out, const struct life *l)
{
    unsigned t = l->t;
    const char *ends = "1.0.0", *why = "done";
    buf_printf(out, "0 chip unique_id:%s place=7\n%u offer version=2.0.0 image=v2 good=true\n", l->chip, t);
    buf_printf(out, "%u power on=true why=start\n%u reset cause=power-on by=rig\n%u dut reset reason=power-on\n", t, t, t);
    buf_printf(out, "%u dut running slot=a version=1.0.0 digest=D1 reason=power-on confirmed=1\n", t + 1);
    buf_printf(out, "%u dut settings id=%s name=lamp\n", t + 2, l->id);
    buf_printf(out, "%u http n=1 asked=%u000000 method=GET path=/manifest.json status=200 end=complete\n", t + 5, t + 4);
    if (l->fate == UPDATED || l->fate == SENT_BACK || l->fate == ROLLS_BACK)
        updates(out, t + 10);
    if (l->fate == UPDATED || l->fate == SENT_BACK)
        confirms(out, t + 80, "2.0.0");
    if (l->fate == UPDATED)
        ends = "2.0.0";
    if (l->fate == SENT_BACK)
        goes_back(out, t + 90);
    if (l->fate == ROLLS_BACK)
        buf_printf(out, "%u reset cause=watchdog by=device\n%u dut reset reason=watchdog\n"
            "%u dut rollback slot=b version=2.0.0 cause=attempts\n"
            "%u dut running slot=a version=1.0.0 digest=D1 reason=watchdog confirmed=1\n"
            "%u told stage=rolled-back version=2.0.0 cause=attempts\n", t + 80, t + 81, t + 82, t + 83, t + 84);
    if (l->fate == PAUSED)
        buf_printf(out, "%u dut stage stage=failed version=2.0.0 cause=paused\n%u told stage=failed version=2.0.0 cause=paused\n", t + 20,
                   t + 21);
    if (l->fate == DIES)
        why = "dead";
    bool dies = l->fate == DIES;
    buf_printf(out, "%u end why=%s boots=1 fetched=0 updates=0%s%s\n", 100000, why, dies ? "" : " run=", dies ? "" : ends);
}

/* The story's `run` says a version and no more: here it is a confirmed one. */
static char *confirmed_at_the_end(const char *text)
{
    static const char mark[] = "\"running\":{";
    struct buf out = {0};
    for (const char *at; (at = strstr(text, mark)); text = at + sizeof mark - 1) {
        buf_add(&out, text, (size_t)(at - text));
        buf_printf(&out, "%s\"confirmed\":true,", mark);
    }
    buf_str(&out, text);
    char *copy = mem_str(buf_text(&out));
    buf_free(&out);
    return copy;
}

static struct verdict *verdict;
static struct journal *journal;

static void judge(const struct life life[DEVICES], const char *fleet, const char *expect)
{
    struct buf text = {0};
    struct err e = {0};
    char *wanted = mem_printf("{\"versions\":[\"1.0.0\",\"2.0.0\"],\"fleet\":%s}", expect);
    char *rest = mem_printf("{\"L2\":\"not of the fleet\"},\"fleet\":{\"devices\":%d,\"version\":\"2.0.0\"%s}", DEVICES, fleet);
    verdict_free(verdict);
    journal_free(journal);
    story_header(&text, "v2", DEVICES, wanted, rest);
    for (uint64_t i = 0; i < DEVICES; i++) {
        struct buf story = {0};
        live(&story, &life[i]);
        story_trial(&text, i + 1, "[]", buf_text(&story));
        buf_free(&story);
    }
    char *whole = confirmed_at_the_end(buf_text(&text)), *path = story_file(whole, strlen(whole));
    if (journal_read(path, &journal, &e) || verdict_make(journal, &verdict, &e))
        fail_msg("%s", e.text);
    story_forget(path);
    buf_free(&text);
    free(whole);
    free(wanted);
    free(rest);
}

static const struct verdict_finding *finding(const char *kind)
{
    for (size_t i = 0; i < verdict->findings; i++)
        if (strcmp(verdict->finding[i].kind, kind) == 0)
            return &verdict->finding[i];
    return NULL;
}

static void finds(const char *law, const char *kind, uint64_t trial)
{
    const struct verdict_finding *f = finding(kind);
    if (!f) {
        fail_msg("%s was not found", kind);
        return;
    }
    assert_string_equal(judge_law(f->law)->id, law);
    assert_int_equal(f->first, trial);
    assert_true(f->lines > 0 && f->line[0] > 0 && f->why[0]);
    assert_int_equal(verdict->outcome, VERDICT_VIOLATED);
    assert_int_equal(verdict_trial_of(verdict, trial)->outcome, LAW_VIOLATED);
    assert_int_equal(verdict->held + verdict->violated + verdict->inconclusive, DEVICES);
}

static const struct life all_updated[DEVICES] = {
    {1000, "c1", "id1", UPDATED}, {3000, "c2", "id2", UPDATED}, {5000, "c3", "id3", UPDATED}, {7000, "c4", "id4", UPDATED}};

static void with(const struct life *change, size_t at, struct life out[DEVICES])
{
    memcpy(out, all_updated, sizeof all_updated);
    out[at] = *change;
}

static void a_fleet_of_which_all_are_updated_holds(void **state)
{
    (void)state;
    judge(all_updated, ",\"budget\":1", "{\"updated\":10000,\"failed\":0,\"overrun\":0,\"peak\":2500,\"window_ms\":1000}");
    if (verdict->findings)
        fail_msg("%s: %s", verdict->finding[0].kind, verdict->finding[0].why);
    assert_int_equal(verdict->outcome, VERDICT_HELD);
    assert_non_null(verdict->fleet[0]);
    assert_int_equal(verdict->fleet[0]->devices, DEVICES);
}

static void a_share_that_is_not_reached_names_a_device_that_misses(void **state)
{
    struct life l[DEVICES];
    (void)state;
    with(&(struct life){5000, "c3", "id3", STAYS}, 2, l);
    judge(l, "", "{\"updated\":7500}");
    assert_int_equal(verdict->outcome, VERDICT_HELD);
    judge(l, "", "{\"updated\":7501}");
    finds("L4", "fleet-not-updated", 3);
    judge(l, "", "{\"updated_most\":7499}");
    finds("L11", "too-many-updated", 1);
}

static void failures_are_counted_by_devices_and_the_dead_among_them(void **state)
{
    struct life l[DEVICES];
    (void)state;
    with(&(struct life){5000, "c3", "id3", ROLLS_BACK}, 2, l);
    judge(l, ",\"budget\":1", "{\"failed\":1,\"overrun\":0}");
    assert_null(finding("too-many-failed"));
    l[1].fate = DIES;
    judge(l, ",\"budget\":1", "{\"failed\":1,\"overrun\":0}");
    finds("L11", "too-many-failed", 2); /* the first beyond what was expected, by time */
    finds("L11", "budget-overrun", 2);
    judge(l, ",\"budget\":1", "{\"failed\":2,\"overrun\":1}");
    assert_null(finding("budget-overrun"));
}

static void who_was_told_to_stop_has_not_failed(void **state)
{
    struct life l[DEVICES];
    (void)state;
    with(&(struct life){5000, "c3", "id3", PAUSED}, 2, l);
    judge(l, ",\"budget\":1", "{\"failed\":0,\"overrun\":0}");
    assert_null(finding("too-many-failed"));
}

static void who_was_updated_must_be_back_where_all_are_sent_back(void **state)
{
    struct life l[DEVICES];
    (void)state;
    for (size_t i = 0; i < DEVICES; i++) {
        l[i] = all_updated[i];
        l[i].fate = i == 3 ? STAYS : SENT_BACK; /* who never had it need not come back */
    }
    judge(l, ",\"back\":\"1.0.0\"", "{\"back\":10000,\"updated_most\":0}");
    assert_null(finding("fleet-not-back"));
    l[1].fate = UPDATED;
    judge(l, ",\"back\":\"1.0.0\"", "{\"back\":6666}");
    assert_null(finding("fleet-not-back"));
    judge(l, ",\"back\":\"1.0.0\"", "{\"back\":6667}");
    assert_null(finding("fleet-not-updated"));
    const struct verdict_finding *f = finding("fleet-not-back"); /* L2 is waived in these stories: told, and not counted */
    assert_non_null(f);
    assert_int_equal(f->state, LAW_WAIVED);
    assert_int_equal(f->first, 2);
}

static void a_crowd_is_of_devices_within_a_window(void **state)
{
    struct life l[DEVICES];
    (void)state;
    with(&(struct life){3999, "c1", "id1", UPDATED}, 0, l);
    judge(l, "", "{\"peak\":2500,\"window_ms\":999}");
    assert_null(finding("stampede"));
    judge(l, "", "{\"peak\":2500,\"window_ms\":1000}");
    finds("L11", "stampede", 2);
    judge(l, ",\"down\":{\"from_ms\":0,\"for_ms\":3500}", "{\"peak\":2500,\"window_ms\":1000}"); /* counted once the server is back */
    assert_null(finding("stampede"));
}

static void an_id_on_two_chips_is_shared(void **state)
{
    struct life l[DEVICES];
    (void)state;
    with(&(struct life){5000, "c3", "id1", UPDATED}, 2, l);
    judge(l, "", "{}");
    finds("L10", "identity-shared", 3);
}

static void a_fleet_of_which_a_device_is_missing_is_not_judged(void **state)
{
    (void)state;
    judge(all_updated, ",\"devices\":5", "{\"updated\":10000}"); /* the second `devices` is not looked at */
    assert_int_equal(verdict->outcome, VERDICT_HELD);
    struct fleet_finding found[FLEET_FINDINGS];
    struct fleet few = *verdict->fleet[0];
    few.devices = 3;
    assert_int_equal(fleet_judge(&few, found), 0);
}

/* --- laws of one device that only a fleet's records show --- */

static void the_flash_of_another_device_is_no_loss_of_identity(void **state)
{
    (void)state;
    char *story = story_edit(story_good, "8610 dut settings id=0042", "8610 dut settings id=0043");
    story_law(story, "L10", LAW_VIOLATED, "data-lost");
    story = story_edit_free(story, "8000 cycle", "8000 chip unique_id=c2\n8000 cycle");
    story_law(story, "L10", LAW_HELD, "");
    free(story);
}

#define BUSY(t, asked) t " http n=8 asked=" asked "000000 method=GET path=/manifest.json?a=1 status=503 attack=status end=complete\n"

#define STARTS "0 power on=true why=start\n0 reset cause=power-on by=rig\n0 dut running slot=a version=1.0.0 digest=D1 confirmed=1\n"

static void who_asks_before_it_was_told_to_is_impatient(void **state)
{
    (void)state;
    const char *service = "1961 service is=busy retry_after_s=30\n" BUSY("1971", "1970");
    char *early = mem_printf("%s%s8000 cycle", service, BUSY("7001", "7000")), *story = story_edit(story_good, "8000 cycle", early);
    story_law(story, "L11", LAW_VIOLATED, "retry-after-ignored");
    story = story_edit_free(story, "7001 http", "7000 reset cause=pin by=rig\n7001 http"); /* it knows of no wait any more */
    story_law(story, "L11", LAW_HELD, "");
    free(story);
    free(early);
    story_faults = "[{\"do\":\"serve\",\"attack\":\"status\",\"retry-after\":\"5s\"}]";
    story = mem_printf(STARTS BUSY("101", "100") BUSY("%u", "%u") "20000 end why=done run=1.0.0\n", 5102, 5101);
    story_law(story, "L11", LAW_HELD, "");
    free(story);
    story = mem_printf(STARTS BUSY("101", "100") BUSY("%u", "%u") "20000 end why=done run=1.0.0\n", 4002, 4001);
    story_law(story, "L11", LAW_VIOLATED, "retry-after-ignored");
    free(story);
}

static int gone(void **state)
{
    (void)state;
    verdict_free(verdict);
    journal_free(journal);
    verdict = NULL;
    journal = NULL;
    return 0;
}

#define FLEET_TEST(f) cmocka_unit_test_setup_teardown(f, story_reset, gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLEET_TEST(a_fleet_of_which_all_are_updated_holds),
        FLEET_TEST(a_share_that_is_not_reached_names_a_device_that_misses),
        FLEET_TEST(failures_are_counted_by_devices_and_the_dead_among_them),
        FLEET_TEST(who_was_told_to_stop_has_not_failed),
        FLEET_TEST(who_was_updated_must_be_back_where_all_are_sent_back),
        FLEET_TEST(a_crowd_is_of_devices_within_a_window),
        FLEET_TEST(an_id_on_two_chips_is_shared),
        FLEET_TEST(a_fleet_of_which_a_device_is_missing_is_not_judged),
        FLEET_TEST(the_flash_of_another_device_is_no_loss_of_identity),
        FLEET_TEST(who_asks_before_it_was_told_to_is_impatient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
