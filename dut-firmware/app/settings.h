/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who the device is: an identity and a name that survive updates and power cuts, and a count of starts, in the settings region.
 */
#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H
#include <stdbool.h>
#include <stdint.h>
#include "reclog.h"

#define SETTINGS_TEXT 32u /* bytes of id and name with their NUL */

struct settings {
    struct reclog log;
    char id[SETTINGS_TEXT], name[SETTINGS_TEXT]; /* visible ASCII without space, quote or backslash; never empty */
    uint32_t boots; /* starts of the application since the device was made, this one included */
};

/* Reads the region, fills in what is missing (the id from the chip's unique id; a name from noise, "node-1f2e", which a person
 * may change), counts this start and writes what has changed. A region that cannot be written costs the count, never the start:
 * negative reclog_result then, with *s complete. */
int settings_open(struct settings *s, const uint32_t unique_id[3], uint32_t noise);
/* Sets the name, atomically: after a cut the old one or the new one stands there. RECLOG_OK, a negative reclog_result, or 1
 * when the name is not one (empty, too long, or with characters outside the set above). */
int settings_rename(struct settings *s, const char *name);
#endif
