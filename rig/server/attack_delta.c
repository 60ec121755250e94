/* SPDX-License-Identifier: GPL-3.0-or-later
 * A publisher's mistake about deltas, well signed: the one that is offered does not start from the file that the device runs. The rest
 * of the manifest, the whole image in it too, is honest. */
#include "server/attack_delta.h"

#include "base/buf.h"
#include "server/exchange.h"
#include "server/manifest.h"
#include "server/offer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char base_is[] = "{\"base\":\"";

/* The manifest names another base; the delta itself is right. */
static bool named(struct attack_call *c, char *delta)
{
    char *digit = delta + sizeof base_is - 1 + rng_below(&c->rng, 64);
    *digit = *digit == '0' ? '1' : '0';
    return true;
}

/* The delta was made from another base; the manifest says the right one. */
static bool made(struct attack_call *c, const char *delta)
{
    const struct offer *o = c->x->manifest->offer;
    const char *base = delta + sizeof base_is - 1;
    for (size_t i = o->images; i < o->count; i++) {
        const struct offer_file *f = &o->files[i];
        if (strncmp(f->base, base, 64) == 0)
            continue;
        char *value = mem_printf("%s%.64s\",\"url\":\"/image/%s\",\"size\":%zu,\"sha256\":\"%s\"}", base_is, base, f->name, f->size, f->sha256);
        members_raw(&c->x->manifest->members, "delta", value);
        free(value);
        return true;
    }
    return false;
}

static bool wrong_base(struct attack_call *c)
{
    struct manifest *m = c->x->manifest;
    char *delta = m && m->offer ? members_get(&m->members, "delta") : NULL;
    if (!delta || strncmp(delta, base_is, sizeof base_is - 1) != 0)
        return false;
    return option_is(c->attack->row.options, c->value, "kind", "made") ? made(c, delta) : named(c, delta);
}

static const char *const kinds[] = {"named", "made", NULL};

static const struct option_row options[] = {
    {.name = "kind", .help = "named: the manifest says another base; made: the delta was made from another, under the right name",
     .type = OPTION_WORD, .otherwise = "named", .words = kinds},
    {0}};

static const struct attack table[] = {
    {{.name = "wrong-base", .help = "offers a delta that does not start from the file that runs", .options = options,
      .example = "{do: serve, attack: wrong-base, kind: made}"},
     ATTACK_MANIFEST, wrong_base},
};

const struct attack *attack_delta_at(size_t i)
{
    _Static_assert(sizeof table / sizeof table[0] == ATTACK_DELTA_ROWS, "the number of rows stands in the header");
    return i < ATTACK_DELTA_ROWS ? &table[i] : NULL;
}
