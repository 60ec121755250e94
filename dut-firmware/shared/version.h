/* SPDX-License-Identifier: GPL-3.0-or-later
 * What this image was built as. The one object that differs between versions; firmware built from the same sources shares all
 * others. */
#ifndef OTA_VERSION_H
#define OTA_VERSION_H

extern const char version_text[]; /* "2.0.0" */

/* How the image is meant to fail, for scenarios I3 to I5. */
enum version_behaviour { VERSION_GOOD, VERSION_CRASH, VERSION_HANG, VERSION_SICK };
extern const enum version_behaviour version_behaviour;

#endif
