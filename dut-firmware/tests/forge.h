/* SPDX-License-Identifier: GPL-3.0-or-later
 * Images for tests, made by hand: any field may lie. */
#ifndef TESTS_FORGE_H
#define TESTS_FORGE_H
#include <stdbool.h>
#include <stdint.h>
#include "blob.h"

/* What to make; forge_good fills in an image that is in order. Sizes in bytes. */
struct forge {
    uint8_t slot;
    uint32_t magic, load_addr, flags, counter, payload, stack, entry;
    uint16_t hdr_size;
    uint8_t major, minor;
    uint16_t revision;
    const char *hardware; /* NULL: no such TLV */
    uint8_t seed;         /* of the payload's content */
    bool no_counter, no_signature, no_hash, no_protected;
    bool wrong_key;       /* signed with, and naming, another key */
    bool next_key;        /* signed with, and naming, the key of key set 2 */
    bool foreign_signature; /* names the right key, but is signed with another */
    uint16_t extra_type;  /* an additional TLV of extra_size bytes, 0: none */
    uint16_t extra_size;
    bool extra_protected;
};

struct forge forge_good(uint8_t slot, uint8_t major);
void forge_make(const struct forge *f, struct blob *out); /* out: blob_free */
void forge_place(const struct forge *f, uint8_t digest[32]); /* into its slot of the host flash; digest NULL allowed */

#endif
