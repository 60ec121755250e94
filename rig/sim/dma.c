/* SPDX-License-Identifier: GPL-3.0-or-later
 * DMA controller (RM0351 §11): seven channels, requests of the UARTs, memory to memory. A unit moves at the moment of its
 * request; a memory-to-memory block is moved whole and takes the time of its units afterwards. */
#include "sim/models.h"
#include "sim/ticks.h"

enum { ISR = 0x00, IFCR = 0x04, CSELR = 0xA8, CHANNELS = 7, EN = 1, TCIE = 2, HTIE = 4, TEIE = 8, DIR = 16, CIRC = 32,
       PINC = 64, MINC = 128, MEM2MEM = 1 << 14, GIF = 1, TCIF = 2, HTIF = 4, TEIF = 8 };

struct channel {
    uint32_t ccr, cndtr, cpar, cmar;
    uint32_t left, top, periph, memory; /* of the transfer under way: units left, units in all, next addresses */
    bool moved;                         /* memory to memory: data are there, flags come with the event */
};

struct dma {
    uint32_t isr, cselr;
    struct channel ch[CHANNELS];
    uint64_t done_at[CHANNELS];
};

static struct dma *of(const struct periph *p)
{
    return p->state;
}

static unsigned irq_of(const struct periph *p, unsigned n)
{
    return p->site->unit == 1 ? 11 + n : n < 5 ? 56 + n : 63 + n;
}

static void interrupt(struct periph *p, unsigned n)
{
    const struct dma *d = of(p);
    periph_irq(p, irq_of(p, n), d->isr >> 4 * n & d->ch[n].ccr & (TCIE | HTIE | TEIE));
}

static void flag(struct periph *p, unsigned n, uint32_t bits)
{
    of(p)->isr |= (bits | GIF) << 4 * n;
    interrupt(p, n);
}

static void plan(struct periph *p)
{
    uint64_t due = PERIPH_NEVER;
    for (unsigned n = 0; n < CHANNELS; n++)
        due = of(p)->done_at[n] < due ? of(p)->done_at[n] : due;
    periph_due(p, due);
}

static unsigned width(uint32_t ccr, unsigned shift)
{
    unsigned w = ccr >> shift & 3;
    return w > 2 ? 4 : 1u << w;
}

/* Moves one unit; false when the bus refused: TEIF, the channel is off (§11.4.6). */
static bool unit(struct periph *p, unsigned n)
{
    struct channel *c = &of(p)->ch[n];
    bool from_memory = c->ccr & DIR;
    unsigned pw = width(c->ccr, 8), mw = width(c->ccr, 10);
    uint32_t v;
    bool good = periph_bus_load(p, from_memory ? c->memory : c->periph, from_memory ? mw : pw, &v)
                && periph_bus_store(p, from_memory ? c->periph : c->memory, from_memory ? pw : mw, v);
    if (!good) {
        c->ccr &= ~(uint32_t)EN;
        flag(p, n, TEIF);
        return false;
    }
    c->periph += c->ccr & PINC ? pw : 0;
    c->memory += c->ccr & MINC ? mw : 0;
    c->left--;
    return true;
}

static void progress(struct periph *p, unsigned n)
{
    struct channel *c = &of(p)->ch[n];
    if (c->left == c->top / 2)
        flag(p, n, HTIF);
    if (c->left)
        return;
    flag(p, n, TCIF);
    if (c->ccr & CIRC) {
        c->left = c->top;
        c->periph = c->cpar;
        c->memory = c->cmar;
    }
}

bool dma_request(struct periph *p, unsigned channel, unsigned select)
{
    struct dma *d = of(p);
    unsigned n = channel - 1;
    struct channel *c = &d->ch[n];
    if ((d->cselr >> 4 * n & 15) != select || !(c->ccr & EN) || c->ccr & MEM2MEM || !c->left || !periph_clocked(p) || !unit(p, n))
        return false;
    progress(p, n);
    return true;
}

