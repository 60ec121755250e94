/* SPDX-License-Identifier: GPL-3.0-or-later
 * Why the chip started: RCC_CSR (RM0351 §6.4.29) read as one word. */
#ifndef OTA_REASON_H
#define OTA_REASON_H
#include <stdbool.h>
#include <stdint.h>

enum reason {
    REASON_POWER_ON,
    REASON_BROWN_OUT,
    REASON_WATCHDOG,
    REASON_WINDOW_WATCHDOG,
    REASON_PIN,
    REASON_SOFTWARE,
    REASON_OPTION_BYTE,
    REASON_LOW_POWER,
};

/* csr: the register before its flags were cleared. ram_kept: SRAM held its content over the reset (a brown-out is a supply reset
 * that was too short for the SRAM to decay; the silicon's flag is the same). */
enum reason reason_of(uint32_t csr, bool ram_kept);
const char *reason_name(enum reason r); /* "power-on" … as in README.md */

#endif
