/* SPDX-License-Identifier: GPL-3.0-or-later
 * Attacks on the connection, what counts as delivered, and clients that attack the server. */
#include "server_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void under(const char *rule)
{
    server_rules_clear(peer.server);
    peer_rule(rule);
}

/* --- slow heads, and what counts as delivered --- */

static void a_head_can_drip(void **state)
{
    (void)state;
    under("slow-retrieval in=headers bytes=5 every=1s");
    peer_get("/image/v2-b.bin", "");
    server_tick(peer.server, 0);
    for (unsigned i = 1; i <= 4; i++) {
        assert_int_equal(i * SECOND, server_next(peer.server));
        server_tick(peer.server, i * SECOND);
        peer_hear();
        assert_int_equal(5 * i, peer.out.size);
    }
    for (unsigned i = 5; i < 200 && server_next(peer.server) != UINT64_MAX; i++) {
        server_tick(peer.server, i * SECOND);
        peer_hear();
    }
    peer_body_is(peer.file_b, sizeof peer.file_b);
}

static void a_head_can_stall(void **state)
{
    (void)state;
    under("stall in=headers at-byte=17 for=10s");
    peer_get("/image/v2-b.bin", "");
    assert_int_equal(17, peer.out.size);
    server_tick(peer.server, SECOND);
    server_tick(peer.server, 11 * SECOND - 1);
    assert_int_equal(17, peer.out.size);
    server_tick(peer.server, 11 * SECOND);
    peer_hear();
    peer_body_is(peer.file_b, sizeof peer.file_b);
}

static void several_stalls_act_one_after_the_other(void **state)
{
    (void)state;
    peer_rule("stall at-byte=900 for=5s");
    peer_rule("stall at-byte=300 for=3s");
    peer_rule("stall in=headers at-byte=3 for=2s");
    peer_get("/image/v2-b.bin", "");
    static const struct { uint64_t at; size_t head, body; } steps[] = {{0, 3, 0}, {2, 0, 300}, {5, 0, 900}, {10, 0, 5000}};
    uint64_t now = 0;
    for (size_t i = 0; i < 4; i++) {
        for (; now <= steps[i].at * SECOND; now += SECOND / 2) {
            server_tick(peer.server, now);
            peer_hear();
            server_tick(peer.server, now); /* a wait begins with the tick behind what it waits for */
        }
        if (steps[i].head)
            assert_int_equal(steps[i].head, peer.out.size);
        else
            peer_body_is(peer.file_b, steps[i].body);
    }
}

static void the_earliest_cut_counts(void **state)
{
    (void)state;
    peer_rule("truncate at-byte=4000");
    peer_rule("reset at-byte=1000");
    peer_rule("truncate at-byte=2000");
    peer_get("/image/v2-a.bin", "");
    assert_true(peer.reset);
    assert_string_equal("reset", peer_last_of(SERVER_RESPONSE)->end);
    assert_int_equal(1000, peer_last_of(SERVER_RESPONSE)->sent);
    assert_string_equal("reset", peer_delivered());
}

static void what_the_client_never_saw_is_not_told(void **state)
{
    (void)state;
    peer_rule("flip-bits at-byte=9000");
    peer_rule("reset at-byte=9500");
    peer_dial();
    peer_say("GET /image/v2-a.bin HTTP/1.1\r\n\r\n");
    peer_listen_to(5000);
    peer_hang_up(STREAM_PEER_RESET);
    assert_string_equal("", peer_delivered());
    peer_dial();
    peer_say("GET /image/v2-a.bin HTTP/1.1\r\n\r\n");
    size_t head = (size_t)(peer_body(NULL) - peer.out.data);
    peer_listen_to(head + 9001);
    peer_hang_up(STREAM_TIMED_OUT);
    assert_string_equal("flip-bits", peer_delivered());
}

static void another_answer_hides_what_was_done_to_the_first(void **state)
{
    (void)state;
    peer_rule("wrong-hash times=1");
    peer_rule("status code=500 times=1");
    peer_get("/manifest.json?slot=a&version=1.0.0", "");
    assert_int_equal(500, peer_status());
    assert_string_equal("status", peer_delivered());
    peer_get("/manifest.json?slot=a&version=1.0.0", ""); /* and it still has its turn */
    assert_string_equal("wrong-hash", peer_delivered());
}

