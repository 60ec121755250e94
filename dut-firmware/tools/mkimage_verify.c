/* SPDX-License-Identifier: GPL-3.0-or-later
 * mkimage verify: reads an image with a parser of its own and checks it with OpenSSL. */
#include <stdio.h>
#include <string.h>
#include "mkimage.h"
#include "signer.h"

struct found {
    const uint8_t *sha256, *key_hash, *signature, *counter, *hardware;
    size_t hardware_size;
};

static uint32_t get(const uint8_t *p, unsigned n)
{
    uint32_t value = 0;
    while (n-- > 0)
        value = value << 8 | p[n];
    return value;
}

static void note_tlv(struct found *f, unsigned type, const uint8_t *value, size_t n)
{
    if (type == MKIMAGE_TLV_SHA256 && n == 32)
        f->sha256 = value;
    else if (type == MKIMAGE_TLV_KEYHASH && n == 32)
        f->key_hash = value;
    else if (type == MKIMAGE_TLV_ED25519 && n == 64)
        f->signature = value;
    else if (type == MKIMAGE_TLV_SEC_CNT && n == 4)
        f->counter = value;
    else if (type == MKIMAGE_TLV_HARDWARE) {
        f->hardware = value;
        f->hardware_size = n;
    }
}

/* Reads one TLV area at *offset and moves behind it. */
static const char *read_area(const struct blob *b, size_t *offset, unsigned magic, struct found *f)
{
    if (*offset > b->size || b->size - *offset < 4 || get(b->bytes + *offset, 2) != magic)
        return "no TLV area where the header says";
    const size_t end = *offset + get(b->bytes + *offset + 2, 2);
    if (end > b->size || end < *offset + 4)
        return "a TLV area longer than the file";
    size_t at = *offset + 4;
    while (end - at >= 4) {
        const size_t n = get(b->bytes + at + 2, 2);
        if (n > end - at - 4)
            return "a TLV longer than its area";
        note_tlv(f, get(b->bytes + at, 2), b->bytes + at + 4, n);
        at += 4 + n;
    }
    *offset = end;
    return at == end ? NULL : "bytes left over in a TLV area";
}

static const char *check(const struct blob *b, const struct signer *key, struct found *f, size_t *total)
{
    uint8_t digest[32], raw[32], hash[32];
    if (b->size < MKIMAGE_HEADER || get(b->bytes, 4) != MKIMAGE_MAGIC)
        return "no image header";
    const uint64_t body = (uint64_t)get(b->bytes + 8, 2) + get(b->bytes + 12, 4);
    if (body > b->size)
        return "the header says more than the file holds";
    size_t at = (size_t)body;
    const char *problem = get(b->bytes + 10, 2) == 0 ? NULL : read_area(b, &at, MKIMAGE_TLV_INFO_PROTECTED, f);
    const size_t hashed = at;
    if (problem == NULL)
        problem = read_area(b, &at, MKIMAGE_TLV_INFO, f);
    if (problem != NULL)
        return problem;
    *total = at;
    signer_sha256(b->bytes, hashed, digest);
    if (f->sha256 == NULL || memcmp(digest, f->sha256, 32) != 0)
        return "the SHA-256 is not that of the content";
    if (key == NULL)
        return NULL;
    signer_public(key, raw);
    signer_key_hash(raw, hash);
    if (f->key_hash == NULL || memcmp(hash, f->key_hash, 32) != 0)
        return "signed with another key";
    if (f->signature == NULL || !signer_verify(raw, digest, 32, f->signature))
        return "the signature is not valid";
    return NULL;
}

static void describe(const char *path, const struct blob *b, const struct found *f, size_t total)
{
    const uint8_t *h = b->bytes;
    printf("%s: ok version=%u.%u.%u load=0x%08x size=%zu counter=%u hardware=%.*s digest=", path, h[20], h[21], get(h + 22, 2),
           get(h + 4, 4), total, f->counter != NULL ? get(f->counter, 4) : 0, (int)f->hardware_size,
           f->hardware != NULL ? (const char *)f->hardware : "");
    for (int i = 0; i < 32; i++)
        printf("%02x", f->sha256[i]);
    printf("\n");
}

int mkimage_verify(const struct mkimage_options *o, int argc, char **argv)
{
    struct signer *key = o->key != NULL ? signer_open(o->key) : NULL;
    int status = argc == 0 || (o->key != NULL && key == NULL) ? 1 : 0;
    for (int i = 0; i < argc && (o->key == NULL || key != NULL); i++) {
        struct blob b = {0};
        struct found f = {0};
        size_t total = 0;
        const char *problem = blob_read(&b, argv[i]) ? check(&b, key, &f, &total) : "cannot be read";
        if (problem == NULL)
            describe(argv[i], &b, &f, total);
        else
            fprintf(stderr, "%s: %s\n", argv[i], problem);
        status |= problem != NULL;
        blob_free(&b);
    }
    signer_free(key);
    return status;
}
