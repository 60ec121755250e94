/* SPDX-License-Identifier: GPL-3.0-or-later
 * A publisher's mistakes about deltas. The rest of the manifest, the whole image in it too, is honest. */
#include "base/buf.h"
#include "server/attack_rows.h"
#include "server/attack_sign.h"
#include "server/exchange.h"
#include "server/manifest.h"
#include "server/offer.h"
#include "server/site.h"

#include <stdlib.h>
#include <string.h>

static const struct offer_file *delta_of(const struct attack_call *c)
{
    const struct manifest *m = c->x->manifest;
    return m && !m->is_keys ? m->delta : NULL;
}

/* The manifest names another base; the delta itself is right. */
static bool named(struct attack_call *c, const struct offer_file *d)
{
    struct manifest *m = attack_sign_offer(c);
    char base[65];
    memcpy(base, d->base, sizeof base);
    char *digit = &base[rng_below(&c->rng, 64)];
    *digit = *digit == '0' ? '1' : '0';
    if (m)
        manifest_delta(m, d, base);
    return m != NULL;
}

static const struct offer_file *from_another_base(const struct attack_call *c, const struct offer_file *d)
{
    const struct offer *o = c->x->site->offer, *all[] = {o, o->other};
    for (size_t k = 0; k < 2 && all[k]; k++)
        for (size_t i = all[k]->images; i < all[k]->count; i++)
            if (strcmp(all[k]->files[i].base, d->base) != 0)
                return &all[k]->files[i];
    return NULL;
}

/* The delta was made from another base; the manifest says the right one. */
static bool made(struct attack_call *c, const struct offer_file *d)
{
    const struct offer_file *other = from_another_base(c, d);
    struct manifest *m = other ? attack_sign_offer(c) : NULL;
    if (m)
        manifest_delta(m, other, d->base);
    return m != NULL;
}

static bool wrong_base(struct attack_call *c)
{
    const struct offer_file *d = delta_of(c);
    return d && (attacks_is(c, "kind", "made") ? made(c, d) : named(c, d));
}

static const struct offer_file *spoilt(struct attack_call *c, const struct offer_file *d)
{
    size_t size = attacks_is(c, "kind", "truncated") ? d->size / 2 : d->size;
    uint8_t *bytes = mem_new(d->size + 1);
    memcpy(bytes, d->bytes, d->size);
    if (attacks_is(c, "kind", "corrupt") && size)
        bytes[size / 2 + rng_below(&c->rule_rng, size - size / 2)] ^= 0x10;
    for (size_t i = 0; attacks_is(c, "kind", "random") && i < size; i++)
        bytes[i] = (uint8_t)rng_u64(&c->rule_rng);
    const struct offer_file *made_file = site_make(c->x->site, d->name, bytes, size);
    free(bytes);
    return made_file;
}

static bool wrong_delta(struct attack_call *c)
{
    const struct offer_file *d = delta_of(c);
    struct manifest *m = d ? attack_sign_offer(c) : NULL;
    if (m)
        manifest_delta(m, spoilt(c, d), d->base);
    return m != NULL;
}

static const struct attack table[] = {
    ATTACK("wrong-base", "offers a delta that does not start from the file that runs", "{do: serve, attack: wrong-base, kind: made}",
           OPTIONS(ATTACK_WORD("kind", "named: the manifest says another base; made: the delta was made from another, under the right name",
                               "named", WORDS("named", "made")), ATTACK_SIGNATURE),
           .stage = ATTACK_MEMBERS, .apply = wrong_base, .catalogue = "I15"),
    ATTACK("wrong-delta", "offers a delta that fits its manifest and does not lead to the image",
           "{do: serve, attack: wrong-delta, kind: random}",
           OPTIONS(ATTACK_WORD("kind", "a bit flipped, noise, half of it", "corrupt", WORDS("corrupt", "random", "truncated")),
                   ATTACK_SIGNATURE),
           .stage = ATTACK_MEMBERS, .apply = wrong_delta, .catalogue = "I15"),
};

const struct attack *attack_delta_at(size_t i)
{
    return i < sizeof table / sizeof table[0] ? &table[i] : NULL;
}
