/* SPDX-License-Identifier: GPL-3.0-or-later
 * The test CA and what it signs. */
#include "base/buf.h"
#include "base/err.h"
#include "server/certs.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1782907200, DAY = 86400 };

static struct certs_config config(uint64_t seed)
{
    return (struct certs_config){.host = "update.otarig.invalid", .calendar_s = NOW, .seeded = true, .seed = seed};
}

static struct certs *made(const struct certs_config *c)
{
    struct err e = {0};
    struct certs *certs = certs_new(c, &e);
    assert_non_null(certs);
    return certs;
}

static void der_of(X509 *cert, struct buf *out)
{
    unsigned char *der = NULL;
    int n = i2d_X509(cert, &der);
    assert_true(n > 0);
    buf_clear(out);
    buf_add(out, der, (size_t)n);
    OPENSSL_free(der);
}

static int64_t seconds(const ASN1_TIME *t)
{
    int days, rest;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    assert_int_equal(ASN1_TIME_diff(&days, &rest, epoch, t), 1);
    ASN1_TIME_free(epoch);
    return (int64_t)days * DAY + rest;
}

static void the_same_seed_gives_the_same_certificates(void **state)
{
    (void)state;
    for (int kind = 0; kind < CERTS_KINDS; kind++) {
        struct buf a = {0}, b = {0}, other = {0};
        struct certs_config one = config(5), two = config(6);
        struct certs *x = made(&one), *y = made(&one), *z = made(&two);
        certs_show(y, CERTS_UNKNOWN_CA, 0); /* what else was made does not matter */
        der_of(certs_show(x, (enum certs_kind)kind, 9)->leaf, &a);
        der_of(certs_show(y, (enum certs_kind)kind, 9)->leaf, &b);
        der_of(certs_show(z, (enum certs_kind)kind, 9)->leaf, &other);
        assert_int_equal(a.size, b.size);
        assert_memory_equal(a.data, b.data, a.size);
        assert_true(a.size != other.size || memcmp(a.data, other.data, a.size) != 0);
        certs_free(x);
        certs_free(y);
        certs_free(z);
        buf_free(&a);
        buf_free(&b);
        buf_free(&other);
    }
}

static void without_a_seed_no_two_are_the_same(void **state)
{
    struct buf a = {0}, b = {0};
    struct certs_config c = config(0);
    (void)state;
    c.seeded = false;
    struct certs *x = made(&c), *y = made(&c);
    der_of(certs_show(x, CERTS_GOOD, 0)->leaf, &a);
    der_of(certs_show(y, CERTS_GOOD, 0)->leaf, &b);
    assert_true(a.size != b.size || memcmp(a.data, b.data, a.size) != 0);
    certs_free(x);
    certs_free(y);
    buf_free(&a);
    buf_free(&b);
}

/* Dates count from the calendar of the caller, wherever it stands. */
static void dates_count_from_the_calendar(void **state)
{
    static const uint64_t calendars[] = {86400 * 365, NOW, 4000000000};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct certs_config c = config(1);
        int64_t now = (int64_t)(c.calendar_s = calendars[i]);
        struct certs *certs = made(&c);
        X509 *good = certs_show(certs, CERTS_GOOD, 0)->leaf;
        assert_int_equal(seconds(X509_get0_notBefore(good)), now - 30 * DAY);
        assert_int_equal(seconds(X509_get0_notAfter(good)), now + 60 * DAY);
        assert_int_equal(seconds(X509_get0_notAfter(certs_show(certs, CERTS_EXPIRED, 1)->leaf)), now - 1);
        assert_int_equal(seconds(X509_get0_notAfter(certs_show(certs, CERTS_EXPIRED, DAY)->leaf)), now - DAY);
        assert_int_equal(seconds(X509_get0_notBefore(certs_show(certs, CERTS_NOT_YET, 7200)->leaf)), now + 7200);
        certs_free(certs);
    }
}

