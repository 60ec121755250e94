/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Version numbers "major.minor.revision" (MCUboot: u8.u8.u16; the build number is not compared) in one comparable word, as
 * flash records carry them.
 */
#ifndef APP_RELEASE_H
#define APP_RELEASE_H
#include <stdbool.h>
#include <stdint.h>
#include "image.h"

#define RELEASE_TEXT 16u /* "255.255.65535" and NUL fit */

uint32_t release_of(const struct image_version *v);
struct image_version release_version(uint32_t release);
/* Exactly three numbers without signs or leading zeros; false otherwise. */
bool release_parse(const char *text, uint32_t *out);
/* Writes NUL-terminated text to out and returns out. */
const char *release_text(uint32_t release, char out[RELEASE_TEXT]);
#endif
