/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the publisher wants, and what somebody between would like the device to believe: whole updates on a device in one process
 * (world.h) whose server signs what it says, withdraws it, pauses it, or repeats what it said long ago.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "clock.h"
#include "flash_host.h"
#include "platform_host.h"
#include "rtc_host.h"
#include "world.h"

enum { V1 = 0x01000000, V2 = 0x02000000, V3 = 0x03000000, WEEK_S = 7 * 86400 };
static const struct world_recipe v2 = {.version = "2.0.0", .counter = 1}, v3 = {.version = "3.0.0", .counter = 1};

static bool never(void)
{
    return false;
}

static bool verified(void)
{
    return world_told("verified", "2.0.0");
}

static bool half_way(void)
{
    return world_printed("ev=chunk index=1 ");
}

/* --- the kill switch --- */

static void assert_not_activated(const char *cause)
{
    assert_int_equal(world_boot(REASON_POWER_ON, 60000, never, false).end, WORLD_TIME);
    assert_int_equal(world_device.release, V1);
    assert_false(world_printed("stage=installed"));
    assert_int_equal(world_told_times("failed", "2.0.0"), 1);
    assert_string_equal(world_cause("failed", "2.0.0"), cause);
}

static void what_is_withdrawn_or_paused_at_any_time_before_activation_is_not_activated(void **state)
{
    static const struct { const char *action, *cause; } rows[] = {{"none", "withdrawn"}, {"pause", "paused"}};
    bool (*const moments[])(void) = {half_way, verified};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        world_factory();
        world_offer(&v2);
        assert_int_equal(world_boot(REASON_POWER_ON, 60000, moments[i / 2], false).end, WORLD_STOPPED);
        world.action = rows[i % 2].action;
        assert_not_activated(rows[i % 2].cause);
    }
}

/* No failure makes the device ask: only the question before activation can show it the pause. */
static bool pause_when_verified(void)
{
    if (verified())
        world.action = "pause";
    return false;
}

static void the_server_is_asked_again_before_activation(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2);
    assert_int_equal(world_boot(REASON_POWER_ON, 60000, pause_when_verified, false).end, WORLD_TIME);
    assert_true(verified());
    assert_false(world_printed("stage=installed"));
    assert_string_equal(world_cause("failed", "2.0.0"), "paused");
    world.action = NULL;
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
}

static void a_pause_loses_nothing(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2);
    world_boot(REASON_POWER_ON, 60000, half_way, false);
    world.action = "pause";
    assert_not_activated("paused");
    world.action = NULL;
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
    assert_true(world_printed("ev=resume version=2.0.0 offset=8192"));
    assert_int_equal(world_told_times("failed", "2.0.0"), 1);
}

static void nothing_is_begun_in_a_pause_and_nothing_is_told(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2);
    world.action = "pause";
    assert_int_equal(world_boot(REASON_POWER_ON, 60000, never, false).end, WORLD_TIME);
    assert_int_equal(world.image_requests, 0);
    assert_int_equal(world.tellings, 0);
    assert_false(world_printed("ev=retry"));
}

static void another_offer_before_activation_takes_the_place_of_the_first(void **state)
{
    bool (*const moments[])(void) = {half_way, verified};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        world_factory();
        world_offer(&v2);
        world_boot(REASON_POWER_ON, 60000, moments[i], false);
        world_offer(&v3);
        assert_int_equal(world_run_until(REASON_POWER_ON, V3, 3), 2);
        assert_string_equal(world_cause("failed", "2.0.0"), "withdrawn");
        assert_false(world_told("installed", "2.0.0"));
    }
}

/* --- who speaks, and when --- */

struct row {
    struct world_lie lie;
    const char *cause;
};

