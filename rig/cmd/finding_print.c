/* SPDX-License-Identifier: GPL-3.0-or-later
 * A finding on standard output. Its first line starts with law and outcome, and the command stands at the end of its line: scripts rely
 * on both. */
#include "cmd/finding_print.h"

#include "judge/verdict.h"
#include "record/header.h"

#include <inttypes.h>
#include <stdio.h>

static const char *paint(enum law_state s)
{
    return s == LAW_VIOLATED ? "\033[1;31m" : s == LAW_WAIVED ? "\033[36m" : "\033[33m";
}

static void print_first_line(const struct verdict_finding *f, const struct header *h, bool color)
{
    const struct law *law = judge_law(f->law);
    printf("\n%s%s %s%s%s%s: %s", color ? paint(f->state) : "", law ? law->id : "run", law_state_name(f->state), *f->kind ? ", " : "",
           f->kind, color ? "\033[0m" : "", f->scenario < h->scenarios ? h->scenario[f->scenario].id : "");
    if (law)
        printf(" (%s)", law->title);
    putchar('\n');
}

static void print_cited(const struct verdict_finding *f, const char *journal)
{
    for (size_t i = 0; i < f->lines; i++)
        if (i == 0)
            printf("  at %s:%zu", journal, f->line[i]);
        else
            printf(", %zu", f->line[i]);
    if (f->lines)
        putchar('\n');
}

void finding_print(const struct verdict_finding *f, const struct header *h, const char *run, const char *journal, bool color)
{
    print_first_line(f, h, color);
    printf("  %s\n", f->why);
    if (f->waived)
        printf("  waived: %s\n", f->waived);
    printf("  in %" PRIu64 " trial%s", f->count, f->count == 1 ? "" : "s");
    if (f->first)
        printf("; again: otarig replay %s/%" PRIu64, run, f->first);
    putchar('\n');
    if (journal)
        print_cited(f, journal);
}
