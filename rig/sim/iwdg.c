/* SPDX-License-Identifier: GPL-3.0-or-later
 * Independent watchdog (RM0351 §36). Clocked by LSI (32 kHz), runs in Sleep and Stop, ends only with a reset. */
#include "sim/models.h"
#include "sim/ticks.h"

enum { KR = 0x00, PR = 0x04, RLR = 0x08, SR = 0x0C, WINR = 0x10, LSI_HZ = 32000,
       UPDATE_NS = 5 * 31250 /* 5 LSI periods: §36.4.4 */ };
enum { PVU = 1, RVU = 2, WVU = 4 };

struct iwdg {
    bool on, open;
    uint32_t pr, rlr, winr, sr;
    uint32_t top;     /* what the counter was loaded with: a new RLR counts from the next reload */
    uint64_t loaded;  /* when the counter was top */
    uint64_t updated; /* when SR goes back to 0 */
};

static struct iwdg *of(const struct periph *p)
{
    return p->state;
}

static unsigned prescaler(const struct iwdg *w)
{
    return 4u << (w->pr > 6 ? 6 : w->pr);
}

static uint64_t span(const struct iwdg *w, uint32_t counts)
{
    return ticks_time((uint64_t)counts * prescaler(w), LSI_HZ);
}

static void plan(struct periph *p)
{
    struct iwdg *w = of(p);
    uint64_t due = w->on ? w->loaded + span(w, w->top + 1) : PERIPH_NEVER;
    periph_due(p, w->sr && w->updated < due ? w->updated : due);
}

static void reload(struct periph *p)
{
    struct iwdg *w = of(p);
    uint64_t now = periph_now(p);
    if (w->on && w->winr < w->top && now < w->loaded + span(w, w->top - w->winr)) {
        periph_restart(p, CHIP_RESET_IWDG); /* refreshed above the window: §36.3.2 */
        return;
    }
    w->loaded = now;
    w->top = w->rlr;
}

static void key(struct periph *p, uint32_t value)
{
    struct iwdg *w = of(p);
    w->open = value == 0x5555;
    if (value == 0xCCCC && !w->on) {
        w->on = true;
        w->loaded = periph_now(p);
        w->top = w->rlr;
        periph_lsi_forced(p);
    } else if (value == 0xAAAA) {
        reload(p);
    }
}

/* PR, RLR and WINR cross into the LSI domain; SR says so until they have. */
static void set(struct periph *p, uint32_t *to, uint32_t value, uint32_t busy)
{
    struct iwdg *w = of(p);
    if (!w->open || w->sr & busy)
        return;
    *to = value;
    w->sr |= busy;
    w->updated = periph_now(p) + UPDATE_NS;
    if (busy == WVU) { /* §36.4.5: a write to WINR reloads */
        w->loaded = periph_now(p);
        w->top = w->rlr;
    }
}

static uint32_t load(struct periph *p, uint32_t o)
{
    struct iwdg *w = of(p);
    switch (o) {
    case KR: return 0;
    case PR: return w->pr;
    case RLR: return w->rlr;
    case SR: return w->sr;
    case WINR: return w->winr;
    default: periph_odd(p, "reserved"); return 0;
    }
}

static void store(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct iwdg *w = of(p);
    value &= mask;
    switch (o) {
    case KR: key(p, value & 0xffff); break;
    case PR: set(p, &w->pr, value & 7, PVU); break;
    case RLR: set(p, &w->rlr, value & 0xfff, RVU); break;
    case WINR: set(p, &w->winr, value & 0xfff, WVU); break;
    case SR: break;
    default: periph_odd(p, "reserved"); break;
    }
    plan(p);
}

static void event(struct periph *p)
{
    struct iwdg *w = of(p);
    uint64_t now = periph_now(p);
    if (w->sr && now >= w->updated)
        w->sr = 0;
    if (w->on && now >= w->loaded + span(w, w->top + 1))
        periph_restart(p, CHIP_RESET_IWDG);
    else
        plan(p);
}

static void reset(struct periph *p, enum periph_reset how)
{
    (void)how;
    *of(p) = (struct iwdg){.rlr = 0xfff, .top = 0xfff, .winr = 0xfff};
}

const struct periph_model iwdg_model = {
    .name = "iwdg", .state = sizeof(struct iwdg), .reset = reset, .load = load, .store = store, .event = event};
