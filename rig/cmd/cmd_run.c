/* SPDX-License-Identifier: GPL-3.0-or-later
 * otarig run: scenarios on a bench, into a journal; then the verdict and the report. */
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/run_folder.h"
#include "cmd/verdict_print.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile int stop_signal;

static void on_signal(int number)
{
    stop_signal = number;
}

struct progress {
    double start, shown;
    uint64_t first;
    bool terminal, seen;
};

static void show_progress(void *ctx, uint64_t done, uint64_t total)
{
    struct progress *p = ctx;
    double now = run_folder_seconds();
    if (!p->terminal)
        return;
    if (!p->seen) {
        p->seen = true;
        p->first = done - 1;
    }
    if (done < total && now - p->shown < 0.2)
        return;
    p->shown = now;
    double rate = (double)(done - p->first) / (now - p->start + 1e-9), left = (double)(total - done) / (rate + 1e-9);
    fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " trials, %.1f a second, %d:%02d left \033[K", done, total, rate, (int)left / 60,
            (int)left % 60);
    if (done == total)
        fputc('\n', stderr);
}

static const enum options_id takes[] = {OPTIONS_BENCH, OPTIONS_DUT, OPTIONS_IMAGES, OPTIONS_SEED, OPTIONS_TRIALS, OPTIONS_JOBS,
                                        OPTIONS_OUT, OPTIONS_JSON, OPTIONS_RESUME, OPTIONS_COLOR, OPTIONS_IDS};
static const struct options_command command = {
    "run FILE|FOLDER… [options]    otarig run --resume --out RUN",
    "Carries scenarios out on a bench, judges the journal and writes the report. The run is a folder: --out names it, else\n"
    "reports/out/NAME/UTC-TIME. With --resume a run that was interrupted goes on where its journal ends.",
    takes, 0, 4096};

/* NAME of reports/out/NAME: the first path's last part without .yaml. */
static char *run_name(const char *path)
{
    char *copy = mem_str(path);
    for (size_t n = strlen(copy); n > 1 && copy[n - 1] == '/'; n--)
        copy[n - 1] = 0;
    char *name = mem_str(file_base(copy)), *dot = strstr(name, ".yaml");
    if (dot)
        *dot = 0;
    free(copy);
    return name;
}

/* A resumed run takes everything from its folder; whatever else was said on the command line must agree with it. */
static int wish_of(const struct options *o, struct json **old, struct setup_wish *wish, struct err *e)
{
    *wish = (struct setup_wish){o->arg, o->args, o->dut, o->bench, o->images, o->seed, o->trials};
    if (!o->resume) {
        if (!o->args)
            return err_set(e, RIG_EINPUT, "no scenario given: name a file or a folder, such as scenarios/power");
        return 0;
    }
    if (!o->out)
        return err_set(e, RIG_EINPUT, "--resume needs --out RUN, the folder of the run that goes on");
    char *journal = file_join(o->out, "run.json");
    bool there = file_exists(journal);
    free(journal);
    if (!there && !o->args)
        return err_set(e, RIG_EINPUT, "%s: holds no run.json, and no scenario is given", o->out);
    if (!there)
        return 0;
    *old = run_folder_read(o->out, e);
    if (!*old)
        return RIG_EINPUT;
    if (!o->args)
        run_folder_wish(*old, wish);
    return 0;
}

static char *folder_for(const struct options *o, const struct setup_wish *wish, struct err *e)
{
    if (o->out) {
        if (file_make_folder(o->out, e))
            return NULL;
        return mem_str(o->out);
    }
    char *name = run_name(wish->paths[0]), *folder = run_folder_new(name, e);
    free(name);
    return folder;
}

static int campaign(const struct setup *s, const struct options *o, const char *folder, struct err *e)
{
    struct progress p = {.start = run_folder_seconds(), .terminal = isatty(STDERR_FILENO)};
    struct campaign c;
    char *path = file_join(folder, "journal.jsonl");
    setup_campaign(s, &c);
    c.jobs = o->jobs;
    c.stop = &stop_signal;
    c.progress = show_progress;
    c.ctx = &p;
    struct sigaction act = {.sa_handler = on_signal};
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGHUP, &act, NULL);
    int r = campaign_run(&c, path, o->resume, e);
    free(path);
    return r;
}

static int describe(const struct setup_wish *wish, const struct options *o, const char *folder, double seconds, struct err *e)
{
    struct json *j = run_folder_describe(wish, o->jobs);
    json_add_str(j, "folder", folder);
    if (seconds > 0)
        json_add_int(j, "duration_ms", (int64_t)(seconds * 1000));
    int r = run_folder_write(folder, j, e);
    json_free(j);
    return r;
}

static int run(const struct options *o, const struct setup_wish *wish, struct err *e)
{
    struct setup s;
    double start = run_folder_seconds();
    int code = 0, r = setup_make(wish, &s, e);
    if (r)
        return err_exit_code(r);
    char *folder = folder_for(o, wish, e);
    r = folder ? describe(wish, o, folder, 0, e) : RIG_EIO;
    if (!r)
        r = campaign(&s, o, folder, e);
    if (!r && stop_signal) {
        fprintf(stderr, "\notarig run: stopped; go on with: otarig run --resume --out %s\n", folder);
        code = 128 + stop_signal;
    } else if (!r) {
        r = describe(wish, o, folder, run_folder_seconds() - start, e);
        code = r ? 0 : verdict_print_run(folder, o->json, o->color, e);
    }
    free(folder);
    setup_free(&s);
    return r ? err_exit_code(r) : code;
}

int cmd_run(int argc, char **argv)
{
    struct options o;
    struct err e = {0};
    struct setup_wish wish;
    struct json *old = NULL;
    int r = options_read(&command, argc, argv, &o, &e), code = 0;
    if (!r && !o.help)
        r = wish_of(&o, &old, &wish, &e);
    if (!r && !o.help) {
        code = run(&o, &wish, &e);
        if (wish.paths != o.arg)
            free((void *)(uintptr_t)wish.paths);
    }
    if (e.code)
        code = options_fail("run", &e);
    json_free(old);
    options_free(&o);
    return code;
}
