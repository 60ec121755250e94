/* SPDX-License-Identifier: GPL-3.0-or-later
 * Real-time clock and backup registers (RM0351 §38), in the backup domain.
 *
 * Nothing here has moments of its own: the calendar is a function of how many RTCCLK periods went by since it was last set, and is
 * worked out when somebody looks. On LSE those go on while the chip is off, because VBAT feeds both; LSI and HSE stop with VDD. What the
 * program sees are shadow registers (§38.3.8): they show their reset values after a system reset until two RTCCLK periods later (RSF), and
 * reading SSR or TR freezes them until DR is read. Alarms, wake-up timer, time stamps, tampering and the shift register are told as not
 * modelled when they are switched on.
 */
#include "sim/models.h"
#include "sim/ticks.h"

enum { TR = 0x00, DR = 0x04, CR = 0x08, ISR = 0x0C, PRER = 0x10, WUTR = 0x14, ALRMAR = 0x1C, ALRMBR = 0x20, WPR = 0x24, SSR = 0x28,
       SHIFTR = 0x2C, TSTR = 0x30, TSSSR = 0x38, CALR = 0x3C, TAMPCR = 0x40, ALRMASSR = 0x44, ALRMBSSR = 0x48, OR = 0x4C, BKP0R = 0x50,
       BKP31R = 0xCC, REGS = BKP31R / 4 + 1 };
enum { TR_BITS = 0x007F7F7F, DR_BITS = 0x00FFFF3F, DR_RESET = 0x2101, PRER_RESET = 0x007F00FF, PM = 1 << 22,
       CR_BYPSHAD = 1 << 5, CR_FMT = 1 << 6, CR_ALARMS = 0xF << 8, CR_ADD1H = 1 << 16, CR_SUB1H = 1 << 17, CR_IN_INIT = 0xD0,
       CR_BITS = 0x01FCFF7F, ISR_WRITE_FLAGS = 7, ISR_INITS = 1 << 4, ISR_RSF = 1 << 5, ISR_INITF = 1 << 6, ISR_INIT = 1 << 7,
       CALR_BITS = 0xE1FF };
enum { INIT_TICKS = 2, SYNC_TICKS = 2, RESTART_TICKS = 4 }; /* RTCCLK periods: §38.3.7, §38.3.8 */
enum { DAY_S = 86400, DAYS_1970_TO_2000 = 10957, DAYS_2000_TO_2100 = 36525 };

struct shown { uint32_t tr, dr, ssr; };

struct rtc {
    uint32_t reg[REGS];
    /* RTCCLK periods so far: ticks at ns, hz from there on */
    uint64_t ns, ticks;
    uint32_t hz;
    int32_t ppm; /* the crystal is so much too fast */
    /* the calendar: second (since 2000) and day of the week when the prescalers were 0 */
    uint64_t from, second;
    unsigned weekday_off; /* 1..7 of a day = (days since 2000 + weekday_off) % 7 + 1 */
    bool init, open, frozen;
    unsigned keys;       /* of WPR, right ones in a row */
    uint64_t init_at, sync_at, fresh_at; /* ticks: INITF; RSF; the shadow registers are a copy again */
    struct shown stale;  /* until fresh_at */
    struct shown kept;   /* while frozen */
};

static struct rtc *of(const struct periph *p)
{
    return p->state;
}

/* --- time --- */

/* n × k / d with k far below 2^32, without overflow below n = 2^63. */
static int64_t share(uint64_t n, int32_t k, uint32_t d)
{
    return (int64_t)(n / d) * k + (int64_t)(n % d) * k / d;
}

static uint64_t ticks_now(const struct periph *p)
{
    const struct rtc *r = of(p);
    uint64_t n = ticks_count(periph_now(p) - r->ns, r->hz);
    int32_t calm = (int32_t)(r->reg[CALR / 4] & 0x1FF), calp = r->reg[CALR / 4] >> 15 & 1 ? 512 : 0;
    n += (uint64_t)share(n, r->ppm, 1000000);
    return r->ticks + n + (uint64_t)share(n, calp - calm, 1 << 20); /* smooth calibration, §38.3.12 */
}

/* From now on at another speed. */
static void rebase(struct periph *p, uint32_t hz)
{
    struct rtc *r = of(p);
    r->ticks = ticks_now(p);
    r->ns = periph_now(p);
    r->hz = hz;
}

