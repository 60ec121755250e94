/* SPDX-License-Identifier: GPL-3.0-or-later
 * What bootloader and app need of the chip besides flash. Implemented by port/stm32l4/ and port/host/. */
#ifndef OTA_PLATFORM_H
#define OTA_PLATFORM_H
#include <stdbool.h>
#include <stdint.h>

/* Clock (80 MHz), SysTick, console UART; call once at the top of main. */
void platform_init(void);
uint32_t platform_ms(void); /* since platform_init; wraps after 49 days: compare differences */
void platform_sleep(void);  /* until the next interrupt; at most 1 ms (SysTick). May return at once. */
void platform_unique_id(uint32_t id[3]); /* RM0351 §47.1 */
uint32_t platform_noise(void);           /* not secret: for jitter */

/* Console bytes (USART2). put queues for the interrupt handler and sleeps only while the queue (2 KB) is full. */
void platform_console_put(uint8_t byte);
int platform_console_get(void);    /* next received byte, or -1 */
void platform_console_flush(void); /* until the last stop bit has left */
void platform_console_panic(void); /* from a fault: polled output from here on, queue drained first */

void platform_watchdog_start(void); /* IWDG, about 4 s; cannot be stopped but by a reset */
void platform_watchdog_feed(void);  /* harmless when it does not run */
uint32_t platform_reset_flags(void);                 /* RCC_CSR */
void platform_reset_flags_clear(void);               /* RMVF */
_Noreturn void platform_reset(void);                 /* flushes the console, then a system reset */
_Noreturn void platform_jump(uint32_t vector_table); /* to an application, as after a reset but for clocks and watchdog */

#endif
