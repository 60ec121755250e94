/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whom the device believes (envelope.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "envelope.h"
#include "signer.h"

static struct signer *good, *wrong;
static uint8_t good_id[32], wrong_id[32], revoked_id[32] = {7};
static const char body[] = "{\"a\":[1,2],\"b\":\"}\"}";

static enum envelope_key judge(const uint8_t keyid[32], uint8_t public_key[32])
{
    if (memcmp(keyid, revoked_id, 32) == 0)
        return ENVELOPE_REVOKED;
    if (memcmp(keyid, good_id, 32) != 0)
        return ENVELOPE_UNKNOWN;
    signer_public(good, public_key);
    return ENVELOPE_TRUSTED;
}

static int set_up(void **state)
{
    uint8_t raw[32];
    (void)state;
    good = signer_open(OTA_TEST_KEY);
    wrong = signer_open(OTA_WRONG_KEY);
    if (!good || !wrong)
        return -1;
    signer_public(good, raw);
    signer_key_hash(raw, good_id);
    signer_public(wrong, raw);
    signer_key_hash(raw, wrong_id);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    signer_free(good);
    signer_free(wrong);
    return 0;
}

static size_t put_hex(char *out, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sprintf(out + 2 * i, "%02x", bytes[i]);
    return 2 * n;
}

/* {"keyid":…,"sig":…} by s over text, said to be of id. */
static size_t put_signature(char *out, const struct signer *s, const uint8_t id[32], const char *text)
{
    uint8_t signature[64];
    size_t n = (size_t)sprintf(out, "{\"keyid\":\"");
    assert_true(signer_sign(s, (const uint8_t *)text, strlen(text), signature));
    n += put_hex(out + n, id, 32);
    n += (size_t)sprintf(out + n, "\",\"sig\":\"");
    n += put_hex(out + n, signature, 64);
    return n + (size_t)sprintf(out + n, "\"}");
}

/* Which signatures stand in the list: g good, w a stranger's, b by the good key over something else, r revoked, l a stranger's
 * under the good key's name. */
static enum cause open_with(const char *list, struct envelope *e)
{
    static char text[4096];
    size_t n = (size_t)sprintf(text, "{\"signatures\":[");
    for (const char *c = list; *c; c++) {
        const uint8_t *id = *c == 'w' ? wrong_id : *c == 'r' ? revoked_id : good_id;
        n += (size_t)sprintf(text + n, "%s", c == list ? "" : " , ");
        n += put_signature(text + n, *c == 'w' || *c == 'l' ? wrong : good, id, *c == 'b' ? "{}" : body);
    }
    n += (size_t)sprintf(text + n, "], \"signed\" : %s }\r\n", body);
    return envelope_open(e, text, n, judge);
}

static void one_right_signature_is_enough(void **state)
{
    static const char *const lists[] = {"g", "wg", "bg", "rg", "wwbg", "gggg", "lg"};
    struct envelope e;
    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        assert_int_equal(open_with(lists[i], &e), CAUSE_NONE);
        assert_int_equal(e.size, strlen(body));
        assert_memory_equal(e.body, body, e.size);
        uint8_t raw[32];
        signer_public(good, raw);
        assert_true(signer_verify(raw, (const uint8_t *)e.body, e.size, e.signature));
    }
}

static void what_is_not_believed_says_why(void **state)
{
    static const struct { const char *list; enum cause cause; } rows[] = {
        {"", CAUSE_UNSIGNED}, {"w", CAUSE_WRONG_KEY}, {"wwww", CAUSE_WRONG_KEY}, {"b", CAUSE_BAD_SIGNATURE}, {"l", CAUSE_BAD_SIGNATURE},
        {"wb", CAUSE_BAD_SIGNATURE}, {"bw", CAUSE_BAD_SIGNATURE}, {"r", CAUSE_REVOKED_KEY}, {"wr", CAUSE_REVOKED_KEY},
        {"rw", CAUSE_REVOKED_KEY},
        {"rb", CAUSE_BAD_SIGNATURE}, {"br", CAUSE_BAD_SIGNATURE}, {"wwwwg", CAUSE_BAD_MANIFEST},
    };
    struct envelope e;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(open_with(rows[i].list, &e), rows[i].cause);
}

/* Every byte of the signed value counts, white space included. */
static void another_byte_is_another_document(void **state)
{
    char text[1024], changed[1024];
    struct envelope e;
    (void)state;
    size_t n = (size_t)sprintf(text, "{\"signatures\":[");
    n += put_signature(text + n, good, good_id, body);
    n += (size_t)sprintf(text + n, "],\"signed\":");
    size_t from = n;
    n += (size_t)sprintf(text + n, "%s}", body);
    assert_int_equal(envelope_open(&e, text, n, judge), CAUSE_NONE);
    for (size_t at = from; at < n - 1; at++) {
        memcpy(changed, text, n);
        changed[at] ^= 1;
        assert_int_not_equal(envelope_open(&e, changed, n, judge), CAUSE_NONE);
        memmove(changed + at + 1, text + at, n - at);
        changed[at] = ' ';
        enum cause c = envelope_open(&e, changed, n + 1, judge);
        assert_true(at == from ? c == CAUSE_NONE : c != CAUSE_NONE); /* a space before the brace is not part of it */
    }
    for (size_t cut = 0; cut < n; cut++)
        assert_int_not_equal(envelope_open(&e, text, cut, judge), CAUSE_NONE);
}

static void forms_that_two_readers_could_read_differently_are_refused(void **state)
{
    char text[2048], one[512];
    struct envelope e;
    static const char *const forms[] = {
        "{\"signatures\":[%s],\"signed\":%s,\"signed\":{}}", "{\"signatures\":[%s],\"signatures\":[],\"signed\":%s}",
        "{\"signatures\":%s,\"signed\":%s}",
        "{\"signatures\":[%s],\"signed\":[%s]}", "[{\"signatures\":[%s],\"signed\":%s}]", "{\"signatures\":[%s],\"signed\":%s}{}",
        "{\"signatures\":[%s],\"signed\":%s",
        "{\"signatures\":[%s],\"sign\":%s}", "{\"signatures\":[%s],,\"signed\":%s}", "{\"signatures\":[%s,],\"signed\":%s}",
    };
    (void)state;
    put_signature(one, good, good_id, body);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        snprintf(text, sizeof text, forms[i], one, body);
        assert_int_equal(envelope_open(&e, text, strlen(text), judge), CAUSE_BAD_MANIFEST);
    }
    snprintf(text, sizeof text, "{\"comment\":{\"signed\":{}},\"signed\":%s,\"signatures\":[%s]}", body, one);
    assert_int_equal(envelope_open(&e, text, strlen(text), judge), CAUSE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_right_signature_is_enough),
        cmocka_unit_test(what_is_not_believed_says_why),
        cmocka_unit_test(another_byte_is_another_document),
        cmocka_unit_test(forms_that_two_readers_could_read_differently_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
