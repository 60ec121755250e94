/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The offer of manifest.h.
 */
#include "manifest.h"
#include <stdbool.h>
#include <string.h>
#include "json.h"
#include "release.h"
#include "sha256.h"

enum member { SCHEMA, HARDWARE, VERSION, COUNTER, SLOT, URL, SIZE, SHA256, CHUNK_SIZE, CHUNKS, MEMBERS };
static const char *const member_name[MEMBERS] = {
    "schema", "hardware", "version", "security_counter", "slot", "url", "size", "sha256", "chunk_size", "chunks",
};

struct offer {
    struct manifest *m;
    uint32_t schema, chunk_size, seen;
    char hardware[32], slot[4];
};

static int read_version(struct offer *o, struct json *j)
{
    char text[RELEASE_TEXT];
    return json_string(j, text, sizeof text) == 1 && release_parse(text, &o->m->release) ? 1 : -1;
}

/* A path on the server: it goes into a request line, so only visible ASCII, and no second host. */
static int read_url(struct offer *o, struct json *j)
{
    char *url = o->m->url;
    if (json_string(j, url, MANIFEST_URL_MOST) != 1 || url[0] != '/' || url[1] == '/')
        return -1;
    for (const char *c = url; *c; c++)
        if (*c <= ' ' || *c > '~')
            return -1;
    return 1;
}

static int read_chunks(struct offer *o, struct json *j)
{
    int more;
    if (json_array(j) != 1)
        return -1;
    while ((more = json_item(j)) == 1) {
        if (o->m->chunks == MANIFEST_CHUNKS_MOST || json_hex(j, o->m->chunk[o->m->chunks], 32) != 1)
            return -1;
        o->m->chunks++;
    }
    return more == 0 ? 1 : -1;
}

static int read_member(struct offer *o, struct json *j, enum member which)
{
    struct manifest *m = o->m;
    switch (which) {
    case SCHEMA: return json_u32(j, &o->schema);
    case HARDWARE: return json_string(j, o->hardware, sizeof o->hardware);
    case VERSION: return read_version(o, j);
    case COUNTER: return json_u32(j, &m->counter);
    case SLOT: return json_string(j, o->slot, sizeof o->slot);
    case URL: return read_url(o, j);
    case SIZE: return json_u32(j, &m->size);
    case SHA256: return json_hex(j, m->sha256, sizeof m->sha256);
    case CHUNK_SIZE: return json_u32(j, &o->chunk_size);
    case CHUNKS: return read_chunks(o, j);
    case MEMBERS: break;
    }
    return json_skip(j); /* a member of a later schema's making */
}

static enum member member_of(const char *key)
{
    unsigned i = 0;
    while (i < MEMBERS && strcmp(key, member_name[i]) != 0)
        i++;
    return (enum member)i;
}

static bool read_members(struct offer *o, struct json *j)
{
    char key[48];
    int more;
    if (json_object(j) != 1)
        return false;
    while ((more = json_key(j, key, sizeof key)) == 1) {
        enum member which = member_of(key);
        if (which < MEMBERS && (o->seen >> which & 1))
            return false; /* which of the two would a signer have meant? */
        if (which < MEMBERS)
            o->seen |= 1u << which;
        if (read_member(o, j, which) != 1)
            return false;
    }
    return more == 0 && json_end(j) == 1 && o->seen == (1u << MEMBERS) - 1;
}

static void hash_u32(struct sha256 *s, uint32_t v)
{
    uint8_t bytes[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    sha256_update(s, bytes, sizeof bytes);
}

static void make_tag(struct manifest *m)
{
    struct sha256 s;
    uint8_t digest[32];
    sha256_init(&s);
    hash_u32(&s, m->release);
    hash_u32(&s, m->counter);
    hash_u32(&s, m->size);
    sha256_update(&s, m->sha256, sizeof m->sha256);
    sha256_update(&s, m->chunk, m->chunks * sizeof m->chunk[0]);
    sha256_final(&s, digest);
    m->tag = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8 | digest[3];
}

static enum cause judge(const struct offer *o, uint8_t slot)
{
    struct manifest *m = o->m;
    if (o->schema != 1 || o->chunk_size != MANIFEST_CHUNK || m->size == 0)
        return CAUSE_BAD_MANIFEST;
    if (strcmp(o->hardware, LAYOUT_HARDWARE_ID) != 0)
        return CAUSE_WRONG_HARDWARE;
    if (o->slot[0] != 'a' + slot || o->slot[1] != '\0')
        return CAUSE_WRONG_SLOT;
    if (m->size > LAYOUT_SLOT_SIZE)
        return CAUSE_TOO_LARGE;
    if (m->chunks != (m->size + MANIFEST_CHUNK - 1) / MANIFEST_CHUNK)
        return CAUSE_BAD_MANIFEST;
    m->slot = slot;
    return CAUSE_NONE;
}

/* The array of chunk hashes of an image that no slot could hold overflows before its size is looked at; the answer is the same. */
static bool oversized(const struct offer *o)
{
    return (o->seen >> SIZE & 1) && o->m->size > LAYOUT_SLOT_SIZE;
}

enum cause manifest_parse(struct manifest *m, const char *text, size_t n, uint8_t slot)
{
    struct json j;
    struct offer o = {.m = m};
    memset(m, 0, sizeof *m);
    if (n > MANIFEST_TEXT_MOST)
        return CAUSE_BAD_MANIFEST;
    json_start(&j, text, n);
    if (!read_members(&o, &j))
        return oversized(&o) ? CAUSE_TOO_LARGE : CAUSE_BAD_MANIFEST;
    enum cause c = judge(&o, slot);
    if (c == CAUSE_NONE)
        make_tag(m);
    return c;
}

uint32_t manifest_chunk_size(const struct manifest *m, uint32_t index)
{
    uint32_t left = m->size - index * MANIFEST_CHUNK;
    return left < MANIFEST_CHUNK ? left : MANIFEST_CHUNK;
}
