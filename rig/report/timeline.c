/* SPDX-License-Identifier: GPL-3.0-or-later
 * One trial as a picture.
 *
 * Two steps: read the journal's records into spans (power, running version) and marks (everything that has an instant), then draw
 * the lanes from top to bottom. Labels that would touch the one before move to the lane's second line, and give way to the tool tip
 * when that is taken too. */
#include "report/timeline.h"

#include "base/buf.h"
#include "base/json.h"
#include "report/axis.h"
#include "report/html.h"
#include "report/svg.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum lane { LANE_FAULT, LANE_RIG, LANE_POWER, LANE_RESET, LANE_BOOT, LANE_RUNNING, LANE_STAGE, LANE_SERVER, LANES };
enum { WIDTH = 1060, LEFT = 92, RIGHT = 18, TOP = 22, LANE_HEIGHT = 40, MARKS_MOST = 40000, CLUSTERS_MOST = 400 };

static const char *const lane_name[LANES] = {"Fault", "Rig", "Power", "Reset", "Boot", "Running", "Update", "Server"};

struct mark {
    enum lane lane;
    enum svg_shape shape;
    int64_t t;
    const char *class;
    char *label, *tip; /* owned; label NULL: a small mark without one */
};

struct span {
    enum lane lane;
    int64_t from, to;
    const char *class, *text_class;
    char *label;
};

struct timeline {
    struct mark *mark;
    struct span *span;
    size_t marks, spans, mark_room, span_room;
    struct axis axis;
    int64_t now, power_since, running_since;
    int power;                 /* 1 on, 0 off, -1 not known yet */
    char *running, *first;     /* what runs; the version that ran first is drawn as the old one */
};

/* Journals may be edited by hand: a time is never trusted to be sane. */
static int64_t time_of(const struct json *event, int64_t otherwise)
{
    int64_t t = json_int(event, "t", otherwise);
    const int64_t most = INT64_C(1000000000000000000);
    return t < 0 ? 0 : t > most ? most : t;
}

static void add_mark(struct timeline *l, enum lane lane, enum svg_shape shape, const char *class, char *label, char *tip)
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
    l->mark[l->marks++] = (struct mark){lane, shape, l->now, class, label, tip};
    axis_add(&l->axis, l->now);
}

static void add_span(struct timeline *l, struct span s)
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
    add_span(l, (struct span){LANE_RUNNING, l->running_since, l->now, old ? "old" : "new", old ? "on-light" : "on-dark", l->running});
    l->running = NULL;
}

