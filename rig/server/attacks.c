/* SPDX-License-Identifier: GPL-3.0-or-later
 * The attacks of the update server.
 *
 * Method. An honest answer is made step by step (exchange.h); an attack changes one thing at its step and leaves the rest as honest as
 * it can be, so that two attacks can act on one answer and the device's refusal can only be for that one thing. Positions count bytes of
 * the body as the client sees it. To add one: a row in the table and a function.
 */
#include "server/attacks.h"

#include "server/attack_delta.h"
#include "server/attack_tls.h"
#include "server/exchange.h"
#include "server/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HUGE_LENGTH "99999999999999999999"
#define SECOND_NS UINT64_C(1000000000)

/* --- values, with the defaults of the rows --- */

static bool given(const struct attack_call *c, const char *name)
{
    return option_given(c->attack->row.options, c->value, name);
}

static const char *text(const struct attack_call *c, const char *name)
{
    return option_text(c->attack->row.options, c->value, name);
}

static uint64_t number(const struct attack_call *c, const char *name)
{
    return option_number(c->attack->row.options, c->value, name);
}

static bool word_is(const struct attack_call *c, const char *name, const char *word)
{
    return option_is(c->attack->row.options, c->value, name, word);
}

/* --- the offer and the manifest --- */

static bool replay(struct attack_call *c)
{
    c->x->force = true;
    return true;
}

static bool wrong_version(struct attack_call *c)
{
    if (!c->x->manifest)
        return false;
    members_text(&c->x->manifest->members, "version", text(c, "version"));
    return true;
}

static void spoil_digit(struct attack_call *c, char *digits, size_t n)
{
    char *d = &digits[rng_below(&c->rng, n)];
    *d = *d == '0' ? '1' : '0';
}

static bool wrong_hash(struct attack_call *c)
{
    struct manifest *m = c->x->manifest;
    char *sha256 = m ? members_get(&m->members, "sha256") : NULL, *chunks = m ? members_get(&m->members, "chunks") : NULL;
    if (!sha256 || strlen(sha256) != 66)
        return false;
    if (word_is(c, "of", "image") || word_is(c, "of", "both"))
        spoil_digit(c, sha256 + 1, 64);
    if (chunks && strlen(chunks) > 66 && !word_is(c, "of", "image"))
        spoil_digit(c, chunks + 2 + 67 * rng_below(&c->rng, strlen(chunks) / 67), 64);
    return true;
}

static bool wrong_size(struct attack_call *c)
{
    if (!c->x->manifest)
        return false;
    members_number(&c->x->manifest->members, "size", number(c, "size"));
    return true;
}

/* --- the range --- */

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
    c->x->shift = word_is(c, "to", "back") ? -(int64_t)number(c, "by") : (int64_t)number(c, "by");
    return true;
}

/* --- another answer --- */

static bool status(struct attack_call *c)
{
    int code = (int)number(c, "code");
    char seconds[24];
    exchange_answer(c->x, code, "text/plain", code == 204 || code == 304 ? NULL : "not now\n");
    if (given(c, "retry-after")) {
        snprintf(seconds, sizeof seconds, "%" PRIu64, number(c, "retry-after") / SECOND_NS);
        exchange_header(c->x, "Retry-After", seconds);
    }
    if (given(c, "location"))
        exchange_header(c->x, "Location", text(c, "location"));
    return true;
}

static bool html_page(struct attack_call *c)
{
    if (c->x->size == 0)
        return false;
    exchange_answer(c->x, 200, "text/html; charset=utf-8",
                    "<!DOCTYPE html>\n<html><head><title>Welcome</title></head>\n"
                    "<body><h1>Please log in</h1><form action=\"/login\"><input name=\"room\"><button>Go</button></form></body></html>\n");
    return true;
}

static void add_random(struct attack_call *c, struct buf *out, size_t n)
{
    while (n--)
        buf_char(out, (char)rng_u64(&c->rng));
}

