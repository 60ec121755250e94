/* SPDX-License-Identifier: GPL-3.0-or-later
 * L2 known: the device runs the old or the new version, and is what it says it is. Here belongs what a scenario expects as
 * `version`.
 *
 * A trial boot of an offered, genuine image is no violation even when the scenario expects that it will not stay (an image that
 * crashes or is never healthy must be tried to be found out): the expectation binds what is confirmed, and what the device ends
 * with. An older version than the confirmed one comes back only by a rollback that the vendor signed. Kinds: wrong-image (attack
 * content), wrong-version, unknown-version, wrong-claim (what runs is not what the device says), not-kept (a confirmed version did
 * not come back), rolled-back-unasked. */
#include "judge/laws.h"
#include "judge/scene.h"
#include "record/header.h"
#include "record/journal.h"

#include <stdio.h>
#include <string.h>

struct known {
    const struct law_case *c;
    struct law_result *r;
    struct scene scene;
    const struct journal_event *said, *seen; /* `running` and `exec` that wait for each other */
    char before[48];                         /* confirmed version before the rig's own power cycle */
    const struct journal_event *cycle;
    char confirmed[48];                      /* what the device said is confirmed */
    char lasting[48];                        /* … and was still so after a restart */
    const struct journal_event *lasting_at;
};

static void copy(char to[48], const char *from)
{
    snprintf(to, 48, "%s", from);
}

static bool version_exists(const struct header *h, const char *version)
{
    for (size_t i = 0; i < h->images; i++)
        if (strcmp(h->image[i].version, version) == 0)
            return true;
    return false;
}

static bool expected(const struct known *k, const char *version)
{
    const struct header_expect *x = &k->c->scenario->expect;
    for (size_t i = 0; i < x->version_count; i++)
        if (strcmp(x->versions[i], version) == 0)
            return true;
    if (scene_good_in_recovery(&k->scene, version) || scene_rolled_back(&k->scene, version))
        return true;
    if (x->version_count)
        return false;
    return strcmp(version, scene_installed_version(k->c)) == 0 || scene_offered_good(&k->scene, version);
}

/* A trial boot is how a device finds out; it is not yet the version it runs. */
static bool may_be_tried(const struct known *k, const char *version)
{
    return !k->c->scenario->expect.refused && scene_offered(&k->scene, version);
}

static void check_version(struct known *k, const struct journal_event *ev, bool confirmed)
{
    const char *version = journal_text(ev, "version");
    if (!*version || expected(k, version) || (!confirmed && may_be_tried(k, version)))
        return;
    if (!version_exists(k->c->header, version))
        law_violated(k->r, ev, "unknown-version", "The device runs version %.40s, which no image of this run has.", version);
    else
        law_violated(k->r, ev, "wrong-version", "The device runs version %.40s%s, which this scenario does not allow.", version,
                     confirmed ? ", confirmed" : "");
}

static void check_image(struct known *k, const struct journal_event *ev)
{
    const char *digest = journal_text(ev, "digest");
    const struct header_image *image = scene_image(k->c->header, digest);
    const char *version = journal_text(ev, "version");
    const struct scene_offer *o = scene_current(&k->scene);
    bool copy_of_genuine = image && o && !o->genuine && !scene_may_run(&k->scene, digest); /* L3 says why digests do not tell */
    if (image && (!image->genuine || copy_of_genuine))
        law_violated(k->r, ev, "wrong-image", "The device runs %.60s, which is attack content.",
                     copy_of_genuine ? o->image : image->name);
    else if (image && *version && *image->version && strcmp(image->version, version) != 0)
        law_violated(k->r, ev, "wrong-claim", "The device says version %.40s, but the image it names is version %.40s.", version,
                     image->version);
}

