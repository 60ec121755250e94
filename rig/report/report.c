/* SPDX-License-Identifier: GPL-3.0-or-later
 * The report of a run: gathers what the page needs and writes the three files. */
#include "report/report.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "report/junit.h"
#include "report/page.h"
#include "report/part.h"

#include <stdlib.h>
#include <string.h>

enum { INFO_MOST = 1 << 20, PICTURES_MOST = 20 };

struct report {
    char *folder;
    struct journal *journal;
    struct verdict *verdict;
    struct facts facts;
    struct json *info, *bugs;
    struct page page;
};

static int read_json(const char *path, struct json **out, struct err *e)
{
    struct buf text = {0};
    struct err why = {0};
    int code = file_read(path, INFO_MOST, &text, e);
    if (!code && !(*out = json_parse(buf_text(&text), text.size, &why)))
        code = err_set(e, RIG_EINPUT, "%s: %s", path, why.text);
    buf_free(&text);
    return code;
}

static int read_optional(const char *folder, const char *name, struct json **out, struct err *e)
{
    char *path = file_join(folder, name);
    int code = file_exists(path) ? read_json(path, out, e) : 0;
    free(path);
    return code;
}

static int read_bugs(struct report *r, const char *bugs, struct err *e)
{
    int code = bugs ? read_json(bugs, &r->bugs, e) : read_optional(r->folder, "bugs.json", &r->bugs, e);
    if (!code && !r->bugs)
        code = read_optional(r->folder, "../bugs.json", &r->bugs, e);
    if (!code && r->bugs && !json_is_array(r->bugs))
        code = err_set(e, RIG_EINPUT, "%s: not a JSON list of planted bugs", bugs ? bugs : "bugs.json");
    return code;
}

/* Trials whose picture the page shows: the first of each violated law and kind, root causes first, as the findings stand. */
static size_t wanted_trials(const struct verdict *v, uint64_t wanted[PICTURES_MOST])
{
    size_t n = 0;
    for (size_t i = 0; i < v->findings && n < PICTURES_MOST; i++) {
        const struct verdict_finding *f = &v->finding[i];
        bool seen = f->state != LAW_VIOLATED || !f->roots || !f->first;
        for (size_t k = 0; k < n; k++)
            seen = seen || wanted[k] == f->first;
        if (!seen)
            wanted[n++] = f->first;
    }
    return n;
}

static bool is_wanted(uint64_t trial, const uint64_t *wanted, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (wanted[i] == trial)
            return true;
    return false;
}

static int gather(struct report *r, struct err *e)
{
    uint64_t wanted[PICTURES_MOST];
    size_t n = wanted_trials(r->verdict, wanted);
    const struct journal_trial *t;
    int code = journal_rewind(r->journal, e);
    for (size_t i = 0; !code && i < journal_top_count(r->journal); i++)
        if (journal_is(journal_top(r->journal, i), "reference", NULL))
            facts_reference(&r->facts, journal_top(r->journal, i)->json);
    while (!code && (code = journal_next_trial(r->journal, &t, e)) == 1) {
        const struct verdict_trial *v = verdict_trial_of(r->verdict, t->n);
        code = 0;
        if (t->count && t->finished)
            facts_block(&r->facts, t->all, t->event[0].line, is_wanted(t->n, wanted, n), v && v->outcome == LAW_HELD);
    }
    return code;
}

int report_open(const char *run_folder, const char *bugs, struct report **out, struct err *e)
{
    struct report *r = mem_new(sizeof *r);
    r->folder = file_is_folder(run_folder) ? mem_str(run_folder) : file_folder(run_folder);
    facts_open(&r->facts);
    int code = journal_read(run_folder, &r->journal, e);
    if (!code)
        code = verdict_make(r->journal, &r->verdict, e);
    if (!code)
        code = gather(r, e);
    if (!code)
        code = read_optional(r->folder, "run.json", &r->info, e);
    if (!code)
        code = read_bugs(r, bugs, e);
    if (code) {
        report_close(r);
        return code;
    }
    r->page = (struct page){r->journal, journal_header(r->journal), r->verdict, &r->facts, r->info, r->bugs};
    *out = r;
    return 0;
}

void report_close(struct report *r)
{
    if (!r)
        return;
    facts_close(&r->facts);
    verdict_free(r->verdict);
    journal_free(r->journal);
    json_free(r->info);
    json_free(r->bugs);
    free(r->folder);
    free(r);
}

const struct verdict *report_verdict(const struct report *r)
{
    return r->verdict;
}

struct json *report_json(const struct report *r)
{
    return verdict_json(r->verdict, r->journal);
}

int report_html(const struct report *r, struct buf *out, struct err *e)
{
    return page_render(&r->page, out, e);
}

int report_junit(const struct report *r, struct buf *out, struct err *e)
{
    (void)e;
    junit_render(&r->page, out);
    return 0;
}

static int write_one(const struct report *r, const char *name, const struct buf *content, struct err *e)
{
    char *path = file_join(r->folder, name);
    int code = file_write(path, buf_text(content), content->size, e);
    free(path);
    return code;
}

int report_write(const struct report *r, struct err *e)
{
    struct buf html = {0}, junit = {0}, text = {0};
    struct json *verdict = report_json(r);
    char *printed = json_print_pretty(verdict);
    buf_printf(&text, "%s\n", printed);
    int code = report_html(r, &html, e);
    if (!code)
        code = report_junit(r, &junit, e);
    if (!code)
        code = write_one(r, "verdict.json", &text, e);
    if (!code)
        code = write_one(r, "junit.xml", &junit, e);
    if (!code)
        code = write_one(r, "report.html", &html, e); /* last: who sees it finds the others */
    free(printed);
    json_free(verdict);
    buf_free(&html);
    buf_free(&junit);
    buf_free(&text);
    return code;
}
