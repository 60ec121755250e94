/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The response head: what is taken, what is refused, whatever the pieces it comes in. And the exchange over a transport that
 * fails in every way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "exchange.h"
#include "http.h"
#include "redirect.h"
#include "rtc_host.h"

static enum http_result parse(const char *text, size_t piece, struct http_head *head)
{
    struct http_parser p;
    size_t n = strlen(text), at = 0, used = 0;
    enum http_result r = HTTP_MORE;
    http_init(&p);
    while (at < n && r == HTTP_MORE) {
        r = http_feed(&p, (const uint8_t *)text + at, n - at < piece ? n - at : piece, &used);
        at += used;
    }
    *head = p.head;
    return r;
}

static void good_heads_are_read_in_any_pieces(void **state)
{
    static const char text[] = "HTTP/1.1 206 Partial Content\r\nServer: x\r\ncontent-LENGTH:\t 4096 \r\nContent-Range: bytes 100-4195/9000\r\n"
                               "Retry-After: 9999\r\nX-Empty:\r\n\r\nBODY";
    (void)state;
    for (size_t piece = 1; piece < sizeof text; piece++) {
        struct http_head h;
        assert_int_equal(parse(text, piece, &h), HTTP_READY);
        assert_int_equal(h.status, 206);
        assert_int_equal(h.length, 4096);
        assert_true(h.has_range);
        assert_int_equal(h.first, 100);
        assert_int_equal(h.last, 4195);
        assert_int_equal(h.total, 9000);
        assert_int_equal(h.retry_after, HTTP_RETRY_MOST);
    }
}

static void the_body_is_not_touched(void **state)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nBODY";
    struct http_parser p;
    size_t used;
    (void)state;
    http_init(&p);
    assert_int_equal(http_feed(&p, (const uint8_t *)text, sizeof text - 1, &used), HTTP_READY);
    assert_int_equal(used, sizeof text - 1 - 4);
    assert_int_equal(http_feed(&p, (const uint8_t *)"x", 1, &used), HTTP_READY);
    assert_int_equal(used, 0);
}

static void bodyless_answers_need_no_length(void **state)
{
    struct http_head h;
    (void)state;
    assert_int_equal(parse("HTTP/1.1 204 No Content\r\n\r\n", 99, &h), HTTP_READY);
    assert_int_equal(h.length, 0);
    assert_int_equal(parse("HTTP/1.1 204\r\nContent-Length: 5\r\n\r\n", 99, &h), HTTP_BAD_LENGTH);
    assert_int_equal(parse("HTTP/1.0 200 OK\r\n\r\n", 99, &h), HTTP_BAD_LENGTH);
}

struct row {
    const char *text;
    enum http_result result;
};

