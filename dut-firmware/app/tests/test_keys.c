/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys change (world.h): a new set is taken when the root has signed it, and the old key opens nothing any more.
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
#include "trust.h"
#include "world.h"

enum { V1 = 0x01000000, V2 = 0x02000000 };
static const struct world_recipe v2_old = {.version = "2.0.0", .counter = 1},
                                 v2_next = {.version = "2.0.0", .counter = 1, .next_key = true};

static bool never(void)
{
    return false;
}

static void a_rotation_is_followed_and_kept(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2_next);
    world.keys.number = 2;
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
    assert_int_equal(world.keys_requests, 1);
    assert_int_equal(trust_number(), 2);
    assert_false(world_told("failed", "-"));
    assert_false(world_told("failed", "2.0.0"));
}

/* The server speaks of the new set in a manifest that the old key signs: the set is fetched before anything is begun. */
static void what_the_revoked_key_signs_is_nothing_any_more(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2_old);
    world.keys = (struct world_keys){.number = 2, .old_signs = true};
    assert_int_equal(world_boot(REASON_POWER_ON, 60000, never, false).end, WORLD_TIME);
    assert_int_equal(world.image_requests, 0);
    assert_string_equal(world_cause("failed", "-"), "revoked-key");
    assert_int_equal(world.keys_requests, 1);
    world.keys.old_signs = false; /* a good manifest, and the image is of the old key */
    assert_int_equal(world_boot(REASON_POWER_ON, 60000, never, false).end, WORLD_TIME);
    assert_string_equal(world_cause("failed", "2.0.0"), "revoked-key");
    assert_false(world_told("installed", "2.0.0"));
    world_offer(&v2_next);
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
}

/* Revokes the key as soon as the image is verified; the device runs on. */
static bool revoke_when_verified(void)
{
    if (world_told("verified", "2.0.0"))
        world.keys.number = 2;
    return false;
}

static void a_key_revoked_between_check_and_activation_is_noticed(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2_old);
    assert_int_equal(world_boot(REASON_POWER_ON, 60000, revoke_when_verified, false).end, WORLD_TIME);
    assert_true(world_told("verified", "2.0.0"));
    assert_false(world_told("installed", "2.0.0"));
    assert_string_equal(world_cause("failed", "2.0.0"), "revoked-key");
}

static void keys_that_the_root_did_not_sign_are_not_taken(void **state)
{
    static const struct { struct world_keys keys; const char *cause; } rows[] = {
        {{.number = 2, .wrong_root = true}, "bad-keys"},
        {{.number = 2, .broken = true}, "bad-keys"},
        {{.number = 2, .unsigned_ = true}, "bad-keys"},
        {{.number = 2, .instead = "<html>"}, "bad-keys"},
        {{.number = 2, .instead = ""}, "bad-keys"},
        {{.number = 1, .spoken_of = 3}, "bad-keys"},           /* the same set again */
        {{.number = 2, .spoken_of = 3}, "bad-keys"},           /* a good set, and the manifest speaks of a later one */
        {{.number = 0, .spoken_of = 3}, "http-status"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_factory();
        world_offer(&v2_old);
        world.keys = rows[i].keys;
        assert_int_equal(world_boot(REASON_POWER_ON, 60000, never, false).end, WORLD_TIME);
        assert_int_equal(world.image_requests, 0);
        if (!world_printed(rows[i].cause))
            fail_msg("row %zu: %s was not said\n%s", i, rows[i].cause, platform_host_console());
        assert_int_equal(trust_number(), i == 6 ? 2 : 1);
        assert_true(world.keys_requests <= world.manifest_requests);
        world.keys = (struct world_keys){.number = 3};
        world_offer(&v2_next);
        assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
    }
}

static void an_older_set_does_not_come_back(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2_next);
    world.keys.number = 3;
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
    world.keys = (struct world_keys){.number = 2, .spoken_of = 4};
    assert_int_equal(world_boot(REASON_POWER_ON, 30000, never, false).end, WORLD_TIME);
    assert_int_equal(trust_number(), 3);
    assert_string_equal(world_cause("failed", "-"), "bad-keys");
}

static void a_stranger_stays_a_stranger(void **state)
{
    (void)state;
    for (unsigned number = 0; number < 2; number++) {
        world_factory();
        world_offer(&v2_old);
        world.keys.number = number;
        world.lie.wrong_key = true;
        assert_int_equal(world_boot(REASON_POWER_ON, 60000, never, false).end, WORLD_TIME);
        assert_string_equal(world_cause("failed", "-"), "wrong-key");
        assert_int_equal(world_told_times("failed", "-"), 1);
        assert_int_equal(world.keys_requests, world.manifest_requests); /* once per check */
        world.lie.wrong_key = false;
        assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
    }
}

