/* SPDX-License-Identifier: GPL-3.0-or-later
 * Lines of a journal put together into trials. Everything that a reader may rely on is checked here, once. */
#include "record/block.h"

#include "base/err.h"
#include "base/json.h"
#include "record/header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Records that have a meaning only within a trial. Other names may be a later version's: they are kept wherever they stand. */
static const char *const inner[] = {"power",       "rail",    "reset",         "dut",    "console",     "flood",
                                    "exec",        "http",    "told",          "held",   "settings",    "fault",
                                    "faults-over", "offer",   "write-running", "access", "flash-error", "cpu-fault",
                                    "dead",        "timeout", "cycle",         "end",    "tls",         "impaired",
                                    "recovery-served"};

/* Times are added up by those who read them: none may come near the end of their type. */
static const int64_t TIME_MOST = INT64_C(1000000000000000000);

bool block_set_has(const struct block_set *s, uint64_t n)
{
    return n >= 1 && n <= s->most && s->bits[n / 8] >> n % 8 & 1;
}

void block_set_add(struct block_set *s, uint64_t n)
{
    if (n < 1 || n > s->most || block_set_has(s, n))
        return;
    s->bits[n / 8] |= (uint8_t)(1u << n % 8);
    s->count++;
}

struct journal_event block_event(const struct json *record, int64_t t, size_t line)
{
    const char *ev = json_str_or(record, "ev", "");
    return (struct journal_event){
        .ev = ev, .kind = strcmp(ev, "dut") == 0 ? json_str_or(record, "kind", "") : "", .t = t, .line = line, .json = record};
}

/* A message with its place in front, whatever raised it. */
static int wrong(const struct block *b, struct err *e, const char *what)
{
    return err_set(e, RIG_EINPUT, "%s:%zu: %s", b->line->path, b->line->number, what);
}

static struct json *parse(const struct block *b, struct err *e)
{
    struct err inside = {0};
    struct json *j = json_parse(buf_text(&b->line->text), b->line->text.size, &inside);
    if (!j)
        wrong(b, e, inside.text);
    else if (!json_is_object(j)) {
        wrong(b, e, "not a JSON object");
        json_free(j);
        j = NULL;
    }
    return j;
}

int block_header(struct block *b, struct line *line, struct err *e)
{
    *b = (struct block){.line = line};
    int kind = line_next(line, e);
    if (kind < 0)
        return kind;
    if (kind != LINE_WHOLE)
        return err_set(e, RIG_EINPUT, "%s:1: %s", line->path,
                       kind == LINE_END ? "empty: not a journal" : "its header is cut short");
    struct json *j = parse(b, e);
    if (!j)
        return RIG_EINPUT;
    struct err inside = {0};
    if (header_parse(j, &b->header, &inside))
        return wrong(b, e, inside.text);
    for (size_t i = 0; i < b->header->scenarios; i++) {
        const struct header_scenario *s = &b->header->scenario[i];
        if (s->trials && s->first + s->trials - 1 > b->seen.most)
            b->seen.most = s->first + s->trials - 1;
    }
    b->seen.bits = mem_new(b->seen.most / 8 + 1);
    return 0;
}

static void clear(struct block *b)
{
    json_free(b->all);
    json_free(b->top);
    b->all = NULL;
    b->top = NULL;
    b->trial = (struct journal_trial){0};
}

/* The first record of a trial: its numbers must be those of the plan. */
static int open_trial(struct block *b, const struct json *j, struct err *e)
{
    const struct header *h = b->header;
    int64_t n = json_int(j, "n", -1), scenario = json_int(j, "scenario", -1), k = json_int(j, "k", -1);
    char text[160];
    if (scenario < 0 || (uint64_t)scenario >= h->scenarios)
        return wrong(b, e, "\"trial\" of a scenario that the header does not have");
    const struct header_scenario *s = &h->scenario[scenario];
    if (n < 0 || (uint64_t)n < s->first || (uint64_t)n - s->first >= s->trials) {
        snprintf(text, sizeof text, "trial %lld is not one of scenario %lld, whose trials are %llu from %llu", (long long)n,
                 (long long)scenario, (unsigned long long)s->trials, (unsigned long long)s->first);
        return wrong(b, e, text);
    }
    if (block_set_has(&b->seen, (uint64_t)n)) {
        snprintf(text, sizeof text, "trial %lld stands here a second time", (long long)n);
        return wrong(b, e, text);
    }
    b->trial =
        (struct journal_trial){.n = (uint64_t)n, .k = k < 0 ? (uint64_t)n - s->first : (uint64_t)k, .scenario = (size_t)scenario};
    b->all = json_array();
    return 0;
}

