/* SPDX-License-Identifier: GPL-3.0-or-later
 * L8 refused: an attack is refused before its image is activated, and the refusal is reported with its cause. Here belongs what a
 * scenario expects as `refused` and `cause`.
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
    const struct journal_event *offer;                        /* the bad one; or, of a server's attack, its first response */
    const char *version;                                      /* NULL: the image is good, the server attacks */
    const char *running;                                      /* version that the device runs */
    const struct journal_event *asked, *fetched;              /* manifest, image */
    const struct journal_event *reported, *right, *other;     /* with a cause; with the expected one; with another */
};

static bool bad(const struct law_case *c, const struct scene_offer *o)
{
    return !o->genuine || (c->scenario->expect.refused && !o->good);
}

bool law_refused_applies(const struct law_case *c)
{
    if (c->scenario->expect.refused || c->scenario->expect.cause)
        return true;
    struct scene s;
    scene_start(&s, c);
    for (size_t i = 0; i < c->trial->count; i++) {
        scene_take(&s, &c->trial->event[i]);
        if (journal_is(&c->trial->event[i], "offer", NULL) && !scene_current(&s)->genuine)
            return true;
    }
    return false;
}

static void cause_seen(const struct law_case *c, struct refusal *x, const struct journal_event *ev)
{
    const char *cause = journal_text(ev, "cause"), *want = c->scenario->expect.cause;
    if (!*cause)
        return;
    x->reported = ev;
    if (want && scene_one_of(want, cause))
        x->right = ev;
    else if (want)
        x->other = ev;
}

/* Where a device can say that it does not want an image: to the console or the server, by application or bootloader. */
static bool reports(const struct journal_event *ev)
{
    const char *stage = journal_text(ev, "stage");
    if (journal_is(ev, "dut", "stage") || journal_is(ev, "told", NULL))
        return strcmp(stage, "failed") == 0 || strcmp(stage, "rolled-back") == 0;
    return journal_is(ev, "dut", "rollback") || journal_is(ev, "dut", "retry");
}

static void activation(const struct scene *s, const struct refusal *x, const struct journal_event *ev, struct law_result *r)
{
    const char *digest = journal_text(ev, "digest");
    const struct header_image *image = scene_image(s->c->header, digest);
    if (!x->version)
        return;
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
    const char *want = c->scenario->expect.cause;
    if (!x->offer)
        return;
    if (want ? x->right != NULL : x->reported != NULL)
        return;
    if (want && x->other) {
        law_violated(r, x->other, "wrong-cause", "The refusal was reported as %.24s; its cause is %.80s.",
                     journal_text(x->other, "cause"), want);
    } else if (x->fetched || (want && x->asked && (!x->version || scene_newer(x->version, x->running)))) {
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

static void http(struct refusal *x, const struct journal_event *ev, bool server_attacks)
{
    const char *file = journal_text(ev, "file"), *path = journal_text(ev, "path");
    if (server_attacks && !x->offer && *journal_text(ev, "attack"))
        *x = (struct refusal){.offer = ev, .running = x->running};
    if (!x->offer)
        return;
    if (*file)
        x->fetched = x->fetched ? x->fetched : ev;
    else if (strncmp(path, "/manifest", 9) == 0)
        x->asked = x->asked ? x->asked : ev;
}

void law_refused(const struct law_case *c, struct law_result *r)
{
    struct scene s;
    struct refusal x = {.running = scene_installed_version(c)};
    bool any = false, closed = false;
    scene_start(&s, c);
    for (size_t i = 0; i < c->trial->count; i++) {
        const struct journal_event *ev = &c->trial->event[i];
        bool offer = journal_is(ev, "offer", NULL);
        if ((offer || journal_is(ev, "faults-over", NULL)) && x.offer && (offer || !x.version)) {
            close_offer(c, &x, ev, r);
            x = (struct refusal){.running = x.running};
            closed = true;
        }
        scene_take(&s, ev);
        if (offer && bad(c, scene_current(&s)))
            x = (struct refusal){.offer = ev, .version = scene_current(&s)->version, .running = x.running};
        if (journal_is(ev, "http", NULL) || journal_is(ev, "held", NULL))
            http(&x, ev, !closed);
        any = any || x.offer;
        if (journal_is(ev, "dut", "running"))
            x.running = journal_text(ev, "version");
        if (!x.offer)
            continue;
        activation(&s, &x, ev, r);
        if (reports(ev))
            cause_seen(c, &x, ev);
    }
    if (x.offer)
        close_offer(c, &x, scene_end(c), r);
    if (!any)
        law_none(r);
}
