/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Is what was signed also new? A right signature says who spoke, not when: an old manifest replayed offers yesterday's hole
 * again, the same one shown for ever hides tomorrow's repair. So the device remembers in flash the highest manifest version that
 * it accepted and the last signed time that it believed. (Method: top of freshness.c.)
 */
#ifndef APP_FRESHNESS_H
#define APP_FRESHNESS_H
#include "manifest.h"
#include "reclog.h"

#define FRESHNESS_STEP_MOST 0x00100000u /* a manifest version that jumps further would leave no room for honest ones behind it */

struct freshness {
    struct reclog log;
    uint32_t number; /* highest manifest version accepted; 0: none */
    uint32_t time;   /* a signed time that was believed, about the last one; seconds since 1970, 0: none */
};

/* Reads the region; writes nothing. */
void freshness_open(struct freshness *f);
/* Takes in a manifest whose signature is right and which is for this hardware: may correct the clock, may write. CAUSE_NONE, or
 * CAUSE_ROLLBACK (an older one was accepted before), CAUSE_EXPIRED, CAUSE_FREEZE (nothing shows how old it is), CAUSE_BAD_MANIFEST (a
 * version that jumps too far). A region that cannot be written costs the memory over resets, never an update. */
enum cause freshness_take(struct freshness *f, const struct manifest *m);
#endif
