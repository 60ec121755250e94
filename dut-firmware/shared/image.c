/* SPDX-License-Identifier: GPL-3.0-or-later
 * Strict reading of an MCUboot image in a slot. Every length is checked against what is left before it is used; a field that this
 * device does not know the meaning of is refused where it is not signed. */
#include "image.h"
#include <stddef.h>
#include <string.h>
#include "ed25519.h"
#include "flash_port.h"
#include "layout.h"
#include "platform.h"
#include "sha256.h"

enum {
    HEADER = 32,
    MAGIC = 0x96f3b83d,
    FLAG_ROM_FIXED = 0x100,
    INFO_MAGIC = 0x6907,
    INFO_MAGIC_PROTECTED = 0x6908,
    TLV_KEYHASH = 0x01,
    TLV_SHA256 = 0x10,
    TLV_ED25519 = 0x24,
    TLV_SEC_CNT = 0x50,
    TLV_HARDWARE = 0xA0,
    BLOCK = 1024, /* hashed at a time */
};

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }
static uint32_t get32(const uint8_t *p) { return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }

static bool all_erased(const uint8_t *p, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (p[i] != 0xFF)
            return false;
    return true;
}

enum image_cause image_check_header(const uint8_t header[32], uint32_t base, uint32_t size, struct image_info *info)
{
    memset(info, 0, sizeof *info);
    if (all_erased(header, HEADER))
        return IMAGE_EMPTY;
    if (get32(header) != MAGIC)
        return IMAGE_BAD_MAGIC;
    info->load_addr = get32(header + 4);
    info->img_size = get32(header + 12);
    info->version.major = header[20];
    info->version.minor = header[21];
    info->version.revision = get16(header + 22);
    info->version.build = get32(header + 24);
    if (get16(header + 8) != LAYOUT_HDR_SIZE || get32(header + 16) != FLAG_ROM_FIXED || info->img_size < 8)
        return IMAGE_BAD_HEADER;
    if (info->img_size > size - LAYOUT_HDR_SIZE || get16(header + 10) > size - LAYOUT_HDR_SIZE - info->img_size)
        return IMAGE_TOO_LARGE;
    return info->load_addr == base ? IMAGE_UNCHECKED : IMAGE_WRONG_SLOT;
}

/* A TLV area: where it starts and how many bytes it has, its own info included. */
struct area {
    uint32_t addr, size;
    bool is_protected;
};

/* Which TLVs were seen: each may stand once. */
struct seen {
    bool counter, hardware, hash, key, signature;
};

static enum image_cause read_exact(uint32_t addr, uint32_t length, void *to, uint32_t expected, bool *seen)
{
    if (length != expected || *seen)
        return IMAGE_BAD_TLV;
    *seen = true;
    return flash_port_read(addr, to, length) == FLASH_PORT_OK ? IMAGE_UNCHECKED : IMAGE_ECC;
}

static enum image_cause read_hardware(uint32_t addr, uint32_t length, struct seen *seen)
{
    char id[sizeof LAYOUT_HARDWARE_ID - 1];
    if (seen->hardware)
        return IMAGE_BAD_TLV;
    seen->hardware = true;
    if (length != sizeof id)
        return IMAGE_WRONG_HARDWARE;
    if (flash_port_read(addr, id, sizeof id) != FLASH_PORT_OK)
        return IMAGE_ECC;
    return memcmp(id, LAYOUT_HARDWARE_ID, sizeof id) == 0 ? IMAGE_UNCHECKED : IMAGE_WRONG_HARDWARE;
}

static enum image_cause read_protected_tlv(uint16_t type, uint32_t addr, uint32_t length, struct image_info *info,
                                           struct seen *seen)
{
    uint8_t counter[4] = {0};
    enum image_cause cause = IMAGE_UNCHECKED;
    if (type == TLV_SEC_CNT) {
        cause = read_exact(addr, length, counter, sizeof counter, &seen->counter);
        info->counter = get32(counter);
    } else if (type == TLV_HARDWARE) {
        cause = read_hardware(addr, length, seen);
    }
    return cause; /* others are signed and not for the bootloader (boot record, dependencies) */
}

static enum image_cause read_tlv(uint16_t type, uint32_t addr, uint32_t length, struct image_info *info, struct seen *seen)
{
    switch (type) {
    case TLV_SHA256:
        return read_exact(addr, length, info->digest, sizeof info->digest, &seen->hash);
    case TLV_KEYHASH:
        return read_exact(addr, length, info->key_hash, sizeof info->key_hash, &seen->key);
    case TLV_ED25519:
        return read_exact(addr, length, info->signature, sizeof info->signature, &seen->signature);
    default:
        return IMAGE_BAD_TLV; /* nothing signs these: what is unknown is refused */
    }
}

