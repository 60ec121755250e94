/* SPDX-License-Identifier: GPL-3.0-or-later
 * Reading a journal, trial by trial. */
#include "record/journal.h"

#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "record/block.h"
#include "record/header.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct journal {
    char *path;
    int fd;
    struct line line;
    struct block block;
    struct json *top;            /* array of the records outside of trials */
    struct journal_event *event; /* of them */
    size_t tops, room;
    uint64_t behind_header;      /* byte of the file */
    int held;                    /* block kind that was read ahead, or -1 */
    size_t known;                /* line up to which it is */
};

static void add_top(struct journal *j, struct json *record, size_t line)
{
    if (line <= j->known) {
        json_free(record);
        return;
    }
    j->known = line;
    json_push(j->top, record);
    if (j->tops == j->room) {
        j->room = j->room ? j->room * 2 : 16;
        j->event = mem_grow(j->event, j->room * sizeof *j->event);
    }
    j->event[j->tops++] = block_event(record, json_int(record, "t", 0), line);
}

/* The next trial or the end; what stands between is kept. */
static int next_kind(struct journal *j, struct err *e)
{
    int kind;
    while ((kind = block_next(&j->block, e)) == BLOCK_TOP) {
        if (j->tops == JOURNAL_TOP_MOST)
            return err_set(e, RIG_EINPUT, "%s:%zu: more than %d records outside of trials", j->path, j->line.number,
                           JOURNAL_TOP_MOST);
        add_top(j, j->block.top, j->block.top_line);
        j->block.top = NULL;
    }
    return kind;
}

int journal_read(const char *path, struct journal **out, struct err *e)
{
    struct journal *j = mem_new(sizeof *j);
    int r = 0;
    j->path = file_is_folder(path) ? file_join(path, "journal.jsonl") : mem_str(path);
    j->top = json_array();
    j->fd = open(j->path, O_RDONLY | O_CLOEXEC);
    if (j->fd < 0)
        r = err_set(e, RIG_EINPUT, "%s: %s", j->path, strerror(errno));
    line_start(&j->line, j->fd, j->path);
    if (!r)
        r = block_header(&j->block, &j->line, e);
    if (!r) {
        j->behind_header = j->line.end;
        j->held = next_kind(j, e);
        r = j->held < 0 ? j->held : 0;
    }
    if (r) {
        journal_free(j);
        return r;
    }
    *out = j;
    return 0;
}

int journal_next_trial(struct journal *j, const struct journal_trial **out, struct err *e)
{
    int kind = j->held;
    j->held = -1;
    if (kind < 0)
        kind = next_kind(j, e);
    if (kind < 0)
        return kind;
    if (kind == BLOCK_END) {
        j->held = BLOCK_END;
        return 0;
    }
    *out = &j->block.trial;
    return 1;
}

int journal_rewind(struct journal *j, struct err *e)
{
    if (lseek(j->fd, (off_t)j->behind_header, SEEK_SET) < 0)
        return err_set(e, RIG_EIO, "%s: %s", j->path, strerror(errno));
    line_stop(&j->line);
    line_start(&j->line, j->fd, j->path);
    j->line.number = 1;
    j->line.start = j->line.end = j->behind_header;
    block_rewind(&j->block);
    j->held = next_kind(j, e);
    return j->held < 0 ? j->held : 0;
}

const struct header *journal_header(const struct journal *j)
{
    return j->block.header;
}

size_t journal_top_count(const struct journal *j)
{
    return j->tops;
}

const struct journal_event *journal_top(const struct journal *j, size_t i)
{
    return i < j->tops ? &j->event[i] : NULL;
}

const char *journal_path(const struct journal *j)
{
    return j->path;
}

void journal_free(struct journal *j)
{
    if (!j)
        return;
    block_free(&j->block);
    line_stop(&j->line);
    json_free(j->top);
    free(j->event);
    if (j->fd >= 0)
        close(j->fd);
    free(j->path);
    free(j);
}

bool journal_is(const struct journal_event *event, const char *ev, const char *kind)
{
    return strcmp(event->ev, ev) == 0 && (!kind || strcmp(event->kind, kind) == 0);
}

const char *journal_text(const struct journal_event *event, const char *member)
{
    return json_str_or(event->json, member, "");
}

int64_t journal_number(const struct journal_event *event, const char *member, int64_t otherwise)
{
    const char *s = json_str(event->json, member);
    if (!s)
        return json_int(event->json, member, otherwise);
    char *end;
    errno = 0;
    long long v = strtoll(s, &end, strncmp(s, "0x", 2) == 0 ? 16 : 10);
    return end == s || *end || errno ? otherwise : v;
}

bool journal_flag(const struct journal_event *event, const char *member)
{
    return json_bool(event->json, member, false) || journal_number(event, member, 0) == 1 ||
           strcmp(journal_text(event, member), "true") == 0 || strcmp(journal_text(event, member), "yes") == 0;
}
