/* SPDX-License-Identifier: GPL-3.0-or-later
 * mkimage sign and pubkey. */
#include <stdio.h>
#include <string.h>
#include "mkimage.h"
#include "signer.h"

static bool parse_version(const char *text, uint32_t v[4])
{
    char rest;
    v[3] = 0;
    int n = sscanf(text, "%3u.%3u.%5u+%9u%c", &v[0], &v[1], &v[2], &v[3], &rest);
    return (n == 3 || n == 4) && v[0] < 256 && v[1] < 256 && v[2] < 65536;
}

/* A table of assets that the program never reads: it makes the image as large as a product's. From version to version one asset in
 * sixteen changes, as texts and pictures do: so a delta image has something to save. */
static void pad_with_assets(struct blob *b, size_t size, const char *version)
{
    for (uint32_t asset = 0; b->size < size; asset++) {
        uint64_t state = 0x9E3779B97F4A7C15u * (asset + 1);
        for (const char *p = version; *p != '\0' && asset % 16 == 0; p++)
            state = (state ^ (uint8_t)*p) * 0x100000001B3u;
        for (int i = 0; i < 256 && b->size < size; i++) {
            state ^= state << 13; /* xorshift64 (Marsaglia 2003) */
            state ^= state >> 7;
            state ^= state << 17;
            blob_append_le(b, (uint8_t)(state >> 32), 1);
        }
    }
}

static void tlv(struct blob *b, unsigned type, const void *bytes, size_t n)
{
    blob_append_le(b, type, 2);
    blob_append_le(b, (uint32_t)n, 2);
    blob_append(b, bytes, n);
}

static void header(struct blob *b, const struct mkimage_options *o, size_t payload, size_t protect, const uint32_t v[4])
{
    blob_append_le(b, MKIMAGE_MAGIC, 4);
    blob_append_le(b, o->load_addr, 4);
    blob_append_le(b, o->header_size, 2);
    blob_append_le(b, (uint32_t)protect, 2);
    blob_append_le(b, (uint32_t)payload, 4);
    blob_append_le(b, MKIMAGE_F_ROM_FIXED, 4);
    blob_append_le(b, v[0], 1);
    blob_append_le(b, v[1], 1);
    blob_append_le(b, v[2], 2);
    blob_append_le(b, v[3], 4);
    blob_append_le(b, 0, 4);
    blob_fill(b, 0, o->header_size - MKIMAGE_HEADER);
}

static bool finish(struct blob *image, const struct signer *key)
{
    uint8_t digest[32], hash[32], raw[32], signature[64];
    signer_sha256(image->bytes, image->size, digest);
    signer_public(key, raw);
    signer_key_hash(raw, hash);
    if (!signer_sign(key, digest, sizeof digest, signature))
        return false;
    blob_append_le(image, MKIMAGE_TLV_INFO, 2);
    blob_append_le(image, 4 + 3 * 4 + 32 + 32 + 64, 2);
    tlv(image, MKIMAGE_TLV_SHA256, digest, sizeof digest);
    tlv(image, MKIMAGE_TLV_KEYHASH, hash, sizeof hash);
    tlv(image, MKIMAGE_TLV_ED25519, signature, sizeof signature);
    return true;
}

static void make_body(struct blob *image, const struct mkimage_options *o, struct blob *payload, const uint32_t v[4])
{
    const size_t id = strlen(o->hardware), protect = 4 + 4 + 4 + 4 + id;
    while (payload->size % 16 != 0)
        blob_append_le(payload, 0, 1);
    pad_with_assets(payload, o->payload_size, o->version);
    header(image, o, payload->size, protect, v);
    blob_append(image, payload->bytes, payload->size);
    blob_append_le(image, MKIMAGE_TLV_INFO_PROTECTED, 2);
    blob_append_le(image, (uint32_t)protect, 2);
    uint8_t counter[4] = {(uint8_t)o->counter, (uint8_t)(o->counter >> 8), (uint8_t)(o->counter >> 16),
                          (uint8_t)(o->counter >> 24)};
    tlv(image, MKIMAGE_TLV_SEC_CNT, counter, sizeof counter);
    tlv(image, MKIMAGE_TLV_HARDWARE, o->hardware, id);
}

int mkimage_sign(const struct mkimage_options *o, int argc, char **argv)
{
    struct blob payload = {0}, image = {0};
    struct signer *key = NULL;
    uint32_t v[4];
    int status = 1;
    if (argc != 1 || o->key == NULL || o->out == NULL || o->version == NULL || !parse_version(o->version, v) ||
        o->header_size < MKIMAGE_HEADER || o->header_size > 0xFFFF) {
        fprintf(stderr, "mkimage sign: needs --key, --out, --version X.Y.Z, --load-addr and one input\n");
        return 4;
    }
    key = signer_open(o->key);
    if (key == NULL || !blob_read(&payload, argv[0]))
        goto out;
    if (o->payload_size != 0 && payload.size > o->payload_size)
        fprintf(stderr, "mkimage sign: note: %s is larger (%zu) than the payload size asked for (%u)\n", argv[0], payload.size,
                o->payload_size);
    make_body(&image, o, &payload, v);
    if (finish(&image, key) && blob_write(&image, o->out))
        status = 0;
out:
    signer_free(key);
    blob_free(&payload);
    blob_free(&image);
    return status;
}

static void print_array(FILE *f, const char *name, const uint8_t bytes[32])
{
    fprintf(f, "const uint8_t %s[32] = {", name);
    for (int i = 0; i < 32; i++)
        fprintf(f, "%s0x%02x,", i % 16 == 0 ? "\n    " : " ", bytes[i]);
    fprintf(f, "\n};\n");
}

static bool print_key(FILE *f, const char *path, const char *prefix)
{
    uint8_t raw[32], hash[32];
    char name[64];
    struct signer *key = signer_open(path);
    if (key == NULL)
        return false;
    signer_public(key, raw);
    signer_key_hash(raw, hash);
    snprintf(name, sizeof name, "%s_public", prefix);
    print_array(f, name, raw);
    snprintf(name, sizeof name, "%s_hash", prefix);
    print_array(f, name, hash);
    signer_free(key);
    return true;
}

int mkimage_pubkey(const struct mkimage_options *o, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    FILE *f = o->key != NULL && o->root != NULL && o->out != NULL ? fopen(o->out, "w") : NULL;
    if (f == NULL) {
        fprintf(stderr, "mkimage pubkey: needs --key, --root and --out that can be written\n");
        return 1;
    }
    fprintf(f, "/* Generated by mkimage pubkey. */\n#include \"key.h\"\n\n");
    bool ok = print_key(f, o->key, "key") && print_key(f, o->root, "key_root");
    return fclose(f) == 0 && ok ? 0 : 1;
}
