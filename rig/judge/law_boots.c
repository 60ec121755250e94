/* SPDX-License-Identifier: GPL-3.0-or-later
 * L1 boots: after power returns, the device reaches its running application within its boot deadline.
 *
 * Method. A wait begins when the rig restarts the device (power, pin), and when the device resets itself while it runs; resets in
 * between do not begin it anew, or a boot loop would never be late. It ends with `running`. Power going away, or the rig
 * restarting the device, ends it without an answer: a further fault hit first. A serial recovery is no application: who would be
 * there to feed it? Where the scenario says that somebody is, the rig feeds it, and the wait begins anew once it has the whole image.
 * The kinds tell how the device was found:
 *
 *   silent               nothing more came, or the processor is dead
 *   boot-loop            it reset itself again and again; also when its confirmed application begins each time and then crashes
 *   stuck-in-recovery    the bootloader found nothing to start
 *   good-slot-ignored    the same, though a slot held an image that it called valid
 *   good-slot-destroyed  the application wrote into the slot it ran from, and the bootloader finds that slot bad
 *   late                 it came, but after the deadline
 */
#include "judge/laws.h"
#include "judge/scene.h"
#include "record/header.h"
#include "record/journal.h"

#include <string.h>

enum {
    LOOP = 3,    /* resets without an application that make a loop */
    CRASHES = 8, /* and with one, where the profile has no max_boots */
};

struct wait {
    const struct journal_event *since; /* NULL: the application runs, or power is off */
    const struct journal_event *recovery, *valid, *last; /* last sign of life */
    const struct journal_event *reset[4];
    unsigned resets;
};

/* A confirmed application that never lives long: it is reached each time, and the device is of no use all the same. */
struct crashes {
    const struct journal_event *ran; /* confirmed, nothing installed since; NULL: no such application */
    const struct journal_event *first;
    unsigned count;
};

static void begin(struct wait *w, const struct journal_event *ev)
{
    *w = (struct wait){.since = ev};
}

static bool overdue(const struct law_case *c, const struct wait *w, int64_t now)
{
    return c->header->boot_ms && now - w->since->t > c->header->boot_ms * 1000000;
}

static void cite_loop(struct law_result *r, const struct wait *w)
{
    for (unsigned i = 0; i < w->resets && i < 4; i++)
        law_cite(r, w->reset[i]);
}

/* The device did not come: say how it was found. */
static void not_running(const struct wait *w, const struct journal_event *now, struct law_result *r)
{
    long long ms = scene_ms(now->t - w->since->t);
    law_cite(r, w->since);
    if (w->recovery && w->valid) {
        law_missing(r, now, "good-slot-ignored",
                    "The bootloader waits in recovery (%s) although it calls slot %s valid; nothing ran %lld ms after "
                    "the restart.",
                    journal_text(w->recovery, "cause"), journal_text(w->valid, "slot"), ms);
        law_cite(r, w->valid);
        law_cite(r, w->recovery);
    } else if (w->recovery) {
        law_missing(r, now, "stuck-in-recovery",
                    "The bootloader found nothing to start (%s) and waits in recovery; nothing ran %lld ms after the "
                    "restart.",
                    journal_text(w->recovery, "cause"), ms);
        law_cite(r, w->recovery);
    } else if (w->resets >= LOOP) {
        law_missing(r, now, "boot-loop", "The device reset itself %u times in %lld ms without reaching its application.",
                    w->resets, ms);
        cite_loop(r, w);
    } else if (w->last) {
        law_missing(r, now, "silent",
                    "The application did not run %lld ms after the restart; the last sign of life came after %lld ms.", ms,
                    scene_ms(w->last->t - w->since->t));
        law_cite(r, w->last);
    } else {
        law_missing(r, now, "silent", "Not one line came from the device in %lld ms after the restart.", ms);
    }
}

static void boot_line(struct wait *w, const struct journal_event *ev)
{
    w->last = ev;
    if (strcmp(ev->kind, "reset") == 0) /* each boot says anew what it finds */
        w->recovery = w->valid = NULL;
    if (strcmp(ev->kind, "recovery") == 0)
        w->recovery = ev;
    if (strcmp(ev->kind, "slot") == 0 && strcmp(journal_text(ev, "state"), "valid") == 0)
        w->valid = ev;
}

static void running(const struct law_case *c, struct wait *w, const struct journal_event *ev, struct law_result *r)
{
    if (w->since && overdue(c, w, ev->t)) {
        law_violated(r, ev, "late", "The application ran %lld ms after the restart; the deadline is %lld ms.",
                     scene_ms(ev->t - w->since->t), (long long)c->header->boot_ms);
        law_cite(r, w->since);
    }
    begin(w, NULL);
}

static void device_reset(struct wait *w, const struct journal_event *ev)
{
    if (!w->since)
        begin(w, ev);
    else if (w->resets < 4)
        w->reset[w->resets] = ev;
    w->resets += w->since != ev;
}

