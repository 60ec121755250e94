/* SPDX-License-Identifier: GPL-3.0-or-later
 * What each attack changes of what a client sees: positions, lengths, ranges, time. */
#include "server_peer.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/json.h"
#include "server/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- attacks --- */

static void truncate_closes_behind_the_byte(void **state)
{
    (void)state;
    peer_attack("truncate", "at-byte", 4000, NULL);
    peer_get("/image/v2-a.bin", "");
    peer_header_is("Content-Length", "10000");
    assert_null(peer_header("Connection"));
    peer_body_is(peer.file_a, 4000);
    assert_true(peer.closed);
    const struct peer_seen *r = peer_last_of(SERVER_RESPONSE);
    assert_string_equal("cut-short", r->end);
    assert_string_equal("truncate", r->attack);
    assert_int_equal(4000, r->sent);
    assert_int_equal(FILE_SIZE, r->length);
}

static void reset_comes_when_the_client_has_the_bytes(void **state)
{
    (void)state;
    peer_attack("reset", "percent", 2500, NULL);
    peer_dial();
    peer_say("GET /image/v2-a.bin HTTP/1.1\r\n\r\n");
    size_t head = (size_t)(peer_body(NULL) - peer.out.data);
    peer_listen_to(head + 2499);
    assert_true(peer.open);
    peer_listen_to(1);
    assert_true(peer.reset);
    peer_body_is(peer.file_a, 2500);
    assert_string_equal("reset", peer_last_of(SERVER_RESPONSE)->end);
}

static void without_a_position_it_is_the_middle(void **state)
{
    (void)state;
    peer_attack("truncate", NULL, 0, NULL);
    peer_get("/image/v2-b.bin", "Range: bytes=1000-\r\n");
    peer_body_is(peer.file_b + 1000, (sizeof peer.file_b - 1000) / 2);
}

static void a_position_behind_the_body_does_nothing(void **state)
{
    (void)state;
    peer_attack("truncate", "at-byte", FILE_SIZE, NULL);
    peer_get("/image/v2-a.bin", "");
    peer_body_is(peer.file_a, FILE_SIZE);
    assert_string_equal("", peer_last_of(SERVER_RESPONSE)->attack);
}

static unsigned differing_bits(const uint8_t *a, const char *b, size_t n)
{
    unsigned count = 0;
    for (size_t i = 0; i < n; i++)
        count += (unsigned)__builtin_popcount(a[i] ^ (uint8_t)b[i]);
    return count;
}

static void flipped_bits_are_as_many_as_asked(void **state)
{
    (void)state;
    peer_attack("flip-bits", "count", 300, NULL);
    peer_get("/image/v2-a.bin", "");
    size_t n;
    const char *b = peer_body(&n);
    assert_int_equal(FILE_SIZE, n);
    assert_int_equal(300, differing_bits(peer.file_a, b, n));
    char *first = mem_new(n);
    memcpy(first, b, n);
    peer_get("/image/v2-a.bin", "");
    assert_memory_not_equal(first, peer_body(NULL), n); /* another request draws other bits */
    struct server_config c = {.seed = 7, .event = peer_event};
    server_free(peer.server);
    peer.server = server_new(&c);
    server_handler(peer.server, &peer.handler);
    peer_offer_version("2.0.0");
    peer_attack("flip-bits", "count", 300, NULL);
    peer_get("/image/v2-a.bin", "");
    assert_memory_equal(first, peer_body(NULL), n); /* the same seed the same */
    free(first);
}

static void flipped_bits_can_be_placed(void **state)
{
    (void)state;
    peer_attack("flip-bits", "at-byte", 5000, NULL);
    peer_get("/image/v2-a.bin", "");
    const char *b = peer_body(NULL);
    assert_int_equal(1, differing_bits(peer.file_a, b, FILE_SIZE));
    assert_int_equal(peer.file_a[5000] ^ 1, (uint8_t)b[5000]);
}

static void content_length_lies_in_each_way(void **state)
{
    (void)state;
    static const struct { const char *kind, *length, *end; } lies[] = {
        {"short", "9999", "complete"}, {"long", "10001", "cut-short"}, {"absent", NULL, "complete"}, {"negative", "-1", "complete"},
        {"huge", "99999999999999999999", "cut-short"}};
    for (size_t i = 0; i < 5; i++) {
        server_rules_clear(peer.server);
        peer_attack("content-length", "kind", 0, lies[i].kind);
        peer_get("/image/v2-a.bin", "");
        if (lies[i].length)
            peer_header_is("Content-Length", lies[i].length);
        else
            assert_null(peer_header("Content-Length"));
        peer_body_is(peer.file_a, FILE_SIZE);
        assert_true(peer.closed);
        assert_string_equal("content-length", peer_last_of(SERVER_RESPONSE)->attack);
        assert_string_equal(lies[i].end, peer_last_of(SERVER_RESPONSE)->end);
    }
}

