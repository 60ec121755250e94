/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why an update did not go on: the causes of dut-firmware/README.md, as they stand on the console and in telemetry.
 */
#ifndef APP_CAUSE_H
#define APP_CAUSE_H

/* The numbers stand in flash records: append, never reorder. */
enum cause {
    CAUSE_NONE,
    CAUSE_NO_SERVER, CAUSE_CONNECTION_LOST, CAUSE_HTTP_STATUS, CAUSE_BAD_MANIFEST, CAUSE_BAD_LENGTH, CAUSE_BAD_CHUNK, CAUSE_TIMEOUT, CAUSE_FLASH,
    CAUSE_BAD_MAGIC, CAUSE_BAD_HEADER, CAUSE_TOO_LARGE, CAUSE_TRUNCATED, CAUSE_WRONG_SLOT, CAUSE_WRONG_HARDWARE, CAUSE_BAD_HASH, CAUSE_UNSIGNED,
    CAUSE_WRONG_KEY, CAUSE_BAD_SIGNATURE, CAUSE_DOWNGRADE, CAUSE_BAD_VECTOR, CAUSE_BAD_TLV, CAUSE_ECC,
    CAUSE_ATTEMPTS, CAUSE_UNHEALTHY, CAUSE_INVALID,
    CAUSE_COUNT
};

const char *cause_name(enum cause c); /* "none" for CAUSE_NONE and for numbers that are no cause */
enum cause cause_named(const char *name); /* CAUSE_NONE when there is no such name */
#endif
