/* SPDX-License-Identifier: GPL-3.0-or-later
 * otarig check: every mistake of scenarios, profile and bench file, and nothing runs. */
#include "base/err.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/words.h"
#include "plan/plan.h"

#include <stdio.h>

static const enum options_id takes[] = {OPTIONS_DUT, OPTIONS_BENCH, OPTIONS_IDS};
static const struct options_command command = {
    "check FILE|FOLDER… [--dut FILE] [--bench FILE]",
    "Reads scenarios and says every mistake as file:line:column, with what was expected. Names of images are looked up in the device's\n"
    "profile; with --bench, what that bench cannot do is a mistake too. Nothing runs and no image file is needed.",
    takes, 1, 4096};

static void check(const struct options *o, struct scenario_set *set, struct mistakes *m)
{
    struct profile *profile = NULL;
    struct bench_file *bench = NULL;
    struct scenario_words words = words_scenario;
    if (o->given[OPTIONS_DUT] || file_exists(o->dut))
        profile = profile_load(o->dut, m);
    if (o->given[OPTIONS_BENCH])
        bench = bench_file_load(o->bench, &words_bench, m);
    words.image = profile ? profile_image_word : NULL;
    words.image_ctx = profile;
    scenario_set_load(set, o->arg, o->args, &words, m);
    struct plan_bench offered = {bench ? bench->name : "", bench ? bench->can : NULL};
    plan_check(set, profile, bench ? &offered : NULL, m);
    profile_free(profile);
    bench_file_free(bench);
}

int cmd_check(int argc, char **argv)
{
    struct options o;
    struct err e = {0};
    if (options_read(&command, argc, argv, &o, &e)) {
        options_free(&o);
        return options_fail(argv[0], &e);
    }
    struct scenario_set set = {0};
    struct mistakes m = {0};
    if (!o.help) {
        check(&o, &set, &m);
        fputs(buf_text(&m.text), stderr);
        printf("%zu scenario%s, %zu error%s\n", set.count, set.count == 1 ? "" : "s", m.count, m.count == 1 ? "" : "s");
    }
    int code = m.count ? 4 : 0;
    scenario_set_free(&set);
    mistake_free(&m);
    options_free(&o);
    return code;
}
