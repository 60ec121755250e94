/* SPDX-License-Identifier: GPL-3.0-or-later
 * Images of a plan: files read, mutations applied, and each one verified the way the device should. */
#include "plan/plan_parts.h"

#include "base/crypto.h"
#include "base/err.h"
#include "base/file.h"
#include "base/rng.h"
#include "scenario/store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash(const char *text)
{
    uint8_t digest[32];
    uint64_t x = 0;
    crypto_sha256(text, strlen(text), digest);
    for (int i = 0; i < 8; i++)
        x = x << 8 | digest[i];
    return x;
}

uint64_t plan_trial_stream(const struct scenario *s)
{
    return hash(s->id);
}

/* --- keys --- */

enum { GOOD, WRONG, NEXT, KEYS };

static int keys_open(const struct plan *p, const struct scenario_image *image, struct image_keys *keys, struct crypto_key *key[KEYS],
                     char **folder, struct err *e)
{
    const struct profile *profile = p->config.profile;
    const char *const file[KEYS] = {profile->good_key, profile->wrong_key, profile->next_key};
    for (size_t i = 0; i < KEYS; i++)
        if (file[i] && !(key[i] = crypto_key_open(file[i], e)))
            return e->code;
    *folder = image->place.file ? file_folder(image->place.file) : NULL;
    *keys = (struct image_keys){.good = key[GOOD], .wrong = key[WRONG], .next = key[NEXT], .folder = *folder};
    for (size_t i = 0; i < profile->slots; i++)
        keys->slot_size = profile->slot[i].size > keys->slot_size ? profile->slot[i].size : keys->slot_size;
    return 0;
}

static int spoil(const struct plan *p, const struct scenario_image *image, struct buf *bytes, struct err *e)
{
    struct crypto_key *key[KEYS] = {0};
    struct image_keys keys;
    struct buf out = {0};
    char *folder = NULL;
    if (!image->mutations)
        return 0;
    int r = keys_open(p, image, &keys, key, &folder, e);
    if (!r)
        r = image_mutate((const uint8_t *)buf_text(bytes), bytes->size, image->mutation, image->mutations, &keys,
                         rng_mix(p->config.seed, hash(image->text), image->variant), &out, e);
    if (!r) {
        buf_free(bytes);
        *bytes = out;
    } else
        buf_free(&out);
    for (size_t i = 0; i < KEYS; i++)
        crypto_key_free(key[i]);
    free(folder);
    return r;
}

/* --- one file --- */

static const char *verify_with(const char *file, const struct image_info *info)
{
    struct err e = {0};
    struct crypto_key *key = file ? crypto_key_open(file, &e) : NULL;
    uint8_t raw[32];
    if (!key)
        return "no-key";
    crypto_key_public(key, raw);
    crypto_key_free(key);
    return image_check(info, raw);
}

/* By the fleet's key, or by the one that follows it; whose it is goes to *signer. */
static const char *verify(const struct profile *profile, const struct image_info *info, const char **signer)
{
    const char *cause = verify_with(profile->good_key, info);
    bool next = cause && !verify_with(profile->next_key, info);
    *signer = !cause ? "good" : next ? "next" : NULL;
    return next ? NULL : cause;
}

static void inspect(struct plan *p, struct plan_image *image, const char *otherwise)
{
    struct image_info info;
    struct err e = {0};
    const uint8_t *bytes = (const uint8_t *)buf_text(&image->bytes);
    crypto_sha256_hex(bytes, image->bytes.size, image->sha256);
    image->version = otherwise;
    if (image_parse(bytes, image->bytes.size, &info, &e)) {
        image->cause = "unreadable";
        return;
    }
    struct buf hex = {0};
    uint8_t digest[32];
    crypto_sha256(info.bytes, info.hashed, digest); /* what it really is, whatever its own entry says */
    buf_hex(&hex, digest, sizeof digest);
    memcpy(image->digest, buf_text(&hex), 65);
    buf_free(&hex);
    image->version = store_text(p->own, info.version_text);
    image->counter = info.has_counter ? info.counter : 0;
    image->cause = verify(p->config.profile, &info, &image->signer);
    if (!*image->slot) {
        const struct profile_slot *slot = profile_slot_at(p->config.profile, info.load_addr);
        image->slot = slot ? slot->name : "";
    }
}