/* As many different dates as there may be: what was shown last is right. */
static void more_kinds_than_are_kept_are_still_right(void **state)
{
    struct certs_config c = config(1);
    struct certs *certs = made(&c);
    (void)state;
    for (uint64_t by = 1; by <= 100; by++)
        assert_int_equal(seconds(X509_get0_notAfter(certs_show(certs, CERTS_EXPIRED, by)->leaf)), NOW - (int64_t)by);
    certs_free(certs);
}

static void a_ca_is_read_back_as_it_was_written(void **state)
{
    struct buf cert = {0}, key = {0}, again = {0}, key_again = {0};
    struct certs_config c = config(3);
    struct certs *one = made(&c);
    (void)state;
    certs_ca(one, &cert);
    certs_ca_key(one, &key);
    c.ca_cert = buf_text(&cert);
    c.ca_key = buf_text(&key);
    struct certs *two = made(&c);
    certs_ca(two, &again);
    certs_ca_key(two, &key_again);
    assert_string_equal(buf_text(&cert), buf_text(&again));
    assert_string_equal(buf_text(&key), buf_text(&key_again));
    X509 *leaf = certs_show(two, CERTS_GOOD, 0)->leaf;
    assert_int_equal(X509_check_host(leaf, c.host, 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(leaf, "localhost", 0, 0, NULL), 0);
    assert_int_equal(X509_check_ip_asc(leaf, "127.0.0.1", 0), 0);
    certs_free(one);
    certs_free(two);
    buf_free(&cert);
    buf_free(&key);
    buf_free(&again);
    buf_free(&key_again);
}

static void local_certificates_are_good_for_this_machine_too(void **state)
{
    struct certs_config c = config(3);
    (void)state;
    c.local = true;
    struct certs *certs = made(&c);
    X509 *leaf = certs_show(certs, CERTS_GOOD, 0)->leaf;
    assert_int_equal(X509_check_host(leaf, c.host, 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(leaf, "localhost", 0, 0, NULL), 1);
    assert_int_equal(X509_check_ip_asc(leaf, "127.0.0.1", 0), 1);
    assert_int_equal(X509_check_ip_asc(leaf, "::1", 0), 1);
    certs_free(certs);
}

static void what_is_no_ca_is_refused_with_its_reason(void **state)
{
    struct buf cert = {0}, key = {0}, other = {0};
    struct certs_config c = config(3), d = config(4);
    struct certs *one = made(&c), *two = made(&d);
    (void)state;
    certs_ca(one, &cert);
    certs_ca_key(one, &key);
    certs_ca_key(two, &other);
    const struct { const char *cert, *key, *host, *why; } cases[] = {
        {"nothing", buf_text(&key), "h", "certificate"}, {buf_text(&cert), "nothing", "h", "private key"},
        {buf_text(&cert), buf_text(&other), "h", "does not belong"}, {buf_text(&cert), NULL, "h", "missing"},
        {NULL, NULL, "a b", "no host name"}, {NULL, NULL, "a,DNS:b", "no host name"}, {NULL, NULL, "", "no host name"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err e = {0};
        c.ca_cert = cases[i].cert;
        c.ca_key = cases[i].key;
        c.host = cases[i].host;
        assert_null(certs_new(&c, &e));
        assert_int_equal(e.code, RIG_EINPUT);
        assert_non_null(strstr(e.text, cases[i].why));
    }
    certs_free(one);
    certs_free(two);
    buf_free(&cert);
    buf_free(&key);
    buf_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_certificates),
        cmocka_unit_test(without_a_seed_no_two_are_the_same),
        cmocka_unit_test(dates_count_from_the_calendar),
        cmocka_unit_test(more_kinds_than_are_kept_are_still_right),
        cmocka_unit_test(a_ca_is_read_back_as_it_was_written),
        cmocka_unit_test(local_certificates_are_good_for_this_machine_too),
        cmocka_unit_test(what_is_no_ca_is_refused_with_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
