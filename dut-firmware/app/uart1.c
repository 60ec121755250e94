/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The SLIP line of uart1.h (RM0351 §40). The receive ring holds more than twice the TCP window with headers (lwipopts.h): every
 * byte of a frame may be escaped to two, and an erase keeps the main loop away for 22 ms, in which 2,000 bytes arrive. Single
 * producer and single consumer on each ring.
 */
#include "uart1.h"
#include <string.h>
#include "slip.h"
#include "stm32l476.h"

#ifdef TRANSPORT_TLS
enum { RX_SIZE = 8192 }; /* a power of two, as TX_SIZE */
#else
enum { RX_SIZE = 16384 };
#endif
enum { TX_SIZE = 4096, BAUD = 921600 };

static uint8_t rx[RX_SIZE], tx[TX_SIZE];
static volatile uint32_t rx_in, rx_out, tx_in, tx_out;
static volatile bool frame, lost;

RAMFUNC void USART1_IRQHandler(void);
RAMFUNC void USART1_IRQHandler(void)
{
    uint32_t isr = USART1->isr;
    if (isr & USART_ISR_RXNE) {
        uint8_t byte = (uint8_t)USART1->rdr;
        uint32_t in = rx_in;
        if (in - rx_out < RX_SIZE) {
            rx[in % RX_SIZE] = byte;
            rx_in = in + 1;
        } else {
            lost = true;
        }
        if (byte == SLIP_END)
            frame = true;
    }
    if (isr & USART_ICR_ERRORS) { /* PE FE NF ORE: the same bits in both registers */
        USART1->icr = USART_ICR_ERRORS;
        lost = true;
    }
    if (isr & USART_ISR_TXE && USART1->cr1 & USART_CR1_TXEIE) {
        if (tx_out != tx_in) {
            USART1->tdr = tx[tx_out % TX_SIZE];
            tx_out++;
        } else {
            USART1->cr1 &= ~USART_CR1_TXEIE;
        }
    }
}

void uart1_init(uint32_t pclk_hz)
{
    RCC_AHB2ENR |= RCC_AHB2ENR_GPIOAEN;
    RCC_APB2ENR |= RCC_APB2ENR_USART1EN;
    (void)RCC_APB2ENR;                                /* two cycles until the clock is there (RM0351 §6.2.18) */
    GPIOA_AFRH = (GPIOA_AFRH & ~0xFF0u) | 0x770u;     /* PA9, PA10: AF7 */
    GPIOA_PUPDR = (GPIOA_PUPDR & ~(3u << 20)) | 1u << 20; /* PA10 pulled up: an open line is idle */
    GPIOA_MODER = (GPIOA_MODER & ~(0xFu << 18)) | 0xAu << 18;
    USART1->cr1 = 0;
    USART1->brr = (pclk_hz + BAUD / 2) / BAUD;
    USART1->cr1 = USART_CR1_UE | USART_CR1_TE | USART_CR1_RE | USART_CR1_RXNEIE;
    irq_enable(IRQ_USART1);
}

size_t uart1_read(uint8_t *bytes, size_t n)
{
    size_t got = 0;
    frame = false; /* before the ring is looked at: an end that comes now sets it again */
    barrier();
    uint32_t in = rx_in, out = rx_out;
    while (got < n && out != in)
        bytes[got++] = rx[out++ % RX_SIZE];
    rx_out = out;
    return got;
}

bool uart1_frame(void)
{
    return frame;
}

bool uart1_lost(void)
{
    bool was = lost;
    if (was)
        lost = false;
    return was;
}

bool uart1_write(const uint8_t *bytes, size_t n)
{
    uint32_t in = tx_in;
    if (n > TX_SIZE - (in - tx_out))
        return false;
    for (size_t i = 0; i < n; i++)
        tx[in++ % TX_SIZE] = bytes[i];
    irq_off(); /* cr1 is also written by the handler */
    tx_in = in;
    USART1->cr1 |= USART_CR1_TXEIE;
    irq_on();
    return true;
}

bool uart1_sent(void)
{
    return tx_out == tx_in && (USART1->isr & USART_ISR_TC);
}
