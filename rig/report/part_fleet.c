/* SPDX-License-Identifier: GPL-3.0-or-later
 * Fleets: who got the release and when, who failed, and how requests spread over time. */
#include "report/part.h"

#include "base/buf.h"
#include "base/json.h"
#include "judge/fleet.h"
#include "report/html.h"
#include "report/svg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 120, WIDTH = 960, LEFT = 46, RIGHT = 10, TOP = 18, PANEL = 90, GAP = 26, HEIGHT = TOP + 2 * PANEL + GAP + 22 };

struct plot {
    const struct fleet *f;
    const struct json *rules; /* `fleet` of the header's scenario */
    int64_t span;             /* ns that are shown */
};

static double x_of(const struct plot *p, int64_t t)
{
    double share = (double)t / (double)p->span;
    return LEFT + (WIDTH - LEFT - RIGHT) * (share < 0 ? 0 : share > 1 ? 1 : share);
}

static size_t bin_of(const struct plot *p, int64_t t)
{
    double at = (double)t / (double)p->span * BINS;
    return at < 0 ? 0 : at >= BINS ? BINS - 1 : (size_t)at;
}

static void time_text(int64_t ns, char text[24])
{
    const struct { const char *unit; int64_t ns; } units[] = {
        {"d", INT64_C(86400000000000)}, {"h", INT64_C(3600000000000)}, {"min", INT64_C(60000000000)}, {"s", 1000000000}};
    size_t i = 0;
    while (i < 3 && ns < 2 * units[i].ns)
        i++;
    snprintf(text, 24, "%.3g %s", (double)ns / (double)units[i].ns, units[i].unit);
}

/* --- requests --- */

static void bars(struct buf *out, const struct plot *p, double bottom)
{
    size_t answered[BINS] = {0}, refused[BINS] = {0}, most = 1;
    for (size_t i = 0; i < p->f->asks; i++)
        (p->f->ask[i].refused ? refused : answered)[bin_of(p, p->f->ask[i].t)]++;
    for (size_t i = 0; i < BINS; i++)
        most = answered[i] + refused[i] > most ? answered[i] + refused[i] : most;
    double wide = (double)(WIDTH - LEFT - RIGHT) / BINS, unit = (PANEL - 4.0) / (double)most;
    char text[80];
    for (size_t i = 0; i < BINS; i++) {
        double x = LEFT + wide * (double)i, a = unit * (double)answered[i], r = unit * (double)refused[i];
        snprintf(text, sizeof text, "%zu answered, %zu refused", answered[i], refused[i]);
        if (answered[i])
            svg_rect(out, x, bottom - a, wide - 1, a, "new", text);
        if (refused[i])
            svg_rect(out, x, bottom - a - r, wide - 1, r, "torn", text);
    }
    snprintf(text, sizeof text, "%zu", most);
    svg_text(out, LEFT - 6, bottom - PANEL + 12, SVG_END, "", text);
    svg_text(out, LEFT - 6, bottom, SVG_END, "", "0");
    svg_line(out, LEFT, bottom, WIDTH - RIGHT, bottom, "axis");
}

/* --- who has it --- */

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* The share of devices to which it has happened by now, as steps. */
static void steps(struct buf *out, const struct plot *p, double bottom, bool failures, const char *class)
{
    int64_t *t = mem_new((p->f->devices + 1) * sizeof *t);
    size_t n = 0;
    for (size_t i = 0; i < p->f->devices; i++) {
        int64_t at = failures ? p->f->device[i].failed_t : p->f->device[i].confirmed_t;
        if (at >= 0)
            t[n++] = at;
    }
    qsort(t, n, sizeof *t, by_value);
    double unit = (PANEL - 4.0) / (double)p->f->devices;
    for (size_t i = 0; i < n; i++) {
        double x = x_of(p, t[i]), end = i + 1 < n ? x_of(p, t[i + 1]) : WIDTH - RIGHT;
        double high = unit * (double)(i + 1), wide = end - x > 0.5 ? end - x : 0.5;
        svg_rect(out, x, bottom - high, wide, failures ? 2.5 : high, class, NULL);
    }
    free(t);
}

/* An edited journal must not make it overflow. */
static int64_t short_ms(const struct json *object, const char *key)
{
    int64_t ms = json_int(object, key, 0);
    return ms < 0 || ms > INT64_C(1000000000000) ? 0 : ms;
}

static void cohorts(struct buf *out, const struct plot *p)
{
    char text[32];
    for (const struct json *c = json_first(json_get(p->rules, "cohorts")); c; c = json_next(c)) {
        int64_t from = short_ms(c, "from_ms") * 1000000;
        if (from < 0 || from > p->span)
            continue;
        double x = x_of(p, from);
        svg_line(out, x, TOP, x, TOP + 2 * PANEL + GAP, "tick");
        snprintf(text, sizeof text, "%.4g %%", (double)json_int(c, "percent", 0) / 100);
        svg_text(out, x + 3, TOP - 5, SVG_START, "", text);
    }
}

