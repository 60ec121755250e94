/* SPDX-License-Identifier: GPL-3.0-or-later
 * One trial as a picture, lanes from top to bottom. Labels that would touch the one before move to the lane's second line, and give way
 * to the tool tip when that is taken too. */
#include "report/timeline.h"

#include "base/buf.h"
#include "report/timeline_parts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 1060, LEFT = 92, RIGHT = 18, TOP = 22, LANE_HEIGHT = 40, CLUSTERS_MOST = 400 };

static const char *const lane_name[LANES] = {"Fault", "Rig", "Power", "Reset", "Boot", "Running", "Update", "Server"};

static double lane_y(enum timeline_lane lane)
{
    return TOP + (double)lane * LANE_HEIGHT;
}

/* A device that boots a thousand times has a thousand spans: what would lie on the one before is not drawn again. */
static void draw_spans(struct buf *out, const struct timeline *l)
{
    double end[LANES] = {0};
    for (size_t i = 0; i < l->spans; i++) {
        const struct timeline_span *s = &l->span[i];
        double x0 = axis_x(&l->axis, s->from), x1 = axis_x(&l->axis, s->to);
        x1 = x1 - x0 < 1.5 ? x0 + 1.5 : x1;
        if (x1 <= end[s->lane] + 0.5)
            continue;
        svg_rect(out, x0, lane_y(s->lane) + 9, x1 - x0, LANE_HEIGHT - 18, s->class, s->label);
        end[s->lane] = x1;
    }
}

/* The whole label, else its first word, else nothing: whichever fits into the span. */
static void label_span(struct buf *out, const struct timeline *l, const struct timeline_span *s)
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
    const struct timeline_mark *first;
    double x, last;
    size_t count;
};

enum { NEAR = 12, OPEN = 8 };

/* The cluster that the mark belongs to, among the last few; NULL: it begins one. */
static struct cluster *cluster_of(struct cluster *c, size_t count, const struct timeline_mark *m, double x)
{
    for (size_t i = count; i > 0 && count - i < OPEN; i--)
        if (x - c[i - 1].last <= NEAR && strcmp(c[i - 1].first->label, m->label) == 0)
            return &c[i - 1];
    return NULL;
}

static size_t make_clusters(const struct timeline *l, enum timeline_lane lane, struct cluster *c)
{
    size_t count = 0;
    for (size_t i = 0; i < l->marks; i++) {
        const struct timeline_mark *m = &l->mark[i];
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

static void draw_ticks(struct buf *out, const struct timeline *l, enum timeline_lane lane)
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

static void draw_marks(struct buf *out, const struct timeline *l, enum timeline_lane lane)
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
        draw_marks(out, l, (enum timeline_lane)i);
    svg_close(out);
}

void timeline_draw(struct buf *out, const struct json *events, const char *title)
{
    struct timeline l = {0};
    timeline_read(&l, events);
    draw(out, &l, title);
    timeline_release(&l);
}
