/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An update by delta: the delta file into the upper end of the free slot, then the chunks of the offered image out of it and of the
 * image that runs. Each chunk is checked against the manifest, written and recorded as if it had been downloaded, so that after a
 * cut either way goes on from there.
 */
#ifndef APP_PATCH_H
#define APP_PATCH_H
#include "delta.h"
#include "device.h"
#include "download.h"

#define PATCH_FAILURES 2u /* of a delta, counted over resets: after them the whole image is fetched */
#define PATCH_LOSSES 4u   /* connections lost in a row, in this run: the whole image is resumed, a delta is begun anew */

struct patch {
    struct download *download; /* its offer, its exchange, its chunk in RAM */
    const struct device *device;
    bool applying, checked;    /* checked: the response's head is what was asked for */
    uint32_t held, fill, chunk_ms;
    unsigned losses;
    uint32_t skip;             /* chunks of the image that are held already: made, and passed over */
    enum cause cause;
    uint32_t retry_after;
    struct delta delta;
};

/* Is there a delta for this offer, and is it worth a try? */
bool patch_wanted(const struct patch *p);
void patch_begin(struct patch *p, uint32_t now_ms);
/* As download_step. After DOWNLOAD_LATER the caller asks for an offer again, and patch_wanted() says which way to go on. */
enum download_result patch_step(struct patch *p, uint32_t now_ms);
#endif
