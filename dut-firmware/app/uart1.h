/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * USART1 (PA9 TX, PA10 RX; Arduino D8, D2), 921600 8N1: the SLIP line. Two rings and an interrupt handler in SRAM.
 */
#ifndef APP_UART1_H
#define APP_UART1_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void uart1_init(uint32_t pclk_hz);
size_t uart1_read(uint8_t *bytes, size_t n); /* what has arrived, at most n; returns how many */
bool uart1_frame(void);                      /* a frame's end has arrived since the last call of uart1_read that emptied the ring */
bool uart1_lost(void);                       /* were bytes lost since the last call? */
bool uart1_write(const uint8_t *bytes, size_t n); /* queues all, or nothing when there is no room for all */
bool uart1_sent(void);                            /* all that was written has left, to the last stop bit */
#endif
