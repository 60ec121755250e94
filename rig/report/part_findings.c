/* SPDX-License-Identifier: GPL-3.0-or-later
 * Findings, each with what it stands on and the command that shows it again; and one trial that passed, for comparison. */
#include "report/part.h"

#include "base/buf.h"
#include "base/json.h"
#include "report/html.h"
#include "report/timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { CONSOLE_ROWS = 44, QUOTE_MOST = 400, PICTURES_MOST = 20 };

static void row_open(struct buf *out, const char *name)
{
    buf_printf(out, "<dt>%s</dt><dd>", name);
}

static void trial_list(struct buf *out, const struct verdict_finding *f)
{
    html_plural(out, f->count, "trial", "trials");
    buf_str(out, f->count > f->trials ? ", the first: " : ": ");
    for (size_t i = 0; i < f->trials; i++)
        buf_printf(out, "%s%" PRIu64, i ? ", " : "", f->trial[i]);
}

/* The fault of the first failing trial in words: where power went, and what was left of the operation. */
static void fault_words(struct buf *out, const struct facts_trial *t)
{
    bool first = true;
    for (const struct json *e = json_first(t->events); e; e = json_next(e)) {
        if (strcmp(json_str_or(e, "ev", ""), "fault") != 0 || !json_bool(e, "delivered", true))
            continue;
        buf_str(out, first ? "" : "; ");
        first = false;
        html_text(out, json_str_or(e, "do", "?"));
        static const struct { const char *key, *before; } word[] = {
            {"attack", " "}, {"phase", " during "}, {"kind", ", "}, {"region", " in "}, {"addr", " at "}, {"outcome", ", left "}};
        for (size_t i = 0; i < sizeof word / sizeof *word; i++)
            if (json_str(e, word[i].key) && strcmp(json_str(e, word[i].key), "?") != 0) {
                buf_str(out, word[i].before);
                html_text(out, json_str(e, word[i].key));
            }
        if (json_int(e, "op", 0) > 0)
            buf_printf(out, ", flash operation %" PRId64, json_int(e, "op", 0));
        if (json_has(e, "off_ms"))
            buf_printf(out, ", off for %" PRId64 " ms", json_int(e, "off_ms", 0));
    }
    buf_str(out, first ? "none was delivered" : "");
}

/* The cited records themselves: the reader need not trust the sentence. */
static void evidence(struct buf *out, const struct facts_trial *t, const struct verdict_finding *f)
{
    buf_str(out, "<details><summary>Cited journal lines</summary><pre class=\"log\" tabindex=\"0\">");
    size_t line = t->first_line;
    for (const struct json *e = json_first(t->events); e; e = json_next(e), line++)
        for (size_t i = 0; i < f->lines; i++)
            if (f->line[i] == line) {
                char *text = json_print(e);
                buf_printf(out, "<span><i>%zu</i>", line);
                html_text_n(out, text, strlen(text), QUOTE_MOST);
                buf_str(out, "</span>");
                free(text);
            }
    buf_str(out, "</pre></details>\n");
}

static void picture(struct buf *out, const struct facts_trial *t, const char *caption)
{
    buf_str(out, "<figure><figcaption>");
    html_text(out, caption);
    buf_str(out, "</figcaption><div class=\"plot\" tabindex=\"0\">\n");
    timeline_draw(out, t->events, caption);
    buf_str(out, "</div></figure>\n");
}

static void lines_cited(struct buf *out, const struct verdict_finding *f)
{
    row_open(out, "Stands on");
    buf_str(out, f->lines ? "<code>journal.jsonl</code> line " : "no record: nothing was seen");
    for (size_t i = 0; i < f->lines; i++)
        buf_printf(out, "%s%zu", i ? ", " : "", f->line[i]);
    buf_str(out, "</dd>\n");
}

static void card_facts(struct buf *out, const struct page *page, const struct verdict_finding *f, const struct facts_trial *t)
{
    buf_str(out, "<dl class=\"facts\">\n");
    row_open(out, "Scenario");
    buf_str(out, "<code>");
    html_text(out, part_scenario(page, f->scenario));
    buf_str(out, "</code></dd>\n");
    row_open(out, "Seen in");
    trial_list(out, f);
    buf_str(out, "</dd>\n");
    if (t) {
        row_open(out, "Fault");
        fault_words(out, t);
        buf_str(out, "</dd>\n");
    }
    lines_cited(out, f);
    row_open(out, "See it again");
    char *command = part_replay(page, f->first);
    buf_str(out, "<code class=\"command\">");
    html_text(out, command);
    buf_str(out, json_str(page->info, "folder") ? "</code></dd></dl>\n"
                                                : "</code> <span class=\"dim small\">RUN: the folder of this page</span></dd></dl>\n");
    free(command);
}

/* Is this the first finding of its law and kind? Only that one gets a picture: the others look alike. */
static bool first_of_kind(const struct verdict *v, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (v->finding[k].state == LAW_VIOLATED && v->finding[k].roots && v->finding[k].law == v->finding[i].law &&
            !strcmp(v->finding[k].kind, v->finding[i].kind))
            return false;
    return true;
}

