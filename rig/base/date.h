/* SPDX-License-Identifier: GPL-3.0-or-later
 * Dates as people write them (RFC 3339, in UTC), and as machines count them. */
#ifndef BASE_DATE_H
#define BASE_DATE_H
#include <stdbool.h>
#include <stdint.h>

enum { DATE_TEXT = 21 }; /* "2026-07-01T12:00:00Z" and its end */

/* "2026-07-01", "2026-07-01T12:00:00Z" or Unix seconds; 1970 to 9999. False: none of them. */
bool date_read(const char *text, uint64_t *unix_s);
void date_print(uint64_t unix_s, char out[DATE_TEXT]); /* up to the year 9999; later ones as that year's last second */
#endif
