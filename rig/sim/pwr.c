/* SPDX-License-Identifier: GPL-3.0-or-later
 * Power control (RM0351 §5.4): voltage range, backup domain access, low-power mode selection, wake-up flags. The supply itself is
 * the chip's; PVD and the analog side of VDD come with the power model. */
#include "sim/models.h"

enum { CR1 = 0x00, CR2 = 0x04, CR3 = 0x08, CR4 = 0x0C, SR1 = 0x10, SR2 = 0x14, SCR = 0x18, PUCRA = 0x20, PDCRH = 0x5C,
       REGS = PDCRH / 4 + 1 };
enum { CR1_DBP = 1 << 8, CR1_LPR = 1 << 14, SR2_REGLPS = 1 << 8, SR2_REGLPF = 1 << 9, SR2_VOSF = 1 << 10,
       VOS_NS = 20000 /* DS10198 table 40 */ };

struct pwr {
    uint32_t reg[REGS];
};

static struct pwr *of(const struct periph *p)
{
    return p->state;
}

bool pwr_backup_open(const struct periph *p)
{
    return of(p)->reg[CR1 / 4] & CR1_DBP;
}

unsigned pwr_range(const struct periph *p)
{
    return (of(p)->reg[CR1 / 4] >> 9 & 3) == 2 ? 2 : 1;
}

unsigned pwr_low_power(const struct periph *p)
{
    return of(p)->reg[CR1 / 4] & 7;
}

static void reset(struct periph *p, enum periph_reset how)
{
    (void)how; /* RM0351 §5.4.1: CR1 goes back at every reset but the wake-up from Standby */
    static const struct pwr fresh = {.reg = {[CR1 / 4] = 0x200, [CR3 / 4] = 0x8000, [SR2 / 4] = SR2_REGLPS}};
    *of(p) = fresh;
}

static bool exists(uint32_t o)
{
    return o <= SCR || (o >= PUCRA && o <= PDCRH);
}

static uint32_t load(struct periph *p, uint32_t o)
{
    if (!exists(o)) {
        periph_odd(p, "reserved");
        return 0;
    }
    return o == SCR ? 0 : of(p)->reg[o / 4];
}

static void store_cr1(struct periph *p, uint32_t value, uint32_t mask)
{
    struct pwr *w = of(p);
    unsigned range = pwr_range(p);
    w->reg[CR1 / 4] = periph_merge(w->reg[CR1 / 4], value, mask, 0x4707);
    if (pwr_range(p) < range) { /* only the way up takes time */
        w->reg[SR2 / 4] |= SR2_VOSF;
        periph_due(p, periph_now(p) + VOS_NS);
    }
    w->reg[SR2 / 4] = w->reg[CR1 / 4] & CR1_LPR ? w->reg[SR2 / 4] | SR2_REGLPF : w->reg[SR2 / 4] & ~(uint32_t)SR2_REGLPF;
}

static void store(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct pwr *w = of(p);
    if (!exists(o))
        periph_odd(p, "reserved");
    else if (o == CR1)
        store_cr1(p, value, mask);
    else if (o == SCR)
        w->reg[SR1 / 4] &= ~(value & mask & 0x11F);
    else if (o != SR1 && o != SR2)
        w->reg[o / 4] = periph_merge(w->reg[o / 4], value, mask, 0xffffffff);
    if (o == CR2 && value & mask & 0xF1)
        periph_odd(p, "unmodelled"); /* PVD, PVM: VDD never sags here, so their outputs stay 0 */
}

static void event(struct periph *p)
{
    of(p)->reg[SR2 / 4] &= ~(uint32_t)SR2_VOSF;
}

const struct periph_model pwr_model = {
    .name = "pwr", .state = sizeof(struct pwr), .reset = reset, .load = load, .store = store, .event = event};
