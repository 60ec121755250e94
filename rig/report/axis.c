/* SPDX-License-Identifier: GPL-3.0-or-later
 * A time axis on which long silence is folded. */
#include "report/axis.h"

#include "base/buf.h"
#include "report/html.h"
#include "report/svg.h"

#include <stdbool.h>
#include <stdlib.h>

void axis_add(struct axis *a, int64_t t)
{
    if (a->count && a->t[a->count - 1] == t)
        return;
    if (a->count == a->room) {
        a->room = a->room ? a->room * 2 : 256;
        a->t = mem_grow(a->t, a->room * sizeof *a->t);
    }
    a->t[a->count++] = t;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void sort_distinct(struct axis *a)
{
    if (!a->count)
        return;
    qsort(a->t, a->count, sizeof *a->t, by_time);
    size_t n = 1;
    for (size_t i = 1; i < a->count; i++)
        if (a->t[i] != a->t[n - 1])
            a->t[n++] = a->t[i];
    a->count = n;
}

static int64_t capped(int64_t gap, int64_t most)
{
    return gap < most ? gap : most;
}

/* Every stretch weighs its length, but at most a twelfth of what is drawn; a few rounds find a stable answer. */
static int64_t find_fold(const struct axis *a)
{
    int64_t fold = INT64_MAX;
    for (int round = 0; round < 4; round++) {
        int64_t sum = 0;
        for (size_t i = 1; i < a->count; i++)
            sum += capped(a->t[i] - a->t[i - 1], fold);
        fold = sum / 12 + 1;
    }
    return fold;
}

void axis_lay(struct axis *a, double left, double width)
{
    sort_distinct(a);
    a->left = left;
    a->width = width;
    a->fold = find_fold(a);
    a->at = mem_grow(a->at, (a->count + 1) * sizeof *a->at);
    double sum = 0;
    for (size_t i = 0; i < a->count; i++) {
        sum += i ? (double)capped(a->t[i] - a->t[i - 1], a->fold) : 0;
        a->at[i] = sum;
    }
    a->ns_per_unit = sum > 0 ? sum / width : 1;
    for (size_t i = 0; i < a->count; i++)
        a->at[i] = left + a->at[i] / a->ns_per_unit;
}

double axis_x(const struct axis *a, int64_t t)
{
    if (!a->count || t <= a->t[0])
        return a->left;
    size_t low = 0, high = a->count; /* t[low] <= t < t[high] */
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        if (a->t[mid] <= t)
            low = mid;
        else
            high = mid;
    }
    if (low + 1 == a->count)
        return a->at[low];
    double share = (double)(t - a->t[low]) / (double)(a->t[low + 1] - a->t[low]);
    return a->at[low] + share * (a->at[low + 1] - a->at[low]);
}

/* A fold is worth showing only where it hides a good part of the stretch. */
static bool folded(const struct axis *a, size_t i)
{
    return (a->t[i] - a->t[i - 1]) / 2 > a->fold;
}

static int64_t nice_step(double least)
{
    static const int factor[] = {2, 5, 10};
    int64_t step = 1000;
    while ((double)step * 10 < least && step < INT64_MAX / 100)
        step *= 10;
    for (int i = 0; i < 3; i++)
        if ((double)(step * factor[i]) >= least)
            return step * factor[i];
    return step * 10;
}

static void label_at(struct buf *out, const struct axis *a, int64_t t, double y)
{
    struct buf text = {0};
    html_time(&text, t);
    double x = axis_x(a, t);
    svg_line(out, x, y, x, y + 4, "axis");
    svg_text(out, x, y + 17, SVG_MIDDLE, "mute", buf_text(&text));
    buf_free(&text);
}

/* Returns the right end of its label; before: the one of the fold before, into which this label must not run. */
static double draw_fold(struct buf *out, const struct axis *a, size_t i, double top, double y, double before)
{
    struct buf text = {0};
    double x = (a->at[i - 1] + a->at[i]) / 2;
    html_time(&text, a->t[i] - a->t[i - 1]);
    double half = svg_text_width(buf_text(&text)) / 2;
    svg_rect(out, x - 3, top, 6, y - top, "gap", buf_text(&text));
    if (x - half > before) {
        svg_text(out, x, top - 5, SVG_MIDDLE, "mute", buf_text(&text));
        before = x + half + 4;
    }
    buf_free(&text);
    return before;
}

void axis_draw(struct buf *out, const struct axis *a, double top, double y)
{
    svg_line(out, a->left, y, a->left + a->width, y, "axis");
    if (a->count < 2)
        return;
    int64_t step = nice_step(a->ns_per_unit * 85);
    double last = a->left - 100, fold_end = 0;
    for (size_t i = 1; i < a->count; i++) {
        if (folded(a, i)) {
            fold_end = draw_fold(out, a, i, top, y, fold_end);
            continue;
        }
        int64_t from = a->t[i - 1] < 0 ? a->t[i - 1] / step : (a->t[i - 1] + step - 1) / step;
        for (int64_t t = from * step; t <= a->t[i]; t += step) {
            double x = axis_x(a, t);
            if (x - last < 60)
                continue;
            label_at(out, a, t, y);
            last = x;
        }
    }
}

void axis_free(struct axis *a)
{
    free(a->t);
    free(a->at);
}
