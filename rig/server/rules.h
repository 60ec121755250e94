/* SPDX-License-Identifier: GPL-3.0-or-later
 * The rules of a server: which attack acts on which request. */
#ifndef SERVER_RULES_H
#define SERVER_RULES_H
#include "server/attacks.h"
#include "server/tls.h"

#include <stddef.h>
#include <stdint.h>

struct exchange;
struct rule;
struct server_rule;

struct rules {
    uint64_t seed;
    struct rule *rule;
    size_t count;
    bool secure;             /* the request at hand came over TLS */
    struct tls_faults later; /* what every connection has from now on */
};

void rules_add(struct rules *r, const struct server_rule *rule); /* copied; texts in its values outlive the rules */
void rules_clear(struct rules *r);                               /* also frees */
bool rules_device(const struct rules *r);                          /* is there one for a device of its own */
void rules_connection(struct rules *r, unsigned n, struct tls_faults *out); /* a TLS connection comes, the n-th */
/* Whether one acts now on a request of which so many bytes came; x has what is known of it. Counts nothing. */
bool rules_early(const struct rules *r, const struct exchange *x, uint64_t came);
void rules_arm(struct rules *r, const struct exchange *x);       /* a request came: counts it for each rule */
/* Another answer takes the place of the one at hand: what acted on that one did not act. */
void rules_hide(struct rules *r, struct exchange *x);
void rules_run(struct rules *r, enum attack_stage stage, struct exchange *x); /* of the request that armed them */

#endif
