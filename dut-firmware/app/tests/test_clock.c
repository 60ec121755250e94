/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The calendar: what is believed, and what bounds it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>
#include "clock.h"
#include "platform.h"
#include "platform_host.h"
#include "rtc_host.h"
#include "rtc_port.h"

enum { BUILT = 1767225600, SUMMER = 1782907200, DAY = 86400 }; /* 2026-01-01, 2026-07-01 12:00 */

static void sleep_s(unsigned s)
{
    for (unsigned i = 0; i < s * 1000; i++)
        platform_sleep();
}

static int fresh(void **state)
{
    (void)state;
    platform_host_reset();
    rtc_host_break(false);
    (void)clock_known(); /* what the test before has heard goes into the calendar */
    rtc_host_lose();
    clock_floor(0);
    return 0;
}

static void a_calendar_that_runs_is_believed(void **state)
{
    (void)state;
    rtc_host_set(SUMMER);
    assert_true(clock_known());
    sleep_s(5);
    assert_int_equal(clock_now(), SUMMER + 5);
}

static void a_calendar_before_the_build_is_not_known(void **state)
{
    (void)state;
    rtc_host_set(BUILT - 1);
    assert_false(clock_known());
    assert_int_equal(clock_now(), BUILT);
}

static void a_lost_calendar_says_the_floor(void **state)
{
    (void)state;
    clock_floor(SUMMER);
    assert_false(clock_known());
    assert_int_equal(clock_now(), SUMMER);
}

static void the_floor_is_never_before_the_build(void **state)
{
    (void)state;
    clock_floor(12345);
    assert_int_equal(clock_now(), BUILT);
}

static void a_calendar_before_the_last_signed_time_is_not_known(void **state)
{
    (void)state;
    rtc_host_set(SUMMER);
    clock_floor(SUMMER + DAY);
    assert_false(clock_known());
    assert_int_equal(clock_now(), SUMMER + DAY);
}

static void a_signed_time_sets_the_calendar_both_ways(void **state)
{
    uint32_t set[] = {SUMMER + 90 * DAY, SUMMER};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        clock_signed_time(set[i]);
        assert_true(clock_known());
        assert_int_equal(clock_now(), set[i]);
    }
}

static void a_signed_time_before_the_build_is_not_taken(void **state)
{
    (void)state;
    rtc_host_set(SUMMER);
    clock_signed_time(BUILT - 1);
    assert_int_equal(clock_now(), SUMMER);
}

static void the_tick_carries_a_signed_time_until_the_rtc_runs(void **state)
{
    uint32_t rtc;
    (void)state;
    rtc_host_break(true);
    clock_signed_time(SUMMER);
    assert_true(clock_known());
    sleep_s(100);
    assert_int_equal(clock_now(), SUMMER + 100);
    rtc_host_break(false);
    sleep_s(1);
    assert_int_equal(clock_now(), SUMMER + 101);
    assert_true(rtc_read(&rtc));
    assert_int_equal(rtc, SUMMER + 101);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_lost_calendar_says_the_floor, fresh),
        cmocka_unit_test_setup(a_calendar_before_the_last_signed_time_is_not_known, fresh),
        cmocka_unit_test_setup(a_calendar_that_runs_is_believed, fresh),
        cmocka_unit_test_setup(a_calendar_before_the_build_is_not_known, fresh),
        cmocka_unit_test_setup(the_floor_is_never_before_the_build, fresh),
        cmocka_unit_test_setup(a_signed_time_sets_the_calendar_both_ways, fresh),
        cmocka_unit_test_setup(a_signed_time_before_the_build_is_not_taken, fresh),
        cmocka_unit_test_setup(the_tick_carries_a_signed_time_until_the_rtc_runs, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
