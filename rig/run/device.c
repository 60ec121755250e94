/* SPDX-License-Identifier: GPL-3.0-or-later
 * What comes from the device and its bench: console lines, telemetry, requests, resets. Written down, and what the engine must know of
 * it kept in the trial's state; nothing is judged. */
#include "base/file.h"
#include "base/json.h"
#include "run/note.h"
#include "run/trial_state.h"

#include <stdio.h>
#include <string.h>

enum { CONSOLE_LINES = 2000, ASKED = sizeof ((struct trial *)0)->asked / sizeof ((struct trial *)0)->asked[0] };

/* --- console --- */

static void copy_field(char *to, size_t room, const struct profile_event *ev, const char *field)
{
    const char *value = profile_event_get(ev, field);
    if (value)
        snprintf(to, room, "%s", value);
}

static bool flag(const struct profile_event *ev, const char *field)
{
    const char *value = profile_event_get(ev, field);
    return value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0 || strcmp(value, "yes") == 0);
}

static void device_runs(struct trial *t, const struct profile_event *ev, uint64_t at)
{
    if (t->learn && !t->learn->boot_ns)
        t->learn->boot_ns = at;
    copy_field(t->version, sizeof t->version, ev, "version");
    copy_field(t->slot, sizeof t->slot, ev, "slot");
    copy_field(t->digest, sizeof t->digest, ev, "digest");
    t->confirmed = flag(ev, "confirmed");
    t->running = true;
    if (t->confirmed)
        memcpy(t->confirmed_version, t->version, sizeof t->version);
    t->running_by = BENCH_NEVER;
    t->settled_t = at;
    look_running(t, at);
    fault_watch(t);
}

static bool about_offer(const struct trial *t, const struct profile_event *ev)
{
    const char *version = profile_event_get(ev, "version");
    return !version || !t->offer || strcmp(version, t->offer->version) == 0;
}

static void device_stage(struct trial *t, const struct profile_event *ev, uint64_t at)
{
    const char *stage = profile_event_get(ev, "stage");
    char name[64];
    if (!stage)
        return;
    if (strcmp(stage, "confirmed") == 0) {
        t->confirmed = true;
        memcpy(t->confirmed_version, t->version, sizeof t->version);
        if (t->recovering && about_offer(t, ev))
            t->updates++;
    }
    if (strcmp(stage, "failed") == 0 || strcmp(stage, "rolled-back") == 0)
        t->gave_up = true;
    t->settled_t = at;
    snprintf(name, sizeof name, "update.%s", stage);
    fault_named(t, name, at);
}

static void device_line(struct trial *t, const struct profile_event *pe, const struct bench_event *ev)
{
    const char *kind = pe->kind->name;
    char name[64];
    struct json *j = note_new("dut", ev->t);
    json_add_str(j, "kind", kind);
    profile_event_add(pe, j);
    json_add_str(j, "line", ev->text);
    note_add(t->out, j);
    enum phase after = phase_after(t->phase, pe);
    if (after != t->phase)
        trial_enter(t, after);
    if (strcmp(kind, "running") == 0)
        device_runs(t, pe, ev->t);
    if (strcmp(kind, "rollback") == 0)
        t->gave_up = true;
    if (strcmp(kind, "recovery") == 0)
        serial_wanted(t);
    if (strcmp(kind, "stage") == 0)
        device_stage(t, pe, ev->t);
    snprintf(name, sizeof name, "device.%s", kind);
    fault_named(t, name, ev->t);
}

static void console_line(struct trial *t, const struct bench_event *ev)
{
    struct profile_event pe;
    if (++t->lines > CONSOLE_LINES) {
        t->dropped++;
        if (profile_match(t->profile, ev->text, &pe) && strcmp(pe.kind->name, "running") == 0)
            device_line(t, &pe, ev);
        return;
    }
    if (profile_match(t->profile, ev->text, &pe)) {
        device_line(t, &pe, ev);
        return;
    }
    struct json *j = note_new("console", ev->t);
    json_add_str(j, "line", ev->text);
    note_add(t->out, j);
}

static void told(struct trial *t, struct bench_event *ev)
{
    note_told(t->out, ev);
    const char *stage = json_str_or(ev->told, "stage", "");
    if (strcmp(stage, "failed") == 0 || strcmp(stage, "rolled-back") == 0)
        t->told_up = true;
    if (strcmp(stage, "confirmed") == 0)
        t->told_confirmed = true;
    t->settled_t = ev->t;
    if (t->feed)
        fleet_device_told(t, ev->told, ev->t);
    json_free(ev->told);
}

static bool is_delta(const struct trial *t, const char *file)
{
    for (size_t i = 0; t->offer && i < t->offer->deltas; i++)
        if (strcmp(file_base(t->offer->delta[i]->file), file) == 0)
            return true;
    return false;
}

/* --- all that happens --- */

void device_event(struct trial *t, struct bench_event *ev)
{
    fault_event(t, ev);
    look_again(t, ev->t);
    if (ev->kind != BENCH_DEADLINE && ev->kind != BENCH_OP)
        t->heard_t = ev->t;
    if (ev->kind == BENCH_RESPONSE && strcmp(ev->method, "POST") != 0)
        t->answered_t = ev->t;
    switch (ev->kind) {
    case BENCH_LINE: console_line(t, ev); break;
    case BENCH_RESET:
        note_reset(t->out, ev->t, ev->text, "device");
        trial_device_restarts(t, false);
        break;
    case BENCH_REQUEST:
        t->asked[ev->request % ASKED] = ev->t;
        look_held(t, ev);
        break;
    case BENCH_RESPONSE: note_response(t->out, ev, t->asked[ev->request % ASKED], is_delta(t, ev->file)); break;
    case BENCH_TLS: note_tls(t->out, ev); break;
    case BENCH_TOLD: told(t, ev); break;
    case BENCH_BYTE: serial_byte(t, ev); break;
    case BENCH_OP: look_op(t, &ev->op); break;
    case BENCH_DEAD: note_simple(t->out, ev->t, "dead"); break;
    case BENCH_BROKEN:
        note_bench_fault(t->out, ev->t, ev->text, NULL);
        t->broken = true;
        break;
    case BENCH_ACCESS:
    case BENCH_FLASH_ERROR:
    case BENCH_CPU_FAULT:
    case BENCH_BAD_REQUEST: note_oddity(t->out, ev); break;
    default: break;
    }
}