static bool garbage_manifest(struct attack_call *c)
{
    static const struct { const char *kind, *text; } kinds[] = {
        {"not-json", "{\"schema\":1,\"hardware\":nucleo,,}"},
        {"wrong-types", "{\"schema\":\"1\",\"hardware\":7,\"version\":[2,0,0],\"security_counter\":\"1\",\"slot\":{},\"url\":null,"
                        "\"size\":\"many\",\"sha256\":false,\"chunk_size\":-1,\"chunks\":\"none\"}"},
        {"huge-numbers", "{\"schema\":1,\"hardware\":\"nucleo-l476rg\",\"version\":\"2.0.0\",\"security_counter\":99999999999999999999,"
                         "\"slot\":\"b\",\"url\":\"/image/x\",\"size\":4294967297,\"sha256\":\"\",\"chunk_size\":1e400,\"chunks\":[]}"},
        {"no-fields", "{}"}, {"empty", ""}, {NULL, NULL}};
    struct buf made = {0};
    if (!c->x->manifest)
        return false;
    for (size_t i = 0; kinds[i].kind; i++)
        if (word_is(c, "kind", kinds[i].kind))
            buf_str(&made, kinds[i].text);
    if (word_is(c, "kind", "deep"))
        for (int i = 0; i < 20000; i++)
            buf_char(&made, '[');
    if (word_is(c, "kind", "random"))
        add_random(c, &made, 2000);
    exchange_answer(c->x, 200, "application/json", NULL);
    buf_add(&c->x->made, made.data ? made.data : "", made.size);
    c->x->body = (const uint8_t *)buf_text(&c->x->made);
    c->x->size = c->x->send = c->x->announced = made.size;
    buf_free(&made);
    return true;
}

/* --- headers --- */

static void say_length(struct exchange *x, uint64_t length)
{
    snprintf(x->length_text, sizeof x->length_text, "%" PRIu64, length);
    x->length = x->length_text;
    x->announced = length;
}

/* The connection ends behind the body in any case: it could not go on after such a lie. */
static bool content_length(struct attack_call *c)
{
    struct exchange *x = c->x;
    uint64_t by = number(c, "by");
    if (x->size == 0)
        return false;
    if (word_is(c, "kind", "short"))
        say_length(x, x->size > by ? x->size - by : 0);
    else if (word_is(c, "kind", "long"))
        say_length(x, x->size + by);
    else
        x->length = word_is(c, "kind", "absent") ? "" : word_is(c, "kind", "negative") ? "-1" : HUGE_LENGTH;
    if (word_is(c, "kind", "long") || word_is(c, "kind", "huge"))
        x->word = "cut-short";
    x->end = EXCHANGE_CLOSE;
    return true;
}

/* --- the body --- */

/* Byte of the body that the options name: at-byte, or percent, or the middle. False when the body ends before it. */
static bool position(const struct attack_call *c, uint64_t *at)
{
    uint64_t size = c->x->size;
    *at = given(c, "at-byte") ? number(c, "at-byte") : size / 2;
    if (!given(c, "at-byte") && given(c, "percent"))
        *at = size / 10000 * number(c, "percent") + size % 10000 * number(c, "percent") / 10000;
    return *at < size;
}

static int by_position(const void *a, const void *b)
{
    const struct exchange_flip *p = a, *q = b;
    return p->at < q->at ? -1 : p->at > q->at;
}

static bool is_flipped(const struct exchange *x, uint64_t at, uint8_t mask)
{
    for (size_t i = 0; i < x->flip_count; i++)
        if (x->flips[i].at == at && x->flips[i].mask & mask)
            return true;
    return false;
}

static void add_flip(struct exchange *x, uint64_t at, uint8_t mask)
{
    x->flips = mem_grow(x->flips, (x->flip_count + 1) * sizeof *x->flips);
    x->flips[x->flip_count++] = (struct exchange_flip){at, mask};
}

