/* SPDX-License-Identifier: GPL-3.0-or-later
 * The two things that a server signs (dut-firmware/README.md): a manifest and a key set, as members that attacks may change before
 * they are printed and signed. */
#ifndef SERVER_MANIFEST_H
#define SERVER_MANIFEST_H
#include "server/members.h"
#include "server/signer.h"

#include <stdbool.h>

struct buf;
struct exchange;
struct offer;
struct offer_file;
struct site;

struct manifest {
    struct members members;
    struct signer_by by[SIGNER_MOST];
    unsigned signatures;
    bool enveloped;    /* in an envelope; else the members are the answer */
    bool is_keys;      /* a key set */
    const struct offer_file *file; /* that it offers, NULL: none */
    const struct offer *offer;     /* the whole offer, NULL: none */
};

/* Of schema 2; of schema 1 when the site has no signer or its offer wants no signature: then false when there is nothing to say. */
bool manifest_make(const struct site *s, const struct exchange *x, struct manifest *out);
void manifest_make_keys(const struct site *s, struct manifest *out); /* only with a signer */
/* The members of an image: url, size, sha256, chunk_size, chunks. */
void manifest_describe(struct manifest *m, const char *name, const uint8_t *bytes, size_t size, uint32_t chunk_size);
void manifest_print(const struct manifest *m, const struct signer *s, const struct buf *text, struct buf *out); /* text: the members' */
void manifest_free(struct manifest *m);

#endif
