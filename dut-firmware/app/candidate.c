/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The check of candidate.h.
 */
#include "candidate.h"
#include <string.h>
#include "bootlog.h"
#include "image.h"
#include "release.h"
#include "trust.h"

/* An authentic image, but is it the one that was promised? */
static enum cause compare(const struct manifest *offer, const struct device *d, uint32_t floor, const struct image_info *info)
{
    uint32_t release = release_of(&info->version);
    bool older = release <= d->release && offer->action != MANIFEST_ROLLBACK;
    if (older || info->counter < floor)
        return CAUSE_DOWNGRADE;
    return release == offer->release && info->counter == offer->counter ? CAUSE_NONE : CAUSE_BAD_MANIFEST;
}

enum cause candidate_check(const struct manifest *offer, const struct device *d, uint32_t floor, uint32_t *image)
{
    struct image_info info;
    uint8_t file_digest[32];
    memset(file_digest, 0, sizeof file_digest);
    enum image_cause c = image_verify(LAYOUT_SLOT_BASE(offer->slot), LAYOUT_SLOT_SIZE, trust_keys(), &info, file_digest);
    if (c != IMAGE_VALID)
        return cause_named(image_cause_name(c));
    /* Behind the last chunk stands what an older image left there: an image that reaches into it was never sent whole. */
    if (info.total > offer->size)
        return CAUSE_TRUNCATED;
    if (info.total < offer->size)
        return CAUSE_BAD_LENGTH;
    if (memcmp(file_digest, offer->sha256, sizeof file_digest) != 0)
        return CAUSE_BAD_HASH;
    *image = bootlog_tag(info.digest);
    return compare(offer, d, floor, &info);
}
