/* SPDX-License-Identifier: GPL-3.0-or-later
 * The update server over a stream in memory: what an honest client sees, and what each attack changes of it. */
#include "base/buf.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/stream.h"
#include "server/request.h"
#include "server/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FILE_SIZE = 10000, CHUNK = 4096, EVENTS = 64 };
#define SECOND UINT64_C(1000000000)

struct seen {
    enum server_event_kind kind;
    unsigned n;
    char method[16], path[128], file[32], end[16], attack[64], what[64], stage[32];
    bool ranged;
    uint64_t from, length, sent;
    int status;
};

/* One connection: what the server wrote and how it ended it. */
static struct {
    struct stream s;
    bool open, closed, reset;
    size_t room, unacked;
    struct buf out;
} link_;

static struct server *server;
static struct stream_handler handler;
static struct seen seen[EVENTS];
static size_t seen_count;
static uint64_t now;
static uint8_t file_a[FILE_SIZE], file_b[FILE_SIZE / 2];
static char sha_a[65];

/* --- the stream --- */

static size_t room(struct stream *s)
{
    (void)s;
    return link_.room;
}

static size_t take(struct stream *s, const void *p, size_t n)
{
    (void)s;
    assert_true(link_.open);
    if (n > link_.room)
        n = link_.room;
    buf_add(&link_.out, p, n);
    link_.room -= n;
    link_.unacked += n;
    return n;
}

static void closed(struct stream *s)
{
    (void)s;
    assert_true(link_.open);
    link_.open = false;
    link_.closed = true;
}

static void reset(struct stream *s)
{
    (void)s;
    assert_true(link_.open);
    link_.open = false;
    link_.reset = true;
}

static const struct stream_ops ops = {room, take, closed, reset, NULL};

/* --- the world --- */

static void copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
}

static void on_event(void *ctx, const struct server_event *ev)
{
    (void)ctx;
    assert_true(seen_count < EVENTS);
    struct seen *s = &seen[seen_count++];
    *s = (struct seen){.kind = ev->kind, .n = ev->n, .ranged = ev->ranged, .from = ev->from, .length = ev->length, .sent = ev->sent,
                       .status = ev->status};
    copy(s->method, sizeof s->method, ev->method);
    copy(s->path, sizeof s->path, ev->path);
    copy(s->file, sizeof s->file, ev->file);
    copy(s->end, sizeof s->end, ev->end);
    copy(s->attack, sizeof s->attack, ev->attack);
    copy(s->what, sizeof s->what, ev->what);
    copy(s->stage, sizeof s->stage, ev->told ? json_str(ev->told, "stage") : NULL);
}

static const struct seen *last_of(enum server_event_kind kind)
{
    for (size_t i = seen_count; i-- > 0;)
        if (seen[i].kind == kind)
            return &seen[i];
    fail_msg("no event of kind %d", kind);
    return NULL;
}

static void dial(void)
{
    buf_clear(&link_.out);
    link_.s = (struct stream){.ops = &ops};
    link_.open = true;
    link_.closed = link_.reset = false;
    link_.room = 3000;
    link_.unacked = 0;
    handler.accept(handler.ctx, &link_.s);
}

static void say_n(const void *p, size_t n)
{
    handler.received(handler.ctx, &link_.s, p, n);
}

static void say(const char *text)
{
    say_n(text, strlen(text));
}

/* The peer takes what is there until the server has no more to say; at most so many bytes. */
static void listen_to(size_t most)
{
    while (link_.open && link_.unacked && most) {
        size_t n = link_.unacked < most ? link_.unacked : most;
        link_.unacked -= n;
        link_.room += n;
        most -= n;
        handler.writable(handler.ctx, &link_.s, n);
    }
}

static void hear(void)
{
    listen_to(1000000);
}

static void hang_up(enum stream_end how)
{
    link_.open = false;
    handler.ended(handler.ctx, &link_.s, how);
}

static void ask(const char *request)
{
    dial();
    say(request);
    hear();
}

static void get(const char *path, const char *headers)
{
    char *text = mem_printf("GET %s HTTP/1.1\r\nHost: ota\r\n%s\r\n", path, headers);
    ask(text);
    free(text);
}

