/* SPDX-License-Identifier: GPL-3.0-or-later
 * lwIP at the rig's end of the SLIP link, its TCP streams, its timers.
 *
 * Method. A trial must not depend on the trials before it in this process, and lwIP keeps its state in static variables. So net_new makes
 * the pools new (lwip_init), sets the tick counter back, draws initial sequence numbers from the net's seed and
 * numbers IP datagrams itself: an identification with an 0xc0 byte costs an escape, and so 11 microseconds on the line.
 */
#include "net/net.h"

#include "base/err.h"
#include "base/rng.h"
#include "base/stream.h"
#include "net/datagram.h"
#include "net/impair.h"
#include "net/slip.h"

#include <lwip/init.h>
#include <lwip/ip.h>
#include <lwip/netif.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/sys.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRAME_MOST = 1500,
    MTU_LEAST = 128,
    HEADERS = DATAGRAM_IP_HEADER + DATAGRAM_TCP_HEADER, TCP_AT_FLAGS = 13,
    KEEP_IDLE_MS = 30000, KEEP_EACH_MS = 5000, KEEP_TIMES = 3, /* a device that is gone without a word: found out in 45 s */
    ORPHAN_MS = 60000, /* a closed stream whose peer never takes the rest; after slow round trips lwIP alone would wait for hours */
    MSS_LEAST = 64, /* a peer may ask for less: 48 bytes of headers for each byte would only flood the line */
    POLL_SLOW_TICKS = 2,
};
#define TICK_NS (TCP_TMR_INTERVAL * UINT64_C(1000000))

struct net_stream {
    struct stream s; /* first: the handler gets a struct stream */
    struct net *net;
    struct tcp_pcb *pcb; /* NULL once the stream is gone */
    bool busy;           /* in a callback of lwIP: freed at its end */
    bool aborted;        /* then lwIP must hear of it */
    bool hungry;         /* a write fell short */
    struct net_stream *next;
};

struct net {
    struct net_config config;
    struct stream_handler handler;
    struct netif netif;
    struct tcp_pcb *listener;
    struct rng rng;
    struct slip slip;
    struct buf out;
    struct net_stream *streams;
    uint64_t now, timer_at; /* ns */
    bool slow, ending;
    struct impair way[SHAPE_WAYS];
    uint16_t ip_id;
};

static struct net *the_net; /* lwIP's hooks have no context */

/* --- what lwIP asks of its host --- */

u32_t sys_now(void)
{
    return (u32_t)(the_net->now / 1000000);
}

uint32_t net_lwip_random(void)
{
    return (uint32_t)rng_u64(&the_net->rng);
}

/* lwIP tells that a connection exists: TCP's timer runs until none does. */
void tcp_timer_needed(void)
{
    if (the_net->timer_at == UINT64_MAX && (tcp_active_pcbs || tcp_tw_pcbs))
        the_net->timer_at = the_net->now + TICK_NS;
}

/* --- datagrams --- */

static err_t output(struct netif *netif, struct pbuf *p, const ip4_addr_t *to)
{
    struct net *n = netif->state;
    uint8_t datagram[FRAME_MOST];
    (void)to;
    if (n->ending || p->tot_len > sizeof datagram)
        return ERR_OK;
    pbuf_copy_partial(p, datagram, p->tot_len, 0);
    datagram_number(datagram, n->ip_id++);
    impair_packet(&n->way[SHAPE_TO_DEVICE], datagram, p->tot_len, n->now);
    return ERR_OK;
}

static void to_device(void *ctx, uint8_t *datagram, size_t size, bool spoilt)
{
    struct net *n = ctx;
    (void)spoilt;
    buf_clear(&n->out);
    slip_encode(datagram, size, &n->out);
    n->config.send(n->config.ctx, (const uint8_t *)n->out.data, n->out.size);
}

