/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the server offers: files with their hashes, computed once, and the manifest made of them (dut-firmware/README.md, HTTP protocol). */
#ifndef SERVER_OFFER_H
#define SERVER_OFFER_H
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct server_offer;

struct offer_file {
    char *slot, *name;
    const uint8_t *bytes; /* the caller's */
    size_t size;
    char sha256[65];
    struct buf chunks; /* 64 hex digits per chunk, one after the other */
};

struct offer {
    char *version, *hardware;
    uint32_t security_counter, chunk_size;
    struct offer_file *files;
    size_t count;
};

/* A manifest's fields, which attacks may change before it is printed. */
struct offer_manifest {
    const char *version;
    char sha256[65];
    struct buf chunks;
    uint64_t size;
};

struct offer *offer_new(const struct server_offer *o);
void offer_free(struct offer *o);
const struct offer_file *offer_by_slot(const struct offer *o, const char *slot); /* slot "": the first */
const struct offer_file *offer_by_name(const struct offer *o, const char *name);
/* Whether the offered version is newer than a device's; versions that cannot be read are newer unless they are the same text. */
bool offer_is_newer(const struct offer *o, const char *running);
/* Appends the manifest in JSON; fields of m count where offer and file say the same thing. */
void offer_print(const struct offer *o, const struct offer_file *f, const struct offer_manifest *m, struct buf *out);

#endif
