/* SPDX-License-Identifier: GPL-3.0-or-later
 * The HTML page. */
#include "report/page.h"

#include "base/buf.h"
#include "base/err.h"
#include "report/html.h"
#include "report/part.h"
#include "report/template.h"

#include <string.h>

static void css(struct buf *out, const struct page *page)
{
    (void)page;
    buf_str(out, template_report_css);
}

/* The update that most of the report is about: the first scenario that offers a genuine image. */
static const struct header_scenario *main_update(const struct header *h)
{
    for (size_t i = 0; i < h->scenarios; i++)
        if (header_genuine(h, h->scenario[i].offered))
            return &h->scenario[i];
    return h->scenarios ? &h->scenario[0] : NULL;
}

static void version(struct buf *out, const struct header *h, const char *image)
{
    const struct header_image *i = header_image_named(h, image);
    html_text(out, i && *i->version ? i->version : image);
}

static void subject(struct buf *out, const struct page *page)
{
    const struct header_scenario *s = main_update(page->header);
    buf_str(out, "<h1>");
    html_text(out, page->header->dut);
    if (s) {
        buf_str(out, ", update ");
        version(out, page->header, s->installed);
        buf_str(out, " &rarr; ");
        version(out, page->header, s->offered);
    }
    buf_str(out, "</h1>\n<p class=\"dim small\">on the ");
    html_text(out, page->header->bench);
    buf_str(out, " bench, seed ");
    html_text(out, page->header->seed);
    buf_str(out, ", plan <span class=\"mono\">");
    html_text_n(out, page->header->plan_id, strlen(page->header->plan_id), 12);
    buf_str(out, "</span></p>");
}

static void title(struct buf *out, const struct page *page)
{
    static const char *const word[] = {"GO", "NO-GO", "inconclusive", "nothing ran"};
    buf_printf(out, "%s: ", word[part_outcome(page->verdict->outcome)]);
    html_text(out, page->header->dut);
    buf_str(out, ", otarig report");
}

static void footer(struct buf *out, const struct page *page)
{
    buf_str(out, "Made by otarig ");
    html_text(out, page->header->otarig);
    buf_str(out, " from <code>journal.jsonl</code> alone: the same journal gives the same page. It loads nothing and runs nothing.");
}

static const struct { const char *marker; void (*fill)(struct buf *out, const struct page *page); } parts[] = {
    {"title", title}, {"css", css}, {"subject", subject}, {"verdict", part_verdict}, {"findings", part_findings},
    {"inconclusive", part_inconclusive}, {"claims", part_claims}, {"cuts", part_cuts},
    {"fleet", part_fleet}, {"laws", part_laws}, {"bugs", part_bugs},
    {"passing", part_passing}, {"environment", part_environment}, {"limits", part_limits}, {"footer", footer},
};

static int fill(const struct page *page, const char *marker, size_t n, struct buf *out, struct err *e)
{
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strlen(parts[i].marker) == n && !strncmp(parts[i].marker, marker, n)) {
            parts[i].fill(out, page);
            return 0;
        }
    return err_set(e, RIG_EINTERNAL, "reports/template/report.html: nothing fills {{%.*s}}", (int)n, marker);
}

int page_render(const struct page *page, struct buf *out, struct err *e)
{
    const char *from = template_report_html, *open, *close;
    while ((open = strstr(from, "{{")) && (close = strstr(open, "}}"))) {
        buf_add(out, from, (size_t)(open - from));
        int code = fill(page, open + 2, (size_t)(close - open) - 2, out, e);
        if (code)
            return code;
        from = close + 2;
    }
    buf_str(out, from);
    return 0;
}