static void copy(struct periph *p, unsigned n)
{
    struct channel *c = &of(p)->ch[n];
    while (c->left && unit(p, n))
        ;
    c->moved = !c->left;
    of(p)->done_at[n] = c->moved ? periph_now(p) + ticks_time(2ull * c->top + 1, periph_hz(p, PERIPH_HCLK)) : PERIPH_NEVER;
    plan(p);
}

static void enable(struct periph *p, unsigned n)
{
    struct channel *c = &of(p)->ch[n];
    c->left = c->top = c->cndtr;
    c->periph = c->cpar;
    c->memory = c->cmar;
    if (c->ccr & MEM2MEM && c->left)
        copy(p, n);
    else
        periph_dma_ready(p); /* a request may be waiting */
}

static void event(struct periph *p)
{
    struct dma *d = of(p);
    for (unsigned n = 0; n < CHANNELS; n++)
        if (d->done_at[n] <= periph_now(p)) {
            d->done_at[n] = PERIPH_NEVER;
            flag(p, n, TCIF | HTIF);
        }
    plan(p);
}

static uint32_t *slot(struct dma *d, uint32_t o, unsigned *n, unsigned *field)
{
    if (o < 8 || o >= 8 + 20 * CHANNELS || (o - 8) % 20 == 16)
        return NULL;
    *n = (o - 8) / 20;
    *field = (o - 8) % 20 / 4;
    return &d->ch[*n].ccr + *field;
}

static uint32_t load(struct periph *p, uint32_t o)
{
    struct dma *d = of(p);
    unsigned n, field;
    uint32_t *r = slot(d, o, &n, &field);
    if (r)
        return field == 1 && d->ch[n].ccr & EN ? d->ch[n].left : *r;
    if (o == ISR)
        return d->isr;
    if (o == CSELR)
        return d->cselr;
    if (o != IFCR)
        periph_odd(p, "reserved");
    return 0;
}

static void clear_flags(struct periph *p, uint32_t value)
{
    struct dma *d = of(p);
    for (unsigned n = 0; n < CHANNELS; n++) {
        uint32_t bits = value >> 4 * n & 15;
        d->isr &= ~((bits & GIF ? 15u : bits) << 4 * n);
        if (!(d->isr >> 4 * n & 14))
            d->isr &= ~(1u << 4 * n);
        interrupt(p, n);
    }
}

static void store_channel(struct periph *p, uint32_t *r, unsigned n, unsigned field, uint32_t value, uint32_t mask)
{
    struct channel *c = &of(p)->ch[n];
    bool on = c->ccr & EN;
    if (field && on)
        return; /* §11.6.4: read only while the channel is on */
    uint32_t now = periph_merge(*r, value, mask, field == 0 ? 0x7FFF : field == 1 ? 0xFFFF : 0xFFFFFFFF);
    *r = now;
    if (field == 0 && on && !(now & EN))
        c->cndtr = c->left;
    if (field == 0 && !on && now & EN)
        enable(p, n);
    interrupt(p, n);
}

static void store(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct dma *d = of(p);
    unsigned n, field;
    uint32_t *r = slot(d, o, &n, &field);
    if (r)
        store_channel(p, r, n, field, value, mask);
    else if (o == IFCR)
        clear_flags(p, value & mask);
    else if (o == CSELR)
        d->cselr = periph_merge(d->cselr, value, mask, 0x0FFFFFFF);
    else if (o != ISR)
        periph_odd(p, "reserved");
}

static void reset(struct periph *p, enum periph_reset how)
{
    (void)how;
    *of(p) = (struct dma){.isr = 0};
    for (unsigned n = 0; n < CHANNELS; n++)
        of(p)->done_at[n] = PERIPH_NEVER;
}

const struct periph_model dma_model = {
    .name = "dma", .state = sizeof(struct dma), .reset = reset, .load = load, .store = store, .event = event};
