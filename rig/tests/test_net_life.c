/* SPDX-License-Identifier: GPL-3.0-or-later
 * The rig's TCP/IP stack over time: devices that reboot, ports that come again, a wire that is cut, timers, and the same bytes. */
#include "net_peer.h"

#include "base/err.h"
#include "base/shape.h"

#include <string.h>

static void a_rebooted_device_connects_at_once_from_the_same_port(void **state)
{
    (void)state;
    net_peer_connect(50000, 1000);
    uint32_t expects = net_peer.seq;
    net_peer.segments = 0;
    net_peer_segment(SYN, 777777, 0, NULL, 0);
    assert_int_equal(ACK, net_peer_last()->flags);
    assert_int_equal(expects, net_peer_last()->ack);
    net_peer_segment(RST, net_peer_last()->ack, 0, NULL, 0);
    assert_int_equal(1, net_peer.ended);
    assert_int_equal(STREAM_PEER_RESET, net_peer.how);
    net_peer_connect(50000, 777777);
    assert_int_equal(2, net_peer.accepted);
    net_peer_say("hello", 5);
    assert_string_equal("hello", buf_text(&net_peer.got));
    assert_int_equal(0, net_peer.now);
}

static void ports_in_time_wait_are_reused_at_once(void **state)
{
    (void)state;
    net_peer_connect(50000, 1000);
    struct stream *s = net_peer.stream;
    s->ops->close(s);
    assert_true(net_peer_last()->flags & FIN);
    net_peer.ack++;
    net_peer_segment(FIN | ACK, net_peer.seq, net_peer.ack, NULL, 0);
    assert_int_equal(net_peer.seq + 1, net_peer_last()->ack);
    net_peer_connect(50000, net_peer.seq + 10); /* within the old window, which lwIP alone answers with a reset */
    assert_int_equal(2, net_peer.accepted);
    assert_int_equal(0, net_peer.now);
}

static void many_half_open_connections_do_not_shut_the_door(void **state)
{
    (void)state;
    for (uint16_t port = 1; port <= 60; port++)
        net_peer_connect((uint16_t)(50000 + port), port * 1000u);
    assert_int_equal(60, net_peer.accepted);
    net_peer_pass(60 * SECOND);
    assert_int_equal(60, net_peer.ended);
    net_peer_connect(51000, 5);
    assert_int_equal(61, net_peer.accepted);
}

static void a_cut_wire_swallows_both_directions(void **state)
{
    (void)state;
    static const struct shape down = {.way = {{.down = true}, {.down = true}}};
    net_peer_connect(50000, 1000);
    net_shape(net_peer.net, &down);
    size_t before = net_peer.wire.size;
    net_peer.stream->ops->write(net_peer.stream, "lost", 4);
    net_peer_segment(PSH | ACK, net_peer.seq, net_peer.ack, "lost too", 8);
    net_peer_pass(3 * SECOND);
    assert_int_equal(before, net_peer.wire.size);
    assert_int_equal(0, net_peer.got.size);
    net_shape(net_peer.net, &(struct shape){0});
    net_peer_pass(20 * SECOND);
    assert_int_equal(4, net_peer_last()->n); /* sent again */
    assert_memory_equal("lost", net_peer_last()->data, 4);
    net_peer_segment(PSH | ACK, net_peer.seq, net_peer.ack + 4, "again", 5);
    assert_string_equal("again", buf_text(&net_peer.got));
    assert_int_equal(4, net_peer.acked);
}

/* The tick at which a lost segment is sent again depends on nothing but the time of the connection. */
static void timers_run_exactly_when_asked_for(void **state)
{
    (void)state;
    net_peer.now = 123456789;
    net_peer_connect(50000, 1000);
    assert_int_equal(123456789 + 250 * MS, net_next(net_peer.net));
    net_peer.stream->ops->write(net_peer.stream, "x", 1);
    size_t first = net_peer.segments;
    net_tick(net_peer.net, 123456789 + 250 * MS - 1);
    assert_int_equal(123456789 + 250 * MS, net_next(net_peer.net));
    net_peer.now = 123456789 + 250 * MS;
    net_tick(net_peer.net, net_peer.now);
    assert_int_equal(123456789 + 500 * MS, net_next(net_peer.net));
    net_peer_pass(5 * SECOND);
    assert_true(net_peer.segments > first);
}

static void script(void)
{
    net_peer_offer(30000);
    net_peer.now = 1234567;
    net_peer_connect(50000, 1000);
    net_peer_pass(700 * MS); /* a slow round trip, from which the timeouts of the next segments follow */
    net_peer_segment(ACK, net_peer.seq, net_peer.ack + 1, NULL, 0);
    net_peer_pass(9 * SECOND);
    struct buf in = net_peer_receive(30000, 5);
    buf_free(&in);
    net_peer.stream->ops->close(net_peer.stream);
    net_peer_pass(3 * SECOND);
    net_peer_connect(50001, 99);
    net_peer_say("bye", 3);
    net_peer_pass(SECOND);
}

/* Whatever ran before in this process. */
static void same_inputs_same_bytes(void **state)
{
    (void)state;
    script();
    struct buf first = net_peer.wire;
    net_peer.wire = (struct buf){0};
    net_peer_stop();
    net_peer_start(2, 576);
    net_peer_offer(20000);
    net_peer_connect(40000, 5);
    struct buf in = net_peer_receive(7000, 3);
    buf_free(&in);
    net_peer_stop();
    net_peer_start(1, 1500);
    script();
    assert_int_equal(first.size, net_peer.wire.size);
    assert_memory_equal(first.data, net_peer.wire.data, first.size);
    net_peer_stop();
    net_peer_start(3, 1500);
    script();
    assert_false(first.size == net_peer.wire.size && memcmp(first.data, net_peer.wire.data, first.size) == 0); /* another seed */
    buf_free(&first);
}

static void a_second_stack_is_refused(void **state)
{
    (void)state;
    struct net_config c = {.rig = {10, 0, 0, 1}, .device = {10, 0, 0, 2}, .port = 80, .mtu = 1500, .seed = 1, .send = net_peer_sent,
                           .noise = net_peer_noise};
    struct err e = {0};
    assert_null(net_new(&c, &net_peer_handler, &e));
    assert_int_equal(RIG_EINTERNAL, e.code);
    struct net *kept = net_peer.net;
    net_free(kept);
    c.mtu = 20;
    e = (struct err){0};
    assert_null(net_new(&c, &net_peer_handler, &e));
    assert_non_null(strstr(e.text, "MTU"));
    net_peer.net = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        NET_PEER_CLAIM(a_rebooted_device_connects_at_once_from_the_same_port),
        NET_PEER_CLAIM(ports_in_time_wait_are_reused_at_once),
        NET_PEER_CLAIM(many_half_open_connections_do_not_shut_the_door),
        NET_PEER_CLAIM(a_cut_wire_swallows_both_directions),
        NET_PEER_CLAIM(timers_run_exactly_when_asked_for),
        NET_PEER_CLAIM(same_inputs_same_bytes),
        NET_PEER_CLAIM(a_second_stack_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
