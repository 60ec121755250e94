/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net_peer.h"

#include "base/err.h"

#include <stdio.h>
#include <string.h>

struct net_peer net_peer;

/* --- the peer's side of the wire --- */

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void net_peer_put16(uint8_t *p, uint32_t x)
{
    p[0] = (uint8_t)(x >> 8);
    p[1] = (uint8_t)x;
}

static void put32(uint8_t *p, uint32_t x)
{
    net_peer_put16(p, x >> 16);
    net_peer_put16(p + 2, x);
}

uint16_t net_peer_checksum(const uint8_t *p, size_t n, uint32_t sum)
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
    assert_int_equal(0, net_peer_checksum(f, 20, 0));
    if (f[9] == 1) {
        net_peer.pings++;
        return;
    }
    assert_int_equal(0, net_peer_checksum(f + 12, n - 12, 6 + (uint32_t)(n - 20)));
    if (net_peer.segments == SEGMENTS)
        return;
    struct net_peer_segment *s = &net_peer.segment[net_peer.segments++];
    size_t header = (size_t)(f[20 + 12] >> 4) * 4;
    *s = (struct net_peer_segment){.flags = f[20 + 13] & 0x1f, .seq = be32(f + 24), .ack = be32(f + 28), .n = n - 20 - header};
    memcpy(s->data, f + 20 + header, s->n);
    if (s->flags & FIN) {
        net_peer.fins++;
        net_peer.fin_at = s->seq + (uint32_t)s->n;
    }
}

void net_peer_noise(void *ctx, const char *what)
{
    (void)ctx;
    net_peer.noises++;
    snprintf(net_peer.noise, sizeof net_peer.noise, "%s", what);
}

void net_peer_sent(void *ctx, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    assert_int_equal(0xc0, bytes[0]);
    assert_int_equal(0xc0, bytes[n - 1]);
    buf_add(&net_peer.wire, &net_peer.now, sizeof net_peer.now);
    buf_add(&net_peer.wire, bytes, n);
    slip_receive(&net_peer.slip, bytes, n);
}

void net_peer_raw(const uint8_t *datagram, size_t n)
{
    struct buf b = {0};
    slip_encode(datagram, n, &b);
    net_receive(net_peer.net, (const uint8_t *)b.data, b.size, net_peer.now);
    buf_free(&b);
}

size_t net_peer_make_ip(uint8_t *f, uint8_t protocol, size_t n)
{
    static const uint8_t addresses[8] = {10, 0, 0, 2, 10, 0, 0, 1};
    memset(f, 0, 20);
    f[0] = 0x45;
    net_peer_put16(f + 2, (uint32_t)(20 + n));
    f[8] = 64;
    f[9] = protocol;
    memcpy(f + 12, addresses, 8);
    net_peer_put16(f + 10, net_peer_checksum(f, 20, 0));
    return 20 + n;
}

/* data may begin with 4 bytes of options: then options is 4. */
size_t net_peer_make_tcp_with(uint8_t *f, size_t options, uint8_t flags, uint32_t seq, uint32_t ack, const void *data, size_t n)
{
    memset(f + 20, 0, 20);
    net_peer_put16(f + 20, net_peer.port);
    net_peer_put16(f + 22, 80);
    put32(f + 24, seq);
    put32(f + 28, ack);
    f[32] = (uint8_t)((20 + options) / 4 << 4);
    f[33] = flags;
    net_peer_put16(f + 34, net_peer.window);
    if (n)
        memcpy(f + 40, data, n);
    size_t size = net_peer_make_ip(f, 6, 20 + n);
    net_peer_put16(f + 36, net_peer_checksum(f + 12, size - 12, 6 + (uint32_t)(20 + n)));
    return size;
}

size_t net_peer_make_tcp(uint8_t *f, uint8_t flags, uint32_t seq, uint32_t ack, const void *data, size_t n)
{
    return net_peer_make_tcp_with(f, 0, flags, seq, ack, data, n);
}

void net_peer_segment(uint8_t flags, uint32_t seq, uint32_t ack, const void *data, size_t n)
{
    uint8_t f[1500];
    net_peer_raw(f, net_peer_make_tcp(f, flags, seq, ack, data, n));
}

void net_peer_say(const void *data, size_t n)
{
    net_peer_segment(PSH | ACK, net_peer.seq, net_peer.ack, data, n);
    net_peer.seq += (uint32_t)n;
}

const struct net_peer_segment *net_peer_last(void)
{
    assert_true(net_peer.segments > 0);
    return &net_peer.segment[net_peer.segments - 1];
}

