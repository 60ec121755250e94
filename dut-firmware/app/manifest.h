/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the server says about updates (README.md, "Manifest"): the signed part of its answer, one JSON object, checked member by
 * member before anything in it is used.
 */
#ifndef APP_MANIFEST_H
#define APP_MANIFEST_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cause.h"
#include "layout.h"

#define MANIFEST_CHUNK 4096u /* bytes: two flash pages, so that a chunk's border is a page's border */
#define MANIFEST_CHUNKS_MOST (LAYOUT_SLOT_SIZE / MANIFEST_CHUNK)
#define MANIFEST_TEXT_MOST 8704u /* bytes of answer that a device takes in: 96 chunk hashes, all else, four signatures */
#define MANIFEST_URL_MOST 96u
#define MANIFEST_NONCE 8u

enum manifest_action {
    MANIFEST_NONE,     /* there is nothing for this device; what it had begun is withdrawn */
    MANIFEST_UPDATE,
    MANIFEST_ROLLBACK, /* permission to install an older version, never a lower security counter than the floor */
    MANIFEST_PAUSE,    /* nothing may be begun or activated now */
};

/* A way from the image that runs to the one that is offered (README.md, "Delta images"). */
struct manifest_delta {
    bool offered;
    uint8_t base[32]; /* SHA-256 of the file that it starts from */
    char url[MANIFEST_URL_MOST];
    uint32_t size;
    uint8_t sha256[32];
};

struct manifest {
    enum manifest_action action;
    uint32_t number;  /* manifest_version: rises with every new offer */
    uint32_t time, expires; /* seconds since 1970 */
    uint32_t keys;    /* number of the key set that the server knows to be the newest */
    bool answers;     /* it repeats the nonce of the question: it was signed after that was asked */
    /* What follows is set by MANIFEST_UPDATE and MANIFEST_ROLLBACK. */
    uint32_t release; /* release.h */
    uint32_t counter; /* security counter of the image */
    uint32_t size, chunks;
    uint8_t slot;     /* 0 a, 1 b */
    char url[MANIFEST_URL_MOST];
    uint8_t sha256[32]; /* of the whole file */
    uint8_t chunk[MANIFEST_CHUNKS_MOST][32];
    struct manifest_delta delta;
    /* Names this promise: the first four bytes of a SHA-256 over version, counter, size, sha256 and all chunk hashes. Two
     * manifests that promise the same file in chunks that differ are two updates: what was stored for one is never taken for
     * the other's. */
    uint32_t tag;
};

/* Reads the n bytes of text that were signed. CAUSE_NONE and *m, or CAUSE_BAD_MANIFEST, CAUSE_WRONG_HARDWARE, and of an update
 * or rollback CAUSE_TOO_LARGE, CAUSE_WRONG_SLOT (not for the free slot, 0 a, 1 b). nonce: of the question, or NULL. m->release
 * is set even then when it could be read, else 0. */
enum cause manifest_parse(struct manifest *m, const char *text, size_t n, uint8_t slot, const uint8_t nonce[MANIFEST_NONCE]);
uint32_t manifest_chunk_size(const struct manifest *m, uint32_t index); /* bytes of chunk index: all but the last are full */
#endif
