/* SPDX-License-Identifier: GPL-3.0-or-later
 * Attacks as data: a row says its options and where in the making of an answer it acts; a small function does it. */
#ifndef SERVER_ATTACKS_H
#define SERVER_ATTACKS_H
#include "base/option.h"
#include "base/rng.h"

#include <stdbool.h>
#include <stddef.h>

struct exchange;
struct tls_faults;

/* In the order in which an answer is made; each finds what the earlier ones left. */
enum attack_stage {
    ATTACK_TLS /* of a connection, before any request */, ATTACK_OFFER, ATTACK_MANIFEST /* members of what is signed */,
    ATTACK_TEXT /* its text */, ATTACK_RANGE, ATTACK_ANSWER, ATTACK_HEADERS, ATTACK_BODY, ATTACK_CONNECTION, ATTACK_STAGES
};

struct attack;
struct attack_call {
    const struct attack *attack;
    const struct option_value *value; /* in the order of the rows */
    struct rng rng;                   /* of this rule and this request alone */
    struct exchange *x;       /* NULL at ATTACK_TLS */
    bool secure;              /* the answer goes over TLS */
    struct tls_faults *tls;   /* at ATTACK_TLS: of this connection; else NULL */
    struct tls_faults *later; /* of every connection from now on */
};

struct attack {
    struct option_owner row;
    enum attack_stage stage;
    bool (*apply)(struct attack_call *c); /* false: nothing here to act on */
};

const struct attack *attacks_at(size_t i); /* NULL behind the last */
const struct attack *attacks_find(const char *name);

#endif
