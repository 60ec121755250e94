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

enum { WIDTH = 1060, LEFT = 46, TOP = 34, HEIGHT = 170, BOTTOM = 54 };

static double place(uint64_t op, uint64_t operations)
{
    double plot = WIDTH - LEFT - 8;
    return LEFT + plot * (double)(op > operations ? operations : op) / (double)operations;
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
        svg_line(out, LEFT, y, WIDTH - 8, y, v ? "grid" : "axis");
        svg_text(out, LEFT - 6, y + 4, SVG_END, "", buf_text(&text));
        buf_free(&text);
    }
}

static void draw_spans(struct buf *out, uint64_t operations, const struct histogram_span *span, size_t spans)
{
    double free_from[2] = {0, 0};
    for (size_t i = 0; i < spans; i++) {
        double x0 = place(span[i].from ? span[i].from - 1 : 0, operations), x1 = place(span[i].to, operations);
        double width = svg_text_width(span[i].name);
        svg_rect(out, x0, TOP, x1 - x0 < 1 ? 1 : x1 - x0, HEIGHT, i % 2 ? "band none" : "band", span[i].name);
        double at = x0 + width > WIDTH ? WIDTH - width : x0;
        for (int row = 1; row >= 0; row--)
            if (at >= free_from[row]) {
                svg_text(out, at, TOP - 6 - (row ? 0 : 14), SVG_START, "", span[i].name);
                svg_line(out, x0, TOP - (row ? 4 : 18), x0, TOP + HEIGHT, "leader");
                free_from[row] = at + width + 8;
                break;
            }
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

static void draw_axis(struct buf *out, uint64_t operations)
{
    uint64_t step = grid_step(operations / 3 + 1);
    double y = TOP + HEIGHT;
    for (uint64_t v = 0; v <= operations; v += step) {
        double x = place(v, operations);
        struct buf text = {0};
        html_count(&text, v);
        svg_line(out, x, y, x, y + 4, "axis");
        svg_text(out, x, y + 17, x > WIDTH - 40 ? SVG_END : SVG_MIDDLE, "", buf_text(&text));
        buf_free(&text);
    }
    svg_text(out, LEFT, y + 38, SVG_START, "", "number of the flash operation at which power went; height: cuts");
}

void histogram_operations(struct buf *out, const struct histogram_bar *bar, size_t bars, uint64_t operations,
                          const struct histogram_span *span, size_t spans, const char *title)
{
    uint64_t most = 1;
    for (size_t i = 0; i < bars; i++)
        most = histogram_total(&bar[i]) > most ? histogram_total(&bar[i]) : most;
    operations = operations ? operations : 1;
    svg_open(out, WIDTH, TOP + HEIGHT + BOTTOM, title);
    draw_spans(out, operations, span, spans);
    draw_grid(out, most);
    for (size_t i = 0; i < bars; i++) {
        uint64_t from = i * operations / bars, to = (i + 1) * operations / bars;
        char *where = mem_printf("operations %" PRIu64 " to %" PRIu64 ": ", from + 1, to > from ? to : from + 1);
        draw_bar(out, &bar[i], place(from, operations), place(to, operations), most, where);
        free(where);
    }
    draw_axis(out, operations);
    svg_close(out);
}