static void assert_refused(const struct row *row, const char *version)
{
    world.lie = row->lie;
    assert_int_equal(world_boot(REASON_POWER_ON, 60000, never, false).end, WORLD_TIME);
    assert_int_equal(world_told_times("failed", version), 1);
    if (strcmp(world_cause("failed", version), row->cause) != 0)
        fail_msg("%s: told \"%s\"", row->cause, world_cause("failed", version));
    assert_int_equal(world.image_requests, 0);
    assert_false(world_told("started", "2.0.0"));
}

static void what_nobody_trusted_has_signed_is_not_begun(void **state)
{
    static const struct row rows[] = {
        {{.unsigned_ = true}, "unsigned"}, {{.wrong_key = true}, "wrong-key"}, {{.broken_signature = true}, "bad-signature"},
        {{.empty = true}, "freeze"}, {{.hardware = "other-board"}, "wrong-hardware"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_factory();
        world_offer(&v2);
        assert_refused(&rows[i], rows[i].lie.hardware ? "2.0.0" : "-");
        world.lie = (struct world_lie){0};
        assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
    }
}

static void an_older_manifest_is_refused_even_after_a_reset(void **state)
{
    const struct row row = {{.number = 1}, "rollback"};
    (void)state;
    world_factory();
    world_offer(&v2);
    world.action = "none";
    world_boot(REASON_POWER_ON, 30000, never, false); /* number 2 was seen */
    world.action = NULL;
    assert_refused(&row, "2.0.0");
    world.lie = (struct world_lie){0};
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
}

static void a_version_that_leaves_no_room_behind_it_is_refused(void **state)
{
    const struct row row = {{.number = UINT32_MAX}, "bad-manifest"};
    (void)state;
    world_factory();
    world_offer(&v2);
    assert_refused(&row, "2.0.0");
    world.lie = (struct world_lie){0};
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
}

/* From the factory, the honest server seen once; then so much time passes. */
static uint32_t age(uint32_t s)
{
    world_factory();
    world_offer(&v2);
    world.action = "none";
    world_boot(REASON_POWER_ON, 30000, never, false);
    const uint32_t then = world_time();
    world_pass(s);
    world.action = NULL;
    assert_int_equal(world.tellings, 0);
    return then;
}

static struct row frozen(uint32_t then)
{
    return (struct row){{.time = then, .expires = then + WEEK_S, .no_nonce = true}, "expired"};
}

static void a_manifest_shown_for_ever_expires(void **state)
{
    (void)state;
    struct row row = frozen(age(WEEK_S + 60));
    assert_refused(&row, "2.0.0");
    row = frozen(age(WEEK_S - 60));
    world.lie = row.lie;
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2); /* a week is a week */
}

/* Without a calendar nothing but our own question shows that an answer is new. */
static void a_lost_calendar_believes_only_an_answer_to_its_own_question(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        const uint32_t then = age(i * 2 * WEEK_S);
        rtc_host_lose();
        struct row row = frozen(then);
        row.cause = "freeze";
        assert_refused(&row, "2.0.0");
        world.lie = (struct world_lie){0};
        assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
    }
}

static void an_answer_to_our_own_question_sets_the_calendar_both_ways(void **state)
{
    static const int32_t off[] = {-3 * 3600, 3 * 3600, -90 * 86400, 90 * 86400, -20 * 365 * 86400};
    (void)state;
    for (size_t i = 0; i < sizeof off / sizeof *off; i++) {
        world_factory();
        world_offer(&v2);
        rtc_host_set(world_time() + (uint32_t)off[i]);
        assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
        assert_in_range(clock_now(), world_time() - 60, world_time() + 1);
        assert_int_equal(world.tellings, 6);
    }
}

static void a_time_that_answers_nobody_never_sets_the_calendar_back(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2);
    const uint32_t now = clock_now();
    world.lie = (struct world_lie){.time = now - 3 * 86400, .no_nonce = true};
    world_boot(REASON_POWER_ON, 30000, never, false);
    assert_true(clock_now() >= now);
    world.lie.time = now + 3 * 86400; /* the calendar was slow, then */
    world_boot(REASON_POWER_ON, 30000, never, false);
    assert_in_range(clock_now(), now + 3 * 86400, now + 3 * 86400 + 60);
}

