/* SPDX-License-Identifier: GPL-3.0-or-later
 * A bad link, in one direction.
 *
 * Method. Packets are the IP datagrams inside of the SLIP frames; SLIP and the line's own rate come behind. What is asked for acts on each
 * packet in this order, which is that of Linux' netem with the first two added:
 *
 *   1. down: it vanishes, and so does everything that was on its way.
 *   2. mtu: a larger one vanishes. A SYN's MSS option is lowered to what fits, as routers before a narrow link do, so connections that
 *      begin now get through, and those that began before do not.
 *   3. duplicate: decided before loss, so one of the two can be lost. The copy goes through steps 4 to 8 by itself.
 *   4. loss: by chance, then by bursts (Gilbert-Elliott): the packet is lost or not by the state that it finds.
 *   5. corrupt: one bit anywhere in the datagram is flipped, and the checksums of IP and TCP show it; or, with checksum_fixed, one bit of
 *      what TCP carries, with the checksum made right again, as a router with bad memory does it. Nothing but the application's own
 *      checks shows that. A packet that carries nothing stays as it is.
 *   6. reorder: it overtakes: leaves now, without delay. Of every `gap` packets only the last may.
 *   7. delay, jitter: never below 0. Packets with smaller delays overtake others, as in netem.
 *   8. rate: its bits go behind those of the one before it; its delay counts from its last bit. The queue holds QUEUE_MOST packets, more
 *      are lost.
 *
 * Draws come from one generator per direction in this order, and none is made for what is not asked for. So a link with nothing wrong is
 * no link at all: same bytes, same times. Other than netem's, a correlated draw repeats the one before it with that probability and is new
 * otherwise; netem's mean of two uniform numbers is no longer uniform, and 10 % loss with 50 % correlation loses 5 %.
 */
#include "net/impair.h"

#include "base/buf.h"
#include "net/datagram.h"

#include <stdlib.h>
#include <string.h>

enum { QUEUE_MOST = 1000, PACKET_MOST = 1500, HEADERS = DATAGRAM_IP_HEADER + DATAGRAM_TCP_HEADER };
#define SECOND UINT64_C(1000000000)

struct impair_packet {
    struct impair_packet *next;
    uint64_t at;
    bool spoilt;
    size_t n;
    uint8_t bytes[];
};

void impair_init(struct impair *im, uint64_t seed, uint64_t stream)
{
    *im = (struct impair){0};
    rng_seed(&im->rng, seed, stream);
}

static void told(struct impair *im, const char *what)
{
    im->acts = true;
    if (im->touched)
        im->touched(im->ctx, what);
}

/* --- the queue: by time, first come first served --- */

static void enqueue(struct impair *im, const uint8_t *bytes, size_t n, bool spoilt, uint64_t at)
{
    struct impair_packet *q = mem_new(sizeof *q + n), **p = &im->first;
    q->at = at;
    q->n = n;
    q->spoilt = spoilt;
    memcpy(q->bytes, bytes, n);
    while (*p && (*p)->at <= at)
        p = &(*p)->next;
    q->next = *p;
    *p = q;
    im->queued++;
}

void impair_free(struct impair *im)
{
    while (im->first) {
        struct impair_packet *q = im->first;
        im->first = q->next;
        free(q);
    }
    im->queued = 0;
}

uint64_t impair_next(const struct impair *im)
{
    return im->first ? im->first->at : UINT64_MAX;
}

void impair_tick(struct impair *im, uint64_t now)
{
    while (im->first && im->first->at <= now) {
        struct impair_packet *q = im->first;
        im->first = q->next;
        im->queued--;
        im->pass(im->ctx, q->bytes, q->n, q->spoilt);
        free(q);
    }
}

void impair_shape(struct impair *im, const struct shape_way *shape)
{
    im->shape = *shape;
    if (shape->down)
        impair_free(im);
}

/* --- what happens to a packet --- */

static bool happens(struct impair *im, struct draw *d, const struct shape_share *s)
{
    return s->share && draw_hits(draw_next(d, &im->rng, s->correlation), s->share);
}

