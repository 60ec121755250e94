/* SPDX-License-Identifier: GPL-3.0-or-later
 * Attacks on heads, chunks, ranges and ways elsewhere: every byte as the client sees it. And clients that attack the server. */
#include "server_peer.h"

#include "base/crypto.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void under(const char *rule)
{
    server_rules_clear(peer.server);
    peer_rule(rule);
}

/* The body's bytes out of chunks; NULL when they are not well-formed. What is left behind the last chunk comes into rest. */
static uint8_t *unchunk(size_t *size, const char **rest)
{
    size_t n, at = 0;
    const char *b = peer_body(&n);
    uint8_t *out = mem_new(n + 1);
    *size = 0;
    for (;;) {
        char *end;
        unsigned long k = strtoul(b + at, &end, 16);
        if (end == b + at || strncmp(end, "\r\n", 2) != 0 || k > n)
            break;
        at = (size_t)(end + 2 - b);
        if (k == 0) {
            *rest = b + at;
            return out;
        }
        memcpy(out + *size, b + at, k);
        *size += k;
        at += k + 2;
    }
    free(out);
    return NULL;
}

/* --- chunks --- */

static void chunks_carry_the_body(void **state)
{
    (void)state;
    size_t n;
    const char *rest = "";
    under("chunked bytes=999");
    peer_get("/image/v2-a.bin", "");
    assert_null(peer_header("Content-Length"));
    peer_header_is("Transfer-Encoding", "chunked");
    uint8_t *b = unchunk(&n, &rest);
    assert_non_null(b);
    assert_int_equal(FILE_SIZE, n);
    assert_memory_equal(peer.file_a, b, n);
    assert_string_equal("\r\n", rest);
    assert_true(peer.open);
    assert_int_equal(FILE_SIZE, peer_last_of(SERVER_RESPONSE)->sent);
    assert_int_equal(FILE_SIZE, server_body_sent(peer.server));
    free(b);
}

static void positions_do_not_count_the_borders_of_chunks(void **state)
{
    (void)state;
    size_t n;
    under("chunked bytes=1000");
    peer_rule("truncate at-byte=2500");
    peer_get("/image/v2-a.bin", "");
    const char *b = peer_body(&n);
    assert_int_equal(5 + 1002 + 5 + 1002 + 5 + 500, n); /* 3e8 CR LF, 1000 bytes, CR LF, … */
    assert_memory_equal(peer.file_a + 2000, b + n - 500, 500);
    assert_true(peer.closed);
    assert_int_equal(2500, peer_last_of(SERVER_RESPONSE)->sent);
    assert_string_equal("chunked+truncate", peer_delivered());
    under("chunked bytes=1000");
    peer_rule("reset at-byte=1000");
    peer_get("/image/v2-a.bin", "");
    assert_true(peer.reset);
    assert_int_equal(1000, peer_last_of(SERVER_RESPONSE)->sent);
}

static void chunks_lie_in_each_way(void **state)
{
    (void)state;
    static const struct { const char *kind, *first; } lies[] = {
        {"bad-size", "xyz\r\n"}, {"negative", "-3e8\r\n"}, {"huge", "ffffffffffffffff\r\n"}, {"overflow", "100000000000003e8\r\n"},
        {"too-long", "2af8\r\n"}, {"extension", "3e8;name=\""}};
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        char *rule = mem_printf("chunked kind=%s", lies[i].kind);
        under(rule);
        peer_get("/image/v2-a.bin", "");
        if (strncmp(peer_body(NULL), lies[i].first, strlen(lies[i].first)) != 0)
            fail_msg("%s: %.20s", lies[i].kind, peer_body(NULL));
        assert_true(peer.closed);
        free(rule);
    }
    size_t n;
    under("chunked kind=no-end");
    peer_get("/image/v2-b.bin", "");
    const char *b = peer_body(&n);
    assert_memory_equal("\r\n", b + n - 2, 2);
    assert_memory_equal(peer.file_b + 4990, b + n - 12, 10);
    under("chunked with-length=true");
    peer_get("/image/v2-a.bin", "");
    peer_header_is("Content-Length", "10000");
    peer_header_is("Transfer-Encoding", "chunked");
}

