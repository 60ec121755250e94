/* SPDX-License-Identifier: GPL-3.0-or-later
 * Attacks on ranges (RFC 9110, 14), and files that change between two of them. */
#include "base/buf.h"
#include "server/attack_rows.h"
#include "server/exchange.h"
#include "server/offer.h"
#include "server/site.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool ignore_range(struct attack_call *c)
{
    bool acts = c->x->ranged;
    c->x->ranged = false;
    return acts;
}

static bool shift_range(struct attack_call *c)
{
    if (!c->x->ranged)
        return false;
    c->x->shift = attacks_is(c, "to", "back") ? -(int64_t)attacks_number(c, "by") : (int64_t)attacks_number(c, "by");
    return true;
}

/* A range that is served as it says, and is not the one that was asked for. */
static bool other_range(struct attack_call *c)
{
    struct exchange *x = c->x;
    uint64_t by = attacks_number(c, "by");
    bool unasked = attacks_is(c, "kind", "unasked");
    if (unasked == x->ranged || x->from >= x->to)
        return false;
    if (unasked)
        x->ranged = true;
    else if (attacks_is(c, "kind", "overlap") && x->from >= by)
        x->from -= by;
    else if (attacks_is(c, "kind", "gap") && x->from + by < x->to)
        x->from += by;
    else if (attacks_is(c, "kind", "shorter") && x->to - x->from > by)
        x->to -= by;
    else
        return false;
    return true;
}

static void set(struct exchange *x, char *text)
{
    free(x->range);
    x->range = text;
}

/* One part of a multipart body, with a boundary (RFC 9110, 14.6). */
static void multipart(struct exchange *x)
{
    struct buf all = {0};
    buf_printf(&all, "--otarig\r\nContent-Type: application/octet-stream\r\nContent-Range: %s\r\n\r\n", x->range);
    buf_add(&all, x->body, (size_t)x->size);
    buf_str(&all, "\r\n--otarig--\r\n");
    exchange_body(x, all.data, all.size);
    exchange_set(&x->type, "multipart/byteranges; boundary=otarig");
    exchange_set(&x->range, NULL);
    buf_free(&all);
}

/* The right bytes, and a header that says something else. */
static bool wrong_content_range(struct attack_call *c)
{
    struct exchange *x = c->x;
    uint64_t by = attacks_number(c, "by"), last = x->from + x->size - 1;
    if (!x->is_image || x->status != 206 || !x->range || !x->size)
        return false;
    if (attacks_is(c, "kind", "absent"))
        exchange_set(&x->range, NULL);
    else if (attacks_is(c, "kind", "total"))
        set(x, mem_printf("bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, x->from, last, x->total + by));
    else if (attacks_is(c, "kind", "first"))
        set(x, mem_printf("bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, x->from + by, last + by, x->total + by));
    else if (attacks_is(c, "kind", "no-total"))
        set(x, mem_printf("bytes %" PRIu64 "-%" PRIu64 "/*", x->from, last));
    else if (attacks_is(c, "kind", "unit"))
        set(x, mem_printf("items %" PRIu64 "-%" PRIu64 "/%" PRIu64, x->from, last, x->total));
    else if (attacks_is(c, "kind", "reversed"))
        set(x, mem_printf("bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, last, x->from, x->total));
    else if (attacks_is(c, "kind", "huge"))
        set(x, mem_printf("bytes %" PRIu64 "-99999999999999999999/99999999999999999999", x->from));
    else if (attacks_is(c, "kind", "doubled"))
        set(x, mem_printf("%s\r\nContent-Range: bytes 0-%" PRIu64 "/%" PRIu64, x->range, x->size - 1, x->size));
    else
        multipart(x);
    return true;
}

/* --- the file changes --- */

static const struct offer_file *other_file(const struct attack_call *c)
{
    const struct offer *o = c->x->site->offer;
    for (size_t i = 0; o && o->other && i < o->images; i++)
        if (c->x->file && strcmp(o->files[i].name, c->x->file) == 0)
            return offer_by_slot(o->other, o->files[i].slot);
    return NULL;
}

/* The honest ETag tells that the file is another one; the same ETag hides it. */
static bool image_change(struct attack_call *c)
{
    struct exchange *x = c->x;
    const struct offer_file *f = attacks_is(c, "to", "other") ? other_file(c) : NULL;
    uint64_t at = attacks_number(c, "at-byte");
    uint64_t from = at > x->from ? at - x->from : 0; /* in the body */
    if (!x->is_image || from >= x->size || (attacks_is(c, "to", "other") && !f))
        return false;
    uint8_t *body = exchange_own(x);
    for (uint64_t i = from; i < x->size; i++)
        body[i] = f ? (x->from + i < f->size ? f->bytes[x->from + i] : 0xff)
                    : attacks_is(c, "to", "zeros") ? 0 : (uint8_t)rng_u64(&c->rule_rng);
    if (attacks_is(c, "etag", "new")) {
        free(x->etag);
        x->etag = mem_printf("\"%016" PRIx64 "\"", rng_u64(&c->rule_rng));
    }
    c->at = from + 1;
    return true;
}

static const struct attack table[] = {
    ATTACK("ignore-range", "answers 200 with the whole file where a range was asked for", "{do: serve, attack: ignore-range}",
           OPTIONS({.name = NULL}), .stage = ATTACK_RANGE, .apply = ignore_range, .catalogue = "S4"),
    ATTACK("shift-range", "sends other bytes than the 206 says", "{do: serve, attack: shift-range, by: 1}",
           OPTIONS(ATTACK_BYTES("by", "how far off", "1", 1, UINT32_MAX), ATTACK_WORD("to", "which way", "ahead", WORDS("ahead", "back"))),
           .stage = ATTACK_RANGE, .apply = shift_range, .catalogue = "S4"),
    ATTACK("other-range",
           "serves another range than was asked for, and says so: earlier (overlap), later (gap), shorter, or one that nobody "
           "asked for", "{do: serve, attack: other-range, kind: overlap, by: 512}",
           OPTIONS(ATTACK_WORD("kind", "which", "overlap", WORDS("overlap", "gap", "shorter", "unasked")),
                   ATTACK_BYTES("by", "how much", "1", 1, UINT32_MAX)),
           .stage = ATTACK_RANGE, .apply = other_range, .catalogue = "S4"),
    ATTACK("wrong-content-range", "the right bytes under a wrong Content-Range", "{do: serve, attack: wrong-content-range, kind: total}",
           OPTIONS(ATTACK_WORD("kind", "how it lies", "total",
                               WORDS("total", "first", "absent", "no-total", "unit", "reversed", "huge", "doubled", "multipart")),
                   ATTACK_BYTES("by", "of total and first: how far off", "1", 1, UINT32_MAX)),
           .stage = ATTACK_BODY, .apply = wrong_content_range, .catalogue = "S4"),
    ATTACK("image-change", "the file is another one from this request on, or from a byte of it on",
           "{do: serve, attack: image-change, to: other, at-byte: 40000}",
           OPTIONS(ATTACK_WORD("to", "the other genuine release, noise, zeros", "other", WORDS("other", "random", "zeros")),
                   ATTACK_BYTES("at-byte", "byte of the file", "0", 0, 0),
                   ATTACK_WORD("etag", "the old one hides it, a new one tells it", "same", WORDS("same", "new"))),
           .stage = ATTACK_BODY, .apply = image_change, .catalogue = "S11", .tuf = "mix-and-match attack"),
};

const struct attack *attack_range_at(size_t i)
{
    return i < sizeof table / sizeof table[0] ? &table[i] : NULL;
}
