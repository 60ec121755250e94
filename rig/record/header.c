/* SPDX-License-Identifier: GPL-3.0-or-later
 * Line 1 of a journal as a typed view. */
#include "record/header.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "record/journal.h"

#include <stdlib.h>
#include <string.h>

/* An edited header must not make a reader ask for memory without bound. */
enum { TRIALS_MOST = 10000000, SCENARIOS_MOST = 10000, IMAGES_MOST = 20000 };

static const char *text(const struct json *object, const char *key)
{
    return json_str_or(object, key, "");
}

/* Limits are multiplied by those who read them: an edited header must not make that overflow. */
static int64_t at_least_0(const struct json *object, const char *key)
{
    const int64_t most = INT64_C(1000000000);
    int64_t v = json_int(object, key, 0);
    return v < 0 ? 0 : v > most ? most : v;
}

/* Addresses are written "0x08020000". */
static int64_t number_or_hex(const struct json *object, const char *key)
{
    const char *s = json_str(object, key);
    return s ? (int64_t)strtoull(s, NULL, 0) : json_int(object, key, 0);
}

static int64_t limit(const struct json *limits, const char *key, int64_t otherwise)
{
    int64_t v = at_least_0(limits, key);
    return v ? v : otherwise;
}

/* Journals of before the profile had them get the constants of then. */
static void parse_limits(struct header *h, const struct json *limits)
{
    h->limit.download = limit(limits, "download", 3);
    h->limit.retries = limit(limits, "retries", 30);
    h->limit.within_ms = limit(limits, "within_ms", 10000);
    h->limit.answer_bytes = limit(limits, "answer_bytes", 65536);
    h->limit.answer_ms = limit(limits, "answer_ms", 600000);
    h->limit.retry_after_ms = limit(limits, "retry_after_ms", 60000);
}

static void parse_dut(struct header *h, const struct json *dut)
{
    const struct json *deadlines = json_get(dut, "deadlines"), *slots = json_get(dut, "slots");
    h->dut = text(dut, "name");
    h->boot_ms = at_least_0(deadlines, "boot_ms");
    h->update_ms = at_least_0(deadlines, "update_ms");
    h->confirm_ms = at_least_0(deadlines, "confirm_ms");
    h->settle_ms = at_least_0(deadlines, "settle_ms");
    h->attempts = at_least_0(dut, "attempts");
    h->max_boots = at_least_0(dut, "max_boots");
    parse_limits(h, json_get(dut, "limits"));
    h->laws = json_is_array(json_get(dut, "laws")) ? json_get(dut, "laws") : NULL;
    h->slot = mem_new((json_count(slots) + 1) * sizeof *h->slot);
    for (const struct json *s = json_first(slots); s; s = json_next(s))
        h->slot[h->slots++] = (struct header_slot){text(s, "name"), number_or_hex(s, "base"), number_or_hex(s, "size")};
}

static int parse_images(struct header *h, const struct json *images, struct err *e)
{
    if (images && !json_is_array(images))
        return err_set(e, RIG_EINPUT, "\"images\" is not a list");
    if (json_count(images) > IMAGES_MOST)
        return err_set(e, RIG_EINPUT, "more than %d images", IMAGES_MOST);
    h->image = mem_new((json_count(images) + 1) * sizeof *h->image);
    for (const struct json *i = json_first(images); i; i = json_next(i)) {
        struct header_image *image = &h->image[h->images];
        *image = (struct header_image){
            .name = text(i, "name"), .file = text(i, "file"), .slot = text(i, "slot"), .sha256 = text(i, "sha256"),
            .digest = text(i, "digest"), .version = text(i, "version"), .signer = text(i, "signer"), .counter = json_int(i, "counter", -1),
            .genuine = json_bool(i, "genuine", false)};
        if (!*image->name)
            return err_set(e, RIG_EINPUT, "image %zu has no name", h->images);
        h->images++;
    }
    return 0;
}

