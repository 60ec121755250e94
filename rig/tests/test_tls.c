/* SPDX-License-Identifier: GPL-3.0-or-later
 * The TLS layer between a client of OpenSSL and a plain server, all in memory. */
#include "base/err.h"
#include "server/tls.h"
#include "tls_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOST "update.otarig.invalid"
enum { NOW = 1782907200, DAY = 86400, BODY = 50000 };

/* The plain server behind the layer: an echo of what is asked of it by the tests. */
static struct {
    struct stream *stream;
    struct buf got;
    size_t acked, accepted, ended;
    enum stream_end how;
} plain;

static struct certs *certs;
static struct tls *layer;
static struct stream_handler handler;
static struct buf ca;
static struct tls_faults faults;
static struct tls_event event;
static char event_end[16], event_alert[40], event_host[64], event_attack[96];
static unsigned events;

static void on_accept(void *ctx, struct stream *s)
{
    (void)ctx;
    plain.stream = s;
    plain.accepted++;
}

static void on_received(void *ctx, struct stream *s, const void *p, size_t n)
{
    (void)ctx;
    (void)s;
    buf_add(&plain.got, p, n);
}

static void on_writable(void *ctx, struct stream *s, size_t acked)
{
    (void)ctx;
    (void)s;
    plain.acked += acked;
}

static void on_ended(void *ctx, struct stream *s, enum stream_end how)
{
    (void)ctx;
    (void)s;
    plain.ended++;
    plain.how = how;
    plain.stream = NULL;
}

static void begin(void *ctx, unsigned n, struct tls_faults *f)
{
    (void)ctx;
    (void)n;
    *f = faults;
}

static void on_event(void *ctx, const struct tls_event *ev)
{
    (void)ctx;
    event = *ev;
    events++;
    snprintf(event_end, sizeof event_end, "%s", ev->end);
    snprintf(event_alert, sizeof event_alert, "%s", ev->alert ? ev->alert : "");
    snprintf(event_attack, sizeof event_attack, "%s", ev->attack ? ev->attack : "");
    snprintf(event_host, sizeof event_host, "%s", ev->host ? ev->host : "");
}

static void build(uint64_t seed)
{
    struct certs_config cc = {.host = HOST, .calendar_s = NOW, .seeded = true, .seed = seed};
    struct stream_handler inner = {NULL, on_accept, on_received, on_writable, on_ended};
    struct err e = {0};
    certs = certs_new(&cc, &e);
    assert_non_null(certs);
    struct tls_config tc = {.certs = certs, .seeded = true, .seed = seed, .begin = begin, .event = on_event};
    layer = tls_new(&tc, &inner, &e);
    assert_non_null(layer);
    tls_handler(layer, &handler);
    buf_clear(&ca);
    certs_ca(certs, &ca);
}

static void tear_down(void)
{
    tls_free(layer);
    certs_free(certs);
}

static int set_up(void **state)
{
    (void)state;
    memset(&faults, 0, sizeof faults);
    buf_clear(&plain.got);
    plain.stream = NULL;
    plain.acked = plain.accepted = plain.ended = 0;
    events = 0;
    build(7);
    return 0;
}

static int clean_up(void **state)
{
    (void)state;
    tear_down();
    buf_free(&plain.got);
    buf_free(&ca);
    return 0;
}

static struct tls_client_wish honest(void)
{
    return (struct tls_client_wish){.ca_pem = buf_text(&ca), .host = HOST, .now_s = NOW};
}

static void dial(struct tls_client *c, const struct tls_client_wish *w)
{
    tls_client_open(c, &handler, w);
    tls_client_hear(c, SIZE_MAX);
}

/* Writes n bytes of a pattern as far as there is room, and lets the client hear, until all is written. */
static void serve(struct tls_client *c, size_t n)
{
    for (size_t at = 0; at < n;) {
        uint8_t slice[2048];
        size_t want = n - at < sizeof slice ? n - at : sizeof slice;
        for (size_t i = 0; i < want; i++)
            slice[i] = (uint8_t)((at + i) * 7);
        size_t done = plain.stream->ops->write(plain.stream, slice, want);
        at += done;
        if (!done) {
            assert_true(c->wire.size > c->heard);
            tls_client_hear(c, 100);
        }
    }
}