static void end_power(struct timeline *l)
{
    if (l->power == 1)
        add_span(l, (struct span){LANE_POWER, l->power_since, l->now, "power", "on-dark", mem_str("on")});
    else if (l->power == 0)
        add_span(l, (struct span){LANE_POWER, l->power_since, l->now, "off", "strong", mem_str("off")});
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

static double lane_y(enum lane lane)
{
    return TOP + (double)lane * LANE_HEIGHT;
}

/* A device that boots a thousand times has a thousand spans: what would lie on the one before is not drawn again. */
static void draw_spans(struct buf *out, const struct timeline *l)
{
    double end[LANES] = {0};
    for (size_t i = 0; i < l->spans; i++) {
        const struct span *s = &l->span[i];
        double x0 = axis_x(&l->axis, s->from), x1 = axis_x(&l->axis, s->to);
        x1 = x1 - x0 < 1.5 ? x0 + 1.5 : x1;
        if (x1 <= end[s->lane] + 0.5)
            continue;
        svg_rect(out, x0, lane_y(s->lane) + 9, x1 - x0, LANE_HEIGHT - 18, s->class, s->label);
        end[s->lane] = x1;
    }
}

/* The whole label, else its first word, else nothing: whichever fits into the span. */
static void label_span(struct buf *out, const struct timeline *l, const struct span *s)
{
    double x0 = axis_x(&l->axis, s->from), room = axis_x(&l->axis, s->to) - x0 - 8;
    char *text = mem_str(s->label);
    if (svg_text_width(text) > room)
        text[strcspn(text, " ")] = 0;
    if (svg_text_width(text) <= room)
        svg_text(out, x0 + 5, lane_y(s->lane) + 24, SVG_START, s->text_class, text);
    free(text);
}

/* Marks of one lane and one label, each close to the one before, are drawn as one: "software x7". Others may lie in between. */
struct cluster {
    const struct mark *first;
    double x, last;
    size_t count;
};

enum { NEAR = 12, OPEN = 8 };

/* The cluster that the mark belongs to, among the last few; NULL: it begins one. */
static struct cluster *cluster_of(struct cluster *c, size_t count, const struct mark *m, double x)
{
    for (size_t i = count; i > 0 && count - i < OPEN; i--)
        if (x - c[i - 1].last <= NEAR && strcmp(c[i - 1].first->label, m->label) == 0)
            return &c[i - 1];
    return NULL;
}

static size_t make_clusters(const struct timeline *l, enum lane lane, struct cluster *c)
{
    size_t count = 0;
    for (size_t i = 0; i < l->marks; i++) {
        const struct mark *m = &l->mark[i];
        if (m->lane != lane || !m->label)
            continue;
        double x = axis_x(&l->axis, m->t);
        struct cluster *with = cluster_of(c, count, m, x);
        if (with) {
            with->last = x;
            with->count++;
        } else if (count < CLUSTERS_MOST) {
            c[count++] = (struct cluster){m, x, x, 1};
        }
    }
    return count;
}

/* Where a label stands: right of its mark, or left of it near the right edge. Lines: 0 beside the marks, 1 below them. */
struct label_place {
    double from, width;
    bool left;
    int first_line;
};

static struct label_place place_label(const struct cluster *c, const char *text, const double taken[2])
{
    double width = svg_text_width(text) * 1.06; /* failures are bold */
    if (c->last - c->x > NEAR) { /* a run of marks: anywhere below it */
        double from = taken[1] > c->x + 8 ? taken[1] : c->x + 8;
        return (struct label_place){from, width, false, 1};
    }
    bool left = c->last + 8 + width > WIDTH;
    return (struct label_place){left ? c->x - 8 - width : c->last + 8, width, left, 0};
}

/* On the second line when the first is taken; nowhere, but for the tool tip, when both are. next: place of the mark that follows. */
static void draw_label(struct buf *out, const struct cluster *c, double next, double taken[2])
{
    char *text = c->count > 1 ? mem_printf("%s \xc3\x97%zu", c->first->label, c->count) : mem_str(c->first->label);
    struct label_place p = place_label(c, text, taken);
    for (int line = p.first_line; line < 2; line++) {
        if (p.from < taken[line] || (line == 0 && !p.left && p.from + p.width > next - 7))
            continue;
        svg_text(out, p.left ? c->x - 8 : p.from, lane_y(c->first->lane) + (line ? 34 : 16), p.left ? SVG_END : SVG_START,
                 strcmp(c->first->class, "fail") == 0 ? "bad-text" : "", text);
        taken[line] = p.left ? WIDTH : p.from + p.width + 8;
        break;
    }
    free(text);
}

static void draw_ticks(struct buf *out, const struct timeline *l, enum lane lane)
{
    double last = 0;
    for (size_t i = 0; i < l->marks; i++) {
        double x = l->mark[i].lane == lane && !l->mark[i].label ? axis_x(&l->axis, l->mark[i].t) : 0;
        if (x < last + 1.5)
            continue;
        svg_mark(out, l->mark[i].shape, x, lane_y(lane) + 20, l->mark[i].class, l->mark[i].tip);
        last = x;
    }
}

static void draw_cluster(struct buf *out, const struct cluster *c)
{
    double y = lane_y(c->first->lane) + 12;
    if (c->last - c->x > 1)
        svg_rect(out, c->x, y - 2, c->last - c->x, 4, c->first->class, NULL);
    svg_mark(out, c->first->shape, c->x, y, c->first->class, c->first->tip);
    if (c->last - c->x > NEAR)
        svg_mark(out, c->first->shape, c->last, y, c->first->class, c->first->tip);
}

static void draw_marks(struct buf *out, const struct timeline *l, enum lane lane)
{
    struct cluster *c = mem_new(CLUSTERS_MOST * sizeof *c);
    double taken[2] = {LEFT - 4, LEFT - 4};
    size_t count = make_clusters(l, lane, c);
    draw_ticks(out, l, lane);
    for (size_t i = 0; i < count; i++) {
        draw_label(out, &c[i], i + 1 < count ? c[i + 1].x : WIDTH, taken);
        draw_cluster(out, &c[i]);
        if (taken[0] < c[i].last + 7)
            taken[0] = c[i].last + 7;
    }
    free(c);
}

static void draw(struct buf *out, struct timeline *l, const char *title)
{
    double bottom = lane_y(LANES);
    axis_lay(&l->axis, LEFT, WIDTH - LEFT - RIGHT);
    svg_open(out, WIDTH, bottom + 26, title);
    for (int i = 0; i < LANES; i++) {
        if (i % 2 == 0)
            svg_rect(out, 0, lane_y(i), WIDTH, LANE_HEIGHT, "band", NULL);
        svg_text(out, 8, lane_y(i) + 24, SVG_START, "lane", lane_name[i]);
    }
    for (size_t i = 0; i < l->marks; i++) /* where a fault struck, through all lanes */
        if (l->mark[i].lane == LANE_FAULT) {
            double x = axis_x(&l->axis, l->mark[i].t);
            svg_line(out, x, lane_y(LANE_FAULT) + 18, x, bottom, "line-fail");
        }
    draw_spans(out, l);
    axis_draw(out, &l->axis, TOP, bottom);
    for (size_t i = 0; i < l->spans; i++)
        label_span(out, l, &l->span[i]);
    for (int i = 0; i < LANES; i++)
        draw_marks(out, l, (enum lane)i);
    svg_close(out);
}

static void release(struct timeline *l)
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

void timeline_draw(struct buf *out, const struct json *events, const char *title)
{
    struct timeline l = {.power = -1};
    for (const struct json *e = json_first(events); e; e = json_next(e))
        read_event(&l, e);
    axis_add(&l.axis, l.now);
    end_running(&l);
    end_power(&l);
    draw(out, &l, title);
    release(&l);
}
