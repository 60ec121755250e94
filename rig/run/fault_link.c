/* SPDX-License-Identifier: GPL-3.0-or-later
 * Faults of the network link. What the bench is told is the sum of all that are active: one shape for each direction. */
#include "base/json.h"
#include "run/fault.h"
#include "run/note.h"

#include <string.h>

static bool has_link(const struct trial *t)
{
    return t->b->link;
}

static bool covers(const struct fault_run *f, unsigned way)
{
    const char *direction = plan_text_value(f->plan, "direction", "both");
    return strcmp(direction, "both") == 0 || strcmp(direction, way == SHAPE_TO_DEVICE ? "to-device" : "from-device") == 0;
}

static uint16_t share(const struct fault_run *f, const char *option)
{
    return (uint16_t)plan_number(f->plan, option, 0);
}

static struct shape_share shares(const struct fault_run *f, const char *option, const char *correlation)
{
    return (struct shape_share){share(f, option), share(f, correlation)};
}

static bool is_word(const struct fault_run *f, const char *option, const char *word)
{
    return strcmp(plan_text_value(f->plan, option, ""), word) == 0;
}

static struct shape_way shape_of(const struct fault_run *f)
{
    const struct plan_fault *p = f->plan;
    enum shape_spread spread = is_word(f, "distribution", "normal") ? SHAPE_NORMAL : SHAPE_UNIFORM;
    return (struct shape_way){
        .mtu = (uint32_t)plan_number(p, "mtu", 0),
        .loss = shares(f, "loss", "loss-correlation"),
        .burst = {share(f, "loss-burst"), share(f, "loss-burst-end"), share(f, "loss-in-burst"), share(f, "loss-between")},
        .duplicate = shares(f, "duplicate", "duplicate-correlation"),
        .corrupt = shares(f, "corrupt", "corrupt-correlation"),
        .reorder = shares(f, "reorder", "reorder-correlation"),
        .checksum_fixed = is_word(f, "corrupt-checksum", "fixed"),
        .gap = (uint32_t)plan_number(p, "reorder-gap", 0),
        .delay_ns = plan_number(p, "delay", 0),
        .jitter_ns = plan_number(p, "jitter", 0),
        .delay_correlation = share(f, "delay-correlation"),
        .spread = is_word(f, "distribution", "pareto") ? SHAPE_PARETO : spread,
        .rate_bps = plan_number(p, "rate", 0) * 1000,
    };
}

static bool acts(const struct fault_run *f, const struct fault_effect *effect, unsigned way)
{
    return f->effect == effect && f->state == FAULT_ACTIVE && covers(f, way);
}

/* Of two `link` faults in one direction the later in the list counts. */
static void reshape(struct trial *t)
{
    struct shape shape = {0};
    for (unsigned way = 0; way < SHAPE_WAYS; way++) {
        for (size_t i = 0; i < t->faults; i++)
            if (acts(&t->fault[i], &fault_link, way))
                shape.way[way] = shape_of(&t->fault[i]);
        for (size_t i = 0; i < t->faults; i++)
            shape.way[way].down |= acts(&t->fault[i], &fault_link_down, way);
    }
    t->b->link->shape(t->b, &shape);
}

static void down(struct trial *t, struct fault_run *f, struct bench_op *op)
{
    uint64_t length = plan_number(f->plan, "for", 5000 * MS);
    struct json *j = fault_note(t, f, trial_now(t), fault_phase(t));
    (void)op;
    if (length)
        json_add_int(j, "off_ms", (int64_t)(length / MS));
    note_add(t->out, j);
    f->done++;
    f->state = FAULT_ACTIVE;
    f->over_t = fault_until(t, length);
    reshape(t);
}

static void count(const struct trial *t, const struct fault_run *f, uint64_t *packets, uint64_t *acted)
{
    *packets = *acted = 0;
    for (unsigned way = 0; way < SHAPE_WAYS; way++) {
        uint64_t p = 0, a = 0;
        if (covers(f, way))
            t->b->link->counts(t->b, way, &p, &a);
        *packets += p;
        *acted += a;
    }
}

static void worse(struct trial *t, struct fault_run *f, struct bench_op *op)
{
    (void)op;
    f->state = FAULT_ACTIVE;
    f->over_t = fault_until(t, plan_number(f->plan, "for", 0));
    count(t, f, &f->packets, &f->acted);
    reshape(t);
}

static void better(struct trial *t, struct fault_run *f)
{
    f->state = FAULT_OVER;
    reshape(t);
}

static void better_now(struct trial *t, struct fault_run *f)
{
    uint64_t packets, acted;
    count(t, f, &packets, &acted);
    struct json *j = note_new("impaired", trial_now(t));
    json_add_int(j, "i", f - t->fault);
    json_add_int(j, "packets", (int64_t)(packets - f->packets));
    json_add_int(j, "touched", (int64_t)(acted - f->acted));
    note_add(t->out, j);
    better(t, f);
}

/* A link that nothing was sent through has harmed nobody: it is delivered once what was asked for was done to a packet. Delay counts
 * where nothing else is asked for. */
static bool is_the_harm(const struct fault_run *f, const char *what)
{
    static const struct { const char *what, *option; } harms[] = {
        {"lost", "loss"}, {"lost", "loss-burst"}, {"too-large", "mtu"}, {"duplicated", "duplicate"}, {"corrupted", "corrupt"},
        {"reordered", "reorder"}};
    bool other = false;
    for (size_t i = 0; i < sizeof harms / sizeof *harms; i++) {
        bool asked = plan_number(f->plan, harms[i].option, 0);
        if (asked && strcmp(what, harms[i].what) == 0)
            return true;
        other |= asked;
    }
    return !other && strcmp(what, "delayed") == 0;
}

static void seen(struct trial *t, struct fault_run *f, const struct bench_event *ev)
{
    if (ev->kind != BENCH_LINK || f->done || !covers(f, ev->way) || !is_the_harm(f, ev->text))
        return;
    f->done++;
    struct json *j = fault_note(t, f, ev->t, fault_phase(t));
    json_add_str(j, "attack", ev->text);
    note_add(t->out, j);
}

const struct fault_effect fault_link = {.name = "link", .can = has_link, .begin = worse, .end = better_now, .seen = seen};
const struct fault_effect fault_link_down = {.name = "link-down", .can = has_link, .begin = down, .end = better, .exact = true};
