/* SPDX-License-Identifier: GPL-3.0-or-later
 * otarig replay RUN/TRIAL: one trial again, with its whole console and every flash operation; and the proof that it was the same. */
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/run_folder.h"
#include "record/journal.h"
#include "run/region.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct view {
    const struct profile *profile;
    bool quiet, tracing, at_line_start; /* tracing: not during the reference run before it */
};

static void stamp(uint64_t t)
{
    printf("%6" PRIu64 ".%06" PRIu64 " ", t / 1000000000u, t / 1000 % 1000000u);
}

static void console_byte(void *ctx, uint8_t byte, uint64_t t)
{
    struct view *v = ctx;
    if (!v->tracing || byte == '\r')
        return;
    if (v->at_line_start)
        stamp(t);
    putchar(byte == '\n' || byte == '\t' || (byte >= 0x20 && byte < 0x7f) ? byte : '?');
    v->at_line_start = byte == '\n';
}

static void begin(void *ctx)
{
    struct view *v = ctx;
    v->tracing = !v->quiet;
}

static void flash_op(void *ctx, const struct bench_op *op)
{
    struct view *v = ctx;
    char region[REGION_NAME];
    if (!v->tracing)
        return;
    if (!v->at_line_start)
        putchar('\n');
    v->at_line_start = true;
    stamp(op->t);
    printf("  flash #%" PRIu64 " %-7s 0x%08" PRIx32 " %s, %" PRIu32 " bytes, pc 0x%08" PRIx32 "\n", op->index,
           op->erase ? "erase" : "program", op->addr, region_name(v->profile, op->addr, region), op->size, op->pc);
}

static const enum options_id takes[] = {OPTIONS_JSON, OPTIONS_COLOR, OPTIONS_IDS};
static const struct options_command command = {
    "replay RUN/TRIAL [--json]",
    "Does trial number TRIAL of the run in folder RUN again: its console and every flash operation with time, region and program\n"
    "counter, then its journal block. --json prints the block alone. Ends with 0 when the block is the one in the journal.",
    takes, 1, 1};

static int split(const char *arg, char **folder, uint64_t *number, struct err *e)
{
    char *end;
    const char *last = file_base(arg);
    *number = strtoull(last, &end, 10);
    if (end == last || *end || !strchr(arg, '/'))
        return err_set(e, RIG_EINPUT, "\"%s\": expected RUN/TRIAL, such as reports/out/power/latest/17", arg);
    *folder = file_folder(arg);
    return 0;
}

/* The block of trial number as it stands in the run's journal, appended to out; nothing when it never finished. */
static int recorded(const char *folder, uint64_t number, struct buf *out, struct err *e)
{
    struct buf text = {0};
    char *path = file_join(folder, "journal.jsonl"), *start = mem_printf("{\"ev\":\"trial\",\"n\":%" PRIu64 ",", number);
    int r = file_read(path, (size_t)4 << 30, &text, e);
    for (const char *p = buf_text(&text); !r && p && *p;) {
        const char *next = strchr(p, '\n');
        bool first = strncmp(p, start, strlen(start)) == 0;
        if (!next)
            break;
        if (first || (out->size && strncmp(p, "{\"ev\":", 6) != 0))
            buf_add(out, p, (size_t)(next + 1 - p));
        else if (out->size)
            break;
        p = next + 1;
    }
    free(start);
    free(path);
    buf_free(&text);
    return r;
}

static int compare(const char *folder, uint64_t number, const struct buf *again, struct err *e)
{
    struct buf before = {0};
    int r = recorded(folder, number, &before, e), code = 0;
    if (!r && !before.size)
        fprintf(stderr, "otarig replay: trial %" PRIu64 " has no end in the journal; nothing to compare with\n", number);
    else if (!r && (before.size != again->size || memcmp(before.data, again->data, before.size) != 0)) {
        fputs("otarig replay: this is NOT what the journal says: firmware, scenario or rig are not those of the run\n", stderr);
        code = 2;
    } else if (!r)
        fputs("otarig replay: the same, byte for byte, as in the journal\n", stderr);
    buf_free(&before);
    return r ? err_exit_code(r) : code;
}

static int replay(const char *folder, uint64_t number, const struct json *description, bool json, struct err *e)
{
    struct setup_wish wish;
    struct setup s;
    struct buf block = {0};
    run_folder_wish(description, &wish);
    int code = 0, r = setup_make(&wish, &s, e);
    free((void *)(uintptr_t)wish.paths);
    if (r)
        return err_exit_code(r);
    struct view view = {.profile = s.profile, .quiet = json, .at_line_start = true};
    struct trial_watch watch = {&view, begin, flash_op};
    struct campaign c;
    setup_campaign(&s, &c);
    s.bench.console_byte = console_byte;
    s.bench.console_ctx = &view;
    r = campaign_replay(&c, number, &watch, &block, e);
    if (!r) {
        fputs(buf_text(&block), stdout);
        fflush(stdout);
        code = compare(folder, number, &block, e);
    }
    buf_free(&block);
    setup_free(&s);
    return r ? err_exit_code(r) : code;
}

int cmd_replay(int argc, char **argv)
{
    struct options o;
    struct err e = {0};
    char *folder = NULL;
    struct json *description = NULL;
    uint64_t number;
    int code = 0, r = options_read(&command, argc, argv, &o, &e);
    if (!r && !o.help)
        r = split(o.arg[0], &folder, &number, &e);
    if (!r && !o.help)
        description = run_folder_read(folder, &e);
    if (description)
        code = replay(folder, number, description, o.json, &e);
    if (e.code)
        code = options_fail("replay", &e);
    json_free(description);
    free(folder);
    options_free(&o);
    return code;
}
