/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reset and clock control (RM0351 §6): oscillators with their start-up times, PLL, prescalers, enables, resets, the reason of the
 * last reset. Frequencies are exact integers; an oscillator that is not running is 0 Hz.
 */
#include "sim/models.h"

enum { CR = 0x00, ICSCR = 0x04, CFGR = 0x08, PLLCFGR = 0x0C, PLLSAI1CFGR = 0x10, PLLSAI2CFGR = 0x14, CIER = 0x18, CIFR = 0x1C,
       CICR = 0x20, AHB1RSTR = 0x28, APB2RSTR = 0x40, AHB1ENR = 0x48, APB2ENR = 0x60, AHB1SMENR = 0x68, APB2SMENR = 0x80,
       CCIPR = 0x88, BDCR = 0x90, CSR = 0x94, REGS = CSR / 4 + 1 };
enum { CSR_LSION = 1, CSR_LSIRDY = 2, CSR_RMVF = 1 << 23, CSR_OBLRSTF = 1 << 25, CSR_PINRSTF = 1 << 26, CSR_BORRSTF = 1 << 27,
       CSR_SFTRSTF = 1 << 28, CSR_IWDGRSTF = 1 << 29, CSR_WWDGRSTF = 1 << 30 };
enum { BDCR_RTCEN = 1 << 15 };
#define CSR_FLAGS 0xFF000000u
enum { LSI_HZ = 32000, LSE_HZ = 32768, HSI_HZ = 16000000 };

/* What needs time to start: ON bit, ready bit (the next one), interrupt flag in CIFR. */
enum source { MSI, HSI, HSE, PLL, SAI1, SAI2, LSI, LSE, SOURCES };
static const struct { uint8_t reg, on, ready, flag; uint32_t start_ns; } osc[SOURCES] = {
    [MSI] = {CR, 0, 1, 2, 2500},      /* DS10198 tables 45 to 50, typical values */
    [HSI] = {CR, 8, 10, 3, 3800},
    [HSE] = {CR, 16, 17, 4, 20000},   /* bypass: an external clock is there at once, the counter of 16 pulses is not */
    [PLL] = {CR, 24, 25, 5, 15000},
    [SAI1] = {CR, 26, 27, 6, 15000},
    [SAI2] = {CR, 28, 29, 7, 15000},
    [LSI] = {CSR, 0, 1, 0, 80000},
    [LSE] = {BDCR, 0, 1, 1, 2000000000},
};

struct rcc {
    uint32_t reg[REGS];
    uint64_t ready_at[SOURCES];
    uint32_t hclk;
    bool lsi_forced;
};

static struct rcc *of(const struct periph *p)
{
    return p->state;
}

static uint32_t get(const struct rcc *r, unsigned offset)
{
    return r->reg[offset / 4];
}

/* --- frequencies --- */

static bool is_ready(const struct rcc *r, enum source s)
{
    return get(r, osc[s].reg) >> osc[s].ready & 1;
}

static uint32_t msi_hz(const struct rcc *r)
{
    static const uint32_t range[16] = {100000,  200000,  400000,   800000,   1000000,  2000000,
                                       4000000, 8000000, 16000000, 24000000, 32000000, 48000000};
    unsigned i = get(r, CR) & 8 ? get(r, CR) >> 4 & 15 : get(r, CSR) >> 8 & 15;
    return range[i];
}

static uint32_t source_hz(const struct periph *p, unsigned pllsrc)
{
    const struct rcc *r = of(p);
    switch (pllsrc) {
    case 1: return is_ready(r, MSI) ? msi_hz(r) : 0;
    case 2: return is_ready(r, HSI) ? HSI_HZ : 0;
    case 3: return is_ready(r, HSE) ? periph_hse(p) : 0;
    default: return 0;
    }
}

