/* SPDX-License-Identifier: GPL-3.0-or-later
 * Building a plan: names resolved against the profile, wishes against the bench, trials shared out. */
#include "plan/plan_parts.h"

#include "base/crypto.h"
#include "scenario/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- what the bench can do --- */

static bool can(const struct plan_bench *b, const char *word)
{
    for (size_t i = 0; b->can && b->can[i]; i++)
        if (strcmp(b->can[i], word) == 0)
            return true;
    return false;
}

static void refuse(const struct plan_bench *b, const struct option_owner *(*kinds)(size_t i), const char *wish,
    struct place place,
                   struct mistakes *m)
{
    struct buf offers = {0};
    const struct option_owner *o;
    for (size_t i = 0; (o = kinds(i)); i++)
        if (can(b, o->name))
            buf_printf(&offers, "%s%s", offers.size ? ", " : "", o->name);
    mistake_add(m, place, "the bench %s cannot do %s; it can: %s", b->name, wish, offers.size ? buf_text(&offers) : "nothing");
    buf_free(&offers);
}

static void check_bench(const struct plan_bench *b, const struct scenario_case *c, struct mistakes *m)
{
    for (size_t i = 0; i < c->faults; i++) {
        const struct scenario_fault *f = &c->fault[i];
        if (!can(b, f->does->name))
            refuse(b, scenario_fault_kind, f->does->name, f->place, m);
        if (!can(b, scenario_at_name(f->at.at)))
            refuse(b, scenario_trigger_kind, scenario_at_name(f->at.at), f->at.place, m);
    }
}

/* --- images of a combination --- */

static void version_add(struct plan_case *c, const char *version)
{
    for (size_t i = 0; i < c->versions; i++)
        if (strcmp(c->version[i], version) == 0)
            return;
    if (c->versions < sizeof c->version / sizeof c->version[0])
        c->version[c->versions++] = version;
}

static void versions(const struct plan *p, const struct scenario_expect *x, struct plan_case *c, struct mistakes *m)
{
    for (size_t i = 0; i < x->versions; i++) {
        const struct profile_image *image = profile_find_image(p->config.profile, x->version[i].text);
        if (image)
            version_add(c, image->version);
        else
            mistake_word(m, x->version[i].place, "image", x->version[i].text, profile_image_word, p->config.profile);
    }
    if (!x->versions && c->installed)
        version_add(c, c->installed->version);
    if (!x->versions && c->offered && c->offered->genuine)
        version_add(c, c->offered->version);
    for (size_t i = 0; !x->versions && i < SCENARIO_FAULTS; i++)
        if (c->offer[i] && c->offer[i]->genuine)
            version_add(c, c->offer[i]->version);
}

/* An image of the profile as the vendor releases it under these terms: the build for the transport, signed by the key that is good. */
static const struct plan_set *released(struct plan *p, const char *name, const struct plan_terms *terms, struct place place,
    struct mistakes *m)
{
    struct scenario_image image = {.name = name, .text = name, .place = place};
    if (terms->keyset == 2)
        plan_image_sign_next(p, &image);
    return plan_image_set(p, plan_image_under(p, &image, terms), m);
}

/* What the scenario names, under these terms: a plain release is the vendor's, so it is signed by the key that is good; whoever wants
 * another says so (sign: good-key). */
static const struct plan_set *named(struct plan *p, const struct scenario_image *image, const struct plan_terms *terms, struct mistakes *m)
{
    struct scenario_image own = *image;
    if (terms->keyset == 2 && own.name && !own.mutations)
        plan_image_sign_next(p, &own);
    return plan_image_set(p, plan_image_under(p, &own, terms), m);
}

/* The key set that a fault of the kind `offer` brings; 0: it says nothing of it. */
static unsigned keyset_of(const struct scenario_fault *f)
{
    for (size_t i = 0; i < SCENARIO_VALUES && f->value[i].row; i++)
        if (f->value[i].given && strcmp(f->value[i].row->name, "keyset") == 0)
            return (unsigned)f->value[i].low;
    return 0;
}

