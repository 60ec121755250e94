/* SPDX-License-Identifier: GPL-3.0-or-later
 * Digests and signatures, all of them libcrypto's. */
#include "base/crypto.h"

#include "base/buf.h"
#include "base/err.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

struct crypto_key {
    EVP_PKEY *pkey;
};

void crypto_sha256(const void *bytes, size_t n, uint8_t digest[32])
{
    if (EVP_Digest(bytes, n, digest, NULL, EVP_sha256(), NULL) != 1)
        abort();
}

void crypto_sha256_hex(const void *bytes, size_t n, char hex[65])
{
    uint8_t digest[32];
    crypto_sha256(bytes, n, digest);
    struct buf b = {0};
    buf_hex(&b, digest, sizeof digest);
    memcpy(hex, b.data, 65);
    buf_free(&b);
}

struct crypto_key *crypto_key_open(const char *path, struct err *e)
{
    FILE *f = fopen(path, "r");
    if (!f) {
        err_set(e, RIG_EINPUT, "%s: %s", path, strerror(errno));
        return NULL;
    }
    EVP_PKEY *pkey = PEM_read_PrivateKey(f, NULL, NULL, NULL);
    fclose(f);
    if (!pkey || EVP_PKEY_id(pkey) != EVP_PKEY_ED25519) {
        err_set(e, RIG_EINPUT, "%s: not an Ed25519 private key in PEM", path);
        EVP_PKEY_free(pkey);
        return NULL;
    }
    struct crypto_key *k = mem_new(sizeof *k);
    k->pkey = pkey;
    return k;
}

void crypto_key_free(struct crypto_key *k)
{
    if (!k)
        return;
    EVP_PKEY_free(k->pkey);
    free(k);
}

void crypto_key_public(const struct crypto_key *k, uint8_t raw[32])
{
    size_t n = 32;
    if (EVP_PKEY_get_raw_public_key(k->pkey, raw, &n) != 1)
        abort();
}

bool crypto_key_seed(const struct crypto_key *k, uint8_t seed[32])
{
    size_t n = 32;
    return EVP_PKEY_get_raw_private_key(k->pkey, seed, &n) == 1 && n == 32;
}

bool crypto_sign(const struct crypto_key *k, const void *bytes, size_t n, uint8_t signature[64])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t size = 64;
    bool ok = ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->pkey) == 1 &&
              EVP_DigestSign(ctx, signature, &size, bytes, n) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

static struct crypto_key key_of(const uint8_t seed[32])
{
    struct crypto_key k = {EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32)};
    if (!k.pkey)
        abort(); /* out of memory: any 32 bytes are a key */
    return k;
}

void crypto_ed25519_public(const uint8_t seed[32], uint8_t raw[32])
{
    struct crypto_key k = key_of(seed);
    crypto_key_public(&k, raw);
    EVP_PKEY_free(k.pkey);
}

void crypto_ed25519_sign(const uint8_t seed[32], const void *bytes, size_t n, uint8_t signature[64])
{
    struct crypto_key k = key_of(seed);
    if (!crypto_sign(&k, bytes, n, signature))
        abort();
    EVP_PKEY_free(k.pkey);
}

bool crypto_verify(const uint8_t raw_public[32], const void *bytes, size_t n, const uint8_t signature[64])
{
    EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw_public, 32);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = pkey && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
              EVP_DigestVerify(ctx, signature, 64, bytes, n) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    return ok;
}

/* "PRIVATE KEY" also finds "EC PRIVATE KEY". */
static bool is_label(const char *name, const char *label)
{
    size_t n = strlen(name), m = strlen(label);
    return n >= m && strcmp(name + n - m, label) == 0;
}

bool crypto_pem_read(const char *text, const char *label, struct buf *der)
{
    BIO *in = BIO_new_mem_buf(text, -1);
    char *name, *header;
    unsigned char *bytes;
    long n;
    bool found = false;
    while (in && !found && PEM_read_bio(in, &name, &header, &bytes, &n) == 1) {
        found = is_label(name, label);
        if (found)
            buf_add(der, bytes, (size_t)n);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(bytes);
    }
    BIO_free(in);
    return found;
}

void crypto_pem_write(const char *label, const void *der, size_t n, struct buf *out)
{
    BIO *mem = BIO_new(BIO_s_mem());
    char *text;
    if (!mem || PEM_write_bio(mem, label, "", der, (long)n) <= 0)
        abort();
    long size = BIO_get_mem_data(mem, &text);
    buf_add(out, text, (size_t)size);
    BIO_free(mem);
}