/* --- heads --- */

static void lengths_are_said_in_each_form(void **state)
{
    (void)state;
    static const struct { const char *rule, *line; } forms[] = {
        {"content-length kind=plus", "\r\nContent-Length: +10000\r\n"}, {"content-length kind=hex", "\r\nContent-Length: 0x2710\r\n"},
        {"content-length kind=list", "\r\nContent-Length: 10000, 10000\r\n"},
        {"content-length kind=doubled", "\r\nContent-Length: 10000\r\nContent-Length: 10000\r\n"},
        {"content-length kind=two by=5", "\r\nContent-Length: 10000\r\nContent-Length: 10005\r\n"},
        {"content-length kind=wraps", "\r\nContent-Length: 18446744073709551617\r\n"}, {"content-length kind=word", "\r\nContent-Length: many\r\n"}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        under(forms[i].rule);
        peer_get("/image/v2-a.bin", "");
        if (!strstr(peer.out.data, forms[i].line))
            fail_msg("%s", forms[i].rule);
        peer_body_is(peer.file_a, FILE_SIZE);
    }
}

static void heads_are_malformed_in_each_way(void **state)
{
    (void)state;
    static const struct { const char *kind, *begins, *contains; } forms[] = {
        {"bad-status", "HTTP/1.1 2OO OK\r\nServer", ""}, {"no-status", "HTTP/1.1\r\n", ""}, {"long-status", "HTTP/1.1 2000 OK\r\n", ""},
        {"negative-status", "HTTP/1.1 -200 OK\r\n", ""}, {"no-version", "200 OK\r\n", ""}, {"other-version", "HTTP/9.9 200 OK\r\n", ""},
        {"other-protocol", "ICY 200 OK\r\n", ""}, {"no-colon", "HTTP/1.1 200 OK\r\nX-Header without colon\r\nServer", ""},
        {"folded", "HTTP/1.1 200", "\r\nX-Folded: one\r\n two: 3\r\n\tthree\r\nServer"},
        {"space-before-colon", "HTTP/1.1 200", "\r\nContent-Length : 3\r\n"}, {"no-name", "HTTP/1.1 200", "\r\n: value\r\n"},
        {"bare-lf", "HTTP/1.1 200 OK\nServer: otarig\n", ""}, {"bare-cr", "HTTP/1.1 200 OK\rServer: otarig\r", ""},
        {"empty-line-before", "\r\n\r\nHTTP/1.1 200 OK\r\n", ""}, {"noise-before", "\x16\x03\x01", ""},
        {"interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", ""},
        {"early-hints", "HTTP/1.1 103 Early Hints\r\n", "\r\n\r\nHTTP/1.1 200 OK\r\n"}, {"encoded", "HTTP/1.1 200", "\r\nContent-Encoding: gzip\r\n"},
        {"unknown-coding", "HTTP/1.1 200", "\r\nTransfer-Encoding: xyzzy\r\n"}};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char *rule = mem_printf("malformed-head kind=%s", forms[i].kind);
        under(rule);
        peer_get("/image/v2-a.bin", "");
        if (strncmp(peer.out.data, forms[i].begins, strlen(forms[i].begins)) != 0 || !strstr(peer.out.data, forms[i].contains))
            fail_msg("%s: %.80s", forms[i].kind, peer.out.data);
        assert_memory_equal(peer.file_a + 9000, peer.out.data + peer.out.size - 1000, 1000);
        assert_string_equal("malformed-head", peer_delivered());
        free(rule);
    }
    under("malformed-head kind=nul");
    peer_get("/image/v2-a.bin", "");
    assert_non_null(memmem(peer.out.data, peer.out.size, "X-Nul: a\0b\r\n", 12));
    under("malformed-head kind=http-0.9");
    peer_get("/image/v2-a.bin", "");
    assert_int_equal(FILE_SIZE, peer.out.size);
    assert_memory_equal(peer.file_a, peer.out.data, FILE_SIZE);
}

