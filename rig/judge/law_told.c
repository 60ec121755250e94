/* SPDX-License-Identifier: GPL-3.0-or-later
 * L12 told: the server learns of each stage of an update.
 *
 * What counts is what reached the server. A device may tell late, after a cut or a bad link, so silence is held against it only
 * when it had time: `settle_ms` beyond the waits that it announced itself, with power and link. What was given up is owed only
 * while the device that knew of it still ran; what succeeded is owed across any number of cuts. Kinds: untold-stage,
 * untold-failure, untold-rollback, wrong-cause. */
#include "base/json.h"
#include "judge/laws.h"
#include "judge/scene.h"
#include "record/header.h"
#include "record/journal.h"

#include <string.h>

enum { SETTLE_MS = 5000 /* where the profile does not say */, AHEAD_MS = 1000 /* the console may lag behind the network */,
       LOST_MS = 15000 /* until a lost connection is noticed and made again */ };

static const char *const stages[] = {"started", "downloaded", "verified", "installed", "booted", "confirmed"};
enum { STAGES = sizeof stages / sizeof *stages };

static int64_t settle_ns(const struct law_case *c)
{
    return (c->header->settle_ms ? c->header->settle_ms : SETTLE_MS) * INT64_C(1000000);
}

static bool told_is(const struct journal_event *ev, const char *stage, const char *version)
{
    return journal_is(ev, "told", NULL) && strcmp(journal_text(ev, "stage"), stage) == 0 &&
           (!version || strcmp(journal_text(ev, "version"), version) == 0);
}

static bool stage_is(const struct journal_event *ev, const char *stage)
{
    return journal_is(ev, "dut", "stage") && strcmp(journal_text(ev, "stage"), stage) == 0;
}

/* A version that the device cannot know (no manifest could be read) is written "-" or left out. */
static bool no_version(const char *version)
{
    return !*version || strcmp(version, "-") == 0;
}

/* What went wrong between device and server: a connection that was lost takes its own time to be noticed. */
static bool link_trouble(const struct journal_event *ev)
{
    const char *end = journal_text(ev, "end");
    return scene_fault_done(ev, "link-down") || scene_fault_done(ev, "link") ||
           (journal_is(ev, "http", NULL) && (*journal_text(ev, "attack") || (*end && strcmp(end, "complete") != 0)));
}

static int64_t patience(const struct law_case *c, size_t i, size_t until)
{
    const int64_t lost = LOST_MS * INT64_C(1000000), from = c->trial->event[i].t;
    for (size_t k = 0; k < until; k++)
        if (link_trouble(&c->trial->event[k]) && c->trial->event[k].t + lost > from)
            return settle_ns(c) + lost;
    return settle_ns(c);
}

/* Time in which the device could have told, from record i on: until `until` (exclusive), less the waits that it announced. A wait
 * is an excuse only until the device talks to the server about something else. */
static int64_t free_time(const struct law_case *c, size_t i, size_t until)
{
    int64_t from = c->trial->event[i].t, excused = 0, wait_from = from, wait_until = from;
    for (size_t k = i; k < until; k++) {
        const struct journal_event *ev = &c->trial->event[k];
        if (journal_is(ev, "http", NULL) && !link_trouble(ev) && ev->t < wait_until)
            wait_until = ev->t;
        if (scene_fault_done(ev, "link-down") || scene_fault_done(ev, "link"))
            from = ev->t + scene_ns(journal_number(ev, "off_ms", 0)); /* nothing gets through before that */
        if (!journal_is(ev, "dut", "retry"))
            continue;
        excused += wait_until - wait_from;
        wait_from = ev->t;
        wait_until = ev->t + scene_ns(journal_number(ev, "wait", 0));
    }
    return c->trial->event[until - 1].t - from - excused - (wait_until - wait_from);
}

/* Index behind the run of the device that record i belongs to. */
static size_t run_ends(const struct law_case *c, size_t i)
{
    while (++i < c->trial->count) {
        const struct journal_event *ev = &c->trial->event[i];
        if (journal_is(ev, "reset", NULL) || journal_is(ev, "power", NULL) || journal_is(ev, "dut", "reset") ||
            journal_is(ev, "dead", NULL))
            break;
    }
    return i;
}

/* --- what was given up --- */

