/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The stages of an update that the server is told of, in the order in which an update passes them.
 */
#ifndef APP_STAGE_H
#define APP_STAGE_H

/* The numbers stand in flash records (progress.h): append, never reorder. */
enum stage {
    STAGE_STARTED, STAGE_DOWNLOADED, STAGE_VERIFIED, STAGE_INSTALLED, STAGE_BOOTED, STAGE_CONFIRMED, STAGE_FAILED, STAGE_ROLLED_BACK,
    STAGE_COUNT
};

const char *stage_name(enum stage s);
#endif
