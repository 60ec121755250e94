/* SPDX-License-Identifier: GPL-3.0-or-later
 * L9 resume: a resumed download asks only for what is missing, and for all of it.
 *
 * Two sides: asking from beyond what is in flash would leave a hole; asking from before what was verified wastes the network, and
 * without end where the link never lasts. The hole is looked for at the first request after a restart, and at every one that begins
 * where the device says that it holds all before (a chunk line): else the missing part may be in RAM. A chunk line speaks of the
 * manifest's bytes, so after a manifest that lied only the restart counts. `held` is written when the request arrives, `http` when its
 * response is over; a bench without eyes on the flash has only the latter, and there the request is measured against what was verified
 * when the response before it was over.
 * Kinds: skips-missing, fetches-again, damaged-download. */
#include "judge/laws.h"
#include "judge/scene.h"
#include "record/journal.h"

#include <string.h>

struct resume {
    char file[64];
    int64_t verified, known;             /* bytes: by chunk lines; the same when the latest response was over */
    const struct journal_event *chunk;   /* the line that said so */
    bool restarted;                      /* no image was asked for since the last restart */
    bool attacked;                       /* the server or the link did not deliver what was right */
    int64_t claim;                       /* bytes that chunk lines say are in flash, whatever failed since */
    bool lied_to;                        /* by a manifest: what the device verifies may be another image */
    bool any, sees;                      /* judged at all; the bench sees the flash */
};

static void forget(struct resume *x)
{
    x->verified = x->known = 0;
    x->chunk = NULL;
}

static void same_file(struct resume *x, const char *file)
{
    if (strncmp(x->file, file, sizeof x->file - 1) == 0)
        return;
    if (*x->file) { /* the first request is the one that what was verified so far belongs to */
        forget(x);
        x->claim = 0;
    }
    strncpy(x->file, file, sizeof x->file - 1);
}

static void fetched_again(struct resume *x, const struct journal_event *ev, int64_t from, int64_t verified, struct law_result *r)
{
    if (from >= verified)
        return;
    law_violated(r, ev, "fetches-again", "The device asks for %.40s from byte %lld although it had verified %lld bytes of it.",
                 x->file, (long long)from, (long long)verified);
    law_cite(r, x->chunk);
}

static void held(struct resume *x, const struct journal_event *ev, struct law_result *r)
{
    int64_t from = journal_number(ev, "from", 0), bytes = journal_number(ev, "bytes", -1);
    x->sees = x->any = true;
    same_file(x, journal_text(ev, "file"));
    fetched_again(x, ev, from, x->verified, r);
    bool claimed = x->claim >= from && !x->lied_to;
    if ((x->restarted || claimed) && bytes >= 0 && from > bytes)
        law_violated(r, ev, "skips-missing",
                     "The device resumes %.40s at byte %lld, but only the first %lld bytes of it are in slot %.16s.", x->file,
                     (long long)from, (long long)bytes, journal_text(ev, "slot"));
    x->restarted = false;
    x->claim = from < x->claim ? from : x->claim; /* begun anew */
}

static void http(struct resume *x, const struct journal_event *ev, struct law_result *r)
{
    if (*journal_text(ev, "attack"))
        x->attacked = true;
    if (!*journal_text(ev, "file")) {
        x->lied_to = x->lied_to || (*journal_text(ev, "attack") && strncmp(journal_text(ev, "path"), "/manifest", 9) == 0);
        if (*journal_text(ev, "attack"))
            forget(x); /* another manifest, another image: to begin anew is right */
        return;
    }
    if (journal_flag(ev, "delta"))
        return; /* begun anew after each loss: it is small, and what it makes of the image is held */
    x->any = true;
    same_file(x, journal_text(ev, "file"));
    if (!x->sees)
        fetched_again(x, ev, journal_number(ev, "from", 0), x->known, r);
    x->known = x->verified;
}

static bool honest(const struct scene *s, const struct resume *x)
{
    const struct scene_offer *o = scene_current(s);
    return o && o->genuine && !x->attacked;
}

static void stage(const struct scene *s, struct resume *x, const struct journal_event *ev, struct law_result *r)
{
    const char *name = journal_text(ev, "stage"), *cause = journal_text(ev, "cause");
    bool content = strcmp(cause, "bad-hash") == 0 || strcmp(cause, "bad-chunk") == 0 || strcmp(cause, "ecc") == 0 ||
                   strcmp(cause, "truncated") == 0;
    if (strcmp(name, "started") == 0)
        return; /* to begin again from nothing is what this law is about */
    if (strcmp(name, "failed") == 0 && content && x->any && honest(s, x)) {
        law_violated(r, ev, "damaged-download", "The downloaded image is refused (%.24s) although the server sent it as it is.",
                     cause);
        law_cite(r, x->chunk);
    }
    forget(x);
}

static void step(const struct scene *s, struct resume *x, const struct journal_event *ev, struct law_result *r)
{
    if (journal_is(ev, "reset", NULL) || journal_is(ev, "dut", "reset"))
        x->restarted = true;
    if (journal_is(ev, "offer", NULL) || journal_is(ev, "dut", "rollback")) {
        forget(x);
        x->claim = 0;
    }
    if (scene_fault_done(ev, "link") || scene_fault_done(ev, "flash-wear"))
        x->attacked = true;
    if (scene_fault_done(ev, "flash-damage")) { /* what it had, or what it knew of it, the rig took away */
        forget(x);
        x->claim = 0;
        x->attacked = true;
    }
    if (journal_is(ev, "held", NULL))
        held(x, ev, r);
    if (journal_is(ev, "http", NULL))
        http(x, ev, r);
    if (journal_is(ev, "dut", "stage"))
        stage(s, x, ev, r);
    if (journal_is(ev, "dut", "chunk") && journal_number(ev, "offset", 0) > x->verified) {
        x->verified = journal_number(ev, "offset", 0);
        x->chunk = ev;
    }
    if (journal_is(ev, "dut", "chunk") && journal_number(ev, "offset", 0) > x->claim)
        x->claim = journal_number(ev, "offset", 0);
}

void law_resume(const struct law_case *c, struct law_result *r)
{
    struct scene s;
    struct resume x = {0};
    scene_start(&s, c);
    for (size_t i = 0; i < c->trial->count; i++) {
        scene_take(&s, &c->trial->event[i]);
        step(&s, &x, &c->trial->event[i], r);
    }
    if (!x.any)
        law_none(r);
}
