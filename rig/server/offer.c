/* SPDX-License-Identifier: GPL-3.0-or-later
 * Offers: files and their hashes. */
#include "server/offer.h"

#include "base/crypto.h"
#include "server/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE = 4096 };

void offer_chunks(const uint8_t *bytes, size_t size, uint32_t chunk_size, struct buf *out)
{
    for (size_t at = 0; at < size; at += chunk_size) {
        char hex[65];
        crypto_sha256_hex(bytes + at, size - at < chunk_size ? size - at : chunk_size, hex);
        buf_str(out, hex);
    }
}

static struct offer_file file_of(const char *slot, const char *name, const uint8_t *bytes, size_t size)
{
    struct offer_file f = {.slot = mem_str(slot ? slot : ""), .name = mem_str(name), .bytes = bytes, .size = size};
    crypto_sha256_hex(bytes, size, f.sha256);
    return f;
}

static void add_files(struct offer *o, const struct server_offer *from)
{
    o->images = from->count;
    o->count = from->count + from->delta_count;
    o->files = mem_new((o->count + 1) * sizeof *o->files);
    for (size_t i = 0; i < from->count; i++) {
        const struct server_file *f = &from->files[i];
        o->files[i] = file_of(f->slot, f->name, f->bytes, f->size);
        offer_chunks(f->bytes, f->size, o->chunk_size, &o->files[i].chunks);
    }
    for (size_t i = 0; i < from->delta_count; i++) {
        const struct server_delta *d = &from->deltas[i];
        struct offer_file *to = &o->files[from->count + i];
        *to = file_of(d->slot, d->name, d->bytes, d->size);
        snprintf(to->base, sizeof to->base, "%s", d->base_sha256);
    }
}

static struct offer *make(const struct server_offer *from)
{
    struct offer *o = mem_new(sizeof *o);
    o->version = mem_str(from->version);
    o->hardware = mem_str(from->hardware);
    o->action = mem_str(from->action ? from->action : "update");
    o->security_counter = from->security_counter;
    o->chunk_size = from->chunk_size ? from->chunk_size : CHUNK_SIZE;
    o->keyset = from->keyset ? from->keyset : 1;
    o->no_signature = from->no_signature;
    add_files(o, from);
    return o;
}

struct offer *offer_new(const struct server_offer *from)
{
    struct offer *o = make(from);
    o->other = from->other ? make(from->other) : NULL;
    return o;
}

void offer_free(struct offer *o)
{
    if (!o)
        return;
    for (size_t i = 0; i < o->count; i++) {
        free(o->files[i].slot);
        free(o->files[i].name);
        buf_free(&o->files[i].chunks);
    }
    offer_free(o->other);
    free(o->files);
    free(o->version);
    free(o->hardware);
    free(o->action);
    free(o);
}

const struct offer_file *offer_by_slot(const struct offer *o, const char *slot)
{
    for (size_t i = 0; i < o->images; i++)
        if (*slot == '\0' || strcmp(o->files[i].slot, slot) == 0)
            return &o->files[i];
    return NULL;
}

const struct offer_file *offer_by_name(const struct offer *o, const char *name)
{
    for (size_t i = 0; i < o->count; i++)
        if (strcmp(o->files[i].name, name) == 0)
            return &o->files[i];
    return o->other ? offer_by_name(o->other, name) : NULL;
}

const struct offer_file *offer_delta(const struct offer *o, const char *slot, const char *base)
{
    for (size_t i = o->images; i < o->count; i++)
        if (strcmp(o->files[i].slot, slot) == 0 && strcmp(o->files[i].base, base) == 0)
            return &o->files[i];
    return NULL;
}

/* MAJOR.MINOR.REVISION[+BUILD] */
static bool read_version(const char *text, uint64_t part[4])
{
    memset(part, 0, 4 * sizeof part[0]);
    for (int i = 0; i < 4; i++) {
        char *end;
        if (*text < '0' || *text > '9')
            return false;
        part[i] = strtoull(text, &end, 10);
        text = end;
        if (*text == '\0')
            return i >= 2;
        if (*text++ != (i == 2 ? '+' : '.'))
            return false;
    }
    return false;
}

bool offer_is_newer(const struct offer *o, const char *running)
{
    uint64_t a[4], b[4];
    if (!read_version(o->version, a) || !read_version(running, b))
        return strcmp(o->version, running) != 0;
    for (int i = 0; i < 4; i++)
        if (a[i] != b[i])
            return a[i] > b[i];
    return false;
}
