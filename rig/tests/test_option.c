/* SPDX-License-Identifier: GPL-3.0-or-later
 * Options as a thing with options reads them. */
#include "base/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char *const words[] = {"good", "own", NULL};
static const struct option_row rows[] = {
    {"for", "a time", OPTION_TIME, false, "1500ms", NULL, 0, 0},
    {"size", "bytes", OPTION_BYTES, false, "4KiB", NULL, 0, 0},
    {"part", "a share", OPTION_PERCENT, false, "60", NULL, 0, 0},
    {"signed", "yes or no", OPTION_BOOL, false, "true", NULL, 0, 0},
    {"key", "a word", OPTION_WORD, false, "own", words, 0, 0},
    {"to", "a text", OPTION_TEXT, false, NULL, NULL, 0, 0},
    {.name = NULL}};
enum { FOR, SIZE, PART, SIGNED, KEY, TO, ALL }; /* SIZE and PART are never given */

static void what_is_not_given_is_the_default_in_the_units_of_its_type(void **state)
{
    (void)state;
    const struct option_value none[ALL] = {{0}};
    assert_false(option_given(rows, none, "for"));
    assert_int_equal(option_number(rows, none, "for"), 1500000000);
    assert_int_equal(option_number(rows, none, "size"), 4096);
    assert_int_equal(option_number(rows, none, "part"), 6000);
    assert_int_equal(option_number(rows, none, "signed"), 1);
    assert_string_equal(option_text(rows, none, "key"), "own");
    assert_true(option_is(rows, none, "key", "own"));
}

static void without_a_default_a_number_is_0_and_a_text_is_missing(void **state)
{
    (void)state;
    const struct option_value none[ALL] = {{0}};
    assert_int_equal(option_number(rows, none, "to"), 0);
    assert_null(option_text(rows, none, "to"));
    assert_false(option_is(rows, none, "to", ""));
}

static void what_is_given_wins_over_the_default_even_when_it_is_0(void **state)
{
    (void)state;
    struct option_value v[ALL] = {{0}};
    v[FOR].given = v[SIGNED].given = true;
    v[KEY] = (struct option_value){.given = true, .number = 0, .text = "good"};
    v[TO] = (struct option_value){.given = true, .text = "2.0.0"};
    assert_true(option_given(rows, v, "for"));
    assert_int_equal(option_number(rows, v, "for"), 0);
    assert_int_equal(option_number(rows, v, "signed"), 0);
    assert_int_equal(option_number(rows, v, "size"), 4096);
    assert_int_equal(option_number(rows, v, "part"), 6000);
    assert_true(option_is(rows, v, "key", "good"));
    assert_false(option_is(rows, v, "key", "own"));
    assert_string_equal(option_text(rows, v, "to"), "2.0.0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_given_is_the_default_in_the_units_of_its_type),
        cmocka_unit_test(without_a_default_a_number_is_0_and_a_text_is_missing),
        cmocka_unit_test(what_is_given_wins_over_the_default_even_when_it_is_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