static int status(void)
{
    assert_true(link_.out.size > 12 && strncmp(link_.out.data, "HTTP/1.1 ", 9) == 0);
    return atoi(link_.out.data + 9);
}

static const char *body(size_t *n)
{
    const char *end = link_.out.size ? memmem(link_.out.data, link_.out.size, "\r\n\r\n", 4) : NULL;
    assert_non_null(end);
    if (n)
        *n = link_.out.size - (size_t)(end + 4 - link_.out.data);
    return end + 4;
}

/* The value of a header into a static buffer; NULL when absent. */
static const char *header(const char *name)
{
    static char value[256];
    char *line = mem_printf("\r\n%s: ", name);
    const char *at = memmem(link_.out.data, (size_t)(body(NULL) - link_.out.data), line, strlen(line));
    if (at) {
        at += strlen(line);
        snprintf(value, sizeof value, "%.*s", (int)(strstr(at, "\r\n") - at), at);
    }
    free(line);
    return at ? value : NULL;
}

static void header_is(const char *name, const char *value)
{
    const char *is = header(name);
    if (!is || strcmp(is, value) != 0)
        fail_msg("%s is '%s' instead of '%s'", name, is ? is : "(none)", value);
}

static void body_is(const void *bytes, size_t n)
{
    size_t size;
    const char *is = body(&size);
    assert_int_equal(n, size);
    assert_memory_equal(bytes, is, n);
}

static void offer_version(const char *version)
{
    const struct server_file files[] = {{"a", "v2-a.bin", file_a, sizeof file_a}, {"b", "v2-b.bin", file_b, sizeof file_b}};
    struct server_offer o = {.version = version, .hardware = "nucleo-l476rg", .security_counter = 3, .chunk_size = CHUNK, .files = files,
                             .count = 2};
    server_offer(server, &o);
}

static int setup(void **state)
{
    (void)state;
    struct server_config c = {.seed = 7, .event = on_event};
    server = server_new(&c);
    server_handler(server, &handler);
    seen_count = 0;
    now = 0;
    for (size_t i = 0; i < sizeof file_a; i++)
        file_a[i] = (uint8_t)(i * 7 + i / 256);
    for (size_t i = 0; i < sizeof file_b; i++)
        file_b[i] = (uint8_t)(i * 5);
    crypto_sha256_hex(file_a, sizeof file_a, sha_a);
    offer_version("2.0.0");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_free(server);
    buf_free(&link_.out);
    return 0;
}

static void rule_for(struct server_rule *r, const char *attack, const char *option, uint64_t number, const char *text)
{
    r->attack = attack;
    for (size_t i = 0; server_attack(i); i++) {
        const struct option_owner *o = server_attack(i);
        for (size_t k = 0; strcmp(o->name, attack) == 0 && option && o->options[k].name; k++)
            if (strcmp(o->options[k].name, option) == 0) {
                r->value[k] = (struct option_value){&o->options[k], true, number, text};
                return;
            }
    }
    assert_null(option);
}

/* One rule with at most one option, on every request. */
static void attack(const char *name, const char *option, uint64_t number, const char *text)
{
    struct server_rule r = {0};
    rule_for(&r, name, option, number, text);
    server_rule_add(server, &r);
}

/* --- the honest server --- */

static void a_manifest_describes_the_file_of_the_slot(void **state)
{
    (void)state;
    get("/manifest.json?device=d1&hw=nucleo-l476rg&slot=a&version=1.0.0", "");
    assert_int_equal(200, status());
    header_is("Content-Type", "application/json");
    size_t n;
    const char *text = body(&n);
    struct json *j = json_parse(text, n, NULL);
    assert_string_equal("2.0.0", json_str(j, "version"));
    assert_string_equal("nucleo-l476rg", json_str(j, "hardware"));
    assert_string_equal("a", json_str(j, "slot"));
    assert_string_equal("/image/v2-a.bin", json_str(j, "url"));
    assert_string_equal(sha_a, json_str(j, "sha256"));
    assert_int_equal(FILE_SIZE, json_int(j, "size", 0));
    assert_int_equal(3, json_int(j, "security_counter", 0));
    assert_int_equal(1, json_int(j, "schema", 0));
    assert_int_equal(CHUNK, json_int(j, "chunk_size", 0));
    const struct json *chunks = json_get(j, "chunks");
    assert_int_equal(3, json_count(chunks));
    for (size_t i = 0; i < 3; i++) {
        char hex[65];
        size_t at = i * CHUNK;
        crypto_sha256_hex(file_a + at, FILE_SIZE - at < CHUNK ? FILE_SIZE - at : CHUNK, hex);
        assert_string_equal(hex, json_value_str(json_at(chunks, i)));
    }
    json_free(j);
    assert_true(link_.open);
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
        get(path, "");
        if (status() != 204)
            fail_msg("%s: %d", queries[i], status());
        assert_null(header("Content-Length"));
        body_is("", 0);
    }
    server_offer(server, NULL);
    get("/manifest.json?hw=nucleo-l476rg&slot=a&version=1.0.0", "");
    assert_int_equal(204, status());
    get("/image/v2-a.bin", "");
    assert_int_equal(404, status());
}

