/* SPDX-License-Identifier: GPL-3.0-or-later
 * True random number generator (RM0351 §24): a word every 40 periods of the 48 MHz clock; its numbers come from the chip's seed.
 */
#include "sim/models.h"
#include "sim/ticks.h"

enum { CR = 0x00, SR = 0x04, DR = 0x08, RNGEN = 1 << 2, IE = 1 << 3, CED = 1 << 5, DRDY = 1, CECS = 2, CEIS = 1 << 5,
       SEIS = 1 << 6, PERIODS = 40 };

struct rng_periph {
    uint32_t cr, sr, dr;
};

static struct rng_periph *of(const struct periph *p)
{
    return p->state;
}

static void interrupt(struct periph *p)
{
    const struct rng_periph *r = of(p);
    periph_irq(p, p->site->irq, r->cr & IE && r->sr & (DRDY | CEIS | SEIS));
}

/* Next word, or a clock error when the 48 MHz clock is missing (§24.3.6). */
static void plan(struct periph *p)
{
    struct rng_periph *r = of(p);
    uint32_t hz = periph_hz(p, PERIPH_CLK48);
    bool on = r->cr & RNGEN;
    r->sr &= ~(uint32_t)CECS;
    if (on && !hz && !(r->cr & CED))
        r->sr |= CECS | CEIS;
    periph_due(p, on && hz && !(r->sr & DRDY) ? periph_now(p) + ticks_time(PERIODS, hz) : PERIPH_NEVER);
    interrupt(p);
}

static void event(struct periph *p)
{
    of(p)->dr = (uint32_t)periph_random(p);
    of(p)->sr |= DRDY;
    interrupt(p);
}

static uint32_t load(struct periph *p, uint32_t o)
{
    struct rng_periph *r = of(p);
    uint32_t v = r->dr;
    switch (o) {
    case CR: return r->cr;
    case SR: return r->sr;
    case DR:
        if (!(r->sr & DRDY))
            return 0; /* nothing ready reads 0 */
        r->sr &= ~(uint32_t)DRDY;
        plan(p);
        return v;
    default: periph_odd(p, "reserved"); return 0;
    }
}

static void store(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct rng_periph *r = of(p);
    value &= mask;
    if (o == CR)
        r->cr = periph_merge(r->cr, value, mask, RNGEN | IE | CED);
    else if (o == SR)
        r->sr &= value | ~(uint32_t)(CEIS | SEIS); /* cleared by writing 0 */
    else if (o != DR)
        periph_odd(p, "reserved");
    if (o == CR)
        plan(p);
    interrupt(p);
}

static void clocks(struct periph *p)
{
    if (of(p)->cr & RNGEN)
        plan(p);
}

static void reset(struct periph *p, enum periph_reset how)
{
    (void)how;
    *of(p) = (struct rng_periph){0};
    interrupt(p);
}

const struct periph_model rng_periph_model = {.name = "rng",
                                              .state = sizeof(struct rng_periph),
                                              .reset = reset,
                                              .load = load,
                                              .store = store,
                                              .event = event,
                                              .clocks = clocks};
