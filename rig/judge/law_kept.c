/* SPDX-License-Identifier: GPL-3.0-or-later
 * L10 data kept: identity and settings survive. The first reading of a trial is the measure of all that follow. Kind: data-lost.
 */
#include "judge/laws.h"
#include "judge/scene.h"
#include "record/journal.h"

#include <string.h>

/* The rig's own hand: a name that was typed, a page that it spoilt. Slots hold no settings. */
static bool by_the_rig(const struct journal_event *ev)
{
    bool slot = strncmp(journal_text(ev, "region"), "slot-", 5) == 0;
    return scene_fault_done(ev, "command") || (scene_fault_done(ev, "flash-damage") && !slot);
}

void law_kept(const struct law_case *c, struct law_result *r)
{
    static const char *const kept[] = {"id", "name"};
    const struct journal_event *first = NULL;
    size_t readings = 0;
    for (size_t i = 0; i < c->trial->count; i++) {
        const struct journal_event *ev = &c->trial->event[i];
        if (journal_is(ev, "chip", NULL))
            first = NULL; /* its flash is in another device now, which keeps its own identity (fleet.c) */
        if (by_the_rig(ev))
            first = NULL;
        if (!journal_is(ev, "dut", "settings"))
            continue;
        readings++;
        if (!first)
            first = ev;
        for (size_t k = 0; k < sizeof kept / sizeof *kept; k++) {
            const char *was = journal_text(first, kept[k]), *is = journal_text(ev, kept[k]);
            if (strcmp(was, is) == 0)
                continue;
            law_violated(r, ev, "data-lost", "The device's %s was \"%.48s\" and is now \"%.48s\".", kept[k], was, is);
            law_cite(r, first);
        }
    }
    if (readings < 2)
        law_none(r);
}
