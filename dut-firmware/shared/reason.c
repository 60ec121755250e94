/* SPDX-License-Identifier: GPL-3.0-or-later
 * RCC_CSR as a word (RM0351 §6.4.29). Every internal reset also pulls NRST, so PINRSTF is set with all of them and counts last;
 * the supply flag clears the others, and an internal reset after it adds its own, so the internal ones count first. */
#include "reason.h"
#include <stddef.h>

enum { LPWR = 31, WWDG = 30, IWDG = 29, SFT = 28, BOR = 27, OBL = 25 };

static bool has(uint32_t csr, unsigned bit) { return (csr >> bit & 1) != 0; }

enum reason reason_of(uint32_t csr, bool ram_kept)
{
    if (has(csr, IWDG))
        return REASON_WATCHDOG;
    if (has(csr, WWDG))
        return REASON_WINDOW_WATCHDOG;
    if (has(csr, SFT))
        return REASON_SOFTWARE;
    if (has(csr, LPWR))
        return REASON_LOW_POWER;
    if (has(csr, OBL))
        return REASON_OPTION_BYTE;
    if (has(csr, BOR))
        return ram_kept ? REASON_BROWN_OUT : REASON_POWER_ON;
    return REASON_PIN;
}

const char *reason_name(enum reason r)
{
    static const char *const names[] = {"power-on", "brown-out", "watchdog",    "window-watchdog",
                                        "pin",      "software",  "option-byte", "low-power"};
    return (unsigned)r < sizeof names / sizeof *names ? names[r] : "unknown";
}
