/* SPDX-License-Identifier: GPL-3.0-or-later
 * Attacks on manifests, key sets and deltas: what is changed, by whose signature, and that all else is as it was. */
#include "server_peer.h"

#include "base/crypto.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASK "/manifest.json?device=d1&hw=nucleo-l476rg&slot=a&version=1.0.0&keys=1&nonce=0123456789abcdef"
#define BASE "1111111111111111111111111111111111111111111111111111111111111111"

static struct json *read_signed(const char *path)
{
    peer_get(path, "");
    assert_int_equal(200, peer_status());
    const char *text = peer_signed();
    struct json *j = json_parse(text, strlen(text), NULL);
    return j;
}

/* The manifest under one attack. */
static struct json *under(const char *rule)
{
    server_rules_clear(peer.server);
    peer_rule(rule);
    struct json *j = read_signed(ASK);
    char name[32];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(rule, " "), rule);
    assert_string_equal(name, peer_delivered());
    return j;
}

static void hash_is(const struct json *j, const uint8_t *bytes, size_t n, bool same)
{
    char hex[65];
    crypto_sha256_hex(bytes, n, hex);
    if ((strcmp(hex, json_str(j, "sha256")) == 0) != same)
        fail_msg("the hash is %s", json_str(j, "sha256"));
}

/* --- of releases --- */

static void a_rollback_is_a_genuine_manifest_of_the_past(void **state)
{
    (void)state;
    peer_offer("2.0.0", NULL, 1);
    server_tick(peer.server, 100 * SECOND);
    struct json *j = under("rollback behind=1 age=30s");
    assert_true(peer_signed_by(0, peer_keys.good));
    assert_int_equal(1, json_int(j, "manifest_version", 9));
    assert_int_equal(CALENDAR + 70, json_int(j, "time", 0));
    assert_int_equal(CALENDAR + 70 + 86400, json_int(j, "expires", 0));
    assert_string_equal("1.0.0", json_str(j, "version"));
    assert_string_equal("/image/v1-a.bin", json_str(j, "url"));
    assert_string_not_equal("0123456789abcdef", json_str(j, "nonce"));
    hash_is(j, peer.old_a, sizeof peer.old_a, true);
    json_free(j);
    peer_get("/image/v1-a.bin", "");
    peer_body_is(peer.old_a, sizeof peer.old_a);
    j = under("rollback behind=5 release=same");
    assert_int_equal(0, json_int(j, "manifest_version", 9));
    assert_string_equal("2.0.0", json_str(j, "version"));
    json_free(j);
}

static void a_frozen_manifest_has_expired(void **state)
{
    (void)state;
    struct json *j = under("freeze by=2h");
    assert_true(peer_signed_by(0, peer_keys.good));
    assert_int_equal(CALENDAR - 7200, json_int(j, "expires", 0));
    assert_int_equal(CALENDAR - 7200 - 86400, json_int(j, "time", 0));
    assert_int_equal(1, json_int(j, "manifest_version", 0));
    assert_string_equal("update", json_str(j, "action"));
    json_free(j);
    j = under("freeze says=none");
    assert_string_equal("none", json_str(j, "action"));
    assert_false(json_has(j, "url"));
    json_free(j);
    server_rules_clear(peer.server);
    peer_rule("freeze says=no-content");
    peer_get(ASK, "");
    assert_int_equal(204, peer_status());
    assert_string_equal("freeze", peer_delivered());
}

