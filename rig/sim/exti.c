/* SPDX-License-Identifier: GPL-3.0-or-later
 * Extended interrupts and events (RM0351 §14.5): edges of pins on lines 0 to 15, software triggers on all lines. */
#include "sim/models.h"

enum { IMR1 = 0x00, EMR1 = 0x04, RTSR1 = 0x08, FTSR1 = 0x0C, SWIER1 = 0x10, PR1 = 0x14, IMR2 = 0x20, PR2 = 0x34,
       REGS = PR2 / 4 + 1 };

struct exti {
    uint32_t reg[REGS];
};

static struct exti *of(const struct periph *p)
{
    return p->state;
}

static void interrupt(struct periph *p)
{
    const struct exti *x = of(p);
    uint32_t on = x->reg[PR1 / 4] & x->reg[IMR1 / 4];
    for (unsigned line = 0; line < 5; line++)
        periph_irq(p, 6 + line, on >> line & 1);
    periph_irq(p, 23, on & 0x3E0);  /* EXTI9_5 */
    periph_irq(p, 40, on & 0xFC00); /* EXTI15_10 */
    periph_irq(p, 1, on >> 16 & 1); /* PVD_PVM */
}

void exti_edge(struct periph *p, unsigned port, unsigned pin, bool level)
{
    struct exti *x = of(p);
    if (periph_exti_port(p, pin) != port || !(x->reg[(level ? RTSR1 : FTSR1) / 4] >> pin & 1))
        return;
    if (x->reg[EMR1 / 4] >> pin & 1)
        periph_event(p);
    x->reg[PR1 / 4] |= 1u << pin;
    interrupt(p);
}

static bool exists(uint32_t o)
{
    return o <= PR1 || (o >= IMR2 && o <= PR2);
}

static uint32_t load(struct periph *p, uint32_t o)
{
    if (exists(o))
        return of(p)->reg[o / 4];
    periph_odd(p, "reserved");
    return 0;
}

static void store(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct exti *x = of(p);
    uint32_t *r = exists(o) ? &x->reg[o / 4] : NULL;
    if (!r) {
        periph_odd(p, "reserved");
        return;
    }
    if (o == PR1 || o == PR2) { /* PRx is four bytes behind SWIERx: clearing one clears the other */
        *r &= ~(value & mask);
        r[-1] &= ~(value & mask);
    } else if (o == SWIER1 || o == PR2 - 4) {
        uint32_t rise = value & mask & ~*r;
        *r |= rise;
        r[1] |= rise & x->reg[(o == SWIER1 ? IMR1 : IMR2) / 4];
    } else {
        *r = periph_merge(*r, value, mask, 0xffffffff);
    }
    interrupt(p);
}

static void reset(struct periph *p, enum periph_reset how)
{
    (void)how;
    static const struct exti fresh = {.reg = {[IMR1 / 4] = 0xFF820000, [IMR2 / 4] = 0x87}};
    *of(p) = fresh;
    interrupt(p);
}

static bool listens(const struct periph *p)
{
    return (of(p)->reg[IMR1 / 4] | of(p)->reg[EMR1 / 4]) & (of(p)->reg[RTSR1 / 4] | of(p)->reg[FTSR1 / 4]) & 0xffff;
}

const struct periph_model exti_model = {
    .name = "exti", .state = sizeof(struct exti), .reset = reset, .load = load, .store = store, .listens = listens};
