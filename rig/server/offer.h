/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the server offers: files with their hashes, computed once. */
#ifndef SERVER_OFFER_H
#define SERVER_OFFER_H
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server_offer;

struct offer_file {
    char *slot, *name;
    char base[65];        /* of a delta: SHA-256 of the file that it starts from; else "" */
    const uint8_t *bytes; /* the caller's */
    size_t size;
    char sha256[65];
    struct buf chunks; /* 64 hex digits per chunk, one after the other; of a delta: none */
};

struct offer {
    char *version, *hardware, *action;
    uint32_t security_counter, chunk_size;
    unsigned keyset;          /* 1, 2 */
    bool no_signature;
    struct offer_file *files; /* images, then deltas */
    size_t count, images;
    struct offer *other;      /* another genuine release; NULL: none */
};

struct offer *offer_new(const struct server_offer *o);
void offer_free(struct offer *o);
const struct offer_file *offer_by_slot(const struct offer *o, const char *slot); /* image; slot "": the first */
const struct offer_file *offer_by_name(const struct offer *o, const char *name); /* image or delta, of o or of its other release */
const struct offer_file *offer_delta(const struct offer *o, const char *slot, const char *base); /* NULL: none from there */
/* Hashes of an image cut into chunks, as 64 hex digits each. Appends. */
void offer_chunks(const uint8_t *bytes, size_t size, uint32_t chunk_size, struct buf *out);
/* Whether the offered version is newer than a device's; versions that cannot be read are newer unless they are the same text. */
bool offer_is_newer(const struct offer *o, const char *running);

#endif
