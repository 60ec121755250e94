/* SPDX-License-Identifier: GPL-3.0-or-later
 * Reads and verifies images. Written from the format (facts of bootutil/image.h), not from the device's code: an oracle that shares code
 * with its subject shares its bugs. */
#include "scenario/image.h"

#include "base/crypto.h"
#include "base/err.h"
#include "scenario/image_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void version_text(struct image_info *info)
{
    const struct image_version *v = &info->version;
    int n = snprintf(info->version_text, sizeof info->version_text, "%u.%u.%u", v->major, v->minor, v->revision);
    if (v->build)
        snprintf(info->version_text + n, sizeof info->version_text - (size_t)n, "+%" PRIu32, v->build);
}

static int read_header(struct image_info *info, size_t n, struct err *e)
{
    const uint8_t *b = info->bytes;
    if (n < IMAGE_HEADER_SIZE)
        return err_set(e, RIG_EINPUT, "image of %zu bytes: the header alone has %d", n, IMAGE_HEADER_SIZE);
    if (image_parts_get32(b) != IMAGE_MAGIC)
        return err_set(e, RIG_EINPUT, "no image: magic 0x%08" PRIx32 " instead of 0x%08x", image_parts_get32(b), IMAGE_MAGIC);
    info->load_addr = image_parts_get32(b + IMAGE_AT_LOAD);
    info->hdr_size = image_parts_get16(b + IMAGE_AT_HDR_SIZE);
    info->protect_size = image_parts_get16(b + IMAGE_AT_PROTECT);
    info->img_size = image_parts_get32(b + IMAGE_AT_SIZE);
    info->flags = image_parts_get32(b + IMAGE_AT_FLAGS);
    info->version = (struct image_version){b[20], b[21], image_parts_get16(b + 22), image_parts_get32(b + 24)};
    version_text(info);
    if (info->hdr_size < IMAGE_HEADER_SIZE || info->hdr_size > n)
        return err_set(e, RIG_EINPUT, "header says hdr_size %u: not within %d and the file's %zu bytes", info->hdr_size,
                       IMAGE_HEADER_SIZE, n);
    if (info->img_size > n - info->hdr_size)
        return err_set(e, RIG_EINPUT, "header says img_size %" PRIu32 ": behind the header are only %zu bytes", info->img_size,
                       n - info->hdr_size);
    return 0;
}

/* An entry of the wrong length is a lie; of two of one type the first would count on one device and the last on another. */
static int fixed_entry(const uint8_t **slot, const struct image_entry *t, size_t length, const char *name, struct err *e)
{
    if (t->length != length)
        return err_set(e, RIG_EINPUT, "%s at 0x%zx has %u bytes instead of %zu", name, t->at, t->length, length);
    if (*slot)
        return err_set(e, RIG_EINPUT, "%s at 0x%zx is there twice", name, t->at);
    *slot = t->value;
    return 0;
}

static int counter_entry(struct image_info *info, const struct image_entry *t, struct err *e)
{
    const uint8_t *p = NULL;
    if (info->has_counter)
        return err_set(e, RIG_EINPUT, "security counter at 0x%zx is there twice", t->at);
    if (fixed_entry(&p, t, 4, "security counter", e))
        return RIG_EINPUT;
    info->has_counter = true;
    info->counter = image_parts_get32(p);
    return 0;
}

static int hardware_entry(struct image_info *info, const struct image_entry *t, struct err *e)
{
    if (info->hardware[0])
        return err_set(e, RIG_EINPUT, "hardware id at 0x%zx is there twice", t->at);
    if (t->length == 0 || t->length > IMAGE_HARDWARE_MOST)
        return err_set(e, RIG_EINPUT, "hardware id at 0x%zx has %u bytes: 1 to %d", t->at, t->length, IMAGE_HARDWARE_MOST);
    for (unsigned i = 0; i < t->length; i++)
        if (t->value[i] <= 0x20 || t->value[i] >= 0x7f)
            return err_set(e, RIG_EINPUT, "hardware id at 0x%zx: byte 0x%02x is not printable ASCII", t->at, t->value[i]);
    memcpy(info->hardware, t->value, t->length);
    return 0;
}

/* The security counter and the hardware id count only where the digest covers them, digest and signature only where it does not. */
static int take_entry(struct image_info *info, const struct image_entry *t, struct err *e)
{
    if (t->protect && t->type == IMAGE_TLV_COUNTER)
        return counter_entry(info, t, e);
    if (t->protect && t->type == IMAGE_TLV_HARDWARE)
        return hardware_entry(info, t, e);
    if (t->protect)
        return 0;
    if (t->type == IMAGE_TLV_SHA256)
        return fixed_entry(&info->digest, t, IMAGE_DIGEST_SIZE, "SHA-256", e);
    if (t->type == IMAGE_TLV_KEYHASH)
        return fixed_entry(&info->keyhash, t, IMAGE_DIGEST_SIZE, "KEYHASH", e);
    if (t->type == IMAGE_TLV_ED25519)
        return fixed_entry(&info->signature, t, IMAGE_SIGNATURE_SIZE, "Ed25519 signature", e);
    return 0;
}