/* The device's word against the bench's look into its flash. */
static void compare(struct known *k)
{
    const char *said = journal_text(k->said, "digest"), *seen = journal_text(k->seen, "digest");
    const char *slot = journal_text(k->said, "slot"), *in = journal_text(k->seen, "slot");
    if (*said && *seen && !scene_same_digest(said, seen)) {
        law_violated(k->r, k->said, "wrong-claim", "The device says it runs %.12s…, but what executes is %.12s….", said, seen);
        law_cite(k->r, k->seen);
    } else if (*slot && *in && strcmp(slot, in) != 0) {
        law_violated(k->r, k->said, "wrong-claim", "The device says it runs from slot %.16s, but it executes from slot %.16s.",
                     slot, in);
        law_cite(k->r, k->seen);
    }
    k->said = k->seen = NULL;
}

/* A version that had proved itself gives way to an older one only when a genuine offer says rollback. */
static void check_older(struct known *k, const struct journal_event *ev, const char *version)
{
    if (!*k->lasting || !scene_newer(k->lasting, version) || !scene_offered(&k->scene, version) ||
        scene_rolled_back(&k->scene, version) || scene_good_in_recovery(&k->scene, version))
        return;
    law_violated(k->r, ev, "rolled-back-unasked", "Version %.40s was confirmed; now %.40s runs, and no genuine offer said rollback.",
                 k->lasting, version);
    law_cite(k->r, k->lasting_at);
}

/* What was confirmed, and proved it by coming back, must not silently give way to something else. */
static void check_kept(struct known *k, const struct journal_event *ev)
{
    const char *version = journal_text(ev, "version");
    if (k->cycle && *k->before && strcmp(version, k->before) != 0) {
        law_violated(k->r, ev, "not-kept", "Version %.40s was confirmed before the power cycle; after it %.40s runs.", k->before,
                     version);
        law_cite(k->r, k->cycle);
    }
    if (k->cycle && strcmp(version, k->before) == 0 && !journal_flag(ev, "confirmed")) {
        law_violated(k->r, ev, "not-kept", "Version %.40s was said to be confirmed before the power cycle; after it it is on trial.",
                     version);
        law_cite(k->r, k->cycle);
    }
    k->cycle = NULL;
    check_older(k, ev, version);
    if (*k->lasting && strcmp(version, k->lasting) != 0 && !scene_offered(&k->scene, version)) {
        law_violated(k->r, ev, "not-kept", "Version %.40s was confirmed and had come back after a restart; now %.40s runs.",
                     k->lasting, version);
        law_cite(k->r, k->lasting_at);
    }
    if (journal_flag(ev, "confirmed")) {
        copy(k->lasting, version);
        copy(k->confirmed, version);
        k->lasting_at = ev;
    } else if (strcmp(k->confirmed, version) == 0) {
        k->confirmed[0] = 0;
    }
}

static void running(struct known *k, const struct journal_event *ev)
{
    check_image(k, ev);
    check_version(k, ev, journal_flag(ev, "confirmed"));
    check_kept(k, ev);
    k->said = ev;
}

static void step(struct known *k, const struct journal_event *ev)
{
    if (journal_is(ev, "reset", NULL) || journal_is(ev, "power", NULL))
        k->said = k->seen = NULL;
    if (journal_is(ev, "exec", NULL)) {
        check_image(k, ev);
        k->seen = ev;
    }
    if (journal_is(ev, "dut", "running"))
        running(k, ev);
    if (journal_is(ev, "dut", "stage") && strcmp(journal_text(ev, "stage"), "confirmed") == 0)
        copy(k->confirmed, journal_text(ev, "version"));
    if (journal_is(ev, "cycle", NULL)) {
        copy(k->before, k->confirmed);
        k->cycle = ev;
    }
    if (k->said && k->seen)
        compare(k);
}

void law_known(const struct law_case *c, struct law_result *r)
{
    struct known k = {.c = c, .r = r};
    const struct journal_event *last = NULL;
    scene_start(&k.scene, c);
    for (size_t i = 0; i < c->trial->count; i++) {
        scene_take(&k.scene, &c->trial->event[i]);
        step(&k, &c->trial->event[i]);
        if (journal_is(&c->trial->event[i], "dut", "running"))
            last = &c->trial->event[i];
    }
    if (!last)
        law_none(r);
}
