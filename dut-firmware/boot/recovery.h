/* SPDX-License-Identifier: GPL-3.0-or-later
 * Serial recovery: takes an image over the console by XMODEM. (README.md, "Recovery".) */
#ifndef BOOT_RECOVERY_H
#define BOOT_RECOVERY_H
#include <stdint.h>
#include "bootlog.h"
#include "keyset.h"

enum { RECOVERY_NO_SLOT = 0xFF };

/* Says "ev=recovery cause=…" every 2 s and waits for an image. A good one is recorded as a trial and the chip is reset: then it
 * does not return. limit_ms 0 waits for ever; else it returns when nobody came for so long. keep: a slot that must not be
 * overwritten, or RECOVERY_NO_SLOT. */
void recovery_run(struct bootlog *log, const struct keyset *keys, const char *cause, uint32_t limit_ms, uint8_t keep);

#endif
