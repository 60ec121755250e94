/* SPDX-License-Identifier: GPL-3.0-or-later
 * Ed25519 verification (RFC 8032): libsodium's reference code in the firmware, OpenSSL in host tests. */
#ifndef OTA_ED25519_H
#define OTA_ED25519_H
#include <stdbool.h>
#include <stdint.h>

bool ed25519_verify(const uint8_t signature[64], const void *message, uint32_t n, const uint8_t public_key[32]);

#endif
