/* SPDX-License-Identifier: GPL-3.0-or-later
 * platform.h on the NUCLEO-L476RG: clock, tick, watchdog, reset, jump. */
#include "platform.h"
#include "stm32l476.h"
#include "uart.h"

enum { SYSCLK_HZ = 80000000 };

static volatile uint32_t ticks;

RAMFUNC void SysTick_Handler(void);
RAMFUNC void SysTick_Handler(void) { ticks++; }

/* HSI16 / 2 * 20 / 2 = 80 MHz, four wait states (RM0351 §3.3.3, §6.2.6). The data cache stays off: a line filled from a word with
 * an ECC error would be read again from the cache, without its error. */
static void clock_init(void)
{
    if ((RCC_CFGR & RCC_CFGR_SWS_MASK) == RCC_CFGR_SWS_PLL)
        return; /* the bootloader has been here */
    FLASH_ACR = FLASH_ACR_LATENCY_4;
    FLASH_ACR = FLASH_ACR_LATENCY_4 | FLASH_ACR_ICRST | FLASH_ACR_DCRST;
    FLASH_ACR = FLASH_ACR_LATENCY_4 | FLASH_ACR_ICEN | FLASH_ACR_PRFTEN;
    RCC_CR |= RCC_CR_HSION;
    while (!(RCC_CR & RCC_CR_HSIRDY)) {
    }
    RCC_PLLCFGR = 2u | 1u << 4 | 20u << 8 | 1u << 24; /* source HSI16, M 2, N 20, R output on, R 2 */
    RCC_CR |= RCC_CR_PLLON;
    while (!(RCC_CR & RCC_CR_PLLRDY)) {
    }
    RCC_CFGR = (RCC_CFGR & ~3u) | RCC_CFGR_SW_PLL;
    while ((RCC_CFGR & RCC_CFGR_SWS_MASK) != RCC_CFGR_SWS_PLL) {
    }
}

void platform_init(void)
{
    clock_init();
    SYST_RVR = SYSCLK_HZ / 1000 - 1;
    SYST_CVR = 0;
    SYST_CSR = 7; /* core clock, interrupt, on */
    uart_init(SYSCLK_HZ);
}

uint32_t platform_ms(void) { return ticks; }
void platform_sleep(void) { sleep_now(); }

void platform_unique_id(uint32_t id[3])
{
    for (int i = 0; i < 3; i++)
        id[i] = UNIQUE_ID[i];
}

uint32_t platform_noise(void)
{
    static uint32_t state;
    state ^= UNIQUE_ID[0] ^ UNIQUE_ID[1] * 2654435761u ^ SYST_CVR << 8 ^ ticks;
    state ^= state << 13; /* xorshift32 (Marsaglia 2003) */
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

void platform_watchdog_start(void)
{
    IWDG_KR = 0xCCCC;
    IWDG_KR = 0x5555;
    IWDG_PR = 4;     /* LSI 32 kHz / 64 = 500 Hz */
    IWDG_RLR = 2000; /* 4 s */
    for (int i = 0; i < 5 && IWDG_SR != 0; i++)
        platform_sleep(); /* the registers cross into the LSI domain: five LSI cycles (RM0351 §36.3.1) */
    IWDG_KR = 0xAAAA;
}

void platform_watchdog_feed(void) { IWDG_KR = 0xAAAA; }
uint32_t platform_reset_flags(void) { return RCC_CSR; }
void platform_reset_flags_clear(void) { RCC_CSR |= RCC_CSR_RMVF; }

_Noreturn void platform_reset(void)
{
    platform_console_flush();
    irq_off();
    barrier();
    SCB_AIRCR = 0x05FA0004; /* SYSRESETREQ */
    barrier();
    for (;;) {
    }
}

_Noreturn void platform_jump(uint32_t vector_table)
{
    const uint32_t *vectors = (const uint32_t *)vector_table;
    uint32_t stack = vectors[0], entry = vectors[1];
    platform_console_flush();
    irq_off();
    SYST_CSR = 0;
    SCB_ICSR = 1u << 25; /* a tick that is pending is forgotten */
    for (unsigned i = 0; i < NVIC_WORDS; i++) {
        NVIC_ICER(i) = 0xFFFFFFFF;
        NVIC_ICPR(i) = 0xFFFFFFFF;
    }
    SCB_VTOR = vector_table;
    barrier();
    irq_on();
    __asm volatile("msr msp, %0\n\tisb\n\tbx %1" : : "r"(stack), "r"(entry) : "memory");
    __builtin_unreachable();
}
