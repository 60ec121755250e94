/* SPDX-License-Identifier: GPL-3.0-or-later
 * Faults of the device's battery-backed clock. */
#include "base/date.h"
#include "base/json.h"
#include "run/fault.h"
#include "run/note.h"

static bool has_clock(const struct trial *t)
{
    return t->b->rtc;
}

/* What it shall show; false: it is left alone. An offset counts from what time it really is, not from an earlier fault's. */
static bool shown(struct trial *t, const struct plan_fault *p, uint64_t *unix_s)
{
    uint64_t now = t->b->rtc->date(t->b), ahead = plan_number(p, "offset", 0) / (1000 * MS), back = plan_number(p, "back", 0) / (1000 * MS);
    *unix_s = plan_number(p, "set", now) + ahead;
    *unix_s = *unix_s > back ? *unix_s - back : 0;
    return plan_number(p, "set", 0) || ahead || back;
}

static void disturb(struct trial *t, struct fault_run *f, struct bench_op *op)
{
    const struct plan_fault *p = f->plan;
    int32_t drift = (int32_t)plan_number(p, "drift", 0) - (int32_t)plan_number(p, "lag", 0);
    uint64_t unix_s;
    char text[DATE_TEXT];
    struct json *j = fault_note(t, f, trial_now(t), fault_phase(t));
    (void)op;
    if (shown(t, p, &unix_s)) {
        t->b->rtc->set(t->b, unix_s);
        date_print(unix_s, text);
        json_add_str(j, "set", text);
    }
    if (drift) {
        t->b->rtc->drift(t->b, drift);
        json_add_int(j, "drift_ppm", drift);
    }
    if (plan_number(p, "lost", 0)) {
        t->b->rtc->battery(t->b, false);
        json_add_bool(j, "lost", true);
    }
    note_add(t->out, j);
    f->done++;
    fault_over(t, f);
}

const struct fault_effect fault_clock = {.name = "clock", .can = has_clock, .begin = disturb, .repeats = true};