static void each_part_can_be_the_other_releases(void **state)
{
    (void)state;
    static const struct { const char *part, *member; } parts[] = {{"url", "url"}, {"image-hash", "sha256"}, {"version", "version"}};
    peer_get(ASK, "");
    struct json *honest = read_signed(ASK);
    for (size_t i = 0; i < 3; i++) {
        char *rule = mem_printf("mix-and-match part=%s", parts[i].part);
        struct json *j = under(rule);
        const struct json *m = json_first(honest);
        for (; m; m = json_next(m)) {
            char *was = json_print(m), *is = json_print(json_get(j, json_key(m)));
            if ((strcmp(was, is) == 0) == (strcmp(json_key(m), parts[i].member) == 0))
                fail_msg("part %s: member %s", parts[i].part, json_key(m));
            free(was);
            free(is);
        }
        json_free(j);
        free(rule);
    }
    json_free(honest);
    server_rules_clear(peer.server);
    peer_rule("mix-and-match");
    peer_get("/image/v2-a.bin", "Range: bytes=500-999\r\n");
    assert_int_equal(206, peer_status());
    peer_body_is(peer.old_a + 500, 500);
    assert_string_equal("mix-and-match", peer_delivered());
}

static void wrong_software_is_genuine_and_fits_its_manifest(void **state)
{
    (void)state;
    struct json *j = under("wrong-software");
    assert_string_equal("a", json_str(j, "slot"));
    assert_string_equal("/image/v2-b.bin", json_str(j, "url"));
    hash_is(j, peer.file_b, sizeof peer.file_b, true);
    json_free(j);
    j = under("wrong-software which=release");
    assert_string_equal("1.0.0", json_str(j, "version"));
    assert_int_equal(1, json_int(j, "security_counter", 0));
    json_free(j);
    j = under("wrong-software which=disguised");
    assert_string_equal("2.0.0", json_str(j, "version"));
    hash_is(j, peer.old_a, sizeof peer.old_a, true);
    json_free(j);
}

static void arbitrary_software_fits_its_manifest(void **state)
{
    (void)state;
    static const char *const rules[] = {"arbitrary-software", "arbitrary-software content=random",
                                        "arbitrary-software content=zeros size=12345",
                                        "arbitrary-software content=header-kept size=600", "arbitrary-software size=70000"};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        struct json *j = under(rules[i]);
        peer.seen_count = 0;
        peer_get(json_str(j, "url"), "");
        size_t n;
        const uint8_t *bytes = (const uint8_t *)peer_body(&n);
        assert_int_equal(200, peer_status());
        assert_int_equal(n, json_int(j, "size", 0));
        hash_is(j, bytes, n, true);
        hash_is(j, peer.file_a, sizeof peer.file_a, false);
        if (i == 3)
            assert_memory_equal(peer.file_a, bytes, 512);
        json_free(j);
    }
    server_rules_clear(peer.server);
    peer_get("/image/v2-a.bin", "");
    peer_body_is(peer.file_a, sizeof peer.file_a);
}

static void the_same_rule_makes_the_same_file(void **state)
{
    (void)state;
    struct json *a = under("arbitrary-software content=random"), *b = read_signed(ASK);
    assert_string_equal(json_str(a, "sha256"), json_str(b, "sha256"));
    json_free(a);
    json_free(b);
}

static void a_rollback_command_is_signed_as_it_is_told(void **state)
{
    (void)state;
    struct json *j = under("forced-rollback");
    assert_string_equal("rollback", json_str(j, "action"));
    assert_string_equal("1.0.0", json_str(j, "version"));
    assert_non_null(strstr(peer_body(NULL), "\"signatures\":[]"));
    json_free(j);
    json_free(under("forced-rollback signature=wrong-key"));
    assert_true(peer_signed_by(0, peer_keys.wrong));
    json_free(under("forced-rollback signature=valid"));
    assert_true(peer_signed_by(0, peer_keys.good));
}

static void what_is_withdrawn_is_gone(void **state)
{
    (void)state;
    struct json *j = under("withdraw");
    assert_string_equal("none", json_str(j, "action"));
    assert_false(json_has(j, "sha256"));
    json_free(j);
    peer_get("/image/v2-a.bin", "");
    assert_int_equal(410, peer_status());
    j = under("withdraw kind=pause");
    assert_string_equal("pause", json_str(j, "action"));
    json_free(j);
    peer_get("/image/v2-a.bin", "");
    assert_int_equal(200, peer_status());
    server_rules_clear(peer.server);
    peer_rule("withdraw kind=not-found");
    peer_get("/image/v2-a.bin", "");
    assert_int_equal(404, peer_status());
}