static size_t lines_of_head(void)
{
    size_t n = 0;
    for (const char *p = peer.out.data; p < peer_body(NULL); p++)
        n += *p == '\n';
    return n;
}

static void heads_are_as_large_as_is_said(void **state)
{
    (void)state;
    peer_get("/image/v2-a.bin", "");
    size_t honest = (size_t)(peer_body(NULL) - peer.out.data), lines = lines_of_head();
    under("malformed-head kind=oversized count=5000");
    peer_get("/image/v2-a.bin", "");
    assert_int_equal(honest + 5000 + 10, peer_body(NULL) - peer.out.data);
    under("malformed-head kind=many-headers count=3000");
    peer_get("/image/v2-a.bin", "");
    assert_int_equal(lines + 3000, lines_of_head());
    peer_body_is(peer.file_a, FILE_SIZE);
}

static void headers_can_be_without_end(void **state)
{
    (void)state;
    under("endless-data in=headers");
    peer_dial();
    peer_say("GET /image/v2-a.bin HTTP/1.1\r\n\r\n");
    peer_listen_to(100000);
    assert_true(peer.out.size > 90000);
    assert_null(memmem(peer.out.data, peer.out.size, "\r\n\r\n", 4));
    peer_hang_up(STREAM_PEER_CLOSED);
    assert_string_equal("endless-data", peer_delivered());
    assert_int_equal(0, peer_last_of(SERVER_RESPONSE)->sent);
}

static void a_second_answer_follows_the_first(void **state)
{
    (void)state;
    static const char second[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"smuggled\":true}";
    size_t n = sizeof second - 1;
    under("smuggle");
    peer_get("/image/v2-b.bin", "");
    peer_header_is("Content-Length", "5000");
    size_t size;
    const char *b = peer_body(&size);
    assert_int_equal(5000 + n, size);
    assert_memory_equal(second, b + 5000, n);
    assert_int_equal(5000, peer_last_of(SERVER_RESPONSE)->sent);
    under("smuggle where=within");
    peer_get("/image/v2-b.bin", "");
    char length[16];
    snprintf(length, sizeof length, "%zu", 5000 - n);
    peer_header_is("Content-Length", length);
    b = peer_body(&size);
    assert_int_equal(5000, size);
    assert_memory_equal(second, b + 5000 - n, n);
}

static void dates_and_tags_lie(void **state)
{
    (void)state;
    under("wrong-date by=24h");
    peer_get("/image/v2-a.bin", "");
    peer_header_is("Date", "Thu, 02 Jul 2026 12:00:00 GMT");
    under("wrong-date kind=back by=24h");
    peer_get("/image/v2-a.bin", "");
    peer_header_is("Date", "Tue, 30 Jun 2026 12:00:00 GMT");
    under("wrong-date kind=absent");
    peer_get("/image/v2-a.bin", "");
    assert_null(peer_header("Date"));
    under("wrong-etag kind=weak");
    peer_get("/image/v2-a.bin", "");
    assert_int_equal(0, strncmp(peer_header("ETag"), "W/\"", 3));
    under("wrong-etag kind=absent");
    peer_get("/image/v2-a.bin", "");
    assert_null(peer_header("ETag"));
    under("header name=X-Any value=thing");
    peer_get("/image/v2-a.bin", "");
    peer_header_is("X-Any", "thing");
}

/* --- ranges --- */

static void content_ranges_lie_in_each_way(void **state)
{
    (void)state;
    static const struct { const char *rule, *value; } lies[] = {
        {"wrong-content-range by=7", "bytes 4000-9999/10007"}, {"wrong-content-range kind=first", "bytes 4001-10000/10001"},
        {"wrong-content-range kind=absent", NULL}, {"wrong-content-range kind=no-total", "bytes 4000-9999/*"},
        {"wrong-content-range kind=unit", "items 4000-9999/10000"}, {"wrong-content-range kind=reversed", "bytes 9999-4000/10000"},
        {"wrong-content-range kind=huge", "bytes 4000-99999999999999999999/99999999999999999999"}};
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        under(lies[i].rule);
        peer_get("/image/v2-a.bin", "Range: bytes=4000-\r\n");
        assert_int_equal(206, peer_status());
        if (lies[i].value)
            peer_header_is("Content-Range", lies[i].value);
        else
            assert_null(peer_header("Content-Range"));
        peer_body_is(peer.file_a + 4000, FILE_SIZE - 4000);
    }
    under("wrong-content-range kind=multipart");
    peer_get("/image/v2-a.bin", "Range: bytes=4000-\r\n");
    peer_header_is("Content-Type", "multipart/byteranges; boundary=otarig");
    static const char part[] = "--otarig\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes 4000-9999/10000\r\n\r\n";
    assert_memory_equal(part, peer_body(NULL), sizeof part - 1);
    assert_memory_equal(peer.file_a + 4000, peer_body(NULL) + sizeof part - 1, 6000);
}

