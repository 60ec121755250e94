/* SPDX-License-Identifier: GPL-3.0-or-later
 * The layout of MCUboot's image format (bootutil/image.h), shared by the reader and the mutations, and an image taken apart. */
#ifndef SCENARIO_IMAGE_PARTS_H
#define SCENARIO_IMAGE_PARTS_H
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crypto_key;
struct err;

#define IMAGE_MAGIC 0x96f3b83du

enum { /* offsets in the header */
    IMAGE_AT_LOAD = 4,
    IMAGE_AT_HDR_SIZE = 8,
    IMAGE_AT_PROTECT = 10,
    IMAGE_AT_SIZE = 12,
    IMAGE_AT_FLAGS = 16,
    IMAGE_AT_VERSION = 20,
};
enum {
    IMAGE_UNPROTECTED = 0x6907,
    IMAGE_PROTECTED = 0x6908,
    IMAGE_INFO_SIZE = 4,
    IMAGE_ENTRY_SIZE = 4,
    IMAGE_TLV_KEYHASH = 0x01,
    IMAGE_TLV_SHA256 = 0x10,
    IMAGE_TLV_ED25519 = 0x24,
    IMAGE_TLV_COUNTER = 0x50,
    IMAGE_TLV_HARDWARE = 0xa0,
};

struct image_entry {
    uint16_t type, length;
    const uint8_t *value;
    size_t at; /* in the file */
    bool protect;
};

/* An image taken apart into runs of bytes that can be edited: head (hdr_size bytes), payload, entries of both areas without their
 * info, and what follows the image in the file. A zeroed struct is empty; image_parts_free frees the runs. */
struct image_parts {
    struct buf head, payload, protect, plain, rest;
};

int image_parts_split(const uint8_t *bytes, size_t n, struct image_parts *p, struct err *e);
bool image_parts_fit(const struct image_parts *p);                      /* both areas fit their 16-bit sizes */
void image_parts_join(const struct image_parts *p, struct buf *out); /* appends; sizes in the header follow the parts */
void image_parts_free(struct image_parts *p);

/* Sets an entry of one area: in place when the type is there (its length may change), else at the end. value NULL: takes it out. */
void image_parts_set(struct buf *area, uint16_t type, const void *value, size_t n);
/* Makes digest, KEYHASH (of named) and signature (by signer) anew. */
int image_parts_sign(struct image_parts *p, const struct crypto_key *signer, const struct crypto_key *named, struct err *e);
uint16_t image_parts_get16(const uint8_t *p); /* little-endian, any alignment */
uint32_t image_parts_get32(const uint8_t *p);
void image_parts_put16(uint8_t *p, uint16_t x);
void image_parts_put32(uint8_t *p, uint32_t x);

#endif
