/* SPDX-License-Identifier: GPL-3.0-or-later
 * Phases of an update out of console events. */
#include "run/phase.h"

#include "scenario/profile.h"

#include <string.h>

static const char *const names[PHASES] = {"start", "idle", "download", "verify", "activate", "boot", "confirm"};

static enum phase after_stage(enum phase now, const char *stage)
{
    static const struct { const char *stage; enum phase then; } table[] = {
        {"started", PHASE_DOWNLOAD}, {"downloaded", PHASE_VERIFY}, {"verified", PHASE_ACTIVATE}, {"installed", PHASE_ACTIVATE},
        {"confirmed", PHASE_IDLE},   {"failed", PHASE_IDLE},       {"rolled-back", PHASE_IDLE},
    };
    for (size_t i = 0; stage && i < sizeof table / sizeof *table; i++)
        if (strcmp(stage, table[i].stage) == 0)
            return table[i].then;
    return now;
}

static bool is_off(const char *flag)
{
    return flag && (strcmp(flag, "0") == 0 || strcmp(flag, "false") == 0 || strcmp(flag, "no") == 0);
}

enum phase phase_after(enum phase now, const struct profile_event *ev)
{
    const char *kind = ev->kind->name;
    if (strcmp(kind, "stage") == 0) {
        /* A trial image of the new version tells "installed" late, after its boot: that is still the confirmation. */
        const char *stage = profile_event_get(ev, "stage");
        bool late = now == PHASE_CONFIRM && stage && strcmp(stage, "installed") == 0;
        return late ? now : after_stage(now, stage);
    }
    if (strcmp(kind, "resume") == 0 || strcmp(kind, "chunk") == 0)
        return PHASE_DOWNLOAD;
    if (strcmp(kind, "running") == 0)
        return is_off(profile_event_get(ev, "confirmed")) ? PHASE_CONFIRM : PHASE_IDLE;
    return now;
}

enum phase phase_after_reset(enum phase now)
{
    return now == PHASE_START ? PHASE_START : PHASE_BOOT;
}

const char *phase_name(enum phase p, bool payload_op, bool erase)
{
    if (payload_op && p == PHASE_DOWNLOAD)
        return erase ? "erase" : "write";
    return names[p];
}

bool phase_covers(enum scenario_phase want, enum phase p, bool op, bool payload, bool erase)
{
    switch (want) {
    case SCENARIO_ANY: return true;
    case SCENARIO_UPDATE: return p != PHASE_START && p != PHASE_IDLE;
    case SCENARIO_DOWNLOAD: return p == PHASE_DOWNLOAD;
    case SCENARIO_ERASE: return p == PHASE_DOWNLOAD && (!op || (payload && erase));
    case SCENARIO_WRITE: return p == PHASE_DOWNLOAD && (!op || (payload && !erase));
    case SCENARIO_VERIFY: return p == PHASE_VERIFY;
    case SCENARIO_ACTIVATE: return p == PHASE_ACTIVATE;
    case SCENARIO_BOOT: return p == PHASE_BOOT;
    case SCENARIO_CONFIRM: return p == PHASE_CONFIRM;
    default: return false;
    }
}