static uint32_t asynchronous(const struct rtc *r)
{
    return (r->reg[PRER / 4] >> 16 & 0x7F) + 1;
}

static uint32_t synchronous(const struct rtc *r)
{
    return (r->reg[PRER / 4] & 0x7FFF) + 1;
}

/* --- calendar and BCD --- */

static uint32_t bcd(uint32_t n)
{
    return n / 10 << 4 | n % 10;
}

static uint32_t digits(uint32_t reg, unsigned shift, unsigned mask)
{
    uint32_t v = reg >> shift & mask;
    return (v >> 4) * 10 + (v & 15);
}

static bool leap(unsigned year)
{
    return year % 4 == 0;
}

static unsigned month_days(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap(year) ? 29 : days[(month - 1) % 12];
}

static uint64_t days_to(unsigned year, unsigned month, unsigned day)
{
    uint64_t days = (uint64_t)year * 365 + (year + 3) / 4;
    for (unsigned m = 1; m < month; m++)
        days += month_days(year, m);
    return days + (day ? day - 1 : 0);
}

static uint32_t show_date(const struct rtc *r, uint64_t days)
{
    unsigned year = 0, month = 1;
    uint32_t weekday = (uint32_t)((days + r->weekday_off) % 7 + 1);
    days %= DAYS_2000_TO_2100;
    for (unsigned n; days >= (n = leap(year) ? 366 : 365); days -= n)
        year++;
    for (unsigned n; days >= (n = month_days(year, month)); days -= n)
        month++;
    return bcd(year) << 16 | weekday << 13 | bcd(month) << 8 | bcd((uint32_t)days + 1);
}

static uint32_t show_time(const struct rtc *r, uint32_t second)
{
    uint32_t hour = second / 3600, pm = 0;
    if (r->reg[CR / 4] & CR_FMT) {
        pm = hour >= 12 ? PM : 0;
        hour = (hour + 11) % 12 + 1;
    }
    return pm | bcd(hour) << 16 | bcd(second / 60 % 60) << 8 | bcd(second % 60);
}

static uint64_t second_now(const struct periph *p, uint64_t *rest)
{
    const struct rtc *r = of(p);
    uint64_t now = ticks_now(p), gone = now > r->from ? (now - r->from) / asynchronous(r) : 0;
    *rest = gone % synchronous(r);
    return r->second + gone / synchronous(r);
}

static struct shown calendar(const struct periph *p)
{
    const struct rtc *r = of(p);
    uint64_t rest, second = second_now(p, &rest);
    return (struct shown){show_time(r, (uint32_t)(second % DAY_S)), show_date(r, second / DAY_S), synchronous(r) - 1 - (uint32_t)rest};
}

/* The calendar counts on from what TR and DR say. */
static void set_calendar(struct periph *p, uint64_t from)
{
    struct rtc *r = of(p);
    uint32_t tr = r->reg[TR / 4], dr = r->reg[DR / 4], hour = digits(tr, 16, 0x3F);
    if (r->reg[CR / 4] & CR_FMT)
        hour = hour % 12 + (tr & PM ? 12 : 0);
    uint64_t days = days_to(digits(dr, 16, 0xFF), digits(dr, 8, 0x1F), digits(dr, 0, 0x3F));
    r->second = days * DAY_S + hour * 3600 + digits(tr, 8, 0x7F) * 60 + digits(tr, 0, 0x7F);
    r->weekday_off = (unsigned)(((dr >> 13 & 7) + 6 + 7 * days - days) % 7);
    r->from = from;
}

/* --- initialization and shadow registers --- */

static bool counting(const struct periph *p)
{
    return of(p)->hz != 0;
}

static bool in_init(const struct periph *p)
{
    return of(p)->init && counting(p) && ticks_now(p) >= of(p)->init_at;
}

static struct shown shadow(struct periph *p)
{
    struct rtc *r = of(p);
    if (r->init)
        return (struct shown){r->reg[TR / 4], r->reg[DR / 4], synchronous(r) - 1};
    if (r->reg[CR / 4] & CR_BYPSHAD)
        return calendar(p);
    if (r->frozen)
        return r->kept;
    return counting(p) && ticks_now(p) >= r->fresh_at ? calendar(p) : r->stale;
}

