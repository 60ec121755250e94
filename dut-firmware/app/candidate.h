/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Is what stands in the free slot fit to be tried? The application asks before it activates, the bootloader asks again before
 * it jumps.
 */
#ifndef APP_CANDIDATE_H
#define APP_CANDIDATE_H
#include "cause.h"
#include "device.h"
#include "manifest.h"

/* Reads the whole slot: hash of the file, image format, hardware, hash, signature, version and security counter against
 * manifest and device. floor: no image with a lower counter may boot (bootlog.h). CAUSE_NONE and *image (bootlog_tag of the
 * digest), or why not. Takes about 60 instructions per byte. */
enum cause candidate_check(const struct manifest *offer, const struct device *d, uint32_t floor, uint32_t *image);
#endif
