/* SPDX-License-Identifier: GPL-3.0-or-later
 * How a law gives its answer. */
#include "judge/law.h"

#include "record/journal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void answer(struct law_result *r, enum law_state state, const struct journal_event *at, const char *kind, const char *format,
                   va_list ap)
{
    if (r->state != LAW_HELD)
        return;
    r->state = state;
    r->kind = kind;
    r->at = at->line;
    law_cite(r, at);
    vsnprintf(r->why, sizeof r->why, format, ap); /* the analyzer does not see callers' va_start: NOLINT(clang-analyzer-valist.*) */
}

void law_violated(struct law_result *r, const struct journal_event *at, const char *kind, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    answer(r, LAW_VIOLATED, at, kind, format, ap);
    va_end(ap);
}

void law_missing(struct law_result *r, const struct journal_event *at, const char *kind, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    r->absence = r->absence || r->state == LAW_HELD;
    answer(r, LAW_VIOLATED, at, kind, format, ap);
    va_end(ap);
}

void law_unclear(struct law_result *r, const struct journal_event *at, const char *kind, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    answer(r, LAW_INCONCLUSIVE, at, kind, format, ap);
    va_end(ap);
}

void law_none(struct law_result *r)
{
    if (r->state == LAW_HELD)
        r->state = LAW_NOT_APPLICABLE;
}

/* Ascending, each once. */
void law_cite(struct law_result *r, const struct journal_event *event)
{
    if (!event || r->lines == LAW_LINES)
        return;
    size_t i = 0;
    while (i < r->lines && r->line[i] < event->line)
        i++;
    if (i < r->lines && r->line[i] == event->line)
        return;
    memmove(&r->line[i + 1], &r->line[i], (r->lines - i) * sizeof *r->line);
    r->line[i] = event->line;
    r->lines++;
}

const char *law_state_name(enum law_state s)
{
    static const char *const names[LAW_STATES] = {"not-applicable", "held", "waived", "inconclusive", "violated"};
    return (unsigned)s < LAW_STATES ? names[s] : "?";
}