static enum image_cause walk(const struct area *area, struct image_info *info, struct seen *seen)
{
    enum image_cause hardware = IMAGE_UNCHECKED; /* told only when the rest is in order */
    uint32_t at = 4;
    while (at < area->size) {
        uint8_t head[4];
        if (area->size - at < sizeof head)
            return IMAGE_BAD_TLV;
        if (flash_port_read(area->addr + at, head, sizeof head) != FLASH_PORT_OK)
            return IMAGE_ECC;
        const uint32_t length = get16(head + 2);
        at += sizeof head;
        if (length > area->size - at)
            return IMAGE_BAD_TLV;
        enum image_cause cause =
            (area->is_protected ? read_protected_tlv : read_tlv)(get16(head), area->addr + at, length, info, seen);
        if (cause == IMAGE_WRONG_HARDWARE)
            hardware = cause;
        else if (cause != IMAGE_UNCHECKED)
            return cause;
        at += length;
    }
    return hardware;
}

/* Opens the TLV area at offset of the slot. An area that is simply not there (erased flash) means that the file was cut short. */
static enum image_cause open_area(uint32_t base, uint32_t size, uint32_t offset, bool is_protected, struct area *area)
{
    uint8_t head[4];
    if (size - offset < sizeof head)
        return IMAGE_TOO_LARGE;
    if (flash_port_read(base + offset, head, sizeof head) != FLASH_PORT_OK)
        return IMAGE_ECC;
    if (all_erased(head, sizeof head))
        return IMAGE_TRUNCATED;
    *area = (struct area){base + offset, get16(head + 2), is_protected};
    if (get16(head) != (is_protected ? INFO_MAGIC_PROTECTED : INFO_MAGIC) || area->size < sizeof head)
        return IMAGE_BAD_TLV;
    return area->size > size - offset ? IMAGE_TOO_LARGE : IMAGE_UNCHECKED;
}

static enum image_cause read_areas(uint32_t base, uint32_t size, uint32_t protect_size, struct image_info *info,
                                   struct seen *seen)
{
    struct area area;
    uint32_t offset = LAYOUT_HDR_SIZE + info->img_size;
    if (protect_size == 0)
        return IMAGE_BAD_TLV; /* no security counter, no hardware id */
    enum image_cause cause = open_area(base, size, offset, true, &area);
    if (cause == IMAGE_UNCHECKED && area.size != protect_size)
        cause = IMAGE_BAD_TLV;
    if (cause != IMAGE_UNCHECKED)
        return cause;
    const enum image_cause hardware = walk(&area, info, seen);
    if (hardware != IMAGE_UNCHECKED && hardware != IMAGE_WRONG_HARDWARE)
        return hardware;
    info->hashed = offset + protect_size;
    cause = open_area(base, size, info->hashed, false, &area);
    if (cause == IMAGE_UNCHECKED)
        cause = walk(&area, info, seen);
    info->total = info->hashed + area.size;
    return cause != IMAGE_UNCHECKED ? cause : hardware;
}

static bool in_ram(uint32_t stack)
{
    return stack % 8 == 0 &&
           (stack - LAYOUT_SRAM1_BASE - 1u < LAYOUT_SRAM1_SIZE || stack - LAYOUT_SRAM2_BASE - 1u < LAYOUT_SRAM2_SIZE);
}

static enum image_cause read_vectors(uint32_t base, struct image_info *info)
{
    uint8_t vectors[8];
    if (flash_port_read(base + LAYOUT_HDR_SIZE, vectors, sizeof vectors) != FLASH_PORT_OK)
        return IMAGE_ECC;
    info->stack = get32(vectors);
    info->entry = get32(vectors + 4);
    const bool thumb = (info->entry & 1) != 0;
    const bool inside = info->entry - 1u - (base + LAYOUT_HDR_SIZE) < info->img_size;
    return thumb && inside && in_ram(info->stack) ? IMAGE_UNCHECKED : IMAGE_BAD_VECTOR;
}