static void card(struct buf *out, const struct page *page, size_t i, size_t *pictures)
{
    const struct verdict_finding *f = &page->verdict->finding[i];
    const struct facts_trial *t = facts_find(page->facts, f->first);
    char *law = part_law(f);
    buf_str(out, "<article class=\"finding\">\n<h3><span class=\"law\">");
    html_text(out, law);
    buf_str(out, "</span>: ");
    html_text(out, f->kind);
    buf_str(out, "</h3>\n<p>");
    html_text(out, f->why);
    buf_str(out, "</p>\n");
    card_facts(out, page, f, t);
    if (t && *pictures < PICTURES_MOST && first_of_kind(page->verdict, i)) {
        char *caption = mem_printf("Trial %" PRIu64 " on the bench's clock. Folded stretches, in which nothing happened, show their length.",
                                   f->first);
        picture(out, t, caption);
        free(caption);
        buf_printf(out, "<details%s><summary>Console of trial %" PRIu64 ", around the cited lines</summary>\n", *pictures ? "" : " open",
                   f->first);
        part_console(out, t, f->line, f->lines, CONSOLE_ROWS);
        buf_str(out, "</details>\n");
        evidence(out, t, f);
        ++*pictures;
    }
    buf_str(out, "</article>\n");
    free(law);
}

static void finding_row(struct buf *out, const struct page *page, const struct verdict_finding *f)
{
    char *law = part_law(f), *command = f->first ? part_replay(page, f->first) : mem_str("");
    buf_str(out, "<tr><th scope=\"row\">");
    html_text(out, law);
    buf_str(out, "</th><td>");
    html_text(out, f->kind);
    buf_str(out, "</td><td><code>");
    html_text(out, part_scenario(page, f->scenario));
    buf_str(out, "</code></td><td class=\"n\">");
    html_count(out, f->count);
    buf_str(out, "</td><td>");
    html_text(out, f->why);
    buf_str(out, "<br><code class=\"dim\">");
    html_text(out, command);
    buf_str(out, "</code></td></tr>\n");
    free(law);
    free(command);
}

static size_t count_of(const struct verdict *v, enum law_state state, bool roots)
{
    size_t n = 0;
    for (size_t i = 0; i < v->findings; i++)
        n += v->finding[i].state == state && (v->finding[i].roots > 0) == roots;
    return n;
}

static void table(struct buf *out, const struct page *page, enum law_state state, bool roots_too, const char *caption)
{
    const struct verdict *v = page->verdict;
    buf_printf(out, "<div class=\"wide\"><table><caption>%s</caption><thead><tr><th scope=\"col\">Law</th><th scope=\"col\">Kind</th>"
                    "<th scope=\"col\">Scenario</th><th scope=\"col\" class=\"n\">Trials</th><th scope=\"col\">What was seen first</th>"
                    "</tr></thead><tbody>\n", caption);
    for (size_t i = 0; i < v->findings; i++)
        if (v->finding[i].state == state && (roots_too || !v->finding[i].roots))
            finding_row(out, page, &v->finding[i]);
    buf_str(out, "</tbody></table></div>\n");
}

void part_findings(struct buf *out, const struct page *page)
{
    const struct verdict *v = page->verdict;
    size_t roots = count_of(v, LAW_VIOLATED, true), others = count_of(v, LAW_VIOLATED, false), pictures = 0;
    if (!roots && !others)
        return;
    buf_str(out, "<section id=\"findings\">\n<h2>");
    html_plural(out, roots, "finding", "findings");
    buf_str(out, "</h2>\n");
    for (size_t i = 0; i < v->findings; i++)
        if (v->finding[i].state == LAW_VIOLATED && v->finding[i].roots)
            card(out, page, i, &pictures);
    if (others)
        table(out, page, LAW_VIOLATED, false, "Broken as well in trials whose first broken law stands above");
    buf_str(out, "</section>\n");
}

void part_inconclusive(struct buf *out, const struct page *page)
{
    const struct verdict *v = page->verdict;
    if (!count_of(v, LAW_INCONCLUSIVE, true) && !count_of(v, LAW_INCONCLUSIVE, false) && !v->unfinished)
        return;
    buf_str(out, "<section id=\"inconclusive\">\n<h2>Inconclusive</h2>\n<p>These trials say nothing about the device: the bench failed "
                 "them, or what was recorded cannot tell.</p>\n");
    if (v->unfinished) {
        buf_str(out, "<p>");
        html_plural(out, v->unfinished, "trial has", "trials have");
        buf_str(out, " no end in the journal. <code>build/otarig run --resume --out RUN</code> goes on from there.</p>\n");
    }
    if (count_of(v, LAW_INCONCLUSIVE, true) || count_of(v, LAW_INCONCLUSIVE, false))
        table(out, page, LAW_INCONCLUSIVE, true, "By reason");
    buf_str(out, "</section>\n");
}

void part_passing(struct buf *out, const struct page *page)
{
    const struct facts_trial *t = &page->facts->passing;
    const struct verdict_trial *v = t->trial ? verdict_trial_of(page->verdict, t->trial) : NULL;
    if (!v)
        return;
    char *caption = mem_printf("Trial %" PRIu64 " of %s. Folded stretches, in which nothing happened, show their length.",
                               t->trial, part_scenario(page, v->scenario));
    char *command = part_replay(page, t->trial);
    buf_str(out, "<section id=\"passing\">\n<h2>A trial that held</h2>\n<dl class=\"facts\"><dt>Fault</dt><dd>");
    fault_words(out, t);
    buf_str(out, "</dd>\n<dt>See it again</dt><dd><code class=\"command\">");
    html_text(out, command);
    buf_str(out, "</code></dd></dl>\n");
    picture(out, t, caption);
    buf_str(out, "<details><summary>Console of the trial</summary>\n");
    part_console(out, t, NULL, 0, 80);
    buf_str(out, "</details>\n</section>\n");
    free(caption);
    free(command);
}