/* After the faults the server offers something good: what the scenario says, else what was offered, as it was before it was spoilt. */
static const struct plan_set *eventually(struct plan *p, const struct scenario_case *s, const struct plan_set *offered,
    const struct plan_terms *terms, struct mistakes *m)
{
    const struct scenario_name *name = &s->expect.eventually;
    const struct plan_set *set = NULL;
    if (name->text)
        set = released(p, name->text, terms, name->place, m);
    else if (!s->offered.mutations || s->offered.genuine)
        return offered && offered->genuine ? offered : NULL;
    else if (s->offered.name)
        set = released(p, s->offered.name, terms, s->offered.place, m);
    if (set && !set->genuine) {
        const char *cause = set->image[0]->cause;
        mistake_add(m, name->text ? name->place : s->offered.place, "image %s must be a good one, but it does not verify (%s)",
            set->name,
                    cause ? cause : "mutated");
    }
    return set;
}

static void not_installed(const struct profile *profile, const struct scenario_case *c, const char *name, struct mistakes *m)
{
    mistake_add(m, c->installed.place, "installed: a factory-new %s runs %s, not %s", profile->name, profile->installed, name);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_expect(const struct scenario_expect *a, const struct scenario_expect *b)
{
    bool same = a->versions == b->versions && a->waives == b->waives && a->updates == b->updates && a->refused == b->refused &&
                a->final_cycle == b->final_cycle && same_text(a->eventually.text, b->eventually.text) &&
                same_text(a->boot_reason, b->boot_reason) && same_text(a->cause, b->cause) && a->fleet.given == b->fleet.given;
    for (size_t i = 0; same && i < a->versions; i++)
        same = same_text(a->version[i].text, b->version[i].text);
    for (size_t i = 0; same && i < a->waives; i++)
        same = same_text(a->waive[i].law, b->waive[i].law) && same_text(a->waive[i].why, b->waive[i].why);
    return same;
}

/* A scenario is one claim: its trials are judged against one expectation, and the journal has room for one. */
static void check_cases(const struct scenario *s, struct mistakes *m)
{
    for (size_t i = 1; i < s->count; i++)
        if (!same_expect(&s->cases[0].expect, &s->cases[i].expect)) {
            mistake_add(m, (struct place){s->file, 1, 1},
                "expect: differs between combinations of the matrix; make it several scenarios");
            return;
        }
}

static void resolve_offers(struct plan *p, const struct scenario_case *s, struct plan_case *c, struct mistakes *m)
{
    struct plan_terms terms = c->terms;
    for (size_t i = 0; i < s->faults; i++) {
        const struct scenario_fault *f = &s->fault[i];
        terms.keyset = keyset_of(f) ? keyset_of(f) : terms.keyset;
        if (f->image.text)
            c->offer[i] = named(p, &f->image, &terms, m);
        if (c->offer[i] && f->value[0].row && f->value[0].low == 1 && !c->offer[i]->genuine) /* action: rollback */
            mistake_add(m, f->image.place, "image %s: a rollback that the vendor signs is to a genuine image (genuine: true?)",
                c->offer[i]->name);
    }
}

/* A profile may name an image that this build of the firmware lacks. */
static const struct plan_set *next(struct plan *p, const struct plan_terms *terms)
{
    struct mistakes absent = {0};
    const char *name = p->config.profile->next;
    const struct plan_set *set = name ? released(p, name, terms, (struct place){p->config.profile->file, 0, 0}, &absent) : NULL;
    mistake_free(&absent);
    return set;
}

static void check_terms(struct plan *p, const struct scenario_case *s, struct mistakes *m)
{
    const struct profile *profile = p->config.profile;
    p->tls |= s->tls;
    if (s->tls && !profile->tls.host)
        mistake_add(m, s->installed.place, "transport: the profile %s has no build that speaks TLS (key tls)", profile->name);
    if (s->keyset == 2 && (!profile->next_key || !profile->root_key))
        mistake_add(m, s->installed.place, "keyset: the profile %s has no keys root and next", profile->name);
}

/* A vendor never goes back to an old key set, whoever else tries to. */
static void resolve_end(struct plan *p, const struct scenario_case *s, struct plan_case *c, struct mistakes *m)
{
    struct plan_terms terms = c->terms;
    bool changes = false;
    for (size_t i = 0; i < s->faults; i++) {
        unsigned keyset = keyset_of(&s->fault[i]);
        changes = changes || keyset;
        terms.keyset = keyset > terms.keyset ? keyset : terms.keyset;
    }
    c->keyset = terms.keyset;
    c->eventually = eventually(p, s, c->offered, &terms, m);
    c->next = next(p, &terms);
    if (changes && s->offered.name && (!s->offered.mutations || s->offered.genuine))
        c->after = released(p, s->offered.name, &terms, s->offered.place, m);
}

static void resolve_case(struct plan *p, const struct scenario_case *s, struct plan_case *c, struct mistakes *m)
{
    const struct profile *profile = p->config.profile;
    check_terms(p, s, m);
    c->terms = (struct plan_terms){s->tls && profile->tls.host, s->delta, s->keyset ? s->keyset : 1};
    c->installed = plan_image_set(p, plan_image_under(p, &s->installed, &c->terms), m);
    c->offered = named(p, &s->offered, &c->terms, m);
    resolve_offers(p, s, c, m);
    resolve_end(p, s, c, m);
    if (s->delta && c->offered && !c->offered->deltas)
        mistake_add(m, s->offered.place, "delta: the profile has no deltas of %s, or their files are not there (make firmware)",
            c->offered->name);
    versions(p, &s->expect, c, m);
    if (c->installed && profile->installed && strcmp(s->installed.text, profile->installed) != 0)
        not_installed(profile, s, c->installed->name, m);
    if (s->expect.refused && c->offered && c->offered->genuine)
        mistake_add(m, s->offered.place, "expect: %s is genuine, so there is nothing to refuse", c->offered->name);
    check_bench(p->config.bench, s, m);
}

static void check_fleet(const struct plan_bench *b, const struct scenario *s, struct mistakes *m)
{
    if (s->fleet.devices && !can(b, "fleet"))
        mistake_add(m, s->fleet.place, "the bench %s cannot do fleets: each device needs a chip of its own", b->name);
}

static void resolve_fleet(struct plan *p, const struct scenario *s, struct plan_case *c, struct mistakes *m)
{
    if (s->fleet.back.text)
        c->back = plan_image_set(p, plan_image_under(p, &s->fleet.back, &c->terms), m);
    if (c->back && !c->back->genuine)
        mistake_add(m, s->fleet.back.place, "back: the image %s must be a good one (genuine: true?)", c->back->name);
    if (c->back)
        version_add(c, c->back->version);
    check_fleet(p->config.bench, s, m);
}

static void resolve_scenario(struct plan *p, const struct scenario *s, struct plan_scenario *out, struct mistakes *all)
{
    struct mistakes own = {0};
    out->scenario = s;
    out->cases = store_room(p->own, s->count * sizeof *out->cases);
    for (size_t i = 0; i < s->count; i++)
        resolve_case(p, &s->cases[i], &out->cases[i], &own);
    if (s->fleet.devices)
        resolve_fleet(p, s, &out->cases[0], &own);
    check_cases(s, &own);
    for (size_t i = 1; i < s->count; i++)
        if (out->cases[0].offered && out->cases[i].offered && out->cases[0].offered->genuine != out->cases[i].offered->genuine)
            mistake_add(&own, s->cases[i].offered.place, "offered: good and bad images in one scenario; make it two");
    mistake_add_all(all, &own);
    mistake_free(&own);
}

/* --- trials --- */

/* A fleet is all of its devices, whatever number of trials is asked for. */
static uint64_t least_of(const struct scenario *s)
{
    return s->fleet.devices ? s->fleet.devices : s->count;
}

static uint64_t weight_of(const struct scenario *s)
{
    return s->fleet.devices ? 0 : s->repeat * s->count;
}

static void share_out(struct plan *p, struct mistakes *m)
{
    uint64_t least = 0, weight = 0, all = 0, seen = 0, given = 0, first = 1;
    for (size_t i = 0; i < p->scenarios; i++) {
        least += least_of(p->scenario[i].scenario);
        weight += weight_of(p->scenario[i].scenario);
        all += p->scenario[i].scenario->repeat * p->scenario[i].scenario->count;
    }
    uint64_t wanted = p->config.trials ? p->config.trials : all;
    if (wanted > PLAN_TRIALS_MOST || least > PLAN_TRIALS_MOST) {
        mistake_add(m, (struct place){"plan", 0, 0}, "%" PRIu64 " trials; at most %d", wanted, PLAN_TRIALS_MOST);
        return;
    }
    uint64_t rest = wanted > least ? wanted - least : 0;
    for (size_t i = 0; i < p->scenarios; i++) {
        struct plan_scenario *ps = &p->scenario[i];
        uint64_t own = ps->scenario->repeat * ps->scenario->count;
        seen += weight_of(ps->scenario);
        uint64_t upto = weight ? rest * seen / weight : 0; /* at most 1e7 * 2.6e11: below 2^64 */
        ps->trials = p->config.trials ? least_of(ps->scenario) + upto - given : own;
        given = upto;
        ps->first = first;
        first += ps->trials;
    }
    p->total = first - 1;
}

static void identify(struct plan *p)
{
    struct buf text = {0};
    plan_text(p, &text);
    crypto_sha256_hex(buf_text(&text), text.size, p->id);
    buf_free(&text);
}

struct plan *plan_build(const struct plan_config *config, struct mistakes *m)
{
    const struct scenario_set *set = config->scenarios;
    struct store *store = store_new();
    struct plan *p = store_room(store, sizeof *p);
    size_t before = m->count;
    p->config = *config;
    p->own = store;
    p->scenarios = set->count;
    p->scenario = store_room(store, (set->count + 1) * sizeof *p->scenario);
    for (size_t i = 0; i < set->count; i++)
        resolve_scenario(p, set->item[i], &p->scenario[i], m);
    plan_image_flash(p, m);
    share_out(p, m);
    if (m->count != before) {
        plan_free(p);
        return NULL;
    }
    identify(p);
    return p;
}

void plan_describe_bench(struct plan *p, const struct bench_file *file)
{
    p->bench_file = file;
    identify(p);
}

static void check_name(const struct profile *profile, const char *name, struct place place, struct mistakes *m)
{
    if (name && !profile_find_image(profile, name))
        mistake_word(m, place, "image", name, profile_image_word, profile);
}

static void check_case(const struct scenario_case *c, const struct profile *profile, struct mistakes *m)
{
    check_name(profile, c->installed.name, c->installed.place, m);
    check_name(profile, c->offered.name, c->offered.place, m);
    check_name(profile, c->expect.eventually.text, c->expect.eventually.place, m);
    for (size_t i = 0; i < c->expect.versions; i++)
        check_name(profile, c->expect.version[i].text, c->expect.version[i].place, m);
    if (c->installed.text && profile_find_image(profile, c->installed.text) && strcmp(c->installed.text, profile->installed) != 0)
        not_installed(profile, c, c->installed.text, m);
}

void plan_check(const struct scenario_set *set, const struct profile *profile, const struct plan_bench *bench, struct mistakes *m)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct scenario *s = set->item[i];
        struct mistakes own = {0};
        for (size_t k = 0; k < s->count; k++) {
            if (profile)
                check_case(&s->cases[k], profile, &own);
            if (bench)
                check_bench(bench, &s->cases[k], &own);
        }
        if (profile)
            check_name(profile, s->fleet.back.name, s->fleet.back.place, &own);
        if (bench)
            check_fleet(bench, s, &own);
        check_cases(s, &own);
        mistake_add_all(m, &own);
        mistake_free(&own);
    }
}

void plan_free(struct plan *p)
{
    if (!p)
        return;
    plan_image_free(p);
    store_free(p->own);
}
