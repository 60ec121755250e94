/* SPDX-License-Identifier: GPL-3.0-or-later
 * SHA-256 and Ed25519 by libcrypto: the only includer of openssl/evp.h and openssl/pem.h. */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

void crypto_sha256(const void *bytes, size_t n, uint8_t digest[32]);
void crypto_sha256_hex(const void *bytes, size_t n, char hex[65]);

struct crypto_key; /* an Ed25519 private key (RFC 8032) */
/* Reads a PEM file (PKCS#8). NULL with a message when it is not one. */
struct crypto_key *crypto_key_open(const char *path, struct err *e);
void crypto_key_free(struct crypto_key *k);
void crypto_key_public(const struct crypto_key *k, uint8_t raw[32]);
bool crypto_key_seed(const struct crypto_key *k, uint8_t seed[32]); /* the private key itself (RFC 8032, 5.1.5) */
bool crypto_sign(const struct crypto_key *k, const void *bytes, size_t n, uint8_t signature[64]);
/* The same with the bare seed (RFC 8032, 5.1.5). */
void crypto_ed25519_public(const uint8_t seed[32], uint8_t raw[32]);
void crypto_ed25519_sign(const uint8_t seed[32], const void *bytes, size_t n, uint8_t signature[64]);
bool crypto_verify(const uint8_t raw_public[32], const void *bytes, size_t n, const uint8_t signature[64]);

/* The first block "-----BEGIN …LABEL-----" of a PEM text (RFC 7468) appended as DER; label "CERTIFICATE", "PRIVATE KEY" (also EC's own
 * form). False when there is none. */
bool crypto_pem_read(const char *text, const char *label, struct buf *der);
void crypto_pem_write(const char *label, const void *der, size_t n, struct buf *out);

#endif
