/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The envelope of envelope.h.
 */
#include "envelope.h"
#include <stdbool.h>
#include <string.h>
#include "ed25519.h"
#include "json.h"

struct signature {
    uint8_t keyid[32], bytes[64];
};

struct form {
    const char *body;
    size_t size;
    unsigned count;
    bool listed; /* "signatures" was there */
    struct signature by[ENVELOPE_SIGNATURES_MOST];
};

/* One {"keyid":…,"sig":…}; both once. */
static int read_signature(struct signature *s, struct json *j)
{
    char key[16];
    int more;
    unsigned seen = 0;
    if (json_object(j) != 1)
        return -1;
    while ((more = json_key(j, key, sizeof key)) == 1) {
        unsigned bit = strcmp(key, "keyid") == 0 ? 1 : strcmp(key, "sig") == 0 ? 2 : 0;
        int rc = bit == 1 ? json_hex(j, s->keyid, sizeof s->keyid) : bit == 2 ? json_hex(j, s->bytes, sizeof s->bytes) : json_skip(j);
        if (rc != 1 || (seen & bit))
            return -1;
        seen |= bit;
    }
    return more == 0 && seen == 3 ? 1 : -1;
}

static int read_signatures(struct form *f, struct json *j)
{
    int more;
    if (f->listed || json_array(j) != 1)
        return -1;
    f->listed = true;
    while ((more = json_item(j)) == 1) {
        if (f->count == ENVELOPE_SIGNATURES_MOST || read_signature(&f->by[f->count], j) != 1)
            return -1;
        f->count++;
    }
    return more == 0 ? 1 : -1;
}

static int read_body(struct form *f, struct json *j)
{
    if (f->body || json_raw(j, &f->body, &f->size) != 1)
        return -1;
    return f->body[0] == '{' ? 1 : -1;
}

static enum cause read(struct form *f, const char *text, size_t n)
{
    struct json j;
    char key[48];
    int more;
    json_start(&j, text, n);
    if (json_object(&j) != 1)
        return CAUSE_BAD_MANIFEST;
    while ((more = json_key(&j, key, sizeof key)) == 1) {
        int rc = strcmp(key, "signatures") == 0 ? read_signatures(f, &j) : strcmp(key, "signed") == 0 ? read_body(f, &j) : json_skip(&j);
        if (rc != 1)
            return CAUSE_BAD_MANIFEST;
    }
    if (more != 0 || json_end(&j) != 1)
        return CAUSE_BAD_MANIFEST;
    if (f->count == 0)
        return CAUSE_UNSIGNED;
    return f->body ? CAUSE_NONE : CAUSE_BAD_MANIFEST;
}

/* One right signature is enough; else the cause that says most: a trusted key whose signature is wrong, a revoked key, a
 * stranger's. */
static enum cause check(const struct form *f, envelope_key_fn *key, const struct signature **right)
{
    enum cause worst = CAUSE_WRONG_KEY;
    for (unsigned i = 0; i < f->count; i++) {
        uint8_t public_key[32];
        enum envelope_key k = key(f->by[i].keyid, public_key);
        *right = &f->by[i];
        if (k == ENVELOPE_TRUSTED && ed25519_verify(f->by[i].bytes, f->body, (uint32_t)f->size, public_key))
            return CAUSE_NONE;
        if (k == ENVELOPE_TRUSTED)
            worst = CAUSE_BAD_SIGNATURE;
        else if (k == ENVELOPE_REVOKED && worst == CAUSE_WRONG_KEY)
            worst = CAUSE_REVOKED_KEY;
    }
    return worst;
}

enum cause envelope_open(struct envelope *e, const char *text, size_t n, envelope_key_fn *key)
{
    struct form f;
    const struct signature *right;
    memset(&f, 0, sizeof f);
    enum cause c = read(&f, text, n);
    if (c == CAUSE_NONE)
        c = check(&f, key, &right);
    if (c != CAUSE_NONE)
        return c;
    e->body = f.body;
    e->size = f.size;
    memcpy(e->signature, right->bytes, sizeof e->signature);
    return CAUSE_NONE;
}
