/* SPDX-License-Identifier: GPL-3.0-or-later
 * Values with units: exact, or refused. */
#include "tests/scratch.h"

#include "base/value.h"

#define MS UINT64_C(1000000)

static uint64_t value(enum option_type type, const char *text)
{
    struct option_row row = {.name = "x", .type = type};
    struct buf why = {0};
    uint64_t number = 12345;
    const char *word;
    if (!value_read(&row, text, &number, &word, &why))
        number = UINT64_MAX;
    buf_free(&why);
    return number;
}

static void units_are_exact(void **state)
{
    (void)state;
    assert_int_equal(value(OPTION_TIME, "1ns"), 1);
    assert_int_equal(value(OPTION_TIME, "0.1s"), 100 * MS);
    assert_int_equal(value(OPTION_TIME, "1.000000001s"), 1000000001);
    assert_int_equal(value(OPTION_TIME, "40us"), 40000);
    assert_int_equal(value(OPTION_TIME, "2.5 m"), 150000 * MS);
    assert_int_equal(value(OPTION_TIME, "1h"), 3600000 * MS);
    assert_int_equal(value(OPTION_TIME, "0"), 0);
    assert_int_equal(value(OPTION_BYTES, "64KiB"), 65536);
    assert_int_equal(value(OPTION_BYTES, "1.5kB"), 1500);
    assert_int_equal(value(OPTION_BYTES, "0x200"), 512);
    assert_int_equal(value(OPTION_PERCENT, "12.34%"), 1234);
    assert_int_equal(value(OPTION_PERCENT, "100"), 10000);
    assert_int_equal(value(OPTION_COUNT, "18446744073709551614"), UINT64_MAX - 1);
    assert_int_equal(value(OPTION_BOOL, "no"), 0);
    assert_int_equal(value(OPTION_BOOL, "on"), 1);
}

static void what_is_no_value_is_refused(void **state)
{
    (void)state;
    static const struct { enum option_type type; const char *text; } bad[] = {
        {OPTION_TIME, "300"}, {OPTION_TIME, "20 parsecs"}, {OPTION_TIME, "-1s"}, {OPTION_TIME, "1.5ns"}, {OPTION_TIME,
         "1.0000000001s"},
        {OPTION_TIME, "999999999999h"}, {OPTION_TIME, ""}, {OPTION_TIME, "s"}, {OPTION_TIME, "1s2"}, {OPTION_TIME, "0x10s"},
        {OPTION_BYTES, "4KB"}, {OPTION_BYTES, "0.5"}, {OPTION_BYTES, "0xg"}, {OPTION_BYTES, "20000000000GiB"}, {OPTION_PERCENT,
         "101%"},
        {OPTION_PERCENT, "1.234%"}, {OPTION_COUNT, "1.5"}, {OPTION_COUNT, "18446744073709551616"},
         {OPTION_COUNT, "1e3"},
        {OPTION_BOOL, "maybe"}, {OPTION_TEXT, ""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (value(bad[i].type, bad[i].text) != UINT64_MAX)
            fail_msg("\"%s\" was read", bad[i].text);
}

static void a_printed_value_reads_as_itself(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {0, 1, 999, 1000, 1500000, 2500000000u, 3600000000000u, 123456789,
        UINT64_C(86400000000000)};
    struct option_row row = {.name = "x"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        for (int type = OPTION_TIME; type <= OPTION_COUNT; type++) {
            struct buf text = {0};
            row.type = (enum option_type)type;
            value_print(&row, numbers[i], NULL, &text);
            assert_int_equal(value(row.type, buf_text(&text)), numbers[i]);
            buf_free(&text);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_are_exact),
        cmocka_unit_test(what_is_no_value_is_refused),
        cmocka_unit_test(a_printed_value_reads_as_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