static void a_replay_acts_on_devices_that_are_up_to_date(void **state)
{
    (void)state;
    peer_rule("replay");
    struct json *j = read_signed("/manifest.json?hw=nucleo-l476rg&slot=a&version=2.0.0");
    assert_string_equal("update", json_str(j, "action"));
    assert_string_equal("replay", peer_delivered());
    json_free(j);
    json_free(read_signed(ASK));
    assert_string_equal("", peer_delivered());
}

/* --- signatures --- */

static void signatures_are_spoilt_in_each_way(void **state)
{
    (void)state;
    struct json *honest = read_signed(ASK);
    char *text = json_print(honest);
    json_free(under("bad-signature"));
    assert_false(peer_signed_by(0, peer_keys.good));
    assert_string_equal(text, peer_signed());
    json_free(under("bad-signature signature=wrong-key"));
    assert_true(peer_signed_by(0, peer_keys.wrong));
    json_free(under("bad-signature signature=crowd"));
    assert_true(peer_signed_by(0, peer_keys.wrong));
    assert_false(peer_signed_by(1, peer_keys.good));
    json_free(under("bad-signature signature=stranger-first"));
    assert_true(peer_signed_by(0, peer_keys.wrong));
    assert_true(peer_signed_by(1, peer_keys.good));
    json_free(under("bad-signature signature=missing"));
    assert_non_null(strstr(peer_body(NULL), "\"signatures\":[]"));
    server_rules_clear(peer.server);
    peer_rule("bad-signature signature=revoked");
    json_free(read_signed(ASK));
    assert_string_equal("", peer_delivered()); /* no key is revoked yet */
    peer_offer("2.0.0", NULL, 2);
    json_free(read_signed(ASK));
    assert_true(peer_signed_by(0, peer_keys.good));
    assert_string_equal("bad-signature", peer_delivered());
    free(text);
    json_free(honest);
}

/* --- members --- */

static void one_member_says_something_else(void **state)
{
    (void)state;
    static const struct { const char *rule, *member, *value; } lies[] = {
        {"wrong-size size=4GiB", "size", "4294967296"}, {"wrong-version version=10.0.0", "version", "\"10.0.0\""},
        {"wrong-counter counter=99", "security_counter", "99"}, {"wrong-hardware hardware=toaster", "hardware", "\"toaster\""},
        {"wrong-slot slot=z", "slot", "\"z\""}, {"manifest-member name=size value=1e3", "size", "1000"},
        {"wrong-url kind=other-host", "url", "\"//evil.otarig.invalid/image/v2-a.bin\""},
        {"wrong-url kind=parent", "url", "\"/image/../../../image/v2-a.bin\""}, {"wrong-url kind=empty", "url", "\"\""},
        {"manifest-member name=x value=[1] how=added", "x", "[1]"}, {"wrong-chunks kind=none", "chunks", "[]"},
        {"wrong-chunks kind=size chunk-size=1", "chunk_size", "1"}};
    struct json *honest = read_signed(ASK);
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        struct json *j = under(lies[i].rule);
        assert_true(peer_signed_by(0, peer_keys.good));
        char *is = json_print(json_get(j, lies[i].member));
        if (strcmp(is, lies[i].value) != 0)
            fail_msg("%s: %s", lies[i].rule, is);
        free(is);
        for (const struct json *m = json_first(honest); m; m = json_next(m)) {
            char *was = json_print(m), *now = json_print(json_get(j, json_key(m)));
            if (strcmp(json_key(m), lies[i].member) != 0)
                assert_string_equal(was, now);
            free(was);
            free(now);
        }
        json_free(j);
    }
    json_free(honest);
}