/* Months behind, or gone: the day and the keys come over connections whose dates the device cannot judge, and nothing else does. */
static void a_rotation_is_followed_by_a_device_that_does_not_know_the_day(void **state)
{
    (void)state;
    for (unsigned lost = 0; lost < 2; lost++) {
        world_factory();
        world_offer(&v2_next);
        world.keys.number = 2;
        world.fault.dates_fail = true;
        if (lost)
            rtc_host_lose();
        else
            rtc_host_set(world_time() - 20 * 86400);
        assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
        assert_int_equal(trust_number(), 2);
        assert_int_equal(world.keys_requests, 1);
        assert_int_equal(world.undated_requests, 3); /* manifest, keys, manifest */
        assert_int_equal(world.undated_others, 0);
        assert_false(world_told("failed", "-"));
        assert_false(world_told("failed", "2.0.0"));
    }
}

static void without_the_day_a_stranger_is_asked_for_keys_once_per_try(void **state)
{
    static const struct world_keys rows[] = {
        {.number = 0}, {.number = 1}, {.number = 2, .wrong_root = true}, {.number = 2, .instead = "<html>"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_factory();
        world_offer(&v2_next);
        world.keys = rows[i];
        world.lie.wrong_key = true;
        world.fault.dates_fail = true;
        rtc_host_lose();
        assert_int_equal(world_boot(REASON_POWER_ON, 60000, never, false).end, WORLD_TIME);
        assert_int_equal(trust_number(), 1);
        assert_in_range(world.keys_requests, 1, 8);
        assert_int_equal(world.keys_requests, world.manifest_requests);
        assert_int_equal(world.image_requests + world.undated_others, 0);
        assert_true(world_printed("cause=tls-not-yet"));
        assert_true(clock_now() < world_time() - 20 * 86400); /* nor is a stranger's time taken */
    }
}

/* The new set is good, and a stranger signs all the same: the circle ends. */
static void without_the_day_good_keys_do_not_make_a_stranger_good(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2_next);
    world.keys.number = 2;
    world.lie.wrong_key = true;
    world.fault.dates_fail = true;
    rtc_host_lose();
    assert_int_equal(world_boot(REASON_POWER_ON, 60000, never, false).end, WORLD_TIME);
    assert_int_equal(trust_number(), 2);
    assert_int_equal(world.image_requests + world.undated_others, 0);
    assert_in_range(world.keys_requests, 1, 8);
    assert_int_equal(world.keys_requests + 1, world.manifest_requests);
}

static volatile uint64_t next_op;

/* Every operation of an update that begins with a rotation, cut with every outcome. */
static void a_cut_in_a_rotation_costs_nothing_but_time(void **state)
{
    (void)state;
    world_factory();
    world_offer(&v2_next);
    world.keys.number = 2;
    assert_int_equal(world_run_until(REASON_POWER_ON, V2, 2), 2);
    const uint64_t all = flash_host_ops();
    for (next_op = 1; next_op <= all; next_op++) {
        for (volatile int outcome = 0; outcome < FLASH_HOST_OUTCOMES; outcome++) {
            world_factory();
            world_offer(&v2_next);
            world.keys.number = 2;
            flash_host_cut(next_op, (enum flash_host_outcome)outcome, 0);
            if (setjmp(flash_host_power) != 0)
                flash_host_cut(0, FLASH_HOST_BEFORE, 0);
            if (world_run_until(REASON_POWER_ON, V2, 6) == 0)
                fail_msg("operation %u outcome %d: never confirmed\n%s", (unsigned)next_op, outcome, platform_host_console());
            assert_int_equal(trust_number(), 2);
            assert_false(world_told("failed", "2.0.0"));
            assert_false(world_told("failed", "-"));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rotation_is_followed_and_kept),
        cmocka_unit_test(what_the_revoked_key_signs_is_nothing_any_more),
        cmocka_unit_test(a_key_revoked_between_check_and_activation_is_noticed),
        cmocka_unit_test(keys_that_the_root_did_not_sign_are_not_taken),
        cmocka_unit_test(an_older_set_does_not_come_back),
        cmocka_unit_test(a_stranger_stays_a_stranger),
        cmocka_unit_test(a_rotation_is_followed_by_a_device_that_does_not_know_the_day),
        cmocka_unit_test(without_the_day_a_stranger_is_asked_for_keys_once_per_try),
        cmocka_unit_test(without_the_day_good_keys_do_not_make_a_stranger_good),
        cmocka_unit_test(a_cut_in_a_rotation_costs_nothing_but_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
