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

/* HEAD is GET without the body (RFC 9110, 9.3.2). */
static bool method_is(struct exchange *x, const char *method)
{
    bool get = strcmp(method, "GET") == 0;
    if (strcmp(x->method, method) == 0 || (get && x->no_body))
        return true;
    exchange_answer(x, 405, "text/plain", "not that method\n");
    exchange_header(x, "Allow", get ? "GET, HEAD" : method);
    return false;
}

/* --- manifest, key set --- */

/* What is signed is text by now: attacks may still change it. */
static void answer_signed(struct exchange *x, struct site *s, struct manifest *m)
{
    struct buf text = {0}, all = {0};
    x->manifest = m;
    rules_run(&s->rules, ATTACK_MEMBERS, x);
    if (x->device && rules_device(&s->rules))
        manifest_name(m, x->device);
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

static void set_range(struct exchange *x, const struct request *r, const struct offer_file *f, const char *etag)
{
    bool fresh = r->if_range[0] == '\0' || strcmp(r->if_range, etag) == 0; /* RFC 9110, 13.1.5: strong comparison; dates never match */
    x->from = 0;
    x->to = f->size;
    x->ranged = fresh && request_range(r->range, f->size, &x->from, &x->to);
    x->asked = x->ranged;
    x->asked_from = x->ranged ? x->from : 0;
}

/* The bytes at shift from where the headers say, round the end of the file, so that the length stays honest. */
static void set_body(struct exchange *x, const struct offer_file *f)
{
    int64_t size = (int64_t)f->size, shift = size ? x->shift % size : 0;
    x->size = x->announced = x->to - x->from;
    x->body = f->bytes + x->from;
    if (x->size && f->size && (shift || !*f->slot)) { /* what an attack made may be forgotten before it is sent */
        uint8_t *own = exchange_own(x);
        for (uint64_t i = 0; i < x->size; i++)
            own[i] = f->bytes[(uint64_t)((int64_t)(x->from + i) + shift + size) % f->size];
    }
}

static void serve_part(struct exchange *x, const struct offer_file *f)
{
    exchange_answer(x, x->ranged ? 206 : 200, "application/octet-stream", NULL);
    if (!x->ranged) {
        x->from = 0;
        x->to = f->size;
    } else {
        free(x->range);
        x->range = mem_printf("bytes %" PRIu64 "-%" PRIu64 "/%zu", x->from, x->to - 1, f->size);
    }
    x->total = f->size;
    x->is_image = true;
    set_body(x, f);
}

static void serve_file(struct exchange *x, const struct offer_file *f)
{
    if (!x->ranged || x->from < x->to) {
        serve_part(x, f);
        return;
    }
    exchange_answer(x, 416, "text/plain", "not in this file\n");
    x->range = mem_printf("bytes */%zu", f->size);
}

static void image(struct exchange *x, struct site *s, const struct request *r, const struct offer_file *f)
{
    x->file = mem_str(f->name);
    char *etag = mem_printf("\"%s\"", f->sha256);
    set_range(x, r, f, etag);
    rules_run(&s->rules, ATTACK_RANGE, x);
    if (x->swap && x->swap != f) {
        free(etag);
        f = x->swap;
        etag = mem_printf("\"%s\"", f->sha256);
        if (x->ranged)
            request_range(r->range, f->size, &x->from, &x->to);
    }
    serve_file(x, f);
    exchange_set(&x->etag, etag);
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

/* --- further hops of a redirect: /redirect/N/path, or /redirect/loop/path --- */

static void redirect(struct exchange *x)
{
    const char *at = x->path + strlen("/redirect/"), *rest = strchr(at, '/');
    unsigned long left = strtoul(at, NULL, 10);
    bool loop = strncmp(at, "loop/", 5) == 0;
    char *to = loop ? mem_str(x->path) : left > 1 ? mem_printf("/redirect/%lu%s", left - 1, rest) : mem_str(rest ? rest : "/");
    exchange_answer(x, 302, "text/plain", "this way\n");
    exchange_header(x, "Location", to);
    x->act[x->acts++] = (struct exchange_act){"redirect", EXCHANGE_BODY, 0};
    free(to);
}

/* --- all of them --- */

static const struct offer_file *named_file(const struct site *s, const char *path)
{
    if (strncmp(path, "/image/", 7) != 0)
        return NULL;
    char *name = mem_printf("%.*s", (int)strcspn(path + 7, "?#"), path + 7);
    const struct offer_file *f = site_file(s, name);
    free(name);
    return f;
}

static struct exchange *exchange_of(struct site *s, const struct request *r, unsigned n)
{
    struct exchange *x = exchange_new(n, r->method, buf_text(&r->path));
    x->site = s;
    x->no_body = strcmp(r->method, "HEAD") == 0;
    x->host = r->host[0] ? mem_str(r->host) : NULL;
    if (s->calendar_s)
        exchange_date(site_time(s), x->date);
    return x;
}

/* The device says who it is in the query, or in its telemetry. */
static char *device_of(const struct exchange *x, const struct request *r, const char *speaker)
{
    char id[QUERY_MOST];
    if (request_query(x->path, "device", id, sizeof id))
        return mem_str(id);
    struct json *j = r->body.size ? json_parse(buf_text(&r->body), r->body.size, NULL) : NULL;
    const char *told = json_is_object(j) ? json_str(j, "device") : NULL;
    char *device = told || speaker ? mem_str(told ? told : speaker) : NULL;
    json_free(j);
    return device;
}

static void route(struct exchange *x, struct site *s, const struct request *r, struct answer *a, struct manifest *m)
{
    const struct offer_file *f = named_file(s, x->path);
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
    } else if (s->redirects && strncmp(x->path, "/redirect/", 10) == 0) {
        redirect(x);
    } else {
        exchange_answer(x, 404, "text/plain", "not here\n");
    }
}

static void finish(struct exchange *x, struct rules *rules, bool keep_alive)
{
    rules_run(rules, ATTACK_BODY, x);
    rules_run(rules, ATTACK_HEADERS, x);
    x->says_close = !keep_alive;
    exchange_print_head(x);
    rules_run(rules, ATTACK_HEAD, x);
    rules_run(rules, ATTACK_CONNECTION, x);
    if (x->says_close && x->end == EXCHANGE_KEEP)
        x->end = EXCHANGE_CLOSE;
    x->manifest = NULL;
    x->site = NULL;
    x->swap = NULL;
}

struct exchange *answer_make(struct site *s, const struct request *r, unsigned n, const char *speaker, struct answer *a)
{
    struct exchange *x = exchange_of(s, r, n);
    struct manifest m = {0};
    *a = (struct answer){0};
    x->device = device_of(x, r, speaker);
    if (s->asked)
        s->asked(s->ctx, x->device);
    rules_arm(&s->rules, x);
    rules_run(&s->rules, ATTACK_OFFER, x);
    route(x, s, r, a, &m);
    rules_run(&s->rules, ATTACK_ANSWER, x);
    finish(x, &s->rules, r->keep_alive);
    manifest_free(&m);
    return x;
}

struct exchange *answer_early(struct site *s, const struct request *r, unsigned n, const char *speaker, uint64_t came)
{
    struct exchange *x = exchange_new(n, r->line ? r->method : "", r->line ? buf_text(&r->path) : "*");
    x->device = device_of(x, r, speaker);
    if (!rules_early(&s->rules, x, came)) {
        exchange_free(x);
        return NULL;
    }
    x->site = s;
    x->no_body = strcmp(x->method, "HEAD") == 0;
    x->came = came;
    if (s->calendar_s)
        exchange_date(site_time(s), x->date);
    rules_arm(&s->rules, x);
    rules_run(&s->rules, ATTACK_EARLY, x);
    finish(x, &s->rules, !x->says_close);
    return x;
}

struct exchange *answer_bad(struct site *s, const struct request *r, unsigned n)
{
    struct exchange *x = exchange_of(s, r, n);
    char *text = mem_printf("%s\n", r->why);
    exchange_answer(x, r->status, "text/plain", text);
    x->says_close = true;
    x->end = EXCHANGE_CLOSE;
    exchange_print_head(x);
    x->site = NULL;
    free(text);
    return x;
}
