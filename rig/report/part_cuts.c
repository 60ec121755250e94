/* SPDX-License-Identifier: GPL-3.0-or-later
 * Where the cuts fell: per phase of the update with the bound that follows, and over the flash operations of each reference. */
#include "report/part.h"

#include "base/buf.h"
#include "base/json.h"
#include "report/html.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { STRETCHES = 16, REFERENCES_MOST = 4, OPERATIONS_MOST = 1000000000 };

static bool violated(const struct page *page, uint64_t trial)
{
    const struct verdict_trial *t = verdict_trial_of(page->verdict, trial);
    return t && t->outcome == LAW_VIOLATED;
}

static void count_cut(const struct page *page, const struct facts_cut *c, struct histogram_bar *bar)
{
    bar->count[c->outcome]++;
    bar->failed += violated(page, c->trial);
}

static const struct verdict_phase *phase_of(const struct verdict *v, const char *name)
{
    for (size_t i = 0; i < v->phases; i++)
        if (!strcmp(v->phase[i].name, name))
            return &v->phase[i];
    return NULL;
}

static void bound(struct buf *out, const struct verdict_phase *p)
{
    if (!p || !p->trials) {
        buf_str(out, "<td class=\"dim\">no conclusive trial</td></tr>\n");
        return;
    }
    buf_str(out, p->failed ? "<td><strong>" : "<td>");
    html_count(out, p->failed);
    buf_str(out, p->failed ? "</strong> of " : " of ");
    html_count(out, p->trials);
    if (p->upper < 1) {
        buf_str(out, p->failed ? "; below " : ", so below ");
        html_percent(out, p->upper);
        buf_str(out, " at 95&nbsp;%");
    }
    buf_str(out, "</td></tr>\n");
}

static void phase_row(struct buf *out, const struct page *page, size_t i, const struct histogram_bar *bar, uint64_t most)
{
    const char *name = page->facts->phase[i];
    bool nowhere = !strcmp(name, FACTS_ELSEWHERE);
    buf_str(out, "<tr><th scope=\"row\">");
    html_text(out, nowhere ? "outside of an update" : name);
    buf_str(out, "</th><td class=\"n\">");
    html_count(out, histogram_total(bar));
    buf_str(out, "</td><td class=\"bar\">");
    histogram_row(out, bar, most);
    buf_str(out, "</td>");
    bound(out, phase_of(page->verdict, name));
}

/* A row without cuts says something only where an update could have been hit. */
static bool part_of_update(const char *phase)
{
    return strcmp(phase, FACTS_ELSEWHERE) != 0 && strcmp(phase, "start") != 0 && strcmp(phase, "idle") != 0;
}

