/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whole updates on a device in one process (world.h): what the agent promises, under power cuts in every flash operation, a
 * network that fails and a server that lies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "entropy_host.h"
#include "flash_host.h"
#include "platform_host.h"
#include "reason.h"
#include "settings.h"
#include "world.h"

enum { V1 = 0x01000000, V2 = 0x02000000, V3 = 0x03000000 };
static const struct world_recipe v2 = {.version = "2.0.0", .counter = 1}, v3 = {.version = "3.0.0", .counter = 2};
static const char *const stages[] = {"started", "downloaded", "verified", "installed", "booted", "confirmed"};

static void assert_story_told(const char *version)
{
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        if (!world_told(stages[i], version))
            fail_msg("%s of %s was never told", stages[i], version);
}

static void an_honest_update_is_installed_confirmed_and_told_once(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2);
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        assert_string_equal(world.told[i].stage, stages[i]);
        assert_string_equal(world.told[i].version, "2.0.0");
    }
    assert_int_equal(world.tellings, 6);
    assert_int_equal(world.image_requests, 1);
    assert_int_equal(flash_host_violations(), 0);
}

static void updates_follow_each_other_from_slot_to_slot(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2);
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
    world_offer(&v3);
    assert_int_equal(world_run_until(REASON_POWER_ON, V3, 2), 2);
    assert_story_told("3.0.0");
    assert_int_equal(world_device.boot.slot, 0);
}

static bool never(void)
{
    return false;
}

static void the_version_that_runs_is_no_update(void **state)
{
    const struct world_recipe r = {.version = "1.0.0", .counter = 1};
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        world_factory();
        if (i > 0)
            world_offer(&r);
        world.action = i == 2 ? "update" : NULL;
        assert_int_equal(world_boot(REASON_POWER_ON, 60000, never, false).end, WORLD_TIME);
        assert_int_equal(world.tellings, 0);
        assert_int_equal(world.image_requests, 0);
        assert_false(world_printed("ev=retry"));
    }
}

static void an_older_version_is_told_as_a_downgrade_once(void **state)
{
    const struct world_recipe r = {.version = "0.9.9", .counter = 1};
    (void)state;
    world_factory();
    world_offer(&r);
    assert_int_equal(world_boot(REASON_POWER_ON, 60000, never, false).end, WORLD_TIME);
    assert_int_equal(world_told_times("failed", "0.9.9"), 1);
    assert_string_equal(world_cause("failed", "0.9.9"), "downgrade");
    assert_int_equal(world.image_requests, 0);
}

/* --- power --- */

static unsigned count_printed(const char *text)
{
    unsigned n = 0;
    for (const char *at = platform_host_console(); (at = strstr(at, text)) != NULL; at++)
        n++;
    return n;
}

static volatile uint64_t next_op;
static volatile int next_outcome;
static volatile unsigned next_variant;

/* From the factory to v2 through up to two cuts: op1 in the first life, op2 in the second (0: none). */
static void update_through_cuts(uint64_t op1, uint64_t op2, int outcome, unsigned variant)
{
    world_factory();
    world_offer(&v2);
    next_op = op2;
    next_outcome = outcome;
    next_variant = variant;
    flash_host_cut(op1, (enum flash_host_outcome)outcome, variant);
    if (setjmp(flash_host_power) != 0) {
        uint64_t op = next_op;
        next_op = 0;
        flash_host_cut(op, (enum flash_host_outcome)next_outcome, next_variant);
    }
    if (world_run_until(REASON_POWER_ON, V2, 12) == 0)
        fail_msg("cuts %u, %u outcome %d variant %u: never confirmed", (unsigned)op1, (unsigned)op2, outcome, variant);
    flash_host_cut(0, FLASH_HOST_BEFORE, 0);
}

