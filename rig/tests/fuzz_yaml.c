/* SPDX-License-Identifier: GPL-3.0-or-later
 * Fuzz target: scenario, profile and bench files. Whatever the bytes are, each reader gives data or mistakes, never both, never neither.
 * Includes are followed only within an empty folder. */
#include "base/err.h"
#include "base/file.h"
#include "cmd/words.h"
#include "plan/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/otarig-fuzz-XXXXXX", path[64];

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void leave(void)
{
    unlink(path);
    rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    if (!mkdtemp(folder))
        abort();
    snprintf(path, sizeof path, "%s/f.yaml", folder);
    atexit(leave);
    return 0;
}

static void check(const void *result, struct mistakes *m)
{
    if (!result == !m->count)
        abort();
    mistake_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    FILE *f = fopen(path, "wb");
    if (!f || (n && fwrite(data, n, 1, f) != 1))
        abort();
    fclose(f);
    struct mistakes m = {0};
    struct scenario *s = scenario_load(path, folder, &words_scenario, &m);
    check(s, &m);
    struct profile *p = profile_load(path, &m);
    check(p, &m);
    struct bench_file *b = bench_file_load(path, &words_bench, &m);
    check(b, &m);
    if (s) {
        struct scenario_set set = {&s, 1};
        plan_check(&set, p, NULL, &m);
        mistake_free(&m);
    }
    scenario_free(s);
    profile_free(p);
    bench_file_free(b);
    return 0;
}