/* A new connection may use the ports of one that rests in TIME-WAIT (RFC 9293, 3.6.1); lwIP would let the device wait. */
static void reopen(const uint8_t *f)
{
    const uint8_t *tcp = f + (size_t)(f[0] & 15) * 4;
    struct tcp_pcb *next;
    if (f[9] != DATAGRAM_TCP || (tcp[TCP_AT_FLAGS] & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN)
        return;
    for (struct tcp_pcb *pcb = tcp_tw_pcbs; pcb; pcb = next) {
        next = pcb->next;
        if (pcb->remote_port == datagram_be16(tcp) && pcb->local_port == datagram_be16(tcp + 2) && memcmp(&pcb->remote_ip, f + 12, 4) == 0)
            tcp_abort(pcb);
    }
}

static void from_device(void *ctx, uint8_t *f, size_t size, bool spoilt)
{
    struct net *n = ctx;
    const char *why = datagram_flaw(f, size, n->config.rig);
    if (why) {
        if (!spoilt) /* else it was the link */
            n->config.noise(n->config.ctx, why);
        return;
    }
    datagram_drop_late_options(f, size);
    reopen(f);
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)size, PBUF_POOL);
    if (!p)
        return; /* as a full queue: TCP sends again */
    pbuf_take(p, f, (u16_t)size);
    if (n->netif.input(p, &n->netif) != ERR_OK)
        pbuf_free(p);
}

static void on_frame(void *ctx, const uint8_t *frame, size_t size)
{
    struct net *n = ctx;
    impair_packet(&n->way[SHAPE_FROM_DEVICE], frame, size, n->now);
}

static void touched_to(void *ctx, const char *what)
{
    const struct net *n = ctx;
    if (n->config.impaired)
        n->config.impaired(n->config.ctx, SHAPE_TO_DEVICE, what);
}

static void touched_from(void *ctx, const char *what)
{
    const struct net *n = ctx;
    if (n->config.impaired)
        n->config.impaired(n->config.ctx, SHAPE_FROM_DEVICE, what);
}

static void on_noise(void *ctx, const char *what)
{
    struct net *n = ctx;
    n->config.noise(n->config.ctx, what);
}

/* --- streams --- */

static struct net_stream *of(struct stream *s)
{
    return (struct net_stream *)s;
}

static void forget(struct net_stream *t)
{
    struct net_stream **p = &t->net->streams;
    while (*p != t)
        p = &(*p)->next;
    *p = t->next;
    free(t);
}

/* Takes the connection from the stream: lwIP calls no more. */
static struct tcp_pcb *detach(struct net_stream *t)
{
    struct tcp_pcb *pcb = t->pcb;
    tcp_arg(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, NULL);
    tcp_poll(pcb, NULL, 0);
    tcp_err(pcb, NULL);
    t->pcb = NULL;
    return pcb;
}

/* True when it had to be aborted instead. */
static bool shut(struct tcp_pcb *pcb)
{
    if (tcp_close(pcb) == ERR_OK)
        return false;
    tcp_abort(pcb);
    return true;
}

/* Each write makes at most one segment more than its bytes fill. */
static size_t stream_room(struct stream *s)
{
    const struct tcp_pcb *pcb = of(s)->pcb;
    size_t queued = tcp_sndqueuelen(pcb), bytes = tcp_sndbuf(pcb);
    size_t by_queue = queued + 1 < TCP_SND_QUEUELEN ? (TCP_SND_QUEUELEN - queued - 1) * tcp_mss(pcb) : 0;
    return bytes < by_queue ? bytes : by_queue;
}

static size_t stream_write(struct stream *s, const void *p, size_t n)
{
    struct net_stream *t = of(s);
    size_t room = stream_room(s);
    if (n > room) {
        n = room;
        t->hungry = true;
    }
    if (n && tcp_write(t->pcb, p, (u16_t)n, TCP_WRITE_FLAG_COPY) != ERR_OK) {
        t->hungry = true;
        return 0;
    }
    tcp_output(t->pcb);
    return n;
}

static void stream_close(struct stream *s)
{
    struct net_stream *t = of(s);
    t->aborted = shut(detach(t));
    if (!t->busy)
        forget(t);
}

static void stream_reset(struct stream *s)
{
    struct net_stream *t = of(s);
    tcp_abort(detach(t));
    t->aborted = true;
    if (!t->busy)
        forget(t);
}

static const struct stream_ops ops = {stream_room, stream_write, stream_close, stream_reset, NULL};

/* --- what lwIP tells of a connection --- */

/* The end of a callback: lwIP must know when its connection was aborted in it. */
static err_t leave(struct net_stream *t)
{
    bool aborted = t->aborted;
    t->busy = false;
    if (t->pcb)
        return ERR_OK;
    forget(t);
    return aborted ? ERR_ABRT : ERR_OK;
}

static err_t peer_closed(struct net_stream *t)
{
    struct net *n = t->net;
    struct tcp_pcb *pcb = detach(t);
    n->handler.ended(n->handler.ctx, &t->s, STREAM_PEER_CLOSED);
    forget(t);
    return shut(pcb) ? ERR_ABRT : ERR_OK;
}

