/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The server's offer (README.md, "HTTP protocol"): one JSON object, checked member by member before anything in it is used.
 */
#ifndef APP_MANIFEST_H
#define APP_MANIFEST_H
#include <stddef.h>
#include <stdint.h>
#include "cause.h"
#include "layout.h"

#define MANIFEST_CHUNK 4096u /* bytes: two flash pages, so that a chunk's border is a page's border */
#define MANIFEST_CHUNKS_MOST (LAYOUT_SLOT_SIZE / MANIFEST_CHUNK)
#define MANIFEST_TEXT_MOST 16384u /* bytes of JSON that a device takes in */
#define MANIFEST_URL_MOST 96u

struct manifest {
    uint32_t release; /* release.h */
    uint32_t counter; /* security counter of the image */
    uint32_t size, chunks;
    uint8_t slot;     /* 0 a, 1 b */
    char url[MANIFEST_URL_MOST];
    uint8_t sha256[32]; /* of the whole file */
    uint8_t chunk[MANIFEST_CHUNKS_MOST][32];
    /* Names this promise: the first four bytes of a SHA-256 over version, counter, size, sha256 and all chunk hashes. Two
     * manifests that promise the same file in chunks that differ are two updates: what was stored for one is never taken for
     * the other's. */
    uint32_t tag;
};

/* Reads n bytes of text for the device's free slot (0 a, 1 b). CAUSE_NONE and *m, or CAUSE_BAD_MANIFEST, CAUSE_WRONG_HARDWARE,
 * CAUSE_WRONG_SLOT, CAUSE_TOO_LARGE. m->release is set even then when it could be read, else 0. */
enum cause manifest_parse(struct manifest *m, const char *text, size_t n, uint8_t slot);
uint32_t manifest_chunk_size(const struct manifest *m, uint32_t index); /* bytes of chunk index: all but the last are full */
#endif
