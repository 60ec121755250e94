/* SPDX-License-Identifier: GPL-3.0-or-later
 * Ed25519 and SHA-256 for host tools and tests, by OpenSSL's libcrypto: a second implementation beside the firmware's. */
#ifndef TOOLS_SIGNER_H
#define TOOLS_SIGNER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct signer;

/* Reads a PKCS#8 PEM file with an Ed25519 private key. NULL (and a line on stderr) when it is none. */
struct signer *signer_open(const char *path);
void signer_free(struct signer *s);
bool signer_sign(const struct signer *s, const uint8_t *message, size_t n, uint8_t signature[64]);
void signer_public(const struct signer *s, uint8_t raw[32]);

bool signer_verify(const uint8_t raw_public[32], const uint8_t *message, size_t n, const uint8_t signature[64]);
void signer_sha256(const void *bytes, size_t n, uint8_t digest[32]);
/* SHA-256 of the key's SubjectPublicKeyInfo DER (RFC 8410), as imgtool's KEYHASH. */
void signer_key_hash(const uint8_t raw_public[32], uint8_t digest[32]);

#endif