static int parse_expect(struct header_expect *x, const struct json *expect, const char *id, struct err *e)
{
    const struct json *versions = json_get(expect, "versions"), *eventually = json_get(expect, "eventually");
    for (const struct json *v = json_first(versions); v; v = json_next(v)) {
        if (x->version_count == sizeof x->versions / sizeof *x->versions)
            return err_set(e, RIG_EINPUT, "scenario %s expects more than %zu versions", id, x->version_count);
        if (json_value_str(v))
            x->versions[x->version_count++] = json_value_str(v);
    }
    x->eventually = json_str(eventually, "version");
    x->updates = at_least_0(eventually, "updates");
    x->boot_reason = json_str(expect, "boot_reason");
    x->cause = json_str(expect, "cause");
    x->refused = json_bool(expect, "refused", false);
    return 0;
}

static int64_t share(const struct json *expect, const char *key)
{
    return json_has(expect, key) ? at_least_0(expect, key) : -1;
}

static void parse_fleet(struct header_fleet *f, const struct json *fleet, const struct json *expect)
{
    const struct json *down = json_get(fleet, "down"), *busy = json_get(fleet, "busy");
    int64_t watched = down ? at_least_0(down, "from_ms") + at_least_0(down, "for_ms") : at_least_0(busy, "from_ms");
    *f = (struct header_fleet){.devices = at_least_0(fleet, "devices"), .budget = at_least_0(fleet, "budget"),
                               .watched_ms = watched, .version = text(fleet, "version"),
                               .back = text(fleet, "back"), .updated = share(expect, "updated"),
                               .updated_most = share(expect, "updated_most"), .back_share = share(expect, "back"),
                               .peak = share(expect, "peak"), .failed = share(expect, "failed"),
                               .overrun = share(expect, "overrun"), .window_ms = at_least_0(expect, "window_ms")};
}

static int parse_scenario(struct header_scenario *s, const struct json *j, size_t index, uint64_t *total, struct err *e)
{
    *s = (struct header_scenario){.id = text(j, "id"),
                                  .file = text(j, "file"),
                                  .sha256 = text(j, "sha256"),
                                  .claim = text(j, "claim"),
                                  .installed = text(j, "installed"),
                                  .offered = text(j, "offered"),
                                  .json = j};
    int64_t first = json_int(j, "first", -1), trials = json_int(j, "trials", -1);
    if (!*s->id)
        return err_set(e, RIG_EINPUT, "scenario %zu has no id", index);
    if (json_int(j, "n", (int64_t)index) != (int64_t)index)
        return err_set(e, RIG_EINPUT, "scenario %s is number %zu but says %lld", s->id, index, (long long)json_int(j, "n", -1));
    if (first < 1 || trials < 0 || first > TRIALS_MOST || trials > TRIALS_MOST || *total + (uint64_t)trials > TRIALS_MOST)
        return err_set(e, RIG_EINPUT, "scenario %s: trials %lld from %lld, at most %d in all", s->id, (long long)trials,
                       (long long)first, TRIALS_MOST);
    s->first = (uint64_t)first;
    s->trials = (uint64_t)trials;
    *total += s->trials;
    const struct json *waive = json_get(j, "waive");
    parse_fleet(&s->fleet, json_get(j, "fleet"), json_get(json_get(j, "expect"), "fleet"));
    s->waive = json_is_object(waive) && json_count(waive) ? waive : NULL;
    return parse_expect(&s->expect, json_get(j, "expect"), s->id, e);
}

void header_given(const struct header_scenario *s, const struct json *given, struct header_scenario *out)
{
    struct header_expect expect = {0};
    *out = *s;
    if (!json_is_object(given))
        return;
    out->installed = json_str_or(given, "installed", s->installed);
    out->offered = json_str_or(given, "offered", s->offered);
    if (json_get(given, "expect") && parse_expect(&expect, json_get(given, "expect"), s->id, NULL) == 0)
        out->expect = expect;
}

