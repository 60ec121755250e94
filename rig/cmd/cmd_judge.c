/* SPDX-License-Identifier: GPL-3.0-or-later
 * otarig judge: today's laws over a journal, old or new. Writes nothing. */
#include "cmd/cmd.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "cmd/finding_print.h"
#include "cmd/options.h"
#include "judge/verdict.h"
#include "record/header.h"
#include "record/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const enum options_id takes[] = {OPTIONS_JSON, OPTIONS_COLOR, OPTIONS_IDS};
static const struct options_command command = {"judge RUN|JOURNAL [--json]",
                                               "Judges the journal of a run folder, or a journal file, by today's laws: how each "
                                               "law fared, and every finding with the lines it\n"
                                               "stands on and the command that repeats its first trial. --json prints the "
                                               "verdict as JSON.\n\n"
                                               "exit codes: 0 held · 1 the device violated a law · 2 inconclusive · 3 internal "
                                               "error · 4 not a journal · 5 nothing ran",
                                               takes, 1, 1};

static const char *paint(bool color, enum law_state s)
{
    static const char *const colors[LAW_STATES] = {"\033[2m", "\033[32m", "\033[36m", "\033[33m", "\033[1;31m"};
    return color ? colors[s] : "";
}

static const char *plain(bool color)
{
    return color ? "\033[0m" : "";
}

static uint64_t sum(const struct verdict *v, size_t law, enum law_state s)
{
    uint64_t n = 0;
    for (size_t i = 0; i < v->scenarios; i++)
        n += v->scenario[i].law[law][s];
    return n;
}

static enum law_state worst(const struct verdict *v, size_t law)
{
    for (unsigned s = LAW_VIOLATED; s > LAW_NOT_APPLICABLE; s--)
        if (sum(v, law, (enum law_state)s))
            return (enum law_state)s;
    return LAW_NOT_APPLICABLE;
}

static void print_laws(const struct verdict *v, bool color)
{
    printf("%-19s %9s %9s %13s %7s %15s\n", "law", "held", "violated", "inconclusive", "waived", "not applicable");
    for (size_t i = 0; judge_law(i); i++) {
        const struct law *law = judge_law(i);
        printf("%s%-4s%-15s%s %9" PRIu64 " %9" PRIu64 " %13" PRIu64 " %7" PRIu64 " %15" PRIu64 "\n", paint(color, worst(v, i)),
               law->id, law->title, plain(color), sum(v, i, LAW_HELD), sum(v, i, LAW_VIOLATED), sum(v, i, LAW_INCONCLUSIVE),
               sum(v, i, LAW_WAIVED), sum(v, i, LAW_NOT_APPLICABLE));
    }
}

static void print(const struct verdict *v, struct journal *j, const char *run, bool color)
{
    static const enum law_state as[] = {[VERDICT_HELD] = LAW_HELD, [VERDICT_VIOLATED] = LAW_VIOLATED,
                                        [VERDICT_INCONCLUSIVE] = LAW_INCONCLUSIVE, [VERDICT_NOTHING] = LAW_INCONCLUSIVE};
    char *sentence = verdict_sentence(v, j);
    print_laws(v, color);
    for (size_t i = 0; i < v->findings; i++)
        finding_print(&v->finding[i], journal_header(j), run, journal_path(j), color);
    printf("\n%s%s%s: %s\n", paint(color, as[v->outcome]), verdict_outcome_name(v->outcome), plain(color), sentence);
    free(sentence);
}

static void print_json(const struct verdict *v, const struct journal *j)
{
    struct json *json = verdict_json(v, j);
    char *text = json_print_pretty(json);
    puts(text);
    free(text);
    json_free(json);
}

static int judge(const struct options *o, struct err *e)
{
    struct journal *j = NULL;
    struct verdict *v = NULL;
    int code = 0, r = journal_read(o->arg[0], &j, e);
    if (!r)
        r = verdict_make(j, &v, e);
    if (!r) {
        char *run = file_is_folder(o->arg[0]) ? mem_str(o->arg[0]) : file_folder(o->arg[0]);
        size_t n = strlen(run);
        while (n > 1 && run[n - 1] == '/')
            run[--n] = 0;
        if (o->json)
            print_json(v, j);
        else
            print(v, j, run, o->color);
        free(run);
        code = verdict_exit_code(v);
    }
    verdict_free(v);
    journal_free(j);
    return r ? r : code;
}

int cmd_judge(int argc, char **argv)
{
    struct options o;
    struct err e = {0};
    int r = options_read(&command, argc, argv, &o, &e);
    if (!r && !o.help)
        r = judge(&o, &e);
    if (!r && fflush(stdout) != 0)
        r = err_set(&e, RIG_EIO, "standard output: cannot write");
    options_free(&o);
    return r < 0 ? options_fail("judge", &e) : r;
}
