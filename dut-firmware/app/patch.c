/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The update of patch.h.
 *
 * Method. A delta file that has arrived whole is not recorded: its SHA-256 is in the signed manifest, so a look at the flash shows
 * whether it is there. One that has not is small, and fetched anew. What the decoder makes of it is believed as little as what a
 * server sends: no byte is written that the manifest's chunk hash does not vouch for. So the worst that a wrong base or a corrupt delta
 * can do is to fail, and after two failures it is not tried again for this offer.
 */
#include "patch.h"
#include <string.h>
#include "console.h"
#include "flash_port.h"
#include "intake.h"
#include "request.h"
#include "sha256.h"

#define ROOM (LAYOUT_SLOT_SIZE - DELTA_MOST) /* offset of the delta file in the free slot */

static const struct manifest *offer(const struct patch *p) { return p->download->offer; }
static uint32_t place(const struct patch *p) { return LAYOUT_SLOT_BASE(offer(p)->slot) + ROOM; }

bool patch_wanted(const struct patch *p)
{
    const struct manifest_delta *d = &offer(p)->delta;
    return d->offered && p->device->file_size > 0 && p->download->progress->delta_failures < PATCH_FAILURES && p->losses < PATCH_LOSSES &&
           d->size > DELTA_HEADER && d->size <= DELTA_MOST && offer(p)->chunks * MANIFEST_CHUNK <= ROOM;
}

/* The delta is no good. When that cannot be recorded it is forgotten with the next reset, and that is all. */
static enum download_result failed(struct patch *p, enum cause cause)
{
    exchange_drop(p->download->exchange);
    progress_delta_failed(p->download->progress);
    p->cause = cause;
    return DOWNLOAD_LATER;
}

static enum download_result lost(struct patch *p, enum cause cause)
{
    exchange_drop(p->download->exchange);
    p->losses++;
    p->cause = cause;
    return DOWNLOAD_LATER;
}

/* --- the file --- */

static bool hash_right(const struct patch *p)
{
    const struct manifest_delta *d = &offer(p)->delta;
    struct sha256 s;
    uint8_t block[256], digest[32];
    sha256_init(&s);
    for (uint32_t at = 0; at < d->size; at += sizeof block) {
        const uint32_t n = d->size - at < sizeof block ? d->size - at : (uint32_t)sizeof block;
        if (flash_port_read(place(p) + at, block, n) != FLASH_PORT_OK)
            return false;
        sha256_update(&s, block, n);
    }
    sha256_final(&s, digest);
    return memcmp(digest, d->sha256, sizeof digest) == 0;
}

static void fetch(struct patch *p, uint32_t now_ms)
{
    char text[EXCHANGE_REQUEST_MOST];
    const size_t n = request_image(text, sizeof text, offer(p)->delta.url, 0);
    exchange_begin(p->download->exchange, text, n, now_ms);
}

void patch_begin(struct patch *p, uint32_t now_ms)
{
    p->applying = p->checked = false;
    p->held = p->fill = p->retry_after = 0;
    p->cause = CAUSE_NONE;
    p->chunk_ms = now_ms;
    if (hash_right(p))
        p->held = offer(p)->delta.size;
    else
        fetch(p, now_ms);
}

/* Opens the delta file that is held whole. */
static enum download_result open_file(struct patch *p)
{
    const struct manifest_delta *d = &offer(p)->delta;
    const struct device *device = p->device;
    exchange_drop(p->download->exchange);
    if (!hash_right(p))
        return failed(p, CAUSE_BAD_DELTA);
    const enum cause c =
        delta_open(&p->delta, place(p), d->size, LAYOUT_SLOT_BASE(device->boot.slot), device->file_size, device->file, offer(p)->size);
    if (c != CAUSE_NONE)
        return failed(p, c);
    console_comment("applying a delta");
    p->skip = p->download->progress->chunks;
    p->applying = true;
    return DOWNLOAD_BUSY;
}

static enum cause check_head(struct patch *p)
{
    const struct http_head *h = &p->download->exchange->parser.head;
    p->retry_after = h->status != 200 ? h->retry_after : 0;
    if (h->status != 200)
        return CAUSE_HTTP_STATUS;
    return h->length == offer(p)->delta.size ? CAUSE_NONE : CAUSE_BAD_LENGTH;
}

/* A piece of the file, as large as a chunk of an image, behind what is held. */
static enum download_result take_piece(struct patch *p, uint32_t now_ms)
{
    struct download *d = p->download;
    if (intake_chunk(offer(p)->slot, p->device->boot.slot, (ROOM + p->held) / MANIFEST_CHUNK, d->chunk, p->fill) != CAUSE_NONE)
        return lost(p, CAUSE_FLASH);
    p->held += p->fill;
    p->fill = 0;
    p->chunk_ms = now_ms;
    return DOWNLOAD_BUSY;
}

static enum download_result receive(struct patch *p, uint32_t now_ms)
{
    struct exchange *x = p->download->exchange;
    const enum exchange_phase phase = exchange_step(x, now_ms);
    if (phase == EXCHANGE_FAILED)
        return lost(p, x->cause);
    if (phase == EXCHANGE_BODY || phase == EXCHANGE_DONE) {
        const enum cause c = p->checked ? CAUSE_NONE : check_head(p);
        const uint32_t left = offer(p)->delta.size - p->held, size = left < MANIFEST_CHUNK ? left : MANIFEST_CHUNK;
        if (c != CAUSE_NONE)
            return failed(p, c);
        p->checked = true;
        p->fill += (uint32_t)exchange_read(x, p->download->chunk + p->fill, size - p->fill, now_ms);
        if (p->fill == size)
            return take_piece(p, now_ms);
    }
    if (now_ms - p->chunk_ms >= DOWNLOAD_CHUNK_MS)
        return lost(p, CAUSE_TIMEOUT);
    return phase == EXCHANGE_DONE ? failed(p, CAUSE_BAD_LENGTH) : DOWNLOAD_BUSY;
}

/* --- the image --- */

static enum download_result make_chunk(struct patch *p, uint32_t now_ms)
{
    struct download *d = p->download;
    const uint32_t index = p->skip > 0 ? d->progress->chunks - p->skip : d->progress->chunks;
    const uint32_t size = manifest_chunk_size(d->offer, index);
    if (!delta_read(&p->delta, d->chunk, size))
        return failed(p, CAUSE_BAD_DELTA);
    if (p->skip > 0) {
        p->skip--;
        return DOWNLOAD_BUSY;
    }
    const enum download_result result = download_take(d, size, now_ms);
    p->cause = d->cause;
    return result == DOWNLOAD_LATER && d->cause == CAUSE_BAD_CHUNK ? failed(p, CAUSE_BAD_DELTA) : result;
}

enum download_result patch_step(struct patch *p, uint32_t now_ms)
{
    if (memcmp(offer(p)->delta.base, p->device->file, sizeof p->device->file) != 0)
        return failed(p, CAUSE_BAD_BASE);
    if (p->applying)
        return make_chunk(p, now_ms);
    return p->held == offer(p)->delta.size ? open_file(p) : receive(p, now_ms);
}
