/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers that differ from start to start: TCP ports and sequence numbers that repeated after a reset would meet the server's
 * half-open connections. And numbers for keys.
 */
#ifndef APP_ENTROPY_H
#define APP_ENTROPY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void entropy_init(void); /* takes a seed from the random number generator (RM0351 §27); without one, from what platform.h has */
uint32_t entropy_u32(void); /* not for keys */
/* n bytes straight from the random number generator, for keys. False: it does not run, reports an error, or stands still. Takes 0.2
 * us per byte, and at most a few milliseconds when it fails. */
bool entropy_fill(uint8_t *out, size_t n);
#endif
