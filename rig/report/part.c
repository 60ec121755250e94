/* SPDX-License-Identifier: GPL-3.0-or-later
 * What several parts of the page share, and its first screen: the verdict. */
#include "report/part.h"

#include "base/buf.h"
#include "base/json.h"
#include "report/html.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum part_state part_outcome(enum verdict_outcome o)
{
    switch (o) {
    case VERDICT_HELD: return PART_HELD;
    case VERDICT_VIOLATED: return PART_VIOLATED;
    case VERDICT_INCONCLUSIVE: return PART_INCONCLUSIVE;
    case VERDICT_NOTHING: break;
    }
    return PART_NONE;
}

void part_icon(struct buf *out, enum part_state s)
{
    static const char *const drawn[] = {
        [PART_HELD] = "<circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"m7.5 12.4 3 3 6-6.6\"/>",
        [PART_VIOLATED] = "<path d=\"M8 2h8l6 6v8l-6 6H8l-6-6V8z\"/><path d=\"m8.5 8.5 7 7m0-7-7 7\"/>",
        [PART_INCONCLUSIVE] = "<path d=\"M12 2.5 22.5 21h-21z\"/><path d=\"M12 9.5v5m0 2.6v.4\"/>",
        [PART_NONE] = "<circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"M8 12h8\"/>",
    };
    buf_printf(out, "<svg viewBox=\"0 0 24 24\" width=\"14\" height=\"14\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2.2\" "
                    "stroke-linecap=\"round\" stroke-linejoin=\"round\" aria-hidden=\"true\">%s</svg>", drawn[s]);
}

void part_tag(struct buf *out, enum part_state s, const char *text)
{
    static const char *const class[] = {"held", "violated", "inconclusive", "none"};
    buf_printf(out, "<span class=\"tag %s\">", class[s]);
    part_icon(out, s);
    html_text(out, text);
    buf_str(out, "</span>");
}

const char *part_scenario(const struct page *page, size_t scenario)
{
    return scenario < page->header->scenarios ? page->header->scenario[scenario].id : "";
}

/* Single quotes as the shell wants them where the folder's name is not plain. */
static char *quoted(const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+:@,%";
    if (text[strspn(text, plain)] == 0)
        return mem_str(text);
    struct buf b = {0};
    buf_char(&b, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            buf_str(&b, "'\\''");
        else
            buf_char(&b, *text);
    }
    buf_char(&b, '\'');
    char *done = mem_str(buf_text(&b));
    buf_free(&b);
    return done;
}

char *part_replay(const struct page *page, uint64_t trial)
{
    const char *folder = json_str_or(page->info, "folder", "RUN");
    char *path = mem_printf("%s/%" PRIu64, folder, trial), *word = quoted(path);
    char *command = mem_printf("build/otarig replay %s", word);
    free(path);
    free(word);
    return command;
}

char *part_law(const struct verdict_finding *f)
{
    const struct law *law = judge_law(f->law);
    return law ? mem_printf("%s %s", law->id, law->title) : mem_str(f->kind);
}

static uint64_t all_cuts(const struct page *page)
{
    uint64_t n = 0;
    for (size_t i = 0; i < page->verdict->phases; i++)
        n += page->verdict->phase[i].cuts;
    return n;
}

static void figure(struct buf *out, const char *name, uint64_t n)
{
    buf_printf(out, "<div><dt>%s</dt><dd>", name);
    html_count(out, n);
}

static void bound_figure(struct buf *out, const struct verdict *v)
{
    buf_str(out, "<div><dt>Failure probability</dt><dd>&lt;&nbsp;");
    html_percent(out, v->upper);
    buf_str(out, "<small>at 95&nbsp;% confidence; ");
    html_count(out, v->violated);
    buf_str(out, " of ");
    html_count(out, v->held + v->violated);
    buf_str(out, "</small></dd></div>");
}

static void figures(struct buf *out, const struct page *page)
{
    const struct verdict *v = page->verdict;
    buf_str(out, "<dl class=\"figures\">");
    figure(out, "Trials", v->held + v->violated + v->inconclusive);
    buf_str(out, "<small>of ");
    html_count(out, v->planned);
    buf_str(out, " planned, in ");
    html_plural(out, v->scenarios, "scenario", "scenarios");
    buf_str(out, "</small></dd></div>");
    figure(out, "Power cuts", all_cuts(page));
    buf_str(out, "<small>delivered to the device</small></dd></div>");
    figure(out, "Violated", v->violated);
    buf_str(out, "<small>trials in which a law broke</small></dd></div>");
    figure(out, "Inconclusive", v->inconclusive + v->unfinished);
    buf_str(out, "<small>");
    if (v->unfinished) {
        html_count(out, v->unfinished);
        buf_str(out, " of them unfinished");
    } else {
        buf_str(out, "count neither way");
    }
    buf_str(out, "</small></dd></div>");
    if (v->upper < 1)
        bound_figure(out, v);
    if (json_count(page->bugs)) {
        figure(out, "Planted bugs caught", part_bugs_caught(page->bugs));
        buf_printf(out, "<small>of %zu, each by its law</small></dd></div>", json_count(page->bugs));
    }
    buf_str(out, "</dl>\n");
}

void part_verdict(struct buf *out, const struct page *page)
{
    static const struct { const char *box, *word; } look[] = {
        [PART_HELD] = {"held-box", "GO"}, [PART_VIOLATED] = {"bad-box", "NO-GO"},
        [PART_INCONCLUSIVE] = {"open-box", "INCONCLUSIVE"}, [PART_NONE] = {"open-box", "NOTHING RAN"},
    };
    enum part_state s = part_outcome(page->verdict->outcome);
    char *why = verdict_sentence(page->verdict, page->journal);
    buf_printf(out, "<section class=\"verdict %s\" aria-label=\"Verdict\">\n<p class=\"word\">", look[s].box);
    part_icon(out, s);
    buf_printf(out, "%s</p>\n<p class=\"why\">", look[s].word);
    html_text(out, why);
    buf_str(out, "</p>\n");
    free(why);
    if (json_count(page->bugs) && part_bugs_caught(page->bugs) < json_count(page->bugs))
        buf_str(out, "<p class=\"also\"><strong>Not every planted bug was caught</strong>, so this verdict proves less than it says: "
                     "<a href=\"#bugs\">see which</a>.</p>\n");
    buf_str(out, "</section>\n");
    figures(out, page);
}
