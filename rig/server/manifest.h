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
    const struct offer_file *file;  /* that it offers, NULL: none */
    const struct offer_file *delta; /* the way there that it offers, NULL: none */
};

/* Of schema 2; of schema 1 when the site has no signer or its offer wants no signature: then false when there is nothing to say. */
bool manifest_make(const struct site *s, const struct exchange *x, struct manifest *out);
/* The file that a device asks for, newer than its own or not; NULL: none for its slot and hardware. */
const struct offer_file *manifest_file(const struct offer *o, const struct exchange *x);
bool manifest_wanted(const struct offer *o, const struct exchange *x); /* is it an update for the device that asks */
/* Offers a file of a release, without a delta. */
void manifest_offer(struct manifest *m, const struct offer *o, const struct offer_file *f);
void manifest_delta(struct manifest *m, const struct offer_file *d, const char *base); /* and the way there from a base */
void manifest_withdraw(struct manifest *m, const char *action); /* offers nothing */
/* The image's path says which device it is for, as far as that needs no escape: its requests do not. */
void manifest_name(struct manifest *m, const char *device);
void manifest_times(struct manifest *m, uint64_t time, uint64_t expires);
void manifest_make_keys(const struct site *s, struct manifest *out); /* only with a signer */
/* The members of an image: url, size, sha256, chunk_size, chunks. */
void manifest_describe(struct manifest *m, const char *name, const uint8_t *bytes, size_t size, uint32_t chunk_size);
void manifest_print(const struct manifest *m, const struct signer *s, const struct buf *text, struct buf *out); /* text: the members' */
void manifest_free(struct manifest *m);

#endif
