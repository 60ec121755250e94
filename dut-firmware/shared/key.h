/* SPDX-License-Identifier: GPL-3.0-or-later
 * The public key that images must be signed with: generated at build time from fixtures/keys/ by tools/mkimage. */
#ifndef OTA_KEY_H
#define OTA_KEY_H
#include <stdint.h>

extern const uint8_t key_public[32]; /* Ed25519, raw (RFC 8032) */
extern const uint8_t key_hash[32];   /* SHA-256 of its SubjectPublicKeyInfo DER: the KEYHASH TLV */

#endif
