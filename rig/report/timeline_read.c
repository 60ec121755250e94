/* SPDX-License-Identifier: GPL-3.0-or-later
 * The journal's records as spans (power, running version) and marks (everything that has an instant). */
#include "report/timeline_parts.h"

#include "base/buf.h"
#include "base/json.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MARKS_MOST = 40000 }; /* of one picture; the rest is left out */

/* Journals may be edited by hand: a time is never trusted to be sane. */
static int64_t time_of(const struct json *event, int64_t otherwise)
{
    int64_t t = json_int(event, "t", otherwise);
    const int64_t most = INT64_C(1000000000000000000);
    return t < 0 ? 0 : t > most ? most : t;
}

static void add_mark(struct timeline *l, enum timeline_lane lane, enum svg_shape shape, const char *class, char *label, char *tip)
{
    if (l->marks == MARKS_MOST) {
        free(label);
        free(tip);
        return;
    }
    if (l->marks == l->mark_room) {
        l->mark_room = l->mark_room ? l->mark_room * 2 : 64;
        l->mark = mem_grow(l->mark, l->mark_room * sizeof *l->mark);
    }
    l->mark[l->marks++] = (struct timeline_mark){lane, shape, l->now, class, label, tip};
    axis_add(&l->axis, l->now);
}

static void add_span(struct timeline *l, struct timeline_span s)
{
    if (l->spans == l->span_room) {
        l->span_room = l->span_room ? l->span_room * 2 : 32;
        l->span = mem_grow(l->span, l->span_room * sizeof *l->span);
    }
    l->span[l->spans++] = s;
}

static void end_running(struct timeline *l)
{
    if (!l->running)
        return;
    bool old = l->first && !strcmp(l->first, l->running);
    add_span(l, (struct timeline_span){LANE_RUNNING, l->running_since, l->now, old ? "old" : "new", old ? "on-light" : "on-dark",
                                       l->running});
    l->running = NULL;
}

static void end_power(struct timeline *l)
{
    if (l->power == 1)
        add_span(l, (struct timeline_span){LANE_POWER, l->power_since, l->now, "power", "on-dark", mem_str("on")});
    else if (l->power == 0)
        add_span(l, (struct timeline_span){LANE_POWER, l->power_since, l->now, "off", "strong", mem_str("off")});
}

static void read_power(struct timeline *l, const struct json *e)
{
    int on = json_bool(e, "on", false);
    if (on != l->power) {
        end_power(l);
        l->power = on;
        l->power_since = l->now;
        axis_add(&l->axis, l->now);
    }
    if (!on)
        end_running(l);
}

static void read_rail(struct timeline *l, const struct json *e)
{
    char *text = mem_printf("%" PRId64 " mV", json_int(e, "mv", 0));
    add_mark(l, LANE_POWER, SVG_TICK, "mute", NULL, mem_printf("rail at %s", text));
    free(text);
}

static void read_reset(struct timeline *l, const struct json *e)
{
    const char *cause = json_str_or(e, "cause", "?"), *by = json_str_or(e, "by", "?");
    bool own = strcmp(by, "device") == 0 && strcmp(cause, "software") != 0;
    end_running(l);
    add_mark(l, LANE_RESET, SVG_DOT, own ? "fail" : "mute", mem_str(cause), mem_printf("reset: %s, by the %s", cause, by));
}

static void read_running(struct timeline *l, const struct json *e)
{
    const char *version = json_str_or(e, "version", "?"), *slot = json_str_or(e, "slot", "?");
    end_running(l);
    if (!l->first)
        l->first = mem_printf("%s in slot %s", version, slot);
    l->running = mem_printf("%s in slot %s", version, slot);
    l->running_since = l->now;
    axis_add(&l->axis, l->now);
}

static void read_stage(struct timeline *l, const struct json *e)
{
    const char *stage = json_str_or(e, "stage", "?"), *cause = json_str(e, "cause"), *version = json_str_or(e, "version", "?");
    bool bad = !strcmp(stage, "failed") || !strcmp(stage, "rolled-back");
    char *label = cause ? mem_printf("%s: %s", stage, cause) : mem_str(stage);
    add_mark(l, LANE_STAGE, SVG_DIAMOND, bad ? "fail" : "new", label, mem_printf("%s: %s", version, label));
}

static void read_boot(struct timeline *l, const struct json *e)
{
    const char *slot = json_str_or(e, "slot", "?"), *version = json_str_or(e, "version", "?");
    bool sure = json_bool(e, "confirmed", false) || json_int(e, "confirmed", 0) != 0 || strcmp(json_str_or(e, "confirmed", ""), "1") == 0;
    add_mark(l, LANE_BOOT, SVG_SQUARE, sure ? "old" : "torn", mem_printf("slot %s%s", slot, sure ? "" : " on trial"),
             mem_printf("boots %s from slot %s, %s", version, slot, sure ? "confirmed" : "not yet confirmed"));
}

