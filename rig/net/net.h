/* SPDX-License-Identifier: GPL-3.0-or-later
 * The rig's end of the SLIP link (RFC 1055): lwIP in this process, on the caller's clock. One net per process (lwIP's state is global).
 * Same inputs at the same times, same bytes out. */
#ifndef NET_NET_H
#define NET_NET_H
#include <stddef.h>
#include <stdint.h>

struct err;
struct net;
struct shape;
struct stream_handler;

struct net_config {
    uint8_t rig[4], device[4]; /* addresses, e.g. 10.0.0.1 and 10.0.0.2 */
    uint16_t port;             /* of the listener, e.g. 80 */
    uint16_t mtu;              /* 1500 */
    uint64_t seed;             /* of initial sequence numbers and ports */
    void *ctx;
    void (*send)(void *ctx, const uint8_t *bytes, size_t n); /* SLIP bytes towards the device, whole frames */
    void (*noise)(void *ctx, const char *what);              /* a frame that is not IPv4, too long, … told, then dropped */
    /* net_shape acted on a packet of that direction: lost, down, too-large, duplicated, corrupted, reordered, delayed. May be NULL. */
    void (*impaired)(void *ctx, unsigned way, const char *what);
};

/* Handler and config are copied. NULL with a message when the stack cannot start. */
struct net *net_new(const struct net_config *config, const struct stream_handler *handler, struct err *e);
void net_free(struct net *n); /* every stream is gone without a word to the peer */
void net_receive(struct net *n, const uint8_t *bytes, size_t count, uint64_t now_ns); /* from the device's UART, any split */
void net_tick(struct net *n, uint64_t now_ns);   /* runs due timers */
uint64_t net_next(const struct net *n);          /* when net_tick is next needed; UINT64_MAX: never */
/* How bad the link is from now on (net/impair.c). Frames that are on their way through a direction that goes down are lost. */
void net_shape(struct net *n, const struct shape *shape);
/* Packets of that direction so far, and on how many of them a shape acted. */
void net_counts(const struct net *n, unsigned way, uint64_t *packets, uint64_t *acted);
#endif