static int parse_scenarios(struct header *h, const struct json *scenarios, struct err *e)
{
    uint64_t total = 0;
    if (!json_is_array(scenarios))
        return err_set(e, RIG_EINPUT, "\"scenarios\" is not a list");
    if (json_count(scenarios) > SCENARIOS_MOST)
        return err_set(e, RIG_EINPUT, "more than %d scenarios", SCENARIOS_MOST);
    h->scenario = mem_new((json_count(scenarios) + 1) * sizeof *h->scenario);
    for (const struct json *s = json_first(scenarios); s; s = json_next(s)) {
        int r = parse_scenario(&h->scenario[h->scenarios], s, h->scenarios, &total, e);
        if (r)
            return r;
        h->scenarios++;
    }
    return 0;
}

int header_parse(struct json *json, struct header **out, struct err *e)
{
    struct header *h = mem_new(sizeof *h);
    const struct json *bench = json_get(json, "bench");
    h->json = json;
    int64_t schema = json_int(json, "schema", -1);
    int r = 0;
    if (!json_is_object(json) || strcmp(text(json, "ev"), "run") != 0)
        r = err_set(e, RIG_EINPUT, "not a journal: its first line is no \"run\" record");
    else if (schema != JOURNAL_SCHEMA)
        r = err_set(e, RIG_EINPUT, "journal of schema %lld; this otarig reads schema %d", (long long)schema, JOURNAL_SCHEMA);
    h->plan_id = text(json, "plan_id");
    h->otarig = text(json, "otarig");
    h->source = text(json, "source");
    h->seed = text(json, "seed");
    h->bench = text(bench, "name");
    h->chip = text(bench, "chip");
    h->reset_mv = at_least_0(bench, "reset_mv");
    parse_dut(h, json_get(json, "dut"));
    if (!r)
        r = parse_images(h, json_get(json, "images"), e);
    if (!r)
        r = parse_scenarios(h, json_get(json, "scenarios"), e);
    if (r) {
        header_free(h);
        return r;
    }
    *out = h;
    return 0;
}

void header_free(struct header *h)
{
    if (!h)
        return;
    json_free((struct json *)(uintptr_t)h->json);
    free(h->image);
    free(h->scenario);
    free(h->slot);
    free(h);
}

bool header_law_shown(const struct header *h, const char *law)
{
    if (!h->laws)
        return true;
    for (const struct json *l = json_first(h->laws); l; l = json_next(l))
        if (json_value_str(l) && strcmp(json_value_str(l), law) == 0)
            return true;
    return false;
}

const char *header_waived(const struct header_scenario *s, const char *law)
{
    return json_str(s->waive, law);
}

const struct header_image *header_image_named(const struct header *h, const char *name)
{
    for (size_t i = 0; i < h->images; i++)
        if (strcmp(h->image[i].name, name) == 0)
            return &h->image[i];
    return NULL;
}

bool header_genuine(const struct header *h, const char *name)
{
    bool found = false;
    for (size_t i = 0; i < h->images; i++) {
        if (strcmp(h->image[i].name, name) != 0)
            continue;
        if (!h->image[i].genuine)
            return false;
        found = true;
    }
    return found;
}

static bool same(const struct json *a, const struct json *b)
{
    char *x = a ? json_print(a) : NULL, *y = b ? json_print(b) : NULL;
    bool r = x && y ? strcmp(x, y) == 0 : x == y;
    free(x);
    free(y);
    return r;
}

const char *header_difference(const struct json *a, const struct json *b)
{
    for (const struct json *m = json_first(a); m; m = json_next(m))
        if (json_key(m) && !same(m, json_get(b, json_key(m))))
            return json_key(m);
    for (const struct json *m = json_first(b); m; m = json_next(m))
        if (json_key(m) && !json_has(a, json_key(m)))
            return json_key(m);
    return same(a, b) ? NULL : "the order of members";
}

bool header_sees_resets(const struct header *h)
{
    const struct json *bench = json_get(h->json, "bench");
    return json_bool(bench, "sees_resets", strcmp(h->bench, "virtual") == 0 || strcmp(text(bench, "power"), "sim") == 0);
}
