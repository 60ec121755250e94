/* SPDX-License-Identifier: GPL-3.0-or-later
 * Where the cuts fell, as pictures. */
#include "report/histogram.h"

#include "base/buf.h"
#include "report/html.h"
#include "report/svg.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct { const char *class, *word, *help; } outcome[HISTOGRAM_OUTCOMES] = {
    [HISTOGRAM_BEFORE] = {"before", "before", "the operation had not begun to change the cells"},
    [HISTOGRAM_TORN] = {"torn", "torn", "some bits of the double word were programmed"},
    [HISTOGRAM_ECC] = {"ecc", "ecc", "the double word reads as a double ECC error"},
    [HISTOGRAM_PARTIAL] = {"partial", "partial", "the page was erased in part"},
    [HISTOGRAM_AFTER] = {"after", "after", "the operation was whole"},
    [HISTOGRAM_IDLE] = {"idle", "between operations", "no flash operation was under way"},
};

enum histogram_outcome histogram_outcome(const char *word)
{
    for (int i = 0; word && i < HISTOGRAM_IDLE; i++)
        if (!strncmp(word, outcome[i].word, strlen(outcome[i].word)))
            return (enum histogram_outcome)i;
    return HISTOGRAM_IDLE;
}

uint64_t histogram_total(const struct histogram_bar *b)
{
    uint64_t sum = 0;
    for (int i = 0; i < HISTOGRAM_OUTCOMES; i++)
        sum += b->count[i];
    return sum;
}

void histogram_legend(struct buf *out)
{
    buf_str(out, "<ul class=\"legend\">");
    for (int i = 0; i < HISTOGRAM_OUTCOMES; i++)
        buf_printf(out, "<li title=\"%s\"><i class=\"%s\"></i>%s</li>", outcome[i].help, outcome[i].class, outcome[i].word);
    buf_str(out, "<li><i class=\"fail\"></i>&#9660; trial violated a law</li></ul>\n");
}

static char *tip_of(const struct histogram_bar *b, int i, const char *where)
{
    return mem_printf("%s%" PRIu64 " %s", where, b->count[i], outcome[i].word);
}

void histogram_row(struct buf *out, const struct histogram_bar *b, uint64_t most)
{
    double full = 360, x = 0;
    buf_str(out, "<svg class=\"row\" viewBox=\"0 0 360 20\" width=\"360\" height=\"20\" role=\"img\" aria-label=\"");
    html_plural(out, histogram_total(b), "cut", "cuts");
    buf_str(out, "\">\n");
    for (int i = 0; i < HISTOGRAM_OUTCOMES; i++) {
        if (!b->count[i])
            continue;
        double width = (double)b->count[i] / (double)most * full;
        char *tip = tip_of(b, i, "");
        width = width < 1.5 ? 1.5 : width; /* a single cut is still seen */
        svg_rect(out, x, 3, width, 14, outcome[i].class, tip);
        free(tip);
        x += width;
    }
    svg_close(out);
}

enum { WIDTH = 1060, LEFT = 46, RIGHT = 8, TOP = 24, HEIGHT = 170, BOTTOM = 50, STRETCH_LEAST = 62, BAR_LEAST = 7, GAP = 6 };

static uint64_t operations_of(const struct histogram_stretch *s)
{
    return s->to - s->from + 1;
}

void histogram_lay(struct histogram_stretch *s, size_t count)
{
    double room = WIDTH - LEFT - RIGHT - (double)GAP * (double)(count - 1), x = LEFT, all = 0;
    double least = STRETCH_LEAST * (double)count < room ? STRETCH_LEAST : room / (double)count;
    for (size_t i = 0; i < count; i++)
        all += (double)operations_of(&s[i]);
    for (size_t i = 0; i < count; i++) {
        uint64_t ops = operations_of(&s[i]);
        s[i].x = x;
        s[i].width = least + (room - least * (double)count) * (double)ops / all;
        s[i].bars = (size_t)(s[i].width / BAR_LEAST);
        s[i].bars = s[i].bars > HISTOGRAM_BARS ? HISTOGRAM_BARS : s[i].bars < 1 ? 1 : s[i].bars;
        s[i].bars = s[i].bars > ops ? (size_t)ops : s[i].bars;
        x += s[i].width + GAP;
    }
}

