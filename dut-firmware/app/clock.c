/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The calendar of clock.h, by the tick alone.
 */
#include "clock.h"
#include "platform.h"

static uint32_t base_s = 1767225600u; /* 2026-01-01 */
static bool known;

bool clock_known(void)
{
    return known;
}

uint32_t clock_now(void)
{
    return base_s + platform_ms() / 1000u;
}

void clock_signed_time(uint32_t unix_s)
{
    known = true;
    base_s = unix_s - platform_ms() / 1000u;
}
