/* SPDX-License-Identifier: GPL-3.0-or-later
 * SHA-256 (FIPS 180-4). The state may be copied to branch a hash. */
#ifndef OTA_SHA256_H
#define OTA_SHA256_H
#include <stdint.h>

struct sha256 {
    uint32_t h[8];
    uint64_t length; /* bytes so far */
    uint8_t block[64];
};

void sha256_init(struct sha256 *s);
void sha256_update(struct sha256 *s, const void *bytes, uint32_t n);
void sha256_final(struct sha256 *s, uint8_t digest[32]); /* leaves *s unusable until sha256_init */

#endif