/* Output of a PLL: divider field at `shift` (2, 4, 6, 8), enable bit below it. Shared source and M of PLLCFGR. */
static uint32_t pll_hz(const struct periph *p, enum source s, unsigned cfg, unsigned enable, unsigned shift)
{
    const struct rcc *r = of(p);
    uint32_t main_cfg = get(r, PLLCFGR), c = get(r, cfg), n = c >> 8 & 0x7F;
    if (!is_ready(r, s) || !(c >> enable & 1))
        return 0;
    uint64_t vco = (uint64_t)source_hz(p, main_cfg & 3) * n / ((main_cfg >> 4 & 7) + 1);
    return (uint32_t)(vco / (((c >> shift & 3) + 1) * 2));
}

static uint32_t sysclk_hz(const struct periph *p)
{
    const struct rcc *r = of(p);
    switch (get(r, CFGR) >> 2 & 3) {
    case 0: return msi_hz(r);
    case 1: return HSI_HZ;
    case 2: return periph_hse(p);
    default: return pll_hz(p, PLL, PLLCFGR, 24, 25);
    }
}

static uint32_t apb_hz(const struct rcc *r, unsigned shift)
{
    unsigned pre = get(r, CFGR) >> shift & 7;
    return pre & 4 ? r->hclk >> ((pre & 3) + 1) : r->hclk;
}

static uint32_t hclk_hz(const struct periph *p)
{
    static const uint8_t shift[8] = {1, 2, 3, 4, 6, 7, 8, 9};
    unsigned pre = get(of(p), CFGR) >> 4 & 15;
    uint32_t hz = sysclk_hz(p);
    return pre & 8 ? hz >> shift[pre & 7] : hz;
}

static uint32_t clk48_hz(const struct periph *p)
{
    switch (get(of(p), CCIPR) >> 26 & 3) {
    case 1: return pll_hz(p, SAI1, PLLSAI1CFGR, 20, 21);
    case 2: return pll_hz(p, PLL, PLLCFGR, 20, 21);
    case 3: return is_ready(of(p), MSI) ? msi_hz(of(p)) : 0;
    default: return 0;
    }
}

uint32_t rcc_hz(const struct periph *p, enum periph_clock which)
{
    const struct rcc *r = of(p);
    switch (which) {
    case PERIPH_HCLK: return r->hclk;
    case PERIPH_PCLK1: return apb_hz(r, 8);
    case PERIPH_PCLK2: return apb_hz(r, 11);
    case PERIPH_TIM1CLK: return get(r, CFGR) >> 10 & 1 ? apb_hz(r, 8) * 2 : apb_hz(r, 8);
    case PERIPH_SYSCLK: return sysclk_hz(p);
    case PERIPH_HSI16: return is_ready(r, HSI) ? HSI_HZ : 0;
    case PERIPH_LSE: return is_ready(r, LSE) ? LSE_HZ : 0;
    case PERIPH_LSI: return r->lsi_forced || is_ready(r, LSI) ? LSI_HZ : 0;
    case PERIPH_CLK48: return clk48_hz(p);
    }
    return 0;
}

uint32_t rcc_uart_hz(const struct periph *p, unsigned unit)
{
    switch (get(of(p), CCIPR) >> (unit - 1) * 2 & 3) {
    case 0: return rcc_hz(p, unit == 1 ? PERIPH_PCLK2 : PERIPH_PCLK1);
    case 1: return rcc_hz(p, PERIPH_SYSCLK);
    case 2: return rcc_hz(p, PERIPH_HSI16);
    default: return rcc_hz(p, PERIPH_LSE);
    }
}

bool rcc_enabled(const struct periph *p, unsigned enr, unsigned bit)
{
    return get(of(p), enr) >> bit & 1;
}

static void update(struct periph *p)
{
    struct rcc *r = of(p);
    uint32_t hz = hclk_hz(p);
    if (!hz)
        return; /* SYSCLK source without a frequency: select() never switches to one */
    r->hclk = hz;
    periph_clock_tree(p, hz);
}

/* --- starting, stopping, switching --- */

