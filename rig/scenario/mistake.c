/* SPDX-License-Identifier: GPL-3.0-or-later
 * Mistakes in files that people write, one line each. */
#include "scenario/mistake.h"

#include "base/err.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_there(const struct mistakes *m, const char *line, size_t n)
{
    const char *text = buf_text(&m->text);
    for (const char *at = strstr(text, line); at; at = strstr(at + 1, line))
        if ((at == text || at[-1] == '\n') && at[n] == '\n')
            return true;
    return false;
}

static void add_line(struct mistakes *m, const char *line, size_t n)
{
    if (is_there(m, line, n))
        return;
    if (m->count++ < (m->limit ? m->limit : MISTAKE_MOST)) {
        buf_add(&m->text, line, n);
        buf_char(&m->text, '\n');
    }
}

/* Control characters of a hostile file do not reach a terminal. */
static void tame(struct buf *line)
{
    for (size_t i = 0; i < line->size; i++)
        if ((unsigned char)line->data[i] < 0x20 || line->data[i] == 0x7f)
            line->data[i] = ' ';
}

void mistake_add(struct mistakes *m, struct place at, const char *format, ...)
{
    struct buf line = {0};
    buf_str(&line, at.file ? at.file : "?");
    if (at.line)
        buf_printf(&line, ":%u:%u", at.line, at.column);
    buf_str(&line, ": ");
    char *what = NULL;
    va_list ap;
    va_start(ap, format);
    if (vasprintf(&what, format, ap) >= 0)
        buf_str(&line, what);
    va_end(ap);
    free(what);
    tame(&line);
    add_line(m, buf_text(&line), line.size);
    buf_free(&line);
}

void mistake_word(struct mistakes *m, struct place at, const char *what, const char *wrong, suggest_word *word, const void *ctx)
{
    const char *near = suggest_nearest(wrong, word, ctx), *w;
    if (near) {
        mistake_add(m, at, "%s \"%.60s\" is not known, did you mean \"%s\"?", what, wrong, near);
        return;
    }
    struct buf all = {0};
    for (size_t i = 0; (w = word(ctx, i)); i++)
        buf_printf(&all, "%s%s", i ? ", " : "", w);
    mistake_add(m, at, "%s \"%.60s\" is not known, expected one of: %s", what, wrong, all.size ? buf_text(&all) : "(none)");
    buf_free(&all);
}

struct told { const char *line; size_t n, file; unsigned long row, column; };

/* "file:row:column: …"; a file name may have colons itself, so the first pair of numbers counts. */
static struct told parsed(const char *line, size_t n)
{
    struct told t = {line, n, n, 0, 0};
    for (size_t i = 0; i < n && t.file == n; i++) {
        char *end;
        if (line[i] != ':' || line[i + 1] < '0' || line[i + 1] > '9')
            continue;
        t.row = strtoul(line + i + 1, &end, 10);
        if (*end != ':' || end[1] < '0' || end[1] > '9')
            continue;
        t.column = strtoul(end + 1, NULL, 10);
        t.file = i;
    }
    return t;
}

/* By file, then in the order of the file. */
static int by_place(const void *a, const void *b)
{
    const struct told *x = a, *y = b;
    int files = memcmp(x->line, y->line, x->file < y->file ? x->file : y->file);
    if (files || x->file != y->file)
        return files ? files : x->file < y->file ? -1 : 1;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

static void add_sorted(struct mistakes *to, const struct mistakes *from)
{
    const char *text = buf_text(&from->text), *end = text + from->text.size;
    size_t count = 0, lines = 1;
    for (const char *p = text; p < end; p++)
        lines += *p == '\n';
    struct told *told = mem_new(lines * sizeof *told);
    for (const char *line = text; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop ? stop + 1 : end;
        told[count++] = parsed(line, (size_t)(stop - line));
        line = stop;
    }
    qsort(told, count, sizeof *told, by_place);
    for (size_t i = 0; i < count; i++)
        buf_add(&to->text, told[i].line, told[i].n);
    free(told);
}

void mistake_add_all(struct mistakes *to, const struct mistakes *from)
{
    add_sorted(to, from);
    to->count += from->count;
    size_t limit = from->limit ? from->limit : MISTAKE_MOST;
    if (from->count > limit)
        buf_printf(&to->text, "  … and %zu more\n", from->count - limit);
}

void mistake_free(struct mistakes *m)
{
    buf_free(&m->text);
    *m = (struct mistakes){0};
}
