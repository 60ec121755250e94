/* SPDX-License-Identifier: GPL-3.0-or-later
 * What every answer of a server is made from. */
#ifndef SERVER_SITE_H
#define SERVER_SITE_H
#include "server/rules.h"

struct offer;
struct offer_file;
struct signer;

/* A file that an attack made of a genuine one, or of nothing. It stays until the rules or the offer change. */
struct site_file;

struct site {
    struct offer *offer;   /* NULL: nothing */
    uint32_t number;       /* of the manifest: rises with every offer */
    struct signer *signer; /* NULL: manifests are not signed */
    uint64_t calendar_s, now; /* Unix time at 0; ns since then */
    uint32_t lifetime_s;
    struct rules rules;
    struct site_file *made;
    void (*asked)(void *ctx, const char *device); /* as in struct server_config */
    void *ctx;
    bool redirects;        /* a redirect was played: its further hops lead somewhere */
};

uint64_t site_time(const struct site *s); /* Unix time in seconds; 0 at its beginning when there is no calendar */
/* Adds a file, named after its content and another's name; bytes are copied. The same content again is the same file. */
const struct offer_file *site_make(struct site *s, const char *name, const uint8_t *bytes, size_t size);
const struct offer_file *site_file(const struct site *s, const char *name); /* offered or made; NULL: neither */
void site_forget(struct site *s); /* what attacks made */
#endif