static struct plan_image *image_load(struct plan *p, const struct scenario_image *from, const char *file, const char *slot,
                                     const char *version, struct plan_set *set, struct mistakes *m)
{
    struct err e = {0};
    bool named = from->name != NULL;
    struct plan_image *image = store_room(p->own, sizeof *image);
    if (named && from->folder)
        file = store_printf(p->own, "%s/%s", from->folder, file);
    char *path = named ? file_join(p->config.images, file) : mem_str(file);
    *image = (struct plan_image){.name = set->name, .slot = slot, .file = named ? file : file_base(file)};
    int r = file_read(path, PLAN_IMAGE_MOST, &image->bytes, &e);
    if (r)
        mistake_add(m, from->place, "image %s: %s%s", set->name, e.text, named && !file_exists(path)
            ? " (is the firmware built? make firmware)" : "");
    struct image_info info;
    if (!r && !image_parse((const uint8_t *)buf_text(&image->bytes), image->bytes.size, &info, NULL))
        set->counter = info.has_counter ? info.counter : 0;
    if (!r && (r = spoil(p, from, &image->bytes, &e)))
        mistake_add(m, from->place, "image %s: %s", set->name, e.text);
    free(path);
    if (r) {
        buf_free(&image->bytes);
        return NULL;
    }
    inspect(p, image, version);
    image->genuine = (!from->mutations || from->genuine) && !image->cause;
    if (from->genuine && !image->cause) { /* a release of its own: its manifest says what it is */
        set->version = image->version;
        set->counter = image->counter;
    }
    return image;
}

/* --- sets --- */

static void set_add(struct plan_set *set, struct plan_image *image)
{
    if (!image)
        return;
    set->genuine = (set->count == 0 || set->genuine) && image->genuine;
    set->image[set->count++] = image;
}

static bool read_below(const struct plan *p, const char *folder, const char *file, struct buf *out)
{
    struct err e = {0};
    char *place = folder ? file_join(p->config.images, folder) : mem_str(p->config.images), *path = file_join(place, file);
    bool read = file_read(path, PLAN_IMAGE_MOST, out, &e) == 0;
    free(place);
    free(path);
    return read;
}

/* The base of a patch for a slot runs in another one. What is not built is left out: only scenarios that want patches miss it. */
static void load_delta(struct plan *p, const struct scenario_image *from, const struct profile_delta *d, size_t slot, struct plan_set *set)
{
    const struct profile *profile = p->config.profile;
    const struct profile_image *base = profile_find_image(profile, d->from);
    struct buf bytes = {0};
    for (size_t i = 0; base && i < profile->slots; i++) {
        struct plan_delta *out = store_room(p->own, sizeof *out);
        if (i == slot || !base->file[i] || !read_below(p, from->folder, base->file[i], &bytes))
            continue;
        crypto_sha256_hex(buf_text(&bytes), bytes.size, out->base_sha256);
        buf_clear(&bytes);
        out->slot = profile->slot[slot].name;
        out->file = d->file[slot];
        if (!read_below(p, from->folder, d->file[slot], &out->bytes))
            continue;
        crypto_sha256_hex(buf_text(&out->bytes), out->bytes.size, out->sha256);
        set->delta[set->deltas++] = out;
        break;
    }
    buf_free(&bytes);
}

static void load_deltas(struct plan *p, const struct scenario_image *from, const struct profile_delta *d, struct plan_set *set)
{
    for (size_t i = 0; d->from && i < p->config.profile->slots; i++)
        if (d->file[i])
            load_delta(p, from, d, i, set);
}

static void load_named(struct plan *p, const struct scenario_image *from, const struct profile_image *image,
    struct plan_set *set, struct mistakes *m)
{
    set->version = image->version;
    for (size_t i = 0; i < p->config.profile->slots; i++)
        if (image->file[i])
            set_add(set, image_load(p, from, image->file[i], p->config.profile->slot[i].name, image->version, set, m));
    for (size_t i = 0; i < image->deltas && !from->mutations; i++)
        load_deltas(p, from, &image->delta[i], set);
}

static void load_files(struct plan *p, const struct scenario_image *from, struct plan_set *set, struct mistakes *m)
{
    for (size_t i = 0; i < from->files && i < PROFILE_SLOTS; i++)
        set_add(set, image_load(p, from, from->file[i], "", "", set, m));
    set->version = set->count ? set->image[0]->version : "";
    for (size_t i = 0; i < set->count; i++) {
        if (!*set->image[i]->slot)
            mistake_add(m, from->place, "image %s: %s is for no slot of the profile (by its load address)", set->name,
                set->image[i]->file);
        for (size_t k = 0; k < i; k++)
            if (*set->image[i]->slot && strcmp(set->image[i]->slot, set->image[k]->slot) == 0)
                mistake_add(m, from->place, "image %s: two files for slot %s", set->name, set->image[i]->slot);
    }
}

/* Two references are the same set when they say the same of the same files. */
static const char *set_key(struct plan *p, const struct scenario_image *image)
{
    struct buf key = {0};
    buf_str(&key, image->text);
    for (size_t i = 0; i < image->files; i++)
        buf_printf(&key, "\n%s", image->file[i]);
    const char *kept = store_text(p->own, buf_text(&key));
    buf_free(&key);
    return kept;
}