static void plain_bytes_pass_both_ways(void **state)
{
    struct tls_client c;
    struct tls_client_wish w = honest();
    (void)state;
    dial(&c, &w);
    assert_true(c.shaken);
    assert_string_equal(event_end, "open");
    assert_string_equal(event_host, HOST);
    tls_client_say(&c, "GET / HTTP/1.1\r\n\r\n");
    assert_string_equal(buf_text(&plain.got), "GET / HTTP/1.1\r\n\r\n");
    serve(&c, BODY);
    tls_client_hear(&c, SIZE_MAX);
    assert_int_equal(c.plain.size, BODY);
    for (size_t i = 0; i < BODY; i++)
        assert_int_equal((uint8_t)c.plain.data[i], (uint8_t)(i * 7));
    assert_int_equal(plain.acked, BODY);
    plain.stream->ops->close(plain.stream);
    tls_client_hear(&c, SIZE_MAX);
    assert_true(c.notified && c.closed);
    tls_client_close(&c);
}

/* At every moment: what counts as taken is what the application has, neither more nor less than whole records. */
static void acked_bytes_are_those_that_the_application_has(void **state)
{
    struct tls_client c;
    struct tls_client_wish w = honest();
    (void)state;
    w.fragment = 1;
    dial(&c, &w);
    uint8_t body[3000] = {1};
    size_t sent = plain.stream->ops->write(plain.stream, body, 512);
    sent += plain.stream->ops->write(plain.stream, body, 100);
    assert_int_equal(sent, 612);
    while (c.heard < c.wire.size) {
        tls_client_hear(&c, 1);
        assert_int_equal(plain.acked, c.plain.size);
    }
    assert_int_equal(plain.acked, 612);
    tls_client_close(&c);
    assert_int_equal(plain.ended, 1);
}

static void conversation(struct tls_client *c, uint64_t seed)
{
    tear_down();
    build(seed);
    struct tls_client_wish w = honest();
    dial(c, &w);
    serve(c, 5000);
    plain.stream->ops->close(plain.stream);
    tls_client_hear(c, SIZE_MAX);
}

static void the_same_seed_gives_the_same_wire_bytes(void **state)
{
    struct tls_client a, b, other;
    (void)state;
    conversation(&a, 11);
    conversation(&b, 11);
    conversation(&other, 12);
    assert_true(a.shaken && b.shaken && other.shaken);
    assert_int_equal(a.wire.size, b.wire.size);
    assert_memory_equal(a.wire.data, b.wire.data, a.wire.size);
    assert_true(a.wire.size != other.wire.size || memcmp(a.wire.data, other.wire.data, a.wire.size) != 0);
    tls_client_close(&a);
    tls_client_close(&b);
    tls_client_close(&other);
}

/* Certificates: what a client that checks says, and with what alert it leaves. */
static void refused(enum certs_kind kind, uint64_t by_s, const char *why, const char *alert)
{
    struct tls_client c;
    struct tls_client_wish w = honest();
    faults = (struct tls_faults){.attack = {[TLS_PART_CERTIFICATE] = "planted"}, .certificate = kind, .by_s = by_s};
    dial(&c, &w);
    assert_false(c.shaken && alert);
    if (alert) {
        assert_non_null(strstr(c.why, why));
        assert_string_equal(event_end, "alert");
        assert_string_equal(event_alert, alert);
        assert_string_equal(event_attack, "planted");
        assert_int_equal(plain.accepted, 0);
    } else {
        assert_true(c.shaken);
    }
    tls_client_close(&c);
    plain.accepted = 0;
}

