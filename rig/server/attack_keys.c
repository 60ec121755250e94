/* SPDX-License-Identifier: GPL-3.0-or-later
 * Attacks on key sets: a key is brought in, or an old set comes back. */
#include "base/buf.h"
#include "server/attack_rows.h"
#include "server/exchange.h"
#include "server/manifest.h"
#include "server/offer.h"
#include "server/site.h"

#include <stdlib.h>

static void attackers_key(struct manifest *m, const struct signer *s, unsigned number)
{
    char *keys = mem_printf("[\"%s\"]", s->key[SIGNER_WRONG]);
    char *revoked = mem_printf("[\"%s\",\"%s\"]", s->id[SIGNER_GOOD], s->id[SIGNER_NEXT]);
    members_number(&m->members, "keyset", number);
    members_raw(&m->members, "keys", keys);
    members_raw(&m->members, "revoked", revoked);
    free(keys);
    free(revoked);
}

/* The genuine key set before the current one. */
static void older_keys(struct manifest *m, const struct signer *s, unsigned keyset)
{
    char *keys = mem_printf("[\"%s\"]", s->key[SIGNER_GOOD]);
    members_number(&m->members, "keyset", keyset - 1);
    members_raw(&m->members, "keys", keys);
    members_raw(&m->members, "revoked", "[]");
    free(keys);
}

static void many_keys(struct manifest *m, const struct signer *s, unsigned number)
{
    struct buf list = {0};
    for (int i = 0; i < 200; i++)
        buf_printf(&list, "%s\"%s\"", i ? "," : "[", s->key[SIGNER_GOOD]);
    buf_char(&list, ']');
    members_number(&m->members, "keyset", number);
    members_raw(&m->members, "keys", buf_text(&list));
    buf_free(&list);
}

static bool bad_key_set(struct attack_call *c, struct manifest *m)
{
    const struct site *s = c->x->site;
    unsigned keyset = s->offer ? s->offer->keyset : 1;
    if (attacks_is(c, "kind", "older")) {
        older_keys(m, s->signer, keyset);
    } else if (attacks_is(c, "kind", "too-many")) {
        many_keys(m, s->signer, keyset + 1);
    } else if (attacks_is(c, "kind", "empty")) {
        members_number(&m->members, "keyset", keyset + 1);
        members_raw(&m->members, "keys", "[]");
    } else {
        attackers_key(m, s->signer, keyset + 1);
    }
    if (attacks_is(c, "kind", "unsigned"))
        m->signatures = 0;
    else if (attacks_is(c, "kind", "wrong-root"))
        m->by[0].key = SIGNER_WRONG;
    else if (attacks_is(c, "kind", "publisher"))
        m->by[0].key = keyset == 2 ? SIGNER_NEXT : SIGNER_GOOD;
    else if (attacks_is(c, "kind", "broken"))
        m->by[0].broken = true;
    return true;
}

/* A manifest that speaks of newer keys makes the device ask for them. */
static bool bad_keys(struct attack_call *c)
{
    struct manifest *m = c->x->manifest;
    if (!m || !m->enveloped)
        return false;
    if (m->is_keys)
        return bad_key_set(c, m);
    if (!attacks_number(c, "announce"))
        return false;
    members_number(&m->members, "keys", (c->x->site->offer ? c->x->site->offer->keyset : 1) + 1);
    return true;
}

static const struct attack table[] = {
    ATTACK("bad-keys", "answers /keys.json with a key set that brings the attacker's key, or with the genuine one before the current one",
           "{do: serve, attack: bad-keys, kind: publisher}",
           OPTIONS(ATTACK_WORD("kind", "how it is signed, or what is wrong with a genuine one", "unsigned",
                               WORDS("unsigned", "wrong-root", "publisher", "broken", "older", "empty", "too-many")),
                   {"announce", "manifests speak of a newer key set, so that devices ask", OPTION_BOOL, false, "true", NULL, 0, 0}),
           .stage = ATTACK_MEMBERS, .apply = bad_keys, .catalogue = "I16", .tuf = "arbitrary software installation"),
};

const struct attack *attack_keys_at(size_t i)
{
    return i < sizeof table / sizeof table[0] ? &table[i] : NULL;
}