/* Takes j over. */
static int add_event(struct block *b, struct json *j, struct err *e)
{
    struct journal_trial *trial = &b->trial;
    int64_t before = trial->count ? b->event[trial->count - 1].t : 0, t = json_int(j, "t", before);
    json_push(b->all, j);
    if (trial->count == JOURNAL_EVENTS_MOST)
        return wrong(b, e, "more records in one trial than a journal may have");
    if (json_has(j, "t") && json_int(j, "t", -1) != json_int(j, "t", -2))
        return wrong(b, e, "\"t\" is not a number");
    if (t > TIME_MOST)
        return wrong(b, e, "a time beyond thirty years");
    if (t < before && (t < 0 || before - t > JOURNAL_SKEW_MS * INT64_C(1000000))) {
        char text[120];
        snprintf(text, sizeof text, "time goes back: %lld ns after %lld ns (line %zu)", (long long)t, (long long)before,
                 b->event[trial->count - 1].line);
        return wrong(b, e, trial->count ? text : "a time before the trial's beginning");
    }
    if (trial->count == b->room) {
        b->room = b->room ? b->room * 2 : 256;
        b->event = mem_grow(b->event, b->room * sizeof *b->event);
    }
    b->event[trial->count++] = block_event(j, t < before ? before : t, b->line->number);
    return 0;
}

static int close_trial(struct block *b, bool finished)
{
    b->trial.finished = finished;
    b->trial.event = b->event;
    b->trial.all = b->all;
    if (finished)
        block_set_add(&b->seen, b->trial.n);
    return finished ? BLOCK_TRIAL : BLOCK_PART;
}

static bool is_inner(const char *ev)
{
    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++)
        if (strcmp(inner[i], ev) == 0)
            return true;
    return false;
}

static int misplaced(const struct block *b, const char *ev, struct err *e)
{
    char text[160];
    snprintf(text, sizeof text, "\"%.40s\" outside of a trial", ev);
    return wrong(b, e, text);
}

/* One record. 0: go on; a block_kind when it ends one. Takes j over. */
static int take(struct block *b, struct json *j, struct err *e)
{
    const char *ev = json_str_or(j, "ev", "");
    bool inside = b->all, begins = strcmp(ev, "trial") == 0;
    int r = 0;
    if (!*ev)
        r = wrong(b, e, "a record without \"ev\"");
    else if (strcmp(ev, "run") == 0)
        r = wrong(b, e, "a second header");
    else if (begins && inside)
        r = wrong(b, e, "a trial begins before the one above has its end");
    else if (begins)
        r = open_trial(b, j, e);
    else if (!inside && is_inner(ev))
        r = misplaced(b, ev, e);
    if (r) {
        json_free(j);
        return r;
    }
    if (!b->all) {
        b->top = j;
        b->top_line = b->line->number;
        return BLOCK_TOP;
    }
    r = add_event(b, j, e);
    return r ? r : strcmp(ev, "end") == 0 ? close_trial(b, true) : 0;
}

int block_next(struct block *b, struct err *e)
{
    clear(b);
    for (;;) {
        int kind = line_next(b->line, e);
        if (kind < 0)
            return kind;
        if (kind != LINE_WHOLE)
            return b->all ? close_trial(b, false) : BLOCK_END;
        struct json *j = parse(b, e);
        int r = j ? take(b, j, e) : RIG_EINPUT;
        if (r)
            return r;
    }
}

void block_rewind(struct block *b)
{
    clear(b);
    memset(b->seen.bits, 0, b->seen.most / 8 + 1);
    b->seen.count = 0;
}

void block_free(struct block *b)
{
    clear(b);
    header_free(b->header);
    free(b->seen.bits);
    free(b->event);
    *b = (struct block){0};
}