static void rules_can_be_for_one_device(void **state)
{
    (void)state;
    peer_rule("status device=d2");
    peer_get("/manifest.json?device=d1&slot=a&version=1.0.0", "");
    assert_int_equal(200, peer_status());
    peer_get("/image/v2-a.bin", ""); /* the only one who ever spoke */
    assert_int_equal(200, peer_status());
    assert_string_equal("d1", peer_last_of(SERVER_RESPONSE)->device);
    peer_get("/manifest.json?device=d2&slot=a&version=1.0.0", "");
    assert_int_equal(503, peer_status());
    peer_say("GET /image/v2-a.bin HTTP/1.1\r\n\r\n"); /* on the connection of d2 */
    peer_hear();
    assert_int_equal(503, peer_last_of(SERVER_RESPONSE)->status);
    peer_get("/image/v2-a.bin", ""); /* nobody knows who */
    assert_int_equal(200, peer_status());
    peer_ask("POST /telemetry HTTP/1.1\r\nContent-Length: 15\r\n\r\n{\"device\":\"d2\"}");
    assert_int_equal(503, peer_status());
}

static void a_rule_for_one_device_follows_it_to_the_image(void **state)
{
    (void)state;
    peer_rule("truncate device=d2 at-byte=5 path=/image");
    peer_get("/manifest.json?device=d1&slot=a&version=1.0.0", "");
    assert_non_null(strstr(peer_body(NULL), "\"url\":\"/image/v2-a.bin?device=d1\""));
    peer_get("/manifest.json?device=d2&slot=a&version=1.0.0", "");
    assert_non_null(strstr(peer_body(NULL), "\"url\":\"/image/v2-a.bin?device=d2\""));
    assert_true(peer_signed_by(0, peer_keys.good));
    peer_get("/image/v2-a.bin?device=d1", "");
    peer_body_is(peer.file_a, FILE_SIZE);
    peer_get("/image/v2-a.bin?device=d2", "");
    peer_body_is(peer.file_a, 5);
    peer_get("/manifest.json?device=a%22b&slot=a&version=1.0.0", "");
    assert_non_null(strstr(peer_body(NULL), "\"url\":\"/image/v2-a.bin\""));
}

/* --- an answer before its request is whole --- */

#define EARLY \
    "HTTP/1.1 200 OK\r\nServer: otarig\r\nDate: Wed, 01 Jul 2026 12:00:00 GMT\r\nContent-Type: application/json\r\n" \
    "Content-Length: 14\r\n"

static void heard(const char *text)
{
    assert_string_equal(text, peer.out.size ? buf_text(&peer.out) : "");
    peer_hear();
    buf_clear(&peer.out);
}

static void an_answer_comes_before_anything_is_asked(void **state)
{
    (void)state;
    under("early-answer times=1");
    peer_dial();
    heard(EARLY "Connection: close\r\n\r\n{\"early\":true}");
    assert_true(peer.closed);
    assert_string_equal("early-answer", peer_delivered());
    assert_string_equal("*", peer_last_of(SERVER_RESPONSE)->path);
    peer_get("/image/v2-b.bin", "");
    peer_body_is(peer.file_b, sizeof peer.file_b);
}

static void an_answer_comes_behind_the_byte_of_a_request(void **state)
{
    static const char ask[] = "GET /image/v2-b.bin HTTP/1.1\r\nHost: x\r\n\r\n";
    (void)state;
    under("early-answer bytes=20 then=keep times=1");
    peer_dial();
    peer_say_n(ask, 19);
    assert_int_equal(0, peer.out.size);
    peer_say_n(ask + 19, 1);
    heard(EARLY "\r\n{\"early\":true}");
    assert_string_equal("early-answer", peer_delivered());
    peer_say(ask + 20); /* the rest is no request */
    assert_int_equal(0, peer.out.size);
    peer_say(ask); /* the next one is */
    peer_hear();
    peer_body_is(peer.file_b, sizeof peer.file_b);
    assert_string_equal("", peer_delivered());
}

static void an_early_answer_by_path_needs_the_request_line(void **state)
{
    struct server_rule r = {0};
    (void)state;
    server_rules_clear(peer.server);
    peer_rule_for(&r, "early-answer", "bytes", 3, NULL);
    r.path = "/image";
    server_rule_add(peer.server, &r);
    peer_dial();
    peer_say("GET /image/v2-b.bin HTTP/1.1\r\n");
    assert_int_equal(0, peer.out.size);
    peer_say("H");
    peer_hear();
    assert_int_equal(200, peer_status());
    assert_string_equal("/image/v2-b.bin", peer_last_of(SERVER_RESPONSE)->path);
    peer_dial();
    peer_say("GET /manifest.json HTTP/1.1\r\nHost:");
    assert_int_equal(0, peer.out.size);
}

static void a_request_that_came_whole_cannot_be_answered_early(void **state)
{
    (void)state;
    under("early-answer bytes=5");
    peer_get("/image/v2-b.bin", "");
    peer_body_is(peer.file_b, sizeof peer.file_b);
    assert_string_equal("", peer_delivered());
}

