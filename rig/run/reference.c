/* SPDX-License-Identifier: GPL-3.0-or-later
 * The reference run as data. */
#include "run/reference.h"

#include "base/buf.h"
#include "base/json.h"
#include "plan/plan.h"
#include "run/region.h"

#include <stdlib.h>
#include <string.h>

void reference_free(struct reference *r)
{
    free(r->span);
    free(r->op);
    *r = (struct reference){0};
}

void reference_close(struct reference *r, uint64_t t, uint64_t bytes)
{
    if (!r->spans)
        return;
    r->span[r->spans - 1].t1 = t;
    r->span[r->spans - 1].byte1 = bytes;
}

void reference_enter(struct reference *r, enum phase p, uint64_t t, uint64_t bytes)
{
    reference_close(r, t, bytes);
    if (r->spans && r->span[r->spans - 1].phase == p)
        return;
    r->span = mem_grow(r->span, (r->spans + 1) * sizeof *r->span);
    r->span[r->spans++] = (struct reference_span){.phase = (uint8_t)p, .t0 = t, .t1 = t, .byte0 = bytes, .byte1 = bytes};
}

void reference_add_op(struct reference *r, const struct reference_op *op)
{
    if ((r->ops & (r->ops - 1)) == 0) /* room doubles at each power of two */
        r->op = mem_grow(r->op, (r->ops ? 2 * r->ops : 1) * sizeof *r->op);
    r->op[r->ops++] = *op;
}

static bool covers(const struct reference_op *op, enum scenario_phase phase)
{
    return phase_covers(phase, op->phase, true, op->payload, op->erase);
}

uint64_t reference_ops_after(const struct reference *r, enum scenario_phase phase, uint64_t index)
{
    uint64_t n = 0;
    for (size_t i = 0; i < r->ops; i++)
        n += r->op[i].index > index && covers(&r->op[i], phase);
    return n;
}

bool reference_pick_op(const struct reference *r, enum scenario_phase phase, uint64_t draw, uint64_t *index)
{
    uint64_t n = reference_ops_after(r, phase, 0);
    if (!n)
        return false;
    uint64_t nth = plan_pick(draw, 0, n - 1);
    for (size_t i = 0; i < r->ops; i++)
        if (covers(&r->op[i], phase) && nth-- == 0) {
            *index = r->op[i].index;
            return true;
        }
    return false;
}

/* Erase and write have no spans of their own: from the first to the last of their operations. */
static bool op_window(const struct reference *r, enum scenario_phase phase, uint64_t *t0, uint64_t *t1)
{
    bool any = false;
    for (size_t i = 0; i < r->ops; i++)
        if (covers(&r->op[i], phase)) {
            if (!any)
                *t0 = r->op[i].t;
            *t1 = r->op[i].t;
            any = true;
        }
    return any;
}

bool reference_pick_time(const struct reference *r, enum scenario_phase phase, uint64_t draw, uint64_t *t)
{
    uint64_t t0 = 0, t1 = 0, total = 0;
    if (phase == SCENARIO_ERASE || phase == SCENARIO_WRITE) {
        if (!op_window(r, phase, &t0, &t1))
            return false;
        *t = plan_pick(draw, t0, t1);
        return true;
    }
    for (size_t i = 0; i < r->spans; i++)
        if (phase_covers(phase, r->span[i].phase, false, false, false))
            total += r->span[i].t1 - r->span[i].t0;
    if (!total)
        return false;
    uint64_t at = plan_pick(draw, 0, total - 1);
    for (size_t i = 0; i < r->spans; i++) {
        if (!phase_covers(phase, r->span[i].phase, false, false, false))
            continue;
        uint64_t length = r->span[i].t1 - r->span[i].t0;
        if (at < length) {
            *t = r->span[i].t0 + at;
            return true;
        }
        at -= length;
    }
    return false;
}

bool reference_pick_byte(const struct reference *r, uint64_t draw, uint64_t *byte)
{
    if (!r->bytes)
        return false;
    *byte = plan_pick(draw, 1, r->bytes);
    return true;
}

struct packed { uint64_t complete, end_t, bytes, boots, boot_ns, spans, ops; };

void reference_pack(const struct reference *r, struct buf *out)
{
    struct packed p = {r->complete, r->end_t, r->bytes, r->boots, r->boot_ns, r->spans, r->ops};
    buf_add(out, &p, sizeof p);
    buf_add(out, r->span, r->spans * sizeof *r->span);
    buf_add(out, r->op, r->ops * sizeof *r->op);
}

