/* SPDX-License-Identifier: GPL-3.0-or-later
 * Lines of a file in bounded memory. */
#include "record/line.h"

#include "base/err.h"
#include "record/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 1 << 16 };

void line_start(struct line *l, int fd, const char *path)
{
    *l = (struct line){.fd = fd, .path = path, .chunk = mem_new(CHUNK)};
}

void line_stop(struct line *l)
{
    buf_free(&l->text);
    free(l->chunk);
    l->chunk = NULL;
}

/* 1: bytes are there; 0: end of the file. */
static int fill(struct line *l, struct err *e)
{
    if (l->at < l->have)
        return 1;
    ssize_t n;
    do
        n = read(l->fd, l->chunk, CHUNK);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_set(e, RIG_EIO, "%s: %s", l->path, strerror(errno));
    l->at = 0;
    l->have = (size_t)n;
    return n > 0;
}

int line_next(struct line *l, struct err *e)
{
    bool nul = false, whole = false;
    size_t size = 0;
    int r;
    buf_clear(&l->text);
    l->start = l->end;
    l->number++;
    while (!whole && (r = fill(l, e)) > 0) {
        const char *from = l->chunk + l->at, *newline = memchr(from, '\n', l->have - l->at);
        size_t n = newline ? (size_t)(newline - from) : l->have - l->at;
        whole = newline;
        nul = nul || memchr(from, 0, n);
        size += n;
        if (size <= JOURNAL_LINE_MOST) /* beyond, the rest is only counted: a file of one endless line needs no memory */
            buf_add(&l->text, from, n);
        l->at += n + whole;
        l->end += n + whole;
    }
    if (!whole && r < 0)
        return r;
    if (size > JOURNAL_LINE_MOST)
        return err_set(e, RIG_EINPUT, "%s:%zu: line of %zu bytes; a journal's lines have at most %d", l->path, l->number, size,
                       JOURNAL_LINE_MOST);
    if (nul)
        return err_set(e, RIG_EINPUT, "%s:%zu: a NUL byte", l->path, l->number);
    return whole ? LINE_WHOLE : size ? LINE_PART : LINE_END;
}
