/* SPDX-License-Identifier: GPL-3.0-or-later
 * USART2 as console (RM0351 §40): two rings and one interrupt handler in SRAM, so that lines leave and XMODEM blocks arrive while
 * the flash is busy or the core sleeps. Single producer and single consumer on each ring: indices are written by one side only.
 */
#include "uart.h"
#include <stdbool.h>
#include "platform.h"
#include "stm32l476.h"

enum { TX_SIZE = 2048, RX_SIZE = 2048, BAUD = 115200 }; /* powers of two */

static uint8_t tx[TX_SIZE], rx[RX_SIZE];
static volatile uint32_t tx_in, tx_out, rx_in, rx_out;
static bool polled;

RAMFUNC void USART2_IRQHandler(void);
RAMFUNC void USART2_IRQHandler(void)
{
    uint32_t isr = USART2->isr;
    USART2->icr = USART_ICR_ERRORS;
    if (isr & USART_ISR_RXNE) {
        uint8_t byte = (uint8_t)USART2->rdr;
        if (rx_in - rx_out < RX_SIZE)
            rx[rx_in++ % RX_SIZE] = byte;
    }
    if ((isr & USART_ISR_TXE) && (USART2->cr1 & USART_CR1_TXEIE)) {
        if (tx_out != tx_in)
            USART2->tdr = tx[tx_out++ % TX_SIZE];
        else
            USART2->cr1 = (USART2->cr1 & ~USART_CR1_TXEIE) | USART_CR1_TCIE;
    }
    if ((isr & USART_ISR_TC) && (USART2->cr1 & USART_CR1_TCIE))
        USART2->cr1 &= ~USART_CR1_TCIE; /* it has woken platform_console_flush */
}

void uart_init(uint32_t pclk_hz)
{
    RCC_AHB2ENR |= RCC_AHB2ENR_GPIOAEN;
    RCC_APB1ENR1 |= RCC_APB1ENR1_USART2EN;
    (void)RCC_APB1ENR1;                             /* two cycles until the clock is there (RM0351 §6.2.18) */
    GPIOA_AFRL = (GPIOA_AFRL & ~0xFF00u) | 0x7700u; /* PA2, PA3: AF7 */
    GPIOA_PUPDR = (GPIOA_PUPDR & ~0xF0u) | 0x40u;   /* PA3 pulled up: an open line is idle */
    GPIOA_MODER = (GPIOA_MODER & ~0xF0u) | 0xA0u;
    tx_in = tx_out = rx_in = rx_out = 0;
    polled = false;
    USART2->cr1 = 0;
    USART2->brr = (pclk_hz + BAUD / 2) / BAUD;
    USART2->cr1 = USART_CR1_UE | USART_CR1_TE | USART_CR1_RE | USART_CR1_RXNEIE;
    irq_enable(IRQ_USART2);
}

static void put_polled(uint8_t byte)
{
    while (!(USART2->isr & USART_ISR_TXE)) {
    }
    USART2->tdr = byte;
}

void platform_console_put(uint8_t byte)
{
    if (polled) {
        put_polled(byte);
        return;
    }
    while (tx_in - tx_out == TX_SIZE)
        platform_sleep();
    tx[tx_in % TX_SIZE] = byte;
    irq_off(); /* cr1 is also written by the handler */
    tx_in++;
    USART2->cr1 |= USART_CR1_TXEIE;
    irq_on();
}

int platform_console_get(void)
{
    if (rx_out == rx_in)
        return -1;
    return rx[rx_out++ % RX_SIZE];
}

void platform_console_flush(void)
{
    while (!polled && tx_in != tx_out)
        platform_sleep();
    while (!polled && (USART2->cr1 & USART_CR1_TXEIE))
        platform_sleep();
    while (!(USART2->isr & USART_ISR_TC)) {
        if (!polled)
            platform_sleep();
    }
}

void platform_console_panic(void)
{
    if (polled)
        return;
    polled = true;
    USART2->cr1 &= ~(USART_CR1_TXEIE | USART_CR1_TCIE | USART_CR1_RXNEIE);
    while (tx_out != tx_in)
        put_polled(tx[tx_out++ % TX_SIZE]);
}
