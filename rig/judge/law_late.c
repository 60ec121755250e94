/* SPDX-License-Identifier: GPL-3.0-or-later
 * L7 late confirm: an image is confirmed only after its health check, and unconfirmed images are left after the allowed attempts.
 *
 * The health check of a device is that it runs and that the server has heard so: `running` in this boot, and `told booted` of the
 * version since it was installed (a device may remember over a power cut that it told). Boots are counted by the bootloader's
 * last line; cuts during a boot use attempts up like anything else. Installing anew starts the count again, but only when another
 * image says so: what an image on trial says of its own installation is an echo.
 * Kinds: early-confirm, too-many-attempts, stays-unconfirmed. */
#include "judge/laws.h"
#include "judge/scene.h"
#include "record/header.h"
#include "record/journal.h"

#include <string.h>

enum { TRACKED = 8 };

struct track {
    char version[40];
    bool installed;                      /* in this trial; else it is as the trial found it */
    const struct journal_event *told;    /* booted, since it was installed */
    const struct journal_event *confirmed;
    const struct journal_event *boot[4]; /* of the image on trial: the first, and the latest */
    char digest[72];
    unsigned boots;
};

struct late {
    const struct law_case *c;
    struct law_result *r;
    struct track track[TRACKED];
    size_t tracked;
    char running[40]; /* version of this boot's application; "" before it runs */
    const struct journal_event *ran;
};

static struct track *track_of(struct late *l, const char *version)
{
    for (size_t i = 0; i < l->tracked; i++)
        if (strncmp(l->track[i].version, version, sizeof l->track[i].version - 1) == 0)
            return &l->track[i];
    if (l->tracked == TRACKED)
        return NULL;
    struct track *t = &l->track[l->tracked++];
    *t = (struct track){0};
    strncpy(t->version, version, sizeof t->version - 1);
    return t;
}

static void installed(struct late *l, const char *version)
{
    struct track *t = strcmp(l->running, version) == 0 ? NULL : track_of(l, version);
    if (!t)
        return;
    t->installed = true;
    t->told = t->confirmed = NULL;
    t->boots = 0;
}

static void confirmed(struct late *l, const struct journal_event *ev, bool here)
{
    struct track *t = track_of(l, journal_text(ev, "version"));
    if (!t || t->confirmed || (!t->installed && !t->boots))
        return; /* it was confirmed when the trial began */
    if (here && strcmp(l->running, t->version) != 0)
        law_violated(l->r, ev, "early-confirm", "Version %.36s was confirmed before it ran.", t->version);
    else if (!t->told)
        law_violated(l->r, ev, "early-confirm", "Version %.36s was confirmed before the server had heard that it booted.",
                     t->version);
    if (here)
        law_cite(l->r, l->r->at == ev->line ? l->ran : NULL);
    t->confirmed = ev;
}

static void count_boot(struct late *l, const struct journal_event *ev)
{
    struct track *t = track_of(l, journal_text(ev, "version"));
    int64_t most = l->c->header->attempts;
    const char *digest = journal_text(ev, "digest");
    if (!t || !most)
        return;
    if (strncmp(t->digest, digest, sizeof t->digest - 1) != 0)
        t->boots = 0; /* another image of the same version */
    strncpy(t->digest, digest, sizeof t->digest - 1);
    t->boot[t->boots < 3 ? t->boots : 3] = ev;
    t->boots++;
    if (t->boots > most) {
        law_violated(l->r, ev, "too-many-attempts",
                     "Version %.36s was started %u times without being confirmed; %lld attempts are allowed.", t->version,
                     t->boots, (long long)most);
        for (size_t i = 0; i < 3 && l->r->at == ev->line; i++)
            law_cite(l->r, t->boot[i]);
    }
}

static void boot(struct late *l, const struct journal_event *ev)
{
    if (!journal_flag(ev, "confirmed"))
        count_boot(l, ev);
    else
        confirmed(l, ev, false);
}

static void stage(struct late *l, const struct journal_event *ev)
{
    const char *s = journal_text(ev, "stage");
    if (strcmp(s, "confirmed") == 0)
        confirmed(l, ev, true);
    if (strcmp(s, "downloaded") == 0 || strcmp(s, "verified") == 0 || strcmp(s, "installed") == 0)
        installed(l, journal_text(ev, "version"));
}

static void told(struct late *l, const struct journal_event *ev)
{
    struct track *t = strcmp(journal_text(ev, "stage"), "booted") == 0 ? track_of(l, journal_text(ev, "version")) : NULL;
    if (t)
        t->told = ev;
}

static void running(struct late *l, const struct journal_event *ev)
{
    strncpy(l->running, journal_text(ev, "version"), sizeof l->running - 1);
    l->ran = ev;
    if (journal_flag(ev, "confirmed"))
        confirmed(l, ev, false);
}

/* The rig waited for the image to be given up, or for the update to come to its end, and the image is still there, on trial. */
static void stays(struct late *l, const struct journal_event *ev)
{
    int64_t limit = l->c->header->confirm_ms * 1000000;
    struct track *t = *l->running ? track_of(l, l->running) : NULL;
    if (!t || !t->boots || t->confirmed || !l->ran || journal_flag(l->ran, "confirmed") || !limit || ev->t - l->ran->t <= limit)
        return;
    law_missing(l->r, ev, "stays-unconfirmed",
                "Version %.36s has run unconfirmed for %lld ms: it was neither confirmed nor left; %lld ms are "
                "allowed.",
                t->version, scene_ms(ev->t - l->ran->t), (long long)l->c->header->confirm_ms);
    law_cite(l->r, l->ran);
}

static void step(struct late *l, const struct journal_event *ev)
{
    if (journal_is(ev, "reset", NULL) || journal_is(ev, "power", NULL) || journal_is(ev, "dut", "reset")) {
        l->running[0] = 0;
        l->ran = NULL;
    }
    if (journal_is(ev, "dut", "boot"))
        boot(l, ev);
    if (journal_is(ev, "dut", "running"))
        running(l, ev);
    if (journal_is(ev, "dut", "stage"))
        stage(l, ev);
    if (journal_is(ev, "told", NULL))
        told(l, ev);
    if (journal_is(ev, "timeout", NULL))
        stays(l, ev);
}

void law_late(const struct law_case *c, struct law_result *r)
{
    struct late l = {.c = c, .r = r};
    for (size_t i = 0; i < c->trial->count; i++)
        step(&l, &c->trial->event[i]);
    if (!l.tracked)
        law_none(r);
}
