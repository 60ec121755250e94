/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The image of an accepted manifest into the free slot, chunk by chunk, from the first one that is not held.
 */
#ifndef APP_DOWNLOAD_H
#define APP_DOWNLOAD_H
#include <stdbool.h>
#include "exchange.h"
#include "manifest.h"
#include "progress.h"

#define DOWNLOAD_PASSED_MOST 2u /* times the image's size may be passed over per hour */
#define DOWNLOAD_CHUNK_MS 30000u /* a chunk that takes longer: the server drips, and another try may meet a better one */

enum download_result {
    DOWNLOAD_BUSY,
    DOWNLOAD_DONE,
    DOWNLOAD_LATER,   /* cause says what stopped it; another try may go better */
    DOWNLOAD_REFUSED, /* what the server offers is not an image for this device, however often it is fetched */
};

struct download {
    struct exchange *exchange;
    struct progress *progress;
    const struct manifest *offer;
    uint8_t running; /* slot */
    bool checked;    /* the response's head is what was asked for */
    uint32_t skip;   /* bytes still to pass over: a server that ignores Range sends all */
    struct { uint32_t tag, bytes, since_ms; } passed; /* over, for this offer: bounded, or a bad last chunk would cost a whole image each time */
    uint32_t fill, chunk_ms;
    enum cause cause;
    uint32_t retry_after; /* seconds, from the server; 0: it did not say */
    uint8_t *chunk; /* MANIFEST_CHUNK bytes, the caller's; used from download_begin to the last step */
};

/* Asks for what is missing; progress stands at this offer. Something must be missing. The pointers' targets outlive the
 * download. */
void download_begin(struct download *d, uint32_t now_ms);
/* The next chunk of the image stands in d->chunk, size bytes: checks it against the manifest, writes and records it. */
enum download_result download_take(struct download *d, uint32_t size, uint32_t now_ms);
/* At most one chunk per call, so that the caller's loop stays short (about 90 ms). */
enum download_result download_step(struct download *d, uint32_t now_ms);
#endif
