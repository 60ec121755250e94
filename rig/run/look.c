/* SPDX-License-Identifier: GPL-3.0-or-later
 * The truth in flash: what really runs, and what of an image is really there. The device's own word is never taken for it. */
#include "base/crypto.h"
#include "base/file.h"
#include "base/json.h"
#include "run/note.h"
#include "run/trial_state.h"

#include <string.h>

static const struct profile_slot *slot_named(const struct profile *p, const char *name)
{
    for (size_t i = 0; i < p->slots; i++)
        if (strcmp(p->slot[i].name, name) == 0)
            return &p->slot[i];
    return NULL;
}

static void hex_digest(const uint8_t digest[32], char text[65])
{
    struct buf b = {0};
    buf_hex(&b, digest, 32);
    memcpy(text, b.data, 65);
    buf_free(&b);
}

static const struct plan_image *image_with(const struct plan *p, const char *digest, const char *slot)
{
    for (size_t i = 0; i < p->sets; i++)
        for (size_t k = 0; k < p->set[i]->count; k++) {
            const struct plan_image *image = p->set[i]->image[k];
            if (strcmp(image->digest, digest) == 0 && strcmp(image->slot, slot) == 0)
                return image;
        }
    return NULL;
}

static void note_exec(struct trial *t, const struct profile_slot *slot, uint64_t at)
{
    struct json *j = note_new("exec", at);
    const uint8_t *bytes = t->b->nvm->bytes(t->b, slot->base, slot->size);
    struct image_info info;
    json_add_str(j, "slot", slot->name);
    if (bytes && image_parse(bytes, slot->size, &info, NULL) == 0) {
        uint8_t digest[32];
        char text[65];
        crypto_sha256(bytes, info.hashed, digest);
        hex_digest(digest, text);
        const struct plan_image *image = image_with(t->plan, text, slot->name);
        json_add_str(j, "image", image ? image->name : "unknown");
        json_add_str(j, "digest", text);
    }
    note_add(t->out, j);
}

void look_running(struct trial *t, uint64_t at)
{
    t->unseen = t->b->nvm != NULL;
    look_again(t, at);
}

/* An application that has just begun to run may be in SRAM (it erases a page of the bank that it executes from), and what was last seen
 * in flash is the bootloader: the next look that finds it in a slot is the evidence. */
void look_again(struct trial *t, uint64_t at)
{
    const struct profile_slot *slot = t->unseen ? profile_slot_at(t->profile, t->b->nvm->pc(t->b)) : NULL;
    if (!slot)
        return;
    t->unseen = false;
    note_exec(t, slot, at);
}

void look_held(struct trial *t, const struct bench_event *ev)
{
    if (!t->b->nvm || !ev->file[0] || !t->offer)
        return;
    for (size_t i = 0; i < t->offer->count; i++) {
        const struct plan_image *image = t->offer->image[i];
        const struct profile_slot *slot = slot_named(t->profile, image->slot);
        if (strcmp(file_base(image->file), ev->file) != 0 || !slot)
            continue;
        const uint8_t *flash = t->b->nvm->bytes(t->b, slot->base, slot->size);
        size_t n = 0, most = image->bytes.size < slot->size ? image->bytes.size : slot->size;
        while (flash && n < most && flash[n] == (uint8_t)image->bytes.data[n])
            n++;
        struct json *j = note_new("held", ev->t);
        json_add_str(j, "slot", slot->name);
        json_add_str(j, "file", ev->file);
        json_add_int(j, "bytes", (int64_t)n);
        json_add_int(j, "from", (int64_t)ev->from);
        note_add(t->out, j);
    }
}

void look_watch(struct trial *t, const char *name)
{
    if (!t->b->nvm)
        return;
    const struct profile_slot *slot = name ? slot_named(t->profile, name) : NULL;
    t->b->nvm->watch(t->b, slot ? slot->base : 0, slot ? slot->size : 0);
}

void look_op(struct trial *t, const struct bench_op *op)
{
    const struct profile_slot *slot = profile_slot_at(t->profile, op->addr);
    if (slot && t->running && strcmp(slot->name, t->slot) == 0)
        note_write_running(t->out, op, slot->name);
}