enum image_cause image_inspect(uint32_t base, uint32_t size, struct image_info *info)
{
    uint8_t header[HEADER];
    struct seen seen = {0};
    memset(info, 0, sizeof *info);
    if (flash_port_read(base, header, sizeof header) != FLASH_PORT_OK)
        return IMAGE_ECC;
    enum image_cause cause = image_check_header(header, base, size, info);
    if (cause != IMAGE_UNCHECKED)
        return cause;
    cause = read_areas(base, size, get16(header + 10), info, &seen);
    info->readable = seen.hash && seen.counter;
    info->has_signature = seen.signature;
    info->has_key = seen.key;
    if (cause != IMAGE_UNCHECKED)
        return cause;
    if (!seen.hash || !seen.counter)
        return IMAGE_BAD_TLV;
    if (!seen.hardware)
        return IMAGE_WRONG_HARDWARE;
    if (!seen.signature || !seen.key)
        return IMAGE_UNSIGNED;
    return read_vectors(base, info);
}

/* Hashes [from, to) of the slot. */
static bool hash_range(struct sha256 *s, uint32_t base, uint32_t from, uint32_t to)
{
    uint32_t block[BLOCK / 4];
    while (from < to) {
        uint32_t n = to - from < BLOCK ? to - from : BLOCK;
        if (flash_port_read(base + from, block, n) != FLASH_PORT_OK)
            return false;
        sha256_update(s, block, n);
        platform_watchdog_feed();
        from += n;
    }
    return true;
}

/* The digest is right: who says so? An image whose key is trusted no longer is looked at all the same: it may be one that has
 * proved itself before (boot/select.c). */
static enum image_cause check_signature(const struct keyset *keys, struct image_info *info)
{
    const uint8_t *key = keyset_known(keys, info->key_hash);
    const enum image_cause refusal = keyset_revoked(keys, info->key_hash) ? IMAGE_REVOKED_KEY : IMAGE_WRONG_KEY;
    if (key == NULL)
        return refusal;
    platform_watchdog_feed();
    if (!ed25519_verify(info->signature, info->digest, sizeof info->digest, key))
        return IMAGE_BAD_SIGNATURE;
    info->authentic = true;
    return keyset_find(keys, info->key_hash) != NULL ? IMAGE_VALID : refusal;
}

enum image_cause image_verify(uint32_t base, uint32_t size, const struct keyset *keys, struct image_info *info,
                              uint8_t file_digest[32])
{
    struct sha256 whole, part;
    uint8_t digest[32];
    enum image_cause cause = image_inspect(base, size, info);
    if (cause != IMAGE_UNCHECKED)
        return cause;
    sha256_init(&whole);
    if (!hash_range(&whole, base, 0, info->hashed))
        return IMAGE_ECC;
    part = whole;
    sha256_final(&part, digest);
    if (file_digest != NULL) {
        if (!hash_range(&whole, base, info->hashed, info->total))
            return IMAGE_ECC;
        sha256_final(&whole, file_digest);
    }
    if (memcmp(digest, info->digest, sizeof digest) != 0)
        return IMAGE_BAD_HASH;
    return check_signature(keys, info);
}

const char *image_cause_name(enum image_cause cause)
{
    static const char *const names[] = {
        [IMAGE_VALID] = "valid",
        [IMAGE_EMPTY] = "empty",
        [IMAGE_UNCHECKED] = "unchecked",
        [IMAGE_BAD_MAGIC] = "bad-magic",
        [IMAGE_BAD_HEADER] = "bad-header",
        [IMAGE_TOO_LARGE] = "too-large",
        [IMAGE_TRUNCATED] = "truncated",
        [IMAGE_WRONG_SLOT] = "wrong-slot",
        [IMAGE_WRONG_HARDWARE] = "wrong-hardware",
        [IMAGE_BAD_HASH] = "bad-hash",
        [IMAGE_UNSIGNED] = "unsigned",
        [IMAGE_WRONG_KEY] = "wrong-key",
        [IMAGE_BAD_SIGNATURE] = "bad-signature",
        [IMAGE_DOWNGRADE] = "downgrade",
        [IMAGE_BAD_VECTOR] = "bad-vector",
        [IMAGE_BAD_TLV] = "bad-tlv",
        [IMAGE_ECC] = "ecc",
        [IMAGE_REVOKED_KEY] = "revoked-key",
    };
    return (unsigned)cause < sizeof names / sizeof *names ? names[cause] : "unknown";
}

static int compare(uint32_t a, uint32_t b) { return (a > b) - (a < b); }

int image_version_compare(const struct image_version *a, const struct image_version *b)
{
    int major = compare(a->major, b->major), minor = compare(a->minor, b->minor);
    return major != 0 ? major : minor != 0 ? minor : compare(a->revision, b->revision);
}
