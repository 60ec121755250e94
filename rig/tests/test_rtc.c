/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about the calendar and the backup domain. */
#include "sim/chip_priv.h"
#include "sim/models.h"
#include "tests/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define RTC 0x40002800u
#define BDCR (RCC + 0x90)
enum { TR = 0x00, DR = 0x04, CR = 0x08, ISR = 0x0C, PRER = 0x10, WPR = 0x24, SSR = 0x28, CALR = 0x3C, BKP0R = 0x50 };
enum { INITS = 1 << 4, RSF = 1 << 5, INITF = 1 << 6, INIT = 1 << 7, DAY = 86400, JULY_2026 = 1782907200 /* 2026-07-01T12:00:00Z */ };
#define SECOND (1000 * MS)

static uint32_t rtc(uint32_t offset)
{
    return world_peek(RTC + offset);
}

static void rtc_put(uint32_t offset, uint32_t v)
{
    world_poke(RTC + offset, v);
}

static void open_domain(void)
{
    world_poke(RCC + 0x58, 1u << 28);
    world_poke(PWR, world_peek(PWR) | 1 << 8);
}

static void keys(void)
{
    rtc_put(WPR, 0xCA);
    rtc_put(WPR, 0x53);
}

/* The C library's calendar is the judge of this one. */
static void shows(time_t t)
{
    struct tm tm;
    gmtime_r(&t, &tm);
    char want[40], got[40];
    (void)rtc(SSR);
    uint32_t tr = rtc(TR), dr = rtc(DR);
    snprintf(want, sizeof want, "%02d-%02d-%02d %d %02d:%02d:%02d", tm.tm_year - 100, tm.tm_mon + 1, tm.tm_mday,
             tm.tm_wday ? tm.tm_wday : 7, tm.tm_hour, tm.tm_min, tm.tm_sec);
    snprintf(got, sizeof got, "%02x-%02x-%02x %u %02x:%02x:%02x", dr >> 16, dr >> 8 & 0x1F, dr & 0x3F, dr >> 13 & 7, tr >> 16,
             tr >> 8 & 0x7F, tr & 0x7F);
    assert_string_equal(got, want);
}

static void a_program_sets_it_once_and_reads_it_after_every_cut(void **state)
{
    (void)state;
    world_guest("rtc", 1);
    chip_run(world.chip, 5 * SECOND);
    world_said("life 00000001 inits 00000000");
    world_said("stale");
    world_said("first tr 00235958 dr 00248229");
    world_said("tick tr 00235959 dr 00248229");
    world_said("tock tr 00000000 dr 0024a301");
    chip_power_cut(world.chip, FLASH_DONE, 0, NULL, NULL, NULL);
    chip_run(world.chip, 65 * SECOND);
    buf_clear(&world.console);
    chip_power_on(world.chip);
    chip_run(world.chip, 68 * SECOND);
    world_said("life 00000002 inits 00000001");
    world_said("first tr 00000101 dr 0024a301"); /* 63 s and a few ms after it was set */
    buf_clear(&world.console);
    chip_reset_pin(world.chip);
    chip_run(world.chip, 71 * SECOND);
    world_said("life 00000003 inits 00000001");
    world_clean();
}

static void every_day_of_a_century_is_the_right_one(void **state)
{
    (void)state;
    world_poke(RTC + ISR, 0);
    for (uint64_t day = 946684800; day < 4102444800; day += DAY + 1) {
        chip_rtc_set(world.chip, day);
        world_pass(MS);
        shows((time_t)day);
    }
}

static void it_counts_whole_seconds_through_midnight_and_leap_day(void **state)
{
    (void)state;
    uint64_t eve = 1709251195; /* 2024-02-29T23:59:55Z */
    chip_rtc_set(world.chip, eve);
    world_pass(MS);
    for (unsigned s = 0; s < 12; s++) {
        shows((time_t)(eve + s));
        world_pass(SECOND);
    }
}

static void subseconds_count_down(void **state)
{
    (void)state;
    chip_rtc_set(world.chip, JULY_2026);
    world_pass(MS);
    assert_int_equal(rtc(SSR), 255);
    (void)rtc(DR);
    world_pass(500 * MS);
    assert_int_equal(rtc(SSR), 127);
    (void)rtc(DR);
    world_pass(496 * MS);
    assert_int_equal(rtc(SSR), 0);
}

