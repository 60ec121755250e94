/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The download of download.h. A chunk stays in RAM until its hash is right: nothing that the manifest does not vouch for
 * reaches the flash.
 */
#include "download.h"
#include <string.h>
#include "console.h"
#include "flash_port.h"
#include "image.h"
#include "intake.h"
#include "release.h"
#include "request.h"
#include "sha256.h"

enum { HOUR_MS = 3600000 };

static uint32_t held_bytes(const struct download *d)
{
    uint32_t bytes = d->progress->chunks * MANIFEST_CHUNK;
    return bytes < d->offer->size ? bytes : d->offer->size;
}

void download_begin(struct download *d, uint32_t now_ms)
{
    char text[EXCHANGE_REQUEST_MOST];
    uint32_t from = held_bytes(d);
    size_t n = request_image(text, sizeof text, d->offer->url, from);
    d->checked = false;
    d->skip = d->fill = d->retry_after = 0;
    d->cause = CAUSE_NONE;
    d->chunk_ms = now_ms;
    exchange_begin(d->exchange, text, n, now_ms);
}

static enum download_result stop(struct download *d, enum download_result result, enum cause cause)
{
    exchange_drop(d->exchange);
    d->cause = cause;
    return result;
}

/* May so many bytes more be passed over? */
static bool affordable(struct download *d, uint32_t bytes, uint32_t now_ms)
{
    if (d->passed.tag != d->offer->tag || now_ms - d->passed.since_ms >= HOUR_MS) {
        d->passed.tag = d->offer->tag;
        d->passed.bytes = 0;
        d->passed.since_ms = now_ms;
    }
    return d->passed.bytes + bytes <= DOWNLOAD_PASSED_MOST * d->offer->size;
}

/* Is the response the rest of the file, or all of it? Anything between is not guessed at. */
static enum cause check_head(struct download *d, uint32_t now_ms)
{
    const struct http_head *h = &d->exchange->parser.head;
    uint32_t from = held_bytes(d);
    if (h->status == 206) {
        bool fits = h->has_range && h->first == from && h->last == d->offer->size - 1 && h->total == d->offer->size;
        return fits && h->length == d->offer->size - from ? CAUSE_NONE : CAUSE_BAD_LENGTH;
    }
    if (h->status != 200) {
        d->retry_after = h->retry_after;
        return CAUSE_HTTP_STATUS;
    }
    if (!affordable(d, from, now_ms))
        return CAUSE_HTTP_STATUS;
    d->skip = from;
    return h->length == d->offer->size ? CAUSE_NONE : CAUSE_BAD_LENGTH;
}

/* Passes over what is held already, then fills the chunk. True when the chunk is whole. */
static bool fill_chunk(struct download *d, uint32_t size, uint32_t now_ms)
{
    for (;;) {
        uint32_t want = d->skip > 0 ? (d->skip < MANIFEST_CHUNK ? d->skip : MANIFEST_CHUNK) : size - d->fill;
        uint32_t got = (uint32_t)exchange_read(d->exchange, d->chunk + d->fill, want, now_ms);
        if (got == 0)
            return false;
        if (d->skip > 0) {
            d->skip -= got;
            d->passed.bytes += got;
        } else if ((d->fill += got) == size) {
            return true;
        }
    }
}

static bool hash_right(const struct download *d, uint32_t index, uint32_t size)
{
    struct sha256 s;
    uint8_t digest[32];
    sha256_init(&s);
    sha256_update(&s, d->chunk, size);
    sha256_final(&s, digest);
    return memcmp(digest, d->offer->chunk[index], sizeof digest) == 0;
}

/* The first chunk shows whether this is an image for the free slot at all: before anything of the old one is erased. */
static enum cause check_first(const struct download *d, uint32_t size)
{
    struct image_info info;
    if (size < 32)
        return CAUSE_TRUNCATED;
    enum image_cause c = image_check_header(d->chunk, LAYOUT_SLOT_BASE(d->offer->slot), LAYOUT_SLOT_SIZE, &info);
    return c == IMAGE_UNCHECKED || c == IMAGE_VALID ? CAUSE_NONE : cause_named(image_cause_name(c));
}

enum download_result download_take(struct download *d, uint32_t size, uint32_t now_ms)
{
    uint32_t index = d->progress->chunks;
    enum cause c;
    if (!hash_right(d, index, size))
        return stop(d, DOWNLOAD_LATER, CAUSE_BAD_CHUNK);
    if (index == 0 && (c = check_first(d, size)) != CAUSE_NONE)
        return stop(d, DOWNLOAD_REFUSED, c);
    c = intake_chunk(d->offer->slot, d->running, index, d->chunk, size);
    if (c != CAUSE_NONE || progress_chunk(d->progress, index) != RECLOG_OK)
        return stop(d, DOWNLOAD_LATER, CAUSE_FLASH);
    d->fill = 0;
    d->chunk_ms = now_ms;
    console_event("chunk");
    console_number("index", index);
    console_number("offset", held_bytes(d));
    console_end();
    return d->progress->chunks == d->offer->chunks ? stop(d, DOWNLOAD_DONE, CAUSE_NONE) : DOWNLOAD_BUSY;
}

enum download_result download_step(struct download *d, uint32_t now_ms)
{
    struct exchange *x = d->exchange;
    enum exchange_phase phase = exchange_step(x, now_ms);
    if (phase == EXCHANGE_FAILED)
        return stop(d, DOWNLOAD_LATER, x->cause);
    if (phase == EXCHANGE_BODY || phase == EXCHANGE_DONE) {
        if (!d->checked) {
            enum cause c = check_head(d, now_ms);
            if (c != CAUSE_NONE)
                return stop(d, DOWNLOAD_LATER, c);
            d->checked = true;
        }
        uint32_t size = manifest_chunk_size(d->offer, d->progress->chunks);
        if (fill_chunk(d, size, now_ms))
            return download_take(d, size, now_ms);
    }
    if (now_ms - d->chunk_ms >= DOWNLOAD_CHUNK_MS)
        return stop(d, DOWNLOAD_LATER, CAUSE_TIMEOUT);
    return phase == EXCHANGE_DONE ? stop(d, DOWNLOAD_LATER, CAUSE_BAD_LENGTH) : DOWNLOAD_BUSY;
}
