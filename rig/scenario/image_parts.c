/* SPDX-License-Identifier: GPL-3.0-or-later
 * An image taken apart, edited and put together again; signing as imgtool does (Ed25519 over the SHA-256 digest). */
#include "scenario/image_parts.h"

#include "base/crypto.h"
#include "base/err.h"
#include "scenario/image.h"

#include <string.h>

uint16_t image_parts_get16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t image_parts_get32(const uint8_t *p)
{
    return (uint32_t)image_parts_get16(p) | (uint32_t)image_parts_get16(p + 2) << 16;
}

void image_parts_put16(uint8_t *p, uint16_t x)
{
    p[0] = (uint8_t)x;
    p[1] = (uint8_t)(x >> 8);
}

void image_parts_put32(uint8_t *p, uint32_t x)
{
    image_parts_put16(p, (uint16_t)x);
    image_parts_put16(p + 2, (uint16_t)(x >> 16));
}

int image_parts_split(const uint8_t *bytes, size_t n, struct image_parts *p, struct err *e)
{
    struct image_info info;
    if (image_parse(bytes, n, &info, e))
        return RIG_EINPUT;
    size_t payload = (size_t)info.hdr_size + info.img_size;
    *p = (struct image_parts){0};
    buf_add(&p->head, bytes, info.hdr_size);
    buf_add(&p->payload, bytes + info.hdr_size, info.img_size);
    if (info.protect_size)
        buf_add(&p->protect, bytes + payload + IMAGE_INFO_SIZE, info.hashed - payload - IMAGE_INFO_SIZE);
    buf_add(&p->plain, bytes + info.hashed + IMAGE_INFO_SIZE, info.size - info.hashed - IMAGE_INFO_SIZE);
    buf_add(&p->rest, bytes + info.size, n - info.size);
    return 0;
}

void image_parts_free(struct image_parts *p)
{
    buf_free(&p->head);
    buf_free(&p->payload);
    buf_free(&p->protect);
    buf_free(&p->plain);
    buf_free(&p->rest);
}

bool image_parts_fit(const struct image_parts *p)
{
    return p->protect.size <= UINT16_MAX - IMAGE_INFO_SIZE && p->plain.size <= UINT16_MAX - IMAGE_INFO_SIZE;
}

static void add_area(struct buf *out, const struct buf *area, uint16_t magic)
{
    uint8_t info[IMAGE_INFO_SIZE];
    image_parts_put16(info, magic);
    image_parts_put16(info + 2, (uint16_t)(area->size + IMAGE_INFO_SIZE));
    buf_add(out, info, sizeof info);
    buf_add(out, area->data, area->size);
}

/* What the digest covers. */
static void join_hashed(const struct image_parts *p, struct buf *out)
{
    size_t at = out->size;
    buf_add(out, p->head.data, p->head.size);
    uint8_t *head = (uint8_t *)out->data + at;
    image_parts_put32(head + IMAGE_AT_SIZE, (uint32_t)p->payload.size);
    image_parts_put16(head + IMAGE_AT_PROTECT, (uint16_t)(p->protect.size ? p->protect.size + IMAGE_INFO_SIZE : 0));
    buf_add(out, p->payload.data, p->payload.size);
    if (p->protect.size)
        add_area(out, &p->protect, IMAGE_PROTECTED);
}

void image_parts_join(const struct image_parts *p, struct buf *out)
{
    join_hashed(p, out);
    add_area(out, &p->plain, IMAGE_UNPROTECTED);
    buf_add(out, p->rest.data, p->rest.size);
}

static void add_entry(struct buf *area, uint16_t type, const void *value, size_t n)
{
    uint8_t head[IMAGE_ENTRY_SIZE];
    if (!value)
        return;
    image_parts_put16(head, type);
    image_parts_put16(head + 2, (uint16_t)n);
    buf_add(area, head, sizeof head);
    buf_add(area, value, n);
}

void image_parts_set(struct buf *area, uint16_t type, const void *value, size_t n)
{
    struct buf made = {0};
    bool placed = false;
    for (size_t at = 0; at + IMAGE_ENTRY_SIZE <= area->size;) {
        const uint8_t *entry = (const uint8_t *)area->data + at;
        size_t length = image_parts_get16(entry + 2);
        if (image_parts_get16(entry) != type) {
            add_entry(&made, image_parts_get16(entry), entry + IMAGE_ENTRY_SIZE, length);
        } else if (!placed) {
            add_entry(&made, type, value, n);
            placed = true;
        }
        at += IMAGE_ENTRY_SIZE + length;
    }
    if (!placed)
        add_entry(&made, type, value, n);
    buf_free(area);
    *area = made;
}

int image_parts_sign(struct image_parts *p, const struct crypto_key *signer, const struct crypto_key *named, struct err *e)
{
    uint8_t digest[32], raw[32], keyhash[32], signature[64];
    struct buf hashed = {0};
    if (!signer || !named)
        return err_set(e, RIG_EINPUT, "no signing key: the image cannot be signed anew");
    join_hashed(p, &hashed);
    crypto_sha256(hashed.data, hashed.size, digest);
    buf_free(&hashed);
    crypto_key_public(named, raw);
    image_keyhash(raw, keyhash);
    if (!crypto_sign(signer, digest, sizeof digest, signature))
        return err_set(e, RIG_EINTERNAL, "libcrypto would not sign");
    image_parts_set(&p->plain, IMAGE_TLV_SHA256, digest, sizeof digest);
    image_parts_set(&p->plain, IMAGE_TLV_KEYHASH, keyhash, sizeof keyhash);
    image_parts_set(&p->plain, IMAGE_TLV_ED25519, signature, sizeof signature);
    return 0;
}
