/* SPDX-License-Identifier: GPL-3.0-or-later
 * The key sets of keydoc.h. */
#include "keydoc.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "signer.h"

static struct signer *signer(const char *path)
{
    struct signer *s = signer_open(path);
    if (s == NULL)
        abort();
    return s;
}

void keydoc_raw(const char *path, uint8_t raw[32])
{
    struct signer *s = signer(path);
    signer_public(s, raw);
    signer_free(s);
}

void keydoc_id(const char *path, uint8_t id[32])
{
    uint8_t raw[32];
    keydoc_raw(path, raw);
    signer_key_hash(raw, id);
}

void keydoc_add(struct keydoc *d, const char *text)
{
    const size_t n = strlen(text);
    if (d->n + n >= sizeof d->text)
        abort();
    memcpy(d->text + d->n, text, n + 1);
    d->n += (uint32_t)n;
}

static void add_hex(struct keydoc *d, const uint8_t bytes[32])
{
    char text[3];
    keydoc_add(d, "\"");
    for (int i = 0; i < 32; i++) {
        snprintf(text, sizeof text, "%02x", bytes[i]);
        keydoc_add(d, text);
    }
    keydoc_add(d, "\"");
}

void keydoc_sign(struct keydoc *d, const char *by)
{
    struct signer *s = signer(by);
    if (!signer_sign(s, (const uint8_t *)d->text, d->n, d->signature))
        abort();
    signer_free(s);
}

struct keydoc keydoc_make(unsigned number, const char *const *keys, const char *const *revoked)
{
    struct keydoc d = {.n = 0};
    char head[64];
    uint8_t bytes[32];
    snprintf(head, sizeof head, "{\"type\":\"keys\",\"schema\":2,\"keyset\":%u,\"keys\":[", number);
    keydoc_add(&d, head);
    for (unsigned i = 0; keys[i] != NULL; i++) {
        keydoc_raw(keys[i], bytes);
        keydoc_add(&d, i > 0 ? "," : "");
        add_hex(&d, bytes);
    }
    keydoc_add(&d, "],\"revoked\":[");
    for (unsigned i = 0; revoked[i] != NULL; i++) {
        keydoc_id(revoked[i], bytes);
        keydoc_add(&d, i > 0 ? "," : "");
        add_hex(&d, bytes);
    }
    keydoc_add(&d, "]}");
    keydoc_sign(&d, OTA_ROOT_KEY);
    return d;
}
