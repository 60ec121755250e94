/* SPDX-License-Identifier: GPL-3.0-or-later
 * The report's small parts: escaping, numbers, the folded time axis, the histogram. */
#include "base/buf.h"
#include "base/json.h"
#include "report/axis.h"
#include "report/facts.h"
#include "report/histogram.h"
#include "report/html.h"
#include "report/timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_text(const char *in, const char *out)
{
    struct buf b = {0};
    html_text(&b, in);
    assert_string_equal(buf_text(&b), out);
    buf_free(&b);
}

static void no_byte_of_hostile_text_opens_an_element_or_leaves_an_attribute(void **state)
{
    (void)state;
    for (unsigned first = 1; first < 256; first++)
        for (unsigned second = 1; second < 256; second++) {
            char in[3] = {(char)first, (char)second, 0};
            struct buf b = {0};
            html_text(&b, in);
            assert_null(strpbrk(buf_text(&b), "<>\"'"));
            for (size_t i = 0; i < b.size; i++)
                assert_true((unsigned char)b.data[i] >= 0x20 && b.data[i] != 0x7f);
            for (const char *amp = strchr(buf_text(&b), '&'); amp; amp = strchr(amp + 1, '&'))
                assert_true(!strncmp(amp, "&amp;", 5) || !strncmp(amp, "&lt;", 4) || !strncmp(amp, "&gt;", 4) ||
                            !strncmp(amp, "&quot;", 6) || !strncmp(amp, "&#39;", 5));
            buf_free(&b);
        }
}

static void broken_utf8_and_marks_that_reorder_text_become_visible(void **state)
{
    (void)state;
    expect_text("a\xc3\xa9", "a\xc3\xa9");             /* e acute passes */
    expect_text("\xff", "\\xff");                      /* never a lead byte */
    expect_text("\xc0\xaf", "\\xc0\\xaf");             /* overlong slash */
    expect_text("\xed\xa0\x80", "\\xed\\xa0\\x80");    /* a surrogate */
    expect_text("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* above U+10FFFF */
    expect_text("\xe2\x80", "\\xe2\\x80");             /* cut short */
    expect_text("\xe2\x80\xae" "x", "\\u202ex");       /* right-to-left override */
    expect_text("\x1b[31m", "\\x1b[31m");
    expect_text("\xc2\x9b", "\\u009b");                /* C1 control sequence introducer */
}

static void a_long_text_ends_in_an_ellipsis(void **state)
{
    (void)state;
    struct buf b = {0};
    html_text_n(&b, "abcdef", 6, 3);
    assert_string_equal(buf_text(&b), "abc\xe2\x80\xa6");
    buf_free(&b);
}

static void numbers_are_read_by_people(void **state)
{
    (void)state;
    struct buf b = {0};
    html_count(&b, 999);
    buf_char(&b, ' ');
    html_count(&b, 1000);
    buf_char(&b, ' ');
    html_count(&b, 12345678);
    buf_char(&b, ' ');
    html_time(&b, 82000);
    buf_char(&b, ' ');
    html_time(&b, 12345678901);
    buf_char(&b, ' ');
    html_time(&b, 5);
    assert_string_equal(buf_text(&b), "999 1,000 12,345,678 82.0 \xc2\xb5s 12.3 s 5 ns");
    buf_free(&b);
}

static void a_shown_bound_is_never_below_the_computed_one(void **state)
{
    (void)state;
    for (unsigned n = 3; n < 30000; n += 7) {
        struct buf b = {0};
        double bound = 3.0 / n;
        html_percent(&b, bound);
        double shown = strtod(buf_text(&b), NULL) / 100;
        assert_true(shown >= bound - 1e-9 && shown <= bound * 1.12 + 1e-6);
        buf_free(&b);
    }
}

static void time_runs_forward_on_a_folded_axis(void **state)
{
    (void)state;
    struct axis a = {0};
    const int64_t ms = 1000000;
    for (int i = 0; i < 50; i++) {
        axis_add(&a, i * ms);
        axis_add(&a, 60000 * ms + i * ms); /* a minute of silence in between */
    }
    axis_lay(&a, 100, 900);
    assert_true(axis_x(&a, 0) >= 100 && axis_x(&a, 60049 * ms) <= 1000.001 && axis_x(&a, INT64_MAX) <= 1000.001);
    for (int i = 1; i < 60049; i += 13)
        assert_true(axis_x(&a, i * ms) >= axis_x(&a, (i - 1) * ms));
    assert_true(axis_x(&a, 49 * ms) > 450); /* unfolded, the first 49 ms would be less than one unit wide */
    axis_free(&a);
}

static void an_axis_without_events_draws(void **state)
{
    (void)state;
    struct axis a = {0};
    struct buf b = {0};
    axis_lay(&a, 10, 100);
    axis_draw(&b, &a, 0, 50);
    assert_true(axis_x(&a, 5) == 10);
    axis_free(&a);
    buf_free(&b);
}

static void an_outcome_is_told_by_its_word(void **state)
{
    (void)state;
    assert_int_equal(histogram_outcome("torn-17"), HISTOGRAM_TORN);
    assert_int_equal(histogram_outcome("ecc"), HISTOGRAM_ECC);
    assert_int_equal(histogram_outcome("partial"), HISTOGRAM_PARTIAL);
    assert_int_equal(histogram_outcome(NULL), HISTOGRAM_IDLE);
    assert_int_equal(histogram_outcome("no such word"), HISTOGRAM_IDLE);
}

static size_t occurrences(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *p = strstr(text, word); p; p = strstr(p + 1, word))
        n++;
    return n;
}

