/* SPDX-License-Identifier: GPL-3.0-or-later
 * L3 genuine: what runs was legitimately installed or offered; attack content never runs, not once.
 *
 * The digest covers what executes, not its signature: an unsigned copy of v2 has the digest of v2. So a genuine digest is
 * legitimate only once its genuine image was installed or offered in this trial. Kinds: attack-ran, unknown-content, not-offered.
 */
#include "judge/laws.h"
#include "judge/scene.h"
#include "record/header.h"
#include "record/journal.h"

#include <string.h>

static bool names_what_runs(const struct journal_event *ev)
{
    return journal_is(ev, "exec", NULL) || journal_is(ev, "dut", "boot") || journal_is(ev, "dut", "running");
}

static void check(const struct scene *s, const struct journal_event *ev, struct law_result *r)
{
    const char *digest = journal_text(ev, "digest"), *slot = journal_text(ev, "slot");
    const struct header_image *image = scene_image(s->c->header, digest);
    const struct scene_offer *o = scene_current(s);
    if (!*digest) {
        if (journal_is(ev, "exec", NULL) && *slot)
            law_violated(r, ev, "unknown-content", "What executes in slot %.16s is no image at all.", slot);
        return;
    }
    if (scene_may_run(s, digest))
        return;
    if (!image)
        law_violated(r, ev, "unknown-content", "What runs has the digest %.12s…, which no image of this run has.", digest);
    else if (!image->genuine || (o && !o->genuine))
        law_violated(r, ev, "attack-ran", "Attack content ran: %.60s, version %.40s, slot %.16s.",
                     image->genuine ? o->image : image->name, image->version, slot);
    else
        law_violated(r, ev, "not-offered", "%.60s ran, which was neither installed nor offered so far.", image->name);
    if (o)
        law_cite(r, o->event);
}

void law_genuine(const struct law_case *c, struct law_result *r)
{
    struct scene s;
    bool any = false;
    scene_start(&s, c);
    for (size_t i = 0; i < c->trial->count; i++) {
        const struct journal_event *ev = &c->trial->event[i];
        scene_take(&s, ev);
        if (!names_what_runs(ev))
            continue;
        any = true;
        check(&s, ev, r);
    }
    if (!any)
        law_none(r);
}
