/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the update server says (dut-firmware/README.md, HTTP protocol; RFC 9110 for ranges). */
#include "server/answer.h"

#include "base/buf.h"
#include "base/json.h"
#include "server/exchange.h"
#include "server/request.h"
#include "server/rules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { QUERY_MOST = 128 };

static bool is_path(const char *path, const char *name)
{
    size_t n = strlen(name);
    return strncmp(path, name, n) == 0 && (path[n] == '\0' || path[n] == '?' || path[n] == '#');
}

static bool method_is(struct exchange *x, const char *method)
{
    if (strcmp(x->method, method) == 0)
        return true;
    exchange_answer(x, 405, "text/plain", strcmp(x->method, "HEAD") == 0 ? NULL : "not that method\n");
    exchange_header(x, "Allow", method);
    return false;
}

/* --- manifest --- */

/* The file for the device that asks, NULL when there is nothing for it. */
static const struct offer_file *choose(const struct offer *o, const struct exchange *x)
{
    char hardware[QUERY_MOST], slot[QUERY_MOST], version[QUERY_MOST];
    if (!o)
        return NULL;
    if (request_query(x->path, "hw", hardware, sizeof hardware) && strcmp(hardware, o->hardware) != 0)
        return NULL;
    if (!x->force && request_query(x->path, "version", version, sizeof version) && !offer_is_newer(o, version))
        return NULL;
    if (!request_query(x->path, "slot", slot, sizeof slot))
        slot[0] = '\0';
    return offer_by_slot(o, slot);
}

static void manifest(struct exchange *x, const struct offer *o, struct rules *rules, struct offer_manifest *m)
{
    const struct offer_file *f = choose(o, x);
    if (!f) {
        exchange_answer(x, 204, NULL, NULL);
        return;
    }
    struct buf text = {0};
    m->version = o->version;
    m->size = f->size;
    memcpy(m->sha256, f->sha256, sizeof m->sha256);
    buf_add(&m->chunks, f->chunks.data, f->chunks.size);
    x->manifest = m;
    rules_run(rules, ATTACK_MANIFEST, x);
    offer_print(o, f, m, &text);
    exchange_answer(x, 200, "application/json", buf_text(&text));
    buf_free(&text);
}

/* --- image --- */

/* The bytes at shift from where the headers say, round the end of the file, so that the length stays honest. */
static void shift_body(struct exchange *x, const struct offer_file *f)
{
    int64_t size = (int64_t)f->size, at = ((int64_t)x->from + x->shift % size) % size;
    buf_clear(&x->made);
    for (uint64_t i = 0; i < x->size; i++)
        buf_char(&x->made, (char)f->bytes[(uint64_t)((at + size) % size + (int64_t)i) % f->size]);
    x->body = (const uint8_t *)buf_text(&x->made);
}

static void set_range(struct exchange *x, const struct request *r, const struct offer_file *f, const char *etag)
{
    bool fresh = r->if_range[0] == '\0' || strcmp(r->if_range, etag) == 0; /* RFC 9110, 13.1.5: strong comparison; dates never match */
    x->from = 0;
    x->to = f->size;
    x->ranged = fresh && request_range(r->range, f->size, &x->from, &x->to);
    x->asked = x->ranged;
    x->asked_from = x->ranged ? x->from : 0;
}

static void image(struct exchange *x, struct rules *rules, const struct request *r, const struct offer_file *f)
{
    char *etag = mem_printf("\"%s\"", f->sha256), *range = NULL;
    x->file = mem_str(f->name);
    set_range(x, r, f, etag);
    rules_run(rules, ATTACK_RANGE, x);
    if (x->ranged && x->from >= x->to) {
        exchange_answer(x, 416, "text/plain", "not in this file\n");
        range = mem_printf("bytes */%zu", f->size);
    } else {
        exchange_answer(x, x->ranged ? 206 : 200, "application/octet-stream", NULL);
        if (!x->ranged) {
            x->from = 0;
            x->to = f->size;
        } else {
            range = mem_printf("bytes %" PRIu64 "-%" PRIu64 "/%zu", x->from, x->to - 1, f->size);
        }
        x->body = f->bytes + x->from;
        x->size = x->send = x->announced = x->to - x->from;
        x->is_image = true;
        if (x->shift && x->size)
            shift_body(x, f);
    }
    if (range)
        exchange_header(x, "Content-Range", range);
    exchange_header(x, "Accept-Ranges", "bytes");
    exchange_header(x, "ETag", etag);
    free(range);
    free(etag);
}

/* --- telemetry --- */

static struct json *telemetry(struct exchange *x, const struct request *r, const char **why)
{
    struct json *j = json_parse(buf_text(&r->body), r->body.size, NULL);
    if (json_is_object(j)) {
        exchange_answer(x, 204, NULL, NULL);
        return j;
    }
    json_free(j);
    exchange_answer(x, 400, "text/plain", "not a JSON object\n");
    *why = "the telemetry is not a JSON object";
    return NULL;
}

/* --- all of them --- */

static const struct offer_file *named_file(const struct offer *o, const char *path)
{
    if (!o || strncmp(path, "/image/", 7) != 0)
        return NULL;
    size_t n = strcspn(path + 7, "?#");
    char *name = mem_printf("%.*s", (int)n, path + 7);
    const struct offer_file *f = offer_by_name(o, name);
    free(name);
    return f;
}

static struct exchange *exchange_of(const struct request *r, unsigned n)
{
    struct exchange *x = mem_new(sizeof *x);
    x->n = n;
    x->method = r->method;
    x->path = mem_str(buf_text(&r->path));
    x->stall_at = UINT64_MAX;
    x->word = "complete";
    return x;
}

struct exchange *answer_make(const struct offer *offer, struct rules *rules, const struct request *r, unsigned n, struct json **told,
                             const char **why)
{
    struct exchange *x = exchange_of(r, n);
    struct offer_manifest m = {0};
    const struct offer_file *f = named_file(offer, x->path);
    *told = NULL;
    *why = NULL;
    rules_arm(rules, x);
    rules_run(rules, ATTACK_OFFER, x);
    if (is_path(x->path, "/manifest.json")) {
        if (method_is(x, "GET"))
            manifest(x, offer, rules, &m);
    } else if (is_path(x->path, "/telemetry")) {
        if (method_is(x, "POST"))
            *told = telemetry(x, r, why);
    } else if (f) {
        if (method_is(x, "GET"))
            image(x, rules, r, f);
    } else {
        exchange_answer(x, 404, "text/plain", strcmp(x->method, "HEAD") == 0 ? NULL : "not here\n");
    }
    for (enum attack_stage s = ATTACK_ANSWER; s < ATTACK_STAGES; s++)
        rules_run(rules, s, x);
    x->manifest = NULL;
    buf_free(&m.chunks);
    x->says_close = !r->keep_alive;
    if (x->says_close && x->end == EXCHANGE_KEEP)
        x->end = EXCHANGE_CLOSE;
    return x;
}

struct exchange *answer_bad(const struct request *r, unsigned n)
{
    struct exchange *x = exchange_of(r, n);
    char *text = mem_printf("%s\n", r->why);
    exchange_answer(x, r->status, "text/plain", text);
    x->says_close = true;
    x->end = EXCHANGE_CLOSE;
    free(text);
    return x;
}