/* One area of entries from at on; *end is set behind it. */
static int read_area(struct image_info *info, size_t n, size_t at, bool protect, size_t *end, struct err *e)
{
    const uint8_t *b = info->bytes;
    const char *kind = protect ? "protected TLVs" : "TLVs";
    if (n - at < IMAGE_INFO_SIZE)
        return err_set(e, RIG_EINPUT, "the file ends at 0x%zx, where the %s begin", n, kind);
    unsigned magic = image_parts_get16(b + at), total = image_parts_get16(b + at + 2);
    if (magic != (protect ? IMAGE_PROTECTED : IMAGE_UNPROTECTED))
        return err_set(e, RIG_EINPUT, "%s at 0x%zx: magic 0x%04x instead of 0x%04x", kind, at, magic,
                       protect ? IMAGE_PROTECTED : IMAGE_UNPROTECTED);
    if (total < IMAGE_INFO_SIZE || total > n - at)
        return err_set(e, RIG_EINPUT, "%s at 0x%zx say %u bytes: the file has %zu there", kind, at, total, n - at);
    if (protect && total != info->protect_size)
        return err_set(e, RIG_EINPUT, "header says protect_tlv_size %u, the protected TLVs say %u", info->protect_size, total);
    *end = at + total;
    for (at += IMAGE_INFO_SIZE; at < *end;) {
        if (*end - at < IMAGE_ENTRY_SIZE)
            return err_set(e, RIG_EINPUT, "%s: %zu stray bytes at 0x%zx", kind, *end - at, at);
        struct image_entry t = {image_parts_get16(b + at), image_parts_get16(b + at + 2), b + at + IMAGE_ENTRY_SIZE, at, protect};
        if (t.length > *end - at - IMAGE_ENTRY_SIZE)
            return err_set(e, RIG_EINPUT, "%s: entry 0x%02x at 0x%zx says %u bytes: %zu are left", kind, t.type, at, t.length,
                           *end - at - IMAGE_ENTRY_SIZE);
        if (take_entry(info, &t, e))
            return RIG_EINPUT;
        at += IMAGE_ENTRY_SIZE + (size_t)t.length;
    }
    return 0;
}

int image_parse(const uint8_t *bytes, size_t n, struct image_info *info, struct err *e)
{
    struct image_info i = {.bytes = bytes};
    memset(info, 0, sizeof *info);
    if (read_header(&i, n, e))
        return RIG_EINPUT;
    size_t at = (size_t)i.hdr_size + i.img_size;
    if (i.protect_size && read_area(&i, n, at, true, &at, e))
        return RIG_EINPUT;
    i.hashed = at;
    if (read_area(&i, n, at, false, &i.size, e))
        return RIG_EINPUT;
    *info = i;
    return 0;
}

void image_keyhash(const uint8_t raw_public[32], uint8_t hash[32])
{
    /* SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING } of RFC 8410, section 4 */
    uint8_t der[44] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    memcpy(der + 12, raw_public, 32);
    crypto_sha256(der, sizeof der, hash);
}

const char *image_check(const struct image_info *info, const uint8_t raw_public[32])
{
    uint8_t digest[32], keyhash[32];
    crypto_sha256(info->bytes, info->hashed, digest);
    if (!info->digest || memcmp(digest, info->digest, sizeof digest) != 0)
        return "bad-hash";
    if (!info->signature || !info->keyhash)
        return "unsigned";
    image_keyhash(raw_public, keyhash);
    if (memcmp(keyhash, info->keyhash, sizeof keyhash) != 0)
        return "wrong-key";
    return crypto_verify(raw_public, digest, sizeof digest, info->signature) ? NULL : "bad-signature";
}

/* Digits up to most; NULL when there are none or they say more. */
static const char *version_number(const char *p, uint64_t most, uint64_t *out)
{
    uint64_t x = 0;
    if (*p < '0' || *p > '9')
        return NULL;
    for (; *p >= '0' && *p <= '9'; p++) {
        x = x * 10 + (uint64_t)(*p - '0');
        if (x > most)
            return NULL;
    }
    *out = x;
    return p;
}

bool image_version_read(const char *text, struct image_version *v)
{
    static const uint64_t most[4] = {UINT8_MAX, UINT8_MAX, UINT16_MAX, UINT32_MAX};
    uint64_t part[4] = {0};
    const char *p = text;
    for (int i = 0; i < 4; i++) {
        if (i == 3 && *p == '\0')
            break;
        if (i && *p++ != (i == 3 ? '+' : '.'))
            return false;
        p = version_number(p, most[i], &part[i]);
        if (!p)
            return false;
    }
    if (*p)
        return false;
    *v = (struct image_version){(uint8_t)part[0], (uint8_t)part[1], (uint16_t)part[2], (uint32_t)part[3]};
    return true;
}
