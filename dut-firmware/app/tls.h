/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * TLS 1.3 over another transport: the server's certificate must lead to the embedded CA, carry the server's name, and be valid today.
 */
#ifndef APP_TLS_H
#define APP_TLS_H
#include <stddef.h>
#include <stdint.h>
#include "transport.h"

#define TLS_SHAKE_MS 9000u /* for a handshake: a line of 9600 baud needs three seconds */

struct tls_config {
    const struct transport *under; /* outlives all use, as the others do */
    const char *host;              /* for SNI and the certificate's subjectAltName */
    const uint8_t *ca;             /* the one trust anchor, DER */
    size_t ca_size;
    bool (*random)(uint8_t *out, size_t n); /* true random numbers; false: there are none now */
};

/* The transport over config->under, which is copied. There is one. */
const struct transport *tls_over(const struct tls_config *config);
#endif
