/* SPDX-License-Identifier: GPL-3.0-or-later
 * Who signs what an attack has changed. */
#include "server/attack_sign.h"

#include "base/buf.h"
#include "server/exchange.h"
#include "server/manifest.h"
#include "server/offer.h"
#include "server/site.h"

#include <string.h>

/* A stranger's signature before the vendor's, which is sound or broken: one good signature is enough, and none of two is not. */
static void join(struct manifest *m, bool broken)
{
    m->by[1] = m->by[0];
    m->by[1].broken = broken;
    m->by[0] = (struct signer_by){.key = SIGNER_WRONG};
    m->signatures = 2;
}

/* A revoked key can only sign when one has been revoked. */
static bool sign(struct attack_call *c, struct manifest *m)
{
    const struct offer *o = c->x->site->offer;
    if (!m->enveloped)
        return true;
    if (attacks_is(c, "signature", "revoked") && (!o || o->keyset < 2))
        return false;
    if (attacks_is(c, "signature", "broken"))
        m->by[0].broken = true;
    else if (attacks_is(c, "signature", "missing"))
        m->signatures = 0;
    else if (attacks_is(c, "signature", "wrong-key"))
        m->by[0].key = SIGNER_WRONG;
    else if (attacks_is(c, "signature", "revoked"))
        m->by[0].key = SIGNER_GOOD;
    else if (attacks_is(c, "signature", "crowd") || attacks_is(c, "signature", "stranger-first"))
        join(m, attacks_is(c, "signature", "crowd"));
    return true;
}

struct manifest *attack_sign_manifest(struct attack_call *c)
{
    struct manifest *m = c->x->manifest;
    return m && !m->is_keys && sign(c, m) ? m : NULL;
}

struct manifest *attack_sign_offer(struct attack_call *c)
{
    struct manifest *m = c->x->manifest;
    return m && !m->is_keys && m->file && sign(c, m) ? m : NULL;
}

void attack_sign_stale(struct attack_call *c, struct manifest *m)
{
    struct buf hex = {0};
    if (!members_get(&m->members, "nonce"))
        return;
    for (int i = 0; i < 16; i++)
        buf_char(&hex, "0123456789abcdef"[rng_below(&c->rule_rng, 16)]);
    members_text(&m->members, "nonce", buf_text(&hex));
    buf_free(&hex);
}

void attack_sign_instead(struct attack_call *c, int status, const char *type, const char *text)
{
    rules_hide(&c->x->site->rules, c->x);
    exchange_answer(c->x, status, type, text);
}
