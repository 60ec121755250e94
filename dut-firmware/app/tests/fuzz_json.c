/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libFuzzer: any bytes as a manifest. What is accepted must keep its promises about bounds.
 */
#include <stdlib.h>
#include <string.h>
#include "json.h"
#include "manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_manifest(const char *text, size_t size)
{
    static struct manifest m;
    if (manifest_parse(&m, text, size, 1) != CAUSE_NONE)
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
    json_start(&j, text, size);
    json_skip(&j);
    if (json_end(&j) == 1 && j.at != j.end)
        abort();
    free(text);
    return 0;
}