static bool is_lost(struct impair *im)
{
    const struct shape_way *s = &im->shape;
    if (happens(im, &im->loss, &s->loss))
        return true;
    unsigned enter = s->burst.enter, leave = s->burst.leave ? s->burst.leave : SHAPE_ALWAYS - enter;
    return enter && draw_burst(&im->burst, &im->rng, enter, leave, s->burst.in, s->burst.between);
}

static bool spoil(struct impair *im, uint8_t *bytes, size_t n)
{
    if (!n || !happens(im, &im->corrupt, &im->shape.corrupt))
        return false;
    uint64_t which = rng_u64(&im->rng), bit = which % (n * 8);
    if (im->shape.checksum_fixed)
        return datagram_flip_unseen(bytes, n, which);
    bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    return true;
}

static bool overtakes(struct impair *im)
{
    const struct shape_way *s = &im->shape;
    if (!s->reorder.share || (s->gap > 1 && im->straight < s->gap - 1) || !happens(im, &im->reorder, &s->reorder)) {
        im->straight++;
        return false;
    }
    im->straight = 0;
    return true;
}

static uint64_t delay(struct impair *im)
{
    const struct shape_way *s = &im->shape;
    if (!s->jitter_ns)
        return s->delay_ns;
    int64_t d = (int64_t)s->delay_ns + draw_spread(s->spread, s->jitter_ns, draw_next(&im->delay, &im->rng, s->delay_correlation));
    return d > 0 ? (uint64_t)d : 0;
}

/* When it leaves: its bits behind those of the one before. */
static uint64_t leaves(struct impair *im, size_t n, uint64_t now)
{
    const struct shape_way *s = &im->shape;
    uint64_t wait = delay(im);
    if (!s->rate_bps)
        return now + wait;
    uint64_t from = im->line_free > now ? im->line_free : now;
    im->line_free = from + (n * 8 * SECOND + s->rate_bps - 1) / s->rate_bps;
    return im->line_free + wait;
}

static void hand_on(struct impair *im, uint8_t *bytes, size_t n, bool spoilt, uint64_t now)
{
    uint64_t at = now;
    if (overtakes(im))
        told(im, "reordered");
    else
        at = leaves(im, n, now);
    if (at > now && im->queued >= QUEUE_MOST) {
        told(im, "lost");
        return;
    }
    if (at > now) {
        told(im, "delayed");
        enqueue(im, bytes, n, spoilt, at);
        return;
    }
    im->pass(im->ctx, bytes, n, spoilt);
}

/* Steps 4 to 8. */
static void one(struct impair *im, const uint8_t *packet, size_t n, uint64_t now)
{
    uint8_t bytes[PACKET_MOST];
    if (is_lost(im)) {
        told(im, "lost");
        return;
    }
    memcpy(bytes, packet, n);
    bool spoilt = spoil(im, bytes, n);
    if (spoilt)
        told(im, "corrupted");
    hand_on(im, bytes, n, spoilt, now);
}

static void enters(struct impair *im, const uint8_t *packet, size_t n, uint64_t now)
{
    const struct shape_way *s = &im->shape;
    uint8_t bytes[PACKET_MOST];
    if (s->down || n > sizeof bytes || (s->mtu && n > s->mtu)) {
        told(im, s->down ? "down" : "too-large");
        return;
    }
    memcpy(bytes, packet, n);
    if (s->mtu)
        datagram_clamp_mss(bytes, n, (uint16_t)(s->mtu > HEADERS ? s->mtu - HEADERS : 1));
    if (happens(im, &im->duplicate, &s->duplicate)) {
        told(im, "duplicated");
        one(im, bytes, n, now);
    }
    one(im, bytes, n, now);
}

void impair_packet(struct impair *im, const uint8_t *packet, size_t n, uint64_t now)
{
    im->packets++;
    im->acts = false;
    enters(im, packet, n, now);
    im->acted += im->acts;
}