static void plan(struct periph *p)
{
    uint64_t due = PERIPH_NEVER;
    for (int s = 0; s < SOURCES; s++)
        due = of(p)->ready_at[s] < due ? of(p)->ready_at[s] : due;
    periph_due(p, due);
}

static void interrupt(struct periph *p)
{
    const struct rcc *r = of(p);
    periph_irq(p, p->site->irq, get(r, CIER) & get(r, CIFR));
}

static void set_ready(struct rcc *r, enum source s, bool on)
{
    uint32_t bit = 1u << osc[s].ready;
    r->reg[osc[s].reg / 4] = on ? r->reg[osc[s].reg / 4] | bit : r->reg[osc[s].reg / 4] & ~bit;
}

/* CFGR.SW becomes SWS once its source runs (RM0351 §6.2.8). */
static void select_source(struct periph *p)
{
    static const uint8_t need[4] = {MSI, HSI, HSE, PLL};
    struct rcc *r = of(p);
    unsigned sw = get(r, CFGR) & 3, old = get(r, CFGR) >> 2 & 3;
    if (sw == old || !is_ready(r, (enum source)need[sw]))
        return;
    r->reg[CFGR / 4] = (get(r, CFGR) & ~0xCu) | sw << 2;
    if (sysclk_hz(p))
        return;
    r->reg[CFGR / 4] = (get(r, CFGR) & ~0xCu) | old << 2; /* PLL without PLLREN or source: there is no edge to switch on */
    periph_report(p, CFGR, sw, "clock");
}

static bool in_use(const struct rcc *r, enum source s)
{
    static const uint8_t sws[4] = {MSI, HSI, HSE, PLL};
    unsigned now = sws[get(r, CFGR) >> 2 & 3];
    if (s == now)
        return true;
    static const uint8_t src[4] = {SOURCES, MSI, HSI, HSE};
    return now == PLL && s == src[get(r, PLLCFGR) & 3];
}

static bool can_start(const struct periph *p, enum source s)
{
    if (s == HSE)
        return periph_hse(p) != 0;
    return s < PLL || s > SAI2 || source_hz(p, get(of(p), PLLCFGR) & 3);
}

/* After a write to CR, CSR or BDCR: what was switched on starts, what was switched off is not ready any more. */
static void oscillators(struct periph *p)
{
    struct rcc *r = of(p);
    for (unsigned i = 0; i < SOURCES; i++) {
        enum source s = (enum source)i;
        bool on = get(r, osc[s].reg) >> osc[s].on & 1;
        if (!on && in_use(r, s)) { /* hardware keeps the system clock's source on */
            r->reg[osc[s].reg / 4] |= 1u << osc[s].on;
        } else if (!on) {
            set_ready(r, s, false);
            r->ready_at[s] = PERIPH_NEVER;
        } else if (!is_ready(r, s) && r->ready_at[s] == PERIPH_NEVER && can_start(p, s)) {
            r->ready_at[s] = periph_now(p) + osc[s].start_ns;
        }
    }
    plan(p);
}

static void check_pll(struct periph *p)
{
    const struct rcc *r = of(p);
    uint32_t cfg = get(r, PLLCFGR);
    uint64_t in = source_hz(p, cfg & 3) / ((cfg >> 4 & 7) + 1), vco = in * (cfg >> 8 & 0x7F);
    if (in < 4000000 || in > 16000000 || vco < 64000000 || vco > 344000000) /* DS10198 table 51 */
        periph_report(p, PLLCFGR, cfg, "clock");
}

static void event(struct periph *p)
{
    struct rcc *r = of(p);
    for (unsigned i = 0; i < SOURCES; i++) {
        enum source s = (enum source)i;
        if (r->ready_at[s] > periph_now(p))
            continue;
        r->ready_at[s] = PERIPH_NEVER;
        set_ready(r, s, true);
        r->reg[CIFR / 4] |= 1u << osc[s].flag & get(r, CIER);
        if (s == PLL)
            check_pll(p);
    }
    oscillators(p); /* a PLL may have waited for its source */
    select_source(p);
    update(p);
    interrupt(p);
}

