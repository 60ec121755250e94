/* SPDX-License-Identifier: GPL-3.0-or-later
 * The last words of a firmware that cannot go on. */
#ifndef OTA_FAULT_H
#define OTA_FAULT_H
#include <stdint.h>

/* Prints "@ota ev=fault kind=KIND pc=… lr=… cfsr=… hfsr=…" by polling, then resets the chip. frame: the exception's stack frame
 * (r0-r3, r12, lr, pc, xpsr; DDI 0403E §B1.5.6). Callable from any exception. */
_Noreturn void fault_report(const char *kind, const uint32_t *frame);

#endif
