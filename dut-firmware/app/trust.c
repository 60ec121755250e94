/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The trust of trust.h.
 */
#include "trust.h"
#include <string.h>
#include "json.h"
#include "key.h"

static struct keyset keys;

void trust_open(void)
{
    keyset_open(&keys);
    keyset_mend(&keys);
}

const struct keyset *trust_keys(void)
{
    return &keys;
}

uint32_t trust_number(void)
{
    return keys.number;
}

enum envelope_key trust_publisher(const uint8_t keyid[32], uint8_t public_key[32])
{
    const uint8_t *key = keyset_find(&keys, keyid);
    if (!key)
        return keyset_revoked(&keys, keyid) ? ENVELOPE_REVOKED : ENVELOPE_UNKNOWN;
    memcpy(public_key, key, 32);
    return ENVELOPE_TRUSTED;
}

static enum envelope_key root(const uint8_t keyid[32], uint8_t public_key[32])
{
    if (memcmp(keyid, key_root_hash, sizeof key_root_hash) != 0)
        return ENVELOPE_UNKNOWN;
    memcpy(public_key, key_root_public, sizeof key_root_public);
    return ENVELOPE_TRUSTED;
}

/* The set's number, 0 when it cannot be read. */
static uint32_t number_of(const struct envelope *e)
{
    struct json j;
    char key[48];
    uint32_t number = 0;
    json_start(&j, e->body, e->size);
    if (json_object(&j) != 1)
        return 0;
    while (json_key(&j, key, sizeof key) == 1)
        if ((strcmp(key, "keyset") == 0 ? json_u32(&j, &number) : json_skip(&j)) != 1)
            return 0;
    return number;
}

enum trust_result trust_take(const char *text, size_t n)
{
    struct envelope e;
    if (envelope_open(&e, text, n, root) != CAUSE_NONE)
        return TRUST_BAD;
    if (number_of(&e) == keys.number)
        return TRUST_SAME;
    int rc = keyset_store(&keys, e.body, (uint32_t)e.size, e.signature);
    return rc == KEYSET_OK ? TRUST_NEW : rc == KEYSET_FLASH ? TRUST_FLASH : TRUST_BAD;
}
