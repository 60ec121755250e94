/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The calendar: seconds since 1970, UTC.
 */
#ifndef APP_CLOCK_H
#define APP_CLOCK_H
#include <stdbool.h>
#include <stdint.h>

bool clock_known(void);                /* it was set once and has run since */
uint32_t clock_now(void);              /* never before the build's time, nor before a signed time that was believed */
void clock_signed_time(uint32_t unix_s); /* of a manifest that freshness.c believes */
#endif
