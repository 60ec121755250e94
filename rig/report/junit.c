/* SPDX-License-Identifier: GPL-3.0-or-later
 * The verdict as JUnit XML, in the dialect that Jenkins, GitLab and GitHub's actions read. */
#include "report/junit.h"

#include "base/buf.h"
#include "base/json.h"
#include "report/html.h"
#include "report/part.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct tally {
    uint64_t tests, failures, errors, skipped;
};

static void attribute(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, " %s=\"", name);
    html_text(out, value);
    buf_char(out, '"');
}

static void case_open(struct buf *out, const struct page *page, size_t scenario, const char *name)
{
    buf_str(out, "    <testcase");
    attribute(out, "classname", part_scenario(page, scenario));
    attribute(out, "name", name);
    buf_str(out, ">\n");
}

/* Trials and the commands that show them again: at most VERDICT_TRIALS_KEPT of each finding. */
static void finding_text(struct buf *out, const struct page *page, const struct verdict_finding *f)
{
    html_text(out, f->kind);
    buf_str(out, ": ");
    html_text(out, f->why);
    buf_printf(out, "\ntrials: %" PRIu64, f->count);
    if (f->lines)
        buf_str(out, "; journal lines of the first:");
    for (size_t i = 0; i < f->lines; i++)
        buf_printf(out, " %zu", f->line[i]);
    for (size_t i = 0; i < f->trials; i++) {
        char *command = part_replay(page, f->trial[i]);
        buf_str(out, "\n");
        html_text(out, command);
        free(command);
    }
    buf_char(out, '\n');
}

static const struct verdict_finding *first_finding(const struct verdict *v, size_t scenario, size_t law, enum law_state state)
{
    for (size_t i = 0; i < v->findings; i++)
        if (v->finding[i].scenario == scenario && v->finding[i].law == law && v->finding[i].state == state)
            return &v->finding[i];
    return NULL;
}

/* One element with every finding of that scenario, law and state in it. */
static void outcome(struct buf *out, const struct page *page, const char *element, const struct verdict_finding *first)
{
    const struct verdict *v = page->verdict;
    buf_printf(out, "      <%s", element);
    attribute(out, "type", first->kind);
    attribute(out, "message", first->why);
    buf_char(out, '>');
    for (size_t i = 0; i < v->findings; i++)
        if (v->finding[i].scenario == first->scenario && v->finding[i].law == first->law && v->finding[i].state == first->state)
            finding_text(out, page, &v->finding[i]);
    buf_printf(out, "</%s>\n", element);
}

static void law_case(struct buf *out, const struct page *page, size_t scenario, size_t k, struct tally *sum)
{
    const struct law *law = judge_law(k);
    const uint64_t *state = page->verdict->scenario[scenario].law[k];
    const struct verdict_finding *bad = first_finding(page->verdict, scenario, k, LAW_VIOLATED);
    const struct verdict_finding *open = first_finding(page->verdict, scenario, k, LAW_INCONCLUSIVE);
    if (!state[LAW_HELD] && !state[LAW_WAIVED] && !bad && !open)
        return;
    char *name = mem_printf("%s %s", law->id, law->title);
    case_open(out, page, scenario, name);
    sum->tests++;
    if (bad && !law->rig) {
        outcome(out, page, "failure", bad);
        sum->failures++;
    } else if (bad || open) {
        outcome(out, page, "error", bad ? bad : open);
        sum->errors++;
    } else if (!state[LAW_HELD]) {
        buf_str(out, "      <skipped message=\"waived by the scenario\"/>\n");
        sum->skipped++;
    }
    buf_str(out, "    </testcase>\n");
    free(name);
}

/* Did every planned trial come to its end? What no law has words for (a reference that failed) stands here too. */
static void completeness(struct buf *out, const struct page *page, size_t scenario, struct tally *sum)
{
    const struct verdict_scenario *s = &page->verdict->scenario[scenario];
    const struct verdict_finding *other = first_finding(page->verdict, scenario, JUDGE_LAWS, LAW_INCONCLUSIVE);
    uint64_t ended = s->held + s->violated + s->inconclusive;
    case_open(out, page, scenario, "every trial came to its end");
    sum->tests++;
    if (other) {
        outcome(out, page, "error", other);
    } else if (ended < s->planned) {
        buf_printf(out, "      <error type=\"unfinished\" message=\"%" PRIu64 " of %" PRIu64 " trials ended\"/>\n", ended, s->planned);
    }
    sum->errors += other || ended < s->planned;
    buf_str(out, "    </testcase>\n");
}

static void tally_attributes(struct buf *out, const struct tally *t)
{
    buf_printf(out, " tests=\"%" PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64 "\" skipped=\"%" PRIu64 "\"", t->tests, t->failures,
               t->errors, t->skipped);
}

static void property(struct buf *out, const char *name, const char *value)
{
    buf_str(out, "      <property");
    attribute(out, "name", name);
    attribute(out, "value", value);
    buf_str(out, "/>\n");
}

static void properties(struct buf *out, const struct page *page, size_t scenario)
{
    const struct verdict_scenario *s = &page->verdict->scenario[scenario];
    char *trials = mem_printf("%" PRIu64, s->planned), *violated = mem_printf("%" PRIu64, s->violated);
    char *open = mem_printf("%" PRIu64, s->inconclusive + s->unfinished);
    buf_str(out, "    <properties>\n");
    property(out, "plan_id", page->header->plan_id);
    property(out, "seed", page->header->seed);
    property(out, "claim", page->header->scenario[scenario].claim);
    property(out, "trials", trials);
    property(out, "violated", violated);
    property(out, "inconclusive", open);
    buf_str(out, "    </properties>\n");
    free(trials);
    free(violated);
    free(open);
}

static void suite(struct buf *out, const struct page *page, size_t scenario, struct tally *all)
{
    struct buf cases = {0};
    struct tally sum = {0};
    for (size_t k = 0; judge_law(k); k++)
        law_case(&cases, page, scenario, k, &sum);
    completeness(&cases, page, scenario, &sum);
    buf_str(out, "  <testsuite");
    attribute(out, "name", part_scenario(page, scenario));
    tally_attributes(out, &sum);
    buf_str(out, ">\n");
    properties(out, page, scenario);
    buf_add(out, cases.data, cases.size);
    buf_str(out, "  </testsuite>\n");
    buf_free(&cases);
    *all = (struct tally){all->tests + sum.tests, all->failures + sum.failures, all->errors + sum.errors, all->skipped + sum.skipped};
}

void junit_render(const struct page *page, struct buf *out)
{
    struct buf suites = {0};
    struct tally all = {0};
    for (size_t i = 0; i < page->header->scenarios && i < page->verdict->scenarios; i++)
        suite(&suites, page, i, &all);
    buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"otarig\"");
    tally_attributes(out, &all);
    buf_str(out, ">\n");
    buf_add(out, suites.data, suites.size);
    buf_str(out, "</testsuites>\n");
    buf_free(&suites);
}
