/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The images of world.h, signed with the test keys.
 */
#include "world_image.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "layout.h"
#include "release.h"

static size_t put_tlv(uint8_t *at, uint16_t type, const void *value, uint16_t n)
{
    const uint8_t head[4] = {(uint8_t)type, (uint8_t)(type >> 8), (uint8_t)n, (uint8_t)(n >> 8)};
    memcpy(at, head, sizeof head);
    memcpy(at + sizeof head, value, n);
    return sizeof head + n;
}

static void put32(uint8_t *at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(v >> 8 * i);
}

static void put_info(uint8_t *at, uint16_t magic, size_t n)
{
    put32(at, magic | (uint32_t)n << 16);
}

static size_t put_protected(uint8_t *at, const struct world_recipe *r)
{
    const char *hardware = r->hardware ? r->hardware : LAYOUT_HARDWARE_ID;
    uint8_t counter[4];
    size_t n = 4;
    put32(counter, r->counter);
    n += put_tlv(at + n, 0x50, counter, sizeof counter);
    n += put_tlv(at + n, 0xA0, hardware, (uint16_t)strlen(hardware));
    put_info(at, 0x6908, n);
    return n;
}

/* The test keys, opened once. */
struct signer *world_key(const char *path)
{
    static struct { const char *path; struct signer *signer; } kept[4];
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (!kept[i].path) {
            kept[i].path = path;
            kept[i].signer = signer_open(path);
            if (!kept[i].signer)
                exit(2);
        }
        if (strcmp(kept[i].path, path) == 0)
            return kept[i].signer;
    }
    exit(2);
}

void world_id(const struct signer *s, uint8_t id[32])
{
    uint8_t raw[32];
    signer_public(s, raw);
    signer_key_hash(raw, id);
}

static size_t put_signature(uint8_t *at, const struct world_recipe *r, const uint8_t digest[32])
{
    const struct signer *by = world_key(r->next_key ? OTA_NEXT_KEY : OTA_TEST_KEY);
    uint8_t signature[64], id[32];
    size_t n = 4;
    signer_sign(by, digest, 32, signature);
    world_id(by, id);
    if (r->wrong_key)
        signature[10] ^= 1;
    n += put_tlv(at + n, 0x10, digest, 32);
    if (!r->unsigned_) {
        n += put_tlv(at + n, 0x01, id, 32);
        n += put_tlv(at + n, 0x24, signature, sizeof signature);
    }
    put_info(at, 0x6907, n);
    return n;
}

enum { PAYLOAD = 2 * 4096 + 200 };

/* Mostly erased bytes: they need no flash operation, so a test that cuts power at each one stays short. */
static void put_payload(uint8_t *at, const struct world_recipe *r, uint8_t slot)
{
    memset(at, 0xff, PAYLOAD);
    put32(at, LAYOUT_SRAM1_BASE + LAYOUT_SRAM1_SIZE);
    put32(at + 4, LAYOUT_SLOT_BASE(slot) + LAYOUT_HDR_SIZE + 0x101);
    for (unsigned i = 0; i < PAYLOAD - 16; i += 1000)
        snprintf((char *)at + 8 + i, 8, "%02x%s", r->salt, r->version);
}

void world_make(struct world_file *f, const struct world_recipe *r, uint8_t slot)
{
    uint8_t *b = f->bytes, digest[32];
    uint32_t release = 0;
    memset(b, 0xff, sizeof f->bytes);
    memset(b, 0, 32);
    release_parse(r->version, &release);
    put32(b, 0x96f3b83d);
    put32(b + 4, LAYOUT_SLOT_BASE(slot));
    put32(b + 12, PAYLOAD);
    put32(b + 16, 0x100);
    b[20] = (uint8_t)(release >> 24);
    b[21] = (uint8_t)(release >> 16);
    b[22] = (uint8_t)release;
    put_payload(b + LAYOUT_HDR_SIZE, r, slot);
    size_t n = LAYOUT_HDR_SIZE + PAYLOAD, part = put_protected(b + n, r);
    put32(b + 8, LAYOUT_HDR_SIZE | (uint32_t)part << 16);
    n += part;
    signer_sha256(b, n, digest);
    f->size = n + put_signature(b + n, r, digest);
    if (r->flipped)
        b[LAYOUT_HDR_SIZE + 5000] ^= 4;
}
