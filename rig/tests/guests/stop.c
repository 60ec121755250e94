/* SPDX-License-Identifier: GPL-3.0-or-later
 * Stop 1 until the Nucleo's button (PC13) is pressed; the clocks after it are those of a reset. */
#include "guest.h"

int main(void)
{
    clock_80mhz();
    console_start(80000000, 115200);
    say("down\r\n");
    while (!(USART(2, 0x1C) & 1 << 6))
        ;
    RCC_APB2ENR |= 1;                   /* SYSCFG */
    RCC_APB1ENR1 |= 1u << 28;           /* PWR */
    RCC_AHB2ENR |= 1u << 2;             /* GPIOC */
    GPIO(2, 0x00) &= ~(3u << 26);       /* PC13 input */
    REG(0x40010014) = 2u << 4;          /* SYSCFG_EXTICR4: EXTI13 is PC13 */
    REG(0x4001040C) |= 1u << 13;        /* EXTI_FTSR1 */
    REG(0x40010400) |= 1u << 13;        /* EXTI_IMR1 */
    NVIC_ISER(1) = 1u << (40 - 32);
    REG(0x40007000) = (REG(0x40007000) & ~7u) | 1; /* PWR_CR1.LPMS: Stop 1 */
    __asm volatile("cpsid i");
    REG(0xE000ED10) = 4;                /* SCR.SLEEPDEEP */
    __asm volatile("wfi");
    REG(0xE000ED10) = 0;
    uint32_t cfgr = REG(0x40021008), cr = REG(0x40021000);
    clock_80mhz();
    say("woke sws ");
    say_hex(cfgr >> 2 & 3);
    say(" pll ");
    say_hex(cr >> 25 & 1);
    say("\r\n");
    for (;;)
        __asm volatile("wfi");
}