static uint32_t isr(const struct periph *p)
{
    const struct rtc *r = of(p);
    uint32_t v = ISR_WRITE_FLAGS | (r->init ? ISR_INIT : 0) | (in_init(p) ? ISR_INITF : 0);
    uint32_t dr = r->init ? r->reg[DR / 4] : calendar(p).dr;
    if (dr >> 16 & 0xFF)
        v |= ISR_INITS;
    if (!r->init && !(r->reg[CR / 4] & CR_BYPSHAD) && counting(p) && ticks_now(p) >= r->sync_at)
        v |= ISR_RSF;
    return v;
}

static void enter_init(struct periph *p)
{
    struct rtc *r = of(p);
    struct shown now = calendar(p);
    r->reg[TR / 4] = now.tr;
    r->reg[DR / 4] = now.dr;
    r->init = true;
    r->frozen = false;
    r->init_at = ticks_now(p) + INIT_TICKS;
}

static void leave_init(struct periph *p)
{
    struct rtc *r = of(p);
    uint64_t now = ticks_now(p);
    r->init = false;
    r->stale = (struct shown){r->reg[TR / 4], r->reg[DR / 4], synchronous(r) - 1};
    set_calendar(p, now + RESTART_TICKS);
    r->sync_at = r->fresh_at = now + RESTART_TICKS + SYNC_TICKS;
}

static void store_isr(struct periph *p, uint32_t value, uint32_t mask)
{
    struct rtc *r = of(p);
    if (!(mask & 0xFF))
        return;
    if (value & ISR_INIT && !r->init)
        enter_init(p);
    else if (!(value & ISR_INIT) && r->init)
        leave_init(p);
    else if (!(value & ISR_RSF) && isr(p) & ISR_RSF)
        r->sync_at = ticks_now(p) + SYNC_TICKS;
}

static void store_cr(struct periph *p, uint32_t value, uint32_t mask)
{
    struct rtc *r = of(p);
    uint32_t writable = CR_BITS & ~(uint32_t)(in_init(p) ? 0 : CR_IN_INIT);
    bool was_bypassed = r->reg[CR / 4] & CR_BYPSHAD;
    r->reg[CR / 4] = periph_merge(r->reg[CR / 4], value, mask, writable);
    if (!r->init && value & mask & CR_ADD1H) /* §38.6.3: outside of init mode */
        r->second += 3600;
    if (!r->init && value & mask & CR_SUB1H && r->second >= 3600)
        r->second -= 3600;
    if (was_bypassed && !(r->reg[CR / 4] & CR_BYPSHAD))
        r->sync_at = r->fresh_at = ticks_now(p) + SYNC_TICKS;
    if (value & mask & (CR_ALARMS | 1 << 4 | 1 << 23 | 1 << 24))
        periph_odd(p, "unmodelled");
}

static void store_wpr(struct rtc *r, uint32_t key)
{
    bool first = key == 0xCA, second = key == 0x53 && r->keys == 1; /* §38.3.7 */
    r->open = second;
    r->keys = first ? 1 : 0;
}

/* --- registers --- */

static bool exists(uint32_t o)
{
    return o <= BKP31R && o != 0x18;
}

static uint32_t load_calendar(struct periph *p, uint32_t o)
{
    struct rtc *r = of(p);
    struct shown s = shadow(p);
    bool freezes = !r->init && !(r->reg[CR / 4] & CR_BYPSHAD);
    if (freezes && o != DR && !r->frozen)
        r->kept = s;
    r->frozen = freezes && o != DR;
    return o == TR ? s.tr : o == DR ? s.dr : s.ssr;
}

static uint32_t load(struct periph *p, uint32_t o)
{
    if (!exists(o)) {
        periph_odd(p, "reserved");
        return 0;
    }
    switch (o) {
    case TR:
    case DR:
    case SSR: return load_calendar(p, o);
    case ISR: return isr(p);
    case WPR:
    case SHIFTR: return 0;
    default: return of(p)->reg[o / 4];
    }
}