static void reading_the_time_freezes_the_date(void **state)
{
    (void)state;
    chip_rtc_set(world.chip, JULY_2026 + DAY / 2 - 1);
    world_pass(MS);
    assert_int_equal(rtc(TR), 0x235959);
    world_pass(5 * SECOND);
    assert_int_equal(rtc(TR), 0x235959);
    assert_int_equal(rtc(DR) & 0x3F, 0x01);
    assert_int_equal(rtc(TR), 0x000004);
    assert_int_equal(rtc(DR) & 0x3F, 0x02);
}

static void it_needs_the_domain_the_keys_and_the_mode(void **state)
{
    (void)state;
    chip_rtc_set(world.chip, JULY_2026);
    keys();
    rtc_put(ISR, INIT);
    assert_int_equal(rtc(ISR) & INIT, 0); /* DBP is closed */
    rtc_put(BKP0R, 5);
    assert_int_equal(rtc(BKP0R), 0);
    open_domain();
    rtc_put(BKP0R, 5);
    assert_int_equal(rtc(BKP0R), 5);
    rtc_put(ISR, INIT);
    assert_int_equal(rtc(ISR) & INIT, 0); /* no keys: the write above did not count either */
    rtc_put(WPR, 0x53);
    rtc_put(WPR, 0xCA);
    rtc_put(ISR, INIT);
    assert_int_equal(rtc(ISR) & INIT, 0);
    keys();
    rtc_put(TR, 0x010101);
    world_pass(MS);
    shows(JULY_2026);
    rtc_put(ISR, INIT);
    assert_int_equal(rtc(ISR) & INITF, 0); /* two RTCCLK later */
    world_pass(62000);
    assert_int_equal(rtc(ISR) & INITF, INITF);
    rtc_put(TR, 0x010101);
    rtc_put(ISR, 0);
    assert_int_equal(rtc(ISR) & RSF, 0);
    world_pass(MS);
    assert_int_equal(rtc(ISR) & RSF, RSF);
    assert_int_equal(rtc(TR), 0x010101);
    rtc_put(WPR, 0);
    rtc_put(ISR, INIT);
    assert_int_equal(rtc(ISR) & INIT, 0);
}

static void it_stands_still_in_initialization_mode(void **state)
{
    (void)state;
    open_domain();
    chip_rtc_set(world.chip, JULY_2026);
    keys();
    rtc_put(ISR, INIT);
    world_pass(7 * SECOND);
    assert_int_equal(rtc(TR), 0x120000);
    rtc_put(ISR, 0);
    world_pass(SECOND / 2);
    shows(JULY_2026);
}

static void a_battery_keeps_it_and_no_battery_loses_it_with_the_supply(void **state)
{
    (void)state;
    uint64_t t;
    chip_rtc_set(world.chip, JULY_2026);
    world_pass(MS);
    chip_power_cut(world.chip, FLASH_DONE, 0, NULL, NULL, NULL);
    chip_run(world.chip, 100 * SECOND);
    assert_true(chip_rtc_get(world.chip, &t));
    assert_in_range(t, JULY_2026 + 98, JULY_2026 + 100);
    chip_power_on(world.chip);
    world_pass(MS);
    chip_rtc_get(world.chip, &t);
    shows((time_t)t);
    chip_battery(world.chip, false);
    world_pass(SECOND);
    assert_int_equal(rtc(ISR) & INITS, INITS); /* VDD feeds it */
    chip_power_cut(world.chip, FLASH_DONE, 0, NULL, NULL, NULL);
    chip_power_on(world.chip);
    world_pass(MS);
    assert_int_equal(rtc(ISR) & INITS, 0);
    assert_int_equal(rtc(DR), 0x2101);
    assert_int_equal(rtc(PRER), 0x7F00FF);
    assert_int_equal(world_peek(BDCR), 0);
}

static void a_battery_that_was_gone_before_the_first_instruction_was_never_there(void **state)
{
    (void)state;
    uint64_t t;
    chip_power_cut(world.chip, FLASH_DONE, 0, NULL, NULL, NULL);
    chip_rtc_set(world.chip, JULY_2026);
    chip_power_on(world.chip);
    chip_battery(world.chip, false);
    assert_false(chip_rtc_get(world.chip, &t));
}

