/* SPDX-License-Identifier: GPL-3.0-or-later
 * The bootloader's lines on the console: a readable reason for every decision. (README.md, "Console protocol".) */
#ifndef BOOT_REPORT_H
#define BOOT_REPORT_H
#include <stdint.h>
#include "reason.h"
#include "select.h"

void report_reset(enum reason reason, uint32_t csr);
void report_slots(const struct select_choice *c);
void report_rollback(const struct select_choice *c); /* nothing when none happened */
void report_decision(const struct select_choice *c, uint8_t attempt);
void report_boot(const struct select_choice *c, uint8_t attempt);
void report_recovery(const char *cause);
void report_received(uint8_t slot, enum image_cause state, const struct image_info *info);

#endif
