/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers that differ from start to start: TCP ports and sequence numbers that repeated after a reset would meet the server's
 * half-open connections. Not for keys.
 */
#ifndef APP_ENTROPY_H
#define APP_ENTROPY_H
#include <stdint.h>

void entropy_init(void); /* takes a seed from the random number generator (RM0351 §27); without one, from what platform.h has */
uint32_t entropy_u32(void);
#endif