/* --- rollback --- */

static const struct world_recipe v1 = {.version = "1.0.0", .counter = 1, .salt = 3}, v1_low = {.version = "1.0.0", .counter = 0};

static void update_to_v2(void)
{
    world_factory();
    world_offer(&v2);
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
}

static void only_a_signed_permission_brings_an_older_version_back(void **state)
{
    (void)state;
    update_to_v2();
    world_offer(&v1);
    assert_int_equal(world_boot(REASON_POWER_ON, 60000, never, false).end, WORLD_TIME);
    assert_string_equal(world_cause("failed", "1.0.0"), "downgrade");
    world.action = "rollback";
    world.lie.wrong_key = true;
    assert_int_equal(world_boot(REASON_POWER_ON, 60000, never, false).end, WORLD_TIME);
    assert_string_equal(world_cause("failed", "-"), "wrong-key");
    world.lie.wrong_key = false;
    assert_int_equal(world_run_until(REASON_POWER_ON, V1, 2), 2);
    assert_int_equal(world_device.boot.slot, 0);
    assert_true(world_told("confirmed", "1.0.0"));
}

static void a_permission_does_not_lower_the_security_counter(void **state)
{
    (void)state;
    update_to_v2();
    world_offer(&v1_low);
    world.action = "rollback";
    assert_int_equal(world_boot(REASON_POWER_ON, 60000, never, false).end, WORLD_TIME);
    assert_string_equal(world_cause("failed", "1.0.0"), "downgrade");
    assert_int_equal(world.image_requests, 1);
}

/* Every operation of the way back, cut with every outcome. */
static void a_cut_in_a_rollback_costs_nothing_but_time(void **state)
{
    static volatile uint64_t op;
    (void)state;
    update_to_v2();
    uint64_t before = flash_host_ops();
    world_offer(&v1);
    world.action = "rollback";
    assert_int_equal(world_run_until(REASON_POWER_ON, V1, 2), 2);
    const uint64_t all = flash_host_ops() - before;
    for (op = 1; op <= all; op++) {
        update_to_v2();
        world_offer(&v1);
        world.action = "rollback";
        flash_host_cut(op, (enum flash_host_outcome)(op % FLASH_HOST_OUTCOMES), 0);
        if (setjmp(flash_host_power) != 0)
            flash_host_cut(0, FLASH_HOST_BEFORE, 0);
        if (world_run_until(REASON_POWER_ON, V1, 6) == 0)
            fail_msg("operation %u: never back\n%s", (unsigned)op, platform_host_console());
        assert_false(world_told("failed", "1.0.0"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_withdrawn_or_paused_at_any_time_before_activation_is_not_activated),
        cmocka_unit_test(the_server_is_asked_again_before_activation),
        cmocka_unit_test(a_pause_loses_nothing),
        cmocka_unit_test(nothing_is_begun_in_a_pause_and_nothing_is_told),
        cmocka_unit_test(another_offer_before_activation_takes_the_place_of_the_first),
        cmocka_unit_test(what_nobody_trusted_has_signed_is_not_begun),
        cmocka_unit_test(an_older_manifest_is_refused_even_after_a_reset),
        cmocka_unit_test(a_version_that_leaves_no_room_behind_it_is_refused),
        cmocka_unit_test(a_manifest_shown_for_ever_expires),
        cmocka_unit_test(a_lost_calendar_believes_only_an_answer_to_its_own_question),
        cmocka_unit_test(an_answer_to_our_own_question_sets_the_calendar_both_ways),
        cmocka_unit_test(a_time_that_answers_nobody_never_sets_the_calendar_back),
        cmocka_unit_test(only_a_signed_permission_brings_an_older_version_back),
        cmocka_unit_test(a_permission_does_not_lower_the_security_counter),
        cmocka_unit_test(a_cut_in_a_rollback_costs_nothing_but_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
