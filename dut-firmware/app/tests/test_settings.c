/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Identity and name survive: starts, renames, page turnovers, and a power cut in any flash operation of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "flash_host.h"
#include "layout.h"
#include "settings.h"

enum { NOISE = 0x12beef };
static const uint32_t unique_id[3] = {0x11223344, 0x55667788, 0x99aabbcc};

static void a_new_device_has_an_identity(void **state)
{
    struct settings s;
    (void)state;
    flash_host_reset();
    assert_int_equal(settings_open(&s, unique_id, NOISE), RECLOG_OK);
    assert_string_equal(s.id, "l476-99aabbcc5566778811223344");
    assert_string_equal(s.name, "node-beef");
    assert_int_equal(s.boots, 1);
}

static void a_thousand_starts_are_counted(void **state)
{
    struct settings s;
    (void)state;
    flash_host_reset();
    settings_open(&s, unique_id, NOISE);
    assert_int_equal(settings_rename(&s, "pump-7"), RECLOG_OK);
    for (uint32_t n = 2; n <= 1000; n++) {
        assert_int_equal(settings_open(&s, unique_id, NOISE), RECLOG_OK);
        assert_int_equal(s.boots, n);
    }
    assert_string_equal(s.name, "pump-7");
    assert_string_equal(s.id, "l476-99aabbcc5566778811223344");
}

static void the_flash_of_another_device_brings_its_name_and_not_its_identity(void **state)
{
    static const uint32_t other_id[3] = {1, 2, 3};
    struct settings s;
    (void)state;
    flash_host_reset();
    settings_open(&s, unique_id, NOISE);
    assert_int_equal(settings_rename(&s, "pump-7"), RECLOG_OK);
    for (unsigned n = 0; n < 2; n++) {
        assert_int_equal(settings_open(&s, other_id, NOISE), RECLOG_OK);
        assert_string_equal(s.id, "l476-000000030000000200000001");
        assert_string_equal(s.name, "pump-7");
    }
}

static void what_is_no_name_is_refused(void **state)
{
    static const char *const bad[] = {"", "two words", "quo\"te", "back\\slash", "tab\t", "\xc3\xa9", "12345678901234567890123456789012"};
    struct settings s;
    (void)state;
    flash_host_reset();
    settings_open(&s, unique_id, NOISE);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(settings_rename(&s, bad[i]), 1);
    assert_string_equal(s.name, "node-beef");
    assert_int_equal(settings_rename(&s, "1234567890123456789012345678901"), RECLOG_OK);
    settings_open(&s, unique_id, NOISE);
    assert_string_equal(s.name, "1234567890123456789012345678901");
}

static struct flash_host_snapshot prepare(unsigned starts)
{
    struct settings s;
    flash_host_reset();
    settings_open(&s, unique_id, NOISE);
    settings_rename(&s, "a-name-before-it");
    for (unsigned i = 1; i < starts; i++)
        settings_open(&s, unique_id, NOISE);
    return flash_host_save(LAYOUT_SETTINGS_BASE, LAYOUT_SETTINGS_SIZE);
}

static struct flash_host_snapshot region;
static struct settings cut_settings;

/* A start and a rename with one cut. True when the operation was reached. */
static bool cut_run(unsigned starts, uint64_t op, enum flash_host_outcome outcome, unsigned variant)
{
    struct settings s;
    flash_host_restore(&region);
    flash_host_cut(op, outcome, variant);
    if (setjmp(flash_host_power) == 0) {
        settings_open(&cut_settings, unique_id, NOISE);
        settings_rename(&cut_settings, "renamed");
        return false;
    }
    assert_int_equal(settings_open(&s, unique_id, NOISE), RECLOG_OK);
    assert_string_equal(s.id, "l476-99aabbcc5566778811223344");
    if (strcmp(s.name, "a-name-before-it") != 0 && strcmp(s.name, "renamed") != 0)
        fail_msg("starts %u op %u outcome %d variant %u: name %s", starts, (unsigned)op, outcome, variant, s.name);
    assert_in_range(s.boots, starts + 1, starts + 2);
    assert_int_equal(flash_host_violations(), 0);
    return true;
}

static void a_cut_leaves_the_old_name_or_the_new_one(void **state)
{
    (void)state;
    for (unsigned starts = 1; starts < 260; starts += starts < 230 ? 229 : 3) {
        region = prepare(starts);
        for (int outcome = 0; outcome < FLASH_HOST_OUTCOMES; outcome++)
            for (unsigned variant = 0; variant < FLASH_HOST_VARIANTS; variant++) {
                uint64_t op = 1;
                while (cut_run(starts, op, (enum flash_host_outcome)outcome, variant))
                    op++;
                assert_true(op > 5);
            }
        flash_host_drop(&region);
    }
}

static void first_start(uint64_t op, enum flash_host_outcome outcome, unsigned variant)
{
    flash_host_reset();
    flash_host_cut(op, outcome, variant);
    if (setjmp(flash_host_power) == 0)
        settings_open(&cut_settings, unique_id, NOISE);
    assert_int_equal(settings_open(&cut_settings, unique_id, NOISE), RECLOG_OK);
    assert_string_equal(cut_settings.id, "l476-99aabbcc5566778811223344");
    assert_string_equal(cut_settings.name, "node-beef");
}

static void a_cut_in_the_first_start_still_gives_an_identity(void **state)
{
    (void)state;
    for (int outcome = 0; outcome < FLASH_HOST_OUTCOMES; outcome++)
        for (unsigned variant = 0; variant < FLASH_HOST_VARIANTS; variant++)
            for (uint64_t op = 1; op < 16; op++)
                first_start(op, (enum flash_host_outcome)outcome, variant);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_device_has_an_identity),
        cmocka_unit_test(a_thousand_starts_are_counted),
        cmocka_unit_test(the_flash_of_another_device_brings_its_name_and_not_its_identity),
        cmocka_unit_test(what_is_no_name_is_refused),
        cmocka_unit_test(a_cut_leaves_the_old_name_or_the_new_one),
        cmocka_unit_test(a_cut_in_the_first_start_still_gives_an_identity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
