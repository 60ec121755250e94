/* SPDX-License-Identifier: GPL-3.0-or-later
 * CRC unit (RM0351 §15): programmable polynomial of 7, 8, 16 or 32 bits, reversals; a write of 8, 16 or 32 bits feeds that many.
 */
#include "sim/models.h"

enum { DR = 0x00, IDR = 0x04, CR = 0x08, INIT = 0x10, POL = 0x14, RESET = 1, REV_OUT = 1 << 7 };

struct crc_periph {
    uint32_t dr, idr, cr, init, pol;
};

static struct crc_periph *of(const struct periph *p)
{
    return p->state;
}

static uint32_t reversed(uint32_t v, unsigned bits)
{
    uint32_t r = 0;
    for (unsigned i = 0; i < bits; i++)
        r |= (v >> i & 1) << (bits - 1 - i);
    return r;
}

static unsigned width(const struct crc_periph *c)
{
    static const uint8_t bits[4] = {32, 16, 8, 7};
    return bits[c->cr >> 3 & 3];
}

/* REV_IN: by byte, half-word or word, never more than was written. */
static uint32_t reverse_in(uint32_t v, unsigned bits, unsigned how)
{
    unsigned unit = how == 1 ? 8 : how == 2 ? 16 : 32;
    uint32_t r = 0;
    if (!how)
        return v;
    unit = unit > bits ? bits : unit;
    for (unsigned at = 0; at < bits; at += unit)
        r |= reversed(v >> at & (unit == 32 ? 0xffffffffu : (1u << unit) - 1), unit) << at;
    return r;
}

static void feed(struct crc_periph *c, uint32_t v, unsigned bits)
{
    unsigned n = width(c);
    uint32_t top = 1u << (n - 1), mask = top | (top - 1);
    v = reverse_in(v, bits, c->cr >> 5 & 3);
    for (unsigned i = bits; i-- > 0;) {
        bool out = !!(c->dr & top) != (v >> i & 1);
        c->dr = (c->dr << 1 ^ (out ? c->pol : 0)) & mask;
    }
}

static uint32_t load(struct periph *p, uint32_t o)
{
    struct crc_periph *c = of(p);
    switch (o) {
    case DR: return c->cr & REV_OUT ? reversed(c->dr, width(c)) : c->dr;
    case IDR: return c->idr;
    case CR: return c->cr;
    case INIT: return c->init;
    case POL: return c->pol;
    default: periph_odd(p, "reserved"); return 0;
    }
}

static void store(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct crc_periph *c = of(p);
    switch (o) {
    case DR: {
        unsigned shift = mask & 0xff ? 0 : mask & 0xff00 ? 8 : mask & 0xff0000 ? 16 : 24;
        feed(c, value >> shift, mask == 0xffffffff ? 32 : mask >> shift == 0xffff ? 16 : 8);
        break;
    }
    case IDR: c->idr = value & mask & 0xff; break;
    case CR:
        c->cr = periph_merge(c->cr, value, mask, 0xF8);
        if (value & mask & RESET)
            c->dr = c->init;
        break;
    case INIT: c->init = c->dr = periph_merge(c->init, value, mask, 0xffffffff); break;
    case POL: c->pol = periph_merge(c->pol, value, mask, 0xffffffff); break;
    default: periph_odd(p, "reserved"); break;
    }
}

static void reset(struct periph *p, enum periph_reset how)
{
    (void)how;
    *of(p) = (struct crc_periph){.dr = 0xffffffff, .init = 0xffffffff, .pol = 0x04C11DB7};
}

const struct periph_model crc_periph_model = {
    .name = "crc", .state = sizeof(struct crc_periph), .reset = reset, .load = load, .store = store};