static void any_status_can_be_answered(void **state)
{
    (void)state;
    struct server_rule r = {0};
    peer_rule_for(&r, "status", "code", 503, NULL);
    peer_rule_for(&r, "status", "retry-after", 30 * SECOND, NULL);
    server_rule_add(peer.server, &r);
    peer_get("/image/v2-a.bin", "");
    assert_int_equal(503, peer_status());
    peer_header_is("Retry-After", "30");
    assert_null(peer_header("ETag"));
    assert_true(peer.open);
    assert_int_equal(503, peer_last_of(SERVER_RESPONSE)->status);
    assert_string_equal("", peer_last_of(SERVER_RESPONSE)->file);
    assert_int_equal(0, server_body_sent(peer.server));
}

static void a_range_can_be_ignored(void **state)
{
    (void)state;
    peer_attack("ignore-range", NULL, 0, NULL);
    peer_get("/image/v2-a.bin", "Range: bytes=4096-\r\n");
    assert_int_equal(200, peer_status());
    assert_null(peer_header("Content-Range"));
    peer_body_is(peer.file_a, FILE_SIZE);
    assert_true(peer_last_of(SERVER_REQUEST)->ranged);
    assert_int_equal(4096, peer_last_of(SERVER_REQUEST)->from);
    peer_get("/image/v2-a.bin", "");
    assert_string_equal("", peer_last_of(SERVER_RESPONSE)->attack); /* nothing to ignore */
}

static void a_range_can_be_shifted(void **state)
{
    (void)state;
    peer_attack("shift-range", "by", 3, NULL);
    peer_get("/image/v2-a.bin", "Range: bytes=4096-\r\n");
    assert_int_equal(206, peer_status());
    peer_header_is("Content-Range", "bytes 4096-9999/10000");
    size_t n;
    const char *b = peer_body(&n);
    assert_int_equal(FILE_SIZE - 4096, n);
    assert_memory_equal(peer.file_a + 4099, b, n - 3);
    assert_memory_equal(peer.file_a, b + n - 3, 3);
    server_rules_clear(peer.server);
    struct server_rule r = {0};
    peer_rule_for(&r, "shift-range", "by", 100, NULL);
    peer_rule_for(&r, "shift-range", "to", 1, "back");
    server_rule_add(peer.server, &r);
    peer_get("/image/v2-a.bin", "Range: bytes=40-\r\n");
    b = peer_body(NULL);
    assert_memory_equal(peer.file_a + FILE_SIZE - 60, b, 60);
    assert_memory_equal(peer.file_a, b + 60, 1000);
}

static void a_stall_is_silence_from_the_byte_on(void **state)
{
    (void)state;
    struct server_rule r = {0};
    peer_rule_for(&r, "stall", "at-byte", 700, NULL);
    peer_rule_for(&r, "stall", "for", 30 * SECOND, NULL);
    server_rule_add(peer.server, &r);
    server_tick(peer.server, 5 * SECOND);
    assert_int_equal(UINT64_MAX, server_next(peer.server));
    peer_get("/image/v2-a.bin", "");
    peer_body_is(peer.file_a, 700);
    assert_true(server_next(peer.server) <= 5 * SECOND); /* the clock is asked for */
    server_tick(peer.server, 6 * SECOND);
    assert_int_equal(36 * SECOND, server_next(peer.server));
    server_tick(peer.server, 36 * SECOND - 1);
    peer_hear();
    peer_body_is(peer.file_a, 700);
    server_tick(peer.server, 36 * SECOND);
    peer_hear();
    peer_body_is(peer.file_a, FILE_SIZE);
    assert_string_equal("stall", peer_last_of(SERVER_RESPONSE)->attack);
    assert_string_equal("complete", peer_last_of(SERVER_RESPONSE)->end);
    assert_int_equal(UINT64_MAX, server_next(peer.server));
}

static void a_stall_can_last_for_ever(void **state)
{
    (void)state;
    peer_attack("stall", "at-byte", 0, NULL);
    peer_get("/image/v2-a.bin", "");
    server_tick(peer.server, 1000000 * SECOND);
    peer_hear();
    peer_body_is("", 0);
    assert_int_equal(UINT64_MAX, server_next(peer.server));
    assert_true(peer.open);
    peer_hang_up(STREAM_PEER_CLOSED);
    assert_string_equal("peer-closed", peer_last_of(SERVER_RESPONSE)->end);
}

