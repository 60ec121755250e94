/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The certificate that the server's must lead to, DER; made by the build (tools/mkca.c).
 */
#ifndef APP_CA_H
#define APP_CA_H
#include <stddef.h>
#include <stdint.h>

extern const uint8_t ca_der[];
extern const size_t ca_der_size;
#endif
