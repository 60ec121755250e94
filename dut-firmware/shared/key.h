/* SPDX-License-Identifier: GPL-3.0-or-later
 * The public keys that the device is made with: generated at build time from fixtures/keys/ by tools/mkimage. */
#ifndef OTA_KEY_H
#define OTA_KEY_H
#include <stdint.h>

extern const uint8_t key_public[32];      /* Ed25519, raw (RFC 8032): key set 1, what signs images and manifests */
extern const uint8_t key_hash[32];        /* SHA-256 of its SubjectPublicKeyInfo DER: the KEYHASH TLV, the keyid of envelopes */
extern const uint8_t key_root_public[32]; /* signs key sets (keyset.h) and nothing else */
extern const uint8_t key_root_hash[32];

#endif
