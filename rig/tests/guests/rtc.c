/* SPDX-License-Identifier: GPL-3.0-or-later
 * The calendar on the crystal, set once to two seconds before the end of a leap day and then read at every start; a backup register
 * counts the starts. */
#include "guest.h"

#define BDCR REG(0x40021090)
#define RTC(offset) REG(0x40002800 + (offset))
enum { TR = 0x00, DR = 0x04, ISR = 0x0C, PRER = 0x10, WPR = 0x24, SSR = 0x28, BKP0R = 0x50 };

static void set(void)
{
    BDCR = 1;
    while (!(BDCR & 2))
        ;
    BDCR |= 1 << 8;
    BDCR |= 1 << 15;
    RTC(TR) = 0x112233; /* neither the keys nor the mode: must be without effect */
    RTC(WPR) = 0xCA;
    RTC(WPR) = 0x53;
    RTC(TR) = 0x112233;
    RTC(ISR) = 1 << 7;
    while (!(RTC(ISR) & 1 << 6))
        ;
    RTC(PRER) = 255;
    RTC(PRER) = 127 << 16 | 255;
    RTC(TR) = 0x235958;
    RTC(DR) = 0x24 << 16 | 4 << 13 | 0x0229; /* a Thursday */
    RTC(ISR) = 0;
    RTC(WPR) = 0xFF;
}

static void show(const char *what)
{
    RTC(ISR) = 0;
    uint32_t ssr = RTC(SSR), tr = RTC(TR), dr = RTC(DR);
    say(what);
    say(" tr ");
    say_hex(tr);
    say(" dr ");
    say_hex(dr);
    say(ssr > 255 ? " ssr?\r\n" : "\r\n");
}

int main(void)
{
    console_start(4000000, 115200);
    RCC_APB1ENR1 |= 1u << 28;
    RTC(BKP0R) = 99; /* DBP is closed: without effect */
    PWR_CR1 |= 1 << 8;
    RTC(BKP0R) += 1;
    say("life ");
    say_hex(RTC(BKP0R));
    say(" inits ");
    say_hex(RTC(ISR) >> 4 & 1);
    say("\r\n");
    if (!(RTC(ISR) & 1 << 4))
        set();
    say(RTC(ISR) & 1 << 5 ? "early\r\n" : "stale\r\n");
    while (!(RTC(ISR) & 1 << 5))
        ;
    show("first");
    for (uint32_t was = RTC(TR), dr = RTC(DR); dr == 0 || RTC(TR) == was; dr = RTC(DR))
        ;
    show("tick");
    for (uint32_t was = RTC(TR), dr = RTC(DR); dr == 0 || RTC(TR) == was; dr = RTC(DR))
        ;
    show("tock");
    return 0;
}