static void a_drip_keeps_its_pace(void **state)
{
    (void)state;
    struct server_rule r = {0};
    peer_rule_for(&r, "slow-retrieval", "bytes", 100, NULL);
    peer_rule_for(&r, "slow-retrieval", "every", 2 * SECOND, NULL);
    server_rule_add(peer.server, &r);
    peer_get("/image/v2-a.bin", "Range: bytes=0-349\r\n");
    for (int i = 1; i <= 4; i++) {
        server_tick(peer.server, peer.now);
        assert_int_equal(2 * SECOND * (unsigned)i, server_next(peer.server));
        peer.now = server_next(peer.server);
        server_tick(peer.server, peer.now);
        peer_hear();
        peer_body_is(peer.file_a, i < 4 ? (size_t)i * 100 : 350);
    }
    assert_string_equal("complete", peer_last_of(SERVER_RESPONSE)->end);
    assert_int_equal(UINT64_MAX, server_next(peer.server));
}

static void a_drip_goes_on_behind_a_stall(void **state)
{
    (void)state;
    struct server_rule d = {0}, s = {0};
    peer_rule_for(&d, "slow-retrieval", "bytes", 100, NULL);
    peer_rule_for(&s, "stall", "at-byte", 150, NULL);
    peer_rule_for(&s, "stall", "for", 60 * SECOND, NULL);
    server_rule_add(peer.server, &d);
    server_rule_add(peer.server, &s);
    peer_get("/image/v2-a.bin", "Range: bytes=0-349\r\n");
    for (int i = 0; i < 100 && peer_last_of(SERVER_REQUEST) && peer.now < 1000 * SECOND; i++) {
        server_tick(peer.server, peer.now);
        peer_hear();
        if (server_next(peer.server) == UINT64_MAX)
            break;
        if (server_next(peer.server) > peer.now)
            peer.now = server_next(peer.server);
    }
    peer_body_is(peer.file_a, 350);
    assert_in_range(peer.now, 63 * SECOND, 65 * SECOND);
    assert_string_equal("slow-retrieval+stall", peer_last_of(SERVER_RESPONSE)->attack);
}

static void endless_data_never_end(void **state)
{
    (void)state;
    peer_attack("endless-data", NULL, 0, NULL);
    peer_dial();
    peer_say("GET /image/v2-b.bin HTTP/1.1\r\n\r\n");
    peer_listen_to(50000);
    size_t n;
    const char *b = peer_body(&n);
    assert_true(n > 49000);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(peer.file_b[i % sizeof peer.file_b], (uint8_t)b[i]);
    assert_null(peer_header("Content-Length"));
    assert_true(peer.open);
    peer_hang_up(STREAM_PEER_CLOSED);
    assert_true(peer_last_of(SERVER_RESPONSE)->sent > 49000);
}

static void a_portal_answers_with_its_page(void **state)
{
    (void)state;
    peer_attack("html-page", NULL, 0, NULL);
    peer_get("/image/v2-a.bin", "Range: bytes=4096-\r\n");
    assert_int_equal(200, peer_status());
    assert_non_null(strstr(peer_body(NULL), "<html>"));
    assert_null(peer_header("Content-Range"));
    assert_string_equal("html-page", peer_last_of(SERVER_RESPONSE)->attack);
}

static void hashes_of_the_manifest_can_be_wrong(void **state)
{
    (void)state;
    struct json *honest = peer_manifest_now();
    peer_attack("wrong-hash", "of", 0, "image");
    struct json *wrong = peer_manifest_now();
    assert_string_not_equal(json_str(honest, "sha256"), json_str(wrong, "sha256"));
    json_free(wrong);
    server_rules_clear(peer.server);
    peer_attack("wrong-hash", "of", 1, "chunk");
    wrong = peer_manifest_now();
    assert_string_equal(json_str(honest, "sha256"), json_str(wrong, "sha256"));
    int differ = 0;
    for (size_t i = 0; i < 3; i++)
        differ += strcmp(json_value_str(json_at(json_get(honest, "chunks"), i)), json_value_str(json_at(json_get(wrong, "chunks"),
                                                                                                        i))) != 0;
    assert_int_equal(1, differ);
    json_free(wrong);
    server_rules_clear(peer.server);
    peer_attack("wrong-size", "size", 12, NULL);
    wrong = peer_manifest_now();
    assert_int_equal(12, json_int(wrong, "size", 0));
    json_free(wrong);
    json_free(honest);
}

static void an_old_manifest_can_be_replayed(void **state)
{
    (void)state;
    peer_offer_version("0.9.0");
    peer_attack("replay", NULL, 0, NULL);
    peer_attack("wrong-version", "version", 0, "9.9.9");
    struct json *j = peer_manifest_now();
    assert_string_equal("9.9.9", json_str(j, "version"));
    assert_string_equal("replay+wrong-version", peer_last_of(SERVER_RESPONSE)->attack);
    json_free(j);
}

