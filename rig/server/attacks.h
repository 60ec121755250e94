/* SPDX-License-Identifier: GPL-3.0-or-later
 * Attacks as data: a row says its options and where in the making of an answer it acts; a small function does it.
 * To add one: a row and a function in the attack_*.c of its place. */
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
    ATTACK_TLS,     /* of a connection, before any request */
    ATTACK_EARLY,   /* before a request is whole */
    ATTACK_OFFER,   /* is there something for this device */
    ATTACK_MEMBERS, /* of what is signed */
    ATTACK_TEXT,    /* of what is signed: bytes */
    ATTACK_RANGE,   /* of an image, before it is looked up */
    ATTACK_ANSWER,  /* another answer altogether */
    ATTACK_BODY,    /* its bytes */
    ATTACK_HEADERS,
    ATTACK_HEAD,    /* the whole head as text */
    ATTACK_CONNECTION,
    ATTACK_STAGES
};

struct attack;
struct attack_call {
    const struct attack *attack;
    const struct option_value *value; /* in the order of the rows */
    struct rng rng;                   /* of this rule and this request alone */
    struct rng rule_rng;              /* of this rule: the same at every request */
    struct exchange *x;       /* NULL at ATTACK_TLS */
    uint64_t at;              /* out: the client must have taken so many bytes of the body (head) before the attack shows; 0: the first it
                                 sees; EXCHANGE_NEVER: none, silence shows it */
    bool in_head;
    bool secure;              /* the answer goes over TLS */
    struct tls_faults *tls;   /* at ATTACK_TLS: of this connection; else NULL */
    struct tls_faults *later; /* of every connection from now on */
};

struct attack {
    struct option_owner row;
    enum attack_stage stage;
    bool (*apply)(struct attack_call *c); /* false: nothing here to act on */
    const char *catalogue;                /* its row of SCENARIOS.md */
    const char *place;                    /* where it acts; NULL: as its stages say */
    const char *tuf;                      /* its name in The Update Framework or Uptane; NULL: none */
    /* Another place where the same attack acts, NULL: none. */
    bool (*apply_too)(struct attack_call *c);
    enum attack_stage stage_too;
};

const struct attack *attacks_at(size_t i); /* NULL behind the last */
const struct attack *attacks_find(const char *name);
const char *attacks_place(enum attack_stage stage); /* manifest, headers, body, connection, TLS */

/* An option's value, or its default. */
bool attacks_given(const struct attack_call *c, const char *name);
const char *attacks_text(const struct attack_call *c, const char *name);
uint64_t attacks_number(const struct attack_call *c, const char *name);
bool attacks_is(const struct attack_call *c, const char *name, const char *word);
/* The byte of size bytes that the options at-byte, or else percent, name; the middle without them. False when it lies behind them. */
bool attacks_position(struct attack_call *c, uint64_t size, uint64_t *at);
/* It shows behind the body. A peer that closes there has not acknowledged the last of what it read: a window's worth counts as read. */
void attacks_shows_behind(struct attack_call *c, uint64_t size);

#endif
