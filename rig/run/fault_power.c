/* SPDX-License-Identifier: GPL-3.0-or-later
 * Faults that restart the device: the supply, and the reset pin. */
#include "base/json.h"
#include "run/fault.h"
#include "run/note.h"

static bool has_power(const struct trial *t)
{
    return t->b->power;
}

static bool has_reset(const struct trial *t)
{
    return t->b->reset;
}

static void add_op(struct trial *t, struct json *j, const struct bench_op *op)
{
    char outcome[16], region[REGION_NAME];
    json_add_int(j, "op", (int64_t)op->index);
    json_add_str(j, "kind", op->erase ? "erase" : "program");
    json_add_hex(j, "addr", op->addr);
    json_add_str(j, "region", region_name(t->profile, op->addr, region));
    json_add_hex(j, "pc", op->pc);
    json_add_str(j, "outcome", note_outcome(op, outcome));
}

/* Power is off already when the bench cut at an armed operation. */
static void cut(struct trial *t, struct fault_run *f, struct bench_op *op)
{
    struct bench_op under_way = {0};
    uint64_t at = trial_now(t), off = plan_number(f->plan, "off", 500 * MS);
    if (!op)
        t->b->power->off(t->b, &under_way);
    else
        under_way = *op;
    bool in_op = under_way.index != 0;
    struct json *j = fault_note(t, f, at, phase_name(t->phase, in_op && region_payload(t->profile, under_way.addr), under_way.erase));
    if (in_op)
        add_op(t, j, &under_way);
    json_add_int(j, "off_ms", (int64_t)(off / MS));
    note_add(t->out, j);
    note_power(t->out, at, 0, "fault");
    note_rail(t->out, at, t->b->power->rail_mv(t->b));
    if (!t->first_cut_op)
        t->first_cut_op = fault_ops_now(t);
    t->running = false;
    t->running_by = BENCH_NEVER;
    f->done++;
    f->state = FAULT_ACTIVE;
    f->over_t = at + off;
}

static void power_returns(struct trial *t, struct fault_run *f)
{
    uint64_t at = trial_now(t);
    note_power(t->out, at, 1, "fault");
    note_reset(t->out, at, "power-on", "rig");
    t->b->power->on(t->b);
    f->over_t = 0;
    trial_device_restarts(t, true);
}

static void pull(struct trial *t, struct fault_run *f, struct bench_op *op)
{
    uint64_t at = trial_now(t);
    (void)op;
    note_add(t->out, fault_note(t, f, at, fault_phase(t)));
    note_reset(t->out, at, "pin", "rig");
    t->b->reset->pulse(t->b);
    trial_device_restarts(t, true);
    f->done++;
    fault_over(t, f);
}

const struct fault_effect fault_power_cut = {
    .name = "power-cut", .can = has_power, .begin = cut, .end = power_returns, .unpowers = true, .repeats = true, .makes_up = true};
const struct fault_effect fault_reset_pin = {.name = "reset-pin", .can = has_reset, .begin = pull, .repeats = true, .makes_up = true};
