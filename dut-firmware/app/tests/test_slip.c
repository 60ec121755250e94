/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SLIP framing, and the small texts: versions, bounded strings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "release.h"
#include "slip.h"
#include "text.h"

static size_t feed(struct slip *s, const uint8_t *bytes, size_t n)
{
    size_t last = 0;
    for (size_t i = 0; i < n; i++) {
        size_t got = slip_byte(s, bytes[i]);
        last = got ? got : last;
    }
    return last;
}

static void what_is_encoded_is_decoded(void **state)
{
    static struct slip s;
    uint8_t in[256], out[2 * sizeof in + 1];
    (void)state;
    for (unsigned i = 0; i < sizeof in; i++)
        in[i] = (uint8_t)i;
    for (size_t n = 1; n <= sizeof in; n++) {
        size_t size = slip_encode(out, in, n);
        assert_true(size <= 2 * n);
        assert_null(memchr(out, SLIP_END, size));
        out[size++] = SLIP_END;
        assert_int_equal(feed(&s, out, size), n);
        assert_memory_equal(s.frame, in, n);
    }
}

static void bad_frames_vanish_and_the_next_one_is_whole(void **state)
{
    static struct slip s;
    static const uint8_t good[] = {1, 2, 3, SLIP_END};
    static const uint8_t bad_escape[] = {1, 0xDB, 0x01, 2, SLIP_END}, open_escape[] = {1, 0xDB, SLIP_END}, empty[] = {SLIP_END, SLIP_END};
    (void)state;
    assert_int_equal(feed(&s, bad_escape, sizeof bad_escape), 0);
    assert_int_equal(feed(&s, good, sizeof good), 3);
    assert_int_equal(feed(&s, open_escape, sizeof open_escape), 0);
    assert_int_equal(feed(&s, empty, sizeof empty), 0);
    for (unsigned i = 0; i <= SLIP_MTU; i++)
        assert_int_equal(slip_byte(&s, 5), 0);
    assert_int_equal(slip_byte(&s, SLIP_END), 0);
    assert_int_equal(feed(&s, good, sizeof good), 3);
    slip_byte(&s, 9);
    slip_broken(&s);
    assert_int_equal(feed(&s, good, sizeof good), 0);
    assert_int_equal(feed(&s, good, sizeof good), 3);
}

static void versions_compare_as_numbers(void **state)
{
    static const char *const rising[] = {"0.0.0", "0.0.10", "0.1.0", "1.0.0", "1.0.65535", "1.9.0", "1.10.0", "2.0.0", "255.255.65535"};
    static const char *const bad[] = {"", "1", "1.2", "1.2.3.4", "1.2.", ".1.2", "256.0.0", "1.256.0", "1.2.65536", "01.2.3", "1.2.03",
                                      "a.b.c",
                                      "1.2.3 ", " 1.2.3", "-1.2.3", "1..3", "99999999999.0.0"};
    uint32_t last = 0, v;
    char text[RELEASE_TEXT];
    (void)state;
    for (size_t i = 0; i < sizeof rising / sizeof *rising; i++) {
        assert_true(release_parse(rising[i], &v));
        assert_true(i == 0 || v > last);
        assert_string_equal(release_text(v, text), rising[i]);
        last = v;
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (release_parse(bad[i], &v))
            fail_msg("taken: %s", bad[i]);
}

static void a_text_that_does_not_fit_says_so(void **state)
{
    char buffer[8];
    struct text t;
    (void)state;
    text_start(&t, buffer, sizeof buffer);
    text_add_u32(&t, 4294967295u);
    assert_true(t.full);
    assert_string_equal(buffer, "4294967");
    text_start(&t, buffer, sizeof buffer);
    text_add_hex(&t, (const uint8_t *)"\x00\xab", 2);
    text_add_u32(&t, 0);
    assert_false(t.full);
    assert_string_equal(buffer, "00ab0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_encoded_is_decoded),
        cmocka_unit_test(bad_frames_vanish_and_the_next_one_is_whole),
        cmocka_unit_test(versions_compare_as_numbers),
        cmocka_unit_test(a_text_that_does_not_fit_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
