/* SPDX-License-Identifier: GPL-3.0-or-later
 * mkdelta: a delta image, from the file that a device runs to the file that it shall run. Deterministic. */
#include "mkdelta.h"
#include <stdio.h>
#include <string.h>
#include "signer.h"

enum { SIZE_MOST = 1 << 24 };

static void header(const struct blob *base, const struct blob *target, struct blob *out)
{
    uint8_t digest[32];
    signer_sha256(base->bytes, base->size, digest);
    blob_append(out, "OTD1", 4);
    blob_append(out, digest, sizeof digest);
    blob_append_le(out, (uint32_t)base->size, 4);
    blob_append_le(out, (uint32_t)target->size, 4);
}

int main(int argc, char **argv)
{
    struct blob base = {0}, target = {0}, records = {0}, out = {0};
    int status = 1;
    if (argc != 4) {
        fprintf(stderr, "usage: mkdelta BASE TARGET OUT\n");
        return 4;
    }
    if (!blob_read(&base, argv[1]) || !blob_read(&target, argv[2]))
        goto out;
    if (base.size == 0 || target.size == 0 || base.size >= SIZE_MOST || target.size >= SIZE_MOST) {
        fprintf(stderr, "mkdelta: an empty file, or one of 16 MB and more\n");
        goto out;
    }
    mkdelta_diff(&base, &target, &records);
    header(&base, &target, &out);
    mkdelta_pack(records.bytes, records.size, &out);
    if (blob_write(&out, argv[3]))
        status = 0;
out:
    blob_free(&base);
    blob_free(&target);
    blob_free(&records);
    blob_free(&out);
    return status;
}