/* Files of one name in different folders are different images, and the journal must tell them apart. */
static const char *set_name(struct plan *p, const struct scenario_image *image)
{
    size_t same = 0;
    for (size_t i = 0; i < p->sets; i++) {
        size_t n = strlen(image->text);
        const char *have = p->set[i]->name;
        same += strncmp(have, image->text, n) == 0 && (!have[n] || have[n] == '@');
    }
    return same ? store_printf(p->own, "%s@%zu", image->text, same + 1) : store_text(p->own, image->text);
}

const struct plan_set *plan_image_set(struct plan *p, const struct scenario_image *image, struct mistakes *m)
{
    const char *key = set_key(p, image);
    const struct profile_image *named = image->name ? profile_find_image(p->config.profile, image->name) : NULL;
    if (image->name && !named) {
        mistake_word(m, image->place, "image", image->name, profile_image_word, p->config.profile);
        return NULL;
    }
    for (size_t i = 0; i < p->sets; i++)
        if (strcmp(p->set[i]->key, key) == 0)
            return p->set[i]->count ? p->set[i] : NULL; /* empty: its mistake is told already */
    size_t before = m->count;
    struct plan_set *set = store_room(p->own, sizeof *set);
    set->name = set_name(p, image);
    set->key = key;
    p->set = mem_grow(p->set, (p->sets + 1) * sizeof(struct plan_set *));
    p->set[p->sets++] = set;
    if (named)
        load_named(p, image, named, set, m);
    else
        load_files(p, image, set, m);
    return m->count == before && set->count ? set : NULL;
}

const struct scenario_image *plan_image_under(struct plan *p, const struct scenario_image *image, const struct plan_terms *terms)
{
    struct scenario_image *own = store_room(p->own, sizeof *own);
    *own = *image;
    if (terms->tls && image->name) {
        own->folder = p->config.profile->tls.folder;
        own->text = store_printf(p->own, "%s/%s", own->folder, image->text);
    }
    return own;
}

void plan_image_sign_next(struct plan *p, struct scenario_image *image)
{
    size_t i = 0;
    while (strcmp(image_mutation_row(i)->name, "sign") != 0)
        i++;
    struct image_mutation *m = &image->mutation[image->mutations++];
    m->row = image_mutation_row(i);
    m->value[0] = (struct option_value){.row = &m->row->options[0], .given = true, .text = "next-key"};
    image->genuine = true;
    image->text = store_printf(p->own, "%s+sign(key=next-key)!", image->text);
}

static void load_flash(struct plan *p, const struct profile_flash *from, const char *folder, struct plan_flash *flash, struct mistakes *m)
{
    *flash = (struct plan_flash){.file = folder ? store_printf(p->own, "%s/%s", folder, from->file) : from->file, .at = from->at};
    if (!read_below(p, folder, from->file, &flash->bytes))
        mistake_add(m, (struct place){p->config.profile->file, 0, 0},
                    "factory flash: %s/%s cannot be read (is the firmware built? make firmware)",
            p->config.images, flash->file);
    crypto_sha256_hex(buf_text(&flash->bytes), flash->bytes.size, flash->sha256);
}

static void load_authority(struct plan *p, struct mistakes *m)
{
    const struct profile *profile = p->config.profile;
    if (!read_below(p, NULL, profile->tls.ca, &p->ca) || !read_below(p, NULL, profile->tls.ca_key, &p->ca_key))
        mistake_add(m, (struct place){profile->file, 0, 0}, "tls: %s and %s cannot be read below %s (make firmware)", profile->tls.ca,
            profile->tls.ca_key, p->config.images);
}

void plan_image_flash(struct plan *p, struct mistakes *m)
{
    const struct profile *profile = p->config.profile;
    bool tls = p->tls && profile->tls.host;
    for (size_t i = 0; i < profile->flashes; i++) {
        load_flash(p, &profile->flash[i], NULL, &p->flash[i], m);
        if (tls)
            load_flash(p, &profile->flash[i], profile->tls.folder, &p->tls_flash[i], m);
        p->flashes++;
    }
    if (tls)
        load_authority(p, m);
}

void plan_image_free(struct plan *p)
{
    for (size_t i = 0; i < p->sets; i++)
        for (size_t k = 0; k < p->set[i]->count; k++)
            buf_free(&p->set[i]->image[k]->bytes);
    for (size_t i = 0; i < p->sets; i++)
        for (size_t k = 0; k < p->set[i]->deltas; k++)
            buf_free(&p->set[i]->delta[k]->bytes);
    for (size_t i = 0; i < p->flashes; i++) {
        buf_free(&p->flash[i].bytes);
        buf_free(&p->tls_flash[i].bytes);
    }
    buf_free(&p->ca);
    buf_free(&p->ca_key);
    free(p->set);
}
