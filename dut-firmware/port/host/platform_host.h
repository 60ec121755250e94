/* SPDX-License-Identifier: GPL-3.0-or-later
 * platform.h for host tests: time that passes by sleeping, a console in memory, resets and jumps that land in the test. */
#ifndef OTA_PLATFORM_HOST_H
#define OTA_PLATFORM_HOST_H
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

void platform_host_reset(void);                                  /* time 0, console empty */
const char *platform_host_console(void);                         /* what was printed since platform_host_reset */
void platform_host_input(const void *bytes, size_t n);           /* arrives at once; up to 256 KB waiting */
extern void (*platform_host_on_put)(uint8_t byte);               /* sees every console byte, when set (XMODEM peer) */

/* Where platform_reset (value 1) and platform_jump (value 2) go. */
extern jmp_buf platform_host_left;
extern uint32_t platform_host_jumped_to;
extern unsigned platform_host_feeds; /* watchdog feeds so far */

#endif
