/* SPDX-License-Identifier: GPL-3.0-or-later
 * Compiled once per image, with -DAPP_VERSION="…" and, for an image that is meant to fail, one of APP_CRASH, APP_HANG, APP_SICK.
 */
#include "version.h"

const char version_text[] = APP_VERSION;

#if defined APP_CRASH
const enum version_behaviour version_behaviour = VERSION_CRASH;
#elif defined APP_HANG
const enum version_behaviour version_behaviour = VERSION_HANG;
#elif defined APP_SICK
const enum version_behaviour version_behaviour = VERSION_SICK;
#else
const enum version_behaviour version_behaviour = VERSION_GOOD;
#endif