static void other_ranges_are_served_as_they_say(void **state)
{
    (void)state;
    static const struct { const char *rule; unsigned from, to; const char *range; } ranges[] = {
        {"other-range by=100", 3900, 6000, "bytes 3900-5999/10000"}, {"other-range kind=gap by=100", 4100, 6000, "bytes 4100-5999/10000"},
        {"other-range kind=shorter by=100", 4000, 5900, "bytes 4000-5899/10000"}};
    for (size_t i = 0; i < 3; i++) {
        under(ranges[i].rule);
        peer_get("/image/v2-a.bin", "Range: bytes=4000-5999\r\n");
        peer_header_is("Content-Range", ranges[i].range);
        peer_body_is(peer.file_a + ranges[i].from, ranges[i].to - ranges[i].from);
        assert_int_equal(4000, peer_last_of(SERVER_REQUEST)->from);
    }
    under("other-range kind=unasked");
    peer_get("/image/v2-a.bin", "");
    assert_int_equal(206, peer_status());
    peer_header_is("Content-Range", "bytes 0-9999/10000");
}

static void a_file_changes_at_the_byte(void **state)
{
    (void)state;
    under("image-change at-byte=6000 path=/image");
    peer_get("/image/v2-a.bin", "Range: bytes=4000-\r\n");
    const char *b = peer_body(NULL);
    assert_memory_equal(peer.file_a + 4000, b, 2000);
    assert_memory_equal(peer.old_a + 6000, b + 2000, 4000);
    char etag[70];
    snprintf(etag, sizeof etag, "\"%s\"", peer.sha_a);
    peer_header_is("ETag", etag);
    under("image-change to=zeros etag=new request=2");
    peer_get("/image/v2-a.bin", "");
    peer_body_is(peer.file_a, FILE_SIZE);
    peer_get("/image/v2-a.bin", "Range: bytes=9000-\r\n");
    assert_int_equal(0, peer_body(NULL)[500]);
    assert_string_not_equal(etag, peer_header("ETag"));
    assert_string_equal("image-change", peer_delivered());
}

/* --- ways elsewhere --- */

static void redirects_lead_where_they_say(void **state)
{
    (void)state;
    static const struct { const char *rule, *location; } ways[] = {
        {"redirect", "/redirect/loop/image/v2-a.bin"}, {"redirect kind=other-host host=10.0.0.9", "http://10.0.0.9/image/v2-a.bin"},
        {"redirect kind=no-scheme", "//evil.otarig.invalid/image/v2-a.bin"}, {"redirect kind=plain", "http://ota/image/v2-a.bin"},
        {"redirect kind=relative", "./v2-a.bin"}, {"redirect kind=absolute", "http://ota/redirect/1/image/v2-a.bin"},
        {"redirect kind=chain", "/image/v2-a.bin?hop=1"}, {"redirect kind=chain hops=5", "/redirect/4/image/v2-a.bin"}};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        under(ways[i].rule);
        peer_get("/image/v2-a.bin", "");
        assert_int_equal(302, peer_status());
        peer_header_is("Location", ways[i].location);
    }
    under("redirect kind=no-location code=308");
    peer_get("/image/v2-a.bin", "");
    assert_int_equal(308, peer_status());
    assert_null(peer_header("Location"));
}