static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct net_stream *t = arg;
    (void)err;
    if (!p)
        return peer_closed(t);
    tcp_recved(pcb, p->tot_len);
    t->busy = true;
    for (struct pbuf *q = p; q && t->pcb; q = q->next)
        t->net->handler.received(t->net->handler.ctx, &t->s, q->payload, q->len);
    pbuf_free(p);
    return leave(t);
}

static err_t writable(struct net_stream *t, size_t acked)
{
    t->busy = true;
    t->hungry = false;
    t->net->handler.writable(t->net->handler.ctx, &t->s, acked);
    return leave(t);
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t acked)
{
    (void)pcb;
    return writable(arg, acked);
}

/* A write that fell short with nothing in flight would never hear of an acknowledgement. */
static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
    struct net_stream *t = arg;
    (void)pcb;
    return t->hungry ? writable(t, 0) : ERR_OK;
}

static void on_error(void *arg, err_t err)
{
    struct net_stream *t = arg;
    struct net *n = t->net;
    t->pcb = NULL;
    n->handler.ended(n->handler.ctx, &t->s,
                     err == ERR_RST ? STREAM_PEER_RESET : err == ERR_CLSD ? STREAM_PEER_CLOSED : STREAM_TIMED_OUT);
    forget(t);
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
    struct net *n = arg;
    if (err != ERR_OK || !pcb)
        return ERR_VAL;
    struct net_stream *t = mem_new(sizeof *t);
    *t = (struct net_stream){.s = {.ops = &ops}, .net = n, .pcb = pcb, .next = n->streams};
    n->streams = t;
    tcp_arg(pcb, t);
    tcp_recv(pcb, on_received);
    tcp_sent(pcb, on_sent);
    tcp_poll(pcb, on_poll, POLL_SLOW_TICKS);
    tcp_err(pcb, on_error);
    tcp_nagle_disable(pcb);
    if (pcb->mss < MSS_LEAST)
        pcb->mss = MSS_LEAST;
    if (pcb->mss > n->config.mtu - HEADERS)
        pcb->mss = (u16_t)(n->config.mtu - HEADERS); /* a repeated SYN makes lwIP forget the MTU */
    ip_set_option(pcb, SOF_KEEPALIVE);
    pcb->keep_idle = KEEP_IDLE_MS;
    pcb->keep_intvl = KEEP_EACH_MS;
    pcb->keep_cnt = KEEP_TIMES;
    t->busy = true;
    n->handler.accept(n->handler.ctx, &t->s);
    return leave(t);
}

/* --- the stack --- */

static err_t netif_up(struct netif *netif)
{
    const struct net *n = netif->state;
    netif->name[0] = 's';
    netif->name[1] = 'l';
    netif->mtu = n->config.mtu;
    netif->output = output;
    return ERR_OK;
}

static bool start(struct net *n)
{
    const uint8_t *a = n->config.rig, *d = n->config.device;
    ip4_addr_t rig, device, mask;
    IP4_ADDR(&rig, a[0], a[1], a[2], a[3]);
    IP4_ADDR(&device, d[0], d[1], d[2], d[3]);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    lwip_init();
    tcp_ticks = 0;
    if (!netif_add(&n->netif, &rig, &mask, &device, n, netif_up, ip_input))
        return false;
    netif_set_default(&n->netif);
    netif_set_up(&n->netif);
    netif_set_link_up(&n->netif);
    struct tcp_pcb *pcb = tcp_new();
    if (!pcb || tcp_bind(pcb, IP_ADDR_ANY, n->config.port) != ERR_OK)
        return false;
    n->listener = tcp_listen(pcb);
    if (!n->listener)
        return false;
    tcp_arg(n->listener, n);
    tcp_accept(n->listener, on_accept);
    return true;
}

static void start_ways(struct net *n)
{
    static const struct impair ways[SHAPE_WAYS] = {[SHAPE_TO_DEVICE] = {.pass = to_device, .touched = touched_to},
                                                   [SHAPE_FROM_DEVICE] = {.pass = from_device, .touched = touched_from}};
    for (unsigned i = 0; i < SHAPE_WAYS; i++) {
        impair_init(&n->way[i], n->config.seed, 0x776179 /* "way" */ + i);
        n->way[i].ctx = n;
        n->way[i].pass = ways[i].pass;
        n->way[i].touched = ways[i].touched;
    }
}