static void garbage_is_no_manifest(void **state)
{
    (void)state;
    static const char *const kinds[] = {"not-json", "wrong-types", "huge-numbers", "no-fields", "empty", "deep", "random"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        server_rules_clear(peer.server);
        peer_attack("garbage-manifest", "kind", i, kinds[i]);
        struct json *j = peer_manifest_now();
        assert_int_equal(200, peer_status());
        assert_null(json_str(j, "sha256") && strlen(json_str(j, "sha256")) == 64 ? j : NULL);
        assert_string_equal("garbage-manifest", peer_last_of(SERVER_RESPONSE)->attack);
        json_free(j);
    }
    peer_get("/image/v2-a.bin", "");
    assert_string_equal("", peer_last_of(SERVER_RESPONSE)->attack);
}

static void two_attacks_act_on_one_answer(void **state)
{
    (void)state;
    peer_attack("truncate", "at-byte", 5000, NULL);
    peer_attack("flip-bits", "at-byte", 4999, NULL);
    peer_get("/image/v2-a.bin", "");
    size_t n;
    const char *b = peer_body(&n);
    assert_int_equal(5000, n);
    assert_int_equal(1, differing_bits(peer.file_a, b, n));
    assert_string_equal("flip-bits+truncate", peer_last_of(SERVER_RESPONSE)->attack);
}

static void rules_count_the_requests_that_they_match(void **state)
{
    (void)state;
    struct server_rule r = {.request = 2, .path = "/image"};
    peer_rule_for(&r, "status", NULL, 0, NULL);
    server_rule_add(peer.server, &r);
    static const int expected[] = {200, 503, 200};
    for (int i = 0; i < 3; i++) {
        peer_get("/manifest.json?slot=a&version=1.0.0", "");
        assert_int_equal(200, peer_status());
        peer_get("/image/v2-b.bin", "");
        assert_int_equal(expected[i], peer_status());
    }
    server_rules_clear(peer.server);
    struct server_rule twice = {.times = 2};
    peer_rule_for(&twice, "status", NULL, 0, NULL);
    server_rule_add(peer.server, &twice);
    for (int i = 0; i < 4; i++) {
        peer_get("/image/v2-b.bin", "");
        assert_int_equal(i < 2 ? 503 : 200, peer_status());
    }
    server_rules_clear(peer.server);
    struct server_rule from_second = {.request = 2, .times = 2};
    peer_rule_for(&from_second, "status", NULL, 0, NULL);
    server_rule_add(peer.server, &from_second);
    for (int i = 0; i < 4; i++) {
        peer_get("/image/v2-b.bin", "");
        assert_int_equal(i == 1 || i == 2 ? 503 : 200, peer_status());
    }
}

static void rows_are_complete(void **state)
{
    (void)state;
    size_t rows = 0;
    for (; server_attack(rows); rows++) {
        const struct option_owner *o = server_attack(rows);
        size_t n = 0;
        assert_non_null(o->help);
        assert_non_null(strstr(o->example, o->name));
        for (; o->options[n].name; n++)
            assert_true(o->options[n].help && (o->options[n].type != OPTION_WORD || o->options[n].words));
        assert_in_range(n, 0, OPTION_MOST);
    }
    assert_true(rows >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PEER_CLAIM(truncate_closes_behind_the_byte),
        PEER_CLAIM(reset_comes_when_the_client_has_the_bytes),
        PEER_CLAIM(without_a_position_it_is_the_middle),
        PEER_CLAIM(a_position_behind_the_body_does_nothing),
        PEER_CLAIM(flipped_bits_are_as_many_as_asked),
        PEER_CLAIM(flipped_bits_can_be_placed),
        PEER_CLAIM(content_length_lies_in_each_way),
        PEER_CLAIM(any_status_can_be_answered),
        PEER_CLAIM(a_range_can_be_ignored),
        PEER_CLAIM(a_range_can_be_shifted),
        PEER_CLAIM(a_stall_is_silence_from_the_byte_on),
        PEER_CLAIM(a_stall_can_last_for_ever),
        PEER_CLAIM(a_drip_keeps_its_pace),
        PEER_CLAIM(a_drip_goes_on_behind_a_stall),
        PEER_CLAIM(endless_data_never_end),
        PEER_CLAIM(a_portal_answers_with_its_page),
        PEER_CLAIM(hashes_of_the_manifest_can_be_wrong),
        PEER_CLAIM(an_old_manifest_can_be_replayed),
        PEER_CLAIM(garbage_is_no_manifest),
        PEER_CLAIM(two_attacks_act_on_one_answer),
        PEER_CLAIM(rules_count_the_requests_that_they_match),
        PEER_CLAIM(rows_are_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
