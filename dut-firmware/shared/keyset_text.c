/* SPDX-License-Identifier: GPL-3.0-or-later
 * The document of keyset.h: who signed it, what it says, and whom that makes trusted. */
#include <stddef.h>
#include <string.h>
#include "ed25519.h"
#include "json.h"
#include "key.h"
#include "keyset_parts.h"
#include "sha256.h"

static const uint8_t *find_raw(const uint8_t (*list)[32], uint8_t n, const uint8_t what[32])
{
    for (uint8_t i = 0; i < n; i++)
        if (memcmp(list[i], what, 32) == 0)
            return list[i];
    return NULL;
}

void keyset_id(const uint8_t raw[32], uint8_t id[32])
{
    static const uint8_t prefix[12] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    struct sha256 s;
    sha256_init(&s);
    sha256_update(&s, prefix, sizeof prefix);
    sha256_update(&s, raw, 32);
    sha256_final(&s, id);
}

bool keyset_revoked(const struct keyset *k, const uint8_t id[32])
{
    return find_raw(k->revoked, k->revoked_keys, id) != NULL;
}

const uint8_t *keyset_find(const struct keyset *k, const uint8_t id[32])
{
    const uint8_t *at = find_raw(k->id, k->keys, id);
    return at == NULL || keyset_revoked(k, id) ? NULL : k->key[(at - k->id[0]) / 32];
}

const uint8_t *keyset_known(const struct keyset *k, const uint8_t id[32])
{
    uint8_t retired[32];
    const uint8_t *at = find_raw(k->id, k->keys, id);
    if (at != NULL)
        return k->key[(at - k->id[0]) / 32];
    if (memcmp(id, key_hash, sizeof retired) == 0)
        return key_public;
    for (uint8_t i = 0; i < k->retired_keys; i++) {
        keyset_id(k->retired[i], retired);
        if (memcmp(retired, id, sizeof retired) == 0)
            return k->retired[i];
    }
    return NULL;
}

bool keyset_text_lists(const struct keyset *k, const uint8_t raw[32]) { return find_raw(k->key, k->keys, raw) != NULL; }

/* --- reading --- */

enum { MEMBER_TYPE = 1, MEMBER_SCHEMA = 2, MEMBER_KEYSET = 4, MEMBER_KEYS = 8, MEMBER_REVOKED = 16, MEMBERS = 31 };

static int read_list(struct json *j, uint8_t (*list)[32], uint8_t *n, unsigned most)
{
    int more;
    if (json_array(j) != 1)
        return -1;
    while ((more = json_item(j)) == 1) {
        if (*n == most || json_hex(j, list[*n], 32) != 1)
            return -1;
        (*n)++;
    }
    return more == 0 ? 1 : -1;
}

static int read_type(struct json *j)
{
    char type[8];
    return json_string(j, type, sizeof type) == 1 && strcmp(type, "keys") == 0 ? 1 : -1;
}

static int read_schema(struct json *j)
{
    uint32_t schema;
    return json_u32(j, &schema) == 1 && schema == 2 ? 1 : -1;
}

static int read_member(struct keyset *k, struct json *j, unsigned which)
{
    switch (which) {
    case MEMBER_TYPE: return read_type(j);
    case MEMBER_SCHEMA: return read_schema(j);
    case MEMBER_KEYSET: return json_u32(j, &k->number);
    case MEMBER_KEYS: return read_list(j, k->key, &k->keys, KEYSET_KEYS_MOST);
    case MEMBER_REVOKED: return read_list(j, k->revoked, &k->revoked_keys, KEYSET_REVOKED_MOST);
    default: return json_skip(j); /* of a later schema's making */
    }
}

static unsigned member_of(const char *key)
{
    static const char *const name[] = {"type", "schema", "keyset", "keys", "revoked"};
    for (unsigned i = 0; i < sizeof name / sizeof *name; i++)
        if (strcmp(key, name[i]) == 0)
            return 1u << i;
    return 0;
}

static bool any_usable(const struct keyset *k)
{
    for (uint8_t i = 0; i < k->keys; i++)
        if (!keyset_revoked(k, k->id[i]))
            return true;
    return false;
}

/* A set that leaves nothing to trust would end all updates: it is no set. */
static bool parse(struct keyset *k, const char *text, uint32_t n)
{
    struct json j;
    char key[16];
    unsigned seen = 0;
    int more;
    json_start(&j, text, n);
    if (json_object(&j) != 1)
        return false;
    while ((more = json_key(&j, key, sizeof key)) == 1) {
        const unsigned which = member_of(key);
        if ((seen & which) != 0 || read_member(k, &j, which) != 1)
            return false;
        seen |= which;
    }
    if (more != 0 || json_end(&j) != 1 || seen != MEMBERS)
        return false;
    for (uint8_t i = 0; i < k->keys; i++)
        keyset_id(k->key[i], k->id[i]);
    return any_usable(k);
}

enum keyset_result keyset_text_read(struct keyset *k, const char *text, uint32_t n, const uint8_t signature[64])
{
    *k = (struct keyset){.page = -1};
    if (n > KEYSET_TEXT_MOST)
        return KEYSET_BAD;
    if (!ed25519_verify(signature, text, n, key_root_public))
        return KEYSET_BAD_SIGNATURE;
    return parse(k, text, n) ? KEYSET_OK : KEYSET_BAD;
}
