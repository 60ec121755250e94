/* SPDX-License-Identifier: GPL-3.0-or-later
 * L8, of updates that were called back: while the signed manifest says pause or none, nothing is begun and nothing is activated.
 *
 * A device asks once more before it activates (the kill switch). So what it activates stands on its last manifest: one that was asked
 * for after the call came is a device that knew; one that is older than a device needs from its answer to the act is a device
 * that did not ask. An answer under way when the call came excuses what follows at once. Kinds: activated-while-paused,
 * begun-while-paused. */
#include "judge/laws.h"
#include "judge/scene.h"
#include "record/journal.h"

#include <string.h>

enum { FROM_ANSWER_TO_ACT_MS = 1000 };

struct stop {
    const struct law_case *c;
    struct law_result *r;
    const struct journal_event *call;   /* the offer that calls back; NULL: none stands */
    const struct journal_event *answer; /* the latest manifest that reached the device, asked for by `asked` */
    int64_t asked;
};

/* Was a manifest that had been asked for before the call still on its way, or just there? */
static bool under_way(const struct stop *s, const struct journal_event *act)
{
    for (size_t i = 0; i < s->c->trial->count; i++) {
        const struct journal_event *ev = &s->c->trial->event[i];
        bool manifest = journal_is(ev, "http", NULL) && !*journal_text(ev, "file") && strcmp(journal_text(ev, "method"), "POST") != 0;
        if (manifest && scene_asked(ev) >= 0 && scene_asked(ev) < s->call->t && act->t - ev->t <= scene_ns(FROM_ANSWER_TO_ACT_MS))
            return true;
    }
    return false;
}

static void act(struct stop *s, const struct journal_event *ev, const char *kind, const char *what)
{
    int64_t known = s->answer && s->answer->t > s->call->t ? s->answer->t : s->call->t;
    bool knew = s->answer && s->asked >= s->call->t;
    if (!knew && (ev->t - known <= scene_ns(FROM_ANSWER_TO_ACT_MS) || under_way(s, ev)))
        return;
    law_violated(s->r, ev, kind, "Version %.40s was %s %lld ms after the server had said %.16s%s.", journal_text(ev, "version"), what,
                 scene_ms(ev->t - s->call->t), journal_text(s->call, "action"),
                 knew ? "" : ", and the device had not asked again");
    law_cite(s->r, s->call);
    law_cite(s->r, s->answer);
}

static void stage(struct stop *s, const struct journal_event *ev)
{
    const char *name = journal_text(ev, "stage");
    if (strcmp(name, "installed") == 0)
        act(s, ev, "activated-while-paused", "activated");
    else if (strcmp(name, "started") == 0)
        act(s, ev, "begun-while-paused", "begun");
}

static bool is_manifest(const struct journal_event *ev)
{
    return scene_answered(ev) && strncmp(journal_text(ev, "path"), "/keys", 5) != 0;
}

bool law_stopped(const struct law_case *c, struct law_result *r)
{
    struct stop s = {.c = c, .r = r};
    struct scene scene;
    bool any = false;
    scene_start(&scene, c);
    for (size_t i = 0; i < c->trial->count; i++) {
        const struct journal_event *ev = &c->trial->event[i];
        scene_take(&scene, ev);
        if (journal_is(ev, "offer", NULL))
            s.call = scene_stopped(&scene) ? ev : NULL;
        any = any || s.call;
        if (is_manifest(ev)) {
            s.answer = ev;
            s.asked = scene_asked(ev); /* not written: what it said is not known */
        }
        if (s.call && journal_is(ev, "dut", "stage"))
            stage(&s, ev);
    }
    return any;
}