static void crashed(const struct law_case *c, struct crashes *x, const struct journal_event *ev, struct law_result *r)
{
    unsigned most = c->header->max_boots ? (unsigned)c->header->max_boots : CRASHES;
    if (!x->ran)
        return;
    bool soon = ev->t - x->ran->t <= c->header->boot_ms * 1000000;
    x->first = soon && x->count ? x->first : ev;
    x->count = soon ? x->count + 1 : 0;
    x->ran = NULL;
    if (x->count <= most)
        return;
    law_violated(r, ev, "boot-loop",
                 "The application crashed or reset itself %u times in a row, each time soon after it began to run.", x->count);
    law_cite(r, x->first);
}

static void look_for_crashes(const struct law_case *c, struct crashes *x, const struct journal_event *ev, struct law_result *r)
{
    if (scene_rig_restart(ev))
        *x = (struct crashes){0};
    else if (journal_is(ev, "dut", "running"))
        x->ran = journal_flag(ev, "confirmed") ? ev : NULL;
    else if (journal_is(ev, "dut", "stage") && strcmp(journal_text(ev, "stage"), "installed") == 0)
        x->ran = NULL;
    else if (scene_device_reset(ev) || (!c->complete && journal_is(ev, "dut", "reset")))
        crashed(c, x, ev, r);
}

/* Writing into the running slot alone is no crime (some bootloaders keep their flags there); that the slot is bad afterwards is.
 */
struct vandal {
    const struct journal_event *runs, *ran, *wrote; /* application; when confirmed; its first operation in its own slot */
};

static void look_for_vandalism(struct vandal *x, const struct journal_event *ev, struct law_result *r)
{
    static const char *const harmless[] = {"valid", "unchecked", "", "ecc"}; /* ecc: a cut may do that to any word */
    if (journal_is(ev, "dut", "running")) {
        if (!x->ran || strcmp(journal_text(x->ran, "slot"), journal_text(ev, "slot")) != 0)
            x->wrote = NULL;
        x->runs = ev;
        x->ran = journal_flag(ev, "confirmed") ? ev : NULL;
    }
    if (journal_is(ev, "dut", "stage") && strcmp(journal_text(ev, "stage"), "confirmed") == 0)
        x->ran = x->runs;
    if (journal_is(ev, "write-running", NULL) && x->ran && !x->wrote)
        x->wrote = ev;
    if (!journal_is(ev, "dut", "slot") || !x->wrote || strcmp(journal_text(ev, "slot"), journal_text(x->wrote, "slot")) != 0)
        return;
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (strcmp(journal_text(ev, "state"), harmless[i]) == 0)
            return;
    law_violated(r, ev, "good-slot-destroyed", "Slot %.16s is %.24s after the application that ran from it wrote into it.",
                 journal_text(ev, "slot"), journal_text(ev, "state"));
    law_cite(r, x->wrote);
}

static bool deadline_passed(const struct journal_event *ev)
{
    return journal_is(ev, "timeout", NULL) && strcmp(journal_text(ev, "waiting"), "running") == 0;
}

static void step(const struct law_case *c, struct wait *w, const struct journal_event *ev, struct law_result *r)
{
    if (scene_rig_restart(ev))
        begin(w, ev);
    else if (journal_is(ev, "power", NULL)) /* off */
        begin(w, NULL);
    else if (scene_device_reset(ev))
        device_reset(w, ev);
    else if (journal_is(ev, "dut", "running"))
        running(c, w, ev, r);
    else if (journal_is(ev, "recovery-served", NULL) && journal_flag(ev, "ok"))
        begin(w, ev);
    else if (w->since && journal_is(ev, "dut", NULL))
        boot_line(w, ev);
    else if (w->since && deadline_passed(ev))
        not_running(w, ev, r);
    else if (journal_is(ev, "dead", NULL))
        law_violated(r, ev, "silent", "The processor is locked up or asleep for good%s; only a reset from outside could wake it.",
                     w->since ? "" : " while its application ran");
}

/* On a bench that does not see the device's own resets, the bootloader's first line stands for them. */
static bool unseen_reset(const struct law_case *c, const struct wait *w, const struct journal_event *ev)
{
    return !c->complete && journal_is(ev, "dut", "reset") && (!w->since || w->last);
}

void law_boots(const struct law_case *c, struct law_result *r)
{
    struct wait w = {0};
    struct crashes x = {0};
    struct vandal v = {0};
    const struct journal_event *end = scene_end(c);
    for (size_t i = 0; i < c->trial->count; i++) {
        const struct journal_event *ev = &c->trial->event[i];
        if (unseen_reset(c, &w, ev))
            device_reset(&w, ev);
        step(c, &w, ev, r);
        look_for_crashes(c, &x, ev, r);
        look_for_vandalism(&v, ev, r);
    }
    if (w.since && overdue(c, &w, end->t))
        not_running(&w, end, r);
    else if (w.since && strcmp(journal_text(end, "why"), "dead") == 0)
        not_running(&w, end, r);
}
