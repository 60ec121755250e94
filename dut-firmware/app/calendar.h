/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Days and seconds of the Gregorian calendar, for the dates of certificates and of HTTP.
 */
#ifndef APP_CALENDAR_H
#define APP_CALENDAR_H
#include <stdbool.h>
#include <stdint.h>

struct calendar {
    unsigned year, month, day, hour, minute, second;
};

/* Two decimal digits at *text, which moves on; nothing behind them is looked at. */
bool calendar_digits(const char **text, unsigned *out);
/* Seconds since 1970, UTC; 0 for an earlier moment, UINT32_MAX for one that is too late. False: there is no such day or time. */
bool calendar_seconds(const struct calendar *c, uint32_t *unix_s);
#endif
