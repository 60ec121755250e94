/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the server offers in a trial. */
#include "base/file.h"
#include "base/json.h"
#include "run/note.h"
#include "run/trial_state.h"

#include <string.h>

/* What the bench is to offer of a set; room is the caller's. */
struct offer_room { struct bench_image file[PROFILE_SLOTS]; struct bench_delta delta[PROFILE_DELTAS * PROFILE_SLOTS]; };

static struct bench_offer offer_of(const struct trial *t, const struct plan_set *set, struct offer_room *room)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct plan_image *image = set->image[i];
        room->file[i] = (struct bench_image){image->slot, file_base(image->file), (const uint8_t *)image->bytes.data, image->bytes.size};
    }
    for (size_t i = 0; i < set->deltas; i++) {
        const struct plan_delta *d = set->delta[i];
        room->delta[i] = (struct bench_delta){d->slot, d->base_sha256, d->file, (const uint8_t *)d->bytes.data, d->bytes.size};
    }
    return (struct bench_offer){.version = set->version, .hardware = t->profile->hardware, .security_counter = set->counter,
                                .chunk_size = t->profile->update.chunk, .files = room->file, .count = set->count,
                                .deltas = room->delta, .delta_count = t->given->images->terms.delta ? set->deltas : 0};
}

void trial_offer_as(struct trial *t, const struct plan_set *set, const char *action, bool good)
{
    struct offer_room room, other_room;
    const struct plan_set *next = t->given->images->next;
    struct bench_offer offer = offer_of(t, set, &room), other = next && next != set ? offer_of(t, next, &other_room) : offer;
    offer.action = action;
    offer.keyset = other.keyset = t->keyset;
    other.action = "update";
    offer.other = next && next != set ? &other : NULL;
    t->offer = set;
    t->action = action;
    if (t->b->server)
        t->b->server->offer(t->b, &offer);
    struct json *j = note_new("offer", trial_now(t));
    json_add_str(j, "version", set->version);
    json_add_str(j, "image", set->name);
    json_add_bool(j, "good", good);
    if (strcmp(action, "update") != 0)
        json_add_str(j, "action", action);
    if (t->keyset != 1)
        json_add_int(j, "keyset", t->keyset);
    note_add(t->out, j);
}

void trial_offer(struct trial *t, const struct plan_set *set, bool good)
{
    trial_offer_as(t, set, "update", good);
}
