/* SPDX-License-Identifier: GPL-3.0-or-later
 * Debug component (RM0351 §46.6): the device's identity, freeze bits that have no effect without a debugger. */
#include "sim/models.h"

enum { IDCODE = 0x00, CR = 0x04, APB2FZR = 0x10, ID = 0x10076415 /* revision 4, device 0x415 */ };

struct dbgmcu {
    uint32_t reg[4];
};

static uint32_t load(struct periph *p, uint32_t o)
{
    struct dbgmcu *d = p->state;
    if (o == IDCODE)
        return ID;
    if (o <= APB2FZR)
        return d->reg[o / 4 - 1];
    periph_odd(p, "reserved");
    return 0;
}

static void store(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct dbgmcu *d = p->state;
    if (o >= CR && o <= APB2FZR)
        d->reg[o / 4 - 1] = periph_merge(d->reg[o / 4 - 1], value, mask, 0xffffffff);
    else if (o != IDCODE)
        periph_odd(p, "reserved");
}

static void reset(struct periph *p, enum periph_reset how)
{
    if (how == PERIPH_POWER) /* §46.6: not by a system reset */
        *(struct dbgmcu *)p->state = (struct dbgmcu){{0}};
}

const struct periph_model dbgmcu_model = {
    .name = "dbgmcu", .state = sizeof(struct dbgmcu), .reset = reset, .load = load, .store = store};
