/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The calendar that runs on when the power is away: the chip's RTC (RM0351 §38), or a variable in the host tests. What it says is
 * believed only as far as app/clock.h goes.
 */
#ifndef OTA_RTC_PORT_H
#define OTA_RTC_PORT_H
#include <stdbool.h>
#include <stdint.h>

/* Seconds since 1970, UTC; false: it was never set, has lost its supply, or does not run. */
bool rtc_read(uint32_t *unix_s);
/* Sets it (2001 to 2099). False: not now; a clock that stood still has been started, and takes up to two seconds. */
bool rtc_write(uint32_t unix_s);
#endif
