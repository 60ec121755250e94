/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The arithmetic of calendar.h: years that begin in March, so that the leap day ends them.
 */
#include "calendar.h"

bool calendar_digits(const char **text, unsigned *out)
{
    const char *t = *text;
    if (t[0] < '0' || t[0] > '9' || t[1] < '0' || t[1] > '9')
        return false;
    *out = (unsigned)(t[0] - '0') * 10 + (unsigned)(t[1] - '0');
    *text += 2;
    return true;
}

bool calendar_seconds(const struct calendar *c, uint32_t *unix_s)
{
    if (c->month < 1 || c->month > 12 || c->day < 1 || c->day > 31 || c->hour > 23 || c->minute > 59 || c->second > 60)
        return false;
    if (c->year < 1970 || c->year > 2106) {
        *unix_s = c->year < 1970 ? 0 : UINT32_MAX;
        return true;
    }
    uint64_t y = c->year - (c->month <= 2), m = c->month > 2 ? c->month - 3 : c->month + 9;
    uint64_t days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + c->day - 1 - 719468; /* to 1970-01-01 */
    uint64_t t = days * 86400 + c->hour * 3600u + c->minute * 60u + c->second;
    *unix_s = t > UINT32_MAX ? UINT32_MAX : (uint32_t)t;
    return true;
}
