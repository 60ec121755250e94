/* SPDX-License-Identifier: GPL-3.0-or-later
 * Flash content that rots: what a bench with a hand on the array can do to it (catalogue I13). */
#include "base/json.h"
#include "run/fault.h"
#include "run/note.h"

#include <string.h>

static bool has_hand(const struct trial *t)
{
    return t->b->nvm && t->b->nvm->damage;
}

/* A slot is "slot-a" or its own name, a region its name. */
static bool place(const struct profile *p, const char *name, uint32_t *base, uint32_t *size)
{
    const char *slot = strncmp(name, "slot-", 5) == 0 ? name + 5 : name;
    for (size_t i = 0; i < p->regions; i++)
        if (strcmp(p->region[i].name, name) == 0) {
            *base = p->region[i].base;
            *size = p->region[i].size;
            return true;
        }
    for (size_t i = 0; i < p->slots; i++)
        if (strcmp(p->slot[i].name, slot) == 0) {
            *base = p->slot[i].base;
            *size = p->slot[i].size;
            return true;
        }
    return false;
}

static enum bench_damage how_of(const struct plan_fault *p)
{
    static const char *const words[] = {"zero", "random", "ecc", "erase"};
    const char *how = plan_text_value(p, "how", "zero");
    unsigned i = 0;
    while (i < 3 && strcmp(words[i], how) != 0)
        i++;
    return (enum bench_damage)i;
}

static void rot(struct trial *t, struct fault_run *f, struct bench_op *op)
{
    const struct plan_fault *p = f->plan;
    const char *region = plan_text_value(p, "region", "");
    uint64_t at = plan_number(p, "at-byte", 0), bytes = plan_number(p, "bytes", 0);
    uint32_t base = 0, size = 0;
    (void)op;
    if (!place(t->profile, region, &base, &size) || at >= size || bytes > size - at) {
        note_bench_fault(t->out, trial_now(t), "no-such-region", region);
        t->broken = true;
        return;
    }
    if (!bytes)
        bytes = size - at;
    t->b->nvm->damage(t->b, base + (uint32_t)at, (uint32_t)bytes, how_of(p), p->draw);
    struct json *j = fault_note(t, f, trial_now(t), fault_phase(t));
    json_add_str(j, "region", region);
    json_add_hex(j, "addr", base + (uint32_t)at);
    json_add_int(j, "bytes", (int64_t)bytes);
    json_add_str(j, "how", plan_text_value(p, "how", "zero"));
    note_add(t->out, j);
    f->done++;
    fault_over(t, f);
}

const struct fault_effect fault_damage = {.name = "flash-damage", .can = has_hand, .begin = rot, .repeats = true};
