/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the application knows of the device that it runs on; constant for one run.
 */
#ifndef APP_DEVICE_H
#define APP_DEVICE_H
#include "handover.h"

struct device {
    const char *id;
    struct handover boot; /* boot.slot is the running slot, also when there was no handover */
    uint32_t release;     /* running (release.h) */
    uint32_t image;       /* bootlog_tag of the running image's digest */
    uint32_t file_size;   /* of the running image's file, bytes; 0: not known, so there is no base for a delta */
    uint8_t file[32];     /* its SHA-256 */
};
#endif
