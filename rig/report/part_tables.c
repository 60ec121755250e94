/* SPDX-License-Identifier: GPL-3.0-or-later
 * The claims and what became of them; the matrix of laws and scenarios. */
#include "report/part.h"

#include "base/buf.h"
#include "base/json.h"
#include "report/html.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void number(struct buf *out, uint64_t n)
{
    buf_str(out, "<td class=\"n\">");
    html_count(out, n);
    buf_str(out, "</td>");
}

static void claim_row(struct buf *out, const struct page *page, size_t i)
{
    const struct header_scenario *s = &page->header->scenario[i];
    const struct verdict_scenario *v = &page->verdict->scenario[i];
    uint64_t done = v->held + v->violated;
    buf_str(out, "<tr><td class=\"claim\"><span class=\"id\">");
    html_text(out, s->id);
    buf_str(out, "</span><span>");
    html_text(out, s->claim);
    buf_str(out, "</span></td><td>");
    part_tag(out, part_outcome(v->outcome), verdict_outcome_name(v->outcome));
    buf_str(out, "</td>");
    number(out, done + v->inconclusive + v->unfinished);
    number(out, v->held);
    number(out, v->violated);
    number(out, v->inconclusive + v->unfinished);
    buf_str(out, "<td class=\"n\">");
    if (done) {
        buf_str(out, "below ");
        html_percent(out, v->upper);
    } else {
        buf_str(out, "&ndash;");
    }
    buf_str(out, "</td></tr>\n");
}

void part_claims(struct buf *out, const struct page *page)
{
    buf_str(out, "<div class=\"wide\"><table><thead><tr><th scope=\"col\">Claim</th><th scope=\"col\">Outcome</th>"
                 "<th scope=\"col\" class=\"n\">Trials</th><th scope=\"col\" class=\"n\">Held</th><th scope=\"col\" class=\"n\">Violated</th>"
                 "<th scope=\"col\" class=\"n\">Inconcl.</th><th scope=\"col\" class=\"n\">Failure probability,<br>95&nbsp;% confidence</th>"
                 "</tr></thead><tbody>\n");
    for (size_t i = 0; i < page->header->scenarios && i < page->verdict->scenarios; i++)
        claim_row(out, page, i);
    buf_str(out, "</tbody></table></div>\n");
}

/* The worst that happened in the cell, and in how many trials. */
static void cell(struct buf *out, const uint64_t state[LAW_STATES], const struct law *law)
{
    static const struct { enum law_state state; const char *class, *word; } worst[] = {
        {LAW_VIOLATED, "violated", "violated"}, {LAW_INCONCLUSIVE, "inconclusive", "inconclusive"}, {LAW_WAIVED, "none", "waived"},
        {LAW_HELD, "held", "held"}};
    for (size_t i = 0; i < sizeof worst / sizeof *worst; i++) {
        uint64_t n = state[worst[i].state];
        if (!n)
            continue;
        buf_printf(out, "<td title=\"%s %s in ", law->id, worst[i].word);
        html_plural(out, n, "trial", "trials");
        buf_printf(out, "\"><span class=\"tag %s\">", worst[i].class);
        part_icon(out, i == 0 ? PART_VIOLATED : i == 1 ? PART_INCONCLUSIVE : i == 2 ? PART_NONE : PART_HELD);
        if (worst[i].state != LAW_HELD)
            html_count(out, n);
        buf_str(out, "</span></td>");
        return;
    }
    buf_str(out, "<td class=\"dim\" title=\"not applicable\">&middot;</td>");
}

static void waived(struct buf *out, const struct page *page)
{
    bool any = false;
    for (size_t i = 0; i < page->header->scenarios; i++)
        for (const struct json *w = json_first(page->header->scenario[i].waive); w; w = json_next(w)) {
            buf_str(out, any ? "" : "<h3>Waived</h3>\n<ul class=\"small\">\n");
            any = true;
            buf_str(out, "<li><code>");
            html_text(out, page->header->scenario[i].id);
            buf_str(out, "</code> waives ");
            html_text(out, json_key(w));
            buf_str(out, ": ");
            html_text(out, json_value_str(w));
            buf_str(out, "</li>\n");
        }
    buf_str(out, any ? "</ul>\n" : "");
}

static void legend(struct buf *out)
{
    buf_str(out, "<ul class=\"legend\"><li>");
    part_tag(out, PART_HELD, "held");
    buf_str(out, "</li><li>");
    part_tag(out, PART_VIOLATED, "violated, in so many trials");
    buf_str(out, "</li><li>");
    part_tag(out, PART_INCONCLUSIVE, "cannot tell");
    buf_str(out, "</li><li>");
    part_tag(out, PART_NONE, "waived by the scenario");
    buf_str(out, "</li><li>&middot; not applicable</li></ul>\n<details><summary>The laws</summary><dl class=\"facts\">\n");
    for (size_t i = 0; judge_law(i); i++) {
        buf_printf(out, "<dt>%s ", judge_law(i)->id);
        html_text(out, judge_law(i)->title);
        buf_str(out, "</dt><dd>");
        html_text(out, judge_law(i)->sentence);
        buf_str(out, "</dd>\n");
    }
    buf_str(out, "</dl></details>\n");
}

void part_laws(struct buf *out, const struct page *page)
{
    buf_str(out, "<div class=\"wide\"><table class=\"matrix\"><thead><tr><td></td>");
    for (size_t k = 0; judge_law(k); k++) {
        buf_str(out, "<th scope=\"col\" title=\"");
        html_text(out, judge_law(k)->sentence);
        buf_printf(out, "\">%s</th>", judge_law(k)->id);
    }
    buf_str(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < page->header->scenarios && i < page->verdict->scenarios; i++) {
        buf_str(out, "<tr><th scope=\"row\">");
        html_text(out, page->header->scenario[i].id);
        buf_str(out, "</th>");
        for (size_t k = 0; judge_law(k); k++)
            cell(out, page->verdict->scenario[i].law[k], judge_law(k));
        buf_str(out, "</tr>\n");
    }
    buf_str(out, "</tbody></table></div>\n");
    legend(out);
    waived(out, page);
}
