/* SPDX-License-Identifier: GPL-3.0-or-later
 * Firmware images in MCUboot's format (bootutil/image.h; imgtool): read with strict bounds, verified independently of the device,
 * and spoiled on purpose. Sizes in bytes, integers on the file little-endian.
 */
#ifndef SCENARIO_IMAGE_H
#define SCENARIO_IMAGE_H
#include "base/option.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct crypto_key;
struct err;

enum { IMAGE_HEADER_SIZE = 32, IMAGE_DIGEST_SIZE = 32, IMAGE_SIGNATURE_SIZE = 64, IMAGE_HARDWARE_MOST = 63 };

struct image_version {
    uint8_t major, minor;
    uint16_t revision;
    uint32_t build;
};

/* What an image says of itself. Pointers lead into the parsed bytes; NULL: the image has no such entry. */
struct image_info {
    const uint8_t *bytes;
    uint32_t load_addr, img_size, flags;
    uint16_t hdr_size, protect_size;  /* protect_size: protected TLVs with their info, 0 without any */
    struct image_version version;
    char version_text[32];            /* "2.0.0", with "+build" when build is not 0 */
    bool has_counter;
    uint32_t counter;                 /* security counter (SEC_CNT) */
    char hardware[IMAGE_HARDWARE_MOST + 1]; /* vendor TLV 0xA0; "" when absent */
    const uint8_t *digest, *keyhash;  /* 32 bytes each */
    const uint8_t *signature;         /* Ed25519, 64 bytes */
    size_t hashed;                    /* header, payload and protected TLVs: what the digest covers, from bytes on */
    size_t size;                      /* to the end of the TLVs; the file may be longer (padding, trailer) */
};

/* Reads n bytes. RIG_EINPUT with a message (what lies, and where) when a bound does not hold; info is then only valid as far as zero.
 * A size, an offset or an entry never leads outside the n bytes. Does not look at the signature. */
int image_parse(const uint8_t *bytes, size_t n, struct image_info *info, struct err *e);

/* Verifies digest, KEYHASH and signature against a raw Ed25519 public key (RFC 8032). NULL when all hold, else the device's word for
 * the cause: bad-hash, unsigned, wrong-key or bad-signature. info must come from a successful image_parse. */
const char *image_check(const struct image_info *info, const uint8_t raw_public[32]);

/* SHA-256 of the key as SubjectPublicKeyInfo in DER (RFC 8410), as imgtool writes it. */
void image_keyhash(const uint8_t raw_public[32], uint8_t hash[32]);

/* "1.2.3" or "1.2.3+4"; false when it is not one. */
bool image_version_read(const char *text, struct image_version *v);

/* --- mutations ---
 * In a scenario: `{of: v2, mutate: NAME, option: value, …}`, `{of: v2, NAME: value}` (the value of the first option) or
 * `{of: v2, NAME: {option: value, …}}`; several in one image act in the order of the file. */

/* The table of mutations; NULL behind the last. */
const struct option_owner *image_mutation_row(size_t i);

struct image_mutation {
    const struct option_owner *row;
    struct option_value value[OPTION_MOST]; /* in the order of row->options; absent ones: given false */
};

/* What mutations need from outside. Borrowed for the call. */
struct image_keys {
    const struct crypto_key *good;  /* the fleet's key: re-signs */
    const struct crypto_key *wrong; /* a sound key that the device does not trust */
    const struct crypto_key *next;  /* what the fleet's key is rotated to */
    const char *folder;             /* key files are relative to it; NULL: the working folder */
    uint32_t slot_size;             /* of `too-large`; 0: not known */
};

/* Applies count mutations in order to in[0..n) and appends the result to out. Defaults come from the rows, so `given` may be false.
 * Random draws depend on seed and the mutation's position alone. RIG_EINPUT with a message when a mutation does not apply (the image is
 * not readable any more, a key is missing, an option is wrong); out is then unchanged. */
int image_mutate(const uint8_t *in, size_t n, const struct image_mutation *m, size_t count, const struct image_keys *keys, uint64_t seed,
                 struct buf *out, struct err *e);

#endif