/* Distinct bits: from at-byte on, one beside the other, or anywhere in the body. */
static bool flip_bits(struct attack_call *c)
{
    struct exchange *x = c->x;
    bool placed = given(c, "at-byte");
    uint64_t count = number(c, "count"), from = placed ? number(c, "at-byte") : 0;
    if (from >= x->size)
        return false;
    if (count > (x->size - from) * 8)
        count = (x->size - from) * 8;
    for (uint64_t i = 0; i < count;) {
        uint64_t bit = placed ? from * 8 + i : rng_below(&c->rng, x->size * 8);
        uint8_t mask = (uint8_t)(1u << (bit % 8));
        if (!placed && is_flipped(x, bit / 8, mask))
            continue;
        add_flip(x, bit / 8, mask);
        i++;
    }
    qsort(x->flips, x->flip_count, sizeof *x->flips, by_position);
    return true;
}

/* --- the connection --- */

static bool truncate_body(struct attack_call *c)
{
    uint64_t at;
    if (!position(c, &at))
        return false;
    c->x->send = at;
    c->x->end = EXCHANGE_CLOSE;
    c->x->word = "cut-short";
    return true;
}

static bool reset(struct attack_call *c)
{
    uint64_t at;
    if (!position(c, &at))
        return false;
    c->x->send = at;
    c->x->end = EXCHANGE_RESET;
    c->x->word = "reset";
    return true;
}

static bool stall(struct attack_call *c)
{
    uint64_t at;
    if (!position(c, &at))
        return false;
    c->x->stall_at = at;
    c->x->stall_ns = number(c, "for");
    return true;
}

static bool drip(struct attack_call *c)
{
    if (c->x->size == 0)
        return false;
    c->x->drip_bytes = number(c, "bytes");
    c->x->drip_ns = number(c, "every");
    return true;
}

static bool endless(struct attack_call *c)
{
    struct exchange *x = c->x;
    if (x->size == 0)
        return false;
    if (word_is(c, "length", "absent"))
        x->length = "";
    else if (word_is(c, "length", "huge"))
        x->length = HUGE_LENGTH;
    x->send = UINT64_MAX;
    return true;
}

/* --- the table --- */

#define ROW(row_name, row_help, row_example, row_stage, row_apply, ...) \
    {{row_name, row_help, (const struct option_row[]){__VA_ARGS__, {.name = NULL}}, row_example}, row_stage, row_apply}
#define NO_OPTIONS {.name = NULL}
#define AT_BYTE \
    {"at-byte", "byte of the body, from 0; the middle when neither this nor percent is given", OPTION_BYTES, false, NULL, NULL, 0, 0}
#define PERCENT {"percent", "the same as a share of the body", OPTION_PERCENT, false, NULL, NULL, 0, 9999}

static const char *const hashes[] = {"image", "chunk", "both", NULL};
static const char *const lengths[] = {"short", "long", "absent", "negative", "huge", NULL};
static const char *const endless_lengths[] = {"honest", "absent", "huge", NULL};
static const char *const garbage[] = {"not-json", "wrong-types", "huge-numbers", "no-fields", "empty", "deep", "random", NULL};
static const char *const ways[] = {"ahead", "back", NULL};

