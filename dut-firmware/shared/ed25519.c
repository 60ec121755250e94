/* SPDX-License-Identifier: GPL-3.0-or-later
 * ed25519.h by libsodium's reference code (ref10), with the few small functions that it expects from files not taken along.
 * Nothing here is secret, so the constant-time promises of the originals are not needed. */
#include "ed25519.h"
#include <stddef.h>
#include <string.h>
#include "crypto_hash_sha512.h"
#include "crypto_sign_ed25519.h"

void _crypto_sign_ed25519_ref10_hinit(crypto_hash_sha512_state *hs, int prehashed);
void _crypto_sign_ed25519_ref10_hinit(crypto_hash_sha512_state *hs, int prehashed)
{
    (void)prehashed; /* Ed25519ph is not used */
    crypto_hash_sha512_init(hs);
}

int sodium_memcmp(const void *a, const void *b, size_t n);
int sodium_memcmp(const void *a, const void *b, size_t n) { return memcmp(a, b, n) == 0 ? 0 : -1; }

void sodium_memzero(void *p, size_t n);
void sodium_memzero(void *p, size_t n) { memset(p, 0, n); }

int sodium_is_zero(const unsigned char *bytes, size_t n);
int sodium_is_zero(const unsigned char *bytes, size_t n)
{
    unsigned char any = 0;
    for (size_t i = 0; i < n; i++)
        any |= bytes[i];
    return any == 0;
}

bool ed25519_verify(const uint8_t signature[64], const void *message, uint32_t n, const uint8_t public_key[32])
{
    return crypto_sign_ed25519_verify_detached(signature, message, n, public_key) == 0;
}
