/* SPDX-License-Identifier: GPL-3.0-or-later
 * A small TCP peer of the rig's stack, written by hand, so that each segment can be lost, repeated or forged; and an application above. */
#ifndef TESTS_NET_PEER_H
#define TESTS_NET_PEER_H
#include "base/buf.h"
#include "base/stream.h"
#include "net/net.h"
#include "net/slip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, SEGMENTS = 256, MSS = 1460 };
#define MS UINT64_C(1000000)
#define SECOND (1000 * MS)

struct net_peer_segment {
    uint8_t flags;
    uint32_t seq, ack;
    size_t n;
    uint8_t data[1500];
};

/* One world: the net, the application above it, and the peer. */
extern struct net_peer {
    struct net *net;
    uint64_t now;
    struct buf wire; /* every byte the net ever sent, and when */
    struct slip slip;
    struct net_peer_segment segment[SEGMENTS];
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
} net_peer;

void net_peer_put16(uint8_t *p, uint32_t x);
uint16_t net_peer_checksum(const uint8_t *p, size_t n, uint32_t sum);
void net_peer_noise(void *ctx, const char *what);
void net_peer_sent(void *ctx, const uint8_t *bytes, size_t n);
void net_peer_raw(const uint8_t *datagram, size_t n);
size_t net_peer_make_ip(uint8_t *f, uint8_t protocol, size_t n);
/* data may begin with 4 bytes of options: then options is 4. */
size_t net_peer_make_tcp_with(uint8_t *f, size_t options, uint8_t flags, uint32_t seq, uint32_t ack, const void *data, size_t n);
size_t net_peer_make_tcp(uint8_t *f, uint8_t flags, uint32_t seq, uint32_t ack, const void *data, size_t n);
void net_peer_segment(uint8_t flags, uint32_t seq, uint32_t ack, const void *data, size_t n);
void net_peer_say(const void *data, size_t n);
const struct net_peer_segment *net_peer_last(void);
void net_peer_connect(uint16_t port, uint32_t isn);
/* Runs the net's timers up to a time, one after the other. */
void net_peer_pass(uint64_t ns);
void net_peer_push(struct stream *s); /* the application writes what it has and the stream takes */
extern const struct stream_handler net_peer_handler; /* the application */
void net_peer_start(uint64_t seed, uint16_t mtu);
void net_peer_stop(void);
int net_peer_setup(void **state);
int net_peer_teardown(void **state);
void net_peer_offer(size_t n);
/* Receives like a client does: acknowledges what is in order, loses every lose-th data segment (0: none). The bytes are the caller's. */
struct buf net_peer_receive(size_t n, unsigned lose);
#define NET_PEER_CLAIM(f) cmocka_unit_test_setup_teardown(f, net_peer_setup, net_peer_teardown)

#endif
