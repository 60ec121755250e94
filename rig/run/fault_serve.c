/* SPDX-License-Identifier: GPL-3.0-or-later
 * Faults of the update server: it attacks. */
#include "base/json.h"
#include "run/fault.h"
#include "run/note.h"

#include <string.h>

static bool has_server(const struct trial *t)
{
    return t->b->server;
}

static void attack(struct trial *t, struct fault_run *f, struct bench_op *op)
{
    const struct plan_fault *p = f->plan;
    (void)op;
    f->state = FAULT_ACTIVE;
    f->over_t = BENCH_NEVER;
    if (!p->attack)
        return;
    struct bench_rule rule = {.attack = p->attack->name, .path = p->path, .device = p->device,
                              .times = (unsigned)plan_number(p, "times", 1)};
    if (p->at == SCENARIO_AT_REQUEST)
        rule.request = (unsigned)p->number;
    if (rule.request && !rule.times)
        rule.times = UINT32_MAX; /* that one and every one behind it */
    memcpy(rule.value, p->attack_value, sizeof rule.value);
    t->b->server->rule(t->b, &rule);
}

/* The server itself counts requests. */
static void prepare(struct trial *t, struct fault_run *f)
{
    if (f->plan->at == SCENARIO_AT_REQUEST && has_server(t))
        attack(t, f, NULL);
}

/* Two attacks on one response are told as "flip-bits+truncate". */
static bool named_in(const char *name, const char *list)
{
    size_t n = strlen(name);
    for (const char *p = list; (p = strstr(p, name)); p += n)
        if ((p == list || p[-1] == '+') && (p[n] == 0 || p[n] == '+'))
            return true;
    return false;
}

static void seen(struct trial *t, struct fault_run *f, const struct bench_event *ev)
{
    if ((ev->kind != BENCH_RESPONSE && ev->kind != BENCH_TLS) || !f->plan->attack || !named_in(f->plan->attack->name, ev->attack))
        return;
    if (!f->done++) {
        struct json *j = fault_note(t, f, ev->t, fault_phase(t));
        json_add_str(j, "attack", ev->attack);
        note_add(t->out, j);
    }
    uint64_t times = plan_number(f->plan, "times", 1);
    if (times && f->done >= times)
        fault_over(t, f);
}

const struct fault_effect fault_serve = {.name = "serve", .can = has_server, .begin = attack, .wake = prepare, .seen = seen};