static void assert_update_was_right(uint64_t op, uint64_t op2, int outcome, unsigned variant)
{
    char line[40];
    assert_story_told("2.0.0");
    if (world_told("failed", "2.0.0") || world_told("rolled-back", "2.0.0"))
        fail_msg("cuts %u, %u outcome %d variant %u: told of a failure that was none", (unsigned)op, (unsigned)op2, outcome, variant);
    for (unsigned i = 0; i < 3; i++) {
        snprintf(line, sizeof line, "ev=chunk index=%u ", i);
        if (count_printed(line) > 1)
            fail_msg("cuts %u, %u outcome %d variant %u: chunk %u fetched twice", (unsigned)op, (unsigned)op2, outcome, variant, i);
    }
    assert_int_equal(flash_host_violations(), 0);
    assert_string_equal(world_device.id, "l476-000000030000000200000001");
    assert_false(world.renamed);
}

static uint64_t operations_of_an_update(void)
{
    world_factory();
    world_offer(&v2);
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
    return flash_host_ops();
}

static void one_cut_in_any_operation_costs_nothing_but_time(void **state)
{
    uint64_t all = operations_of_an_update();
    (void)state;
    assert_true(all > 60);
    for (uint64_t op = 1; op <= all; op++)
        for (int outcome = 0; outcome < FLASH_HOST_OUTCOMES; outcome++)
            for (unsigned variant = 0; variant < FLASH_HOST_VARIANTS; variant++)
                if (variant == 0 || outcome == FLASH_HOST_TORN || outcome == FLASH_HOST_ECC) {
                    update_through_cuts(op, 0, outcome, variant);
                    assert_update_was_right(op, 0, outcome, variant);
                }
}

static void a_second_cut_in_the_recovery_changes_nothing(void **state)
{
    uint64_t all = operations_of_an_update();
    (void)state;
    for (uint64_t op = 1; op <= all; op += 3)
        for (uint64_t op2 = 1; op2 <= 12; op2++) {
            int outcome = (int)((op + op2) % FLASH_HOST_OUTCOMES);
            update_through_cuts(op, op2, outcome, (unsigned)(op2 % FLASH_HOST_VARIANTS));
            assert_update_was_right(op, op2, outcome, (unsigned)(op2 % FLASH_HOST_VARIANTS));
        }
}

/* Power goes again and again while the new image is on trial: that is not the image's fault. */
static bool on_trial(void)
{
    return world_device.release == V2;
}

static void trials_used_up_by_power_cuts_are_not_held_against_the_image(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2);
    for (unsigned round = 0; round < 6; round++) {
        enum reason reason = REASON_POWER_ON;
        unsigned trials = 0;
        for (unsigned boots = 0; boots < 8 && trials < BOOTLOG_ATTEMPTS; boots++) {
            struct world_boot b = world_boot(reason, 300000, on_trial, false);
            trials += b.release == V2;
            reason = b.end == WORLD_RESET ? REASON_SOFTWARE : REASON_POWER_ON;
        }
        assert_int_equal(trials, BOOTLOG_ATTEMPTS);
    }
    assert_true(world_run_until(REASON_POWER_ON, V2, 4) > 0);
    assert_true(world_told_times("rolled-back", "2.0.0") >= 6);
    assert_int_equal(world.image_requests, 1);
}

/* --- the network --- */

static void a_connection_lost_anywhere_is_resumed_for_the_rest_only(void **state)
{
    (void)state;
    for (uint32_t at = 1; at < 8900; at += 97) {
        world_factory();
        world_offer(&v2);
        world.fault = (struct world_fault){.cut_at = at, .times = 1};
        assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
        assert_story_told("2.0.0");
        assert_false(world_told("failed", "2.0.0"));
        assert_int_equal(world.image_requests, 2);
        assert_int_equal(world.last_from, at / MANIFEST_CHUNK * MANIFEST_CHUNK);
    }
}

