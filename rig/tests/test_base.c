/* SPDX-License-Identifier: GPL-3.0-or-later
 * base: seeded numbers, patterns, JSON, suggestions, files. */
#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/regex.h"
#include "base/rng.h"
#include "base/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void same_seed_same_numbers_other_stream_others(void **state)
{
    (void)state;
    struct rng a, b, c;
    rng_seed(&a, 7, 1);
    rng_seed(&b, 7, 1);
    rng_seed(&c, 7, 2);
    uint64_t x = rng_u64(&a);
    assert_true(x == rng_u64(&b));
    assert_true(x != rng_u64(&c));
}

static void draws_stay_in_range_and_reach_both_ends(void **state)
{
    (void)state;
    struct rng r;
    bool low = false, high = false;
    rng_seed(&r, 1, 1);
    for (int i = 0; i < 2000; i++) {
        uint64_t x = rng_range(&r, 10, 14);
        assert_in_range(x, 10, 14);
        low |= x == 10;
        high |= x == 14;
    }
    assert_true(low && high);
    assert_true(rng_below(&r, 0) == 0);
}

static void field(const struct regex_match *m, const char *text, const char *name, char *out)
{
    out[0] = 0;
    for (size_t i = 0; i < m->count; i++)
        if (strcmp(m->field[i].name, name) == 0) {
            memcpy(out, text + m->field[i].start, m->field[i].end - m->field[i].start);
            out[m->field[i].end - m->field[i].start] = 0;
        }
}

static void named_fields_are_found_beside_plain_groups(void **state)
{
    (void)state;
    struct err e = {0};
    struct regex *r = regex_new("^I: (?:Image|Boot) (version): v(?<version>\\d+\\.\\d+)(?<rest> \\S+)?", &e);
    struct regex_match m;
    char out[32];
    const char *line = "I: Boot version: v1.12 ok";
    assert_non_null(r);
    assert_true(regex_match(r, line, &m));
    field(&m, line, "version", out);
    assert_string_equal(out, "1.12");
    field(&m, line, "rest", out);
    assert_string_equal(out, " ok");
    line = "I: Image version: v3.4";
    assert_true(regex_match(r, line, &m));
    field(&m, line, "rest", out);
    assert_string_equal(out, "");
    assert_false(regex_match(r, "version: v1", &m));
    regex_free(r);
}

static void bad_patterns_say_where(void **state)
{
    (void)state;
    static const char *const bad[] = {"(?<name", "(?<>x)", "(?=x)", "a(b", "[z-a]", "*?(?<n>", "((a+){99})+{99}",
                                      "([[:alpha:])](a*){999})", "(a)\\1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err e = {0};
        assert_null(regex_new(bad[i], &e));
        assert_int_equal(e.code, RIG_EINPUT);
        assert_true(strlen(e.text) > 5);
    }
}

static void json_keeps_order_and_large_integers(void **state)
{
    (void)state;
    struct json *j = json_object();
    json_add_int(j, "z", 1);
    json_add_int(j, "a", INT64_C(9007199254740993));
    json_add_hex(j, "h", 0x0800abcd);
    char *text = json_print(j);
    assert_string_equal(text, "{\"z\":1,\"a\":9007199254740993,\"h\":\"0x0800abcd\"}");
    free(text);
    json_free(j);
}

static void json_refuses_trailing_and_deep_text(void **state)
{
    (void)state;
    struct err e = {0};
    assert_null(json_parse("{} x", 4, &e));
    char deep[400];
    memset(deep, '[', 200);
    memset(deep + 200, ']', 200);
    e = (struct err){0};
    assert_null(json_parse(deep, sizeof deep, &e));
    assert_non_null(strstr(e.text, "deeper"));
    struct json *j = json_parse("{\"a\":[1,\"]]]\"]} \n", 17, NULL);
    assert_non_null(j);
    json_free(j);
}

static const char *word(const void *ctx, size_t i)
{
    return ((const char *const *)ctx)[i];
}

static void the_nearest_word_is_offered_and_none_when_far(void **state)
{
    (void)state;
    static const char *const words[] = {"power-cut", "power-dip", "reset-pin", NULL};
    assert_string_equal(suggest_nearest("power-cat", word, words), "power-cut");
    assert_string_equal(suggest_nearest("pwoer-dip", word, words), "power-dip");
    assert_null(suggest_nearest("xylophone", word, words));
}

static void a_written_file_is_whole_and_folders_are_listed_in_order(void **state)
{
    (void)state;
    char root[] = "/tmp/otarig-base-XXXXXX";
    struct err e = {0};
    assert_non_null(mkdtemp(root));
    char *folder = file_join(root, "a/b"), *one = file_join(folder, "2.yaml"), *two = file_join(folder, "1.yaml");
    assert_int_equal(file_make_folder(folder, &e), 0);
    assert_int_equal(file_write(one, "xyz", 3, &e), 0);
    assert_int_equal(file_write(two, "", 0, &e), 0);
    char **list = file_list(root, ".yaml", &e);
    assert_string_equal(file_base(list[0]), "1.yaml");
    assert_string_equal(file_base(list[1]), "2.yaml");
    assert_null(list[2]);
    file_list_free(list);
    struct buf b = {0};
    assert_int_equal(file_read(one, 3, &b, &e), 0);
    assert_string_equal(buf_text(&b), "xyz");
    assert_int_equal(file_read(one, 2, &b, &e), RIG_EINPUT);
    buf_free(&b);
    unlink(one);
    unlink(two);
    rmdir(folder);
    free(folder);
    free(one);
    free(two);
    folder = file_join(root, "a");
    rmdir(folder);
    rmdir(root);
    free(folder);
}

static void a_signature_verifies_with_its_key_alone(void **state)
{
    (void)state;
    struct err e = {0};
    struct crypto_key *good = crypto_key_open("fixtures/keys/test-ed25519.pem", &e);
    struct crypto_key *wrong = crypto_key_open("fixtures/keys/wrong-ed25519.pem", &e);
    uint8_t signature[64], pub[32], other[32];
    assert_non_null(good);
    assert_non_null(wrong);
    crypto_key_public(good, pub);
    crypto_key_public(wrong, other);
    assert_true(crypto_sign(good, "abc", 3, signature));
    assert_true(crypto_verify(pub, "abc", 3, signature));
    assert_false(crypto_verify(other, "abc", 3, signature));
    assert_false(crypto_verify(pub, "abd", 3, signature));
    crypto_key_free(good);
    crypto_key_free(wrong);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_same_numbers_other_stream_others),
        cmocka_unit_test(draws_stay_in_range_and_reach_both_ends),
        cmocka_unit_test(named_fields_are_found_beside_plain_groups),
        cmocka_unit_test(bad_patterns_say_where),
        cmocka_unit_test(json_keeps_order_and_large_integers),
        cmocka_unit_test(json_refuses_trailing_and_deep_text),
        cmocka_unit_test(the_nearest_word_is_offered_and_none_when_far),
        cmocka_unit_test(a_written_file_is_whole_and_folders_are_listed_in_order),
        cmocka_unit_test(a_signature_verifies_with_its_key_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
