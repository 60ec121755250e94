/* SPDX-License-Identifier: GPL-3.0-or-later
 * Writing a journal: whole blocks, each synced before the next begins.
 *
 * Method. A block reaches the file by one run of writes at the end of the last whole block, then fdatasync. A host that dies in
 * between leaves a torn tail; journal_open_resume reads from the front, and what follows the last whole block is cut off. Because
 * cutting destroys, it is done only when nothing whole stands behind the tear: a damaged line in the middle is an error. */
#include "record/journal.h"

#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "record/block.h"
#include "record/header.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct journal_writer {
    char *path;
    int fd;
    uint64_t size;         /* bytes of whole blocks */
    struct block_set done; /* finished trials */
    struct json *references; /* array of ids */
};

static int failed(const struct journal_writer *w, struct err *e)
{
    return err_set(e, RIG_EIO, "%s: %s", w->path, strerror(errno));
}

/* The lock is on the file itself and falls with the process, however it ends. */
static int lock(struct journal_writer *w, struct err *e)
{
    /* The trials of a campaign that was killed hold its lock until the kernel has ended them too: a moment. */
    for (int tries = 0; tries < 40; tries++) {
        if (flock(w->fd, LOCK_EX | LOCK_NB) == 0)
            return 0;
        if (errno != EWOULDBLOCK)
            break;
        usleep(25000);
    }
    if (errno == EWOULDBLOCK)
        return err_set(e, RIG_EINPUT, "%s: another run is writing this journal", w->path);
    return failed(w, e);
}

static int write_at(const struct journal_writer *w, const char *bytes, size_t n, struct err *e)
{
    for (uint64_t at = w->size; n;) {
        ssize_t done = pwrite(w->fd, bytes, n, (off_t)at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done == 0)
            errno = ENOSPC;
        if (done <= 0)
            return failed(w, e);
        bytes += done;
        n -= (size_t)done;
        at += (uint64_t)done;
    }
    return fdatasync(w->fd) < 0 ? failed(w, e) : 0;
}

static int append(struct journal_writer *w, const char *bytes, size_t n, struct err *e)
{
    int r = write_at(w, bytes, n, e);
    if (!r)
        w->size += n;
    else if (ftruncate(w->fd, (off_t)w->size) < 0) {
        /* The torn tail stays; every reader knows how to leave it out. */
    }
    return r;
}