static const struct attack table[] = {
    ROW("truncate", "closes the connection in mid-body, although Content-Length says more", "{do: serve, attack: truncate, at-byte: 40000}",
        ATTACK_CONNECTION, truncate_body, AT_BYTE, PERCENT),
    ROW("reset", "resets the connection (TCP RST) once the client has taken so many bytes", "{do: serve, attack: reset, at-byte: 40000}",
        ATTACK_CONNECTION, reset, AT_BYTE, PERCENT),
    ROW("stall", "goes silent once the client has taken so many bytes", "{do: serve, attack: stall, at-byte: 40000, for: 30s}",
        ATTACK_CONNECTION, stall, AT_BYTE, PERCENT, {"for", "how long; 0: for ever", OPTION_TIME, false, "0", NULL, 0, 0}),
    ROW("drip", "sends a few bytes at a time", "{do: serve, attack: drip, bytes: 10, every: 1s}", ATTACK_CONNECTION, drip,
        {"bytes", "how many at a time", OPTION_BYTES, false, "1", NULL, 1, 1 << 16},
        {"every", "how often", OPTION_TIME, false, "1s", NULL, 1000000, 3600 * SECOND_NS}),
    ROW("endless", "never stops sending", "{do: serve, attack: endless}", ATTACK_CONNECTION, endless,
        {"length", "what Content-Length says", OPTION_WORD, false, "absent", endless_lengths, 0, 0}),
    ROW("flip-bits", "flips so many distinct bits of the body", "{do: serve, attack: flip-bits, count: 3}", ATTACK_BODY, flip_bits,
        {"count", "how many", OPTION_COUNT, false, "1", NULL, 1, EXCHANGE_FLIPS_MOST},
        {"at-byte", "from this byte on; anywhere when absent", OPTION_BYTES, false, NULL, NULL, 0, 0}),
    ROW("content-length", "announces another length than it sends", "{do: serve, attack: content-length, kind: short}", ATTACK_HEADERS,
        content_length, {"kind", "how it lies", OPTION_WORD, false, "long", lengths, 0, 0},
        {"by", "of short and long: by how many bytes", OPTION_BYTES, false, "1", NULL, 1, UINT32_MAX}),
    ROW("status", "answers with another status", "{do: serve, attack: status, code: 503, retry-after: 30s}", ATTACK_ANSWER, status,
        {"code", "HTTP status", OPTION_COUNT, false, "503", NULL, 200, 599},
        {"retry-after", "adds Retry-After, in whole seconds", OPTION_TIME, false, NULL, NULL, 0, 0},
        {"location", "adds Location", OPTION_TEXT, false, NULL, NULL, 0, 0}),
    ROW("html-page", "answers with a login page, as a captive portal does", "{do: serve, attack: html-page}", ATTACK_ANSWER, html_page,
        NO_OPTIONS),
    ROW("garbage-manifest", "answers with what is no manifest", "{do: serve, attack: garbage-manifest, kind: deep}", ATTACK_ANSWER,
        garbage_manifest, {"kind", "which garbage", OPTION_WORD, false, "not-json", garbage, 0, 0}),
    ROW("ignore-range", "answers 200 with the whole file where a range was asked for", "{do: serve, attack: ignore-range}", ATTACK_RANGE,
        ignore_range, NO_OPTIONS),
    ROW("shift-range", "sends other bytes than the 206 says", "{do: serve, attack: shift-range, by: 1}", ATTACK_RANGE, shift_range,
        {"by", "how far off", OPTION_BYTES, false, "1", NULL, 1, UINT32_MAX}, {"to", "which way", OPTION_WORD, false, "ahead", ways, 0, 0}),
    ROW("wrong-hash", "spoils a digit of a hash in the manifest", "{do: serve, attack: wrong-hash, of: chunk}", ATTACK_MANIFEST, wrong_hash,
        {"of", "of what", OPTION_WORD, false, "image", hashes, 0, 0}),
    ROW("wrong-size", "the manifest says another size", "{do: serve, attack: wrong-size, size: 4GiB}", ATTACK_MANIFEST, wrong_size,
        {"size", "bytes", OPTION_BYTES, true, NULL, NULL, 0, 0}),
    ROW("wrong-version", "the manifest says another version", "{do: serve, attack: wrong-version, version: 9.9.9}", ATTACK_MANIFEST,
        wrong_version, {"version", "MAJOR.MINOR.REVISION", OPTION_TEXT, true, NULL, NULL, 0, 0}),
    ROW("replay", "offers its manifest to devices that already have newer", "{do: serve, attack: replay}", ATTACK_OFFER, replay,
        NO_OPTIONS),
};

enum { ROWS = sizeof table / sizeof table[0] };

const struct attack *attacks_at(size_t i)
{
    const struct attack *delta = i < ROWS ? NULL : attack_delta_at(i - ROWS);
    return i < ROWS ? &table[i] : delta ? delta : attack_tls_at(i - ROWS - ATTACK_DELTA_ROWS);
}

const struct attack *attacks_find(const char *name)
{
    const struct attack *a;
    for (size_t i = 0; (a = attacks_at(i)); i++)
        if (strcmp(a->row.name, name) == 0)
            return a;
    return NULL;
}
