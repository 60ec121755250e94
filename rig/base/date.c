/* SPDX-License-Identifier: GPL-3.0-or-later
 * The Gregorian calendar. */
#include "base/date.h"

#include <stdio.h>
#include <string.h>

enum { DAY_S = 86400, YEAR_LEAST = 1970, YEAR_MOST = 9999 };
#define LAST_S UINT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static bool leap(unsigned y)
{
    return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static unsigned month_days(unsigned y, unsigned m)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return m == 2 && leap(y) ? 29 : days[m - 1];
}

static uint64_t days_before(unsigned y)
{
    uint64_t n = y - 1;
    return n * 365 + n / 4 - n / 100 + n / 400 - 719162; /* days to 1970 */
}

/* Digits, and the one character behind them. */
static bool field(const char **p, unsigned digits, char end, unsigned *out)
{
    *out = 0;
    for (unsigned i = 0; i < digits; i++, (*p)++) {
        if (**p < '0' || **p > '9')
            return false;
        *out = *out * 10 + (unsigned)(**p - '0');
    }
    if (**p != end)
        return false;
    *p += end != 0;
    return true;
}

static bool seconds(const char *text, uint64_t *unix_s)
{
    *unix_s = 0;
    for (const char *p = text; *p; p++) {
        if (*p < '0' || *p > '9' || p - text > 12)
            return false;
        *unix_s = *unix_s * 10 + (unsigned)(*p - '0');
    }
    return *text && *unix_s <= LAST_S;
}

static bool time_of_day(const char *p, uint64_t *s)
{
    unsigned hour, minute, second;
    if (!field(&p, 2, ':', &hour) || !field(&p, 2, ':', &minute) || !field(&p, 2, 'Z', &second) || *p)
        return false;
    *s = hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second < 60;
}

bool date_read(const char *text, uint64_t *unix_s)
{
    unsigned y, m, d;
    uint64_t s = 0;
    const char *p = text;
    bool timed = strchr(text, 'T') != NULL;
    if (!strchr(text, '-'))
        return seconds(text, unix_s);
    if (!field(&p, 4, '-', &y) || !field(&p, 2, '-', &m) || !field(&p, 2, timed ? 'T' : 0, &d) || (timed && !time_of_day(p, &s)))
        return false;
    if (y < YEAR_LEAST || m < 1 || m > 12 || d < 1 || d > month_days(y, m))
        return false;
    uint64_t days = days_before(y) + d - 1;
    for (unsigned i = 1; i < m; i++)
        days += month_days(y, i);
    *unix_s = days * DAY_S + s;
    return true;
}

void date_print(uint64_t unix_s, char out[DATE_TEXT])
{
    uint64_t t = unix_s < LAST_S ? unix_s : LAST_S, days = t / DAY_S;
    unsigned s = (unsigned)(t % DAY_S), y = YEAR_LEAST, m = 1;
    while (y < YEAR_MOST && days_before(y + 1) <= days)
        y++;
    days -= days_before(y);
    for (; days >= month_days(y, m); m++)
        days -= month_days(y, m);
    char text[64];
    snprintf(text, sizeof text, "%04u-%02u-%02uT%02u:%02u:%02uZ", y, m, (unsigned)days + 1, s / 3600, s / 60 % 60, s % 60);
    memcpy(out, text, DATE_TEXT - 1);
    out[DATE_TEXT - 1] = 0;
}
