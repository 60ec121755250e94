/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a server may send us on to: somewhere else on itself. Another host is another trust, and plain HTTP none at all.
 */
#ifndef APP_REDIRECT_H
#define APP_REDIRECT_H

/* The path of a Location (RFC 9110 §10.2.2), within it; NULL when it leads away, or when that is not certain. */
const char *redirect_path(const char *location);
#endif