/* Follows redirects as a client would; how many there were. */
static unsigned follow(const char *path, unsigned most)
{
    char at[200];
    unsigned n = 0;
    peer.quiet = true;
    snprintf(at, sizeof at, "%s", path);
    for (peer_get(at, ""); peer_status() == 302 && n < most; n++) {
        const char *to = peer_header("Location");
        snprintf(at, sizeof at, "%s", strncmp(to, "http://ota", 10) == 0 ? to + 10 : to);
        peer_get(at, "");
    }
    return n;
}

static void chains_end_and_loops_do_not(void **state)
{
    (void)state;
    under("redirect kind=chain");
    assert_int_equal(1, follow("/image/v2-a.bin", 30));
    peer_body_is(peer.file_a, FILE_SIZE);
    under("redirect kind=chain hops=5 request=1 path=/image");
    assert_int_equal(5, follow("/image/v2-a.bin", 30));
    peer_body_is(peer.file_a, FILE_SIZE);
    under("redirect kind=absolute times=1");
    assert_int_equal(2, follow("/image/v2-a.bin", 30));
    peer_body_is(peer.file_a, FILE_SIZE);
    under("redirect times=1");
    assert_int_equal(30, follow("/image/v2-a.bin", 30));
    server_rules_clear(peer.server);
    assert_int_equal(0, follow("/redirect/3/image/v2-a.bin", 30)); /* an honest server knows no such path */
    assert_int_equal(404, peer_status());
}

static void an_overloaded_server_says_when(void **state)
{
    (void)state;
    static const struct { const char *rule, *value; } ways[] = {
        {"overload", "30"}, {"overload retry-after=90s as=date", "Wed, 01 Jul 2026 12:01:30 GMT"}, {"overload as=negative", "-30"},
        {"overload as=huge", "99999999999999999999"}, {"overload as=garbage", "in a while"}};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        under(ways[i].rule);
        peer_get("/image/v2-a.bin", "");
        assert_int_equal(503, peer_status());
        peer_header_is("Retry-After", ways[i].value);
    }
    under("overload as=absent");
    peer_get("/image/v2-a.bin", "");
    assert_null(peer_header("Retry-After"));
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
        PEER_SIGNED(chunks_carry_the_body),
        PEER_SIGNED(positions_do_not_count_the_borders_of_chunks),
        PEER_SIGNED(chunks_lie_in_each_way),
        PEER_SIGNED(lengths_are_said_in_each_form),
        PEER_SIGNED(heads_are_malformed_in_each_way),
        PEER_SIGNED(heads_are_as_large_as_is_said),
        PEER_SIGNED(headers_can_be_without_end),
        PEER_SIGNED(a_second_answer_follows_the_first),
        PEER_SIGNED(dates_and_tags_lie),
        PEER_SIGNED(content_ranges_lie_in_each_way),
        PEER_SIGNED(other_ranges_are_served_as_they_say),
        PEER_SIGNED(a_file_changes_at_the_byte),
        PEER_SIGNED(redirects_lead_where_they_say),
        PEER_SIGNED(chains_end_and_loops_do_not),
        PEER_SIGNED(an_overloaded_server_says_when),
        PEER_SIGNED(a_head_can_drip),
        PEER_SIGNED(a_head_can_stall),
        PEER_SIGNED(several_stalls_act_one_after_the_other),
        PEER_SIGNED(the_earliest_cut_counts),
        PEER_SIGNED(what_the_client_never_saw_is_not_told),
        PEER_SIGNED(another_answer_hides_what_was_done_to_the_first),
        PEER_SIGNED(rules_can_be_for_one_device),
        PEER_SIGNED(a_rule_for_one_device_follows_it_to_the_image),
        PEER_SIGNED(a_client_may_wait_to_continue),
        PEER_SIGNED(patience_ends),
        PEER_SIGNED(connections_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
