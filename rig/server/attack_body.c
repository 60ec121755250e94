/* SPDX-License-Identifier: GPL-3.0-or-later
 * Attacks on the bytes of a body: right in length, wrong in content; or without end. */
#include "base/buf.h"
#include "server/attack_rows.h"
#include "server/exchange.h"

#include <stdlib.h>
#include <string.h>

enum { FLIPS_MOST = 4096 };

/* Distinct bits: from at-byte on, one beside the other, or anywhere in the body. */
static bool flip_bits(struct attack_call *c)
{
    struct exchange *x = c->x;
    bool placed = attacks_given(c, "at-byte");
    uint64_t count = attacks_number(c, "count"), from = placed ? attacks_number(c, "at-byte") : 0, first = UINT64_MAX;
    if (from >= x->size)
        return false;
    uint8_t *body = exchange_own(x), *done = mem_new((size_t)x->size);
    if (count > (x->size - from) * 8)
        count = (x->size - from) * 8;
    for (uint64_t i = 0; i < count;) {
        uint64_t bit = placed ? from * 8 + i : rng_below(&c->rng, x->size * 8);
        uint8_t mask = (uint8_t)(1u << (bit % 8));
        if (done[bit / 8] & mask)
            continue;
        done[bit / 8] |= mask;
        body[bit / 8] ^= mask;
        first = bit / 8 < first ? bit / 8 : first;
        i++;
    }
    free(done);
    c->at = first + 1;
    return true;
}

/* Headers without end: no empty line comes. */
static void endless_head(struct exchange *x)
{
    x->endless_head = true;
    if (x->head.size >= 2 && memcmp(x->head.data + x->head.size - 2, "\r\n", 2) == 0)
        x->head.size -= 2;
}

static bool endless_headers(struct attack_call *c)
{
    if (!attacks_is(c, "in", "headers"))
        return false;
    endless_head(c->x);
    return true;
}

static bool endless_body(struct attack_call *c)
{
    struct exchange *x = c->x;
    if (x->size == 0 || !attacks_is(c, "in", "body"))
        return false;
    if (attacks_is(c, "length", "absent"))
        exchange_length(x, "");
    else if (attacks_is(c, "length", "huge"))
        exchange_length(x, "99999999999999999999");
    else
        attacks_shows_behind(c, x->size);
    x->repeat = true;
    return true;
}

static const struct attack table[] = {
    ATTACK("flip-bits", "flips so many distinct bits of the body", "{do: serve, attack: flip-bits, count: 3}",
           OPTIONS(ATTACK_COUNT("count", "how many", "1", 1, FLIPS_MOST),
                   {"at-byte", "from this byte on; anywhere when absent", OPTION_BYTES, false, NULL, NULL, 0, 0}),
           .stage = ATTACK_BODY, .apply = flip_bits, .catalogue = "N3"),
    ATTACK("endless-data", "never stops sending: the body begins again and again, or the headers never end",
           "{do: serve, attack: endless-data, in: headers}",
           OPTIONS(ATTACK_WORD("in", "what is endless", "body", WORDS("body", "headers")),
                   ATTACK_WORD("length", "of body: what Content-Length says", "absent", WORDS("absent", "honest", "huge"))),
           .stage = ATTACK_BODY, .apply = endless_body, .stage_too = ATTACK_HEAD, .apply_too = endless_headers, .catalogue = "S9",
           .tuf = "endless data attack"),
};

const struct attack *attack_body_at(size_t i)
{
    return i < sizeof table / sizeof table[0] ? &table[i] : NULL;
}
