/* SPDX-License-Identifier: GPL-3.0-or-later
 * L8 refused: an attack is refused before its image is activated, and the refusal is reported with its cause. Here belongs what a
 * scenario expects as `refused`, and as `cause` of a bad image; law_attack.c has the causes of what servers, networks and clocks do
 * to a good one, law_stopped.c what was called back.
 *
 * Judged from the bad offer to the next one. An offer that a device does not even begin to fetch is refused by that; where the
 * scenario asks for a cause, only when it is not newer than what runs, because then it is no update at all. Kinds: activated,
 * not-reported, wrong-cause, never-asked. */
#include "judge/laws.h"
#include "judge/scene.h"
#include "record/header.h"
#include "record/journal.h"

#include <string.h>

struct refusal {
    const struct journal_event *offer;                        /* the bad one */
    const char *version;
    const char *running;                                      /* version that the device runs */
    const struct journal_event *asked, *fetched;              /* manifest, image */
    const struct journal_event *reported, *right, *other;     /* with a cause; with the expected one; with another */
};

static bool bad(const struct law_case *c, const struct scene_offer *o)
{
    return !o->genuine || (c->scenario->expect.refused && !o->good);
}

/* The cause that a bad image is to be refused by; NULL: any. */
static const char *wanted(const struct law_case *c)
{
    return law_attack_applies(c) ? NULL : c->scenario->expect.cause;
}

bool law_refused_applies(const struct law_case *c)
{
    if (c->scenario->expect.refused || c->scenario->expect.cause)
        return true;
    struct scene s;
    scene_start(&s, c);
    for (size_t i = 0; i < c->trial->count; i++) {
        scene_take(&s, &c->trial->event[i]);
        if (journal_is(&c->trial->event[i], "offer", NULL) && (!scene_current(&s)->genuine || scene_stopped(&s)))
            return true;
    }
    return false;
}

static void cause_seen(const struct law_case *c, struct refusal *x, const struct journal_event *ev)
{
    const char *cause = journal_text(ev, "cause"), *want = wanted(c);
    if (!*cause)
        return;
    x->reported = ev;
    if (want && scene_matches(want, cause))
        x->right = ev;
    else if (want)
        x->other = ev;
}

static void activation(const struct scene *s, const struct refusal *x, const struct journal_event *ev, struct law_result *r)
{
    const char *digest = journal_text(ev, "digest");
    const struct header_image *image = scene_image(s->c->header, digest);
    if (journal_is(ev, "dut", "stage") && strcmp(journal_text(ev, "stage"), "installed") == 0 &&
        strcmp(journal_text(ev, "version"), x->version) == 0) {
        law_violated(r, ev, "activated", "Version %.40s was activated, though the image offered (%.60s) is bad.", x->version,
                     journal_text(x->offer, "image"));
        law_cite(r, x->offer);
    } else if ((journal_is(ev, "dut", "boot") || journal_is(ev, "exec", NULL)) && image && !scene_may_run(s, digest)) {
        law_violated(r, ev, "activated", "The bootloader starts the bad image that was offered (%.60s).",
                     journal_text(x->offer, "image"));
        law_cite(r, x->offer);
    }
}

/* The bad offer is over. */
static void close_offer(const struct law_case *c, const struct refusal *x, const struct journal_event *ev, struct law_result *r)
{
    const char *want = wanted(c);
    if (!x->offer)
        return;
    if (want ? x->right != NULL : x->reported != NULL)
        return;
    if (want && x->other) {
        law_violated(r, x->other, "wrong-cause", "The refusal was reported as %.24s; its cause is %.80s.",
                     journal_text(x->other, "cause"), want);
    } else if (x->fetched || (want && x->asked && scene_newer(x->version, x->running))) {
        law_missing(r, ev, "not-reported", "In %lld ms the device %s the bad offer but never said that it refused it%s%.80s.",
                    scene_ms(ev->t - x->offer->t), x->fetched ? "fetched from" : "saw", want ? ", by cause " : "",
                    want ? want : "");
        law_cite(r, x->fetched ? x->fetched : x->asked);
    } else if (!x->asked) {
        law_unclear(r, ev, "never-asked", "The device never asked for what was offered in %lld ms: nothing was there to refuse.",
                    scene_ms(ev->t - x->offer->t));
    }
    law_cite(r, r->state == LAW_HELD ? NULL : x->offer);
}

static void http(struct refusal *x, const struct journal_event *ev)
{
    const char *file = journal_text(ev, "file"), *path = journal_text(ev, "path");
    if (!x->offer)
        return;
    if (*file)
        x->fetched = x->fetched ? x->fetched : ev;
    else if (strncmp(path, "/manifest", 9) == 0)
        x->asked = x->asked ? x->asked : ev;
}

static bool bad_offers(const struct law_case *c, struct law_result *r)
{
    struct scene s;
    struct refusal x = {.running = scene_installed_version(c)};
    bool any = false;
    scene_start(&s, c);
    for (size_t i = 0; i < c->trial->count; i++) {
        const struct journal_event *ev = &c->trial->event[i];
        bool offer = journal_is(ev, "offer", NULL);
        if (offer) {
            close_offer(c, &x, ev, r);
            x = (struct refusal){.running = x.running};
        }
        scene_take(&s, ev);
        if (offer && bad(c, scene_current(&s)))
            x = (struct refusal){.offer = ev, .version = scene_current(&s)->version, .running = x.running};
        if (journal_is(ev, "http", NULL) || journal_is(ev, "held", NULL))
            http(&x, ev);
        any = any || x.offer;
        if (journal_is(ev, "dut", "running"))
            x.running = journal_text(ev, "version");
        if (!x.offer)
            continue;
        activation(&s, &x, ev, r);
        if (scene_reports(ev))
            cause_seen(c, &x, ev);
    }
    if (x.offer)
        close_offer(c, &x, scene_end(c), r);
    return any;
}

void law_refused(const struct law_case *c, struct law_result *r)
{
    bool any = bad_offers(c, r);
    if (law_stopped(c, r))
        any = true;
    if (law_attack_applies(c)) {
        law_attack(c, r);
        any = true;
    }
    if (!any)
        law_none(r);
}
