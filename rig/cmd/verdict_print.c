/* SPDX-License-Identifier: GPL-3.0-or-later
 * Verdict and report of a finished run on standard output. */
#include "cmd/verdict_print.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "cmd/finding_print.h"
#include "judge/verdict.h"
#include "record/header.h"
#include "record/journal.h"
#include "report/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *paint(enum verdict_outcome o, bool color)
{
    static const char *const colors[] = {"\033[1;32m", "\033[1;31m", "\033[1;33m", "\033[1;33m"};
    return color ? colors[o] : "";
}

static void print_scenarios(const struct verdict *v, const struct header *h, bool color)
{
    size_t width = 8;
    for (size_t i = 0; i < h->scenarios; i++)
        width = strlen(h->scenario[i].id) > width ? strlen(h->scenario[i].id) : width;
    printf("%-*s %7s %7s %9s %13s  95 %% bound\n", (int)width, "scenario", "trials", "held", "violated", "inconclusive");
    for (size_t i = 0; i < v->scenarios; i++) {
        const struct verdict_scenario *s = &v->scenario[i];
        printf("%-*s %7" PRIu64 " %7" PRIu64 " %9" PRIu64 " %13" PRIu64 "  %s%s%s", (int)width, h->scenario[i].id,
               s->held + s->violated + s->inconclusive, s->held, s->violated, s->inconclusive, paint(s->outcome, color),
               verdict_outcome_name(s->outcome), color ? "\033[0m" : "");
        if (s->outcome == VERDICT_HELD)
            printf(", below %.2f %%", s->upper * 100);
        putchar('\n');
    }
}

static void print_verdict(const struct verdict *v, struct journal *j, const char *folder, bool color)
{
    const struct header *h = journal_header(j);
    print_scenarios(v, h, color);
    for (size_t i = 0; i < v->findings; i++)
        if (v->finding[i].state != LAW_WAIVED)
            finding_print(&v->finding[i], h, folder, NULL, color);
    char *sentence = verdict_sentence(v, j);
    printf("\n%s%s%s: %s\nreport: %s/report.html\n", paint(v->outcome, color), verdict_outcome_name(v->outcome), color ? "\033[0m" : "",
           sentence, folder);
    free(sentence);
}

int verdict_print_run(const char *folder, bool json, bool color, struct err *e)
{
    struct report *report = NULL;
    struct journal *j = NULL;
    int code = 0, r = report_open(folder, NULL, &report, e);
    if (!r)
        r = report_write(report, e);
    if (!r)
        r = journal_read(folder, &j, e);
    if (!r && json) {
        struct json *verdict = report_json(report);
        char *text = json_print_pretty(verdict);
        puts(text);
        free(text);
        json_free(verdict);
    } else if (!r) {
        print_verdict(report_verdict(report), j, folder, color);
    }
    if (!r)
        code = verdict_exit_code(report_verdict(report));
    journal_free(j);
    report_close(report);
    return r ? err_exit_code(r) : code;
}
