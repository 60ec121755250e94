/* SPDX-License-Identifier: GPL-3.0-or-later
 * Envelopes and their signatures. */
#include "server/signer.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "server/server.h"

#include <string.h>

static void name_key(struct signer *s, enum signer_key k, const uint8_t seed[32])
{
    static const uint8_t spki[12] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00}; /* RFC 8410, 4 */
    uint8_t der[sizeof spki + 32];
    struct buf hex = {0};
    memcpy(s->seed[k], seed, 32);
    memcpy(der, spki, sizeof spki);
    crypto_ed25519_public(seed, der + sizeof spki);
    buf_hex(&hex, der + sizeof spki, 32);
    memcpy(s->key[k], hex.data, 65);
    crypto_sha256_hex(der, sizeof der, s->id[k]);
    buf_free(&hex);
}

struct signer *signer_new(const struct server_keys *keys)
{
    struct signer *s = mem_new(sizeof *s);
    name_key(s, SIGNER_GOOD, keys->good);
    name_key(s, SIGNER_NEXT, keys->next);
    name_key(s, SIGNER_WRONG, keys->wrong);
    name_key(s, SIGNER_ROOT, keys->root);
    return s;
}

void signer_envelope(const struct signer *s, const struct signer_by *by, unsigned count, const struct buf *text, struct buf *out)
{
    buf_str(out, "{\"signatures\":[");
    for (unsigned i = 0; i < count; i++) {
        uint8_t signature[64];
        crypto_ed25519_sign(s->seed[by[i].key], buf_text(text), text->size, signature);
        signature[40] ^= by[i].broken;
        buf_printf(out, "%s{\"keyid\":\"%s\",\"sig\":\"", i ? "," : "", s->id[by[i].key]);
        buf_hex(out, signature, sizeof signature);
        buf_str(out, "\"}");
    }
    buf_str(out, "],\"signed\":");
    buf_add(out, buf_text(text), text->size);
    buf_char(out, '}');
}
