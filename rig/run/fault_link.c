/* SPDX-License-Identifier: GPL-3.0-or-later
 * Faults of the network link. */
#include "base/json.h"
#include "run/fault.h"
#include "run/note.h"

static bool has_link(const struct trial *t)
{
    return t->b->link;
}

static void down(struct trial *t, struct fault_run *f, struct bench_op *op)
{
    uint64_t at = trial_now(t), length = plan_number(f->plan, "for", 5000 * MS);
    (void)op;
    struct json *j = fault_note(t, f, at, fault_phase(t));
    json_add_int(j, "off_ms", (int64_t)(length / MS));
    note_add(t->out, j);
    t->b->link->up(t->b, false);
    f->done++;
    f->state = FAULT_ACTIVE;
    f->over_t = at + length;
}

static void up(struct trial *t, struct fault_run *f)
{
    (void)f;
    t->b->link->up(t->b, true);
}

const struct fault_effect fault_link_down = {.name = "link-down", .can = has_link, .begin = down, .end = up};
