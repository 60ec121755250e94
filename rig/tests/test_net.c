/* SPDX-License-Identifier: GPL-3.0-or-later
 * The rig's TCP/IP stack against a small TCP peer written by hand, so that each segment can be lost, repeated or forged. */
#include "base/buf.h"
#include "base/err.h"
#include "base/shape.h"
#include "base/stream.h"
#include "net/net.h"
#include "net/slip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, SEGMENTS = 256, MSS = 1460 };
#define MS UINT64_C(1000000)
#define SECOND (1000 * MS)

struct segment {
    uint8_t flags;
    uint32_t seq, ack;
    size_t n;
    uint8_t data[1500];
};

/* One world: the net, the application above it, and the peer. */
static struct {
    struct net *net;
    uint64_t now;
    struct buf wire; /* every byte the net ever sent, and when */
    struct slip slip;
    struct segment segment[SEGMENTS];
    size_t segments;
    size_t pings, noises, fins;
    uint32_t fin_at; /* the sequence number of the end */
    char noise[80];
    /* application */
    struct stream *stream;
    struct buf got, send;
    size_t accepted, acked, ended;
    enum stream_end how;
    bool close_when_sent, reset_when_acked;
    size_t written;
    /* peer */
    uint16_t port, window;
    uint32_t seq, ack;
} w;

/* --- the peer's side of the wire --- */

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put16(uint8_t *p, uint32_t x)
{
    p[0] = (uint8_t)(x >> 8);
    p[1] = (uint8_t)x;
}

static void put32(uint8_t *p, uint32_t x)
{
    put16(p, x >> 16);
    put16(p + 2, x);
}

