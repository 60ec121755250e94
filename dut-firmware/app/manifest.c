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
#include "text.h"

enum member {
    TYPE, SCHEMA, HARDWARE, NUMBER, TIME, EXPIRES, ACTION, KEYS,
    VERSION, COUNTER, SLOT, URL, SIZE, SHA256, CHUNK_SIZE, CHUNKS,
    DELTA, NONCE,
    MEMBERS
};
static const char *const member_name[MEMBERS] = {
    "type", "schema", "hardware", "manifest_version", "time", "expires", "action", "keys",
    "version", "security_counter", "slot", "url", "size", "sha256", "chunk_size", "chunks",
    "delta", "nonce",
};
#define ALWAYS ((1u << VERSION) - 1)
#define OF_AN_OFFER ((1u << DELTA) - (1u << VERSION))

struct offer {
    struct manifest *m;
    const uint8_t *nonce;
    uint32_t schema, chunk_size, seen;
    char type[16], hardware[32], slot[4];
};

static int read_version(struct offer *o, struct json *j)
{
    char text[RELEASE_TEXT];
    return json_string(j, text, sizeof text) == 1 && release_parse(text, &o->m->release) ? 1 : -1;
}

/* A path on the server: it goes into a request line, so only visible ASCII, and no second host. */
static int read_url(char url[MANIFEST_URL_MOST], struct json *j)
{
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

static int read_action(struct offer *o, struct json *j)
{
    static const char *const names[] = {
        [MANIFEST_NONE] = "none", [MANIFEST_UPDATE] = "update", [MANIFEST_ROLLBACK] = "rollback", [MANIFEST_PAUSE] = "pause"};
    char text[16];
    if (json_string(j, text, sizeof text) != 1)
        return -1;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i]) == 0) {
            o->m->action = (enum manifest_action)i;
            return 1;
        }
    return -1;
}

/* All four members, each once; others are passed over. */
static int read_delta(struct manifest_delta *d, struct json *j)
{
    static const char *const names[] = {"base", "url", "size", "sha256"};
    char key[16];
    int more;
    unsigned seen = 0;
    if (json_object(j) != 1)
        return -1;
    while ((more = json_key(j, key, sizeof key)) == 1) {
        unsigned i = 0;
        while (i < 4 && strcmp(key, names[i]) != 0)
            i++;
        int rc = i == 0 ? json_hex(j, d->base, sizeof d->base) : i == 1 ? read_url(d->url, j) : i == 2 ? json_u32(j, &d->size) :
                 i == 3 ? json_hex(j, d->sha256, sizeof d->sha256) : json_skip(j);
        if (rc != 1 || (i < 4 && (seen >> i & 1)))
            return -1;
        seen |= 1u << i;
    }
    d->offered = true;
    return more == 0 && (seen & 15) == 15 ? 1 : -1;
}

/* Another nonce than ours is no mistake: the answer to another question, signed before ours. */
static int read_nonce(struct offer *o, struct json *j)
{
    char text[2 * MANIFEST_NONCE + 1], mine[2 * MANIFEST_NONCE + 1];
    struct text t;
    if (json_string(j, text, sizeof text) != 1)
        return -1;
    if (!o->nonce)
        return 1;
    text_start(&t, mine, sizeof mine);
    text_add_hex(&t, o->nonce, MANIFEST_NONCE);
    o->m->answers = strcmp(text, mine) == 0;
    return 1;
}

static int read_member(struct offer *o, struct json *j, enum member which)
{
    struct manifest *m = o->m;
    switch (which) {
    case TYPE: return json_string(j, o->type, sizeof o->type);
    case SCHEMA: return json_u32(j, &o->schema);
    case HARDWARE: return json_string(j, o->hardware, sizeof o->hardware);
    case NUMBER: return json_u32(j, &m->number);
    case TIME: return json_u32(j, &m->time);
    case EXPIRES: return json_u32(j, &m->expires);
    case ACTION: return read_action(o, j);
    case KEYS: return json_u32(j, &m->keys);
    case VERSION: return read_version(o, j);
    case COUNTER: return json_u32(j, &m->counter);
    case SLOT: return json_string(j, o->slot, sizeof o->slot);
    case URL: return read_url(m->url, j);
    case SIZE: return json_u32(j, &m->size);
    case SHA256: return json_hex(j, m->sha256, sizeof m->sha256);
    case CHUNK_SIZE: return json_u32(j, &o->chunk_size);
    case CHUNKS: return read_chunks(o, j);
    case DELTA: return read_delta(&m->delta, j);
    case NONCE: return read_nonce(o, j);
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
    return more == 0 && json_end(j) == 1;
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

static bool has_offer(const struct manifest *m)
{
    return m->action == MANIFEST_UPDATE || m->action == MANIFEST_ROLLBACK;
}

static enum cause judge_offer(const struct offer *o, uint8_t slot)
{
    struct manifest *m = o->m;
    if ((o->seen & OF_AN_OFFER) != OF_AN_OFFER || o->chunk_size != MANIFEST_CHUNK || m->size == 0)
        return CAUSE_BAD_MANIFEST;
    if (o->slot[0] != 'a' + slot || o->slot[1] != '\0')
        return CAUSE_WRONG_SLOT;
    if (m->size > LAYOUT_SLOT_SIZE)
        return CAUSE_TOO_LARGE;
    if (m->chunks != (m->size + MANIFEST_CHUNK - 1) / MANIFEST_CHUNK)
        return CAUSE_BAD_MANIFEST;
    m->slot = slot;
    make_tag(m);
    return CAUSE_NONE;
}

static enum cause judge(const struct offer *o, uint8_t slot)
{
    if ((o->seen & ALWAYS) != ALWAYS || strcmp(o->type, "manifest") != 0 || o->schema != 2)
        return CAUSE_BAD_MANIFEST;
    if (strcmp(o->hardware, LAYOUT_HARDWARE_ID) != 0)
        return CAUSE_WRONG_HARDWARE;
    return has_offer(o->m) ? judge_offer(o, slot) : CAUSE_NONE;
}

/* The array of chunk hashes of an image that no slot could hold overflows before its size is looked at; the answer is the same. */
static bool oversized(const struct offer *o)
{
    return (o->seen >> SIZE & 1) && o->m->size > LAYOUT_SLOT_SIZE;
}

enum cause manifest_parse(struct manifest *m, const char *text, size_t n, uint8_t slot, const uint8_t nonce[MANIFEST_NONCE])
{
    struct json j;
    struct offer o = {.m = m, .nonce = nonce};
    memset(m, 0, sizeof *m);
    json_start(&j, text, n);
    if (!read_members(&o, &j))
        return oversized(&o) ? CAUSE_TOO_LARGE : CAUSE_BAD_MANIFEST;
    return judge(&o, slot);
}

uint32_t manifest_chunk_size(const struct manifest *m, uint32_t index)
{
    uint32_t left = m->size - index * MANIFEST_CHUNK;
    return left < MANIFEST_CHUNK ? left : MANIFEST_CHUNK;
}
