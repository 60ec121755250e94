/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about dates: the C library's calendar is the judge. */
#include "base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void every_date_is_that_of_the_c_library_and_reads_back(void **state)
{
    (void)state;
    for (uint64_t t = 0; t < UINT64_C(253402300800); t += 86400 * 3 + 12347) {
        char want[32], got[DATE_TEXT];
        time_t seconds = (time_t)t;
        struct tm tm;
        uint64_t back;
        strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &tm));
        date_print(t, got);
        assert_string_equal(got, want);
        assert_true(date_read(got, &back));
        assert_int_equal(back, t);
    }
}

static void a_day_alone_is_its_first_second_and_a_number_is_unix_time(void **state)
{
    (void)state;
    uint64_t t;
    assert_true(date_read("2024-02-29", &t) && t == 1709164800);
    assert_true(date_read("1970-01-01", &t) && t == 0);
    assert_true(date_read("1782907200", &t) && t == 1782907200);
    assert_true(date_read("0", &t) && t == 0);
}

static void what_is_no_date_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "-", "2023-02-29", "2100-02-29", "2024-13-01", "2024-00-01", "2024-01-32", "2024-01-00",
                                        "1969-12-31", "24-01-01", "2024-1-1", "2024-01-01T", "2024-01-01T00:00:00", "2024-01-01T24:00:00Z",
                                        "2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z", "2024-01-01 ", "2024-01-01T00:00:00Zx", "12x",
                                        "253402300800", "99999999999999999999", "-5", "2024-01-01Z"};
    uint64_t t;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (date_read(wrong[i], &t))
            fail_msg("\"%s\" is a date", wrong[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_date_is_that_of_the_c_library_and_reads_back),
        cmocka_unit_test(a_day_alone_is_its_first_second_and_a_number_is_unix_time),
        cmocka_unit_test(what_is_no_date_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
