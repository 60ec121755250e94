/* SPDX-License-Identifier: GPL-3.0-or-later
 * Lines of a file with their numbers and places, in bounded memory whatever the file holds. */
#ifndef RECORD_LINE_H
#define RECORD_LINE_H
#include <stdint.h>

#include "base/buf.h"

struct err;

struct line {
    int fd;           /* the caller's, read from its current place */
    const char *path; /* for messages; the caller's */
    struct buf text;  /* the current line, without its newline */
    size_t number;    /* of the current line, from 1 */
    uint64_t start, end; /* bytes of the file before it, and behind its newline */
    char *chunk;
    size_t at, have;
};

enum line_kind { LINE_END, LINE_WHOLE, LINE_PART /* the file ends without a newline */ };

void line_start(struct line *l, int fd, const char *path);
void line_stop(struct line *l); /* frees; leaves fd open */
/* The next line: a line_kind; or RIG_EINPUT (NUL byte, longer than JOURNAL_LINE_MOST) with path:line, after which the line behind
 * it can be asked for; or RIG_EIO. */
int line_next(struct line *l, struct err *e);

#endif
