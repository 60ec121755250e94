/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the update server says (dut-firmware/README.md, HTTP protocol; RFC 9110 for ranges). */
#include "server/answer.h"

#include "base/buf.h"
#include "base/json.h"
#include "server/exchange.h"
#include "server/manifest.h"
#include "server/offer.h"
#include "server/request.h"
#include "server/site.h"

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

/* --- manifest, key set --- */

/* What is signed is text by now: attacks may still change it. */
static void answer_signed(struct exchange *x, struct site *s, struct manifest *m)
{
    struct buf text = {0}, all = {0};
    x->manifest = m;
    rules_run(&s->rules, ATTACK_MANIFEST, x);
    members_print(&m->members, &text);
    x->signed_text = &text;
    rules_run(&s->rules, ATTACK_TEXT, x);
    x->signed_text = NULL;
    manifest_print(m, s->signer, &text, &all);
    exchange_answer(x, 200, "application/json", NULL);
    exchange_body(x, all.data, all.size);
    buf_free(&all);
    buf_free(&text);
}

static void manifest(struct exchange *x, struct site *s, struct manifest *m)
{
    if (manifest_make(s, x, m))
        answer_signed(x, s, m);
    else
        exchange_answer(x, 204, NULL, NULL);
}

static void keys(struct exchange *x, struct site *s, struct manifest *m)
{
    manifest_make_keys(s, m);
    answer_signed(x, s, m);
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

static void image(struct exchange *x, struct site *s, const struct request *r, const struct offer_file *f)
{
    char *etag = mem_printf("\"%s\"", f->sha256), *range = NULL;
    x->file = mem_str(f->name);
    set_range(x, r, f, etag);
    rules_run(&s->rules, ATTACK_RANGE, x);
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

static struct exchange *exchange_of(const struct site *s, const struct request *r, unsigned n)
{
    struct exchange *x = mem_new(sizeof *x);
    x->n = n;
    x->site = s;
    x->method = r->method;
    x->path = mem_str(buf_text(&r->path));
    x->stall_at = UINT64_MAX;
    x->word = "complete";
    if (s->calendar_s)
        exchange_date(site_time(s), x->date);
    return x;
}

/* The device says who it is in the query, or in its telemetry. */
static char *device_of(const struct exchange *x, const struct request *r)
{
    char id[QUERY_MOST];
    if (request_query(x->path, "device", id, sizeof id))
        return mem_str(id);
    struct json *j = r->body.size ? json_parse(buf_text(&r->body), r->body.size, NULL) : NULL;
    const char *told = json_is_object(j) ? json_str(j, "device") : NULL;
    char *device = told ? mem_str(told) : NULL;
    json_free(j);
    return device;
}

static void route(struct exchange *x, struct site *s, const struct request *r, struct answer *a, struct manifest *m)
{
    const struct offer_file *f = named_file(s->offer, x->path);
    if (is_path(x->path, "/manifest.json")) {
        if (method_is(x, "GET"))
            manifest(x, s, m);
    } else if (s->signer && is_path(x->path, "/keys.json")) {
        if (method_is(x, "GET"))
            keys(x, s, m);
    } else if (is_path(x->path, "/telemetry")) {
        if (method_is(x, "POST"))
            a->told = telemetry(x, r, &a->why);
    } else if (f) {
        if (method_is(x, "GET"))
            image(x, s, r, f);
    } else {
        exchange_answer(x, 404, "text/plain", strcmp(x->method, "HEAD") == 0 ? NULL : "not here\n");
    }
}

struct exchange *answer_make(struct site *s, const struct request *r, unsigned n, struct answer *a)
{
    struct exchange *x = exchange_of(s, r, n);
    struct manifest m = {0};
    *a = (struct answer){0};
    x->device = device_of(x, r);
    rules_arm(&s->rules, x);
    rules_run(&s->rules, ATTACK_OFFER, x);
    route(x, s, r, a, &m);
    for (enum attack_stage stage = ATTACK_ANSWER; stage < ATTACK_STAGES; stage++)
        rules_run(&s->rules, stage, x);
    x->manifest = NULL;
    x->site = NULL;
    manifest_free(&m);
    x->says_close = !r->keep_alive;
    if (x->says_close && x->end == EXCHANGE_KEEP)
        x->end = EXCHANGE_CLOSE;
    return x;
}

struct exchange *answer_bad(const struct site *s, const struct request *r, unsigned n)
{
    struct exchange *x = exchange_of(s, r, n);
    char *text = mem_printf("%s\n", r->why);
    exchange_answer(x, r->status, "text/plain", text);
    x->says_close = true;
    x->end = EXCHANGE_CLOSE;
    x->site = NULL;
    free(text);
    return x;
}
