/* SPDX-License-Identifier: GPL-3.0-or-later
 * otarig report: HTML, JUnit XML and JSON of a run, from its journal alone. */
#include "cmd/cmd.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/suggest.h"
#include "judge/verdict.h"
#include "report/report.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
    const char *folder, *bugs, *html, *junit;
    bool json, help;
};

static const char usage[] =
    "usage: otarig report RUN_FOLDER [options]\n\n"
    "Judges RUN_FOLDER/journal.jsonl and writes report.html, junit.xml and verdict.json beside it. With --html, --junit or --json only\n"
    "what these ask for is written.\n\n"
    "  --bugs FILE   JSON list of planted bugs and how they were caught (default: bugs.json in or beside the run folder)\n"
    "  --html FILE   the page; - is standard output\n"
    "  --junit FILE  JUnit XML: <failure> is the device, <error> the bench; - is standard output\n"
    "  --json        the verdict as JSON on standard output\n"
    "  --help        this text\n\n"
    "exit codes: 0 held, 1 the device violated a law, 2 inconclusive, 3 internal error, 4 not a run, 5 nothing ran\n";

static const char *const names[] = {"--bugs", "--html", "--junit", "--json", "--help"};

static const char *name_at(const void *ctx, size_t i)
{
    (void)ctx;
    return i < sizeof names / sizeof *names ? names[i] : NULL;
}

static int unknown(const char *word, struct err *e)
{
    const char *near = suggest_nearest(word, name_at, NULL);
    return near ? err_set(e, RIG_EINPUT, "no option %s; did you mean %s?", word, near)
                : err_set(e, RIG_EINPUT, "no option %s; otarig report --help lists them", word);
}

/* --name VALUE or --name=VALUE; sets *value and says whether it was this one. */
static bool takes(const char *name, int argc, char **argv, int *i, const char **value, struct err *e)
{
    size_t n = strlen(name);
    if (strncmp(argv[*i], name, n) != 0 || (argv[*i][n] && argv[*i][n] != '='))
        return false;
    if (argv[*i][n] == '=')
        *value = argv[*i] + n + 1;
    else if (*i + 1 < argc)
        *value = argv[++*i];
    else
        err_set(e, RIG_EINPUT, "%s needs a file", name);
    return true;
}

static int read_request(int argc, char **argv, struct request *r, struct err *e)
{
    bool only_arguments = false;
    for (int i = 1; i < argc && !e->code; i++) {
        if (only_arguments || argv[i][0] != '-') {
            if (r->folder)
                err_set(e, RIG_EINPUT, "one run folder at a time: %s and %s", r->folder, argv[i]);
            r->folder = argv[i];
        } else if (!strcmp(argv[i], "--")) {
            only_arguments = true;
        } else if (!strcmp(argv[i], "--json")) {
            r->json = true;
        } else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
            r->help = true;
        } else if (!takes("--bugs", argc, argv, &i, &r->bugs, e) && !takes("--html", argc, argv, &i, &r->html, e) &&
                   !takes("--junit", argc, argv, &i, &r->junit, e)) {
            unknown(argv[i], e);
        }
    }
    if (!e->code && !r->help && !r->folder)
        err_set(e, RIG_EINPUT, "which run? otarig report RUN_FOLDER");
    return e->code;
}

static int put(const char *path, const struct buf *b, struct err *e)
{
    if (strcmp(path, "-") != 0)
        return file_write(path, buf_text(b), b->size, e);
    if (fwrite(buf_text(b), 1, b->size, stdout) != b->size || fflush(stdout))
        return err_set(e, RIG_EIO, "standard output: cannot write");
    return 0;
}

static int put_json(const struct report *report, struct err *e)
{
    struct json *j = report_json(report);
    struct buf text = {0};
    char *printed = json_print_pretty(j);
    buf_printf(&text, "%s\n", printed);
    int code = put("-", &text, e);
    buf_free(&text);
    free(printed);
    json_free(j);
    return code;
}

static int put_asked(const struct report *report, const struct request *r, struct err *e)
{
    struct buf html = {0}, junit = {0};
    int code = 0;
    if (r->html && !(code = report_html(report, &html, e)))
        code = put(r->html, &html, e);
    if (!code && r->junit && !(code = report_junit(report, &junit, e)))
        code = put(r->junit, &junit, e);
    if (!code && r->json)
        code = put_json(report, e);
    buf_free(&html);
    buf_free(&junit);
    return code;
}

static int put_all(const struct report *report, const struct request *r, struct err *e)
{
    int code = report_write(report, e);
    if (code)
        return code;
    char *folder = file_is_folder(r->folder) ? mem_str(r->folder) : file_folder(r->folder);
    char *page = file_join(folder, "report.html");
    printf("%s: %s\n", verdict_outcome_name(report_verdict(report)->outcome), page);
    free(page);
    free(folder);
    return 0;
}

int cmd_report(int argc, char **argv)
{
    struct request r = {0};
    struct report *report = NULL;
    struct err e = {0};
    int code = read_request(argc, argv, &r, &e);
    if (!code && r.help) {
        fputs(usage, stdout);
        return 0;
    }
    if (!code)
        code = report_open(r.folder, r.bugs, &report, &e);
    if (!code)
        code = r.html || r.junit || r.json ? put_asked(report, &r, &e) : put_all(report, &r, &e);
    int result = code ? err_exit_code(code) : verdict_exit_code(report_verdict(report));
    if (code)
        fprintf(stderr, "otarig report: %s\n", e.text);
    report_close(report);
    return result;
}
