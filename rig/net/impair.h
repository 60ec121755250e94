/* SPDX-License-Identifier: GPL-3.0-or-later
 * One direction of a bad link: takes packets, hands them on later, spoilt, twice, or never. In virtual time and out of its seed. */
#ifndef NET_IMPAIR_H
#define NET_IMPAIR_H
#include "net/draw.h"

#include <stddef.h>

struct impair_packet;

struct impair {
    void *ctx;
    void (*pass)(void *ctx, uint8_t *packet, size_t n, bool spoilt); /* a packet's time has come; it may be written to */
    void (*touched)(void *ctx, const char *what);                     /* to a packet was done what was asked for; may be NULL */
    struct shape_way shape;
    struct rng rng;
    struct draw loss, duplicate, corrupt, reorder, delay;
    struct draw_burst burst;
    uint32_t straight;     /* packets in a row that kept their order */
    uint64_t line_free;    /* of rate: when the last bit of the last packet will be on the line */
    struct impair_packet *first;
    size_t queued;
    uint64_t packets, acted; /* so far; to how many of them anything was done */
    bool acts;               /* on the packet in hand */
};

void impair_init(struct impair *im, uint64_t seed, uint64_t stream);
/* From the next packet on. Those under way keep their times, but none survives a link that goes down. */
void impair_shape(struct impair *im, const struct shape_way *shape);
/* A packet enters at now, not before the last call's time; what is due at once is passed within the call. */
void impair_packet(struct impair *im, const uint8_t *packet, size_t n, uint64_t now);
uint64_t impair_next(const struct impair *im); /* when impair_tick is next needed; UINT64_MAX: never */
void impair_tick(struct impair *im, uint64_t now);
void impair_free(struct impair *im);           /* what is queued */
#endif
