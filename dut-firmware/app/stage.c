/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The names of stage.h.
 */
#include "stage.h"

const char *stage_name(enum stage s)
{
    static const char *const names[STAGE_COUNT] = {
        "started", "downloaded", "verified", "installed", "booted", "confirmed", "failed", "rolled-back",
    };
    return (unsigned)s < STAGE_COUNT ? names[s] : "none";
}
