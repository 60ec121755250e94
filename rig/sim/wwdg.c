/* SPDX-License-Identifier: GPL-3.0-or-later
 * Window watchdog (RM0351 §37): counts down at PCLK1 / 4096 / 2^WDGTB; resets when T6 falls, or when reloaded above the window.
 */
#include "sim/models.h"
#include "sim/ticks.h"

enum { CR = 0x00, CFR = 0x04, SR = 0x08, WDGA = 1 << 7, EWI = 1 << 9 };

struct wwdg {
    bool on;
    uint32_t t, cfr, sr; /* t: counter at the moment `since` */
    uint64_t since;
};

static struct wwdg *of(const struct periph *p)
{
    return p->state;
}

static uint64_t span(const struct periph *p, uint32_t counts)
{
    return ticks_time((uint64_t)counts * 4096 << (of(p)->cfr >> 7 & 3), periph_hz(p, PERIPH_PCLK1));
}

static uint32_t counter(const struct periph *p)
{
    const struct wwdg *w = of(p);
    uint64_t step = span(p, 1), gone = w->on && step ? (periph_now(p) - w->since) / step : 0;
    return gone < w->t ? w->t - (uint32_t)gone : 0;
}

static void plan(struct periph *p)
{
    struct wwdg *w = of(p);
    uint32_t early = w->t > 0x40 && !(w->sr & 1) ? w->t - 0x40 : w->t - 0x3F;
    periph_due(p, w->on ? w->since + span(p, w->t < 0x40 ? 0 : early) : PERIPH_NEVER);
    periph_irq(p, p->site->irq, w->sr & 1 && w->cfr & EWI);
}

static uint32_t load(struct periph *p, uint32_t o)
{
    struct wwdg *w = of(p);
    switch (o) {
    case CR: return counter(p) | (w->on ? WDGA : 0);
    case CFR: return w->cfr;
    case SR: return w->sr;
    default: periph_odd(p, "reserved"); return 0;
    }
}

static void store(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct wwdg *w = of(p);
    value &= mask;
    switch (o) {
    case CR:
        if (w->on && (counter(p) > (w->cfr & 0x7f) || !(value & 0x40)))
            periph_restart(p, CHIP_RESET_WWDG);
        w->on |= !!(value & WDGA);
        w->t = value & 0x7f;
        w->since = periph_now(p);
        break;
    case CFR: w->cfr = value & 0x3ff; break;
    case SR: w->sr &= value; break;
    default: periph_odd(p, "reserved"); break;
    }
    plan(p);
}

static void event(struct periph *p)
{
    struct wwdg *w = of(p);
    if (counter(p) < 0x40) {
        periph_restart(p, CHIP_RESET_WWDG);
        return;
    }
    w->sr |= 1;
    plan(p);
}

static void reset(struct periph *p, enum periph_reset how)
{
    (void)how;
    *of(p) = (struct wwdg){.t = 0x7f, .cfr = 0x7f};
    plan(p);
}

const struct periph_model wwdg_model = {
    .name = "wwdg", .state = sizeof(struct wwdg), .reset = reset, .load = load, .store = store, .event = event};
