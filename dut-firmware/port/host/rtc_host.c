/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * rtc_port.h on the host.
 */
#include "rtc_host.h"
#include "platform.h"
#include "rtc_port.h"

static struct {
    bool runs, broken;
    uint32_t unix_s, ms;
} rtc;

void rtc_host_set(uint32_t unix_s)
{
    rtc.runs = true;
    rtc.unix_s = unix_s;
    rtc.ms = platform_ms();
}

void rtc_host_lose(void)
{
    rtc.runs = false;
}

void rtc_host_break(bool broken)
{
    rtc.broken = broken;
}

bool rtc_read(uint32_t *unix_s)
{
    *unix_s = rtc.unix_s + (platform_ms() - rtc.ms) / 1000u;
    return rtc.runs;
}

bool rtc_write(uint32_t unix_s)
{
    if (rtc.broken)
        return false;
    rtc_host_set(unix_s);
    return true;
}
