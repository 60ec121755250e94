/* SPDX-License-Identifier: GPL-3.0-or-later
 * A port of 16 pins (RM0351 §8.5). Inputs follow what drives them, else their pull, else the board: the user button on PC13 has a
 * pull-up. */
#include "sim/models.h"

enum { MODER = 0x00, OTYPER = 0x04, OSPEEDR = 0x08, PUPDR = 0x0C, IDR = 0x10, ODR = 0x14, BSRR = 0x18, LCKR = 0x1C,
       AFRL = 0x20, AFRH = 0x24, BRR = 0x28, ASCR = 0x2C, REGS = ASCR / 4 + 1 };
enum { PORT_A = 0, PORT_B = 1, PORT_C = 2, PORT_H = 7, LCKK = 1 << 16 };

struct gpio {
    uint32_t reg[REGS];
    uint16_t driven, drive; /* pins driven from outside, and their level */
    uint16_t shown;         /* level of each pin when last looked at */
    uint16_t told;          /* level last given to the hook for outputs */
    uint16_t locked;
    unsigned lock_step;
};

static struct gpio *of(const struct periph *p)
{
    return p->state;
}

static unsigned mode(const struct gpio *g, unsigned pin)
{
    return g->reg[MODER / 4] >> 2 * pin & 3;
}

static bool pulled(const struct periph *p, unsigned pin)
{
    unsigned pull = of(p)->reg[PUPDR / 4] >> 2 * pin & 3;
    return pull == 1 || (pull == 0 && p->site->unit == PORT_C && pin == 13);
}

static bool input_level(const struct periph *p, unsigned pin)
{
    const struct gpio *g = of(p);
    return g->driven >> pin & 1 ? g->drive >> pin & 1 : pulled(p, pin);
}

bool gpio_level(const struct periph *p, unsigned pin)
{
    const struct gpio *g = of(p);
    switch (mode(g, pin)) {
    case 1: {
        bool high = g->reg[ODR / 4] >> pin & 1;
        return high && g->reg[OTYPER / 4] >> pin & 1 ? input_level(p, pin) : high; /* open drain lets go of a high */
    }
    case 3: return false; /* analog: the Schmitt trigger is off, reads 0 */
    default: return input_level(p, pin);
    }
}

bool gpio_af(const struct periph *p, unsigned pin, unsigned af)
{
    const struct gpio *g = of(p);
    return mode(g, pin) == 2 && (g->reg[AFRL / 4 + pin / 8] >> 4 * (pin % 8) & 15) == af;
}

/* After anything that can move a pin: tells outputs to the bench and edges to EXTI. */
static void look(struct periph *p)
{
    struct gpio *g = of(p);
    for (unsigned pin = 0; pin < 16; pin++) {
        uint16_t bit = (uint16_t)(1u << pin);
        bool now = gpio_level(p, pin);
        if (mode(g, pin) == 1 && now != !!(g->told & bit)) {
            g->told ^= bit;
            periph_pin_out(p, pin, now);
        }
        if (now != !!(g->shown & bit)) {
            g->shown ^= bit;
            periph_pin_edge(p, pin, now);
        }
    }
}

void gpio_drive(struct periph *p, unsigned pin, int level)
{
    struct gpio *g = of(p);
    uint16_t bit = (uint16_t)(1u << pin);
    g->driven = level < 0 ? g->driven & (uint16_t)~bit : g->driven | bit;
    g->drive = level > 0 ? g->drive | bit : g->drive & (uint16_t)~bit;
    if (chip_powered(p->chip))
        look(p);
}

static uint32_t load(struct periph *p, uint32_t o)
{
    struct gpio *g = of(p);
    uint32_t v = 0;
    if (o > ASCR) {
        periph_odd(p, "reserved");
        return 0;
    }
    if (o == BSRR || o == BRR)
        return 0;
    if (o != IDR)
        return g->reg[o / 4];
    for (unsigned pin = 0; pin < 16; pin++)
        v |= gpio_level(p, pin) ? 1u << pin : 0;
    return v;
}

/* The lock sequence: 1, 0, 1 with the same pins, then a read (§8.4.8). */
static void lock(struct gpio *g, uint32_t value)
{
    static const uint8_t key[3] = {1, 0, 1};
    uint32_t pins = value & 0xffff, *reg = &g->reg[LCKR / 4];
    if (*reg & LCKK)
        return;
    bool same = g->lock_step == 0 || pins == (*reg & 0xffff);
    g->lock_step = same && (value >> 16 & 1) == key[g->lock_step] ? g->lock_step + 1 : (value >> 16 & 1);
    *reg = pins;
    if (g->lock_step == 3) {
        *reg |= LCKK;
        g->locked = (uint16_t)pins;
    }
}

/* Bits of a register with n bits per pin that locked pins keep. */
static uint32_t kept(const struct gpio *g, uint32_t o)
{
    uint32_t keep = 0;
    unsigned n = o == MODER || o == OSPEEDR || o == PUPDR ? 2 : o == AFRL || o == AFRH ? 4 : 1;
    for (unsigned pin = 0; pin < 16; pin++) {
        unsigned lane = o == AFRH ? pin - 8 : pin;
        if (g->locked >> pin & 1 && lane < 32 / n && o != ODR)
            keep |= ((1u << n) - 1) << lane * n;
    }
    return keep;
}

static void store(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct gpio *g = of(p);
    uint32_t *odr = &g->reg[ODR / 4];
    value &= mask;
    switch (o) {
    case IDR: break;
    case BSRR: *odr = (*odr & ~(value >> 16)) | (value & 0xffff); break; /* set wins over reset: §8.5.7 */
    case BRR: *odr &= ~(value & 0xffff); break;
    case LCKR: lock(g, value); break;
    default:
        if (o > ASCR) {
            periph_odd(p, "reserved");
            return;
        }
        bool half = o == OTYPER || o == ODR || o == ASCR;
        g->reg[o / 4] = periph_merge(g->reg[o / 4], value, mask & ~kept(g, o), half ? 0xffff : 0xffffffff);
        break;
    }
    look(p);
}

static void reset(struct periph *p, enum periph_reset how)
{
    struct gpio *g = of(p);
    (void)how;
    *g = (struct gpio){.driven = g->driven, .drive = g->drive};
    g->reg[MODER / 4] = 0xFFFFFFFF;
    switch (p->site->unit) { /* the debug pins of A and B are alternate functions: §8.5.1 to §8.5.4 */
    case PORT_A:
        g->reg[MODER / 4] = 0xABFFFFFF;
        g->reg[OSPEEDR / 4] = 0x0C000000;
        g->reg[PUPDR / 4] = 0x64000000;
        break;
    case PORT_B:
        g->reg[MODER / 4] = 0xFFFFFEBF;
        g->reg[PUPDR / 4] = 0x00000100;
        break;
    case PORT_H: g->reg[MODER / 4] = 0x0000000F; break;
    default: break;
    }
    for (unsigned pin = 0; pin < 16; pin++)
        g->shown |= (uint16_t)(gpio_level(p, pin) << pin);
}

const struct periph_model gpio_model = {
    .name = "gpio", .state = sizeof(struct gpio), .reset = reset, .load = load, .store = store};