static void an_image_comes_whole(void **state)
{
    (void)state;
    get("/image/v2-a.bin", "");
    assert_int_equal(200, status());
    header_is("Content-Length", "10000");
    char etag[70];
    snprintf(etag, sizeof etag, "\"%s\"", sha_a);
    header_is("ETag", etag);
    body_is(file_a, FILE_SIZE);
    assert_int_equal(2, seen_count);
    assert_string_equal("v2-a.bin", seen[0].file);
    assert_false(seen[0].ranged);
    assert_string_equal("complete", seen[1].end);
    assert_int_equal(FILE_SIZE, seen[1].sent);
    assert_int_equal(FILE_SIZE, seen[1].length);
    assert_string_equal("", seen[1].attack);
    assert_int_equal(FILE_SIZE, server_body_sent(server));
    assert_true(link_.open);
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
        seen_count = 0;
        get("/image/v2-a.bin", text);
        if (status() != cases[i].status)
            fail_msg("%s: %d", cases[i].range, status());
        if (cases[i].content_range)
            header_is("Content-Range", cases[i].content_range);
        else
            assert_null(header("Content-Range"));
        if (cases[i].status != 416)
            body_is(file_a + cases[i].from, (size_t)(cases[i].to - cases[i].from));
        if (cases[i].status == 206) {
            assert_true(seen[0].ranged);
            assert_int_equal(cases[i].from, seen[0].from);
        }
    }
}

static void another_file_than_before_comes_whole(void **state)
{
    (void)state;
    char text[160];
    snprintf(text, sizeof text, "Range: bytes=100-\r\nIf-Range: \"%s\"\r\n", sha_a);
    get("/image/v2-a.bin", text);
    assert_int_equal(206, status());
    get("/image/v2-a.bin", "Range: bytes=100-\r\nIf-Range: \"0123\"\r\n");
    assert_int_equal(200, status());
    body_is(file_a, FILE_SIZE);
}

static void telemetry_is_told(void **state)
{
    (void)state;
    ask("POST /telemetry HTTP/1.1\r\nContent-Length: 27\r\n\r\n{\"stage\":\"booted\",\"slot\":0}");
    assert_int_equal(204, status());
    assert_string_equal("booted", last_of(SERVER_TOLD)->stage);
    assert_string_equal("complete", last_of(SERVER_RESPONSE)->end);
    assert_int_equal(3, seen_count);
    ask("POST /telemetry HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n{\"stage\":\"failed\"\r\n1\r\n}\r\n0\r\n\r\n");
    assert_int_equal(204, status());
    assert_string_equal("failed", last_of(SERVER_TOLD)->stage);
}

static void telemetry_that_is_no_object_is_refused(void **state)
{
    (void)state;
    ask("POST /telemetry HTTP/1.1\r\nContent-Length: 3\r\n\r\n[1]");
    assert_int_equal(400, status());
    ask("POST /telemetry HTTP/1.1\r\nContent-Length: 3\r\n\r\n{{{");
    assert_int_equal(400, status());
    assert_non_null(strstr(last_of(SERVER_BAD_REQUEST)->what, "JSON"));
    assert_true(link_.open);
}