static void a_body_is_answered_before_it_came_and_forgotten(void **state)
{
    (void)state;
    under("early-answer bytes=10 code=413 then=keep times=1");
    peer_dial();
    peer_say("POST /telemetry HTTP/1.1\r\nContent-Length: 14\r\n\r\n{");
    assert_int_equal(413, peer_status());
    peer_hear();
    peer_say("\"device\":\"d\"}");
    for (size_t i = 0; i < peer.seen_count; i++)
        assert_int_not_equal(SERVER_TOLD, peer.seen[i].kind);
}

static void an_early_answer_that_nobody_took_is_not_told(void **state)
{
    (void)state;
    under("early-answer");
    peer_dial();
    peer_hang_up(STREAM_PEER_RESET);
    assert_string_equal("", peer_delivered());
}

/* --- clients that attack --- */

static void a_client_may_wait_to_continue(void **state)
{
    (void)state;
    peer_dial();
    peer_say("POST /telemetry HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 14\r\n\r\n");
    assert_string_equal("HTTP/1.1 100 Continue\r\n\r\n", buf_text(&peer.out));
    peer_listen_to(1000);
    peer_say("{\"device\":\"d\"}");
    peer_hear();
    assert_non_null(strstr(buf_text(&peer.out), "HTTP/1.1 204 No Content"));
    peer_ask("POST /telemetry HTTP/1.1\r\nExpect: miracles\r\nContent-Length: 14\r\n\r\n");
    assert_int_equal(417, peer_status());
}

static void patience_ends(void **state)
{
    (void)state;
    const struct server_config c = {.seed = 7, .event = peer_event, .idle_ns = 20 * SECOND, .request_ns = 30 * SECOND};
    peer_start(&c);
    peer_offer("2.0.0", NULL, 1);
    peer_dial(); /* says nothing */
    assert_int_equal(20 * SECOND, server_next(peer.server));
    server_tick(peer.server, 20 * SECOND);
    assert_true(peer.closed);
    peer_dial(); /* a byte every 10 s */
    for (unsigned i = 2; i < 5; i++) {
        server_tick(peer.server, i * 10 * SECOND);
        assert_true(peer.open);
        peer_say_n(&"GET"[i - 2], 1);
    }
    server_tick(peer.server, 50 * SECOND);
    assert_int_equal(408, peer_status());
    peer_hear();
    assert_true(peer.closed);
    peer_dial(); /* asks and does not listen */
    peer_say("GET /image/v2-a.bin HTTP/1.1\r\n\r\n");
    server_tick(peer.server, 69 * SECOND);
    assert_true(peer.open);
    server_tick(peer.server, 70 * SECOND);
    assert_true(peer.reset);
    assert_string_equal("timed-out", peer_last_of(SERVER_RESPONSE)->end);
    peer_rule("stall at-byte=10"); /* here it is we who wait */
    peer_get("/image/v2-a.bin", "");
    server_tick(peer.server, 71 * SECOND);
    assert_true(peer.open);
}

static void connections_have_a_limit(void **state)
{
    (void)state;
    const struct server_config c = {.seed = 7, .event = peer_event, .connections_most = 1};
    struct stream first;
    peer_start(&c);
    peer_offer("2.0.0", NULL, 1);
    peer_dial();
    first = peer.s;
    peer_dial();
    assert_int_equal(503, peer_status());
    assert_true(peer.closed);
    peer.s = first;
    peer.open = true;
    peer_hang_up(STREAM_PEER_CLOSED);
    peer_get("/image/v2-b.bin", "");
    assert_int_equal(200, peer_status());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PEER_SIGNED(a_head_can_drip),
        PEER_SIGNED(a_head_can_stall),
        PEER_SIGNED(several_stalls_act_one_after_the_other),
        PEER_SIGNED(the_earliest_cut_counts),
        PEER_SIGNED(what_the_client_never_saw_is_not_told),
        PEER_SIGNED(another_answer_hides_what_was_done_to_the_first),
        PEER_SIGNED(rules_can_be_for_one_device),
        PEER_SIGNED(a_rule_for_one_device_follows_it_to_the_image),
        PEER_SIGNED(an_answer_comes_before_anything_is_asked),
        PEER_SIGNED(an_answer_comes_behind_the_byte_of_a_request),
        PEER_SIGNED(an_early_answer_by_path_needs_the_request_line),
        PEER_SIGNED(a_request_that_came_whole_cannot_be_answered_early),
        PEER_SIGNED(a_body_is_answered_before_it_came_and_forgotten),
        PEER_SIGNED(an_early_answer_that_nobody_took_is_not_told),
        PEER_SIGNED(a_client_may_wait_to_continue),
        PEER_SIGNED(patience_ends),
        PEER_SIGNED(connections_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
