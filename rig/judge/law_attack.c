/* SPDX-License-Identifier: GPL-3.0-or-later
 * L8, of attacks on a good image: a device that a lying server, a broken network or a wrong clock was set upon says so, with the
 * cause that the scenario expects. A device that comes through because the attack never reached it has shown nothing: then the
 * answer is inconclusive, never held.
 *
 * An attack reaches the device with the request that it answers; the record of an answer is written when it is over, and by then the
 * device may have spoken. What it says counts from the request on, in every boot that follows: retries, failures and rollbacks, on
 * the console or to the server. A device that lost power, or was reset by the rig, before it had the time to speak is not blamed for
 * silence. Kinds: not-reported, wrong-cause; inconclusive: not-attacked, cut-short. */
#include "base/json.h"
#include "judge/laws.h"
#include "judge/scene.h"
#include "record/header.h"
#include "record/journal.h"

#include <string.h>

enum { TIME_TO_SPEAK_MS = 30000 };

/* These leave nothing that a device could refuse. */
static bool is_attack(const char *does)
{
    return strncmp(does, "power-", 6) != 0 && strncmp(does, "reset-", 6) != 0 && strncmp(does, "flash-", 6) != 0 &&
           strcmp(does, "battery") != 0 && strcmp(does, "watchdog") != 0;
}

bool law_attack_applies(const struct law_case *c)
{
    const struct json *faults = json_get(c->trial->event[0].json, "faults");
    if (!c->scenario->expect.cause || c->scenario->expect.refused)
        return false;
    for (const struct json *f = json_first(faults); f; f = json_next(f))
        if (is_attack(json_str_or(f, "do", "")))
            return true;
    return false;
}

/* Since when the device may speak of the attack in record i, ns; -1: that record shows no attack. A `fault` record of the server is
 * written together with the answer that shows it. */
static int64_t attacked(const struct law_case *c, size_t i)
{
    const struct journal_event *ev = &c->trial->event[i];
    const char *does = journal_text(ev, "do");
    bool answer = (journal_is(ev, "http", NULL) || journal_is(ev, "tls", NULL)) && *journal_text(ev, "attack");
    if (!answer)
        return scene_fault_done(ev, NULL) && is_attack(does) && strcmp(does, "serve") != 0 ? ev->t : -1;
    if (scene_asked(ev) >= 0)
        return scene_asked(ev);
    while (i-- > 0) { /* not written: after whatever the device was last heard to do on the network */
        const struct journal_event *before = &c->trial->event[i];
        if (journal_is(before, "http", NULL) || journal_is(before, "tls", NULL) || journal_is(before, "reset", NULL))
            return before->t;
    }
    return 0;
}

struct attack {
    bool any;
    const struct journal_event *first, *last; /* records that show it */
    int64_t from, latest;                     /* when it first reached the device; when it last did */
    const struct journal_event *right, *other;
};

static void find_attack(const struct law_case *c, struct attack *a)
{
    for (size_t i = 0; i < c->trial->count; i++) {
        int64_t t = attacked(c, i);
        if (t < 0)
            continue;
        if (!a->any || t < a->from)
            a->from = t;
        if (!a->any)
            a->first = &c->trial->event[i];
        a->any = true;
        a->last = &c->trial->event[i];
        a->latest = t;
    }
}

static void find_report(const struct law_case *c, struct attack *a)
{
    for (size_t i = 0; i < c->trial->count; i++) {
        const struct journal_event *ev = &c->trial->event[i];
        const char *cause = journal_text(ev, "cause");
        if (ev->t < a->from || !*cause || !scene_reports(ev))
            continue;
        if (scene_matches(c->scenario->expect.cause, cause))
            a->right = a->right ? a->right : ev;
        else
            a->other = a->other ? a->other : ev;
    }
}

/* Was the device taken down by the rig before it could speak of the attack's last appearance? */
static bool cut_short(const struct law_case *c, const struct attack *a)
{
    const char *why = journal_text(scene_end(c), "why");
    for (size_t i = 0; i < c->trial->count; i++) {
        const struct journal_event *ev = &c->trial->event[i];
        bool down = journal_is(ev, "power", NULL) ? !journal_flag(ev, "on") && strcmp(journal_text(ev, "why"), "cycle") != 0
                                                  : scene_rig_restart(ev) && strcmp(journal_text(ev, "cause"), "pin") == 0;
        if (down && ev->t >= a->latest && ev->t - a->latest < scene_ns(TIME_TO_SPEAK_MS))
            return true;
    }
    return strcmp(why, "done") != 0; /* what ended the trial is for other laws */
}

void law_attack(const struct law_case *c, struct law_result *r)
{
    const char *want = c->scenario->expect.cause;
    struct attack a = {0};
    find_attack(c, &a);
    if (!a.any) {
        law_unclear(r, scene_end(c), "not-attacked", "No record shows that the attack reached the device: nothing was there to report.");
        return;
    }
    find_report(c, &a);
    if (a.right)
        return;
    if (cut_short(c, &a))
        law_unclear(r, scene_end(c), "cut-short", "The device had no time to report the attack before it was cut short.");
    else if (a.other)
        law_violated(r, a.other, "wrong-cause", "The attack was reported as %.24s; its cause is %.80s.",
                     journal_text(a.other, "cause"), want);
    else
        law_missing(r, a.last, "not-reported", "The attack reached the device, and in %lld ms it never reported a cause (%.80s).",
                    scene_ms(scene_end(c)->t - a.from), want);
    law_cite(r, a.first);
}