/* Every chunk comes just before its own limit. Each try ends all the same, and the next one goes on behind what came. */
static void a_server_that_drips_does_not_hold_a_download_for_ever(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2);
    world.fault = (struct world_fault){.drip = true};
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
    assert_int_equal(count_printed("cause=timeout"), 1);
    assert_int_equal(world.image_requests, 2);
    assert_int_equal(world.last_from, 2 * MANIFEST_CHUNK);
    assert_false(world_told("failed", "2.0.0"));
    assert_story_told("2.0.0");
}

static void a_server_that_ignores_ranges_is_read_past_what_is_held(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2);
    world.fault = (struct world_fault){.cut_at = 5000, .times = 1};
    world_boot(REASON_POWER_ON, 1500, never, false); /* loses the connection; the retry is to come */
    world.fault = (struct world_fault){.ignore_range = true};
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
    assert_int_equal(count_printed("ev=chunk index=0 "), 1);
    assert_int_equal(count_printed("ev=resume version=2.0.0 offset=4096"), 1);
}

/* The last chunk is bad and every range is answered with the whole file: each try would cost all of it. */
static void what_is_read_past_is_bounded(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2);
    world.fault = (struct world_fault){.flip_at = 8300, .ignore_range = true};
    world_boot(REASON_POWER_ON, 3000000, never, false);
    const uint32_t size = (uint32_t)world.offered[1]->size;
    assert_in_range(world.body_sent, size, 4 * size);
    assert_true(world.image_requests > 20);
    assert_string_equal(world_cause("failed", "2.0.0"), "bad-chunk");
    world.fault.flip_at = 0;
    world_boot(REASON_POWER_ON, 100, never, false);
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
}

static void retries_slow_down(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2);
    world.fault = (struct world_fault){.link_down = true};
    world_boot(REASON_POWER_ON, 600000, never, false);
    unsigned n = count_printed("ev=retry");
    assert_in_range(n, 8, 16); /* 2, 4, 8, 16, 32, 60, 60 … seconds and up to a quarter more, each after 6 s of trying */
    world.fault.link_down = false;
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
}

static void a_bad_chunk_is_told_and_fetched_again(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2);
    world.fault = (struct world_fault){.flip_at = 4096 + 77, .times = 3};
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
    assert_int_equal(world_told_times("failed", "2.0.0"), 1);
    assert_string_equal(world_cause("failed", "2.0.0"), "bad-chunk");
    assert_int_equal(count_printed("ev=chunk index=0 "), 1);
    assert_story_told("2.0.0");
}

static void stages_wait_for_a_server_that_cannot_listen(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2);
    world.fault = (struct world_fault){.telemetry_fails = true};
    world_boot(REASON_POWER_ON, 60000, never, false);
    assert_int_equal(world.tellings, 0);
    assert_int_equal(world.image_requests, 0); /* an update whose health could not be told is not begun */
    world.fault.telemetry_fails = false;
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
    assert_story_told("2.0.0");
}

static uint8_t nonces[2][MANIFEST_NONCE];

static void nonces_of_two_questions(void)
{
    for (unsigned i = 0; i < 2; i++) {
        world_factory();
        world_boot(REASON_POWER_ON, 1000, never, false);
        assert_int_equal(world.manifest_requests, 1);
        memcpy(nonces[i], world_agent.nonce, sizeof nonces[i]);
    }
}

/* The noise of platform.h begins anew with each start, as it may on a device: the nonce must not. */
static void a_nonce_comes_from_the_generator_and_without_it_the_device_asks_all_the_same(void **state)
{
    (void)state;
    nonces_of_two_questions();
    assert_memory_not_equal(nonces[0], nonces[1], MANIFEST_NONCE);
    entropy_host_break(true);
    world_factory();
    world_offer(&v2);
    int boots = (int)world_run_until(REASON_POWER_ON, V2, 2);
    entropy_host_break(false);
    assert_int_equal(boots, 2);
}

/* --- a server that lies --- */

struct lie {
    struct world_fault fault;
    struct world_recipe image;
    const char *cause;
};

