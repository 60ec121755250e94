/* SPDX-License-Identifier: GPL-3.0-or-later
 * A hand at the console. */
#include "base/json.h"
#include "run/fault.h"
#include "run/note.h"

#include <string.h>

static bool has_console(const struct trial *t)
{
    return t->b->console && t->b->console->send;
}

static void type(struct trial *t, struct fault_run *f, struct bench_op *op)
{
    const char *line = plan_text_value(f->plan, "line", "");
    struct json *j = fault_note(t, f, trial_now(t), fault_phase(t));
    (void)op;
    json_add_str(j, "line", line);
    note_add(t->out, j);
    t->b->console->send(t->b, line, strlen(line));
    t->b->console->send(t->b, "\r\n", 2);
    f->done++;
    fault_over(t, f);
}

const struct fault_effect fault_command = {.name = "command", .can = has_console, .begin = type, .repeats = true};