static void doubtful_heads_are_refused(void **state)
{
    static const struct row rows[] = {
        {"HTTP/2 200 OK\r\n\r\n", HTTP_BAD_HEAD},
        {"HTTP/1.2 200 OK\r\n\r\n", HTTP_BAD_HEAD},
        {"http/1.1 200 OK\r\n\r\n", HTTP_BAD_HEAD},
        {"HTTP/1.1 20 OK\r\n\r\n", HTTP_BAD_HEAD},
        {"HTTP/1.1 2000 OK\r\n\r\n", HTTP_BAD_HEAD},
        {"HTTP/1.1 100 Continue\r\n\r\n", HTTP_BAD_HEAD},
        {"HTTP/1.1 600 X\r\n\r\n", HTTP_BAD_HEAD},
        {"HTTP/1.1", HTTP_MORE},
        {"HTTP/1.1\r\n", HTTP_BAD_HEAD},
        {"\r\n\r\n", HTTP_BAD_HEAD},
        {"<html>\r\n", HTTP_BAD_HEAD},
        {"HTTP/1.1 200 OK\nContent-Length: 1\n\n", HTTP_BAD_HEAD},
        {"HTTP/1.1 200 OK\r\rContent-Length: 1\r\n\r\n", HTTP_BAD_HEAD},
        {"HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\n", HTTP_BAD_HEAD},
        {"HTTP/1.1 200 OK\r\n Content-Length: 1\r\n\r\n", HTTP_BAD_HEAD},
        {"HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\n\r\n", HTTP_BAD_HEAD},
        {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", HTTP_BAD_HEAD},
        {"HTTP/1.1 200 OK\r\n: x\r\n\r\n", HTTP_BAD_HEAD},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", HTTP_BAD_LENGTH},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n", HTTP_BAD_LENGTH},
        {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", HTTP_BAD_LENGTH},
        {"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", HTTP_BAD_LENGTH},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0x10\r\n\r\n", HTTP_BAD_LENGTH},
        {"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", HTTP_BAD_LENGTH},
        {"HTTP/1.1 200 OK\r\nContent-Length: 4294967296\r\n\r\n", HTTP_BAD_LENGTH},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", HTTP_BAD_LENGTH},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", HTTP_BAD_LENGTH},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: identity\r\n\r\n", HTTP_BAD_LENGTH},
        {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\n", HTTP_BAD_HEAD},
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 5-4/10\r\n", HTTP_BAD_LENGTH},
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 0-10/10\r\n", HTTP_BAD_LENGTH},
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 0-9/*\r\n", HTTP_BAD_LENGTH},
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 0-9/10 \r\nContent-Range: bytes 0-9/10\r\n", HTTP_BAD_LENGTH},
        {"HTTP/1.1 206 P\r\nContent-Range: lines 0-9/10\r\n", HTTP_BAD_LENGTH},
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 0-9/10x\r\n", HTTP_BAD_LENGTH},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_head h;
        enum http_result r = parse(rows[i].text, 7, &h);
        if (r != rows[i].result)
            fail_msg("%d instead of %d: %s", r, rows[i].result, rows[i].text);
    }
}

static void append(char *text, size_t room, const char *more)
{
    size_t n = strlen(text);
    snprintf(text + n, room - n, "%s", more);
}

static void heads_have_limits(void **state)
{
    char text[3 * HTTP_HEAD_MOST];
    struct http_head h;
    (void)state;
    strcpy(text, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: ");
    memset(text + strlen(text), 'a', HTTP_LINE_MOST);
    text[39 + HTTP_LINE_MOST] = '\0';
    assert_int_equal(parse(text, 99, &h), HTTP_BAD_HEAD);
    strcpy(text, "HTTP/1.1 200 OK\r\n");
    for (unsigned i = 0; i < HTTP_LINES_MOST; i++)
        append(text, sizeof text, "X: y\r\n");
    assert_int_equal(parse(text, 99, &h), HTTP_BAD_HEAD);
    strcpy(text, "HTTP/1.1 200 OK\r\n");
    while (strlen(text) < HTTP_HEAD_MOST + 1)
        append(text, sizeof text,
               "X: 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\r\n");
    assert_int_equal(parse(text, 99, &h), HTTP_BAD_HEAD);
}

static void a_nul_in_a_line_is_refused(void **state)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 1\0\r\n\r\n";
    struct http_parser p;
    size_t used;
    (void)state;
    http_init(&p);
    assert_int_equal(http_feed(&p, (const uint8_t *)text, sizeof text - 1, &used), HTTP_BAD_HEAD);
}

static uint32_t retry_of(const char *date, const char *after)
{
    char text[256];
    struct http_head h;
    snprintf(text, sizeof text, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n%s%sRetry-After: %s\r\n\r\n", date, *date ? "\r\n" : "", after);
    assert_int_equal(parse(text, 7, &h), HTTP_READY);
    return h.retry_after;
}

static void retry_after_is_seconds_or_a_date_and_bounded(void **state)
{
    static const char now[] = "Date: Sun, 06 Nov 1994 08:49:37 GMT";
    (void)state;
    assert_int_equal(retry_of("", "17"), 17);
    assert_int_equal(retry_of("", "0"), 0);
    assert_int_equal(retry_of("", "99999999999999999999"), HTTP_RETRY_MOST);
    assert_int_equal(retry_of("", "-5"), 0);
    assert_int_equal(retry_of("", "soon"), 0);
    assert_int_equal(retry_of(now, "Sun, 06 Nov 1994 08:50:07 GMT"), 30); /* by the server's own clock, whatever day it is here */
    assert_int_equal(retry_of(now, "Mon, 07 Nov 1994 08:50:07 GMT"), HTTP_RETRY_MOST);
    assert_int_equal(retry_of(now, "Sun, 06 Nov 1994 08:49:36 GMT"), 0);
    assert_int_equal(retry_of(now, "Sun, 06 Nov 1994 25:49:36 GMT"), 0);
    rtc_host_set(1782907200);
    assert_int_equal(retry_of("", "Wed, 01 Jul 2026 12:00:45 GMT"), 45);
    assert_int_equal(retry_of("Date: yesterday", "Wed, 01 Jul 2026 12:00:45 GMT"), 45);
    assert_int_equal(retry_of("", "Tue, 01 Jul 2099 12:00:45 GMT"), HTTP_RETRY_MOST);
}

static void a_date_has_one_form(void **state)
{
    static const char *const bad[] = {"", "Sun, 06 Nov 1994 08:49:37", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                                      "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 36 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
                                      "Sun, 06 Nov 19 4 08:49:37 GMT"};
    uint32_t t;
    (void)state;
    assert_true(http_date("Sun, 06 Nov 1994 08:49:37 GMT", &t));
    assert_int_equal(t, 784111777); /* RFC 9110's own example */
    assert_true(http_date("Thu, 29 Feb 2024 00:00:00 GMT", &t));
    assert_int_equal(t, 1709164800);
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(http_date(bad[i], &t));
}

static void a_redirection_needs_no_length_and_one_location(void **state)
{
    struct http_head h;
    (void)state;
    assert_int_equal(parse("HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n", 5, &h), HTTP_READY);
    assert_true(h.redirect);
    assert_string_equal(h.location, "/there");
    assert_int_equal(parse("HTTP/1.1 307 X\r\nLocation: /a\r\nLocation: /b\r\n\r\n", 5, &h), HTTP_READY);
    assert_string_equal(h.location, "");
    assert_int_equal(parse("HTTP/1.1 304 Not Modified\r\nLocation: /a\r\n\r\n", 5, &h), HTTP_READY);
    assert_false(h.redirect);
    assert_int_equal(parse("HTTP/1.1 302 Found\r\nLocation: /there\r\nTransfer-Encoding: chunked\r\n\r\n", 5, &h), HTTP_BAD_LENGTH);
}

static void a_redirection_stays_on_the_server(void **state)
{
    static const char *const away[] = {"", "there", "//evil/x", "http://10.0.0.2/x", "https://10.0.0.1/x", "http://10.0.0.1:8080/x",
                                       "http://10.0.0.1.evil/x", "http://10.0.0.1@evil/x", "http://10.0.0.1", "http://10.0.0.1:80",
                                       "http://10.0.0.1//x", "/a b", "/a\x7f", "/a#b", "ftp://10.0.0.1/x", "/\xc3\xa4"};
    (void)state;
    assert_string_equal(redirect_path("/x/y?z=%20"), "/x/y?z=%20");
    assert_string_equal(redirect_path("http://10.0.0.1/x"), "/x");
    assert_string_equal(redirect_path("HTTP://10.0.0.1:80/x"), "/x");
    for (unsigned i = 0; i < sizeof away / sizeof away[0]; i++)
        assert_null(redirect_path(away[i]));
}

/* A transport that follows a script. */
struct wire {
    enum transport_state at;
    bool no_memory, orderly;
    const char *answer;
    size_t answer_size, given, most, taken;
    unsigned closed, opened;
    const char *const *moves; /* heads that the first connections answer with; NULL: none */
    char asked[EXCHANGE_REQUEST_MOST + 1]; /* on the last connection */
};

static bool wire_open(void *ctx, enum transport_use use)
{
    (void)use;
    struct wire *w = ctx;
    if (w->moves) {
        w->at = TRANSPORT_OPEN;
        w->answer = w->moves[w->opened] ? w->moves[w->opened] : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        w->answer_size = strlen(w->answer);
        w->opened += w->moves[w->opened] ? 1 : 0;
        w->given = w->taken = 0;
    }
    return !w->no_memory;
}

static enum transport_state wire_state(void *ctx)
{
    return ((struct wire *)ctx)->at;
}

static size_t wire_write(void *ctx, const void *bytes, size_t n)
{
    struct wire *w = ctx;
    n = n > 5 ? 5 : n; /* in small pieces */
    memcpy(w->asked + w->taken, bytes, n);
    w->asked[w->taken + n] = '\0';
    w->taken += n;
    return n;
}

static size_t wire_read(void *ctx, void *bytes, size_t n)
{
    struct wire *w = ctx;
    size_t left = w->answer_size - w->given;
    n = n > left ? left : n;
    n = n > w->most ? w->most : n;
    memcpy(bytes, w->answer + w->given, n);
    w->given += n;
    return n;
}

static void wire_close(void *ctx, bool orderly)
{
    struct wire *w = ctx;
    w->closed++;
    w->orderly = orderly;
    w->at = TRANSPORT_CLOSED;
}

enum { WIRE_CONNECT_MS = 6000 };

static enum cause wire_cause(void *ctx)
{
    (void)ctx;
    return CAUSE_NONE;
}

static struct transport transport_of(struct wire *w)
{
    return (struct transport){.ctx = w, .open = wire_open, .state = wire_state, .write = wire_write, .read = wire_read, .close = wire_close,
        .cause = wire_cause, .connect_ms = WIRE_CONNECT_MS};
}

/* Runs an exchange until it ends; the body goes to out[cap]. Every step takes 10 ms. */
static enum exchange_phase run(struct exchange *x, struct wire *w, char *out, size_t cap, uint32_t *took)
{
    uint32_t now = 0xfffffff0u; /* the millisecond counter wraps in the middle */
    size_t n = 0;
    struct transport t = transport_of(w);
    exchange_init(x, &t);
    exchange_begin(x, "GET / HTTP/1.1\r\n\r\n", 18, now);
    for (unsigned i = 0; i < 5000; i++, now += 10) {
        enum exchange_phase p = exchange_step(x, now);
        if (p == EXCHANGE_DONE || p == EXCHANGE_FAILED) {
            out[n] = '\0';
            *took = i * 10;
            return p;
        }
        if (p == EXCHANGE_BODY)
            n += exchange_read(x, (uint8_t *)out + n, cap - 1 - n, now);
    }
    fail_msg("the exchange did not end");
    return EXCHANGE_FAILED;
}

#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789TRAILING"

static void a_body_ends_at_its_length_whatever_the_pieces(void **state)
{
    (void)state;
    for (size_t most = 1; most < 80; most++) {
        struct wire w = {.at = TRANSPORT_OPEN, .answer = ANSWER, .answer_size = sizeof ANSWER - 1, .most = most};
        struct exchange x;
        char body[32];
        uint32_t took;
        assert_int_equal(run(&x, &w, body, sizeof body, &took), EXCHANGE_DONE);
        assert_string_equal(body, "0123456789");
        assert_int_equal(w.taken, 18);
        assert_int_equal(w.closed, 1);
        assert_true(w.orderly);
    }
}

static void a_connection_lost_anywhere_is_told(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof ANSWER - 1 - 8; n++) {
        struct wire w = {.at = TRANSPORT_ENDED, .answer = ANSWER, .answer_size = n, .most = 7};
        struct exchange x;
        char body[32];
        uint32_t took;
        struct transport t = transport_of(&w);
        exchange_init(&x, &t);
        exchange_begin(&x, "x", 1, 0);
        w.at = TRANSPORT_OPEN;
        exchange_step(&x, 0);
        w.at = n % 2 ? TRANSPORT_ENDED : TRANSPORT_BROKEN;
        enum exchange_phase p = EXCHANGE_IDLE;
        for (took = 0; took < 100 && p != EXCHANGE_FAILED; took++) {
            p = exchange_step(&x, took);
            if (p == EXCHANGE_BODY)
                exchange_read(&x, (uint8_t *)body, sizeof body, took);
            assert_int_not_equal(p, EXCHANGE_DONE);
        }
        assert_int_equal(p, EXCHANGE_FAILED);
        assert_int_equal(x.cause, CAUSE_CONNECTION_LOST);
        assert_int_equal(w.closed, 1);
    }
}

static void silence_ends_in_a_timeout(void **state)
{
    struct exchange x;
    char body[32];
    uint32_t took;
    (void)state;
    struct wire never = {.at = TRANSPORT_CONNECTING, .most = 1};
    assert_int_equal(run(&x, &never, body, sizeof body, &took), EXCHANGE_FAILED);
    assert_int_equal(x.cause, CAUSE_NO_SERVER);
    assert_int_equal(took, WIRE_CONNECT_MS);
    for (size_t n = 0; n < sizeof ANSWER - 1 - 8; n++) {
        struct wire w = {.at = TRANSPORT_OPEN, .answer = ANSWER, .answer_size = n, .most = 100};
        assert_int_equal(run(&x, &w, body, sizeof body, &took), EXCHANGE_FAILED);
        assert_int_equal(x.cause, CAUSE_TIMEOUT);
        assert_in_range(took, EXCHANGE_IDLE_MS, EXCHANGE_IDLE_MS + 200);
    }
}

static void without_a_connection_there_is_no_server(void **state)
{
    struct exchange x;
    char body[32];
    uint32_t took;
    (void)state;
    struct wire refused = {.at = TRANSPORT_BROKEN, .most = 1}, full = {.no_memory = true};
    assert_int_equal(run(&x, &refused, body, sizeof body, &took), EXCHANGE_FAILED);
    assert_int_equal(x.cause, CAUSE_NO_SERVER);
    assert_int_equal(run(&x, &full, body, sizeof body, &took), EXCHANGE_FAILED);
    assert_int_equal(x.cause, CAUSE_NO_SERVER);
}

static enum exchange_phase follow(const char *request, const char *const *moves, struct wire *w, struct exchange *x)
{
    *w = (struct wire){.moves = moves, .most = 11};
    struct transport t = transport_of(w);
    char body[8];
    exchange_init(x, &t);
    exchange_begin(x, request, strlen(request), 0);
    for (unsigned i = 0; i < 1000; i++) {
        enum exchange_phase p = exchange_step(x, i);
        if (p == EXCHANGE_DONE || p == EXCHANGE_FAILED)
            return p;
        if (p == EXCHANGE_BODY)
            exchange_read(x, (uint8_t *)body, sizeof body, i);
    }
    fail_msg("the exchange did not end");
    return EXCHANGE_FAILED;
}

#define MOVED "HTTP/1.1 302 Found\r\nLocation: "
#define REST " HTTP/1.1\r\nRange: bytes=7-\r\n\r\n"

static void three_redirections_are_followed_and_no_more(void **state)
{
    static const char *const three[] = {MOVED "/longer/than/before\r\n\r\n", MOVED "http://10.0.0.1/s\r\n\r\n", MOVED "/3\r\n\r\n", NULL};
    static const char *const loop[] = {MOVED "/a\r\n\r\n", MOVED "/a\r\n\r\n", MOVED "/a\r\n\r\n", MOVED "/a\r\n\r\n", NULL};
    struct wire w;
    struct exchange x;
    (void)state;
    assert_int_equal(follow("GET /a" REST, three, &w, &x), EXCHANGE_DONE);
    assert_string_equal(w.asked, "GET /3" REST);
    assert_int_equal(follow("GET /a" REST, loop, &w, &x), EXCHANGE_FAILED);
    assert_int_equal(x.cause, CAUSE_BAD_REDIRECT);
    assert_int_equal(w.opened, 4);
}

static void a_redirection_is_never_followed_away_nor_with_a_post(void **state)
{
    static const char *const away[] = {MOVED "http://10.0.0.9/a\r\n\r\n", NULL}, *const here[] = {MOVED "/a\r\n\r\n", NULL};
    static const char *const nowhere[] = {"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n", NULL};
    struct wire w;
    struct exchange x;
    (void)state;
    assert_int_equal(follow("GET /a" REST, away, &w, &x), EXCHANGE_FAILED);
    assert_int_equal(x.cause, CAUSE_BAD_REDIRECT);
    assert_int_equal(follow("GET /a" REST, nowhere, &w, &x), EXCHANGE_FAILED);
    assert_int_equal(x.cause, CAUSE_BAD_REDIRECT);
    assert_int_equal(follow("POST /a" REST, here, &w, &x), EXCHANGE_FAILED);
    assert_int_equal(x.cause, CAUSE_BAD_REDIRECT);
    assert_int_equal(w.opened, 1);
}

static void a_redirection_that_makes_the_request_too_long_is_refused(void **state)
{
    static const char *const longer[] = {MOVED "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n", NULL};
    char request[EXCHANGE_REQUEST_MOST];
    struct wire w;
    struct exchange x;
    (void)state;
    snprintf(request, sizeof request, "GET /a HTTP/1.1\r\nX: %0*d\r\n\r\n", (int)sizeof request - 40, 1);
    assert_int_equal(follow(request, longer, &w, &x), EXCHANGE_FAILED);
    assert_int_equal(x.cause, CAUSE_BAD_REDIRECT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_heads_are_read_in_any_pieces),
        cmocka_unit_test(the_body_is_not_touched),
        cmocka_unit_test(bodyless_answers_need_no_length),
        cmocka_unit_test(doubtful_heads_are_refused),
        cmocka_unit_test(heads_have_limits),
        cmocka_unit_test(a_nul_in_a_line_is_refused),
        cmocka_unit_test(retry_after_is_seconds_or_a_date_and_bounded),
        cmocka_unit_test(a_date_has_one_form),
        cmocka_unit_test(a_redirection_needs_no_length_and_one_location),
        cmocka_unit_test(a_redirection_stays_on_the_server),
        cmocka_unit_test(three_redirections_are_followed_and_no_more),
        cmocka_unit_test(a_redirection_is_never_followed_away_nor_with_a_post),
        cmocka_unit_test(a_redirection_that_makes_the_request_too_long_is_refused),
        cmocka_unit_test(a_body_ends_at_its_length_whatever_the_pieces),
        cmocka_unit_test(a_connection_lost_anywhere_is_told),
        cmocka_unit_test(silence_ends_in_a_timeout),
        cmocka_unit_test(without_a_connection_there_is_no_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