static void each_failing_bar_has_its_mark(void **state)
{
    (void)state;
    struct histogram_stretch *s = mem_new(2 * sizeof *s);
    struct buf b = {0};
    s[0] = (struct histogram_stretch){.name = "write", .from = 1, .to = 10000};
    s[1] = (struct histogram_stretch){.name = "activate", .from = 10001, .to = 10003};
    histogram_lay(s, 2);
    histogram_bar_of(s, 2, 5000)->count[HISTOGRAM_TORN] = 3;
    histogram_bar_of(s, 2, 10002)->count[HISTOGRAM_ECC] = 1;
    histogram_bar_of(s, 2, 10002)->failed = 1;
    histogram_operations(&b, s, 2, "t");
    assert_int_equal(occurrences(buf_text(&b), "class=\"fail\""), 1);
    assert_int_equal(occurrences(buf_text(&b), "class=\"torn\""), 1);
    assert_non_null(strstr(buf_text(&b), "operation 10002: 1 ecc"));
    buf_free(&b);
    free(s);
}

/* Every operation has one bar, bars follow each other, and the tool tip of a bar names just the operations that it counts. */
static void three_operations_are_seen_beside_ten_thousand(void **state)
{
    (void)state;
    struct histogram_stretch *s = mem_new(2 * sizeof *s);
    s[0] = (struct histogram_stretch){.name = "write", .from = 1, .to = 9973};
    s[1] = (struct histogram_stretch){.name = "activate", .from = 9974, .to = 9976};
    histogram_lay(s, 2);
    assert_int_equal(s[1].bars, 3);
    assert_true(s[1].width > 50 && s[0].x + s[0].width < s[1].x && s[1].x + s[1].width <= 1060);
    assert_null(histogram_bar_of(s, 2, 0));
    assert_null(histogram_bar_of(s, 2, 9977));
    for (uint64_t op = 1; op <= 9976; op++)
        histogram_bar_of(s, 2, op)->count[HISTOGRAM_AFTER]++;
    struct buf b = {0};
    histogram_operations(&b, s, 2, "t");
    uint64_t counted = 0, next = 1;
    for (const char *p = strstr(buf_text(&b), "<title>operation"); p; p = strstr(p + 1, "<title>operation")) {
        unsigned long from, to, n;
        if (sscanf(p, "<title>operations %lu to %lu: %lu after", &from, &to, &n) != 3) {
            assert_int_equal(sscanf(p, "<title>operation %lu: %lu after", &from, &n), 2);
            to = from;
        }
        assert_true(from == next && n == to - from + 1);
        next = to + 1;
        counted += n;
    }
    assert_int_equal(counted, 9976);
    buf_free(&b);
    free(s);
}

static struct json *parsed(const char *text)
{
    struct json *j = json_parse(text, strlen(text), NULL);
    assert_non_null(j);
    return j;
}

static void a_timeline_shows_the_cut_the_version_and_the_server(void **state)
{
    (void)state;
    struct json *events = parsed(
        "[{\"ev\":\"trial\",\"t\":0,\"n\":1},{\"ev\":\"power\",\"t\":0,\"on\":true,\"why\":\"start\"},"
        "{\"ev\":\"dut\",\"t\":100000000,\"kind\":\"running\",\"slot\":\"a\",\"version\":\"1.0.0\",\"line\":\"x\"},"
        "{\"ev\":\"http\",\"t\":200000000,\"method\":\"GET\",\"path\":\"/manifest.json\",\"status\":200},"
        "{\"ev\":\"fault\",\"t\":300000000,\"do\":\"power-cut\",\"delivered\":true,\"outcome\":\"torn-3\",\"op\":7,\"phase\":\"write\"},"
        "{\"ev\":\"power\",\"t\":300000000,\"on\":false,\"why\":\"fault\"},{\"ev\":\"end\",\"t\":400000000,\"why\":\"done\"}]");
    struct buf b = {0};
    timeline_draw(&b, events, "t");
    assert_non_null(strstr(buf_text(&b), "power-cut: torn-3 during write, operation 7"));
    assert_non_null(strstr(buf_text(&b), "1.0.0 in slot a"));
    assert_non_null(strstr(buf_text(&b), "GET /manifest.json, status 200"));
    assert_int_equal(occurrences(buf_text(&b), ">off</title>"), 1);
    json_free(events);
    buf_free(&b);
}

