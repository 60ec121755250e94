/* SPDX-License-Identifier: GPL-3.0-or-later
 * System configuration (RM0351 §9.2): what lies at address 0, which bank comes first, EXTI ports, SRAM2 erase. */
#include "sim/models.h"

enum { MEMRMP = 0x00, CFGR1 = 0x04, EXTICR1 = 0x08, EXTICR4 = 0x14, SCSR = 0x18, CFGR2 = 0x1C, SWPR = 0x20, SKR = 0x24,
       REGS = SKR / 4 + 1 };
enum { FB_MODE = 1 << 8, SRAM2ER = 1, SRAM2BSY = 2, ERASE_NS = 10000 };

struct syscfg {
    uint32_t reg[REGS];
    unsigned keys; /* of SKR: 0xCA, then 0x53 */
};

static struct syscfg *of(const struct periph *p)
{
    return p->state;
}

unsigned syscfg_exti_port(const struct periph *p, unsigned line)
{
    return of(p)->reg[EXTICR1 / 4 + line / 4] >> 4 * (line % 4) & 7;
}

static uint32_t load(struct periph *p, uint32_t o)
{
    struct syscfg *s = of(p);
    if (o > SKR) {
        periph_odd(p, "reserved");
        return 0;
    }
    if (o == MEMRMP) /* the bank swap may come from the option bytes */
        return (s->reg[0] & ~(uint32_t)FB_MODE) | (periph_bank_swap(p) ? FB_MODE : 0);
    return o == SKR ? 0 : s->reg[o / 4];
}

static void store_memrmp(struct periph *p, uint32_t value, uint32_t mask)
{
    struct syscfg *s = of(p);
    uint32_t now = (s->reg[0] & ~(uint32_t)FB_MODE) | (periph_bank_swap(p) ? FB_MODE : 0);
    s->reg[0] = periph_merge(now, value, mask, 7 | FB_MODE);
    if ((s->reg[0] & 7) != 0 && (s->reg[0] & 7) != 3)
        periph_odd(p, "unmodelled"); /* system flash, FMC, QUADSPI at 0 */
    periph_remap(p, s->reg[0] & 7, s->reg[0] & FB_MODE);
}

static void store_skr(struct periph *p, uint32_t key)
{
    struct syscfg *s = of(p);
    (void)p;
    s->keys = key == 0xCA ? 1 : key == 0x53 && s->keys == 1 ? 2 : 0;
}

static void store_scsr(struct periph *p, uint32_t value)
{
    struct syscfg *s = of(p);
    if (!(value & SRAM2ER) || s->keys != 2)
        return;
    s->keys = 0;
    s->reg[SCSR / 4] = SRAM2ER | SRAM2BSY;
    periph_sram2_erase(p);
    periph_due(p, periph_now(p) + ERASE_NS);
}

static void store(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct syscfg *s = of(p);
    switch (o) {
    case MEMRMP: store_memrmp(p, value, mask); break;
    case SCSR: store_scsr(p, value & mask); break;
    case SKR: store_skr(p, value & 0xff); break;
    case CFGR2: /* lock bits stay once set */
        s->reg[o / 4] = (s->reg[o / 4] | (value & mask & 0xF)) & ~(value & mask & 0x100);
        break;
    case SWPR: s->reg[o / 4] |= value & mask; break;
    default:
        if (o > SKR)
            periph_odd(p, "reserved");
        else
            s->reg[o / 4] = periph_merge(s->reg[o / 4], value, mask, o == CFGR1 ? 0xFC7F0101 : 0x7777);
        break;
    }
}

static void event(struct periph *p)
{
    of(p)->reg[SCSR / 4] = 0;
}

static void reset(struct periph *p, enum periph_reset how)
{
    static const struct syscfg fresh = {.reg = {[CFGR1 / 4] = 0x7C000001}};
    *of(p) = fresh;
    if (how == PERIPH_RCC)
        periph_remap(p, 0, periph_bank_swap(p));
}

const struct periph_model syscfg_model = {
    .name = "syscfg", .state = sizeof(struct syscfg), .reset = reset, .load = load, .store = store, .event = event};