static void phases(struct buf *out, const struct page *page)
{
    const struct facts *f = page->facts;
    struct histogram_bar bar[FACTS_PHASES] = {{{0}, 0}};
    uint64_t most = 1;
    for (size_t i = 0; i < f->cuts; i++)
        count_cut(page, &f->cut[i], &bar[f->cut[i].phase]);
    for (size_t i = 0; i < f->phases; i++)
        most = histogram_total(&bar[i]) > most ? histogram_total(&bar[i]) : most;
    buf_str(out, "<div class=\"wide\"><table><thead><tr><th scope=\"col\">Phase of the update</th>"
                 "<th scope=\"col\" class=\"n\">Cuts</th><th scope=\"col\">What they left of the flash operation</th>"
                 "<th scope=\"col\">Trials that violated a law</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < f->phases; i++)
        if (histogram_total(&bar[i]) || part_of_update(f->phase[i]))
            phase_row(out, page, i, &bar[i], most);
    buf_str(out, "</tbody></table></div>\n");
}

static bool lists(const struct json *numbers, uint64_t n)
{
    for (const struct json *i = json_first(numbers); i; i = json_next(i))
        if (json_value_int(i, -1) == (int64_t)n)
            return true;
    return false;
}

/* "v1>v2" of "reference/v1>v2". */
static const char *update_of(const struct json *reference)
{
    const char *id = json_str_or(reference, "id", "");
    return strncmp(id, "reference/", 10) ? id : id + 10;
}

/* Was the scenario aimed with this reference? It says so itself, or both are about the same two images. */
static bool concerns(const struct page *page, const struct json *reference, uint32_t scenario)
{
    if (json_has(reference, "scenarios"))
        return lists(json_get(reference, "scenarios"), scenario);
    if (scenario >= page->header->scenarios)
        return false;
    const struct header_scenario *s = &page->header->scenario[scenario];
    char *pair = mem_printf("%s>%s", s->installed, s->offered);
    size_t n = strlen(pair);
    const char *id = update_of(reference);
    bool same = !strncmp(id, pair, n) && (!id[n] || id[n] == '>');
    free(pair);
    return same;
}

static void add_stretch(struct histogram_stretch *s, size_t *count, const char *name, uint64_t from, uint64_t to)
{
    if (*count < STRETCHES)
        s[(*count)++] = (struct histogram_stretch){.name = name, .from = from, .to = to};
    else
        s[STRETCHES - 1].to = to;
}

/* Phases that say which flash operations were theirs, in ascending order. Returns the last such operation. */
static uint64_t stretches_given(const struct json *reference, struct histogram_stretch *s, size_t *count)
{
    uint64_t last = 0;
    for (const struct json *p = json_first(json_get(reference, "phases")); p; p = json_next(p)) {
        int64_t from = json_int(p, "op0", 0), to = json_int(p, "op1", 0);
        if (from <= (int64_t)last || to < from || to > OPERATIONS_MOST)
            continue;
        add_stretch(s, count, json_str_or(p, "name", "?"), (uint64_t)from, (uint64_t)to);
        last = (uint64_t)to;
    }
    return last;
}

static const char *stretch_name(const char *phase)
{
    return !strcmp(phase, "erase") || !strcmp(phase, "write") ? "download" : phase; /* page by page in turn: one stretch */
}

/* Otherwise from the counts per phase, which stand in the order of their first operation. */
static uint64_t stretches_counted(const struct json *reference, struct histogram_stretch *s, size_t *count)
{
    uint64_t last = 0;
    for (const struct json *o = json_first(json_get(reference, "ops")); o; o = json_next(o)) {
        const char *name = stretch_name(json_str_or(o, "phase", "?"));
        int64_t n = json_int(o, "count", 0);
        if (n < 1 || n > OPERATIONS_MOST || last > OPERATIONS_MOST)
            continue;
        if (*count && !strcmp(s[*count - 1].name, name))
            s[*count - 1].to += (uint64_t)n;
        else
            add_stretch(s, count, name, last + 1, last + (uint64_t)n);
        last += (uint64_t)n;
    }
    return last;
}

static size_t stretches_of(const struct json *reference, struct histogram_stretch *s)
{
    size_t count = 0;
    uint64_t last = stretches_given(reference, s, &count);
    int64_t total = json_int(reference, "total_ops", 0);
    if (!last)
        last = stretches_counted(reference, s, &count);
    if (total > (int64_t)last && total <= OPERATIONS_MOST)
        add_stretch(s, &count, count ? "later" : "update", last + 1, (uint64_t)total);
    return count;
}

/* Counts the cuts of the scenarios that were aimed with this reference; beyond: those in operations that it does not have. */
static uint64_t count_operations(const struct page *page, const struct json *reference, struct histogram_stretch *s, size_t count,
                                 uint64_t *beyond)
{
    uint64_t cuts = 0;
    for (size_t i = 0; i < page->facts->cuts; i++) {
        const struct facts_cut *c = &page->facts->cut[i];
        if (!c->op || !concerns(page, reference, c->scenario))
            continue;
        struct histogram_bar *bar = histogram_bar_of(s, count, c->op);
        if (bar) {
            count_cut(page, c, bar);
            cuts++;
        } else {
            ++*beyond;
        }
    }
    return cuts;
}

static bool says_operations(const struct json *reference)
{
    for (const struct json *p = json_first(json_get(reference, "phases")); p; p = json_next(p))
        if (json_has(p, "op1"))
            return true;
    return false;
}

static void caption(struct buf *out, const struct json *reference, uint64_t cuts, uint64_t operations, uint64_t beyond)
{
    html_plural(out, cuts, "cut", "cuts");
    buf_str(out, " in mid-operation, over the ");
    html_count(out, operations);
    buf_str(out, " flash operations of an undisturbed update ");
    html_text(out, update_of(reference));
    if (beyond) {
        buf_str(out, "; ");
        html_count(out, beyond);
        buf_str(out, " more in operations that only a disturbed update makes");
    }
    if (!says_operations(reference))
        buf_str(out, ". Phases are placed by how many operations they have, so a border may be off by a few");
}

static void operations(struct buf *out, const struct page *page, const struct json *reference)
{
    struct histogram_stretch *s = mem_new(STRETCHES * sizeof *s);
    size_t count = stretches_of(reference, s);
    uint64_t beyond = 0, cuts = 0;
    if (count) {
        histogram_lay(s, count);
        cuts = count_operations(page, reference, s, count, &beyond);
    }
    if (cuts) {
        buf_str(out, "<figure><figcaption>");
        caption(out, reference, cuts, s[count - 1].to, beyond);
        buf_str(out, "</figcaption><div class=\"plot\" tabindex=\"0\">\n");
        histogram_operations(out, s, count, "Cuts over the flash operations of an update");
        buf_str(out, "</div></figure>\n");
    }
    free(s);
}

static void other_faults(struct buf *out, const struct facts *f)
{
    if (f->other_faults) {
        buf_str(out, "<p class=\"dim\">");
        html_plural(out, f->other_faults, "fault", "faults");
        buf_str(out, " of other kinds (reset pin, network, server, clock) were delivered; they leave flash operations whole and "
                     "are not counted here.</p>\n");
    }
    if (f->undelivered) {
        buf_str(out, "<p class=\"dim\">");
        html_plural(out, f->undelivered, "fault was", "faults were");
        buf_str(out, " planned but never came due: the device did not reach their moment.</p>\n");
    }
}

void part_cuts(struct buf *out, const struct page *page)
{
    const struct facts *f = page->facts;
    if (!f->cuts) {
        buf_str(out, "<p>No power cut was delivered in this run.</p>\n");
        other_faults(out, f);
        return;
    }
    histogram_legend(out);
    phases(out, page);
    size_t shown = 0;
    for (const struct json *r = json_first(f->references); r && shown < REFERENCES_MOST; r = json_next(r), shown++)
        operations(out, page, r);
    other_faults(out, f);
}
