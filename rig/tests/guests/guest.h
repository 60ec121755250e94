/* SPDX-License-Identifier: GPL-3.0-or-later
 * Start-up, registers and a polled console for the small programs that the chip's tests run. Written as firmware for the board
 * is: from the reference manual, with no knowledge of the model. One program is one .c file that includes this once. */
#ifndef GUEST_H
#define GUEST_H
#include <stdint.h>

#define REG(addr) (*(volatile uint32_t *)(addr))
#define RCC_CR REG(0x40021000)
#define RCC_CFGR REG(0x40021008)
#define RCC_PLLCFGR REG(0x4002100C)
#define RCC_AHB2ENR REG(0x4002104C)
#define RCC_APB1ENR1 REG(0x40021058)
#define RCC_APB2ENR REG(0x40021060)
#define RCC_CSR REG(0x40021094)
#define PWR_CR1 REG(0x40007000)
#define PWR_SR2 REG(0x40007014)
#define FLASH_ACR REG(0x40022000)
#define FLASH_KEYR REG(0x40022008)
#define FLASH_SR REG(0x40022010)
#define FLASH_CR REG(0x40022014)
#define FLASH_ECCR REG(0x40022018)
#define FLASH_BSY (1u << 16)
#define GPIO(port, offset) REG(0x48000000 + 0x400 * (port) + (offset))
#define USART(n, offset) REG(((n) == 1 ? 0x40013800 : 0x40004400) + (offset))
#define IWDG(offset) REG(0x40003000 + (offset))
#define SYST_CSR REG(0xE000E010)
#define SYST_RVR REG(0xE000E014)
#define SYST_CVR REG(0xE000E018)
#define NVIC_ISER(n) REG(0xE000E100 + 4 * (n))
#define SCB_AIRCR REG(0xE000ED0C)
#define DBGMCU_IDCODE REG(0xE0042000)

extern uint32_t guest_data[], guest_data_end[], guest_data_load[], guest_bss[], guest_bss_end[], guest_stack[];
int main(void);

void reset_handler(void);
void reset_handler(void)
{
    uint32_t *from = guest_data_load;
    for (uint32_t *to = guest_data; to < guest_data_end; to++)
        *to = *from++;
    for (uint32_t *to = guest_bss; to < guest_bss_end; to++)
        *to = 0;
    main();
    for (;;)
        __asm volatile("wfi");
}

static void hang(void)
{
    for (;;)
        ;
}

/* guest.ld makes those that the program lacks this one. */
void default_handler(void);
void default_handler(void)
{
    hang();
}
void nmi_handler(void);
void hard_fault_handler(void);
void systick_handler(void);
void usart1_handler(void);
void tim6_handler(void);
void flash_handler(void);

typedef void vector(void);
__attribute__((section(".vectors"), used)) static vector *const vectors[16 + 82] = {
    (vector *)guest_stack, reset_handler, nmi_handler, hard_fault_handler, default_handler, default_handler, default_handler,
    [15] = systick_handler, [16 + 4] = flash_handler, [16 + 37] = usart1_handler, [16 + 54] = tim6_handler,
};

/* 80 MHz out of MSI (4 MHz) by the PLL: 4 × 40 / 2, voltage range 1, four wait states. */
__attribute__((unused)) static void clock_80mhz(void)
{
    FLASH_ACR = (FLASH_ACR & ~7u) | 4;
    while ((FLASH_ACR & 7) != 4)
        ;
    RCC_PLLCFGR = 1 | 0 << 4 | 40 << 8 | 1 << 24 | 0 << 25;
    RCC_CR |= 1u << 24;
    while (!(RCC_CR & 1u << 25))
        ;
    RCC_CFGR |= 3;
    while ((RCC_CFGR & 0xC) != 0xC)
        ;
}

/* USART2 on PA2, PA3, as on the Nucleo's ST-LINK. */
__attribute__((unused)) static void console_start(uint32_t pclk, uint32_t baud)
{
    RCC_AHB2ENR |= 1;
    RCC_APB1ENR1 |= 1u << 17;
    GPIO(0, 0x00) = (GPIO(0, 0x00) & ~0xF0u) | 0xA0;
    GPIO(0, 0x20) = (GPIO(0, 0x20) & ~0xFF00u) | 0x7700;
    USART(2, 0x0C) = (pclk + baud / 2) / baud;
    USART(2, 0x00) = 1 | 1 << 2 | 1 << 3;
    while ((USART(2, 0x1C) & (3u << 21)) != 3u << 21)
        ;
}

__attribute__((unused)) static void put(char c)
{
    while (!(USART(2, 0x1C) & 1 << 7))
        ;
    USART(2, 0x28) = (uint8_t)c;
}

__attribute__((unused)) static void say(const char *text)
{
    while (*text)
        put(*text++);
}

__attribute__((unused)) static void say_hex(uint32_t v)
{
    for (int i = 28; i >= 0; i -= 4)
        put("0123456789abcdef"[v >> i & 15]);
}

__attribute__((unused)) static void drain(void)
{
    while (!(USART(2, 0x1C) & 1 << 6))
        ;
}

__attribute__((unused)) static void flash_unlock(void)
{
    FLASH_KEYR = 0x45670123;
    FLASH_KEYR = 0xCDEF89AB;
}

/* bank 0 or 1, page 0 to 255 of it. */
__attribute__((unused)) static void flash_erase(unsigned bank, unsigned page)
{
    FLASH_CR = 1 << 1 | page << 3 | bank << 11;
    FLASH_CR |= 1 << 16;
    while (FLASH_SR & FLASH_BSY)
        ;
    FLASH_CR = 0;
}

__attribute__((unused)) static void flash_word(uint32_t addr, uint32_t low, uint32_t high)
{
    FLASH_CR = 1;
    REG(addr) = low;
    __asm volatile("isb");
    REG(addr + 4) = high;
    while (FLASH_SR & FLASH_BSY)
        ;
    FLASH_CR = 0;
}

#endif