static void store_locked(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct rtc *r = of(p);
    uint32_t *reg = &r->reg[o / 4];
    switch (o) {
    case TR:
    case DR:
    case PRER:
        if (in_init(p))
            *reg = periph_merge(*reg, value, mask, o == TR ? TR_BITS : o == DR ? DR_BITS : 0x007F7FFF);
        break;
    case CR: store_cr(p, value, mask); break;
    case ISR: store_isr(p, value, mask); break;
    case CALR:
        rebase(p, r->hz);
        *reg = periph_merge(*reg, value, mask, CALR_BITS);
        break;
    case SHIFTR: periph_odd(p, "unmodelled"); break;
    case WUTR:
    case ALRMAR:
    case ALRMBR:
    case ALRMASSR:
    case ALRMBSSR: *reg = periph_merge(*reg, value, mask, 0xffffffff); break;
    default: break; /* SSR and the time stamps are read only */
    }
}

static void store(struct periph *p, uint32_t o, uint32_t value, uint32_t mask)
{
    struct rtc *r = of(p);
    if (!exists(o)) {
        periph_odd(p, "reserved");
    } else if (!periph_backup_open(p)) {
        return; /* §5.1.5: PWR_CR1.DBP guards the domain */
    } else if (o == WPR) {
        store_wpr(r, value & mask & 0xFF);
    } else if (o >= BKP0R || o == TAMPCR || o == OR) { /* these the keys do not guard */
        r->reg[o / 4] = periph_merge(r->reg[o / 4], value, mask, 0xffffffff);
        if (o == TAMPCR && value & mask & 0x29)
            periph_odd(p, "unmodelled");
    } else if (r->open) {
        store_locked(p, o, value, mask);
    }
}

/* --- resets, clocks, and the hand of the bench --- */

/* Shadow registers and INIT, INITF, RSF go back; the calendar behind them does not (§38.3.9). */
static void system_reset(struct periph *p)
{
    struct rtc *r = of(p);
    if (r->init)
        leave_init(p);
    r->frozen = false;
    r->stale = (struct shown){0, DR_RESET, 0};
    r->sync_at = r->fresh_at = ticks_now(p) + SYNC_TICKS;
}

static void reset(struct periph *p, enum periph_reset how)
{
    (void)how; /* power-on too: VBAT kept the domain */
    if (!of(p)->reg[PRER / 4])
        rtc_domain_reset(p); /* the first supply ever */
    rebase(p, periph_rtc_hz(p));
    system_reset(p);
}

void rtc_domain_reset(struct periph *p)
{
    int32_t ppm = of(p)->ppm;
    *of(p) = (struct rtc){.ppm = ppm, .ns = periph_now(p)};
    of(p)->reg[PRER / 4] = PRER_RESET;
    of(p)->reg[WUTR / 4] = 0xFFFF;
    of(p)->reg[DR / 4] = DR_RESET;
    set_calendar(p, 0);
    system_reset(p);
}

void rtc_clock(struct periph *p)
{
    rebase(p, periph_rtc_hz(p));
}

void rtc_set(struct periph *p, uint64_t unix_s)
{
    struct rtc *r = of(p);
    uint64_t days = unix_s / DAY_S;
    bool past = days < DAYS_1970_TO_2000, beyond = days >= DAYS_1970_TO_2000 + DAYS_2000_TO_2100; /* two digits of a year */
    r->second = past ? 0 : beyond ? (uint64_t)DAYS_2000_TO_2100 * DAY_S - 1 : unix_s - (uint64_t)DAYS_1970_TO_2000 * DAY_S;
    r->weekday_off = 5; /* 2000-01-01 was a Saturday, 6 */
    r->from = ticks_now(p);
    if (!r->init)
        return;
    r->reg[TR / 4] = calendar(p).tr;
    r->reg[DR / 4] = calendar(p).dr;
}

bool rtc_get(const struct periph *p, uint64_t *unix_s)
{
    uint64_t rest;
    *unix_s = second_now(p, &rest) % ((uint64_t)DAYS_2000_TO_2100 * DAY_S) + (uint64_t)DAYS_1970_TO_2000 * DAY_S;
    return isr(p) & ISR_INITS;
}

void rtc_drift(struct periph *p, int32_t ppm)
{
    rebase(p, of(p)->hz);
    of(p)->ppm = ppm;
}

const struct periph_model rtc_model = {
    .name = "rtc", .state = sizeof(struct rtc), .reset = reset, .load = load, .store = store, .clocks = rtc_clock};
