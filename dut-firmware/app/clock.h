/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What day it is: seconds since 1970, UTC. Policy: top of clock.c. Timeouts never ask here: they run on platform_ms().
 */
#ifndef APP_CLOCK_H
#define APP_CLOCK_H
#include <stdbool.h>
#include <stdint.h>

bool clock_known(void);    /* the calendar was set, has run since, and is not before the floor */
uint32_t clock_now(void);  /* the calendar when it is known, else the floor: a lower bound */
/* The last signed time, as flash remembers it: the floor, unless this program was built later. Call at the start. */
void clock_floor(uint32_t unix_s);
/* Sets calendar and floor to the time of a message whose signature is good and that is believed to be fresh, both ways. A time
 * before this program was built is not taken. */
void clock_signed_time(uint32_t unix_s);
#endif
