/* SPDX-License-Identifier: GPL-3.0-or-later
 * A trial's console around the place where it went wrong, with what the rig did in between. */
#include "report/part.h"

#include "base/buf.h"
#include "base/json.h"
#include "report/html.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MOST = 260 };

struct row {
    const struct json *event;
    size_t line; /* of the journal */
    bool rig;
};

static bool is_row(const char *ev, bool *rig)
{
    static const char *const by_rig[] = {"power", "rail", "reset", "fault", "faults-over", "offer", "timeout", "dead", "cycle", "bench",
                                         "cpu-fault", "flash-error", "write-running", "flood", "end", NULL};
    *rig = true;
    for (size_t i = 0; by_rig[i]; i++)
        if (!strcmp(ev, by_rig[i]))
            return true;
    *rig = false;
    return !strcmp(ev, "dut") || !strcmp(ev, "console");
}

/* "fault: do=power-cut phase=write …": the record's members, which are the vocabulary of the journal. */
static void describe(struct buf *out, const struct json *event)
{
    struct buf text = {0};
    buf_str(&text, json_str_or(event, "ev", "?"));
    for (const struct json *m = json_first(event); m; m = json_next(m)) {
        if (!strcmp(json_key(m), "ev") || !strcmp(json_key(m), "t") || json_is_object(m) || json_is_array(m))
            continue;
        char *value = json_value_str(m) ? mem_str(json_value_str(m)) : json_print(m);
        buf_printf(&text, " %s=%s", json_key(m), value);
        free(value);
    }
    html_text_n(out, buf_text(&text), text.size, LINE_MOST);
    buf_free(&text);
}

static void print_row(struct buf *out, const struct row *r, bool cited)
{
    buf_printf(out, "<span class=\"%s\"><i>", cited && r->rig ? "rig cited" : cited ? "cited" : r->rig ? "rig" : "");
    int64_t t = json_int(r->event, "t", 0);
    buf_printf(out, "%" PRId64 ".%03d s", t / 1000000000, (int)(t / 1000000 % 1000)); /* the reader refuses negative times */
    buf_str(out, "</i>");
    const char *line = json_str_or(r->event, "line", "");
    if (r->rig) {
        buf_str(out, "&mdash; ");
        describe(out, r->event);
    } else {
        html_text_n(out, line, strlen(line), LINE_MOST);
    }
    buf_str(out, "</span>");
}

static bool is_cited(size_t line, const size_t *cited, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (cited[i] == line)
            return true;
    return false;
}

static void left_out(struct buf *out, size_t n, const char *where)
{
    if (!n)
        return;
    buf_str(out, "<span class=\"rig\"><i>&#8943;</i>");
    html_plural(out, n, "line", "lines");
    buf_printf(out, " %s</span>", where);
}

/* Three quarters of the window lie before the last cited line: what led there says more than what came after. */
static size_t window(const struct row *row, size_t rows, const size_t *cited, size_t count, size_t most)
{
    size_t last = 0;
    for (size_t i = 0; i < rows; i++)
        if (count && row[i].line <= cited[count - 1])
            last = i;
    size_t before = most - most / 4, from = last > before ? last - before : 0;
    if (rows <= most)
        return 0;
    return from < rows - most ? from : rows - most;
}

void part_console(struct buf *out, const struct facts_trial *t, const size_t *cited, size_t count, size_t most)
{
    size_t all = json_count(t->events), rows = 0, line = t->first_line;
    struct row *row = mem_new((all + 1) * sizeof *row);
    for (const struct json *e = json_first(t->events); e; e = json_next(e), line++) {
        bool rig;
        if (is_row(json_str_or(e, "ev", ""), &rig))
            row[rows++] = (struct row){e, line, rig};
    }
    size_t from = window(row, rows, cited, count, most), to = rows - from > most ? from + most : rows;
    buf_str(out, "<pre class=\"log\" tabindex=\"0\">");
    left_out(out, from, "before");
    for (size_t i = from; i < to; i++)
        print_row(out, &row[i], is_cited(row[i].line, cited, count));
    left_out(out, rows - to, "after");
    buf_str(out, "</pre>\n");
    free(row);
}
