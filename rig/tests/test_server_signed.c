/* SPDX-License-Identifier: GPL-3.0-or-later
 * Manifests and key sets as an honest server signs them (dut-firmware/README.md). */
#include "server_peer.h"

#include "base/crypto.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASK "/manifest.json?device=d1&hw=nucleo-l476rg&slot=b&version=1.0.0&keys=1&nonce=0123456789abcdef"

static struct json *read_signed(const char *path)
{
    peer_get(path, "");
    assert_int_equal(200, peer_status());
    const char *text = peer_signed();
    struct json *j = json_parse(text, strlen(text), NULL);
    assert_true(json_is_object(j));
    return j;
}

static void says(const char *path, const char *name, const char *value)
{
    struct json *j = read_signed(path);
    const char *is = json_str(j, name);
    if (!is || strcmp(is, value) != 0)
        fail_msg("%s: %s is %s instead of %s", path, name, is ? is : "absent", value);
    json_free(j);
}

static void a_manifest_says_what_when_and_for_how_long(void **state)
{
    (void)state;
    server_tick(peer.server, 90 * SECOND + 5);
    struct json *j = read_signed(ASK);
    assert_string_equal("manifest", json_str(j, "type"));
    assert_int_equal(2, json_int(j, "schema", 0));
    assert_string_equal("nucleo-l476rg", json_str(j, "hardware"));
    assert_int_equal(1, json_int(j, "manifest_version", 0));
    assert_int_equal(CALENDAR + 90, json_int(j, "time", 0));
    assert_int_equal(CALENDAR + 90 + 86400, json_int(j, "expires", 0));
    assert_string_equal("update", json_str(j, "action"));
    assert_int_equal(1, json_int(j, "keys", 0));
    assert_string_equal("2.0.0", json_str(j, "version"));
    assert_int_equal(3, json_int(j, "security_counter", 0));
    assert_string_equal("b", json_str(j, "slot"));
    assert_string_equal("/image/v2-b.bin", json_str(j, "url"));
    assert_string_equal("0123456789abcdef", json_str(j, "nonce"));
    assert_int_equal(sizeof peer.file_b, json_int(j, "size", 0));
    assert_int_equal(2, json_count(json_get(j, "chunks")));
    assert_true(peer_signed_by(0, peer_keys.good));
    assert_false(peer_signed_by(0, peer_keys.wrong));
    peer_header_is("Date", "Wed, 01 Jul 2026 12:01:30 GMT");
    json_free(j);
}

static void the_number_rises_with_every_offer(void **state)
{
    (void)state;
    for (int i = 1; i <= 3; i++) {
        struct json *j = read_signed(ASK);
        assert_int_equal(i, json_int(j, "manifest_version", 0));
        json_free(j);
        peer_offer("2.0.0", NULL, 1);
    }
}

static void an_up_to_date_device_gets_a_signed_none(void **state)
{
    (void)state;
    static const char *const queries[] = {"hw=nucleo-l476rg&slot=a&version=2.0.0", "hw=nucleo-l476rg&slot=c&version=1.0.0",
                                          "hw=nucleo-l476rg&slot=a&version=3.0.0"};
    for (size_t i = 0; i < 3; i++) {
        char *path = mem_printf("/manifest.json?%s", queries[i]);
        struct json *j = read_signed(path);
        assert_string_equal("none", json_str(j, "action"));
        assert_false(json_has(j, "url"));
        assert_true(peer_signed_by(0, peer_keys.good));
        json_free(j);
        free(path);
    }
    server_offer(peer.server, NULL);
    says("/manifest.json?hw=nucleo-l476rg&slot=a&version=1.0.0", "action", "none");
    says("/manifest.json?hw=nucleo-l476rg&slot=a&version=1.0.0", "hardware", "nucleo-l476rg");
}

static void what_the_device_says_cannot_break_the_json(void **state)
{
    (void)state;
    server_offer(peer.server, NULL);
    says("/manifest.json?hw=a%22%2C%22x%22%3A1&nonce=%5C", "hardware", "");
}

static void actions_are_said(void **state)
{
    (void)state;
    peer_offer("2.0.0", "pause", 1);
    says(ASK, "action", "pause");
    peer_offer("2.0.0", "none", 1);
    says(ASK, "action", "none");
    peer_offer("0.9.0", "update", 1);
    says(ASK, "action", "none");
    peer_offer("0.9.0", "rollback", 1);
    says(ASK, "action", "rollback");
    says(ASK, "version", "0.9.0");
}

