/* SPDX-License-Identifier: GPL-3.0-or-later
 * Images in MCUboot's format as they stand in a slot: strict parsing and verification. Everything is read through
 * flash_port_read, so a torn or ECC-bad word is a cause of refusal, never a fault. (README.md, "Image"; MCUboot docs/design.md
 * for the format.)
 */
#ifndef OTA_IMAGE_H
#define OTA_IMAGE_H
#include <stdbool.h>
#include <stdint.h>
#include "keyset.h"

enum image_cause {
    IMAGE_VALID = 0,
    IMAGE_EMPTY,
    IMAGE_UNCHECKED, /* structure is fine, hash and signature were not looked at */
    IMAGE_BAD_MAGIC,
    IMAGE_BAD_HEADER,
    IMAGE_TOO_LARGE,
    IMAGE_TRUNCATED,
    IMAGE_WRONG_SLOT,
    IMAGE_WRONG_HARDWARE,
    IMAGE_BAD_HASH,
    IMAGE_UNSIGNED,
    IMAGE_WRONG_KEY,
    IMAGE_BAD_SIGNATURE,
    IMAGE_DOWNGRADE, /* set by callers that know the floor or the confirmed version */
    IMAGE_BAD_VECTOR,
    IMAGE_BAD_TLV,
    IMAGE_ECC,
    IMAGE_REVOKED_KEY, /* in order, but its key is trusted no longer */
};

struct image_version {
    uint8_t major, minor;
    uint16_t revision;
    uint32_t build;
};

struct image_info {
    bool readable;      /* version, counter, digest below were found (not necessarily verified) */
    uint32_t load_addr; /* base of the slot that it is linked for */
    uint32_t img_size;  /* payload, bytes */
    uint32_t total;     /* whole file: header, payload, all TLVs, bytes */
    uint32_t hashed;    /* bytes from the start covered by the SHA-256 */
    struct image_version version;
    uint32_t counter; /* security counter */
    uint8_t digest[32];
    uint32_t entry, stack; /* first two words of the vector table */
    bool has_signature, has_key;
    uint8_t key_hash[32], signature[64];
    bool authentic; /* hash and signature are right, by a key that is trusted, or was once (then the cause is one of the key) */
};

/* Header, bounds, TLVs, hardware id, slot and vectors of the image at base, whose room is size bytes. IMAGE_UNCHECKED when all
 * that is in order, else the cause. *info is filled as far as it could be read. */
enum image_cause image_inspect(uint32_t base, uint32_t size, struct image_info *info);

/* image_inspect, then SHA-256, key (one of keys) and Ed25519 signature: IMAGE_VALID or the cause. file_digest (NULL allowed) gets
 * the SHA-256 of the whole file of info->total bytes, from the same pass; it is set whenever the hash pass was completed
 * (IMAGE_VALID, IMAGE_BAD_HASH and the causes of key and signature). About 60 instructions per byte and 1.4 million for the
 * signature. Feeds the watchdog. */
enum image_cause image_verify(uint32_t base, uint32_t size, const struct keyset *keys, struct image_info *info,
                              uint8_t file_digest[32]);

/* The word of README.md for a cause: "bad-magic" …; IMAGE_VALID "valid", IMAGE_EMPTY "empty", IMAGE_UNCHECKED "unchecked". */
const char *image_cause_name(enum image_cause cause);

/* <0, 0, >0 as a is older than, equal to, newer than b. The build number is not compared (as MCUboot). */
int image_version_compare(const struct image_version *a, const struct image_version *b);

/* The bytes of a header alone (32, as received): magic, sizes and load address against a slot of size bytes at base.
 * IMAGE_UNCHECKED or the cause. Lets a downloader refuse early. */
enum image_cause image_check_header(const uint8_t header[32], uint32_t base, uint32_t size, struct image_info *info);

#endif
