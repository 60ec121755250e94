/* SPDX-License-Identifier: GPL-3.0-or-later
 * Attacks on the connection: where an answer breaks off, and how slowly it comes. */
#include "server/attack_rows.h"
#include "server/exchange.h"

/* Body bytes that there are to cut: without end when they begin again and again. */
static uint64_t extent(const struct exchange *x)
{
    return x->repeat && x->size ? EXCHANGE_NEVER : x->size;
}

static bool position(struct attack_call *c, uint64_t *at)
{
    uint64_t size = c->x->no_body ? 0 : c->x->size;
    return attacks_position(c, size, at) || (size && *at < extent(c->x));
}

static bool truncate_body(struct attack_call *c)
{
    uint64_t at;
    if (!position(c, &at))
        return false;
    exchange_cut(c->x, at, EXCHANGE_CLOSE, "cut-short");
    return true;
}

static bool reset(struct attack_call *c)
{
    uint64_t at;
    if (!position(c, &at))
        return false;
    exchange_cut(c->x, at, EXCHANGE_RESET, "reset");
    return true;
}

static bool stall(struct attack_call *c)
{
    uint64_t at, ns = attacks_number(c, "for");
    c->in_head = attacks_is(c, "in", "headers");
    if (c->in_head ? !attacks_position(c, c->x->head.size, &at) : !position(c, &at))
        return false;
    if (at == 0)
        c->at = EXCHANGE_NEVER; /* the silence shows it */
    exchange_stall(c->x, c->in_head ? EXCHANGE_HEAD : EXCHANGE_BODY, at, ns);
    return true;
}

static bool slow(struct attack_call *c)
{
    struct exchange_pace pace = {attacks_number(c, "bytes"), attacks_number(c, "every")};
    bool head = !attacks_is(c, "in", "body"), body = !attacks_is(c, "in", "headers") && c->x->size;
    if (head)
        c->x->pace[EXCHANGE_HEAD] = pace;
    if (body)
        c->x->pace[EXCHANGE_BODY] = pace;
    c->at = EXCHANGE_NEVER;
    return head || body;
}

static const struct attack table[] = {
    ATTACK("truncate", "closes the connection in mid-body, although Content-Length says more",
           "{do: serve, attack: truncate, at-byte: 40000}",
           OPTIONS(ATTACK_AT_BYTE, ATTACK_PERCENT), .stage = ATTACK_CONNECTION, .apply = truncate_body, .catalogue = "S2"),
    ATTACK("reset", "resets the connection (TCP RST) once the client has taken so many bytes", "{do: serve, attack: reset, at-byte: 40000}",
           OPTIONS(ATTACK_AT_BYTE, ATTACK_PERCENT), .stage = ATTACK_CONNECTION, .apply = reset, .catalogue = "S3"),
    ATTACK("stall", "goes silent once the client has taken so many bytes", "{do: serve, attack: stall, at-byte: 40000, for: 30s}",
           OPTIONS(ATTACK_AT_BYTE, ATTACK_PERCENT, ATTACK_TIME("for", "how long; 0: for ever", "0", 0, 0),
                   ATTACK_WORD("in", "bytes of what", "body", WORDS("body", "headers"))),
           .stage = ATTACK_CONNECTION, .apply = stall, .catalogue = "S10", .tuf = "slow retrieval attack"),
    ATTACK("slow-retrieval", "sends a few bytes at a time", "{do: serve, attack: slow-retrieval, bytes: 10, every: 1s}",
           OPTIONS(ATTACK_BYTES("bytes", "how many at a time", "1", 1, 1 << 16),
                   ATTACK_TIME("every", "how often", "1s", 1000000, 3600 * ATTACK_SECOND_NS),
                   ATTACK_WORD("in", "of what", "body", WORDS("body", "headers", "both"))),
           .stage = ATTACK_CONNECTION, .apply = slow, .catalogue = "S10", .tuf = "slow retrieval attack"),
};

const struct attack *attack_connection_at(size_t i)
{
    return i < sizeof table / sizeof table[0] ? &table[i] : NULL;
}
