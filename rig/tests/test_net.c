/* SPDX-License-Identifier: GPL-3.0-or-later
 * The rig's TCP/IP stack: what it answers, how bytes travel, and how connections end. */
#include "net_peer.h"

#include <string.h>

static void what_is_no_datagram_for_us_is_told_and_dropped(void **state)
{
    (void)state;
    static const struct { size_t at; uint8_t value; const char *why; } bad[] = {
        {0, 0x65, "not IPv4"}, {0, 0x44, "lengths"}, {2, 1, "lengths"}, {8, 63, "header checksum"},
        {33, SYN | ACK, "TCP: wrong checksum"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t f[1500];
        size_t n = net_peer_make_tcp(f, SYN, 1, 0, NULL, 0);
        f[bad[i].at] = bad[i].value;
        net_peer_raw(f, n);
        assert_int_equal(i + 1, net_peer.noises);
        if (!strstr(net_peer.noise, bad[i].why))
            fail_msg("'%s' is not about %s", net_peer.noise, bad[i].why);
    }
    uint8_t f[64] = {0};
    net_peer_raw(f, 12);
    assert_non_null(strstr(net_peer.noise, "shorter"));
    net_peer_make_ip(f, 17, 8);
    net_peer_raw(f, 28);
    assert_non_null(strstr(net_peer.noise, "neither"));
    f[19] = 9;
    net_peer_put16(f + 10, 0);
    net_peer_put16(f + 10, net_peer_checksum(f, 20, 0));
    net_peer_raw(f, 28);
    assert_non_null(strstr(net_peer.noise, "another address"));
    assert_int_equal(0, net_peer.segments);
    assert_int_equal(UINT64_MAX, net_next(net_peer.net));
}

static void a_ping_is_answered(void **state)
{
    (void)state;
    uint8_t f[64] = {0};
    f[20] = 8;
    net_peer_put16(f + 22, net_peer_checksum(f + 20, 16, 0));
    net_peer_raw(f, net_peer_make_ip(f, 1, 16));
    assert_int_equal(1, net_peer.pings);
}

static void a_request_is_heard(void **state)
{
    (void)state;
    net_peer_connect(50000, 1000);
    assert_int_equal(1, net_peer.accepted);
    net_peer_say("GET ", 4);
    net_peer_say("/x", 2);
    assert_string_equal("GET /x", buf_text(&net_peer.got));
    net_peer_pass(SECOND);
    assert_int_equal(net_peer.seq, net_peer_last()->ack);
}

static void bytes_arrive_whole_and_in_order(void **state)
{
    (void)state;
    net_peer_offer(100000);
    net_peer_connect(50000, 1000);
    struct buf in = net_peer_receive(100000, 0);
    assert_int_equal(100000, in.size);
    assert_memory_equal(net_peer.send.data, in.data, in.size);
    assert_int_equal(100000, net_peer.acked);
    assert_int_equal(0, net_peer.now); /* not a single timer was needed */
    buf_free(&in);
}

static void bytes_arrive_over_a_link_that_loses(void **state)
{
    (void)state;
    net_peer_offer(60000);
    net_peer_connect(50000, 1000);
    struct buf in = net_peer_receive(60000, 7);
    assert_int_equal(60000, in.size);
    assert_memory_equal(net_peer.send.data, in.data, in.size);
    assert_int_equal(60000, net_peer.acked);
    buf_free(&in);
}

static void segments_keep_to_the_mtu(void **state)
{
    (void)state;
    net_peer_stop();
    net_peer_start(1, 576);
    net_peer_offer(5000);
    net_peer_connect(50000, 1000);
    assert_true(net_peer.segments > 0);
    for (size_t i = 0; i < net_peer.segments; i++)
        assert_true(net_peer.segment[i].n <= 536);
    assert_int_equal(536, net_peer.segment[0].n);
}

static void a_write_takes_no_more_than_the_room(void **state)
{
    (void)state;
    static uint8_t much[100000];
    net_peer_connect(50000, 1000);
    size_t room = net_peer.stream->ops->room(net_peer.stream);
    assert_in_range(room, MSS, sizeof much);
    assert_int_equal(room, net_peer.stream->ops->write(net_peer.stream, much, sizeof much));
    assert_int_equal(0, net_peer.stream->ops->room(net_peer.stream));
    assert_int_equal(0, net_peer.stream->ops->write(net_peer.stream, much, 1));
}

/* A server that drips fills the queue of segments long before the buffer. */
static void single_bytes_are_all_taken_in_the_end(void **state)
{
    (void)state;
    net_peer_connect(50000, 1000);
    size_t sent = 0;
    struct buf in = {0};
    for (unsigned i = 0; i < 2000 && sent < 500; i++) {
        uint8_t byte = (uint8_t)sent;
        sent += net_peer.stream->ops->write(net_peer.stream, &byte, 1);
        if (i % 3 == 2) {
            struct buf more = net_peer_receive(1, 0);
            buf_add(&in, more.data, more.size);
            buf_free(&more);
        }
    }
    while (in.size < sent) {
        struct buf more = net_peer_receive(1, 0);
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
    net_peer_offer(4000);
    net_peer.close_when_sent = true;
    net_peer_connect(50000, 1000);
    uint32_t end = net_peer.ack + 4000;
    struct buf in = net_peer_receive(4000, 0);
    assert_int_equal(4000, in.size);
    assert_int_equal(1, net_peer.fins);
    assert_int_equal(end, net_peer.fin_at);
    buf_free(&in);
}

static void reset_is_an_rst_behind_the_acknowledged_bytes(void **state)
{
    (void)state;
    net_peer_offer(3000);
    net_peer.reset_when_acked = true;
    net_peer_connect(50000, 1000);
    struct buf in = net_peer_receive(3000, 0);
    assert_int_equal(3000, in.size);
    assert_true(net_peer_last()->flags & RST);
    assert_int_equal(net_peer.ack, net_peer_last()->seq);
    assert_int_equal(0, net_peer.ended); /* it was our own doing */
    buf_free(&in);
}

static void the_peers_end_is_told(void **state)
{
    (void)state;
    net_peer_connect(50000, 1000);
    net_peer_segment(FIN | ACK, net_peer.seq, net_peer.ack, NULL, 0);
    assert_int_equal(1, net_peer.ended);
    assert_int_equal(STREAM_PEER_CLOSED, net_peer.how);
    assert_true(net_peer_last()->flags & FIN); /* and answered */
    net_peer_connect(50001, 9000);
    net_peer_segment(RST, net_peer.seq, 0, NULL, 0);
    assert_int_equal(2, net_peer.ended);
    assert_int_equal(STREAM_PEER_RESET, net_peer.how);
}

static void a_silent_peer_is_given_up_and_nothing_ticks_on(void **state)
{
    (void)state;
    net_peer_connect(50000, 1000);
    net_peer_pass(40 * SECOND);
    assert_int_equal(0, net_peer.ended);
    net_peer_pass(8 * SECOND);
    assert_int_equal(1, net_peer.ended);
    assert_int_equal(STREAM_TIMED_OUT, net_peer.how);
    assert_int_equal(UINT64_MAX, net_next(net_peer.net));
}

static void a_silent_peer_in_mid_download_is_given_up(void **state)
{
    (void)state;
    net_peer_offer(50000);
    net_peer_connect(50000, 1000);
    net_peer_pass(300 * SECOND);
    assert_int_equal(1, net_peer.ended);
    assert_int_equal(STREAM_TIMED_OUT, net_peer.how);
    assert_int_equal(UINT64_MAX, net_next(net_peer.net));
}

static void a_peer_that_never_takes_the_rest_is_given_up(void **state)
{
    (void)state;
    net_peer_offer(20000);
    net_peer.close_when_sent = true;
    net_peer_connect(50000, 1000);
    net_peer_pass(9 * SECOND);
    net_peer_segment(ACK, net_peer.seq, net_peer.ack + 10, NULL, 0); /* a very slow round trip */
    net_peer_pass(62 * SECOND);
    assert_int_equal(UINT64_MAX, net_next(net_peer.net));
    assert_int_equal(0, net_peer.ended);
}

/* All three were found by fuzz_slip, as broken assertions of lwIP. */
static void an_acknowledgement_behind_a_shrunken_window_is_survived(void **state)
{
    (void)state;
    net_peer_offer(4000);
    net_peer_connect(50000, 1000);
    net_peer.segments = 0;
    net_peer_pass(4 * SECOND); /* sent again */
    size_t first = net_peer.segment[0].n;
    net_peer.window = 256;
    net_peer_segment(ACK, net_peer.seq, net_peer.ack + (uint32_t)first, NULL, 0); /* the rest does not fit: lwIP's persist timer starts */
    net_peer_segment(ACK, net_peer.seq, net_peer.ack + 4000, NULL, 0);            /* but had arrived the first time */
    net_peer_pass(20 * SECOND);
    assert_int_equal(4000, net_peer.acked);
    assert_int_equal(0, net_peer.ended);
}

static void options_behind_the_syn_do_not_count(void **state)
{
    (void)state;
    uint8_t f[1500];
    net_peer_connect(50000, 1000);
    net_peer.window = 100;
    net_peer_say("o", 1);
    net_peer_say("h", 1); /* only a new sequence number can shrink a window */
    net_peer_offer(3000);
    net_peer_push(net_peer.stream); /* a full segment waits for the window */
    net_peer_raw(f, net_peer_make_tcp_with(f, 4, PSH | ACK, net_peer.seq, net_peer.ack, "\2\4\0\20" "hi", 6)); /* MSS 16 */
    assert_string_equal("ohhi", buf_text(&net_peer.got));
    net_peer.seq += 2;
    net_peer_offer(1000);
    net_peer_push(net_peer.stream);
    net_peer.window = 8 * MSS;
    net_peer.segments = 0;
    net_peer_segment(ACK, net_peer.seq, net_peer.ack, NULL, 0);
    assert_int_equal(MSS, net_peer.segment[0].n);
}

static void a_tiny_segment_size_is_not_granted(void **state)
{
    (void)state;
    uint8_t f[1500];
    net_peer_offer(1000);
    net_peer.port = 50000;
    net_peer_raw(f, net_peer_make_tcp_with(f, 4, SYN, 1000, 0, "\2\4\0\1", 4));
    net_peer.seq = 1001;
    net_peer.ack = net_peer_last()->seq + 1;
    net_peer.segments = 0;
    net_peer_segment(ACK, net_peer.seq, net_peer.ack, NULL, 0);
    assert_int_equal(64, net_peer.segment[0].n);
}

/* The device lost its memory and draws the same port: RFC 9293, 3.5.1. No time passes. */
int main(void)
{
    const struct CMUnitTest tests[] = {
        NET_PEER_CLAIM(what_is_no_datagram_for_us_is_told_and_dropped),
        NET_PEER_CLAIM(a_ping_is_answered),
        NET_PEER_CLAIM(a_request_is_heard),
        NET_PEER_CLAIM(bytes_arrive_whole_and_in_order),
        NET_PEER_CLAIM(bytes_arrive_over_a_link_that_loses),
        NET_PEER_CLAIM(segments_keep_to_the_mtu),
        NET_PEER_CLAIM(a_write_takes_no_more_than_the_room),
        NET_PEER_CLAIM(single_bytes_are_all_taken_in_the_end),
        NET_PEER_CLAIM(close_ends_behind_the_last_byte),
        NET_PEER_CLAIM(reset_is_an_rst_behind_the_acknowledged_bytes),
        NET_PEER_CLAIM(the_peers_end_is_told),
        NET_PEER_CLAIM(a_silent_peer_is_given_up_and_nothing_ticks_on),
        NET_PEER_CLAIM(a_silent_peer_in_mid_download_is_given_up),
        NET_PEER_CLAIM(a_peer_that_never_takes_the_rest_is_given_up),
        NET_PEER_CLAIM(an_acknowledgement_behind_a_shrunken_window_is_survived),
        NET_PEER_CLAIM(options_behind_the_syn_do_not_count),
        NET_PEER_CLAIM(a_tiny_segment_size_is_not_granted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