struct histogram_bar *histogram_bar_of(struct histogram_stretch *s, size_t count, uint64_t op)
{
    for (size_t i = 0; i < count; i++)
        if (op >= s[i].from && op <= s[i].to)
            return &s[i].bar[(op - s[i].from) * s[i].bars / operations_of(&s[i])];
    return NULL;
}

/* The largest of 1, 2, 5, 10, … that gives at least two grid lines. */
static uint64_t grid_step(uint64_t most)
{
    uint64_t step = 1;
    for (int i = 0; step * 2 <= most && step < UINT64_MAX / 10; i++) {
        uint64_t next = i % 3 == 1 ? step / 2 * 5 : step * 2;
        if (next * 2 > most)
            break;
        step = next;
    }
    return step;
}

static void draw_grid(struct buf *out, uint64_t most)
{
    uint64_t step = grid_step(most);
    for (uint64_t v = 0; v <= most; v += step) {
        double y = TOP + HEIGHT - HEIGHT * (double)v / (double)most;
        struct buf text = {0};
        html_count(&text, v);
        svg_line(out, LEFT, y, WIDTH - RIGHT, y, "grid");
        svg_text(out, LEFT - 6, y + 4, SVG_END, "", buf_text(&text));
        buf_free(&text);
    }
}

static void draw_bar(struct buf *out, const struct histogram_bar *b, double x0, double x1, uint64_t most, const char *where)
{
    double y = TOP + HEIGHT, width = x1 - x0 > 2 ? x1 - x0 - 0.6 : x1 - x0;
    for (int i = 0; i < HISTOGRAM_OUTCOMES; i++) {
        if (!b->count[i])
            continue;
        double height = HEIGHT * (double)b->count[i] / (double)most;
        char *tip = tip_of(b, i, where);
        y -= height;
        svg_rect(out, x0, y, width, height, outcome[i].class, tip);
        free(tip);
    }
    if (b->failed) {
        char *tip = mem_printf("%s%" PRIu64 " in trials that violated a law", where, b->failed);
        svg_mark(out, SVG_DOWN, (x0 + x1) / 2, y - 9, "fail", tip);
        free(tip);
    }
}

static void draw_stretch(struct buf *out, const struct histogram_stretch *s, uint64_t most)
{
    uint64_t ops = operations_of(s);
    double step = s->width / (double)s->bars;
    svg_text(out, s->x, TOP - 8, SVG_START, "lane", s->name);
    for (size_t i = 0; i < s->bars; i++) { /* the operations o with (o - from) * bars / ops == i */
        uint64_t from = s->from + (i * ops + s->bars - 1) / s->bars, to = s->from + ((i + 1) * ops + s->bars - 1) / s->bars - 1;
        char *where = to > from ? mem_printf("operations %" PRIu64 " to %" PRIu64 ": ", from, to)
                                : mem_printf("operation %" PRIu64 ": ", from);
        draw_bar(out, &s->bar[i], s->x + (double)i * step, s->x + (double)(i + 1) * step, most, where);
        free(where);
    }
}

static void draw_axis(struct buf *out, const struct histogram_stretch *s)
{
    struct buf text = {0};
    double y = TOP + HEIGHT;
    html_count(&text, s->from);
    svg_line(out, s->x, y, s->x, y + 5, "axis");
    svg_line(out, s->x, y, s->x + s->width, y, "tick");
    svg_text(out, s->x, y + 17, SVG_START, "", buf_text(&text));
    buf_free(&text);
}

void histogram_operations(struct buf *out, const struct histogram_stretch *s, size_t count, const char *title)
{
    uint64_t most = 1;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < s[i].bars; k++)
            most = histogram_total(&s[i].bar[k]) > most ? histogram_total(&s[i].bar[k]) : most;
    svg_open(out, WIDTH, TOP + HEIGHT + BOTTOM, title);
    for (size_t i = 0; i < count; i++)
        svg_rect(out, s[i].x, TOP, s[i].width, HEIGHT, "band", s[i].name);
    draw_grid(out, most);
    for (size_t i = 0; i < count; i++) {
        draw_stretch(out, &s[i], most);
        draw_axis(out, &s[i]);
    }
    svg_text(out, LEFT, TOP + HEIGHT + 38, SVG_START, "",
             "number of the flash operation at which power went, each phase on a scale of its own; height: cuts");
    svg_close(out);
}