static void members_can_be_missing_or_double(void **state)
{
    (void)state;
    struct json *j = under("manifest-member name=sha256 how=missing");
    assert_false(json_has(j, "sha256"));
    json_free(j);
    json_free(under("manifest-member name=size value=7 how=doubled"));
    const char *first = strstr(peer_signed(), "\"size\":10000");
    assert_non_null(first);
    assert_non_null(strstr(first, "\"size\":7"));
    server_rules_clear(peer.server);
    peer_rule("manifest-member name=nothing how=missing");
    json_free(read_signed(ASK));
    assert_string_equal("", peer_delivered());
}

static void a_crlf_in_the_url_is_escaped_in_json(void **state)
{
    (void)state;
    struct json *j = under("wrong-url kind=crlf");
    assert_non_null(strstr(json_str(j, "url"), "/image/v2-a.bin HTTP/1.1\r\nX-Smuggled: yes\r\n\r\nGET /"));
    json_free(j);
    j = under("wrong-url kind=long length=3000");
    assert_int_equal(3007, strlen(json_str(j, "url")));
    json_free(j);
}

static void chunk_is(const struct json *j, size_t i, const uint8_t *bytes)
{
    char hex[65];
    crypto_sha256_hex(bytes, CHUNK, hex);
    assert_string_equal(hex, json_value_str(json_at(json_get(j, "chunks"), i)));
}

static void chunks_in_another_order_are_right_one_by_one(void **state)
{
    (void)state;
    struct json *j = under("wrong-chunks");
    size_t n;
    chunk_is(j, 0, peer.file_a + CHUNK);
    chunk_is(j, 1, peer.file_a);
    hash_is(j, peer.file_a, sizeof peer.file_a, true);
    peer_get(json_str(j, "url"), "");
    const uint8_t *bytes = (const uint8_t *)peer_body(&n);
    assert_int_equal(FILE_SIZE, n);
    assert_memory_equal(peer.file_a + CHUNK, bytes, CHUNK);
    assert_memory_equal(peer.file_a, bytes + CHUNK, CHUNK);
    assert_memory_equal(peer.file_a + 2 * CHUNK, bytes + 2 * CHUNK, FILE_SIZE - 2 * CHUNK);
    json_free(j);
    j = under("wrong-chunks kind=swapped");
    assert_string_equal("/image/v2-a.bin", json_str(j, "url"));
    chunk_is(j, 0, peer.file_a + CHUNK);
    json_free(j);
    static const struct { const char *rule; size_t count; } counts[] = {
        {"wrong-chunks kind=missing", 2}, {"wrong-chunks kind=more", 4}, {"wrong-chunks kind=many count=200", 200}};
    for (size_t i = 0; i < 3; i++) {
        j = under(counts[i].rule);
        assert_int_equal(counts[i].count, json_count(json_get(j, "chunks")));
        json_free(j);
    }
}

/* --- garbage --- */

static void garbage_can_be_signed(void **state)
{
    (void)state;
    static const char *const kinds[] = {"not-json", "deep", "deep-object", "huge-string", "many-members", "half", "trailing",
                                        "duplicates", "comma"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char *rule = mem_printf("garbage-manifest kind=%s within=signed size=3000", kinds[i]);
        json_free(under(rule));
        const char *sig = strstr(peer_body(NULL), "\"sig\":\"");
        assert_non_null(sig);
        uint8_t signature[64], key[32];
        for (size_t k = 0; k < 64; k++) {
            unsigned byte;
            sscanf(sig + 7 + 2 * k, "%2x", &byte);
            signature[k] = (uint8_t)byte;
        }
        crypto_ed25519_public(peer_keys.good, key);
        assert_true(crypto_verify(key, peer_signed(), strlen(peer_signed()), signature));
        free(rule);
    }
}

static void garbage_is_as_large_as_is_said(void **state)
{
    (void)state;
    size_t n;
    peer_rule("garbage-manifest kind=deep size=9000");
    peer_get(ASK, "");
    const char *text = peer_body(&n);
    assert_int_equal(9000, n);
    assert_int_equal(9000, strspn(text, "["));
    peer_header_is("Content-Length", "9000");
}

/* --- key sets, deltas --- */