bool reference_unpack(struct reference *r, const void *bytes, size_t n)
{
    struct packed p;
    if (n < sizeof p)
        return false;
    memcpy(&p, bytes, sizeof p);
    if (n != sizeof p + p.spans * sizeof *r->span + p.ops * sizeof *r->op)
        return false;
    const char *at = (const char *)bytes + sizeof p;
    *r = (struct reference){.complete = p.complete, .end_t = p.end_t, .bytes = p.bytes, .boots = p.boots, .boot_ns = p.boot_ns,
                            .spans = p.spans, .ops = p.ops};
    r->span = mem_new(r->spans * sizeof *r->span);
    memcpy(r->span, at, r->spans * sizeof *r->span);
    r->op = mem_new(r->ops * sizeof *r->op);
    memcpy(r->op, at + r->spans * sizeof *r->span, r->ops * sizeof *r->op);
    return true;
}

/* Numbers of the operations that started in the span; both 0 when none did. */
static void span_ops(const struct reference *r, const struct reference_span *span, uint64_t *first, uint64_t *last)
{
    *first = *last = 0;
    for (size_t i = 0; i < r->ops; i++) {
        const struct reference_op *op = &r->op[i];
        if (op->t < span->t0 || op->t >= span->t1)
            continue;
        if (!*first)
            *first = op->index;
        *last = op->index;
    }
}

static struct json *spans_json(const struct reference *r)
{
    struct json *list = json_array();
    for (size_t i = 0; i < r->spans; i++) {
        struct json *j = json_object();
        json_add_str(j, "name", phase_name(r->span[i].phase, false, false));
        json_add_int(j, "t0", (int64_t)r->span[i].t0);
        json_add_int(j, "t1", (int64_t)r->span[i].t1);
        uint64_t first, last;
        span_ops(r, &r->span[i], &first, &last);
        json_add_int(j, "op0", (int64_t)first);
        json_add_int(j, "op1", (int64_t)last);
        json_add_int(j, "byte0", (int64_t)r->span[i].byte0);
        json_add_int(j, "byte1", (int64_t)r->span[i].byte1);
        json_push(list, j);
    }
    return list;
}

static bool same_row(const struct profile *p, const struct reference_op *a, const struct reference_op *b)
{
    return a->phase == b->phase && a->erase == b->erase && profile_slot_at(p, a->addr) == profile_slot_at(p, b->addr) &&
           profile_region_at(p, a->addr) == profile_region_at(p, b->addr);
}

/* One row per (phase, region, kind), in the order of their first operation. */
static struct json *ops_json(const struct reference *r, const struct profile *p)
{
    struct { const struct reference_op *first; uint64_t count; } row[128];
    size_t rows = 0;
    for (size_t i = 0; i < r->ops; i++) {
        size_t k = 0;
        while (k < rows && !same_row(p, row[k].first, &r->op[i]))
            k++;
        if (k == rows && rows == sizeof row / sizeof *row)
            continue;
        if (k == rows) {
            row[rows].first = &r->op[i];
            row[rows++].count = 0;
        }
        row[k].count++;
    }
    struct json *list = json_array();
    for (size_t k = 0; k < rows; k++) {
        const struct reference_op *op = row[k].first;
        struct json *j = json_object();
        char region[REGION_NAME];
        json_add_str(j, "phase", phase_name(op->phase, op->payload, op->erase));
        json_add_str(j, "region", region_name(p, op->addr, region));
        json_add_str(j, "kind", op->erase ? "erase" : "program");
        json_add_int(j, "count", (int64_t)row[k].count);
        json_push(list, j);
    }
    return list;
}

struct json *reference_json(const struct reference *r, const char *id, const struct profile *p)
{
    struct json *j = json_object();
    json_add_str(j, "ev", "reference");
    json_add_str(j, "id", id);
    json_add_bool(j, "complete", r->complete);
    json_add(j, "phases", spans_json(r));
    json_add(j, "ops", ops_json(r, p));
    json_add_int(j, "total_ops", (int64_t)r->ops);
    json_add_int(j, "end_t", (int64_t)r->end_t);
    json_add_int(j, "boots", (int64_t)r->boots);
    json_add_int(j, "fetched", (int64_t)r->bytes);
    return j;
}
