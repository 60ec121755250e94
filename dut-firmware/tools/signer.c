/* SPDX-License-Identifier: GPL-3.0-or-later
 * The firmware tree's only includer of OpenSSL. */
#include "signer.h"
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct signer {
    EVP_PKEY *key;
    uint8_t raw[32];
};

struct signer *signer_open(const char *path)
{
    FILE *f = fopen(path, "r");
    struct signer *s = calloc(1, sizeof *s);
    size_t n = sizeof s->raw;
    if (f != NULL && s != NULL)
        s->key = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    if (f != NULL)
        fclose(f);
    if (s != NULL && s->key != NULL && EVP_PKEY_id(s->key) == EVP_PKEY_ED25519 &&
        EVP_PKEY_get_raw_public_key(s->key, s->raw, &n) == 1)
        return s;
    fprintf(stderr, "%s: not a readable Ed25519 private key (PKCS#8 PEM)\n", path);
    signer_free(s);
    return NULL;
}

void signer_free(struct signer *s)
{
    if (s == NULL)
        return;
    EVP_PKEY_free(s->key);
    free(s);
}

bool signer_sign(const struct signer *s, const uint8_t *message, size_t n, uint8_t signature[64])
{
    size_t length = 64;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx != NULL && EVP_DigestSignInit(ctx, NULL, NULL, NULL, s->key) == 1 &&
              EVP_DigestSign(ctx, signature, &length, message, n) == 1 && length == 64;
    EVP_MD_CTX_free(ctx);
    return ok;
}

void signer_public(const struct signer *s, uint8_t raw[32]) { memcpy(raw, s->raw, sizeof s->raw); }

bool signer_verify(const uint8_t raw_public[32], const uint8_t *message, size_t n, const uint8_t signature[64])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw_public, 32);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = key != NULL && ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
              EVP_DigestVerify(ctx, signature, 64, message, n) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return ok;
}

void signer_sha256(const void *bytes, size_t n, uint8_t digest[32])
{
    unsigned length = 32;
    if (EVP_Digest(bytes, n, digest, &length, EVP_sha256(), NULL) != 1)
        abort(); /* only when libcrypto itself is broken */
}

void signer_key_hash(const uint8_t raw_public[32], uint8_t digest[32])
{
    uint8_t der[44] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    memcpy(der + 12, raw_public, 32);
    signer_sha256(der, sizeof der, digest);
}