static uint16_t checksum(const uint8_t *p, size_t n, uint32_t sum)
{
    for (size_t i = 0; i < n; i++)
        sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void on_frame(void *ctx, const uint8_t *f, size_t n)
{
    (void)ctx;
    assert_true(n >= 20 && n == (size_t)(f[2] << 8 | f[3]));
    assert_int_equal(0, checksum(f, 20, 0));
    if (f[9] == 1) {
        w.pings++;
        return;
    }
    assert_int_equal(0, checksum(f + 12, n - 12, 6 + (uint32_t)(n - 20)));
    if (w.segments == SEGMENTS)
        return;
    struct segment *s = &w.segment[w.segments++];
    size_t header = (size_t)(f[20 + 12] >> 4) * 4;
    *s = (struct segment){.flags = f[20 + 13] & 0x1f, .seq = be32(f + 24), .ack = be32(f + 28), .n = n - 20 - header};
    memcpy(s->data, f + 20 + header, s->n);
    if (s->flags & FIN) {
        w.fins++;
        w.fin_at = s->seq + (uint32_t)s->n;
    }
}

static void on_noise(void *ctx, const char *what)
{
    (void)ctx;
    w.noises++;
    snprintf(w.noise, sizeof w.noise, "%s", what);
}

static void on_send(void *ctx, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    assert_int_equal(0xc0, bytes[0]);
    assert_int_equal(0xc0, bytes[n - 1]);
    buf_add(&w.wire, &w.now, sizeof w.now);
    buf_add(&w.wire, bytes, n);
    slip_receive(&w.slip, bytes, n);
}

static void send_raw(const uint8_t *datagram, size_t n)
{
    struct buf b = {0};
    slip_encode(datagram, n, &b);
    net_receive(w.net, (const uint8_t *)b.data, b.size, w.now);
    buf_free(&b);
}

static size_t make_ip(uint8_t *f, uint8_t protocol, size_t n)
{
    static const uint8_t addresses[8] = {10, 0, 0, 2, 10, 0, 0, 1};
    memset(f, 0, 20);
    f[0] = 0x45;
    put16(f + 2, (uint32_t)(20 + n));
    f[8] = 64;
    f[9] = protocol;
    memcpy(f + 12, addresses, 8);
    put16(f + 10, checksum(f, 20, 0));
    return 20 + n;
}

/* data may begin with 4 bytes of options: then options is 4. */
static size_t make_tcp_with(uint8_t *f, size_t options, uint8_t flags, uint32_t seq, uint32_t ack, const void *data, size_t n)
{
    memset(f + 20, 0, 20);
    put16(f + 20, w.port);
    put16(f + 22, 80);
    put32(f + 24, seq);
    put32(f + 28, ack);
    f[32] = (uint8_t)((20 + options) / 4 << 4);
    f[33] = flags;
    put16(f + 34, w.window);
    if (n)
        memcpy(f + 40, data, n);
    size_t size = make_ip(f, 6, 20 + n);
    put16(f + 36, checksum(f + 12, size - 12, 6 + (uint32_t)(20 + n)));
    return size;
}

static size_t make_tcp(uint8_t *f, uint8_t flags, uint32_t seq, uint32_t ack, const void *data, size_t n)
{
    return make_tcp_with(f, 0, flags, seq, ack, data, n);
}

static void send_segment(uint8_t flags, uint32_t seq, uint32_t ack, const void *data, size_t n)
{
    uint8_t f[1500];
    send_raw(f, make_tcp(f, flags, seq, ack, data, n));
}

static void send_data(const void *data, size_t n)
{
    send_segment(PSH | ACK, w.seq, w.ack, data, n);
    w.seq += (uint32_t)n;
}

static const struct segment *last(void)
{
    assert_true(w.segments > 0);
    return &w.segment[w.segments - 1];
}

static void connect_from(uint16_t port, uint32_t isn)
{
    uint8_t f[1500];
    w.port = port;
    w.segments = 0;
    send_raw(f, make_tcp_with(f, 4, SYN, isn, 0, "\2\4\5\264", 4)); /* MSS 1460 */
    assert_int_equal(SYN | ACK, last()->flags);
    assert_int_equal(isn + 1, last()->ack);
    w.seq = isn + 1;
    w.ack = last()->seq + 1;
    w.segments = 0;
    send_segment(ACK, w.seq, w.ack, NULL, 0);
}

/* Runs the net's timers up to a time, one after the other. */
static void pass(uint64_t ns)
{
    uint64_t until = w.now + ns;
    while (net_next(w.net) <= until) {
        w.now = net_next(w.net);
        net_tick(w.net, w.now);
    }
    w.now = until;
    net_tick(w.net, w.now);
}

/* --- the application's side --- */

static void push(struct stream *s)
{
    while (w.written < w.send.size) {
        size_t n = s->ops->write(s, w.send.data + w.written, w.send.size - w.written);
        w.written += n;
        if (!n)
            return;
    }
    if (w.close_when_sent && w.send.size) {
        w.close_when_sent = false;
        w.stream = NULL;
        s->ops->close(s);
    }
}

static void accepted(void *ctx, struct stream *s)
{
    (void)ctx;
    s->user = &w;
    w.stream = s;
    w.accepted++;
    push(s);
}

static void received(void *ctx, struct stream *s, const void *p, size_t n)
{
    (void)ctx;
    assert_ptr_equal(&w, s->user);
    buf_add(&w.got, p, n);
}

static void writable(void *ctx, struct stream *s, size_t acked)
{
    (void)ctx;
    w.acked += acked;
    push(s);
    if (w.reset_when_acked && w.acked == w.send.size) {
        w.stream = NULL;
        s->ops->reset(s);
    }
}

static void ended(void *ctx, struct stream *s, enum stream_end how)
{
    (void)ctx;
    w.ended++;
    w.how = how;
    if (w.stream == s)
        w.stream = NULL;
}

static void start(uint64_t seed, uint16_t mtu)
{
    static const struct stream_handler handler = {NULL, accepted, received, writable, ended};
    struct net_config c = {.rig = {10, 0, 0, 1}, .device = {10, 0, 0, 2}, .port = 80, .mtu = mtu, .seed = seed, .send = on_send,
                           .noise = on_noise};
    struct err e = {0};
    memset(&w, 0, sizeof w);
    w.slip = (struct slip){.most = 1500, .told = on_frame, .noise = on_noise};
    w.window = 8 * MSS;
    w.net = net_new(&c, &handler, &e);
    assert_non_null(w.net);
}

static void stop(void)
{
    net_free(w.net);
    buf_free(&w.wire);
    buf_free(&w.got);
    buf_free(&w.send);
    slip_free(&w.slip);
    w.net = NULL;
}

static int setup(void **state)
{
    (void)state;
    start(1, 1500);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    stop();
    return 0;
}

static void offer_bytes(size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_char(&w.send, (char)(i * 31 + i / 251));
}

/* Receives like a client does: acknowledges what is in order, loses every lose-th data segment. Returns the bytes. */
static struct buf receive(size_t n, unsigned lose)
{
    struct buf in = {0};
    unsigned seen = 0, idle = 0;
    while (in.size < n && idle < 1000) {
        size_t count = w.segments;
        bool any = false;
        for (size_t i = 0; i < count; i++) {
            const struct segment *s = &w.segment[i];
            if (s->n == 0 || (lose && ++seen % lose == 0))
                continue;
            any = true;
            if (s->seq == w.ack) {
                buf_add(&in, s->data, s->n);
                w.ack += (uint32_t)s->n;
            }
        }
        memmove(w.segment, w.segment + count, (w.segments - count) * sizeof w.segment[0]);
        w.segments -= count;
        if (any)
            send_segment(ACK, w.seq, w.ack, NULL, 0);
        else
            pass(250 * MS);
        idle = any ? 0 : idle + 1;
    }
    return in;
}

/* --- SLIP --- */

static struct buf frames;
static size_t frame_count;

static void collect(void *ctx, const uint8_t *f, size_t n)
{
    (void)ctx;
    buf_add(&frames, f, n);
    frame_count++;
}

static void a_datagram_survives_framing_at_any_split(void **state)
{
    (void)state;
    struct slip s = {.most = 1500, .told = collect, .noise = on_noise};
    uint8_t d[512];
    for (size_t i = 0; i < sizeof d; i++)
        d[i] = (uint8_t)i;
    for (size_t split = 1; split < 40; split++) {
        struct buf b = {0};
        slip_encode(d, sizeof d, &b);
        assert_int_equal(sizeof d + 2 + 4, b.size); /* two ENDs and two ESCs of the alphabet are escaped */
        buf_clear(&frames);
        frame_count = 0;
        for (size_t at = 0; at < b.size; at += split)
            slip_receive(&s, (uint8_t *)b.data + at, b.size - at < split ? b.size - at : split);
        assert_int_equal(1, frame_count);
        assert_int_equal(sizeof d, frames.size);
        assert_memory_equal(d, frames.data, sizeof d);
        buf_free(&b);
    }
    buf_free(&frames);
    slip_free(&s);
    assert_int_equal(0, w.noises);
}

static void spoiled_frames_are_told_once_and_dropped(void **state)
{
    (void)state;
    struct slip s = {.most = 4, .told = collect, .noise = on_noise};
    static const struct { const char *bytes; size_t n; const char *why; } bad[] = {
        {"\xc0" "12345" "\xc0", 7, "too long"}, {"\xdb" "1\xc0", 3, "ordinary byte"}, {"1\xdb\xc0", 3, "behind an escape"}};
    frame_count = 0;
    for (size_t i = 0; i < 3; i++) {
        slip_receive(&s, (const uint8_t *)bad[i].bytes, bad[i].n);
        assert_int_equal(i + 1, w.noises);
        assert_non_null(strstr(w.noise, bad[i].why));
    }
    assert_int_equal(0, frame_count);
    slip_receive(&s, (const uint8_t *)"\xc0\xc0" "1234\xc0", 7); /* the next frame is whole again */
    assert_int_equal(1, frame_count);
    buf_free(&frames);
    slip_free(&s);
}

/* --- the stack --- */

static void what_is_no_datagram_for_us_is_told_and_dropped(void **state)
{
    (void)state;
    static const struct { size_t at; uint8_t value; const char *why; } bad[] = {
        {0, 0x65, "not IPv4"}, {0, 0x44, "lengths"}, {2, 1, "lengths"}, {8, 63, "header checksum"},
        {33, SYN | ACK, "TCP: wrong checksum"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t f[1500];
        size_t n = make_tcp(f, SYN, 1, 0, NULL, 0);
        f[bad[i].at] = bad[i].value;
        send_raw(f, n);
        assert_int_equal(i + 1, w.noises);
        if (!strstr(w.noise, bad[i].why))
            fail_msg("'%s' is not about %s", w.noise, bad[i].why);
    }
    uint8_t f[64] = {0};
    send_raw(f, 12);
    assert_non_null(strstr(w.noise, "shorter"));
    make_ip(f, 17, 8);
    send_raw(f, 28);
    assert_non_null(strstr(w.noise, "neither"));
    f[19] = 9;
    put16(f + 10, 0);
    put16(f + 10, checksum(f, 20, 0));
    send_raw(f, 28);
    assert_non_null(strstr(w.noise, "another address"));
    assert_int_equal(0, w.segments);
    assert_int_equal(UINT64_MAX, net_next(w.net));
}

static void a_ping_is_answered(void **state)
{
    (void)state;
    uint8_t f[64] = {0};
    f[20] = 8;
    put16(f + 22, checksum(f + 20, 16, 0));
    send_raw(f, make_ip(f, 1, 16));
    assert_int_equal(1, w.pings);
}

static void a_request_is_heard(void **state)
{
    (void)state;
    connect_from(50000, 1000);
    assert_int_equal(1, w.accepted);
    send_data("GET ", 4);
    send_data("/x", 2);
    assert_string_equal("GET /x", buf_text(&w.got));
    pass(SECOND);
    assert_int_equal(w.seq, last()->ack);
}

static void bytes_arrive_whole_and_in_order(void **state)
{
    (void)state;
    offer_bytes(100000);
    connect_from(50000, 1000);
    struct buf in = receive(100000, 0);
    assert_int_equal(100000, in.size);
    assert_memory_equal(w.send.data, in.data, in.size);
    assert_int_equal(100000, w.acked);
    assert_int_equal(0, w.now); /* not a single timer was needed */
    buf_free(&in);
}

static void bytes_arrive_over_a_link_that_loses(void **state)
{
    (void)state;
    offer_bytes(60000);
    connect_from(50000, 1000);
    struct buf in = receive(60000, 7);
    assert_int_equal(60000, in.size);
    assert_memory_equal(w.send.data, in.data, in.size);
    assert_int_equal(60000, w.acked);
    buf_free(&in);
}

static void segments_keep_to_the_mtu(void **state)
{
    (void)state;
    stop();
    start(1, 576);
    offer_bytes(5000);
    connect_from(50000, 1000);
    assert_true(w.segments > 0);
    for (size_t i = 0; i < w.segments; i++)
        assert_true(w.segment[i].n <= 536);
    assert_int_equal(536, w.segment[0].n);
}

static void a_write_takes_no_more_than_the_room(void **state)
{
    (void)state;
    static uint8_t much[100000];
    connect_from(50000, 1000);
    size_t room = w.stream->ops->room(w.stream);
    assert_in_range(room, MSS, sizeof much);
    assert_int_equal(room, w.stream->ops->write(w.stream, much, sizeof much));
    assert_int_equal(0, w.stream->ops->room(w.stream));
    assert_int_equal(0, w.stream->ops->write(w.stream, much, 1));
}

/* A server that drips fills the queue of segments long before the buffer. */
static void single_bytes_are_all_taken_in_the_end(void **state)
{
    (void)state;
    connect_from(50000, 1000);
    size_t sent = 0;
    struct buf in = {0};
    for (unsigned i = 0; i < 2000 && sent < 500; i++) {
        uint8_t byte = (uint8_t)sent;
        sent += w.stream->ops->write(w.stream, &byte, 1);
        if (i % 3 == 2) {
            struct buf more = receive(1, 0);
            buf_add(&in, more.data, more.size);
            buf_free(&more);
        }
    }
    while (in.size < sent) {
        struct buf more = receive(1, 0);
        assert_true(more.size > 0);
        buf_add(&in, more.data, more.size);
        buf_free(&more);
    }
    assert_int_equal(500, sent);
    for (size_t i = 0; i < sent; i++)
        assert_int_equal((uint8_t)i, (uint8_t)in.data[i]);
    buf_free(&in);
}

static void close_ends_behind_the_last_byte(void **state)
{
    (void)state;
    offer_bytes(4000);
    w.close_when_sent = true;
    connect_from(50000, 1000);
    uint32_t end = w.ack + 4000;
    struct buf in = receive(4000, 0);
    assert_int_equal(4000, in.size);
    assert_int_equal(1, w.fins);
    assert_int_equal(end, w.fin_at);
    buf_free(&in);
}

static void reset_is_an_rst_behind_the_acknowledged_bytes(void **state)
{
    (void)state;
    offer_bytes(3000);
    w.reset_when_acked = true;
    connect_from(50000, 1000);
    struct buf in = receive(3000, 0);
    assert_int_equal(3000, in.size);
    assert_true(last()->flags & RST);
    assert_int_equal(w.ack, last()->seq);
    assert_int_equal(0, w.ended); /* it was our own doing */
    buf_free(&in);
}

static void the_peers_end_is_told(void **state)
{
    (void)state;
    connect_from(50000, 1000);
    send_segment(FIN | ACK, w.seq, w.ack, NULL, 0);
    assert_int_equal(1, w.ended);
    assert_int_equal(STREAM_PEER_CLOSED, w.how);
    assert_true(last()->flags & FIN); /* and answered */
    connect_from(50001, 9000);
    send_segment(RST, w.seq, 0, NULL, 0);
    assert_int_equal(2, w.ended);
    assert_int_equal(STREAM_PEER_RESET, w.how);
}

static void a_silent_peer_is_given_up_and_nothing_ticks_on(void **state)
{
    (void)state;
    connect_from(50000, 1000);
    pass(40 * SECOND);
    assert_int_equal(0, w.ended);
    pass(8 * SECOND);
    assert_int_equal(1, w.ended);
    assert_int_equal(STREAM_TIMED_OUT, w.how);
    assert_int_equal(UINT64_MAX, net_next(w.net));
}

static void a_silent_peer_in_mid_download_is_given_up(void **state)
{
    (void)state;
    offer_bytes(50000);
    connect_from(50000, 1000);
    pass(300 * SECOND);
    assert_int_equal(1, w.ended);
    assert_int_equal(STREAM_TIMED_OUT, w.how);
    assert_int_equal(UINT64_MAX, net_next(w.net));
}

static void a_peer_that_never_takes_the_rest_is_given_up(void **state)
{
    (void)state;
    offer_bytes(20000);
    w.close_when_sent = true;
    connect_from(50000, 1000);
    pass(9 * SECOND);
    send_segment(ACK, w.seq, w.ack + 10, NULL, 0); /* a very slow round trip */
    pass(62 * SECOND);
    assert_int_equal(UINT64_MAX, net_next(w.net));
    assert_int_equal(0, w.ended);
}

/* All three were found by fuzz_slip, as broken assertions of lwIP. */
static void an_acknowledgement_behind_a_shrunken_window_is_survived(void **state)
{
    (void)state;
    offer_bytes(4000);
    connect_from(50000, 1000);
    w.segments = 0;
    pass(4 * SECOND); /* sent again */
    size_t first = w.segment[0].n;
    w.window = 256;
    send_segment(ACK, w.seq, w.ack + (uint32_t)first, NULL, 0); /* the rest does not fit: lwIP's persist timer starts */
    send_segment(ACK, w.seq, w.ack + 4000, NULL, 0);            /* but had arrived the first time */
    pass(20 * SECOND);
    assert_int_equal(4000, w.acked);
    assert_int_equal(0, w.ended);
}

static void options_behind_the_syn_do_not_count(void **state)
{
    (void)state;
    uint8_t f[1500];
    connect_from(50000, 1000);
    w.window = 100;
    send_data("o", 1);
    send_data("h", 1); /* only a new sequence number can shrink a window */
    offer_bytes(3000);
    push(w.stream); /* a full segment waits for the window */
    send_raw(f, make_tcp_with(f, 4, PSH | ACK, w.seq, w.ack, "\2\4\0\20" "hi", 6)); /* MSS 16 */
    assert_string_equal("ohhi", buf_text(&w.got));
    w.seq += 2;
    offer_bytes(1000);
    push(w.stream);
    w.window = 8 * MSS;
    w.segments = 0;
    send_segment(ACK, w.seq, w.ack, NULL, 0);
    assert_int_equal(MSS, w.segment[0].n);
}

static void a_tiny_segment_size_is_not_granted(void **state)
{
    (void)state;
    uint8_t f[1500];
    offer_bytes(1000);
    w.port = 50000;
    send_raw(f, make_tcp_with(f, 4, SYN, 1000, 0, "\2\4\0\1", 4));
    w.seq = 1001;
    w.ack = last()->seq + 1;
    w.segments = 0;
    send_segment(ACK, w.seq, w.ack, NULL, 0);
    assert_int_equal(64, w.segment[0].n);
}

/* The device lost its memory and draws the same port: RFC 9293, 3.5.1. No time passes. */
static void a_rebooted_device_connects_at_once_from_the_same_port(void **state)
{
    (void)state;
    connect_from(50000, 1000);
    uint32_t expects = w.seq;
    w.segments = 0;
    send_segment(SYN, 777777, 0, NULL, 0);
    assert_int_equal(ACK, last()->flags);
    assert_int_equal(expects, last()->ack);
    send_segment(RST, last()->ack, 0, NULL, 0);
    assert_int_equal(1, w.ended);
    assert_int_equal(STREAM_PEER_RESET, w.how);
    connect_from(50000, 777777);
    assert_int_equal(2, w.accepted);
    send_data("hello", 5);
    assert_string_equal("hello", buf_text(&w.got));
    assert_int_equal(0, w.now);
}

static void ports_in_time_wait_are_reused_at_once(void **state)
{
    (void)state;
    connect_from(50000, 1000);
    struct stream *s = w.stream;
    s->ops->close(s);
    assert_true(last()->flags & FIN);
    w.ack++;
    send_segment(FIN | ACK, w.seq, w.ack, NULL, 0);
    assert_int_equal(w.seq + 1, last()->ack);
    connect_from(50000, w.seq + 10); /* within the old window, which lwIP alone answers with a reset */
    assert_int_equal(2, w.accepted);
    assert_int_equal(0, w.now);
}

static void many_half_open_connections_do_not_shut_the_door(void **state)
{
    (void)state;
    for (uint16_t port = 1; port <= 60; port++)
        connect_from((uint16_t)(50000 + port), port * 1000u);
    assert_int_equal(60, w.accepted);
    pass(60 * SECOND);
    assert_int_equal(60, w.ended);
    connect_from(51000, 5);
    assert_int_equal(61, w.accepted);
}

static void a_cut_wire_swallows_both_directions(void **state)
{
    (void)state;
    static const struct shape down = {.way = {{.down = true}, {.down = true}}};
    connect_from(50000, 1000);
    net_shape(w.net, &down);
    size_t before = w.wire.size;
    w.stream->ops->write(w.stream, "lost", 4);
    send_segment(PSH | ACK, w.seq, w.ack, "lost too", 8);
    pass(3 * SECOND);
    assert_int_equal(before, w.wire.size);
    assert_int_equal(0, w.got.size);
    net_shape(w.net, &(struct shape){0});
    pass(20 * SECOND);
    assert_int_equal(4, last()->n); /* sent again */
    assert_memory_equal("lost", last()->data, 4);
    send_segment(PSH | ACK, w.seq, w.ack + 4, "again", 5);
    assert_string_equal("again", buf_text(&w.got));
    assert_int_equal(4, w.acked);
}

/* The tick at which a lost segment is sent again depends on nothing but the time of the connection. */
static void timers_run_exactly_when_asked_for(void **state)
{
    (void)state;
    w.now = 123456789;
    connect_from(50000, 1000);
    assert_int_equal(123456789 + 250 * MS, net_next(w.net));
    w.stream->ops->write(w.stream, "x", 1);
    size_t first = w.segments;
    net_tick(w.net, 123456789 + 250 * MS - 1);
    assert_int_equal(123456789 + 250 * MS, net_next(w.net));
    w.now = 123456789 + 250 * MS;
    net_tick(w.net, w.now);
    assert_int_equal(123456789 + 500 * MS, net_next(w.net));
    pass(5 * SECOND);
    assert_true(w.segments > first);
}

static void script(void)
{
    offer_bytes(30000);
    w.now = 1234567;
    connect_from(50000, 1000);
    pass(700 * MS); /* a slow round trip, from which the timeouts of the next segments follow */
    send_segment(ACK, w.seq, w.ack + 1, NULL, 0);
    pass(9 * SECOND);
    struct buf in = receive(30000, 5);
    buf_free(&in);
    w.stream->ops->close(w.stream);
    pass(3 * SECOND);
    connect_from(50001, 99);
    send_data("bye", 3);
    pass(SECOND);
}

/* Whatever ran before in this process. */
static void same_inputs_same_bytes(void **state)
{
    (void)state;
    script();
    struct buf first = w.wire;
    w.wire = (struct buf){0};
    stop();
    start(2, 576);
    offer_bytes(20000);
    connect_from(40000, 5);
    struct buf in = receive(7000, 3);
    buf_free(&in);
    stop();
    start(1, 1500);
    script();
    assert_int_equal(first.size, w.wire.size);
    assert_memory_equal(first.data, w.wire.data, first.size);
    stop();
    start(3, 1500);
    script();
    assert_false(first.size == w.wire.size && memcmp(first.data, w.wire.data, first.size) == 0); /* another seed */
    buf_free(&first);
}

static void a_second_stack_is_refused(void **state)
{
    (void)state;
    static const struct stream_handler handler = {NULL, accepted, received, writable, ended};
    struct net_config c = {.rig = {10, 0, 0, 1}, .device = {10, 0, 0, 2}, .port = 80, .mtu = 1500, .seed = 1, .send = on_send,
                           .noise = on_noise};
    struct err e = {0};
    assert_null(net_new(&c, &handler, &e));
    assert_int_equal(RIG_EINTERNAL, e.code);
    struct net *kept = w.net;
    net_free(kept);
    c.mtu = 20;
    e = (struct err){0};
    assert_null(net_new(&c, &handler, &e));
    assert_non_null(strstr(e.text, "MTU"));
    w.net = NULL;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_datagram_survives_framing_at_any_split),
        TEST(spoiled_frames_are_told_once_and_dropped),
        TEST(what_is_no_datagram_for_us_is_told_and_dropped),
        TEST(a_ping_is_answered),
        TEST(a_request_is_heard),
        TEST(bytes_arrive_whole_and_in_order),
        TEST(bytes_arrive_over_a_link_that_loses),
        TEST(segments_keep_to_the_mtu),
        TEST(a_write_takes_no_more_than_the_room),
        TEST(single_bytes_are_all_taken_in_the_end),
        TEST(close_ends_behind_the_last_byte),
        TEST(reset_is_an_rst_behind_the_acknowledged_bytes),
        TEST(the_peers_end_is_told),
        TEST(a_silent_peer_is_given_up_and_nothing_ticks_on),
        TEST(a_silent_peer_in_mid_download_is_given_up),
        TEST(a_peer_that_never_takes_the_rest_is_given_up),
        TEST(an_acknowledgement_behind_a_shrunken_window_is_survived),
        TEST(options_behind_the_syn_do_not_count),
        TEST(a_tiny_segment_size_is_not_granted),
        TEST(a_rebooted_device_connects_at_once_from_the_same_port),
        TEST(ports_in_time_wait_are_reused_at_once),
        TEST(many_half_open_connections_do_not_shut_the_door),
        TEST(a_cut_wire_swallows_both_directions),
        TEST(timers_run_exactly_when_asked_for),
        TEST(same_inputs_same_bytes),
        TEST(a_second_stack_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
