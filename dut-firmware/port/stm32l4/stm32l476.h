/* SPDX-License-Identifier: GPL-3.0-or-later
 * The registers of the STM32L476 that this firmware touches, from RM0351 (sections at each) and ARM DDI 0403E (core). */
#ifndef STM32L476_H
#define STM32L476_H
#include <stdint.h>

/* Code that must run while the flash bank it would live in is busy: copied to SRAM2 by startup.c. */
#define RAMFUNC __attribute__((section(".ramfunc"), noinline))

#define REG(addr) (*(volatile uint32_t *)(addr))

/* FLASH, §3.7 */
#define FLASH_ACR REG(0x40022000)
#define FLASH_KEYR REG(0x40022008)
#define FLASH_SR REG(0x40022010)
#define FLASH_CR REG(0x40022014)
#define FLASH_ECCR REG(0x40022018)
#define FLASH_ACR_LATENCY_4 4u
#define FLASH_ACR_PRFTEN (1u << 8)
#define FLASH_ACR_ICEN (1u << 9)
#define FLASH_ACR_ICRST (1u << 11)
#define FLASH_ACR_DCRST (1u << 12)
#define FLASH_SR_EOP (1u << 0)
#define FLASH_SR_OPERR (1u << 1)
#define FLASH_SR_ERRORS 0xC3FAu /* OPERR PROGERR WRPERR PGAERR SIZERR PGSERR MISERR FASTERR RDERR OPTVERR */
#define FLASH_SR_BSY (1u << 16)
#define FLASH_CR_PG (1u << 0)
#define FLASH_CR_PER (1u << 1)
#define FLASH_CR_PNB_SHIFT 3
#define FLASH_CR_BKER (1u << 11)
#define FLASH_CR_STRT (1u << 16)
#define FLASH_CR_EOPIE (1u << 24)
#define FLASH_CR_ERRIE (1u << 25)
#define FLASH_CR_LOCK (1u << 31)
#define FLASH_ECCR_ECCIE (1u << 24)
#define FLASH_ECCR_ECCC (1u << 30)
#define FLASH_ECCR_ECCD (1u << 31)

/* RCC, §6.4 */
#define RCC_CR REG(0x40021000)
#define RCC_CFGR REG(0x40021008)
#define RCC_PLLCFGR REG(0x4002100C)
#define RCC_AHB2ENR REG(0x4002104C)
#define RCC_APB1ENR1 REG(0x40021058)
#define RCC_APB2ENR REG(0x40021060)
#define RCC_CSR REG(0x40021094)
#define RCC_CR_HSION (1u << 8)
#define RCC_CR_HSIRDY (1u << 10)
#define RCC_CR_PLLON (1u << 24)
#define RCC_CR_PLLRDY (1u << 25)
#define RCC_CFGR_SW_PLL 3u
#define RCC_CFGR_SWS_MASK (3u << 2)
#define RCC_CFGR_SWS_PLL (3u << 2)
#define RCC_AHB2ENR_GPIOAEN (1u << 0)
#define RCC_APB1ENR1_USART2EN (1u << 17)
#define RCC_APB2ENR_USART1EN (1u << 14)
#define RCC_CSR_RMVF (1u << 23)

/* GPIO, §8.4 */
#define GPIOA_MODER REG(0x48000000)
#define GPIOA_OSPEEDR REG(0x48000008)
#define GPIOA_PUPDR REG(0x4800000C)
#define GPIOA_AFRL REG(0x48000020)
#define GPIOA_AFRH REG(0x48000024)

/* USART, §40.8 */
struct usart_regs {
    volatile uint32_t cr1, cr2, cr3, brr, gtpr, rtor, rqr, isr, icr, rdr, tdr;
};
#define USART1 ((struct usart_regs *)0x40013800)
#define USART2 ((struct usart_regs *)0x40004400)
#define USART_CR1_UE (1u << 0)
#define USART_CR1_RE (1u << 2)
#define USART_CR1_TE (1u << 3)
#define USART_CR1_RXNEIE (1u << 5)
#define USART_CR1_TCIE (1u << 6)
#define USART_CR1_TXEIE (1u << 7)
#define USART_ISR_ORE (1u << 3)
#define USART_ISR_RXNE (1u << 5)
#define USART_ISR_TC (1u << 6)
#define USART_ISR_TXE (1u << 7)
#define USART_ICR_ERRORS 0x0Fu /* PE FE NF ORE */
#define USART_ICR_TCCF (1u << 6)

/* IWDG, §36.4 */
#define IWDG_KR REG(0x40003000)
#define IWDG_PR REG(0x40003004)
#define IWDG_RLR REG(0x40003008)
#define IWDG_SR REG(0x4000300C)

#define UNIQUE_ID ((const volatile uint32_t *)0x1FFF7590) /* §47.1: three words */

/* Core: SysTick, NVIC, SCB (DDI 0403E §B3) */
#define SYST_CSR REG(0xE000E010)
#define SYST_RVR REG(0xE000E014)
#define SYST_CVR REG(0xE000E018)
#define NVIC_ISER(n) REG(0xE000E100 + 4 * (n))
#define NVIC_ICER(n) REG(0xE000E180 + 4 * (n))
#define NVIC_ICPR(n) REG(0xE000E280 + 4 * (n))
#define NVIC_WORDS 3 /* 82 interrupts */
#define SCB_ICSR REG(0xE000ED04)
#define SCB_VTOR REG(0xE000ED08)
#define SCB_AIRCR REG(0xE000ED0C)
#define SCB_CFSR REG(0xE000ED28)
#define SCB_HFSR REG(0xE000ED2C)

enum { IRQ_FLASH = 4, IRQ_USART1 = 37, IRQ_USART2 = 38, IRQ_COUNT = 82 };

static inline void irq_enable(unsigned n) { NVIC_ISER(n / 32) = 1u << (n % 32); }
static inline void irq_off(void) { __asm volatile("cpsid i" ::: "memory"); }
static inline void irq_on(void) { __asm volatile("cpsie i" ::: "memory"); }
static inline void barrier(void) { __asm volatile("dsb\n\tisb" ::: "memory"); }
static inline void sleep_now(void) { __asm volatile("dsb\n\twfi" ::: "memory"); }

#endif