/* --- registers --- */

static bool exists(uint32_t o)
{
    return o <= CSR && o != 0x24 && o != 0x34 && o != 0x44 && o != 0x54 && o != 0x64 && o != 0x74 && o != 0x84 && o != 0x8C;
}

static uint32_t load(struct periph *p, uint32_t o)
{
    if (!exists(o)) {
        periph_odd(p, "reserved");
        return 0;
    }
    uint32_t v = o == CICR ? 0 : get(of(p), o);
    if (o == CSR && of(p)->lsi_forced)
        v |= CSR_LSIRDY;
    return v;
}

static void store_cr(struct periph *p, uint32_t value, uint32_t mask)
{
    struct rcc *r = of(p);
    uint32_t old = get(r, CR);
    r->reg[CR / 4] = periph_merge(old, value, mask, 0x150D0BFD);
    if (r->reg[CR / 4] & 1 << 19)
        periph_odd(p, "unmodelled"); /* CSSON: a clock that never fails needs no security system */
    oscillators(p);
    select_source(p);
    update(p);
}

static void store_bdcr(struct periph *p, uint32_t value, uint32_t mask)
{
    struct rcc *r = of(p);
    if (!periph_backup_open(p))
        return; /* RM0351 §5.4.1: PWR_CR1.DBP guards it */
    uint32_t writable = get(r, BDCR) & 3 << 8 ? 0x0301807D : 0x0301837D; /* §6.4.29: RTCSEL is chosen once */
    r->reg[BDCR / 4] = periph_merge(get(r, BDCR), value, mask, writable);
    if (get(r, BDCR) & 1 << 16) { /* BDRST */
        r->reg[BDCR / 4] = 1 << 16;
        periph_domain_reset(p);
    }
    oscillators(p);
    update(p);
}

static void store_csr(struct periph *p, uint32_t value, uint32_t mask)
{
    struct rcc *r = of(p);
    r->reg[CSR / 4] = periph_merge(get(r, CSR), value, mask, 0x00000F01);
    if (value & mask & CSR_RMVF)
        r->reg[CSR / 4] &= ~CSR_FLAGS;
    oscillators(p);
    update(p);
}

static void store_plain(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct rcc *r = of(p);
    uint32_t old = get(r, o);
    r->reg[o / 4] = periph_merge(old, value, mask, o == CFGR ? 0x77008000u | 0x3FF3u : 0xffffffffu);
    if (o >= AHB1RSTR && o <= APB2RSTR && (get(r, o) & ~old))
        periph_reset_unit(p, o, get(r, o) & ~old);
    if (o >= AHB1ENR && o <= APB2ENR)
        periph_gates(p);
    if (o == CFGR || o == CCIPR || o == ICSCR || (o >= PLLCFGR && o <= PLLSAI2CFGR)) {
        select_source(p);
        update(p);
    }
    if (o == CIER)
        interrupt(p);
}

static void store(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct rcc *r = of(p);
    if (!exists(o)) {
        periph_odd(p, "reserved");
        return;
    }
    switch (o) {
    case CR: store_cr(p, value, mask); break;
    case BDCR: store_bdcr(p, value, mask); break;
    case CSR: store_csr(p, value, mask); break;
    case CIFR: break;
    case CICR:
        r->reg[CIFR / 4] &= ~(value & mask);
        interrupt(p);
        break;
    case PLLCFGR: /* RM0351 §6.4.4: M, N and the source only while the PLL is off */
        store_plain(p, o, value, get(r, CR) & 1 << 24 ? mask & ~0x7F73u : mask);
        break;
    default: store_plain(p, o, value, mask); break;
    }
}