static void wrong_paths_and_methods_are_named(void **state)
{
    (void)state;
    get("/image/v9.bin", "");
    assert_int_equal(404, status());
    get("/manifest.jsonx", "");
    assert_int_equal(404, status());
    ask("POST /manifest.json HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(405, status());
    header_is("Allow", "GET, HEAD");
    get("/telemetry", "");
    assert_int_equal(405, status());
    header_is("Allow", "POST");
    ask("HEAD /image/v2-a.bin HTTP/1.1\r\n\r\n");
    assert_int_equal(200, status());
    header_is("Content-Length", "10000");
    body_is("", 0);
    assert_true(link_.open);
    ask("HEAD /telemetry HTTP/1.1\r\n\r\n");
    assert_int_equal(405, status());
    body_is("", 0);
}

static void requests_follow_each_other_on_one_connection(void **state)
{
    (void)state;
    dial();
    say("GET /image/v2-b.bin HTTP/1.1\r\n\r\nGET /image/v2-b.bin HTTP/1.1\r\n\r\n");
    assert_int_equal(0, last_of(SERVER_REQUEST)->n - 1); /* the second waits until the first is taken */
    hear();
    assert_int_equal(2, last_of(SERVER_RESPONSE)->n);
    size_t n;
    body(&n);
    assert_true(n > 2 * sizeof file_b);
    assert_true(link_.open);
    assert_int_equal(2 * sizeof file_b, server_body_sent(server));
}

static void the_client_may_ask_to_close(void **state)
{
    (void)state;
    get("/image/v2-b.bin", "Connection: close\r\n");
    header_is("Connection", "close");
    body_is(file_b, sizeof file_b);
    assert_true(link_.closed);
    assert_string_equal("complete", last_of(SERVER_RESPONSE)->end);
    ask("GET /image/v2-b.bin HTTP/1.0\r\n\r\n");
    assert_true(link_.closed);
}

static void requests_may_come_byte_by_byte(void **state)
{
    (void)state;
    const char *text = "GET /image/v2-b.bin HTTP/1.1\r\nrAnGe: bytes=10-19\r\n\r\n";
    dial();
    for (const char *p = text; *p; p++)
        say_n(p, 1);
    hear();
    assert_int_equal(206, status());
    body_is(file_b + 10, 10);
}

static void what_is_no_request_is_refused_by_name(void **state)
{
    (void)state;
    static const struct { const char *text; int status; } bad[] = {
        {"\x16\x03\x01", 400}, {"GET\r\n\r\n", 400}, {"GET / HTTP/2.0\r\n\r\n", 505}, {"GET / HTTP/1.1\r\nbad header\r\n\r\n", 400},
        {"POST /telemetry HTTP/1.1\r\nContent-Length: 70000\r\n\r\n", 413}, {"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400}, {"CONNECT a:1 HTTP/1.1\r\n\r\n", 400}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        seen_count = 0;
        ask(bad[i].text);
        if (status() != bad[i].status)
            fail_msg("case %zu: %d", i, status());
        assert_int_equal(SERVER_BAD_REQUEST, seen[0].kind);
        assert_true(strlen(seen[0].what) > 3);
        assert_true(link_.closed);
    }
}

static void headers_and_bodies_have_limits(void **state)
{
    (void)state;
    dial();
    say("GET /image/v2-a.bin HTTP/1.1\r\nX: ");
    for (int i = 0; i < 90 && seen_count == 0; i++) {
        char filler[101];
        memset(filler, 'x', 100);
        say_n(filler, 100);
    }
    hear();
    assert_int_equal(431, status());
    assert_true(link_.closed);
    dial();
    say("POST /telemetry HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    seen_count = 0;
    for (int i = 0; i < 700 && seen_count == 0; i++)
        say("64\r\n0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\r\n");
    hear();
    assert_int_equal(413, status());
}

static void a_peer_that_never_listens_is_cut_off(void **state)
{
    (void)state;
    dial();
    link_.room = 0;
    for (int i = 0; i < 10000 && link_.open; i++)
        say("GET /image/v2-a.bin HTTP/1.1\r\n\r\n");
    assert_true(link_.reset);
    assert_int_equal(0, last_of(SERVER_RESPONSE)->sent);
}

static void what_was_sent_is_what_was_taken(void **state)
{
    (void)state;
    dial();
    say("GET /image/v2-a.bin HTTP/1.1\r\n\r\n");
    size_t head = (size_t)(body(NULL) - link_.out.data);
    listen_to(head + 1234);
    hang_up(STREAM_PEER_RESET);
    assert_string_equal("peer-reset", last_of(SERVER_RESPONSE)->end);
    assert_int_equal(1234, last_of(SERVER_RESPONSE)->sent);
    assert_int_equal(FILE_SIZE, last_of(SERVER_RESPONSE)->length);
    assert_int_equal(1234, server_body_sent(server));
    dial();
    say("GET /image/v2-a.bin HTTP/1.1\r\n\r\n");
    hang_up(STREAM_TIMED_OUT);
    assert_string_equal("timed-out", last_of(SERVER_RESPONSE)->end);
    assert_int_equal(0, last_of(SERVER_RESPONSE)->sent);
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

/* --- attacks --- */

static void truncate_closes_behind_the_byte(void **state)
{
    (void)state;
    attack("truncate", "at-byte", 4000, NULL);
    get("/image/v2-a.bin", "");
    header_is("Content-Length", "10000");
    assert_null(header("Connection"));
    body_is(file_a, 4000);
    assert_true(link_.closed);
    const struct seen *r = last_of(SERVER_RESPONSE);
    assert_string_equal("cut-short", r->end);
    assert_string_equal("truncate", r->attack);
    assert_int_equal(4000, r->sent);
    assert_int_equal(FILE_SIZE, r->length);
}

static void reset_comes_when_the_client_has_the_bytes(void **state)
{
    (void)state;
    attack("reset", "percent", 2500, NULL);
    dial();
    say("GET /image/v2-a.bin HTTP/1.1\r\n\r\n");
    size_t head = (size_t)(body(NULL) - link_.out.data);
    listen_to(head + 2499);
    assert_true(link_.open);
    listen_to(1);
    assert_true(link_.reset);
    body_is(file_a, 2500);
    assert_string_equal("reset", last_of(SERVER_RESPONSE)->end);
}

static void without_a_position_it_is_the_middle(void **state)
{
    (void)state;
    attack("truncate", NULL, 0, NULL);
    get("/image/v2-b.bin", "Range: bytes=1000-\r\n");
    body_is(file_b + 1000, (sizeof file_b - 1000) / 2);
}

static void a_position_behind_the_body_does_nothing(void **state)
{
    (void)state;
    attack("truncate", "at-byte", FILE_SIZE, NULL);
    get("/image/v2-a.bin", "");
    body_is(file_a, FILE_SIZE);
    assert_string_equal("", last_of(SERVER_RESPONSE)->attack);
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
    attack("flip-bits", "count", 300, NULL);
    get("/image/v2-a.bin", "");
    size_t n;
    const char *b = body(&n);
    assert_int_equal(FILE_SIZE, n);
    assert_int_equal(300, differing_bits(file_a, b, n));
    char *first = mem_new(n);
    memcpy(first, b, n);
    get("/image/v2-a.bin", "");
    assert_memory_not_equal(first, body(NULL), n); /* another request draws other bits */
    struct server_config c = {.seed = 7, .event = on_event};
    server_free(server);
    server = server_new(&c);
    server_handler(server, &handler);
    offer_version("2.0.0");
    attack("flip-bits", "count", 300, NULL);
    get("/image/v2-a.bin", "");
    assert_memory_equal(first, body(NULL), n); /* the same seed the same */
    free(first);
}

static void flipped_bits_can_be_placed(void **state)
{
    (void)state;
    attack("flip-bits", "at-byte", 5000, NULL);
    get("/image/v2-a.bin", "");
    const char *b = body(NULL);
    assert_int_equal(1, differing_bits(file_a, b, FILE_SIZE));
    assert_int_equal(file_a[5000] ^ 1, (uint8_t)b[5000]);
}

static void content_length_lies_in_each_way(void **state)
{
    (void)state;
    static const struct { const char *kind, *length, *end; } lies[] = {
        {"short", "9999", "complete"}, {"long", "10001", "cut-short"}, {"absent", NULL, "complete"}, {"negative", "-1", "complete"},
        {"huge", "99999999999999999999", "cut-short"}};
    for (size_t i = 0; i < 5; i++) {
        server_rules_clear(server);
        attack("content-length", "kind", 0, lies[i].kind);
        get("/image/v2-a.bin", "");
        if (lies[i].length)
            header_is("Content-Length", lies[i].length);
        else
            assert_null(header("Content-Length"));
        body_is(file_a, FILE_SIZE);
        assert_true(link_.closed);
        assert_string_equal("content-length", last_of(SERVER_RESPONSE)->attack);
        assert_string_equal(lies[i].end, last_of(SERVER_RESPONSE)->end);
    }
}

static void any_status_can_be_answered(void **state)
{
    (void)state;
    struct server_rule r = {0};
    rule_for(&r, "status", "code", 503, NULL);
    rule_for(&r, "status", "retry-after", 30 * SECOND, NULL);
    server_rule_add(server, &r);
    get("/image/v2-a.bin", "");
    assert_int_equal(503, status());
    header_is("Retry-After", "30");
    assert_null(header("ETag"));
    assert_true(link_.open);
    assert_int_equal(503, last_of(SERVER_RESPONSE)->status);
    assert_string_equal("", last_of(SERVER_RESPONSE)->file);
    assert_int_equal(0, server_body_sent(server));
}

static void a_range_can_be_ignored(void **state)
{
    (void)state;
    attack("ignore-range", NULL, 0, NULL);
    get("/image/v2-a.bin", "Range: bytes=4096-\r\n");
    assert_int_equal(200, status());
    assert_null(header("Content-Range"));
    body_is(file_a, FILE_SIZE);
    assert_true(last_of(SERVER_REQUEST)->ranged);
    assert_int_equal(4096, last_of(SERVER_REQUEST)->from);
    get("/image/v2-a.bin", "");
    assert_string_equal("", last_of(SERVER_RESPONSE)->attack); /* nothing to ignore */
}

static void a_range_can_be_shifted(void **state)
{
    (void)state;
    attack("shift-range", "by", 3, NULL);
    get("/image/v2-a.bin", "Range: bytes=4096-\r\n");
    assert_int_equal(206, status());
    header_is("Content-Range", "bytes 4096-9999/10000");
    size_t n;
    const char *b = body(&n);
    assert_int_equal(FILE_SIZE - 4096, n);
    assert_memory_equal(file_a + 4099, b, n - 3);
    assert_memory_equal(file_a, b + n - 3, 3);
    server_rules_clear(server);
    struct server_rule r = {0};
    rule_for(&r, "shift-range", "by", 100, NULL);
    rule_for(&r, "shift-range", "to", 1, "back");
    server_rule_add(server, &r);
    get("/image/v2-a.bin", "Range: bytes=40-\r\n");
    b = body(NULL);
    assert_memory_equal(file_a + FILE_SIZE - 60, b, 60);
    assert_memory_equal(file_a, b + 60, 1000);
}

static void a_stall_is_silence_from_the_byte_on(void **state)
{
    (void)state;
    struct server_rule r = {0};
    rule_for(&r, "stall", "at-byte", 700, NULL);
    rule_for(&r, "stall", "for", 30 * SECOND, NULL);
    server_rule_add(server, &r);
    server_tick(server, 5 * SECOND);
    assert_int_equal(UINT64_MAX, server_next(server));
    get("/image/v2-a.bin", "");
    body_is(file_a, 700);
    assert_true(server_next(server) <= 5 * SECOND); /* the clock is asked for */
    server_tick(server, 6 * SECOND);
    assert_int_equal(36 * SECOND, server_next(server));
    server_tick(server, 36 * SECOND - 1);
    hear();
    body_is(file_a, 700);
    server_tick(server, 36 * SECOND);
    hear();
    body_is(file_a, FILE_SIZE);
    assert_string_equal("stall", last_of(SERVER_RESPONSE)->attack);
    assert_string_equal("complete", last_of(SERVER_RESPONSE)->end);
    assert_int_equal(UINT64_MAX, server_next(server));
}

static void a_stall_can_last_for_ever(void **state)
{
    (void)state;
    attack("stall", "at-byte", 0, NULL);
    get("/image/v2-a.bin", "");
    server_tick(server, 1000000 * SECOND);
    hear();
    body_is("", 0);
    assert_int_equal(UINT64_MAX, server_next(server));
    assert_true(link_.open);
    hang_up(STREAM_PEER_CLOSED);
    assert_string_equal("peer-closed", last_of(SERVER_RESPONSE)->end);
}

static void a_drip_keeps_its_pace(void **state)
{
    (void)state;
    struct server_rule r = {0};
    rule_for(&r, "slow-retrieval", "bytes", 100, NULL);
    rule_for(&r, "slow-retrieval", "every", 2 * SECOND, NULL);
    server_rule_add(server, &r);
    get("/image/v2-a.bin", "Range: bytes=0-349\r\n");
    for (int i = 1; i <= 4; i++) {
        server_tick(server, now);
        assert_int_equal(2 * SECOND * (unsigned)i, server_next(server));
        now = server_next(server);
        server_tick(server, now);
        hear();
        body_is(file_a, i < 4 ? (size_t)i * 100 : 350);
    }
    assert_string_equal("complete", last_of(SERVER_RESPONSE)->end);
    assert_int_equal(UINT64_MAX, server_next(server));
}

static void a_drip_goes_on_behind_a_stall(void **state)
{
    (void)state;
    struct server_rule d = {0}, s = {0};
    rule_for(&d, "slow-retrieval", "bytes", 100, NULL);
    rule_for(&s, "stall", "at-byte", 150, NULL);
    rule_for(&s, "stall", "for", 60 * SECOND, NULL);
    server_rule_add(server, &d);
    server_rule_add(server, &s);
    get("/image/v2-a.bin", "Range: bytes=0-349\r\n");
    for (int i = 0; i < 100 && last_of(SERVER_REQUEST) && now < 1000 * SECOND; i++) {
        server_tick(server, now);
        hear();
        if (server_next(server) == UINT64_MAX)
            break;
        if (server_next(server) > now)
            now = server_next(server);
    }
    body_is(file_a, 350);
    assert_in_range(now, 63 * SECOND, 65 * SECOND);
    assert_string_equal("slow-retrieval+stall", last_of(SERVER_RESPONSE)->attack);
}

static void endless_data_never_end(void **state)
{
    (void)state;
    attack("endless-data", NULL, 0, NULL);
    dial();
    say("GET /image/v2-b.bin HTTP/1.1\r\n\r\n");
    listen_to(50000);
    size_t n;
    const char *b = body(&n);
    assert_true(n > 49000);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(file_b[i % sizeof file_b], (uint8_t)b[i]);
    assert_null(header("Content-Length"));
    assert_true(link_.open);
    hang_up(STREAM_PEER_CLOSED);
    assert_true(last_of(SERVER_RESPONSE)->sent > 49000);
}

static void a_portal_answers_with_its_page(void **state)
{
    (void)state;
    attack("html-page", NULL, 0, NULL);
    get("/image/v2-a.bin", "Range: bytes=4096-\r\n");
    assert_int_equal(200, status());
    assert_non_null(strstr(body(NULL), "<html>"));
    assert_null(header("Content-Range"));
    assert_string_equal("html-page", last_of(SERVER_RESPONSE)->attack);
}

static struct json *manifest_now(void)
{
    get("/manifest.json?slot=a&version=1.0.0", "");
    size_t n;
    const char *text = body(&n);
    return json_parse(text, n, NULL);
}

static void hashes_of_the_manifest_can_be_wrong(void **state)
{
    (void)state;
    struct json *honest = manifest_now();
    attack("wrong-hash", "of", 0, "image");
    struct json *wrong = manifest_now();
    assert_string_not_equal(json_str(honest, "sha256"), json_str(wrong, "sha256"));
    json_free(wrong);
    server_rules_clear(server);
    attack("wrong-hash", "of", 1, "chunk");
    wrong = manifest_now();
    assert_string_equal(json_str(honest, "sha256"), json_str(wrong, "sha256"));
    int differ = 0;
    for (size_t i = 0; i < 3; i++)
        differ += strcmp(json_value_str(json_at(json_get(honest, "chunks"), i)), json_value_str(json_at(json_get(wrong, "chunks"), i))) != 0;
    assert_int_equal(1, differ);
    json_free(wrong);
    server_rules_clear(server);
    attack("wrong-size", "size", 12, NULL);
    wrong = manifest_now();
    assert_int_equal(12, json_int(wrong, "size", 0));
    json_free(wrong);
    json_free(honest);
}

static void an_old_manifest_can_be_replayed(void **state)
{
    (void)state;
    offer_version("0.9.0");
    attack("replay", NULL, 0, NULL);
    attack("wrong-version", "version", 0, "9.9.9");
    struct json *j = manifest_now();
    assert_string_equal("9.9.9", json_str(j, "version"));
    assert_string_equal("replay+wrong-version", last_of(SERVER_RESPONSE)->attack);
    json_free(j);
}

static void garbage_is_no_manifest(void **state)
{
    (void)state;
    static const char *const kinds[] = {"not-json", "wrong-types", "huge-numbers", "no-fields", "empty", "deep", "random"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        server_rules_clear(server);
        attack("garbage-manifest", "kind", i, kinds[i]);
        struct json *j = manifest_now();
        assert_int_equal(200, status());
        assert_null(json_str(j, "sha256") && strlen(json_str(j, "sha256")) == 64 ? j : NULL);
        assert_string_equal("garbage-manifest", last_of(SERVER_RESPONSE)->attack);
        json_free(j);
    }
    get("/image/v2-a.bin", "");
    assert_string_equal("", last_of(SERVER_RESPONSE)->attack);
}

static void two_attacks_act_on_one_answer(void **state)
{
    (void)state;
    attack("truncate", "at-byte", 5000, NULL);
    attack("flip-bits", "at-byte", 4999, NULL);
    get("/image/v2-a.bin", "");
    size_t n;
    const char *b = body(&n);
    assert_int_equal(5000, n);
    assert_int_equal(1, differing_bits(file_a, b, n));
    assert_string_equal("flip-bits+truncate", last_of(SERVER_RESPONSE)->attack);
}

static void rules_count_the_requests_that_they_match(void **state)
{
    (void)state;
    struct server_rule r = {.request = 2, .path = "/image"};
    rule_for(&r, "status", NULL, 0, NULL);
    server_rule_add(server, &r);
    static const int expected[] = {200, 503, 200};
    for (int i = 0; i < 3; i++) {
        get("/manifest.json?slot=a&version=1.0.0", "");
        assert_int_equal(200, status());
        get("/image/v2-b.bin", "");
        assert_int_equal(expected[i], status());
    }
    server_rules_clear(server);
    struct server_rule twice = {.times = 2};
    rule_for(&twice, "status", NULL, 0, NULL);
    server_rule_add(server, &twice);
    for (int i = 0; i < 4; i++) {
        get("/image/v2-b.bin", "");
        assert_int_equal(i < 2 ? 503 : 200, status());
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_manifest_describes_the_file_of_the_slot),
        TEST(nothing_for_the_device_is_204),
        TEST(an_image_comes_whole),
        TEST(ranges_are_served_exactly),
        TEST(another_file_than_before_comes_whole),
        TEST(telemetry_is_told),
        TEST(telemetry_that_is_no_object_is_refused),
        TEST(wrong_paths_and_methods_are_named),
        TEST(requests_follow_each_other_on_one_connection),
        TEST(the_client_may_ask_to_close),
        TEST(requests_may_come_byte_by_byte),
        TEST(what_is_no_request_is_refused_by_name),
        TEST(headers_and_bodies_have_limits),
        TEST(a_peer_that_never_listens_is_cut_off),
        TEST(what_was_sent_is_what_was_taken),
        TEST(queries_are_decoded),
        TEST(truncate_closes_behind_the_byte),
        TEST(reset_comes_when_the_client_has_the_bytes),
        TEST(without_a_position_it_is_the_middle),
        TEST(a_position_behind_the_body_does_nothing),
        TEST(flipped_bits_are_as_many_as_asked),
        TEST(flipped_bits_can_be_placed),
        TEST(content_length_lies_in_each_way),
        TEST(any_status_can_be_answered),
        TEST(a_range_can_be_ignored),
        TEST(a_range_can_be_shifted),
        TEST(a_stall_is_silence_from_the_byte_on),
        TEST(a_stall_can_last_for_ever),
        TEST(a_drip_keeps_its_pace),
        TEST(a_drip_goes_on_behind_a_stall),
        TEST(endless_data_never_end),
        TEST(a_portal_answers_with_its_page),
        TEST(hashes_of_the_manifest_can_be_wrong),
        TEST(an_old_manifest_can_be_replayed),
        TEST(garbage_is_no_manifest),
        TEST(two_attacks_act_on_one_answer),
        TEST(rules_count_the_requests_that_they_match),
        TEST(rows_are_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