static void drift_and_calibration_are_exact(void **state)
{
    (void)state;
    uint64_t t;
    chip_rtc_set(world.chip, JULY_2026);
    chip_rtc_drift(world.chip, 100);
    chip_power_cut(world.chip, FLASH_DONE, 0, NULL, NULL, NULL);
    uint64_t from = chip_now(world.chip);
    chip_run(world.chip, from + 100000 * SECOND + SECOND / 2);
    chip_rtc_get(world.chip, &t);
    assert_int_equal(t - JULY_2026, 100010);
    chip_power_on(world.chip);
    open_domain();
    keys();
    rtc_put(CALR, 511); /* 487.1 ppm slower */
    chip_rtc_drift(world.chip, 0);
    chip_rtc_set(world.chip, JULY_2026);
    chip_power_cut(world.chip, FLASH_DONE, 0, NULL, NULL, NULL);
    chip_run(world.chip, chip_now(world.chip) + 100000 * SECOND + SECOND / 4);
    chip_rtc_get(world.chip, &t);
    assert_int_equal(t - JULY_2026, 100000 - 49);
}

static void on_lsi_it_stands_still_without_vdd(void **state)
{
    (void)state;
    uint64_t t;
    open_domain();
    world_poke(RCC + 0x94, 1);
    world_pass(MS);
    world_poke(BDCR, 2 << 8 | 1 << 15);
    chip_rtc_set(world.chip, JULY_2026);
    chip_power_cut(world.chip, FLASH_DONE, 0, NULL, NULL, NULL);
    chip_run(world.chip, 100 * SECOND);
    chip_power_on(world.chip);
    chip_rtc_get(world.chip, &t);
    assert_int_equal(t, JULY_2026);
    assert_int_equal(world_peek(BDCR), 2 << 8 | 1 << 15);
}

static void a_reset_of_the_domain_is_asked_for_in_bdcr(void **state)
{
    (void)state;
    open_domain();
    chip_rtc_set(world.chip, JULY_2026);
    world_poke(BDCR, world_peek(BDCR) | 1 << 9 | 1 << 8);
    assert_int_equal(world_peek(BDCR) >> 8 & 3, 1); /* RTCSEL is chosen once */
    rtc_put(BKP0R, 7);
    world_poke(BDCR, 1 << 16);
    world_poke(BDCR, 0);
    assert_int_equal(rtc(ISR), 7);
    assert_int_equal(rtc(BKP0R), 0);
    assert_int_equal(world_peek(BDCR), 0);
}

static void twelve_hours_have_a_half_of_the_day(void **state)
{
    (void)state;
    open_domain();
    chip_rtc_set(world.chip, JULY_2026);
    keys();
    rtc_put(ISR, INIT);
    world_pass(MS);
    rtc_put(CR, 1 << 6);
    rtc_put(TR, 1 << 22 | 0x115959);
    rtc_put(ISR, 0);
    world_pass(SECOND + MS);
    assert_int_equal(rtc(TR), 0x120000);
    assert_int_equal(rtc(DR) & 0x3F, 0x02);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_program_sets_it_once_and_reads_it_after_every_cut, world_gone),
        cmocka_unit_test_setup_teardown(every_day_of_a_century_is_the_right_one, world_idling, world_gone),
        cmocka_unit_test_setup_teardown(it_counts_whole_seconds_through_midnight_and_leap_day, world_idling, world_gone),
        cmocka_unit_test_setup_teardown(subseconds_count_down, world_idling, world_gone),
        cmocka_unit_test_setup_teardown(reading_the_time_freezes_the_date, world_idling, world_gone),
        cmocka_unit_test_setup_teardown(it_needs_the_domain_the_keys_and_the_mode, world_idling, world_gone),
        cmocka_unit_test_setup_teardown(it_stands_still_in_initialization_mode, world_idling, world_gone),
        cmocka_unit_test_setup_teardown(a_battery_keeps_it_and_no_battery_loses_it_with_the_supply, world_idling, world_gone),
        cmocka_unit_test_setup_teardown(a_battery_that_was_gone_before_the_first_instruction_was_never_there, world_idling, world_gone),
        cmocka_unit_test_setup_teardown(drift_and_calibration_are_exact, world_idling, world_gone),
        cmocka_unit_test_setup_teardown(on_lsi_it_stands_still_without_vdd, world_idling, world_gone),
        cmocka_unit_test_setup_teardown(a_reset_of_the_domain_is_asked_for_in_bdcr, world_idling, world_gone),
        cmocka_unit_test_setup_teardown(twelve_hours_have_a_half_of_the_day, world_idling, world_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