static void failure(const struct law_case *c, size_t i, struct law_result *r)
{
    const struct journal_event *failed = &c->trial->event[i], *other = NULL;
    const char *version = journal_text(failed, "version"), *cause = journal_text(failed, "cause");
    size_t until = run_ends(c, i);
    for (size_t k = 0; k < c->trial->count; k++) {
        const struct journal_event *ev = &c->trial->event[k];
        if (ev->t < failed->t - AHEAD_MS * INT64_C(1000000) || !told_is(ev, "failed", no_version(version) ? NULL : version))
            continue;
        if (strcmp(journal_text(ev, "cause"), cause) == 0)
            return;
        other = other || k >= until ? other : ev;
    }
    if (free_time(c, i, until) < patience(c, i, until))
        return;
    if (other)
        law_violated(r, other, "wrong-cause", "The server was told that %.40s failed by %.24s; the device itself says %.24s.",
                     no_version(version) ? "the update" : version, journal_text(other, "cause"), cause);
    else
        law_missing(r, failed, "untold-failure",
                    "The device gave up %.40s (%.24s) and had %lld ms to say so, but the server was not told.",
                    no_version(version) ? "the update" : version, cause, scene_ms(c->trial->event[until - 1].t - failed->t));
    law_cite(r, failed);
}

static void rollback(const struct law_case *c, size_t i, struct law_result *r)
{
    const struct journal_event *back = &c->trial->event[i];
    size_t ran = i;
    while (ran < c->trial->count && !journal_is(&c->trial->event[ran], "dut", "running"))
        ran++;
    if (ran == c->trial->count)
        return;
    for (size_t k = i; k < c->trial->count; k++)
        if (told_is(&c->trial->event[k], "rolled-back", journal_text(back, "version")))
            return;
    size_t until = run_ends(c, ran);
    if (free_time(c, ran, until) < patience(c, ran, until))
        return;
    law_missing(r, back, "untold-rollback",
                "Version %.40s was given up (%.24s) and the device ran on for %lld ms, but the server was not told.",
                journal_text(back, "version"), journal_text(back, "cause"),
                scene_ms(c->trial->event[until - 1].t - c->trial->event[ran].t));
    law_cite(r, &c->trial->event[ran]);
}

/* --- what succeeded --- */

static bool was_told(const struct law_case *c, size_t from, const char *stage, const char *version)
{
    for (size_t i = from; i < c->trial->count; i++)
        if (told_is(&c->trial->event[i], stage, version))
            return true;
    return false;
}

/* A device that was rolled back to a version tells its stages anew: those from when another version was confirmed before. */
static size_t came_back(const struct law_case *c, size_t i)
{
    const char *version = journal_text(&c->trial->event[i], "version");
    while (i-- > 0)
        if (stage_is(&c->trial->event[i], "confirmed") && strcmp(journal_text(&c->trial->event[i], "version"), version) != 0)
            return i;
    return 0;
}

static void success(const struct law_case *c, size_t i, struct law_result *r)
{
    const struct journal_event *confirmed = &c->trial->event[i], *end = scene_end(c);
    const char *version = journal_text(confirmed, "version");
    if (free_time(c, i, c->trial->count) < patience(c, i, c->trial->count))
        return;
    for (size_t s = 0; s < STAGES; s++) {
        if (was_told(c, came_back(c, i), stages[s], version))
            continue;
        law_missing(r, end, "untold-stage",
                    "Version %.40s was installed and confirmed, but in the %lld ms that followed the server was never told "
                    "\"%s\".",
                    version, scene_ms(end->t - confirmed->t), stages[s]);
        law_cite(r, confirmed);
        return;
    }
}

/* The first record that shows version i as confirmed by this trial, or by a rollback in it. */
static bool newly_confirmed(const struct law_case *c, size_t i)
{
    const struct journal_event *ev = &c->trial->event[i];
    const char *version = journal_text(ev, "version");
    bool line = stage_is(ev, "confirmed") || (journal_is(ev, "dut", "running") && journal_flag(ev, "confirmed"));
    size_t since = line ? came_back(c, i) : 0;
    if (!line || (since == 0 && strcmp(version, scene_installed_version(c)) == 0))
        return false;
    if (since && !stage_is(ev, "confirmed"))
        return false; /* the older image may be back for other reasons, which are for other laws */
    for (size_t k = since; k < i; k++) {
        const struct journal_event *before = &c->trial->event[k];
        if (strcmp(journal_text(before, "version"), version) == 0 &&
            (stage_is(before, "confirmed") || (journal_is(before, "dut", "running") && journal_flag(before, "confirmed"))))
            return false;
    }
    return true;
}

void law_told(const struct law_case *c, struct law_result *r)
{
    bool lives = json_has(scene_end(c)->json, "running"), any = false;
    for (size_t i = 0; i < c->trial->count; i++) {
        const struct journal_event *ev = &c->trial->event[i];
        any = any || journal_is(ev, "told", NULL) || journal_is(ev, "dut", "stage");
        if (stage_is(ev, "failed"))
            failure(c, i, r);
        if (journal_is(ev, "dut", "rollback"))
            rollback(c, i, r);
        if (lives && newly_confirmed(c, i)) /* what a dead device did not tell is not its first trouble */
            success(c, i, r);
    }
    if (!any)
        law_none(r);
}
