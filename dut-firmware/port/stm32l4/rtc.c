/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rtc_port.h: the STM32L476's RTC (RM0351 §38) on the 32.768 kHz crystal of the board, in the backup domain that VBAT keeps alive.
 * INITS (a year that is not 0) says that the calendar was set; a backup domain that lost its supply reads 0.
 */
#include "rtc_port.h"
#include "stm32l476.h"

#define PWR_CR1 REG(0x40007000)
#define RCC_BDCR REG(0x40021090)
#define RTC_TR REG(0x40002800)
#define RTC_DR REG(0x40002804)
#define RTC_CR REG(0x40002808)
#define RTC_ISR REG(0x4000280C)
#define RTC_PRER REG(0x40002810)
#define RTC_WPR REG(0x40002824)
#define RTC_SSR REG(0x40002828)
enum {
    APB1ENR1_PWREN = 1 << 28, PWR_DBP = 1 << 8,
    BDCR_LSEON = 1 << 0, BDCR_LSERDY = 1 << 1, BDCR_SEL_MASK = 3 << 8, BDCR_SEL_LSE = 1 << 8, BDCR_RTCEN = 1 << 15, BDCR_BDRST = 1 << 16,
    ISR_INITS = 1 << 4, ISR_RSF = 1 << 5, ISR_INITF = 1 << 6, ISR_INIT = 1 << 7,
    CR_FMT = 1 << 6,
    PRER_LSE = 127 << 16 | 255, /* 32768 Hz / 128 / 256 */
    PATIENCE = 20000,           /* reads of a flag that takes two RTC clocks, 61 us */
};

static bool wait_isr(uint32_t flag)
{
    for (unsigned i = 0; i < PATIENCE; i++)
        if (RTC_ISR & flag)
            return true;
    return false;
}

/* Two BCD digits at bit, of which the upper one has so many bits. */
static unsigned bcd(uint32_t reg, unsigned bit, unsigned tens_bits)
{
    return (reg >> (bit + 4) & ((1u << tens_bits) - 1)) * 10 + (reg >> bit & 15);
}

static uint32_t to_bcd(unsigned n, unsigned bit)
{
    return (n / 10 << 4 | n % 10) << bit;
}

/* Days from 2000-03-01 to the given day: years that begin in March end with the leap day. */
static unsigned march_days(unsigned year, unsigned month, unsigned day)
{
    unsigned y = year - (month <= 2), m = month > 2 ? month - 3 : month + 9;
    return 365 * y + y / 4 + (153 * m + 2) / 5 + day - 1;
}

enum { MARCH_2000 = 11017 /* days from 1970-01-01 to 2000-03-01 */, DAY_S = 86400 };

bool rtc_read(uint32_t *unix_s)
{
    if (!(RCC_BDCR & BDCR_RTCEN) || !(RTC_ISR & ISR_INITS) || !wait_isr(ISR_RSF))
        return false;
    (void)RTC_SSR; /* freezes TR and DR until DR is read (§38.3.8) */
    uint32_t tr = RTC_TR, dr = RTC_DR;
    unsigned year = bcd(dr, 16, 4), month = bcd(dr, 8, 1), day = bcd(dr, 0, 2);
    if ((RTC_CR & CR_FMT) || year == 0 || year > 99 || month == 0 || month > 12 || day == 0 || day > 31)
        return false;
    uint32_t days = MARCH_2000 + march_days(year, month, day);
    *unix_s = days * DAY_S + bcd(tr, 16, 2) * 3600 + bcd(tr, 8, 3) * 60 + bcd(tr, 0, 3);
    return true;
}

/* Opens the backup domain, and says whether the calendar has its clock. A crystal takes up to 2 s to swing (datasheet, tSU(LSE)): it
 * is started here, and found ready by a later call. */
static bool clocked(void)
{
    RCC_APB1ENR1 |= APB1ENR1_PWREN;
    (void)RCC_APB1ENR1;
    PWR_CR1 |= PWR_DBP;
    uint32_t select = RCC_BDCR & BDCR_SEL_MASK;
    if (select != 0 && select != BDCR_SEL_LSE) { /* RTCSEL can be written once (§6.4.29) */
        RCC_BDCR = BDCR_BDRST;
        RCC_BDCR = 0;
    }
    RCC_BDCR |= BDCR_LSEON;
    if (!(RCC_BDCR & BDCR_LSERDY))
        return false;
    RCC_BDCR |= BDCR_SEL_LSE;
    RCC_BDCR |= BDCR_RTCEN;
    return true;
}

static void set_calendar(uint32_t unix_s)
{
    uint32_t days = unix_s / DAY_S, second = unix_s % DAY_S, weekday = (days + 3) % 7 + 1; /* 1970-01-01 was a Thursday, 4 */
    unsigned n = (unsigned)days - MARCH_2000, y = (4 * n + 3) / 1461, left = n - (365 * y + y / 4), m = (5 * left + 2) / 153;
    unsigned day = left - (153 * m + 2) / 5 + 1, month = m < 10 ? m + 3 : m - 9, year = y + (month <= 2);
    RTC_CR &= ~(uint32_t)CR_FMT;
    RTC_PRER = PRER_LSE;
    RTC_TR = to_bcd(second / 3600, 16) | to_bcd(second / 60 % 60, 8) | to_bcd(second % 60, 0);
    RTC_DR = to_bcd(year, 16) | weekday << 13 | to_bcd(month, 8) | to_bcd(day, 0);
}

bool rtc_write(uint32_t unix_s)
{
    if (unix_s < 978307200u || unix_s >= 4102444800u) /* 2001 to 2099 */
        return false;
    if (!clocked())
        return false;
    RTC_WPR = 0xCA;
    RTC_WPR = 0x53;
    RTC_ISR = ISR_INIT;
    bool ready = wait_isr(ISR_INITF);
    if (ready)
        set_calendar(unix_s);
    RTC_ISR = 0; /* leaves INIT; RSF 0: the shadow registers are stale until it rises again */
    RTC_WPR = 0xFF;
    return ready;
}