static void each_certificate_is_wrong_in_its_one_way(void **state)
{
    (void)state;
    refused(CERTS_EXPIRED, 1, "expired", "certificate-expired");
    refused(CERTS_NOT_YET, 1, "not yet valid", "bad-certificate");
    refused(CERTS_WRONG_HOST, 0, "hostname mismatch", "bad-certificate");
    refused(CERTS_UNKNOWN_CA, 0, "certificate", "unknown-ca");
    refused(CERTS_SELF_SIGNED, 0, "self-signed", "unknown-ca");
    refused(CERTS_SHORT_CHAIN, 0, "unable to get local issuer", "unknown-ca");
    refused(CERTS_WRONG_USE, 0, "purpose", "unsupported-certificate");
    refused(CERTS_LEAF_CA, 0, "certificate", "unknown-ca");
    refused(CERTS_BAD_SIGNATURE, 0, "signature", "decrypt-error");
    refused(CERTS_IMPOSTOR, 0, "signature", "decrypt-error");
    refused(CERTS_GOOD, 0, NULL, NULL);
    refused(CERTS_RENEWED, 0, NULL, NULL);
    refused(CERTS_CHAIN, 0, NULL, NULL);
}

static void the_clock_of_the_caller_decides_over_dates(void **state)
{
    static const struct { int64_t off; bool good; } cases[] = {{-3 * 3600, true}, {3 * 3600, true}, {-90 * DAY, false}, {90 * DAY, false},
                                                               {-(int64_t)NOW + 1, false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tls_client c;
        struct tls_client_wish w = honest();
        w.now_s = (uint64_t)(NOW + cases[i].off);
        dial(&c, &w);
        assert_int_equal(c.shaken, cases[i].good);
        tls_client_close(&c);
    }
}

static void old_versions_are_spoken_only_as_an_attack(void **state)
{
    (void)state;
    for (int version = 0x0301; version <= 0x0304; version++) {
        struct tls_client c;
        struct tls_client_wish w = honest();
        faults = (struct tls_faults){.attack = {"old"}, .version = (unsigned)version};
        w.version = version;
        dial(&c, &w);
        assert_true(c.shaken);
        if (version < 0x0304) {
            struct tls_client modern;
            w.version = 0;
            dial(&modern, &w);
            assert_false(modern.shaken);
            assert_string_equal(event_end, "refused");
            assert_string_equal(event_alert, "protocol-version");
            assert_string_equal(event_attack, "old");
            tls_client_close(&modern);
        }
        tls_client_close(&c);
    }
}

static void a_forged_version_answers_whatever_the_client_offers(void **state)
{
    (void)state;
    for (unsigned version = 0x0300; version <= 0x0303; version++) {
        struct tls_client c;
        struct tls_client_wish w = honest();
        faults = (struct tls_faults){.attack = {"old"}, .version = version, .forged = true};
        dial(&c, &w);
        assert_false(c.shaken);
        assert_int_equal((uint8_t)c.wire.data[0], 22);
        assert_int_equal((uint8_t)c.wire.data[10], version & 0xff);
        assert_string_equal(event_end, "alert");
        assert_string_equal(event_attack, "old");
        assert_true(c.closed);
        tls_client_close(&c);
    }
}

/* Records by their wire bytes: how many whole ones of which type the client got. */
static size_t records_of(const struct tls_client *c, uint8_t type)
{
    size_t n = 0;
    for (size_t at = 0; at + 5 <= c->wire.size;) {
        const uint8_t *r = (const uint8_t *)c->wire.data + at;
        n += r[0] == type;
        at += 5 + (size_t)(r[3] << 8 | r[4]);
    }
    return n;
}

static void a_stall_ends_the_flight_before_its_message(void **state)
{
    /* ServerHello is in clear; the four messages behind it are a record each */
    static const struct { enum tls_message before; size_t clear, hidden; } cases[] = {
        {TLS_SERVER_HELLO, 0, 0}, {TLS_EXTENSIONS, 1, 0}, {TLS_CERTIFICATE, 1, 1}, {TLS_VERIFY, 1, 2}, {TLS_FINISHED, 1, 3}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tls_client c;
        struct tls_client_wish w = honest();
        faults = (struct tls_faults){.attack = {[TLS_PART_STALL] = "stall"}, .stall = cases[i].before, .stall_ns = 1000};
        tls_tick(layer, 5000 * i);
        dial(&c, &w);
        assert_false(c.shaken);
        assert_int_equal(records_of(&c, 22), cases[i].clear);
        assert_int_equal(records_of(&c, 23), cases[i].hidden);
        assert_int_equal(tls_next(layer), 5000 * i);
        tls_tick(layer, 5000 * i);
        assert_int_equal(tls_next(layer), 5000 * i + 1000);
        tls_tick(layer, 5000 * i + 999);
        tls_client_hear(&c, SIZE_MAX);
        assert_false(c.shaken);
        tls_tick(layer, 5000 * i + 1000);
        tls_client_hear(&c, SIZE_MAX);
        assert_true(c.shaken);
        assert_string_equal(event_end, "open");
        assert_string_equal(event_attack, "stall");
        assert_int_equal(tls_next(layer), UINT64_MAX);
        tls_client_close(&c);
    }
}

static void a_stall_for_ever_is_told_when_the_client_leaves(void **state)
{
    struct tls_client c;
    struct tls_client_wish w = honest();
    (void)state;
    faults = (struct tls_faults){.attack = {[TLS_PART_STALL] = "stall"}, .stall = TLS_FINISHED};
    dial(&c, &w);
    assert_int_equal(events, 0);
    tls_client_close(&c);
    assert_int_equal(events, 1);
    assert_string_equal(event_end, "peer-reset");
    assert_string_equal(event_attack, "stall");
}

static void garbage_in_any_message_fails_the_handshake(void **state)
{
    (void)state;
    for (int m = TLS_SERVER_HELLO; m < TLS_MESSAGES; m++)
        for (int shapeless = 0; shapeless < 2; shapeless++) {
            struct tls_client c;
            struct tls_client_wish w = honest();
            faults = (struct tls_faults){.attack = {[TLS_PART_GARBAGE] = "noise"}, .garbage = (enum tls_message)m, .shapeless = shapeless};
            dial(&c, &w);
            assert_false(c.shaken);
            tls_client_close(&c);
            assert_string_equal(event_attack, "noise");
            assert_string_not_equal(event_end, "open");
        }
}

static void what_did_not_reach_the_client_is_not_told(void **state)
{
    struct tls_client c;
    struct tls_client_wish w = honest();
    (void)state;
    faults = (struct tls_faults){.attack = {[TLS_PART_CERTIFICATE] = "expired"}, .certificate = CERTS_EXPIRED, .by_s = 1};
    tls_client_open(&c, &handler, &w);
    tls_client_hear(&c, 50);
    tls_client_close(&c);
    assert_string_equal(event_attack, "");
}

/* 1000 bytes, then what is wrong, then more. */
static void spoil(struct tls_client *c, enum stream_spoil how)
{
    static uint8_t more[1000];
    struct tls_client_wish w = honest();
    faults = (struct tls_faults){.version = 0};
    dial(c, &w);
    serve(c, 1000);
    tls_client_hear(c, SIZE_MAX);
    plain.stream->ops->spoil(plain.stream, how);
    if (how == STREAM_NO_NOTIFY || how == STREAM_HALF_RECORD)
        plain.stream->ops->close(plain.stream);
    else if (plain.stream)
        plain.stream->ops->write(plain.stream, more, sizeof more);
    c->room = SIZE_MAX / 2;
    tls_client_hear(c, SIZE_MAX);
}

static void a_spoilt_record_ends_what_the_application_gets(void **state)
{
    static const enum stream_spoil hows[] = {STREAM_BAD_MAC, STREAM_LONG_RECORD, STREAM_CLEARTEXT};
    static const char *const alerts[] = {"bad-record-mac", "record-overflow", "unexpected-message"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct tls_client c;
        plain.acked = 0;
        spoil(&c, hows[i]);
        assert_int_equal(c.plain.size, 1000);
        assert_int_equal(plain.acked, 1000);
        assert_false(c.notified);
        assert_true(c.failure != 0);
        assert_string_equal(event_end, "alert");
        assert_string_equal(event_alert, alerts[i]);
        assert_null(plain.stream);
        tls_client_close(&c);
    }
}

static void a_cut_shows_no_close_notify(void **state)
{
    (void)state;
    for (int half = 0; half < 2; half++) {
        struct tls_client c;
        spoil(&c, half ? STREAM_HALF_RECORD : STREAM_NO_NOTIFY);
        assert_int_equal(c.plain.size, 1000);
        assert_true(c.closed && !c.notified);
        tls_client_close(&c);
    }
}

static void new_keys_change_nothing_for_the_application(void **state)
{
    struct tls_client c;
    (void)state;
    plain.acked = 0;
    spoil(&c, STREAM_REKEY);
    assert_int_equal(c.plain.size, 2000);
    assert_int_equal(plain.acked, 2000);
    tls_client_close(&c);
}

static void a_client_that_takes_too_long_is_given_up(void **state)
{
    struct tls_client c;
    (void)state;
    tear_down();
    struct certs_config cc = {.host = HOST, .calendar_s = NOW, .seeded = true, .seed = 1};
    struct stream_handler inner = {NULL, on_accept, on_received, on_writable, on_ended};
    certs = certs_new(&cc, NULL);
    struct tls_config tc = {.certs = certs, .seeded = true, .handshake_ns = 1000, .event = on_event};
    layer = tls_new(&tc, &inner, NULL);
    tls_handler(layer, &handler);
    struct tls_client_wish w = {.host = HOST};
    tls_tick(layer, 500);
    tls_client_open(&c, &handler, &w); /* hears nothing, so says nothing */
    tls_tick(layer, 700);
    assert_int_equal(tls_next(layer), 1700);
    tls_tick(layer, 1699);
    assert_true(c.open);
    tls_tick(layer, 1700);
    assert_true(c.reset);
    assert_string_equal(event_end, "timed-out");
    tls_client_close(&c);
}

static void plain_http_to_a_tls_port_ends_the_connection(void **state)
{
    struct tls_client c;
    struct tls_client_wish w = honest();
    (void)state;
    tls_client_open(&c, &handler, &w);
    tls_client_close(&c);
    c = (struct tls_client){.s.ops = c.s.ops, .layer = handler, .room = 5000, .open = true};
    handler.accept(handler.ctx, &c.s);
    handler.received(handler.ctx, &c.s, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27);
    assert_true(c.closed);
    assert_int_equal(plain.accepted, 0);
    assert_string_equal(event_end, "not-tls");
    buf_free(&c.wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plain_bytes_pass_both_ways, set_up, clean_up),
        cmocka_unit_test_setup_teardown(acked_bytes_are_those_that_the_application_has, set_up, clean_up),
        cmocka_unit_test_setup_teardown(the_same_seed_gives_the_same_wire_bytes, set_up, clean_up),
        cmocka_unit_test_setup_teardown(each_certificate_is_wrong_in_its_one_way, set_up, clean_up),
        cmocka_unit_test_setup_teardown(the_clock_of_the_caller_decides_over_dates, set_up, clean_up),
        cmocka_unit_test_setup_teardown(old_versions_are_spoken_only_as_an_attack, set_up, clean_up),
        cmocka_unit_test_setup_teardown(a_forged_version_answers_whatever_the_client_offers, set_up, clean_up),
        cmocka_unit_test_setup_teardown(a_stall_ends_the_flight_before_its_message, set_up, clean_up),
        cmocka_unit_test_setup_teardown(a_stall_for_ever_is_told_when_the_client_leaves, set_up, clean_up),
        cmocka_unit_test_setup_teardown(garbage_in_any_message_fails_the_handshake, set_up, clean_up),
        cmocka_unit_test_setup_teardown(what_did_not_reach_the_client_is_not_told, set_up, clean_up),
        cmocka_unit_test_setup_teardown(a_spoilt_record_ends_what_the_application_gets, set_up, clean_up),
        cmocka_unit_test_setup_teardown(a_cut_shows_no_close_notify, set_up, clean_up),
        cmocka_unit_test_setup_teardown(new_keys_change_nothing_for_the_application, set_up, clean_up),
        cmocka_unit_test_setup_teardown(a_client_that_takes_too_long_is_given_up, set_up, clean_up),
        cmocka_unit_test_setup_teardown(plain_http_to_a_tls_port_ends_the_connection, set_up, clean_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
