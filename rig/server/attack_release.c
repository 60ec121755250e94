/* SPDX-License-Identifier: GPL-3.0-or-later
 * Attacks on which release a device gets: what The Update Framework calls by name, and commands that are not the publisher's.
 * Everything in them is consistent but for the one thing. */
#include "base/buf.h"
#include "server/attack_rows.h"
#include "server/attack_sign.h"
#include "server/exchange.h"
#include "server/manifest.h"
#include "server/offer.h"
#include "server/site.h"

#include <stdlib.h>
#include <string.h>

static const struct offer *other(const struct attack_call *c)
{
    return c->x->site->offer ? c->x->site->offer->other : NULL;
}

/* --- which version --- */

static bool replay(struct attack_call *c)
{
    const struct offer *o = c->x->site->offer;
    if (!o || strncmp(c->x->path, "/manifest.json", 14) != 0 || manifest_wanted(o, c->x) || !manifest_file(o, c->x))
        return false;
    c->x->force = true;
    return true;
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

/* The older of the two releases, even to a device for which there is nothing. */
static bool offer_older(struct attack_call *c, struct manifest *m)
{
    const struct offer *o = c->x->site->offer;
    if (o && other(c) && attacks_is(c, "release", "older") && offer_is_newer(o, other(c)->version))
        o = other(c);
    const struct offer_file *f = o ? manifest_file(o, c->x) : NULL;
    if (f)
        manifest_offer(m, o, f);
    return f != NULL;
}

static bool rollback(struct attack_call *c)
{
    const struct site *s = c->x->site;
    uint64_t age = attacks_number(c, "age") / ATTACK_SECOND_NS;
    struct manifest *m = attack_sign_manifest(c);
    if (!m || !offer_older(c, m) || !m->enveloped)
        return m && m->file;
    members_number(&m->members, "manifest_version", less(s->number, attacks_number(c, "behind")));
    manifest_times(m, less(site_time(s), age), less(site_time(s), age) + s->lifetime_s);
    attack_sign_stale(c, m);
    return true;
}

static bool freeze(struct attack_call *c)
{
    const struct site *s = c->x->site;
    uint64_t expires = less(site_time(s), attacks_number(c, "by") / ATTACK_SECOND_NS);
    struct manifest *m = attacks_is(c, "says", "no-content") ? NULL : attack_sign_manifest(c);
    if (!m || !m->enveloped)
        return false;
    if (attacks_is(c, "says", "none"))
        manifest_withdraw(m, "none");
    manifest_times(m, less(expires, s->lifetime_s), expires);
    attack_sign_stale(c, m);
    return true;
}

static bool freeze_unsigned(struct attack_call *c)
{
    if (!c->x->manifest || c->x->manifest->is_keys || !attacks_is(c, "says", "no-content"))
        return false;
    attack_sign_instead(c, 204, NULL, NULL);
    return true;
}

/* --- two releases in one --- */

static bool mix_image(struct attack_call *c)
{
    const struct exchange *x = c->x;
    const struct offer *o = other(c);
    if (!o || !attacks_is(c, "part", "image"))
        return false;
    const struct offer *all = x->site->offer;
    for (size_t i = 0; i < all->images; i++)
        if (x->file && strcmp(all->files[i].name, x->file) == 0)
            c->x->swap = offer_by_slot(o, all->files[i].slot);
    return x->swap != NULL;
}

static void take(struct manifest *m, const struct manifest *from, const char *name)
{
    members_raw(&m->members, name, members_get(&from->members, name));
}

static bool mix_manifest(struct attack_call *c)
{
    static const struct { const char *part, *names[4]; } parts[] = {
        {"url", {"url"}}, {"hash", {"sha256", "chunks"}}, {"image-hash", {"sha256"}}, {"chunks", {"chunks"}}, {"size", {"size", "chunks"}},
        {"version", {"version"}}, {"counter", {"security_counter"}}};
    const struct offer *o = other(c);
    const struct offer_file *f = o && !attacks_is(c, "part", "image") ? manifest_file(o, c->x) : NULL;
    struct manifest *m = f ? attack_sign_offer(c) : NULL, from = {0};
    if (!m)
        return false;
    manifest_offer(&from, o, f);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        for (size_t k = 0; attacks_is(c, "part", parts[i].part) && k < 4 && parts[i].names[k]; k++)
            take(m, &from, parts[i].names[k]);
    manifest_free(&from);
    return true;
}

/* --- software that is genuine and not the right one, software that is not genuine --- */

/* Describes a file and lets everything else stand. */
static void describe(struct manifest *m, const struct attack_call *c, const struct offer_file *f)
{
    manifest_describe(m, f->name, f->bytes, f->size, c->x->site->offer->chunk_size);
    members_remove(&m->members, "delta");
    m->delta = NULL;
}

static bool wrong_software(struct attack_call *c)
{
    const struct offer *o = c->x->site->offer;
    const struct offer_file *f = NULL;
    struct manifest *m = attacks_is(c, "which", "release") ? attack_sign_manifest(c) : attack_sign_offer(c);
    if (!m || !o)
        return false;
    if (attacks_is(c, "which", "slot")) {
        for (size_t i = 0; i < o->images; i++)
            if (strcmp(o->files[i].slot, m->file->slot) != 0)
                f = &o->files[i];
    } else if (other(c)) {
        f = manifest_file(other(c), c->x);
    }
    if (f && attacks_is(c, "which", "release"))
        manifest_offer(m, other(c), f);
    else if (f)
        describe(m, c, f);
    return f != NULL;
}

static void fill(struct attack_call *c, uint8_t *bytes, size_t size, size_t genuine)
{
    size_t kept = attacks_is(c, "content", "random") || attacks_is(c, "content", "zeros") ? 0 :
                  attacks_is(c, "content", "header-kept") ? 512 : genuine;
    for (size_t i = kept < genuine ? kept : genuine; i < size; i++)
        bytes[i] = attacks_is(c, "content", "zeros") ? 0 : (uint8_t)rng_u64(&c->rule_rng);
    if (attacks_is(c, "content", "flipped") && genuine)
        bytes[rng_below(&c->rule_rng, genuine)] ^= (uint8_t)(1u << rng_below(&c->rule_rng, 8));
}

static bool arbitrary_software(struct attack_call *c)
{
    struct manifest *m = attack_sign_offer(c);
    if (!m)
        return false;
    size_t size = attacks_given(c, "size") ? (size_t)attacks_number(c, "size") : m->file->size;
    size_t genuine = size < m->file->size ? size : m->file->size;
    uint8_t *bytes = mem_new(size + 1);
    memcpy(bytes, m->file->bytes, genuine);
    fill(c, bytes, size, genuine);
    describe(m, c, site_make(c->x->site, m->file->name, bytes, size));
    free(bytes);
    return true;
}

/* --- commands --- */

static bool forced_rollback(struct attack_call *c)
{
    struct manifest *m = attack_sign_manifest(c);
    if (!m || !m->enveloped || !offer_older(c, m))
        return false;
    members_text(&m->members, "action", "rollback");
    return true;
}

static bool says_all(const struct attack_call *c, const char *kind)
{
    return attacks_is(c, "kind", kind) || attacks_is(c, "kind", "all");
}

static bool withdraw(struct attack_call *c)
{
    bool pause = attacks_is(c, "kind", "pause");
    struct manifest *m = says_all(c, "none") || pause ? attack_sign_offer(c) : NULL;
    if (!m || !m->enveloped)
        return false;
    manifest_withdraw(m, pause ? "pause" : "none");
    return true;
}

static bool withdraw_image(struct attack_call *c)
{
    const struct manifest *m = c->x->manifest;
    if (m && !m->is_keys && !m->enveloped && m->file && says_all(c, "none")) {
        attack_sign_instead(c, 204, NULL, NULL);
        return true;
    }
    if (!c->x->is_image || (!says_all(c, "gone") && !attacks_is(c, "kind", "not-found")))
        return false;
    attack_sign_instead(c, attacks_is(c, "kind", "not-found") ? 404 : 410, "text/plain", "withdrawn\n");
    return true;
}

/* --- rows --- */

#define RELEASE ATTACK_WORD("release", "the older of the two genuine releases, or the one on offer", "older", WORDS("older", "same"))

static const struct attack table[] = {
    ATTACK("rollback", "shows a manifest of the past, genuinely signed in its time: a lower number, an older time, an older release",
           "{do: serve, attack: rollback, behind: 1, age: 1h}",
           OPTIONS(ATTACK_COUNT("behind", "how much lower its number is", "1", 1, UINT32_MAX),
                   ATTACK_TIME("age", "how much older its time is", "1h", 0, 0), RELEASE, ATTACK_SIGNATURE),
           .stage = ATTACK_MEMBERS, .apply = rollback, .catalogue = "S6", .tuf = "rollback attack"),
    ATTACK("replay", "offers its release to devices that have it already, or have newer", "{do: serve, attack: replay}",
           OPTIONS({.name = NULL}),
           .stage = ATTACK_OFFER, .apply = replay, .catalogue = "S6", .tuf = "rollback attack"),
    ATTACK("freeze", "shows the same old manifest for ever: genuinely signed, and expired; or an unsigned \"nothing new\" (204)",
           "{do: serve, attack: freeze, by: 1h}",
           OPTIONS(ATTACK_TIME("by", "how long ago it expired", "1h", ATTACK_SECOND_NS, 0),
                   ATTACK_WORD("says", "the same offer, that there is nothing, or 204", "same", WORDS("same", "none", "no-content")),
                   ATTACK_SIGNATURE),
           .stage = ATTACK_MEMBERS, .apply = freeze, .stage_too = ATTACK_ANSWER, .apply_too = freeze_unsigned, .catalogue = "S7",
           .tuf = "indefinite freeze attack"),
    ATTACK("mix-and-match", "mixes two genuine releases: the image of the other one, or a part of its manifest",
           "{do: serve, attack: mix-and-match, part: image}",
           OPTIONS(ATTACK_WORD("part", "what is the other release's", "image",
                               WORDS("image", "url", "hash", "image-hash", "chunks", "size", "version", "counter")), ATTACK_SIGNATURE),
           .stage = ATTACK_MEMBERS, .apply = mix_manifest, .stage_too = ATTACK_RANGE, .apply_too = mix_image, .catalogue = "S8",
           .tuf = "mix-and-match attack"),
    ATTACK("wrong-software",
           "offers a genuine file that is not the right one: another release, the other slot's, or another release's under "
           "this one's version (disguised)", "{do: serve, attack: wrong-software, which: slot}",
           OPTIONS(ATTACK_WORD("which", "which file", "slot", WORDS("slot", "release", "disguised")), ATTACK_SIGNATURE),
           .stage = ATTACK_MEMBERS, .apply = wrong_software, .catalogue = "S8", .tuf = "wrong software installation"),
    ATTACK("arbitrary-software", "offers an image that nobody signed, with a manifest that fits it",
           "{do: serve, attack: arbitrary-software, content: flipped}",
           OPTIONS(ATTACK_WORD("content", "one bit flipped, noise behind the 512-byte header, noise, zeros", "flipped",
                               WORDS("flipped", "header-kept", "random", "zeros")),
                   ATTACK_BYTES("size", "cut or grown to so many bytes; its own size when absent", NULL, 1, 1 << 20), ATTACK_SIGNATURE),
           .stage = ATTACK_MEMBERS, .apply = arbitrary_software, .catalogue = "I9", .tuf = "arbitrary software installation"),
    ATTACK("forced-rollback", "commands to go back to an older release", "{do: serve, attack: forced-rollback, signature: missing}",
           OPTIONS(RELEASE, ATTACK_WORD("signature", "of the command", "missing",
                                WORDS("valid", "broken", "missing", "wrong-key", "revoked"))),
           .stage = ATTACK_MEMBERS, .apply = forced_rollback, .catalogue = "S17"),
    ATTACK("withdraw", "withdraws the release or pauses: the manifest offers nothing, the image is gone",
           "{do: serve, attack: withdraw, kind: pause}",
           OPTIONS(ATTACK_WORD("kind", "none: in the manifest; gone (410) and not-found (404): the image; all: none and gone", "all",
                               WORDS("all", "none", "pause", "gone", "not-found")), ATTACK_SIGNATURE),
           .stage = ATTACK_MEMBERS, .apply = withdraw, .stage_too = ATTACK_ANSWER, .apply_too = withdraw_image, .catalogue = "S16"),
};

const struct attack *attack_release_at(size_t i)
{
    return i < sizeof table / sizeof table[0] ? &table[i] : NULL;
}
