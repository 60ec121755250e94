/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The network: lwIP over SLIP on USART1, device 10.0.0.2, server 10.0.0.1. The one file that includes lwIP.
 */
#ifndef APP_LINK_H
#define APP_LINK_H
#include <stdbool.h>
#include <stdint.h>

#define LINK_CONNECT_MS 6000u /* one lost SYN is forgiven */

struct transport;

void link_init(void); /* once; uart1_init and entropy_init come first */
/* Feeds lwIP with what has come in and runs its timers. Call often; now_ms is not needed: lwIP asks sys_now. */
void link_poll(void);
uint32_t link_idle_ms(void); /* until link_poll is next due when nothing comes in */
extern const struct transport link_transport;
#endif
