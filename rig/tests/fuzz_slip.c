/* SPDX-License-Identifier: GPL-3.0-or-later
 * Fuzz target: what a device can put on the SLIP line. An even first byte: the rest is the line itself. An odd one: the rest is read as a
 * script of TCP segments that get right lengths and checksums, so that lwIP and the streams see them. The second bit of that byte makes the
 * link a bad one. */
#include "base/buf.h"
#include "base/shape.h"
#include "base/stream.h"
#include "net/net.h"
#include "net/slip.h"

#include <stdlib.h>
#include <string.h>

enum { STEP = 8, OPTIONS_MOST = 40, DATA_MOST = 255, TICKS_MOST = 2000 };
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct {
    struct net *net;
    struct slip slip;
    uint64_t now;
    uint32_t seq, ack; /* what a sane peer would send next */
    uint8_t act;       /* of the application */
} w;

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put32(uint8_t *p, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(x >> (24 - 8 * i));
}

static void put_checksum(uint8_t *at, const uint8_t *p, size_t n, uint32_t sum)
{
    for (size_t i = 0; i < n; i++)
        sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    at[0] = (uint8_t)(~sum >> 8);
    at[1] = (uint8_t)~sum;
}

static void on_frame(void *ctx, const uint8_t *f, size_t n)
{
    (void)ctx;
    if (n >= 40 && f[9] == 6) {
        w.ack = be32(f + 24) + (uint32_t)(n - 20 - (size_t)(f[32] >> 4) * 4) + !!(f[33] & 3);
        w.seq = be32(f + 28);
    }
}

static void on_noise(void *ctx, const char *what)
{
    (void)ctx;
    if (!*what)
        abort();
}

static void on_send(void *ctx, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    slip_receive(&w.slip, bytes, n);
}

/* The application answers, closes or resets, as the script says. */
static void act(struct stream *s)
{
    static const uint8_t answer[3000] = {1};
    if (w.act & 1)
        s->ops->write(s, answer, sizeof answer);
    if (w.act & 2)
        s->ops->close(s);
    else if (w.act & 4)
        s->ops->reset(s);
}

static void accepted(void *ctx, struct stream *s)
{
    (void)ctx;
    if (w.act & 8)
        act(s);
}

static void received(void *ctx, struct stream *s, const void *p, size_t n)
{
    (void)ctx;
    (void)p;
    if (!n)
        abort();
    act(s);
}

static void writable(void *ctx, struct stream *s, size_t acked)
{
    (void)ctx;
    (void)acked;
    if (w.act & 16)
        act(s);
}

static void ended(void *ctx, struct stream *s, enum stream_end how)
{
    (void)ctx;
    (void)s;
    (void)how;
}

static void send_datagram(const uint8_t *f, size_t n)
{
    struct buf b = {0};
    slip_encode(f, n, &b);
    net_receive(w.net, (const uint8_t *)b.data, b.size, w.now);
    buf_free(&b);
}

/* One step of the script: flags, sequence offset, acknowledgement offset, port, options, data, application, time. */
static void segment(const uint8_t *step, const uint8_t *options, size_t option_bytes)
{
    uint8_t f[60 + OPTIONS_MOST + DATA_MOST] = {0x45, 0, 0, 0, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1};
    size_t header = 20 + option_bytes, n = 20 + header + step[5];
    f[2] = (uint8_t)(n >> 8);
    f[3] = (uint8_t)n;
    put_checksum(f + 10, f, 20, 0);
    f[20] = 200;
    f[21] = step[3] & 3;
    f[23] = 80;
    put32(f + 24, w.seq + (uint32_t)(int8_t)step[1]);
    put32(f + 28, w.ack + (uint32_t)(int8_t)step[2]);
    f[32] = (uint8_t)(header / 4 << 4);
    f[33] = step[0] & 0x3f;
    f[34] = step[3];
    memcpy(f + 40, options, option_bytes);
    put_checksum(f + 36, f + 12, n - 12, 6 + (uint32_t)(n - 20));
    w.act = step[6];
    send_datagram(f, n);
    w.now += (uint64_t)step[7] * step[7] * 1000000;
    net_tick(w.net, w.now);
}

static void play(const uint8_t *data, size_t n)
{
    while (n >= STEP) {
        size_t options = data[4] % (OPTIONS_MOST / 4 + 1) * 4;
        if (options > n - STEP)
            options = 0;
        segment(data, data + STEP, options);
        data += STEP + options;
        n -= STEP + options;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct stream_handler handler = {NULL, accepted, received, writable, ended};
    static const struct shape bad = {.way = {{.mtu = 576, .corrupt = {2000, 0}, .checksum_fixed = true, .duplicate = {1000, 0}},
                                             {.mtu = 576, .corrupt = {2000, 0}, .checksum_fixed = true, .delay_ns = 5000000}}};
    struct net_config c = {.rig = {10, 0, 0, 1}, .device = {10, 0, 0, 2}, .port = 80, .mtu = 1500, .seed = 1, .send = on_send,
                           .noise = on_noise};
    if (n < 1)
        return 0;
    memset(&w, 0, sizeof w);
    w.slip = (struct slip){.most = 1500, .told = on_frame, .noise = on_noise};
    w.net = net_new(&c, &handler, NULL);
    if (data[0] & 2)
        net_shape(w.net, &bad);
    if (data[0] & 1)
        play(data + 1, n - 1);
    else
        net_receive(w.net, data + 1, n - 1, 0);
    for (int i = 0; net_next(w.net) != UINT64_MAX; i++) {
        net_tick(w.net, net_next(w.net));
        if (i > TICKS_MOST)
            abort(); /* a dead peer's connections must be given up */
    }
    net_free(w.net);
    slip_free(&w.slip);
    return 0;
}