struct net *net_new(const struct net_config *config, const struct stream_handler *handler, struct err *e)
{
    if (the_net) {
        err_set(e, RIG_EINTERNAL, "a second network stack in one process");
        return NULL;
    }
    if (config->mtu < MTU_LEAST || config->mtu > FRAME_MOST) {
        err_set(e, RIG_EINPUT, "an MTU of %u: %d to %d", config->mtu, MTU_LEAST, FRAME_MOST);
        return NULL;
    }
    struct net *n = mem_new(sizeof *n);
    n->config = *config;
    n->handler = *handler;
    n->timer_at = UINT64_MAX;
    start_ways(n);
    n->slip = (struct slip){.most = FRAME_MOST, .ctx = n, .told = on_frame, .noise = on_noise};
    rng_seed(&n->rng, config->seed, 0x6e6574 /* "net" */);
    the_net = n;
    if (!start(n)) {
        err_set(e, RIG_EINTERNAL, "lwIP does not start");
        net_free(n);
        return NULL;
    }
    return n;
}

void net_free(struct net *n)
{
    if (!n)
        return;
    n->ending = true;
    for (struct net_stream *t = n->streams, *next; t; t = next) {
        next = t->next;
        tcp_abort(detach(t));
        free(t);
    }
    while (tcp_active_pcbs)
        tcp_abort(tcp_active_pcbs);
    while (tcp_tw_pcbs)
        tcp_abort(tcp_tw_pcbs);
    if (n->listener)
        tcp_close(n->listener);
    netif_remove(&n->netif);
    for (unsigned i = 0; i < SHAPE_WAYS; i++)
        impair_free(&n->way[i]);
    slip_free(&n->slip);
    buf_free(&n->out);
    the_net = NULL;
    free(n);
}

void net_receive(struct net *n, const uint8_t *bytes, size_t count, uint64_t now_ns)
{
    net_tick(n, now_ns);
    slip_receive(&n->slip, bytes, count);
}

/* Connections that no stream holds and whose peer has said nothing for long. */
static void drop_orphans(void)
{
    struct tcp_pcb *next;
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = next) {
        next = pcb->next;
        if (!pcb->callback_arg && tcp_ticks - pcb->tmr > ORPHAN_MS / TCP_SLOW_INTERVAL)
            tcp_abort(pcb);
    }
}

/* A window that shrinks between a retransmission and its acknowledgement leaves lwIP 2.1.3's persist timer running with nothing to send,
 * or with data in flight; its slow timer then breaks its own assertions. Either way the persist timer is not needed. */
static void mend_persist(void)
{
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next)
        if (!pcb->unsent || pcb->unacked)
            pcb->persist_backoff = 0;
}

static void slow_timer(void)
{
    mend_persist();
    tcp_slowtmr();
    drop_orphans();
}

static void tcp_tick(struct net *n)
{
    tcp_fasttmr();
    n->slow = !n->slow;
    if (n->slow)
        slow_timer();
    n->timer_at = tcp_active_pcbs || tcp_tw_pcbs ? n->now + TICK_NS : UINT64_MAX;
}

uint64_t net_next(const struct net *n)
{
    uint64_t next = n->timer_at;
    for (unsigned i = 0; i < SHAPE_WAYS; i++)
        next = impair_next(&n->way[i]) < next ? impair_next(&n->way[i]) : next;
    return next;
}

/* One moment after the other: what a packet sets off is at the time of that packet. */
void net_tick(struct net *n, uint64_t now_ns)
{
    for (uint64_t next; (next = net_next(n)) <= now_ns;) {
        n->now = next > n->now ? next : n->now;
        for (unsigned i = 0; i < SHAPE_WAYS; i++)
            impair_tick(&n->way[i], n->now);
        if (n->timer_at <= n->now)
            tcp_tick(n);
    }
    if (n->now < now_ns)
        n->now = now_ns;
}

void net_shape(struct net *n, const struct shape *shape)
{
    if (shape->way[SHAPE_FROM_DEVICE].down != n->way[SHAPE_FROM_DEVICE].shape.down)
        slip_skip(&n->slip); /* half a frame passes neither when the line breaks nor when it is whole again */
    for (unsigned i = 0; i < SHAPE_WAYS; i++)
        impair_shape(&n->way[i], &shape->way[i]);
}

void net_counts(const struct net *n, unsigned way, uint64_t *packets, uint64_t *acted)
{
    *packets = n->way[way].packets;
    *acted = n->way[way].acted;
}
