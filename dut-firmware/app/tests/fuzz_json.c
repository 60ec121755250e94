/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libFuzzer: any bytes as a manifest and as what stands around it. What is accepted must keep its promises about bounds.
 */
#include <stdlib.h>
#include <string.h>
#include "envelope.h"
#include "json.h"
#include "manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum envelope_key any_key(const uint8_t keyid[32], uint8_t public_key[32])
{
    memcpy(public_key, keyid, 32);
    return keyid[0] & 1 ? ENVELOPE_TRUSTED : keyid[0] & 2 ? ENVELOPE_REVOKED : ENVELOPE_UNKNOWN;
}

/* Whatever is believed lies within the text. */
static void check_envelope(const char *text, size_t size)
{
    struct envelope e;
    if (envelope_open(&e, text, size, any_key) != CAUSE_NONE)
        return;
    if (e.body < text || e.size > size || e.body + e.size > text + size || e.body[0] != '{' || e.body[e.size - 1] != '}')
        abort();
}

static void check_manifest(const char *text, size_t size)
{
    static const uint8_t nonce[MANIFEST_NONCE] = {1, 2, 3, 4, 5, 6, 7, 8};
    static struct manifest m;
    if (manifest_parse(&m, text, size, 1, nonce) != CAUSE_NONE || (m.action != MANIFEST_UPDATE && m.action != MANIFEST_ROLLBACK))
        return;
    if (m.size == 0 || m.size > LAYOUT_SLOT_SIZE || m.chunks == 0 || m.chunks > MANIFEST_CHUNKS_MOST || !memchr(m.url, '\0', sizeof m.url))
        abort();
    if ((m.chunks - 1) * MANIFEST_CHUNK + manifest_chunk_size(&m, m.chunks - 1) != m.size)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json j;
    char *text = malloc(size + 1); /* exactly as large as the input: a read beyond it is seen */
    if (!text)
        return 0;
    memcpy(text, data, size);
    check_manifest(text, size);
    check_envelope(text, size);
    json_start(&j, text, size);
    json_skip(&j);
    if (json_end(&j) == 1 && j.at != j.end)
        abort();
    free(text);
    return 0;
}
