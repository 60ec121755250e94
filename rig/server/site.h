/* SPDX-License-Identifier: GPL-3.0-or-later
 * What every answer of a server is made from. */
#ifndef SERVER_SITE_H
#define SERVER_SITE_H
#include "server/rules.h"

struct offer;
struct signer;

struct site {
    struct offer *offer;   /* NULL: nothing */
    uint32_t number;       /* of the manifest: rises with every offer */
    struct signer *signer; /* NULL: manifests are not signed */
    uint64_t calendar_s, now; /* Unix time at 0; ns since then */
    uint32_t lifetime_s;
    struct rules rules;
};

/* Unix time in seconds; 0: there is no calendar. */
static inline uint64_t site_time(const struct site *s)
{
    return s->calendar_s ? s->calendar_s + s->now / 1000000000 : 0;
}
#endif
