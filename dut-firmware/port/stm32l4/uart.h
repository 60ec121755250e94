/* SPDX-License-Identifier: GPL-3.0-or-later
 * The console UART behind platform.h's console functions. */
#ifndef OTA_UART_H
#define OTA_UART_H
#include <stdint.h>

/* USART2 on PA2/PA3 (the ST-LINK's virtual COM port), 115200 8N1, from a peripheral clock in Hz. May be called again after a
 * jump. */
void uart_init(uint32_t pclk_hz);

#endif
