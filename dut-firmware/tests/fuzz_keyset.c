/* SPDX-License-Identifier: GPL-3.0-or-later
 * Fuzz target: key set documents, signed by the root whatever they say. The reader stays within the text, and what it takes leaves a
 * key to trust, a higher number than before, and survives in flash. */
#include <stdlib.h>
#include <string.h>
#include "flash_host.h"
#include "keyset.h"
#include "layout.h"
#include "signer.h"

static bool any_trusted(const struct keyset *k)
{
    for (uint8_t i = 0; i < k->keys; i++)
        if (keyset_find(k, k->id[i]) != NULL)
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static struct signer *root;
    static bool dirty;
    struct keyset k, again;
    uint8_t signature[64];
    if (root == NULL && (root = signer_open(OTA_ROOT_KEY)) == NULL)
        abort();
    if (n > KEYSET_TEXT_MOST + 8 || !signer_sign(root, bytes, n, signature))
        return 0;
    if (dirty)
        memset(flash_host_at(LAYOUT_KEYS_BASE), 0xFF, LAYOUT_KEYS_SIZE);
    keyset_open(&k);
    char *text = malloc(n > 0 ? n : 1); /* just that: ASan sees the rest */
    if (text == NULL)
        return 0;
    memcpy(text, bytes, n);
    dirty = keyset_store(&k, text, (uint32_t)n, signature) == KEYSET_OK;
    free(text);
    keyset_open(&again);
    if (!any_trusted(&k) || again.number != k.number || (dirty && k.number < 2))
        abort();
    return 0;
}
