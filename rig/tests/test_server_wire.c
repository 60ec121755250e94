/* SPDX-License-Identifier: GPL-3.0-or-later
 * Attacks on heads, chunks, ranges and ways elsewhere: every byte as the client sees it. */
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
        {"content-length kind=wraps", "\r\nContent-Length: 18446744073709551617\r\n"},
        {"content-length kind=word", "\r\nContent-Length: many\r\n"}};
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
        {"early-hints", "HTTP/1.1 103 Early Hints\r\n", "\r\n\r\nHTTP/1.1 200 OK\r\n"},
        {"encoded", "HTTP/1.1 200", "\r\nContent-Encoding: gzip\r\n"},
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