/* A new file is on the disk only when its folder is. */
static int sync_folder(const struct journal_writer *w, struct err *e)
{
    char *folder = file_folder(w->path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd < 0 || (fsync(fd) < 0 && errno != EINVAL) ? failed(w, e) : 0;
    if (fd >= 0)
        close(fd);
    free(folder);
    return r;
}

static uint64_t trials_of(const struct json *header)
{
    uint64_t most = 0;
    for (const struct json *s = json_first(json_get(header, "scenarios")); s; s = json_next(s)) {
        int64_t last = json_int(s, "first", 1) + json_int(s, "trials", 0) - 1;
        if (last > 0 && (uint64_t)last > most)
            most = (uint64_t)last;
    }
    return most;
}

/* What a writer writes, every reader must take: the header is checked by the reader's own eyes before it goes out. */
static int check_header(const struct json *header, const char *path, struct err *e)
{
    struct header *parsed;
    struct err inside = {0};
    if (header_parse(json_copy(header), &parsed, &inside))
        return err_set(e, RIG_EINTERNAL, "%s: %s", path, inside.text);
    header_free(parsed);
    return 0;
}

static int write_header(struct journal_writer *w, const struct json *header, struct err *e)
{
    char *line = json_print(header);
    struct buf text = {0};
    buf_str(&text, line);
    buf_char(&text, '\n');
    int r = text.size > JOURNAL_LINE_MOST ? err_set(e, RIG_EINPUT, "%s: a plan of %zu bytes is too large", w->path, text.size)
                                          : append(w, text.data, text.size, e);
    free(line);
    buf_free(&text);
    return r;
}

static struct journal_writer *writer(const char *path, const struct json *header)
{
    struct journal_writer *w = mem_new(sizeof *w);
    w->path = mem_str(path);
    w->fd = -1;
    w->done.most = trials_of(header);
    w->done.bits = mem_new(w->done.most / 8 + 1);
    w->references = json_array();
    return w;
}

int journal_create(const char *path, const struct json *header, struct journal_writer **out, struct err *e)
{
    int r = check_header(header, path, e);
    if (r)
        return r;
    struct journal_writer *w = writer(path, header);
    w->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (w->fd < 0)
        r = errno == EEXIST ? err_set(e, RIG_EINPUT, "%s: is there already; --resume goes on with it", path) : failed(w, e);
    if (!r)
        r = lock(w, e);
    if (!r)
        r = write_header(w, header, e);
    if (!r)
        r = sync_folder(w, e);
    if (r) {
        journal_close(w);
        return r;
    }
    *out = w;
    return 0;
}

/* Is there a whole trial behind the damage, or a sign of one? Then somebody edited the file, and cutting would lose it. */
static bool more_behind(struct line *line)
{
    struct err ignored = {0};
    int kind;
    while ((kind = line_next(line, &ignored)) != LINE_END && kind != LINE_PART && kind != RIG_EIO)
        if (kind == LINE_WHOLE && strstr(buf_text(&line->text), "\"ev\":\"end\""))
            return true;
    return false;
}

static void remember(struct journal_writer *w, const struct block *b, int kind)
{
    const char *id = kind == BLOCK_TOP ? json_str(b->top, "id") : NULL;
    if (kind == BLOCK_TRIAL)
        block_set_add(&w->done, b->trial.n);
    if (id && strcmp(json_str_or(b->top, "ev", ""), "reference") == 0)
        json_push_str(w->references, id);
}

static int take_blocks(struct journal_writer *w, struct block *b, struct err *e)
{
    struct err damage = {0};
    int kind;
    w->size = b->line->end;
    while ((kind = block_next(b, &damage)) == BLOCK_TRIAL || kind == BLOCK_TOP) {
        remember(w, b, kind);
        w->size = b->line->end;
    }
    if (kind == RIG_EIO || (kind < 0 && more_behind(b->line)))
        return err_set(e, damage.code, "%s", damage.text);
    return 0;
}

static int same_plan(const struct journal_writer *w, const struct json *there, const struct json *wanted, struct err *e)
{
    const char *what = header_difference(there, wanted);
    if (!what)
        return 0;
    char *a = json_get(there, what) ? json_print(json_get(there, what)) : mem_str("nothing");
    char *b = json_get(wanted, what) ? json_print(json_get(wanted, what)) : mem_str("nothing");
    int r = err_set(e, RIG_EINPUT, "%s: is the journal of another plan: its %s is %.120s%s, this plan's is %.120s%s", w->path,
                    what, a, strlen(a) > 120 ? "…" : "", b, strlen(b) > 120 ? "…" : "");
    free(a);
    free(b);
    return r;
}

/* A first line that was cut while it was written holds nothing worth keeping; anything else without a newline is not ours. */
static bool header_is_torn(struct journal_writer *w)
{
    static const char begin[] = "{\"ev\":\"run\"";
    struct line line;
    struct err ignored = {0};
    line_start(&line, w->fd, w->path);
    int kind = line_next(&line, &ignored);
    size_t n = line.text.size < sizeof begin - 1 ? line.text.size : sizeof begin - 1;
    bool torn = kind == LINE_END || (kind == LINE_PART && memcmp(buf_text(&line.text), begin, n) == 0);
    line_stop(&line);
    return torn && lseek(w->fd, 0, SEEK_SET) == 0;
}

static int go_on(struct journal_writer *w, const struct json *header, struct err *e)
{
    struct line line;
    struct block block = {0};
    line_start(&line, w->fd, w->path);
    int r = block_header(&block, &line, e);
    if (!r)
        r = same_plan(w, block.header->json, header, e);
    if (!r)
        r = take_blocks(w, &block, e);
    if (!r && (ftruncate(w->fd, (off_t)w->size) < 0 || fdatasync(w->fd) < 0))
        r = failed(w, e);
    block_free(&block);
    line_stop(&line);
    return r;
}

int journal_open_resume(const char *path, const struct json *header, struct journal_writer **out, struct err *e)
{
    int r = check_header(header, path, e);
    if (r)
        return r;
    struct journal_writer *w = writer(path, header);
    w->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    r = w->fd < 0 ? failed(w, e) : lock(w, e);
    if (!r && header_is_torn(w)) {
        r = ftruncate(w->fd, 0) < 0 ? failed(w, e) : write_header(w, header, e);
        if (!r)
            r = sync_folder(w, e);
    } else if (!r) {
        r = lseek(w->fd, 0, SEEK_SET) < 0 ? failed(w, e) : go_on(w, header, e);
    }
    if (r) {
        journal_close(w);
        return r;
    }
    *out = w;
    return 0;
}

/* First or last line of a block as a record; NULL when it is none. */
static struct json *edge(const char *lines, size_t n, bool last)
{
    size_t from = last ? n - 1 : 0;
    while (last && from && lines[from - 1] != '\n')
        from--;
    const char *newline = memchr(lines + from, '\n', n - from);
    return newline ? json_parse(lines + from, (size_t)(newline - lines) - from, NULL) : NULL;
}

/* The trial of a block, 0 for records outside of trials; -1: neither. */
static int64_t block_trial(const char *lines, size_t n)
{
    if (!n || lines[n - 1] != '\n')
        return -1;
    struct json *first = edge(lines, n, false), *last = edge(lines, n, true);
    int64_t r = !first || !last ? -1 : 0;
    if (!r && strcmp(json_str_or(first, "ev", ""), "trial") == 0)
        r = strcmp(json_str_or(last, "ev", ""), "end") == 0 ? json_int(first, "n", -1) : -1;
    json_free(first);
    json_free(last);
    return r;
}

static void note_references(struct journal_writer *w, const char *lines, size_t n)
{
    for (const char *newline; n; n -= (size_t)(newline + 1 - lines), lines = newline + 1) {
        newline = memchr(lines, '\n', n);
        struct json *j = json_parse(lines, (size_t)(newline - lines), NULL);
        if (strcmp(json_str_or(j, "ev", ""), "reference") == 0 && json_str(j, "id"))
            json_push_str(w->references, json_str(j, "id"));
        json_free(j);
    }
}

int journal_append_block(struct journal_writer *w, const char *lines, size_t n, struct err *e)
{
    int64_t trial = block_trial(lines, n);
    if (trial < 0 || (trial && (uint64_t)trial > w->done.most))
        return err_set(e, RIG_EINTERNAL, "%s: a block that is no whole trial", w->path);
    if (trial && journal_finished(w, (uint64_t)trial))
        return err_set(e, RIG_EINTERNAL, "%s: trial %lld a second time", w->path, (long long)trial);
    int r = append(w, lines, n, e);
    if (r)
        return r;
    if (trial)
        block_set_add(&w->done, (uint64_t)trial);
    else
        note_references(w, lines, n);
    return 0;
}

bool journal_finished(const struct journal_writer *w, uint64_t n)
{
    return block_set_has(&w->done, n);
}

uint64_t journal_finished_count(const struct journal_writer *w)
{
    return w->done.count;
}

bool journal_has_reference(const struct journal_writer *w, const char *id)
{
    for (const struct json *r = json_first(w->references); r; r = json_next(r))
        if (strcmp(json_value_str(r), id) == 0)
            return true;
    return false;
}

void journal_close(struct journal_writer *w)
{
    if (!w)
        return;
    if (w->fd >= 0)
        close(w->fd);
    free(w->done.bits);
    json_free(w->references);
    free(w->path);
    free(w);
}
