/* SPDX-License-Identifier: GPL-3.0-or-later
 * L6 honest reason: the device's boot reason is what really reset it. Here belongs what a scenario expects as `boot-reason`.
 *
 * The truth is the last `reset` record before the device's line. A device that dies before it has read and cleared its reset
 * flags finds those of both resets the next time (RM0351, RCC_CSR: flags stay until RMVF is written or power goes), so after
 * resets without a line between them each of their causes is honest, as long as power stayed on. Kinds: wrong-reason, no-reset,
 * unexpected-reason. */
#include "judge/laws.h"
#include "judge/scene.h"
#include "record/header.h"
#include "record/journal.h"

#include <string.h>

enum { CAUSES = 8 };

struct truth {
    const struct journal_event *cause[CAUSES]; /* resets since the device's last line; the latest last */
    size_t causes;
    const struct journal_event *before; /* latest reset that had been told */
    bool expecting; /* a fault of the scenario restarted the device: the next line is the one that the expectation is about */
    char told[24];  /* reason of this boot's first line */
    bool said;
};

static void reset_seen(struct truth *t, const struct journal_event *ev)
{
    if (strcmp(journal_text(ev, "cause"), "power-on") == 0)
        t->causes = 0; /* flags of earlier resets are gone with the power */
    if (t->causes == CAUSES) { /* the latest is what counts most */
        for (size_t i = 1; i < CAUSES; i++)
            t->cause[i - 1] = t->cause[i];
        t->causes--;
    }
    t->cause[t->causes++] = ev;
    t->said = false;
}

static const struct journal_event *matching(const struct truth *t, const char *reason)
{
    for (size_t i = t->causes; i > 0; i--)
        if (strcmp(journal_text(t->cause[i - 1], "cause"), reason) == 0)
            return t->cause[i - 1];
    return NULL;
}

static void judge_line(const struct law_case *c, const struct truth *t, const struct journal_event *ev, struct law_result *r)
{
    const char *reason = journal_text(ev, "reason");
    if (!t->causes) {
        if (c->complete)
            law_violated(r, ev, "no-reset", "The device tells of a reset (%.24s), but there was none.", reason);
        return;
    }
    const struct journal_event *last = t->cause[t->causes - 1];
    if (matching(t, reason))
        return;
    law_violated(r, ev, "wrong-reason", "The device says %.24s, but it was reset by %.24s.", *reason ? reason : "nothing",
                 journal_text(last, "cause"));
    law_cite(r, last);
}

static void expectation(const struct law_case *c, struct truth *t, const struct journal_event *ev, struct law_result *r)
{
    const char *want = c->scenario->expect.boot_reason, *reason = journal_text(ev, "reason");
    if (want && t->expecting && !scene_matches(want, reason))
        law_violated(r, ev, "unexpected-reason", "After the fault the device says %.24s; the scenario expects %.24s.", reason,
                     want);
    t->expecting = false;
}

static void line(const struct law_case *c, struct truth *t, const struct journal_event *ev, struct law_result *r)
{
    judge_line(c, t, ev, r);
    expectation(c, t, ev, r);
    strncpy(t->told, journal_text(ev, "reason"), sizeof t->told - 1);
    t->causes = 0;
    t->said = true;
}

/* The application hands on what the bootloader read. */
static void running(const struct truth *t, const struct journal_event *ev, struct law_result *r)
{
    const char *reason = journal_text(ev, "reason");
    if (*reason && t->said && strncmp(reason, t->told, sizeof t->told - 1) != 0)
        law_violated(r, ev, "wrong-reason", "The application says %.24s, but this boot began with %.24s.", reason, t->told);
    else if (*reason && !t->said && t->causes && !matching(t, reason)) {
        law_violated(r, ev, "wrong-reason", "The application says %.24s, but the device was reset by %.24s.", reason,
                     journal_text(t->cause[t->causes - 1], "cause"));
        law_cite(r, t->cause[t->causes - 1]);
    }
}

static bool restarts(const struct journal_event *ev)
{
    const char *what = journal_text(ev, "do");
    return scene_fault_done(ev, NULL) &&
           (strncmp(what, "power", 5) == 0 || strncmp(what, "reset", 5) == 0 || strcmp(what, "watchdog") == 0);
}

void law_reason(const struct law_case *c, struct law_result *r)
{
    struct truth t = {0};
    bool any = false;
    for (size_t i = 0; i < c->trial->count; i++) {
        const struct journal_event *ev = &c->trial->event[i];
        if (restarts(ev))
            t.expecting = true;
        else if (journal_is(ev, "reset", NULL))
            reset_seen(&t, ev);
        else if (journal_is(ev, "dut", "reset")) {
            any = true;
            line(c, &t, ev, r);
        } else if (journal_is(ev, "dut", "running")) {
            any = any || *journal_text(ev, "reason");
            running(&t, ev, r);
        }
    }
    if (!any)
        law_none(r);
}