static void read_dut(struct timeline *l, const struct json *e)
{
    const char *kind = json_str_or(e, "kind", ""), *line = json_str_or(e, "line", "");
    if (!strcmp(kind, "running"))
        read_running(l, e);
    else if (!strcmp(kind, "stage"))
        read_stage(l, e);
    else if (!strcmp(kind, "boot"))
        read_boot(l, e);
    else if (!strcmp(kind, "recovery") || !strcmp(kind, "rollback"))
        add_mark(l, LANE_BOOT, SVG_DIAMOND, "fail", mem_printf("%s: %s", kind, json_str_or(e, "cause", "?")), mem_str(line));
    else if (!strcmp(kind, "fault"))
        add_mark(l, LANE_BOOT, SVG_DIAMOND, "fail", mem_printf("fault: %s", json_str_or(e, "fault", "?")), mem_str(line));
    else if (!strcmp(kind, "chunk"))
        add_mark(l, LANE_STAGE, SVG_TICK, "mute", NULL, mem_str(line));
    else if (!strcmp(kind, "resume"))
        add_mark(l, LANE_STAGE, SVG_DIAMOND, "new", mem_str("resumed"), mem_str(line));
}

static void read_http(struct timeline *l, const struct json *e)
{
    const char *method = json_str_or(e, "method", "?"), *path = json_str_or(e, "path", "?"), *attack = json_str(e, "attack");
    int64_t status = json_int(e, "status", 0), from = json_int(e, "from", 0);
    char *tip = mem_printf("%s %s, status %" PRId64 ", %" PRId64 " bytes from %" PRId64 "%s%s", method, path, status,
                           json_int(e, "sent", 0), from, attack ? ", attack " : "", attack ? attack : "");
    bool get = strcmp(method, "GET") == 0, image = get && strncmp(path, "/manifest", 9) != 0;
    char *label = attack ? mem_str(attack) : !get ? NULL : !image ? mem_str("manifest")
                : from ? mem_printf("image from %" PRId64, from) : mem_str("image");
    add_mark(l, LANE_SERVER, image ? SVG_SQUARE : get ? SVG_DOT : SVG_TICK, attack ? "fail" : image ? "new" : "mute", label, tip);
}

static void read_fault(struct timeline *l, const struct json *e)
{
    const char *what = json_str_or(e, "do", "?"), *phase = json_str(e, "phase"), *outcome = json_str(e, "outcome");
    bool delivered = json_bool(e, "delivered", true);
    char *label = mem_printf("%s%s%s", what, outcome ? ": " : "", outcome ? outcome : delivered ? "" : " (not delivered)");
    char *tip = mem_printf("%s%s%s, operation %" PRId64 "%s%s", label, phase ? " during " : "", phase ? phase : "",
                           json_int(e, "op", 0), json_has(e, "addr") ? " at " : "", json_str_or(e, "addr", ""));
    add_mark(l, LANE_FAULT, SVG_DOWN, delivered ? "fail" : "mute", label, tip);
}

static void rig_mark(struct timeline *l, const char *class, const char *text, const char *detail)
{
    add_mark(l, LANE_RIG, SVG_DOT, class, mem_str(text), mem_printf("%s %s", text, detail));
}

static void read_rig(struct timeline *l, const char *ev, const struct json *e)
{
    if (!strcmp(ev, "faults-over"))
        rig_mark(l, "mute", "faults over", "");
    else if (!strcmp(ev, "offer"))
        rig_mark(l, "mute", "offer", json_str_or(e, "version", ""));
    else if (!strcmp(ev, "cycle"))
        rig_mark(l, "mute", "power cycle", "of the rig's own");
    else if (!strcmp(ev, "timeout"))
        rig_mark(l, "fail", "timeout", json_str_or(e, "waiting", ""));
    else if (!strcmp(ev, "dead"))
        rig_mark(l, "fail", "dead", "nothing can ever happen again");
    else if (!strcmp(ev, "bench"))
        rig_mark(l, "torn", "bench fault", json_str_or(e, "reason", ""));
    else if (!strcmp(ev, "end"))
        rig_mark(l, "mute", "end", json_str_or(e, "why", ""));
    else if (!strcmp(ev, "write-running") || !strcmp(ev, "cpu-fault") || !strcmp(ev, "flash-error"))
        add_mark(l, LANE_BOOT, SVG_DIAMOND, "fail", mem_str(ev), mem_printf("%s at %s", ev, json_str_or(e, "addr", "?")));
}

static void read_event(struct timeline *l, const struct json *e)
{
    const char *ev = json_str_or(e, "ev", "");
    int64_t t = time_of(e, l->now);
    l->now = t > l->now ? t : l->now;
    if (!strcmp(ev, "power"))
        read_power(l, e);
    else if (!strcmp(ev, "rail"))
        read_rail(l, e);
    else if (!strcmp(ev, "reset"))
        read_reset(l, e);
    else if (!strcmp(ev, "dut"))
        read_dut(l, e);
    else if (!strcmp(ev, "http"))
        read_http(l, e);
    else if (!strcmp(ev, "fault"))
        read_fault(l, e);
    else
        read_rig(l, ev, e);
}

void timeline_read(struct timeline *l, const struct json *events)
{
    l->power = -1;
    for (const struct json *e = json_first(events); e; e = json_next(e))
        read_event(l, e);
    axis_add(&l->axis, l->now);
    end_running(l);
    end_power(l);
}

void timeline_release(struct timeline *l)
{
    for (size_t i = 0; i < l->marks; i++) {
        free(l->mark[i].label);
        free(l->mark[i].tip);
    }
    for (size_t i = 0; i < l->spans; i++)
        free(l->span[i].label);
    free(l->mark);
    free(l->span);
    free(l->first);
    free(l->running);
    axis_free(&l->axis);
}
