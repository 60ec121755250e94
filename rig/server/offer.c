/* SPDX-License-Identifier: GPL-3.0-or-later
 * Offers and manifests. */
#include "server/offer.h"

#include "base/crypto.h"
#include "base/json.h"
#include "server/server.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE = 4096 };

static void add_file(struct offer *o, struct offer_file *f, const struct server_file *from)
{
    f->slot = mem_str(from->slot ? from->slot : "");
    f->name = mem_str(from->name);
    f->bytes = from->bytes;
    f->size = from->size;
    crypto_sha256_hex(f->bytes, f->size, f->sha256);
    for (size_t at = 0; at < f->size; at += o->chunk_size) {
        char hex[65];
        crypto_sha256_hex(f->bytes + at, f->size - at < o->chunk_size ? f->size - at : o->chunk_size, hex);
        buf_str(&f->chunks, hex);
    }
}

struct offer *offer_new(const struct server_offer *from)
{
    struct offer *o = mem_new(sizeof *o);
    o->version = mem_str(from->version);
    o->hardware = mem_str(from->hardware);
    o->security_counter = from->security_counter;
    o->chunk_size = from->chunk_size ? from->chunk_size : CHUNK_SIZE;
    o->count = from->count;
    o->files = mem_new(from->count * sizeof *o->files);
    for (size_t i = 0; i < from->count; i++)
        add_file(o, &o->files[i], &from->files[i]);
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
    free(o->files);
    free(o->version);
    free(o->hardware);
    free(o);
}

const struct offer_file *offer_by_slot(const struct offer *o, const char *slot)
{
    for (size_t i = 0; i < o->count; i++)
        if (*slot == '\0' || strcmp(o->files[i].slot, slot) == 0)
            return &o->files[i];
    return NULL;
}

const struct offer_file *offer_by_name(const struct offer *o, const char *name)
{
    for (size_t i = 0; i < o->count; i++)
        if (strcmp(o->files[i].name, name) == 0)
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

void offer_print(const struct offer *o, const struct offer_file *f, const struct offer_manifest *m, struct buf *out)
{
    struct json *j = json_object(), *chunks = json_array();
    char *url = mem_printf("/image/%s", f->name);
    json_add_int(j, "schema", 1);
    json_add_str(j, "hardware", o->hardware);
    json_add_str(j, "version", m->version);
    json_add_int(j, "security_counter", o->security_counter);
    json_add_str(j, "slot", f->slot);
    json_add_str(j, "url", url);
    json_add_int(j, "size", (int64_t)m->size);
    json_add_str(j, "sha256", m->sha256);
    json_add_int(j, "chunk_size", o->chunk_size);
    for (size_t at = 0; at < m->chunks.size; at += 64) {
        char hex[65] = "";
        memcpy(hex, m->chunks.data + at, 64);
        json_push_str(chunks, hex);
    }
    json_add(j, "chunks", chunks);
    char *text = json_print(j);
    buf_str(out, text);
    free(text);
    free(url);
    json_free(j);
}
