/* SPDX-License-Identifier: GPL-3.0-or-later
 * The update server over a stream in memory: what an honest client sees. */
#include "server_peer.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/json.h"
#include "server/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the honest server --- */

static void a_manifest_describes_the_file_of_the_slot(void **state)
{
    (void)state;
    peer_get("/manifest.json?device=d1&hw=nucleo-l476rg&slot=a&version=1.0.0", "");
    assert_int_equal(200, peer_status());
    peer_header_is("Content-Type", "application/json");
    size_t n;
    const char *text = peer_body(&n);
    struct json *j = json_parse(text, n, NULL);
    assert_string_equal("2.0.0", json_str(j, "version"));
    assert_string_equal("nucleo-l476rg", json_str(j, "hardware"));
    assert_string_equal("a", json_str(j, "slot"));
    assert_string_equal("/image/v2-a.bin", json_str(j, "url"));
    assert_string_equal(peer.sha_a, json_str(j, "sha256"));
    assert_int_equal(FILE_SIZE, json_int(j, "size", 0));
    assert_int_equal(3, json_int(j, "security_counter", 0));
    assert_int_equal(1, json_int(j, "schema", 0));
    assert_int_equal(CHUNK, json_int(j, "chunk_size", 0));
    const struct json *chunks = json_get(j, "chunks");
    assert_int_equal(3, json_count(chunks));
    for (size_t i = 0; i < 3; i++) {
        char hex[65];
        size_t at = i * CHUNK;
        crypto_sha256_hex(peer.file_a + at, FILE_SIZE - at < CHUNK ? FILE_SIZE - at : CHUNK, hex);
        assert_string_equal(hex, json_value_str(json_at(chunks, i)));
    }
    json_free(j);
    assert_true(peer.open);
}

static void nothing_for_the_device_is_204(void **state)
{
    (void)state;
    static const char *const queries[] = {"hw=other&slot=a&version=1.0.0", "hw=nucleo-l476rg&slot=c&version=1.0.0",
                                          "hw=nucleo-l476rg&slot=a&version=2.0.0", "hw=nucleo-l476rg&slot=a&version=10.0.0",
                                          "hw=nucleo-l476rg&slot=a&version=2.0.0+1"};
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "/manifest.json?%s", queries[i]);
        peer_get(path, "");
        if (peer_status() != 204)
            fail_msg("%s: %d", queries[i], peer_status());
        assert_null(peer_header("Content-Length"));
        peer_body_is("", 0);
    }
    server_offer(peer.server, NULL);
    peer_get("/manifest.json?hw=nucleo-l476rg&slot=a&version=1.0.0", "");
    assert_int_equal(204, peer_status());
    peer_get("/image/v2-a.bin", "");
    assert_int_equal(404, peer_status());
}

static void an_image_comes_whole(void **state)
{
    (void)state;
    peer_get("/image/v2-a.bin", "");
    assert_int_equal(200, peer_status());
    peer_header_is("Content-Length", "10000");
    char etag[70];
    snprintf(etag, sizeof etag, "\"%s\"", peer.sha_a);
    peer_header_is("ETag", etag);
    peer_body_is(peer.file_a, FILE_SIZE);
    assert_int_equal(2, peer.seen_count);
    assert_string_equal("v2-a.bin", peer.seen[0].file);
    assert_false(peer.seen[0].ranged);
    assert_string_equal("complete", peer.seen[1].end);
    assert_int_equal(FILE_SIZE, peer.seen[1].sent);
    assert_int_equal(FILE_SIZE, peer.seen[1].length);
    assert_string_equal("", peer.seen[1].attack);
    assert_int_equal(FILE_SIZE, server_body_sent(peer.server));
    assert_true(peer.open);
}