void net_peer_connect(uint16_t port, uint32_t isn)
{
    uint8_t f[1500];
    net_peer.port = port;
    net_peer.segments = 0;
    net_peer_raw(f, net_peer_make_tcp_with(f, 4, SYN, isn, 0, "\2\4\5\264", 4)); /* MSS 1460 */
    assert_int_equal(SYN | ACK, net_peer_last()->flags);
    assert_int_equal(isn + 1, net_peer_last()->ack);
    net_peer.seq = isn + 1;
    net_peer.ack = net_peer_last()->seq + 1;
    net_peer.segments = 0;
    net_peer_segment(ACK, net_peer.seq, net_peer.ack, NULL, 0);
}

/* Runs the net's timers up to a time, one after the other. */
void net_peer_pass(uint64_t ns)
{
    uint64_t until = net_peer.now + ns;
    while (net_next(net_peer.net) <= until) {
        net_peer.now = net_next(net_peer.net);
        net_tick(net_peer.net, net_peer.now);
    }
    net_peer.now = until;
    net_tick(net_peer.net, net_peer.now);
}

/* --- the application's side --- */

void net_peer_push(struct stream *s)
{
    while (net_peer.written < net_peer.send.size) {
        size_t n = s->ops->write(s, net_peer.send.data + net_peer.written, net_peer.send.size - net_peer.written);
        net_peer.written += n;
        if (!n)
            return;
    }
    if (net_peer.close_when_sent && net_peer.send.size) {
        net_peer.close_when_sent = false;
        net_peer.stream = NULL;
        s->ops->close(s);
    }
}

static void accepted(void *ctx, struct stream *s)
{
    (void)ctx;
    s->user = &net_peer;
    net_peer.stream = s;
    net_peer.accepted++;
    net_peer_push(s);
}

static void received(void *ctx, struct stream *s, const void *p, size_t n)
{
    (void)ctx;
    assert_ptr_equal(&net_peer, s->user);
    buf_add(&net_peer.got, p, n);
}

static void writable(void *ctx, struct stream *s, size_t acked)
{
    (void)ctx;
    net_peer.acked += acked;
    net_peer_push(s);
    if (net_peer.reset_when_acked && net_peer.acked == net_peer.send.size) {
        net_peer.stream = NULL;
        s->ops->reset(s);
    }
}

static void ended(void *ctx, struct stream *s, enum stream_end how)
{
    (void)ctx;
    net_peer.ended++;
    net_peer.how = how;
    if (net_peer.stream == s)
        net_peer.stream = NULL;
}

const struct stream_handler net_peer_handler = {NULL, accepted, received, writable, ended};

void net_peer_start(uint64_t seed, uint16_t mtu)
{
    struct net_config c = {.rig = {10, 0, 0, 1}, .device = {10, 0, 0, 2}, .port = 80, .mtu = mtu, .seed = seed, .send = net_peer_sent,
                           .noise = net_peer_noise};
    struct err e = {0};
    memset(&net_peer, 0, sizeof net_peer);
    net_peer.slip = (struct slip){.most = 1500, .told = on_frame, .noise = net_peer_noise};
    net_peer.window = 8 * MSS;
    net_peer.net = net_new(&c, &net_peer_handler, &e);
    assert_non_null(net_peer.net);
}

void net_peer_stop(void)
{
    net_free(net_peer.net);
    buf_free(&net_peer.wire);
    buf_free(&net_peer.got);
    buf_free(&net_peer.send);
    slip_free(&net_peer.slip);
    net_peer.net = NULL;
}

int net_peer_setup(void **state)
{
    (void)state;
    net_peer_start(1, 1500);
    return 0;
}

int net_peer_teardown(void **state)
{
    (void)state;
    net_peer_stop();
    return 0;
}

void net_peer_offer(size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_char(&net_peer.send, (char)(i * 31 + i / 251));
}

/* Receives like a client does: acknowledges what is in order, loses every lose-th data segment. Returns the bytes. */
struct buf net_peer_receive(size_t n, unsigned lose)
{
    struct buf in = {0};
    unsigned seen = 0, idle = 0;
    while (in.size < n && idle < 1000) {
        size_t count = net_peer.segments;
        bool any = false;
        for (size_t i = 0; i < count; i++) {
            const struct net_peer_segment *s = &net_peer.segment[i];
            if (s->n == 0 || (lose && ++seen % lose == 0))
                continue;
            any = true;
            if (s->seq == net_peer.ack) {
                buf_add(&in, s->data, s->n);
                net_peer.ack += (uint32_t)s->n;
            }
        }
        memmove(net_peer.segment, net_peer.segment + count, (net_peer.segments - count) * sizeof net_peer.segment[0]);
        net_peer.segments -= count;
        if (any)
            net_peer_segment(ACK, net_peer.seq, net_peer.ack, NULL, 0);
        else
            net_peer_pass(250 * MS);
        idle = any ? 0 : idle + 1;
    }
    return in;
}