static void reset(struct periph *p, enum periph_reset how)
{
    struct rcc *r = of(p);
    uint32_t csr = get(r, CSR) & CSR_FLAGS, bdcr = get(r, BDCR);
    uint64_t lse_at = r->ready_at[LSE];
    static const struct rcc fresh = {.reg = {[CR / 4] = 0x63,
                              [ICSCR / 4] = 0x10400080,
                              [PLLCFGR / 4] = 0x1000,
                              [PLLSAI1CFGR / 4] = 0x1000,
                              [PLLSAI2CFGR / 4] = 0x1000,
                              [AHB1ENR / 4] = 0x100,
                              [AHB1SMENR / 4] = 0x00011303,
                              [0x6C / 4] = 0x000532FF,
                              [0x70 / 4] = 0x101,
                              [0x78 / 4] = 0xF2FECA3F,
                              [0x7C / 4] = 0x25,
                              [APB2SMENR / 4] = 0x01677C01,
                              [CSR / 4] = 0x600}};
    *r = fresh;
    for (int s = 0; s < SOURCES; s++)
        r->ready_at[s] = PERIPH_NEVER;
    if (how != PERIPH_POWER)
        r->reg[CSR / 4] |= csr; /* flags add up until RMVF */
    r->reg[BDCR / 4] = bdcr; /* the backup domain has a supply of its own, VBAT */
    r->ready_at[LSE] = bdcr & 1 ? lse_at : PERIPH_NEVER;
    plan(p);
    r->hclk = hclk_hz(p);
    periph_gates(p);
    periph_clock_tree(p, r->hclk);
}

void rcc_reset_cause(struct periph *p, enum chip_reset cause)
{
    static const uint32_t flag[] = {
        [CHIP_RESET_POWER] = CSR_BORRSTF,  [CHIP_RESET_SOFTWARE] = CSR_SFTRSTF, [CHIP_RESET_IWDG] = CSR_IWDGRSTF,
        [CHIP_RESET_OPTION] = CSR_OBLRSTF, [CHIP_RESET_WWDG] = CSR_WWDGRSTF,    [CHIP_RESET_PIN] = 0};
    of(p)->reg[CSR / 4] |= flag[cause] | CSR_PINRSTF; /* every internal reset pulls NRST low: RM0351 §6.1.2 figure 13 */
}

void rcc_enter_stop(struct periph *p)
{
    struct rcc *r = of(p);
    bool hsi = get(r, CFGR) & 1 << 15; /* STOPWUCK */
    r->reg[CFGR / 4] = (get(r, CFGR) & ~0xFu) | (hsi ? 5 : 0);
    r->reg[CR / 4] &= ~(1u << 16 | 1u << 17 | 1u << 24 | 1u << 25 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 29);
    r->reg[CR / 4] = hsi ? get(r, CR) | 1u << 8 | 1u << 10 : get(r, CR) | 3;
    oscillators(p);
    update(p);
}

/* RM0351 §6.4.29: RTCEN and RTCSEL. */
uint32_t rcc_rtc_hz(const struct periph *p)
{
    const struct rcc *r = of(p);
    if (!(get(r, BDCR) & BDCR_RTCEN))
        return 0;
    switch (get(r, BDCR) >> 8 & 3) {
    case 1: return rcc_hz(p, PERIPH_LSE);
    case 2: return rcc_hz(p, PERIPH_LSI);
    case 3: return is_ready(r, HSE) ? periph_hse(p) / 32 : 0;
    default: return 0;
    }
}

void rcc_domain_reset(struct periph *p)
{
    of(p)->reg[BDCR / 4] = 0;
    of(p)->ready_at[LSE] = PERIPH_NEVER;
}

void rcc_rtc_on_lse(struct periph *p)
{
    of(p)->reg[BDCR / 4] = BDCR_RTCEN | 1 << 8 | 3;
    of(p)->ready_at[LSE] = PERIPH_NEVER;
}

void rcc_lsi_forced(struct periph *p)
{
    of(p)->lsi_forced = true;
}

const struct periph_model rcc_model = {
    .name = "rcc", .state = sizeof(struct rcc), .reset = reset, .load = load, .store = store, .event = event};