static void a_thousand_boots_are_one_run_of_marks(void **state)
{
    (void)state;
    struct buf text = {0}, b = {0};
    buf_str(&text, "[{\"ev\":\"power\",\"t\":0,\"on\":true}");
    for (int i = 1; i <= 1000; i++)
        buf_printf(&text, ",{\"ev\":\"reset\",\"t\":%d000000,\"cause\":\"watchdog\",\"by\":\"device\"},"
                          "{\"ev\":\"dut\",\"t\":%d500000,\"kind\":\"boot\",\"slot\":\"a\",\"confirmed\":true},"
                          "{\"ev\":\"cpu-fault\",\"t\":%d600000,\"kind\":\"hard\"}", i, i, i);
    buf_char(&text, ']');
    struct json *events = parsed(buf_text(&text));
    timeline_draw(&b, events, "t");
    assert_int_equal(occurrences(buf_text(&b), ">watchdog \xc3\x97" "1000</text>"), 1);
    assert_int_equal(occurrences(buf_text(&b), ">slot a \xc3\x97" "1000</text>"), 1); /* though faults lie in between */
    assert_true(b.size < 20000);
    json_free(events);
    buf_free(&text);
    buf_free(&b);
}

/* Journals can be edited by hand: wrong types, times that run backwards or beyond all bounds. */
static void a_timeline_of_nonsense_draws_without_harm(void **state)
{
    (void)state;
    static const char *const nonsense[] = {
        "[]", "{}", "[1,\"x\",null,[],{}]", "[{\"ev\":5,\"t\":\"x\"},{\"ev\":\"power\"},{\"ev\":\"dut\",\"kind\":{}}]",
        "[{\"ev\":\"power\",\"t\":9223372036854775807,\"on\":true},{\"ev\":\"power\",\"t\":-9223372036854775807,\"on\":false}]",
        "[{\"ev\":\"fault\",\"t\":1e300,\"do\":\"<svg onload=x>\"},{\"ev\":\"reset\",\"t\":1,\"cause\":\"</svg><script>\"}]",
    };
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        struct json *events = parsed(nonsense[i]);
        struct buf b = {0};
        timeline_draw(&b, events, "t");
        assert_null(strstr(buf_text(&b), "<script"));
        assert_null(strstr(buf_text(&b), "<svg onload"));
        assert_int_equal(occurrences(buf_text(&b), "<svg"), 1);
        assert_null(strstr(buf_text(&b), "nan"));
        json_free(events);
        buf_free(&b);
    }
}

static void a_cut_that_tore_a_word_is_the_passing_trial_shown(void **state)
{
    (void)state;
    struct facts f;
    facts_open(&f);
    static const char *const block[] = {
        "[{\"ev\":\"trial\",\"n\":1,\"scenario\":0},{\"ev\":\"fault\",\"do\":\"power-cut\",\"delivered\":true,\"phase\":\"download\"}]",
        "[{\"ev\":\"trial\",\"n\":2,\"scenario\":0},{\"ev\":\"fault\",\"do\":\"power-cut\",\"delivered\":true,\"phase\":\"write\",\"op\":5,"
        "\"outcome\":\"torn-2\"}]",
        "[{\"ev\":\"trial\",\"n\":3,\"scenario\":0},{\"ev\":\"fault\",\"do\":\"power-cut\",\"delivered\":false,\"phase\":\"write\"},"
        "{\"ev\":\"fault\",\"do\":\"link-down\",\"delivered\":true}]",
    };
    for (size_t i = 0; i < 3; i++) {
        struct json *events = parsed(block[i]);
        facts_block(&f, events, 1 + 2 * i, i == 2, true);
        json_free(events);
    }
    assert_int_equal(f.passing.trial, 2);
    assert_int_equal(f.passing.first_line, 3);
    assert_int_equal(f.cuts, 2);
    assert_int_equal(f.cut[1].op, 5);
    assert_int_equal(f.undelivered, 1);
    assert_int_equal(f.other_faults, 1);
    assert_non_null(facts_find(&f, 3));
    assert_null(facts_find(&f, 1));
    facts_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_byte_of_hostile_text_opens_an_element_or_leaves_an_attribute),
        cmocka_unit_test(broken_utf8_and_marks_that_reorder_text_become_visible),
        cmocka_unit_test(a_long_text_ends_in_an_ellipsis),
        cmocka_unit_test(numbers_are_read_by_people),
        cmocka_unit_test(a_shown_bound_is_never_below_the_computed_one),
        cmocka_unit_test(time_runs_forward_on_a_folded_axis),
        cmocka_unit_test(an_axis_without_events_draws),
        cmocka_unit_test(an_outcome_is_told_by_its_word),
        cmocka_unit_test(each_failing_bar_has_its_mark),
        cmocka_unit_test(three_operations_are_seen_beside_ten_thousand),
        cmocka_unit_test(a_timeline_shows_the_cut_the_version_and_the_server),
        cmocka_unit_test(a_thousand_boots_are_one_run_of_marks),
        cmocka_unit_test(a_timeline_of_nonsense_draws_without_harm),
        cmocka_unit_test(a_cut_that_tore_a_word_is_the_passing_trial_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
