/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The host's calendar: a variable that a test sets and that follows platform_ms(). It survives what a test calls a reset.
 */
#ifndef RTC_HOST_H
#define RTC_HOST_H
#include <stdbool.h>
#include <stdint.h>

void rtc_host_set(uint32_t unix_s); /* it runs, and says this now */
void rtc_host_lose(void);           /* battery empty */
void rtc_host_break(bool broken);   /* it cannot be set any more */
#endif