static void spans(struct buf *out, const struct plot *p)
{
    static const struct { const char *key, *word; } span[] = {{"paused", "paused"}, {"down", "server down"}, {"busy", "overloaded"}};
    for (size_t i = 0; i < sizeof span / sizeof *span; i++) {
        const struct json *s = json_get(p->rules, span[i].key);
        int64_t from = short_ms(s, "from_ms") * 1000000, to = from + short_ms(s, "for_ms") * 1000000;
        if (!s || from < 0 || to < from)
            continue;
        svg_rect(out, x_of(p, from), TOP, x_of(p, to) - x_of(p, from), 2 * PANEL + GAP, "band", span[i].word);
        svg_text(out, x_of(p, from) + 3, TOP - 5, SVG_START, "", span[i].word);
    }
}

static void axis(struct buf *out, const struct plot *p)
{
    char text[24];
    for (unsigned i = 0; i <= 4; i++) {
        int64_t t = p->span / 4 * i;
        time_text(t, text);
        svg_text(out, x_of(p, t), HEIGHT - 6, i == 0 ? SVG_START : i == 4 ? SVG_END : SVG_MIDDLE, "", i ? text : "0");
    }
}

static void picture(struct buf *out, const struct plot *p)
{
    double first = TOP + PANEL, second = TOP + 2 * PANEL + GAP;
    buf_str(out, "<figure><figcaption>Above: devices that run the release, confirmed (filled), and devices that have failed (line). "
                 "Below: requests over time, answered and <i>refused</i> (503, or reset). Vertical lines: a cohort's turn begins."
                 "</figcaption><div class=\"plot\" tabindex=\"0\">\n");
    svg_open(out, WIDTH, HEIGHT, "The fleet over time: devices updated, failed, and their requests");
    spans(out, p);
    steps(out, p, first, false, "new");
    steps(out, p, first, true, "fail");
    svg_line(out, LEFT, first, WIDTH - RIGHT, first, "axis");
    svg_text(out, LEFT - 6, TOP + 12, SVG_END, "", "100 %");
    svg_text(out, LEFT - 6, first, SVG_END, "", "0");
    bars(out, p, second);
    cohorts(out, p);
    axis(out, p);
    svg_close(out);
    buf_str(out, "</div></figure>\n");
}

/* --- in figures --- */

static void figures(struct buf *out, const struct fleet *f)
{
    struct fleet_figures x;
    fleet_figures(f, &x);
    buf_printf(out, "<p>%zu of %zu devices run the release at the end, %zu failed", x.updated, x.devices, x.failed);
    if (f->scenario->fleet.budget)
        buf_printf(out, " (%zu beyond the budget of %lld)", x.overrun, (long long)f->scenario->fleet.budget);
    if (*f->scenario->fleet.back)
        buf_printf(out, ", %zu went back to where they were sent", x.back);
    buf_printf(out, ", %zu never began. Of %zu requests %zu were refused; at most %zu devices asked within one window.</p>\n", x.never,
               x.asks, x.refused, x.peak);
}

static void moment(struct buf *out, int64_t t)
{
    char text[24];
    if (t >= 0)
        time_text(t, text);
    buf_printf(out, "<td class=\"n\">%s</td>", t >= 0 ? text : "&ndash;");
}

static void devices(struct buf *out, const struct fleet *f)
{
    buf_str(out, "<details><summary>Every device</summary><div class=\"wide\"><table><thead><tr><th scope=\"col\" class=\"n\">Trial</th>"
                 "<th scope=\"col\" class=\"n\">Place</th><th scope=\"col\" class=\"n\">Began</th><th scope=\"col\" class=\"n\">Confirmed</th>"
                 "<th scope=\"col\" class=\"n\">Failed</th><th scope=\"col\">At the end</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < f->devices; i++) {
        const struct fleet_device *d = &f->device[i];
        buf_str(out, "<tr><td class=\"n\">");
        html_count(out, d->trial);
        buf_printf(out, "</td><td class=\"n\">%.4g %%</td>", (double)d->place / 100);
        moment(out, d->begun_t);
        moment(out, d->confirmed_t);
        moment(out, d->failed_t);
        const char *now = d->updated ? "updated" : d->back && d->was_updated ? "sent back" : "as before";
        buf_printf(out, "<td>%s</td></tr>\n", d->dead ? "dead" : now);
    }
    buf_str(out, "</tbody></table></div></details>\n");
}

void part_fleet(struct buf *out, const struct page *page)
{
    bool any = false;
    for (size_t i = 0; page->verdict->fleet && i < page->verdict->scenarios; i++) {
        const struct fleet *f = page->verdict->fleet[i];
        if (!f || !f->devices)
            continue;
        struct plot p = {f, json_get(f->scenario->json, "fleet"), 1};
        int64_t ms = json_int(p.rules, "for_ms", 0);
        p.span = ms > 0 && ms < INT64_C(10000000000) ? ms * 1000000 : 1;
        buf_str(out, any ? "" : "<section id=\"fleet\">\n<h2>Fleets</h2>\n");
        any = true;
        buf_str(out, "<h3>");
        html_text(out, f->scenario->id);
        buf_str(out, "</h3>\n");
        figures(out, f);
        picture(out, &p);
        devices(out, f);
    }
    buf_str(out, any ? "</section>\n" : "");
}
