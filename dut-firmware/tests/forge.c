/* SPDX-License-Identifier: GPL-3.0-or-later
 * Images for tests. The format is written down here a third time, on purpose: neither firmware nor mkimage can agree with itself.
 */
#include "forge.h"
#include <stdlib.h>
#include <string.h>
#include "flash_host.h"
#include "layout.h"
#include "signer.h"

struct forge forge_good(uint8_t slot, uint8_t major)
{
    const uint32_t base = LAYOUT_SLOT_BASE(slot);
    return (struct forge){.slot = slot,
                          .magic = 0x96f3b83d,
                          .load_addr = base,
                          .flags = 0x100,
                          .counter = 1,
                          .payload = 512,
                          .stack = 0x20018000,
                          .entry = base + 0x200 + 0x101,
                          .hdr_size = 0x200,
                          .major = major,
                          .hardware = "nucleo-l476rg",
                          .seed = major};
}

static struct signer *key(const char *path)
{
    static struct {
        const char *path;
        struct signer *signer;
    } kept[4];
    for (unsigned i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (kept[i].path == NULL)
            kept[i].signer = signer_open(kept[i].path = path);
        if (kept[i].signer == NULL)
            abort();
        if (strcmp(kept[i].path, path) == 0)
            return kept[i].signer;
    }
    abort();
}

static void tlv(struct blob *b, unsigned type, const void *bytes, size_t n)
{
    blob_append_le(b, type, 2);
    blob_append_le(b, (uint32_t)n, 2);
    blob_append(b, bytes, n);
}

static void extra(const struct forge *f, struct blob *b)
{
    blob_append_le(b, f->extra_type, 2);
    blob_append_le(b, f->extra_size, 2);
    blob_fill(b, 0x5A, f->extra_size);
}

static void protected_area(const struct forge *f, struct blob *area)
{
    if (f->no_protected)
        return;
    struct blob body = {0};
    const uint8_t counter[4] = {(uint8_t)f->counter, (uint8_t)(f->counter >> 8), (uint8_t)(f->counter >> 16),
                                (uint8_t)(f->counter >> 24)};
    if (!f->no_counter)
        tlv(&body, 0x50, counter, 4);
    if (f->hardware != NULL)
        tlv(&body, 0xA0, f->hardware, strlen(f->hardware));
    if (f->extra_type != 0 && f->extra_protected)
        extra(f, &body);
    blob_append_le(area, 0x6908, 2);
    blob_append_le(area, (uint32_t)(body.size + 4), 2);
    blob_append(area, body.bytes, body.size);
    blob_free(&body);
}

static void header(const struct forge *f, size_t protect, struct blob *out)
{
    blob_append_le(out, f->magic, 4);
    blob_append_le(out, f->load_addr, 4);
    blob_append_le(out, f->hdr_size, 2);
    blob_append_le(out, (uint32_t)protect, 2);
    blob_append_le(out, f->payload, 4);
    blob_append_le(out, f->flags, 4);
    blob_append_le(out, f->major, 1);
    blob_append_le(out, f->minor, 1);
    blob_append_le(out, f->revision, 2);
    blob_append_le(out, 0, 4);
    blob_append_le(out, 0, 4);
    blob_fill(out, 0, 0x200 - 32);
}

static void signature_area(const struct forge *f, struct blob *out)
{
    struct blob body = {0};
    uint8_t digest[32], raw[32], hash[32], signature[64];
    signer_sha256(out->bytes, out->size, digest);
    const char *named = f->wrong_key ? OTA_WRONG_KEY : f->next_key ? OTA_NEXT_KEY : OTA_TEST_KEY;
    signer_public(key(named), raw);
    signer_key_hash(raw, hash);
    signer_sign(key(f->foreign_signature ? OTA_WRONG_KEY : named), digest, 32, signature);
    if (!f->no_hash)
        tlv(&body, 0x10, digest, 32);
    tlv(&body, 0x01, hash, 32);
    if (!f->no_signature)
        tlv(&body, 0x24, signature, 64);
    if (f->extra_type != 0 && !f->extra_protected)
        extra(f, &body);
    blob_append_le(out, 0x6907, 2);
    blob_append_le(out, (uint32_t)(body.size + 4), 2);
    blob_append(out, body.bytes, body.size);
    blob_free(&body);
}

void forge_make(const struct forge *f, struct blob *out)
{
    struct blob area = {0};
    *out = (struct blob){0};
    protected_area(f, &area);
    header(f, area.size, out);
    blob_append_le(out, f->stack, 4);
    blob_append_le(out, f->entry, 4);
    for (uint32_t i = 8; i < f->payload; i++)
        blob_append_le(out, (uint8_t)(i * 7 + f->seed * 13), 1);
    blob_append(out, area.bytes, area.size);
    signature_area(f, out);
    blob_free(&area);
}

void forge_place(const struct forge *f, uint8_t digest[32])
{
    struct blob image;
    forge_make(f, &image);
    flash_host_load(LAYOUT_SLOT_BASE(f->slot), image.bytes, image.size);
    if (digest != NULL)
        signer_sha256(image.bytes, 0x200 + f->payload + (size_t)(image.bytes[10] | image.bytes[11] << 8), digest);
    blob_free(&image);
}
