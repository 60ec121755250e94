/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The calendar of clock.h.
 *
 * Method. The RTC may be wrong: never set, its battery empty, drifted, or set to anything by whoever held the device. Two things
 * bound it. The floor: the time this program was built at or the last signed time that was believed (flash keeps that one), the
 * later; a calendar before the floor is as good as none. And the signed time of a manifest, which sets it. Nothing else does: the Date
 * header of a response, NTP, a certificate's dates are anybody's word.
 *
 * A lost calendar says the floor. That errs to the early side: an expired certificate may pass as valid for as long as the device
 * has no better time, a valid one that was made after the floor fails as not yet valid. tls_dates.c says what follows from that.
 */
#include "clock.h"
#include "platform.h"
#include "rtc_port.h"

#ifndef FW_TIME
#define FW_TIME 1767225600u /* 2026-01-01; the build says */
#endif

static uint32_t floor_s = FW_TIME;
/* A signed time of this run that the RTC did not take yet, carried by the tick. */
static struct {
    bool waits;
    uint32_t unix_s, ms;
} heard;

static void carry(void)
{
    uint32_t whole = (platform_ms() - heard.ms) / 1000u; /* moved on at each call, so that the tick may wrap */
    heard.unix_s += whole;
    heard.ms += whole * 1000u;
    heard.waits = !rtc_write(heard.unix_s);
}

static bool calendar(uint32_t *unix_s)
{
    if (heard.waits)
        carry();
    if (heard.waits) {
        *unix_s = heard.unix_s;
        return true;
    }
    return rtc_read(unix_s) && *unix_s >= floor_s;
}

bool clock_known(void)
{
    uint32_t t;
    return calendar(&t);
}

uint32_t clock_now(void)
{
    uint32_t t;
    return calendar(&t) ? t : floor_s;
}

void clock_floor(uint32_t unix_s)
{
    floor_s = unix_s > FW_TIME ? unix_s : FW_TIME;
}

void clock_signed_time(uint32_t unix_s)
{
    if (unix_s < FW_TIME)
        return;
    heard.unix_s = unix_s;
    heard.ms = platform_ms();
    carry();
    clock_floor(unix_s);
}