static void assert_refused(const struct lie *lie, uint32_t ms)
{
    world_factory();
    world_offer(&lie->image);
    world.promise.version = "2.0.0";
    world.promise.counter = 1;
    world.fault = lie->fault;
    struct world_boot b = world_boot(REASON_POWER_ON, ms, never, false);
    if (b.end != WORLD_TIME)
        fail_msg("%s: activated", lie->cause);
    if (strcmp(world_cause("failed", "2.0.0"), lie->cause) != 0)
        fail_msg("%s: told \"%s\"", lie->cause, world_cause("failed", "2.0.0"));
    assert_false(world_told("installed", "2.0.0"));
    assert_true(world_told_times("failed", "2.0.0") <= AGENT_TRIES);
}

static const struct lie lies[] = {
    {.image = {.version = "2.0.0", .counter = 1, .unsigned_ = true}, .cause = "unsigned"},
    {.image = {.version = "2.0.0", .counter = 1, .wrong_key = true}, .cause = "bad-signature"},
    {.image = {.version = "2.0.0", .counter = 1, .flipped = true}, .cause = "bad-hash"},
    {.image = {.version = "2.0.0", .counter = 1, .hardware = "other-board"}, .cause = "wrong-hardware"},
    {.image = {.version = "0.9.0", .counter = 1}, .cause = "downgrade"},
    {.image = {.version = "2.0.0", .counter = 0}, .cause = "downgrade"},
    {.image = {.version = "1.5.0", .counter = 1}, .cause = "bad-manifest"},
    {.fault = {.wrong_file_hash = true}, .image = {.version = "2.0.0", .counter = 1}, .cause = "bad-hash"},
    {.fault = {.flip_at = 100}, .image = {.version = "2.0.0", .counter = 1}, .cause = "bad-chunk"},
    {.fault = {.length_off = 1}, .image = {.version = "2.0.0", .counter = 1}, .cause = "bad-length"},
    {.fault = {.length_off = -1}, .image = {.version = "2.0.0", .counter = 1}, .cause = "bad-length"},
    {.fault = {.status = 503}, .image = {.version = "2.0.0", .counter = 1}, .cause = "http-status"},
};

static void lies_are_refused_before_activation_and_told_with_their_cause(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++)
        assert_refused(&lies[i], 600000);
}

static void the_good_image_under_the_same_version_is_taken_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        assert_refused(&lies[i], 60000);
        world.fault = (struct world_fault){0};
        world_offer(&v2);
        if (world_run_until(REASON_POWER_ON, V2, 2) != 2)
            fail_msg("after %s: not updated", lies[i].cause);
        assert_story_told("2.0.0");
    }
}

static void manifests_that_are_none_are_told_once(void **state)
{
    static const char *const bad[] = {"", "[]", "<html>", "{\"signed\":{}", "{\"signatures\":[[]]}"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        world_factory();
        world.fault = (struct world_fault){.manifest = bad[i]};
        assert_int_equal(world_boot(REASON_POWER_ON, 120000, never, false).end, WORLD_TIME);
        assert_int_equal(world_told_times("failed", "-"), 1);
        assert_string_equal(world_cause("failed", "-"), "bad-manifest");
    }
}

/* --- images that do not prove themselves --- */

/* Boots on while the new image is sick; the old one asks for updates for ms each time. The number of times that the new one ran. */
static unsigned run_with_sick_v2(unsigned boots, uint32_t ms)
{
    enum reason reason = REASON_POWER_ON;
    unsigned trials = 0;
    for (unsigned i = 0; i < boots; i++) {
        struct bootlog log;
        bootlog_open(&log);
        bool sick = log.trial.known && log.trial.slot == 1 && log.attempts < BOOTLOG_ATTEMPTS;
        struct world_boot b = world_boot(reason, ms, never, sick);
        trials += b.release == V2;
        assert_false(b.release == V2 && b.confirmed);
        if (b.end == WORLD_TIME)
            break;
        reason = REASON_SOFTWARE;
    }
    return trials;
}

