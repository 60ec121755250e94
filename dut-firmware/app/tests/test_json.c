/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The JSON reader: what it takes, what it refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "json.h"

static int skip_all(const char *text)
{
    struct json j;
    json_start(&j, text, strlen(text));
    return json_skip(&j) == 1 && json_end(&j) == 1;
}

static void every_form_of_json_is_passed_over(void **state)
{
    static const char *const good[] = {
        "{}", "[]", "null", "true", "false", "0", "-0", "-1.5e+10", "1E5", "\"\"", "\"a\\u00e9\\n\"", " [ 1 , 2 , { \"a\" : [ ] } ] ",
        "{\"a\":{\"b\":[[],{}]},\"c\":null}", "[[[[[[[[1]]]]]]]]", "\"\xc3\xa9\"",
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!skip_all(good[i]))
            fail_msg("refused: %s", good[i]);
}

static void what_is_not_json_is_refused(void **state)
{
    static const char *const bad[] = {
        "", " ", "{", "}", "[", "]", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":1 \"b\":2}", "{1:2}",
        "01", "+1",
        "1.", ".5", "1e", "--1", "tru", "nul", "True", "\"", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\nb\"", "[}", "{]", "1 2",
        "[[[[[[[[[1]]]]]]]]]" /* one deeper than JSON_DEPTH_MOST */, "[1]]", "{\"a\":[}", "\"\\",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (skip_all(bad[i]))
            fail_msg("taken: %s", bad[i]);
}

static int u32_of(const char *text, uint32_t *v)
{
    struct json j;
    json_start(&j, text, strlen(text));
    return json_u32(&j, v) == 1 && json_end(&j) == 1;
}

static void numbers_keep_their_bounds(void **state)
{
    static const char *const bad[] = {"4294967296", "99999999999999999999999999", "-1", "1.0", "1e3", "00", "01", "\"1\"", "", "0x10",
                                      "1a"};
    uint32_t v = 7;
    (void)state;
    assert_true(u32_of("0", &v));
    assert_int_equal(v, 0);
    assert_true(u32_of(" 4294967295 ", &v));
    assert_int_equal(v, 4294967295u);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (u32_of(bad[i], &v))
            fail_msg("taken: %s", bad[i]);
}

static int string_of(const char *text, char *out, size_t cap)
{
    struct json j;
    json_start(&j, text, strlen(text));
    return json_string(&j, out, cap) == 1 && json_end(&j) == 1;
}

static void strings_fit_or_are_refused(void **state)
{
    char out[6];
    (void)state;
    assert_true(string_of("\"abcde\"", out, sizeof out));
    assert_string_equal(out, "abcde");
    assert_false(string_of("\"abcdef\"", out, sizeof out));
    assert_true(string_of("\"\\u0041\\/\\\"\"", out, sizeof out));
    assert_string_equal(out, "A/\"");
    assert_false(string_of("\"\\u0000\"", out, sizeof out));
    assert_false(string_of("\"\\u00e9\"", out, sizeof out));
    assert_false(string_of("12", out, sizeof out));
}

static void hex_has_exactly_its_length(void **state)
{
    static const char *const bad[] = {"\"0aF\"", "\"0aF\"0", "\"0aFg\"", "\"0aFf0\"", "\"\"", "0aFf", "\"0aFf"};
    uint8_t out[2];
    struct json j;
    (void)state;
    json_start(&j, "\"0aFf\"", 6);
    assert_int_equal(json_hex(&j, out, 2), 1);
    assert_int_equal(json_end(&j), 1);
    assert_int_equal(out[0], 0x0a);
    assert_int_equal(out[1], 0xff);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        json_start(&j, bad[i], strlen(bad[i]));
        if (json_hex(&j, out, 2) == 1)
            fail_msg("taken: %s", bad[i]);
    }
}

static void members_are_walked_in_order(void **state)
{
    static const char text[] = "{ \"a\" : 1 , \"b\" : [ 2 , [ 3 ] , { } ] , \"c\" : \"x\" }";
    struct json j;
    char key[8], value[4];
    uint32_t v;
    (void)state;
    json_start(&j, text, sizeof text - 1);
    assert_int_equal(json_object(&j), 1);
    assert_int_equal(json_key(&j, key, sizeof key), 1);
    assert_string_equal(key, "a");
    assert_int_equal(json_u32(&j, &v), 1);
    assert_int_equal(json_key(&j, key, sizeof key), 1);
    assert_int_equal(json_array(&j), 1);
    assert_int_equal(json_item(&j), 1);
    assert_int_equal(json_u32(&j, &v), 1);
    assert_int_equal(v, 2);
    assert_int_equal(json_item(&j), 1);
    assert_int_equal(json_skip(&j), 1);
    assert_int_equal(json_item(&j), 1);
    assert_int_equal(json_skip(&j), 1);
    assert_int_equal(json_item(&j), 0);
    assert_int_equal(json_key(&j, key, sizeof key), 1);
    assert_string_equal(key, "c");
    assert_int_equal(json_string(&j, value, sizeof value), 1);
    assert_int_equal(json_key(&j, key, sizeof key), 0);
    assert_int_equal(json_end(&j), 1);
}

static void a_cursor_that_died_stays_dead(void **state)
{
    struct json j;
    uint32_t v;
    (void)state;
    json_start(&j, "x 1", 3);
    assert_int_equal(json_u32(&j, &v), -1);
    assert_int_equal(json_skip(&j), -1);
    assert_int_equal(json_end(&j), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_json_is_passed_over), cmocka_unit_test(what_is_not_json_is_refused),
        cmocka_unit_test(numbers_keep_their_bounds),         cmocka_unit_test(strings_fit_or_are_refused),
        cmocka_unit_test(hex_has_exactly_its_length),        cmocka_unit_test(members_are_walked_in_order),
        cmocka_unit_test(a_cursor_that_died_stays_dead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
