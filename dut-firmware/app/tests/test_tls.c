/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What TLS stands on besides the library: its pool of memory, and the dates of certificates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "platform_host.h"
#include "rtc_host.h"
#include "tls_dates.h"
#include "tls_pool.h"

enum { SUMMER = 1782907200 /* 2026-07-01 12:00 */, BLOCKS = 64 };
int tls_dates_seen(const unsigned char *date, unsigned char format, int type);

/* The same numbers with every C library (Numerical Recipes, 7.1). */
static uint32_t next(uint32_t *draw)
{
    *draw = *draw * 1664525u + 1013904223u;
    return *draw >> 8;
}

static void blocks_never_overlap_and_all_comes_back(void **state)
{
    uint8_t *block[BLOCKS] = {0};
    size_t size[BLOCKS] = {0};
    (void)state;
    uint32_t draw = 1;
    tls_pool_reset();
    for (unsigned i = 0; i < 20000; i++) {
        unsigned k = next(&draw) % BLOCKS;
        for (size_t j = 0; block[k] && j < size[k]; j++)
            assert_int_equal(block[k][j], k);
        size_t want = next(&draw) % 1200;
        uint8_t *p = i % 3 ? tls_pool_resize(block[k], want) : NULL;
        if (p) {
            block[k] = p;
            size[k] = want;
            memset(p, (int)k, want);
        } else {
            tls_pool_free(block[k]);
            block[k] = NULL;
        }
        assert_true(tls_pool_sound());
    }
    for (unsigned k = 0; k < BLOCKS; k++)
        tls_pool_free(block[k]);
    assert_int_equal(tls_pool_used(), 0);
    assert_non_null(tls_pool_alloc(TLS_POOL_SIZE - 8)); /* one piece again */
}

static void too_much_is_refused_and_costs_nothing(void **state)
{
    (void)state;
    tls_pool_reset();
    assert_null(tls_pool_alloc(TLS_POOL_SIZE));
    assert_null(tls_pool_alloc(SIZE_MAX));
    assert_null(tls_pool_alloc(SIZE_MAX - 7));
    void *p = tls_pool_alloc(100);
    assert_null(tls_pool_resize(p, SIZE_MAX - 3));
    tls_pool_free(p);
    tls_pool_free(NULL);
    assert_int_equal(tls_pool_used(), 0);
    assert_true(tls_pool_sound());
}

static bool parse(const char *text, uint8_t tag, uint32_t *t)
{
    return tls_dates_parse((const uint8_t *)text, tag, t);
}

static void dates_are_read_as_rfc_5280_writes_them(void **state)
{
    uint32_t t;
    (void)state;
    assert_true(parse("260701120000Z", 0x17, &t));
    assert_int_equal(t, SUMMER);
    assert_true(parse("20260701120000Z", 0x18, &t));
    assert_int_equal(t, SUMMER);
    assert_true(parse("490101000000Z", 0x17, &t)); /* 2049 */
    assert_int_equal(t, 2493072000u);
    assert_true(parse("500101000000Z", 0x17, &t)); /* 1950 */
    assert_int_equal(t, 0);
    assert_true(parse("99991231235959Z", 0x18, &t));
    assert_int_equal(t, UINT32_MAX);
    assert_false(parse("260701120000+", 0x17, &t));
    assert_false(parse("261301120000Z", 0x17, &t));
    assert_false(parse("26070112000", 0x17, &t));
    assert_false(parse("260701120000Z", 0x0c, &t));
}

static enum cause verdict(const char *from, const char *to)
{
    tls_dates_begin();
    assert_int_equal(tls_dates_seen((const uint8_t *)from, 0x17, 0), 1);
    assert_int_equal(tls_dates_seen((const uint8_t *)to, 0x17, 1), 1);
    return tls_dates_verdict();
}

static void a_chain_is_good_between_its_dates_and_at_them(void **state)
{
    (void)state;
    platform_host_reset();
    rtc_host_set(SUMMER);
    assert_int_equal(verdict("260601000000Z", "260801000000Z"), CAUSE_NONE);
    assert_int_equal(verdict("260701120000Z", "260701120000Z"), CAUSE_NONE);
    assert_int_equal(verdict("260701120001Z", "260801000000Z"), CAUSE_TLS_NOT_YET);
    assert_int_equal(verdict("260601000000Z", "260701115959Z"), CAUSE_TLS_EXPIRED);
}

static void the_narrowest_link_of_a_chain_counts_and_no_chain_is_none(void **state)
{
    (void)state;
    rtc_host_set(SUMMER);
    assert_int_equal(verdict("260601000000Z", "260801000000Z"), CAUSE_NONE);
    tls_dates_seen((const uint8_t *)"250101000000Z", 0x17, 0);
    tls_dates_seen((const uint8_t *)"260630000000Z", 0x17, 1);
    assert_int_equal(tls_dates_verdict(), CAUSE_TLS_EXPIRED);
    tls_dates_begin();
    assert_int_equal(tls_dates_verdict(), CAUSE_TLS_HANDSHAKE);
    assert_int_equal(tls_dates_seen((const uint8_t *)"rubbishrubbishZ", 0x18, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_never_overlap_and_all_comes_back),
        cmocka_unit_test(too_much_is_refused_and_costs_nothing),
        cmocka_unit_test(dates_are_read_as_rfc_5280_writes_them),
        cmocka_unit_test(a_chain_is_good_between_its_dates_and_at_them),
        cmocka_unit_test(the_narrowest_link_of_a_chain_counts_and_no_chain_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
