/* SPDX-License-Identifier: GPL-3.0-or-later
 * Clocks up, a greeting, then an echo of what comes in, polled. */
#include "guest.h"

int main(void)
{
    RCC_APB1ENR1 |= 1u << 28;
    PWR_CR1 = (PWR_CR1 & ~(3u << 9)) | 1u << 9;
    while (PWR_SR2 & 1 << 10)
        ;
    clock_80mhz();
    console_start(80000000, 115200);
    say("hello id=");
    say_hex(DBGMCU_IDCODE);
    say(" uid=");
    say_hex(REG(0x1FFF7590));
    say(" size=");
    say_hex(*(volatile uint16_t *)0x1FFF75E0);
    say("\r\n");
    for (;;) {
        while (!(USART(2, 0x1C) & (1 << 5 | 1 << 3)))
            ;
        if (USART(2, 0x1C) & 1 << 3) {
            USART(2, 0x20) = 1 << 3;
            say("<overrun>");
        }
        if (USART(2, 0x1C) & 1 << 5)
            put((char)USART(2, 0x24));
    }
}
