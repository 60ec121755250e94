/* SPDX-License-Identifier: GPL-3.0-or-later
 * Timers TIM2 to TIM7 (RM0351 §31, §33) as up-counters: prescaler, auto-reload, update flag and interrupt, one-pulse mode,
 * compare flags of channels 1 to 4. Inputs, outputs, DMA and counting down are not modelled. The counter is computed from time
 * when somebody looks. */
#include "sim/models.h"
#include "sim/ticks.h"

enum { CR1 = 0x00, CR2 = 0x04, SMCR = 0x08, DIER = 0x0C, SR = 0x10, EGR = 0x14, CCMR1 = 0x18, CCMR2 = 0x1C, CCER = 0x20,
       CNT = 0x24, PSC = 0x28, ARR = 0x2C, CCR1 = 0x34, CCR4 = 0x40, DCR = 0x48, OR2 = 0x60, REGS = OR2 / 4 + 1 };
enum { CEN = 1, UDIS = 2, URS = 4, OPM = 8, DIR_CMS = 0x70, UIF = 1, UIE = 1 };

struct tim {
    uint32_t reg[REGS];
    uint32_t psc, arr;   /* in use: taken over at an update event (arr at once without ARPE) */
    uint32_t hz;         /* of the timer's clock from `since` on */
    uint64_t since;      /* when the steps counted in `done` began; no rounding adds up */
    uint64_t done, cnt;
};

static struct tim *of(const struct periph *p)
{
    return p->state;
}

static bool wide(const struct periph *p)
{
    return p->site->unit == 2 || p->site->unit == 5;
}

/* The moment at which the counter will have made n more steps. */
static uint64_t after(const struct tim *t, uint64_t n)
{
    uint64_t ns = ticks_time((t->done + n) * ((uint64_t)t->psc + 1), t->hz);
    return ns < PERIPH_NEVER - t->since ? t->since + ns : PERIPH_NEVER;
}

static void restart(struct periph *p)
{
    of(p)->since = periph_now(p);
    of(p)->done = 0;
}

static void update(struct periph *p)
{
    struct tim *t = of(p);
    if (t->reg[CR1 / 4] & UDIS)
        return;
    if (t->psc != (t->reg[PSC / 4] & 0xffff))
        restart(p);
    t->psc = t->reg[PSC / 4] & 0xffff;
    t->arr = t->reg[ARR / 4];
}

/* Brings the counter to now; sets the flags of what it passed on its way. */
static void sync(struct periph *p)
{
    struct tim *t = of(p);
    uint64_t now = periph_now(p);
    if (!(t->reg[CR1 / 4] & CEN) || !t->hz || !t->arr) {
        restart(p);
        return;
    }
    uint64_t n = ticks_count(now - t->since, t->hz) / ((uint64_t)t->psc + 1) - t->done, old = t->cnt;
    if (!n)
        return;
    t->done += n;
    t->cnt += n;
    bool wrapped = t->cnt > t->arr;
    for (unsigned i = 0; i < 4; i++) {
        uint32_t at = t->reg[CCR1 / 4 + i];
        if (p->site->unit <= 5 && at <= t->arr
            && (wrapped ? at > old || at <= t->cnt - t->arr - 1 || t->cnt - old > t->arr : at > old && at <= t->cnt))
            t->reg[SR / 4] |= 2u << i;
    }
    if (!wrapped)
        return;
    t->cnt %= (uint64_t)t->arr + 1;
    if (!(t->reg[CR1 / 4] & UDIS))
        t->reg[SR / 4] |= UIF;
    update(p);
    if (t->reg[CR1 / 4] & OPM) {
        t->reg[CR1 / 4] &= ~(uint32_t)CEN;
        t->cnt = 0;
    }
}

static void plan(struct periph *p)
{
    struct tim *t = of(p);
    uint32_t on = t->reg[DIER / 4] & t->reg[SR / 4] & 0x1F, want = t->reg[DIER / 4] & 0x1F & ~t->reg[SR / 4];
    uint64_t steps = UINT64_MAX, left = t->cnt <= t->arr ? t->arr + 1 - t->cnt : 1;
    periph_irq(p, p->site->irq, on);
    if (want & UIE || t->reg[CR1 / 4] & OPM || t->psc != (t->reg[PSC / 4] & 0xffff) || t->arr != t->reg[ARR / 4])
        steps = left;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t at = t->reg[CCR1 / 4 + i];
        if (want >> (i + 1) & 1 && at <= t->arr) {
            uint64_t to = at > t->cnt ? at - t->cnt : left + at;
            steps = to < steps ? to : steps;
        }
    }
    bool runs = t->reg[CR1 / 4] & CEN && t->hz && t->arr && steps != UINT64_MAX;
    periph_due(p, runs ? after(t, steps) : PERIPH_NEVER);
}

static void event(struct periph *p)
{
    sync(p);
    plan(p);
}

static void clocks(struct periph *p)
{
    struct tim *t = of(p);
    uint32_t hz = periph_hz(p, PERIPH_TIM1CLK);
    if (hz == t->hz)
        return;
    sync(p);
    restart(p);
    t->hz = hz;
    plan(p);
}

static uint32_t load(struct periph *p, uint32_t o)
{
    struct tim *t = of(p);
    if (o > OR2) {
        periph_odd(p, "reserved");
        return 0;
    }
    sync(p);
    plan(p);
    return o == CNT ? (uint32_t)t->cnt : o == EGR ? 0 : t->reg[o / 4];
}

static void generate(struct periph *p, uint32_t value)
{
    struct tim *t = of(p);
    if (!(value & 1))
        return;
    t->cnt = 0;
    restart(p);
    if (!(t->reg[CR1 / 4] & (URS | UDIS)))
        t->reg[SR / 4] |= UIF;
    update(p);
}

static void store(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct tim *t = of(p);
    uint32_t full = wide(p) || (o != ARR && o != CNT && (o < CCR1 || o > CCR4)) ? 0xffffffff : 0xffff;
    if (o > OR2) {
        periph_odd(p, "reserved");
        return;
    }
    sync(p);
    switch (o) {
    case SR: t->reg[SR / 4] &= value | ~mask; break; /* cleared by writing 0 */
    case EGR: generate(p, value & mask); break;
    case CNT: t->cnt = periph_merge((uint32_t)t->cnt, value, mask, full); break;
    default:
        t->reg[o / 4] = periph_merge(t->reg[o / 4], value, mask, full);
        if (o == ARR && !(t->reg[CR1 / 4] & 0x80)) /* ARPE off */
            t->arr = t->reg[ARR / 4];
        break;
    }
    bool odd = (o == CR1 && value & mask & DIR_CMS) || (o == SMCR && value & mask & 7) || (o == DIER && value & mask & ~0x1Fu)
               || (o == CCER && value & mask);
    if (odd)
        periph_odd(p, "unmodelled");
    plan(p);
}

static void reset(struct periph *p, enum periph_reset how)
{
    struct tim *t = of(p);
    uint32_t top = wide(p) ? 0xffffffff : 0xffff;
    (void)how;
    *t = (struct tim){.arr = top, .hz = how == PERIPH_RCC ? t->hz : 0, .since = periph_now(p)};
    t->reg[ARR / 4] = top;
    if (!t->hz)
        t->hz = periph_hz(p, PERIPH_TIM1CLK);
    plan(p);
}

const struct periph_model tim_model = {
    .name = "tim", .state = sizeof(struct tim), .reset = reset, .load = load, .store = store, .event = event, .clocks = clocks};