static void a_delta_is_offered_to_its_base_alone(void **state)
{
    (void)state;
    char hex[65];
    char *path = mem_printf("%s&base=%064d", ASK, 0);
    memset(path + strlen(path) - 64, '1', 64);
    struct json *j = read_signed(path);
    const struct json *d = json_get(j, "delta");
    crypto_sha256_hex(peer.delta, sizeof peer.delta, hex);
    assert_string_equal("/image/x.v2-b.delta", json_str(d, "url"));
    assert_string_equal(hex, json_str(d, "sha256"));
    assert_int_equal(sizeof peer.delta, json_int(d, "size", 0));
    assert_int_equal(64, strspn(json_str(d, "base"), "1"));
    json_free(j);
    peer_get("/image/x.v2-b.delta", "Range: bytes=100-\r\n");
    peer_body_is(peer.delta + 100, sizeof peer.delta - 100);
    path[strlen(path) - 1] = '2';
    j = read_signed(path);
    assert_false(json_has(j, "delta"));
    json_free(j);
    free(path);
}

static void key_sets_are_signed_by_the_root(void **state)
{
    (void)state;
    struct json *j = read_signed("/keys.json");
    assert_string_equal("keys", json_str(j, "type"));
    assert_int_equal(1, json_int(j, "keyset", 0));
    assert_int_equal(1, json_count(json_get(j, "keys")));
    assert_int_equal(0, json_count(json_get(j, "revoked")));
    assert_true(peer_signed_by(0, peer_keys.root));
    json_free(j);
}

static void the_next_key_set_revokes_the_good_key(void **state)
{
    (void)state;
    uint8_t key[32];
    struct buf hex = {0};
    peer_offer("2.0.0", NULL, 2);
    struct json *j = read_signed(ASK);
    assert_int_equal(2, json_int(j, "keys", 0));
    assert_true(peer_signed_by(0, peer_keys.next));
    json_free(j);
    j = read_signed("/keys.json");
    crypto_ed25519_public(peer_keys.next, key);
    buf_hex(&hex, key, 32);
    assert_int_equal(2, json_int(j, "keyset", 0));
    assert_string_equal(buf_text(&hex), json_value_str(json_at(json_get(j, "keys"), 0)));
    assert_int_equal(64, strlen(json_value_str(json_at(json_get(j, "revoked"), 0))));
    assert_true(peer_signed_by(0, peer_keys.root));
    buf_free(&hex);
    json_free(j);
}

static void without_a_signature_it_is_the_old_schema(void **state)
{
    (void)state;
    static const struct server_file files[] = {{"b", "v2-b.bin", peer.file_b, sizeof peer.file_b}};
    struct server_offer o = {.version = "2.0.0", .hardware = "nucleo-l476rg", .files = files, .count = 1, .no_signature = true};
    server_offer(peer.server, &o);
    struct json *j = peer_manifest_now();
    assert_null(j); /* slot a has no file: 204 */
    assert_int_equal(204, peer_status());
    peer_get(ASK, "");
    size_t n;
    const char *text = peer_body(&n);
    j = json_parse(text, n, NULL);
    assert_int_equal(1, json_int(j, "schema", 0));
    assert_int_equal(4096, json_int(j, "chunk_size", 0));
    json_free(j);
}

static void the_same_seed_gives_the_same_bytes(void **state)
{
    (void)state;
    peer_get(ASK, "");
    char *first = mem_new(peer.out.size + 1);
    size_t n = peer.out.size;
    memcpy(first, peer.out.data, n);
    peer_setup_signed(state);
    peer_get(ASK, "");
    assert_int_equal(n, peer.out.size);
    assert_memory_equal(first, peer.out.data, n);
    free(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PEER_SIGNED(a_manifest_says_what_when_and_for_how_long),
        PEER_SIGNED(the_number_rises_with_every_offer),
        PEER_SIGNED(an_up_to_date_device_gets_a_signed_none),
        PEER_SIGNED(what_the_device_says_cannot_break_the_json),
        PEER_SIGNED(actions_are_said),
        PEER_SIGNED(a_delta_is_offered_to_its_base_alone),
        PEER_SIGNED(key_sets_are_signed_by_the_root),
        PEER_SIGNED(the_next_key_set_revokes_the_good_key),
        PEER_SIGNED(without_a_signature_it_is_the_old_schema),
        PEER_SIGNED(the_same_seed_gives_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
