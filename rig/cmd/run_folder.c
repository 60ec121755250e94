/* SPDX-License-Identifier: GPL-3.0-or-later
 * Where a run lives, and what it needs to be done again. The host's date and name stand here and nowhere else. */
#include "cmd/run_folder.h"

#include "base/err.h"
#include "base/file.h"
#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

double run_folder_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void utc(char *text, size_t room, const char *format)
{
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    strftime(text, room, format, &tm);
}

static void set_latest(const char *parent, const char *name)
{
    char *link = file_join(parent, "latest"), *beside = mem_printf("%s.%ld", link, (long)getpid());
    unlink(beside);
    if (symlink(name, beside) == 0 && rename(beside, link) < 0)
        unlink(beside);
    free(beside);
    free(link);
}

char *run_folder_new(const char *name, struct err *e)
{
    char stamp[32];
    utc(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ");
    char *parent = mem_printf("reports/out/%s", name), *folder = NULL, *base = NULL;
    for (int i = 0; i < 1000; i++) {
        free(base);
        free(folder);
        base = i ? mem_printf("%s-%d", stamp, i + 1) : mem_str(stamp);
        folder = file_join(parent, base);
        if (!file_exists(folder))
            break;
    }
    int r = file_make_folder(folder, e);
    if (!r)
        set_latest(parent, base);
    free(base);
    free(parent);
    if (!r)
        return folder;
    free(folder);
    return NULL;
}

struct json *run_folder_describe(const struct setup_wish *wish, unsigned jobs)
{
    char date[40], seed[24], trials[24];
    struct utsname host;
    struct json *j = json_object(), *paths = json_array();
    utc(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ");
    json_add_str(j, "date", date);
    if (uname(&host) == 0) {
        json_add_str(j, "host", host.nodename);
        json_add_str(j, "system", host.sysname);
        json_add_str(j, "machine", host.machine);
    }
    json_add_str(j, "otarig", OTARIG_VERSION);
    json_add_int(j, "jobs", jobs);
    for (size_t i = 0; i < wish->count; i++)
        json_push_str(paths, wish->paths[i]);
    json_add(j, "scenarios", paths);
    json_add_str(j, "dut", wish->dut);
    json_add_str(j, "bench", wish->bench);
    json_add_str(j, "images", wish->images);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)wish->seed);
    snprintf(trials, sizeof trials, "%llu", (unsigned long long)wish->trials);
    json_add_str(j, "seed", seed);
    json_add_str(j, "trials", trials);
    return j;
}

int run_folder_write(const char *folder, const struct json *description, struct err *e)
{
    char *path = file_join(folder, "run.json"), *text = json_print_pretty(description);
    int r = file_write(path, text, strlen(text), e);
    free(text);
    free(path);
    return r;
}

struct json *run_folder_read(const char *folder, struct err *e)
{
    struct buf text = {0};
    char *path = file_join(folder, "run.json");
    struct json *j = NULL;
    if (!file_read(path, 1 << 20, &text, e)) {
        struct err why = {0};
        j = json_parse(buf_text(&text), text.size, &why);
        if (!j || !json_is_array(json_get(j, "scenarios")) || !json_str(j, "dut") || !json_str(j, "images")) {
            err_set(e, RIG_EINPUT, "%s: not the description of a run%s%s", path, why.code ? ": " : "", why.text);
            json_free(j);
            j = NULL;
        }
    }
    buf_free(&text);
    free(path);
    return j;
}

void run_folder_wish(const struct json *description, struct setup_wish *out)
{
    const struct json *list = json_get(description, "scenarios");
    char **paths = mem_new((json_count(list) + 1) * sizeof *paths);
    *out = (struct setup_wish){.dut = json_str(description, "dut"), .bench = json_str(description, "bench"),
                               .images = json_str(description, "images")};
    for (const struct json *p = json_first(list); p; p = json_next(p))
        if (json_value_str(p))
            paths[out->count++] = (char *)(uintptr_t)json_value_str(p);
    out->paths = paths;
    out->seed = strtoull(json_str_or(description, "seed", "1"), NULL, 0);
    out->trials = strtoull(json_str_or(description, "trials", "0"), NULL, 0);
}