static void an_image_that_never_reports_is_rolled_back_and_not_tried_for_ever(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2);
    unsigned trials = run_with_sick_v2(60, 3600000);
    assert_int_equal(trials, AGENT_TRIES * BOOTLOG_ATTEMPTS);
    assert_int_equal(world_told_times("rolled-back", "2.0.0"), AGENT_TRIES);
    assert_string_equal(world_cause("rolled-back", "2.0.0"), "attempts");
    assert_false(world_told("confirmed", "2.0.0"));
    assert_int_equal(world.image_requests, 1); /* what stands verified in the slot is not fetched again */
    assert_int_equal(run_with_sick_v2(5, 3600000), 0);
    const struct world_recipe better = {.version = "2.0.0", .counter = 1, .salt = 9};
    world_offer(&better);
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
}


static void a_link_that_is_down_at_the_first_boot_rolls_back(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2);
    world_boot(REASON_POWER_ON, 60000, never, false);
    world.fault.link_down = true;
    for (unsigned i = 0; i < BOOTLOG_ATTEMPTS; i++) {
        struct world_boot b = world_boot(REASON_SOFTWARE, 60000, never, false);
        assert_int_equal(b.release, V2);
        assert_int_equal(b.end, WORLD_RESET);
    }
    struct world_boot b = world_boot(REASON_SOFTWARE, 30000, never, false);
    assert_int_equal(b.release, V1);
    assert_int_equal(b.why, SELECT_FALLBACK);
    world.fault.link_down = false;
    assert_true(world_run_until(REASON_POWER_ON, V2, 4) > 0);
    assert_int_equal(world_told_times("rolled-back", "2.0.0"), 1);
    assert_story_told("2.0.0");
}

static void confirmation_follows_the_report(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2);
    world_boot(REASON_POWER_ON, 60000, never, false);
    world.fault.telemetry_fails = true;
    struct bootlog log;
    struct world_boot b = world_boot(REASON_SOFTWARE, 15000, never, false);
    assert_int_equal(b.release, V2);
    bootlog_open(&log);
    assert_int_equal(log.confirmed.slot, 0);
    world.fault.telemetry_fails = false;
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 1), 1);
    bootlog_open(&log);
    assert_int_equal(log.confirmed.slot, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_honest_update_is_installed_confirmed_and_told_once),
        cmocka_unit_test(updates_follow_each_other_from_slot_to_slot),
        cmocka_unit_test(the_version_that_runs_is_no_update),
        cmocka_unit_test(an_older_version_is_told_as_a_downgrade_once),
        cmocka_unit_test(one_cut_in_any_operation_costs_nothing_but_time),
        cmocka_unit_test(a_second_cut_in_the_recovery_changes_nothing),
        cmocka_unit_test(trials_used_up_by_power_cuts_are_not_held_against_the_image),
        cmocka_unit_test(a_connection_lost_anywhere_is_resumed_for_the_rest_only),
        cmocka_unit_test(a_server_that_drips_does_not_hold_a_download_for_ever),
        cmocka_unit_test(a_server_that_ignores_ranges_is_read_past_what_is_held),
        cmocka_unit_test(what_is_read_past_is_bounded),
        cmocka_unit_test(retries_slow_down),
        cmocka_unit_test(a_bad_chunk_is_told_and_fetched_again),
        cmocka_unit_test(stages_wait_for_a_server_that_cannot_listen),
        cmocka_unit_test(a_nonce_comes_from_the_generator_and_without_it_the_device_asks_all_the_same),
        cmocka_unit_test(lies_are_refused_before_activation_and_told_with_their_cause),
        cmocka_unit_test(the_good_image_under_the_same_version_is_taken_at_once),
        cmocka_unit_test(manifests_that_are_none_are_told_once),
        cmocka_unit_test(an_image_that_never_reports_is_rolled_back_and_not_tried_for_ever),
        cmocka_unit_test(a_link_that_is_down_at_the_first_boot_rolls_back),
        cmocka_unit_test(confirmation_follows_the_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