static void bad_key_sets_are_announced_and_bad(void **state)
{
    (void)state;
    static const struct { const char *kind; int by; int keyset; } kinds[] = {
        {"wrong-root", 2, 2}, {"publisher", 1, 2}, {"older", 0, 0}, {"empty", 0, 2}, {"too-many", 0, 2}};
    const uint8_t *const seeds[] = {peer_keys.root, peer_keys.good, peer_keys.wrong};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char *rule = mem_printf("bad-keys kind=%s", kinds[i].kind);
        struct json *j = under(rule);
        assert_int_equal(2, json_int(j, "keys", 0));
        assert_true(peer_signed_by(0, peer_keys.good));
        json_free(j);
        j = read_signed("/keys.json");
        assert_true(peer_signed_by(0, seeds[kinds[i].by]));
        assert_int_equal(kinds[i].keyset, json_int(j, "keyset", 9));
        assert_string_equal("bad-keys", peer_delivered());
        json_free(j);
        free(rule);
    }
    server_rules_clear(peer.server);
    peer_rule("bad-keys kind=unsigned announce=false");
    json_free(read_signed(ASK));
    assert_string_equal("", peer_delivered());
    json_free(read_signed("/keys.json"));
    assert_non_null(strstr(peer_body(NULL), "\"signatures\":[]"));
}

static void wrong_deltas_fit_their_manifest(void **state)
{
    (void)state;
    static const char *const kinds[] = {"corrupt", "random", "truncated"};
    const char *path = "/manifest.json?hw=nucleo-l476rg&slot=b&version=1.0.0&base=" BASE;
    for (size_t i = 0; i < 3; i++) {
        char *rule = mem_printf("wrong-delta kind=%s", kinds[i]), hex[65];
        server_rules_clear(peer.server);
        peer_rule(rule);
        struct json *j = read_signed(path);
        const struct json *d = json_get(j, "delta");
        assert_string_equal(BASE, json_str(d, "base"));
        hash_is(j, peer.file_b, sizeof peer.file_b, true);
        peer_get(json_str(d, "url"), "");
        size_t n;
        const char *bytes = peer_body(&n);
        crypto_sha256_hex(bytes, n, hex);
        assert_string_equal(hex, json_str(d, "sha256"));
        assert_int_equal(n, json_int(d, "size", 0));
        assert_int_equal(i == 2 ? 250 : 500, n);
        assert_true(i == 2 || memcmp(bytes, peer.delta, n) != 0);
        json_free(j);
        free(rule);
    }
    json_free(read_signed(ASK));
    assert_string_equal("", peer_delivered()); /* no delta, nothing to spoil */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PEER_SIGNED(a_rollback_is_a_genuine_manifest_of_the_past),
        PEER_SIGNED(a_frozen_manifest_has_expired),
        PEER_SIGNED(each_part_can_be_the_other_releases),
        PEER_SIGNED(wrong_software_is_genuine_and_fits_its_manifest),
        PEER_SIGNED(arbitrary_software_fits_its_manifest),
        PEER_SIGNED(the_same_rule_makes_the_same_file),
        PEER_SIGNED(a_rollback_command_is_signed_as_it_is_told),
        PEER_SIGNED(what_is_withdrawn_is_gone),
        PEER_SIGNED(a_replay_acts_on_devices_that_are_up_to_date),
        PEER_SIGNED(signatures_are_spoilt_in_each_way),
        PEER_SIGNED(one_member_says_something_else),
        PEER_SIGNED(members_can_be_missing_or_double),
        PEER_SIGNED(a_crlf_in_the_url_is_escaped_in_json),
        PEER_SIGNED(chunks_in_another_order_are_right_one_by_one),
        PEER_SIGNED(garbage_can_be_signed),
        PEER_SIGNED(garbage_is_as_large_as_is_said),
        PEER_SIGNED(bad_key_sets_are_announced_and_bad),
        PEER_SIGNED(wrong_deltas_fit_their_manifest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
