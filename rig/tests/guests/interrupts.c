/* SPDX-License-Identifier: GPL-3.0-or-later
 * SysTick and TIM6 count while the core sleeps; PA5 (the Nucleo's LED) blinks; USART1 echoes by interrupt at 921600. */
#include "guest.h"

static volatile uint32_t ticks, updates;

void systick_handler(void)
{
    ticks++;
    if (ticks % 10 == 0)
        GPIO(0, 0x14) ^= 1 << 5;
}

void tim6_handler(void)
{
    REG(0x40001010) = 0;
    updates++;
}

void usart1_handler(void)
{
    uint32_t isr = USART(1, 0x1C);
    if (isr & 1 << 5)
        USART(1, 0x28) = USART(1, 0x24) ^ 0x20;
    if (isr & 1 << 3)
        USART(1, 0x20) = 1 << 3;
}

int main(void)
{
    clock_80mhz();
    console_start(80000000, 115200);
    RCC_APB2ENR |= 1u << 14;
    GPIO(0, 0x00) = (GPIO(0, 0x00) & ~(0xFu << 18 | 3u << 10)) | 0xAu << 18 | 1u << 10;
    GPIO(0, 0x24) = (GPIO(0, 0x24) & ~0xFF0u) | 0x770;
    USART(1, 0x0C) = (80000000 + 921600 / 2) / 921600;
    USART(1, 0x00) = 1 | 1 << 2 | 1 << 3 | 1 << 5;
    NVIC_ISER(1) = 1u << (37 - 32);
    RCC_APB1ENR1 |= 1u << 4;
    REG(0x40001028) = 79;    /* 1 MHz */
    REG(0x4000102C) = 4999;  /* 5 ms */
    REG(0x40001014) = 1;
    REG(0x40001010) = 0;
    REG(0x4000100C) = 1;
    NVIC_ISER(1) = 1u << (54 - 32);
    REG(0x40001000) = 1;
    SYST_RVR = 80000 - 1;
    SYST_CVR = 0;
    SYST_CSR = 7;
    while (ticks < 100)
        __asm volatile("wfi");
    say("ticks ");
    say_hex(ticks);
    say(" updates ");
    say_hex(updates);
    say("\r\n");
    for (;;)
        __asm volatile("wfi");
}