static void ranges_are_served_exactly(void **state)
{
    (void)state;
    static const struct { const char *range; int status; uint64_t from, to; const char *content_range; } cases[] = {
        {"bytes=4096-", 206, 4096, FILE_SIZE, "bytes 4096-9999/10000"}, {"bytes=0-0", 206, 0, 1, "bytes 0-0/10000"},
        {"bytes=9999-", 206, 9999, FILE_SIZE, "bytes 9999-9999/10000"}, {"bytes=5-99999", 206, 5, FILE_SIZE, "bytes 5-9999/10000"},
        {"bytes=-10", 206, 9990, FILE_SIZE, "bytes 9990-9999/10000"}, {"bytes=-99999", 206, 0, FILE_SIZE, "bytes 0-9999/10000"},
        {"bytes=10000-", 416, 0, 0, "bytes */10000"}, {"bytes=99999999999999999999-", 416, 0, 0, "bytes */10000"},
        {"bytes=-0", 416, 0, 0, "bytes */10000"}, {"bytes=5-4", 200, 0, FILE_SIZE, NULL}, {"bytes=0-1,4-5", 200, 0, FILE_SIZE, NULL},
        {"bytes=x-", 200, 0, FILE_SIZE, NULL}, {"bytes=-", 200, 0, FILE_SIZE, NULL}, {"lines=1-", 200, 0, FILE_SIZE, NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[80];
        snprintf(text, sizeof text, "Range: %s\r\n", cases[i].range);
        peer.seen_count = 0;
        peer_get("/image/v2-a.bin", text);
        if (peer_status() != cases[i].status)
            fail_msg("%s: %d", cases[i].range, peer_status());
        if (cases[i].content_range)
            peer_header_is("Content-Range", cases[i].content_range);
        else
            assert_null(peer_header("Content-Range"));
        if (cases[i].status != 416)
            peer_body_is(peer.file_a + cases[i].from, (size_t)(cases[i].to - cases[i].from));
        if (cases[i].status == 206) {
            assert_true(peer.seen[0].ranged);
            assert_int_equal(cases[i].from, peer.seen[0].from);
        }
    }
}

static void another_file_than_before_comes_whole(void **state)
{
    (void)state;
    char text[160];
    snprintf(text, sizeof text, "Range: bytes=100-\r\nIf-Range: \"%s\"\r\n", peer.sha_a);
    peer_get("/image/v2-a.bin", text);
    assert_int_equal(206, peer_status());
    peer_get("/image/v2-a.bin", "Range: bytes=100-\r\nIf-Range: \"0123\"\r\n");
    assert_int_equal(200, peer_status());
    peer_body_is(peer.file_a, FILE_SIZE);
}

static void telemetry_is_told(void **state)
{
    (void)state;
    peer_ask("POST /telemetry HTTP/1.1\r\nContent-Length: 27\r\n\r\n{\"stage\":\"booted\",\"slot\":0}");
    assert_int_equal(204, peer_status());
    assert_string_equal("booted", peer_last_of(SERVER_TOLD)->stage);
    assert_string_equal("complete", peer_last_of(SERVER_RESPONSE)->end);
    assert_int_equal(3, peer.seen_count);
    peer_ask("POST /telemetry HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n{\"stage\":\"failed\"\r\n1\r\n}\r\n0\r\n\r\n");
    assert_int_equal(204, peer_status());
    assert_string_equal("failed", peer_last_of(SERVER_TOLD)->stage);
}

static void telemetry_that_is_no_object_is_refused(void **state)
{
    (void)state;
    peer_ask("POST /telemetry HTTP/1.1\r\nContent-Length: 3\r\n\r\n[1]");
    assert_int_equal(400, peer_status());
    peer_ask("POST /telemetry HTTP/1.1\r\nContent-Length: 3\r\n\r\n{{{");
    assert_int_equal(400, peer_status());
    assert_non_null(strstr(peer_last_of(SERVER_BAD_REQUEST)->what, "JSON"));
    assert_true(peer.open);
}

static void wrong_paths_and_methods_are_named(void **state)
{
    (void)state;
    peer_get("/image/v9.bin", "");
    assert_int_equal(404, peer_status());
    peer_get("/manifest.jsonx", "");
    assert_int_equal(404, peer_status());
    peer_ask("POST /manifest.json HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(405, peer_status());
    peer_header_is("Allow", "GET, HEAD");
    peer_get("/telemetry", "");
    assert_int_equal(405, peer_status());
    peer_header_is("Allow", "POST");
    peer_ask("HEAD /image/v2-a.bin HTTP/1.1\r\n\r\n");
    assert_int_equal(200, peer_status());
    peer_header_is("Content-Length", "10000");
    peer_body_is("", 0);
    assert_true(peer.open);
    peer_ask("HEAD /telemetry HTTP/1.1\r\n\r\n");
    assert_int_equal(405, peer_status());
    peer_body_is("", 0);
}

static void requests_follow_each_other_on_one_connection(void **state)
{
    (void)state;
    peer_dial();
    peer_say("GET /image/v2-b.bin HTTP/1.1\r\n\r\nGET /image/v2-b.bin HTTP/1.1\r\n\r\n");
    assert_int_equal(0, peer_last_of(SERVER_REQUEST)->n - 1); /* the second waits until the first is taken */
    peer_hear();
    assert_int_equal(2, peer_last_of(SERVER_RESPONSE)->n);
    size_t n;
    peer_body(&n);
    assert_true(n > 2 * sizeof peer.file_b);
    assert_true(peer.open);
    assert_int_equal(2 * sizeof peer.file_b, server_body_sent(peer.server));
}

static void the_client_may_ask_to_close(void **state)
{
    (void)state;
    peer_get("/image/v2-b.bin", "Connection: close\r\n");
    peer_header_is("Connection", "close");
    peer_body_is(peer.file_b, sizeof peer.file_b);
    assert_true(peer.closed);
    assert_string_equal("complete", peer_last_of(SERVER_RESPONSE)->end);
    peer_ask("GET /image/v2-b.bin HTTP/1.0\r\n\r\n");
    assert_true(peer.closed);
}

static void requests_may_come_byte_by_byte(void **state)
{
    (void)state;
    const char *text = "GET /image/v2-b.bin HTTP/1.1\r\nrAnGe: bytes=10-19\r\n\r\n";
    peer_dial();
    for (const char *p = text; *p; p++)
        peer_say_n(p, 1);
    peer_hear();
    assert_int_equal(206, peer_status());
    peer_body_is(peer.file_b + 10, 10);
}

static void what_is_no_request_is_refused_by_name(void **state)
{
    (void)state;
    static const struct { const char *text; int status; } bad[] = {
        {"\x16\x03\x01", 400}, {"GET\r\n\r\n", 400}, {"GET / HTTP/2.0\r\n\r\n", 505}, {"GET / HTTP/1.1\r\nbad header\r\n\r\n", 400},
        {"POST /telemetry HTTP/1.1\r\nContent-Length: 70000\r\n\r\n", 413}, {"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400}, {"CONNECT a:1 HTTP/1.1\r\n\r\n", 400}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        peer.seen_count = 0;
        peer_ask(bad[i].text);
        if (peer_status() != bad[i].status)
            fail_msg("case %zu: %d", i, peer_status());
        assert_int_equal(SERVER_BAD_REQUEST, peer.seen[0].kind);
        assert_true(strlen(peer.seen[0].what) > 3);
        assert_true(peer.closed);
    }
}

static void headers_and_bodies_have_limits(void **state)
{
    (void)state;
    peer_dial();
    peer_say("GET /image/v2-a.bin HTTP/1.1\r\nX: ");
    for (int i = 0; i < 90 && peer.seen_count == 0; i++) {
        char filler[101];
        memset(filler, 'x', 100);
        peer_say_n(filler, 100);
    }
    peer_hear();
    assert_int_equal(431, peer_status());
    assert_true(peer.closed);
    peer_dial();
    peer_say("POST /telemetry HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    peer.seen_count = 0;
    for (int i = 0; i < 700 && peer.seen_count == 0; i++)
        peer_say("64\r\n0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\r\n");
    peer_hear();
    assert_int_equal(413, peer_status());
}

static void a_peer_that_never_listens_is_cut_off(void **state)
{
    (void)state;
    peer_dial();
    peer.room = 0;
    for (int i = 0; i < 10000 && peer.open; i++)
        peer_say("GET /image/v2-a.bin HTTP/1.1\r\n\r\n");
    assert_true(peer.reset);
    assert_int_equal(0, peer_last_of(SERVER_RESPONSE)->sent);
}

static void what_was_sent_is_what_was_taken(void **state)
{
    (void)state;
    peer_dial();
    peer_say("GET /image/v2-a.bin HTTP/1.1\r\n\r\n");
    size_t head = (size_t)(peer_body(NULL) - peer.out.data);
    peer_listen_to(head + 1234);
    peer_hang_up(STREAM_PEER_RESET);
    assert_string_equal("peer-reset", peer_last_of(SERVER_RESPONSE)->end);
    assert_int_equal(1234, peer_last_of(SERVER_RESPONSE)->sent);
    assert_int_equal(FILE_SIZE, peer_last_of(SERVER_RESPONSE)->length);
    assert_int_equal(1234, server_body_sent(peer.server));
    peer_dial();
    peer_say("GET /image/v2-a.bin HTTP/1.1\r\n\r\n");
    peer_hang_up(STREAM_TIMED_OUT);
    assert_string_equal("timed-out", peer_last_of(SERVER_RESPONSE)->end);
    assert_int_equal(0, peer_last_of(SERVER_RESPONSE)->sent);
}

static void queries_are_decoded(void **state)
{
    (void)state;
    char out[8];
    assert_true(request_query("/m?a=1&slot=%61%2b+%20x&b", "slot", out, sizeof out));
    assert_string_equal("a++ x", out);
    assert_false(request_query("/m?slot=%6", "slot", out, sizeof out));
    assert_false(request_query("/m?slot=%00", "slot", out, sizeof out));
    assert_false(request_query("/m?slot=%zz", "slot", out, sizeof out));
    assert_false(request_query("/m?slot=12345678", "slot", out, sizeof out));
    assert_false(request_query("/m?xslot=1&slo=2", "slot", out, sizeof out));
    assert_true(request_query("/m?slot=", "slot", out, sizeof out));
    assert_string_equal("", out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PEER_CLAIM(a_manifest_describes_the_file_of_the_slot),
        PEER_CLAIM(nothing_for_the_device_is_204),
        PEER_CLAIM(an_image_comes_whole),
        PEER_CLAIM(ranges_are_served_exactly),
        PEER_CLAIM(another_file_than_before_comes_whole),
        PEER_CLAIM(telemetry_is_told),
        PEER_CLAIM(telemetry_that_is_no_object_is_refused),
        PEER_CLAIM(wrong_paths_and_methods_are_named),
        PEER_CLAIM(requests_follow_each_other_on_one_connection),
        PEER_CLAIM(the_client_may_ask_to_close),
        PEER_CLAIM(requests_may_come_byte_by_byte),
        PEER_CLAIM(what_is_no_request_is_refused_by_name),
        PEER_CLAIM(headers_and_bodies_have_limits),
        PEER_CLAIM(a_peer_that_never_listens_is_cut_off),
        PEER_CLAIM(what_was_sent_is_what_was_taken),
        PEER_CLAIM(queries_are_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
