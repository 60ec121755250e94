/* SPDX-License-Identifier: GPL-3.0-or-later
 * Bench files: `power: sim`, or `power: {driver: gpio, line: 17}`. */
#include "scenario/bench_file.h"

#include "base/crypto.h"
#include "base/json.h"
#include "scenario/keys.h"
#include "scenario/store.h"

#include <string.h>

static const char *const ports[] = {"power", "reset", "console", "link", "server", "probe", "nvm", "rtc"};

const char *bench_file_port_name(size_t i)
{
    return i < BENCH_FILE_PORTS ? ports[i] : NULL;
}

struct reader { /* first member: what keys_… hands to read() */
    struct bench_file file;
    const struct bench_file_words *words;
    unsigned schema;
};

struct drivers { const struct bench_file_words *words; enum bench_file_port port; };

/* The i-th driver of a port. */
static const struct bench_file_driver *driver_of(const struct drivers *d, size_t i)
{
    const struct bench_file_driver *one;
    for (size_t k = 0; d->words && (one = d->words->driver(k)); k++)
        if (one->port == d->port && i-- == 0)
            return one;
    return NULL;
}

static const char *driver_word(const void *ctx, size_t i)
{
    const struct bench_file_driver *d = driver_of(ctx, i);
    return d ? d->owner.name : NULL;
}

struct option_words { const struct option_owner *owner; };

static const char *option_word(const void *ctx, size_t i)
{
    const struct option_words *w = ctx;
    return i == 0 ? "driver" : i <= keys_count(w->owner) ? w->owner->options[i - 1].name : NULL;
}

static void options_read(struct keys_reader *r, const struct yaml_node *map, const struct bench_file_driver *d,
    struct scenario_value *value)
{
    static const struct yaml_node nothing = {.kind = YAML_MAP, .text = ""};
    struct option_words w = {&d->owner};
    const char *word;
    for (const struct yaml_node *c = map->kind == YAML_MAP ? map->first : NULL; c; c = c->next) {
        size_t i = 0;
        while ((word = option_word(&w, i)) && strcmp(word, c->key) != 0)
            i++;
        if (!word)
            mistake_word(r->m, c->key_at, "driver: option", c->key, option_word, &w);
    }
    struct yaml_node empty = nothing;
    empty.at = map->at;
    keys_options(r, &d->owner, map->kind == YAML_MAP ? map : &empty, NULL, value, OPTION_MOST);
    for (size_t i = 0; i < keys_count(&d->owner); i++)
        if (value[i].random)
            mistake_add(r->m, map->at, "%s: a bench does not draw numbers", value[i].row->name);
}

static void port_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    struct reader *b = target;
    struct drivers list = {b->words, BENCH_FILE_POWER};
    while (strcmp(ports[list.port], n->key) != 0)
        list.port++;
    const struct yaml_node *name = n->kind == YAML_MAP ? yaml_get(n, "driver") : n;
    if (!name) {
        mistake_add(r->m, n->at, "%s: key \"driver\" is missing", n->key);
        return;
    }
    const char *text = keys_text(r, n->key, name);
    const struct bench_file_driver *d = NULL;
    for (size_t i = 0; text && (d = driver_of(&list, i)) && strcmp(d->owner.name, text) != 0;)
        i++;
    if (text && !d)
        mistake_word(r->m, name->at, n->key, text, driver_word, &list);
    if (!d)
        return;
    b->file.port[list.port].driver = d;
    options_read(r, n, d, b->file.port[list.port].value);
}

static struct json *port_schema(const struct bench_file_words *words, enum bench_file_port port)
{
    struct drivers list = {words, port};
    struct json *j = json_object(), *any = json_array(), *names = json_array(), *word = json_object();
    const struct bench_file_driver *d;
    for (size_t i = 0; (d = driver_of(&list, i)); i++) {
        struct json *map = json_object(), *properties = json_object(), *required = json_array(), *name = json_object();
        json_push_str(names, d->owner.name);
        json_add_str(map, "type", "object");
        json_add_str(name, "const", d->owner.name);
        json_add(properties, "driver", name);
        json_push_str(required, "driver");
        keys_schema_owner(&d->owner, false, false, properties, required);
        json_add(map, "properties", properties);
        json_add(map, "required", required);
        json_add_bool(map, "additionalProperties", false);
        json_push(any, map);
    }
    json_add(word, "enum", names);
    json_push(any, word);
    json_add(j, "anyOf", any);
    return j;
}

#define PORT(NAME, HELP) {.value = {.name = NAME, .help = HELP}, .kind = KEYS_OWN, .read = port_read}
static const struct keys_row rows[] = {
    {.value = {.name = "schema", .help = "version of the language: 1",
     .type = OPTION_COUNT, .required = true, .low = 1, .high = 1}, KEYS_AT(struct reader, schema)},
    {.value = {.name = "name", .help = "of the bench, as reports call it", .type = OPTION_TEXT, .required = true},
     KEYS_AT(struct bench_file, name)},
    {.value = {.name = "chip", .help = "of a virtual bench: what it simulates", .type = OPTION_TEXT},
     KEYS_AT(struct bench_file, chip)},
    {.value = {.name = "reset-mv", .help = "rail below which the device is certainly in reset, millivolts",
     .type = OPTION_COUNT, .required = true, .high = 60000}, KEYS_AT(struct bench_file, reset_mv)},
    PORT("power", "switches the device's supply"),
    PORT("reset", "pulls its reset line"),
    PORT("console", "reads and writes its console"),
    PORT("link", "shapes its network link"),
    PORT("server", "serves updates"),
    PORT("probe", "watches lines"),
    PORT("nvm", "sees its flash operations"),
    PORT("rtc", "sets its battery-backed clock"),
    KEYS_END};

static void capabilities(struct bench_file *b)
{
    size_t n = 0;
    for (size_t p = 0; p < BENCH_FILE_PORTS; p++)
        for (const char *const *can = b->port[p].driver ? b->port[p].driver->can : NULL; can && *can; can++) {
            size_t i = 0;
            while (i < n && strcmp(b->can[i], *can) != 0)
                i++;
            if (i == n && n < BENCH_FILE_CAPABILITIES)
                b->can[n++] = *can;
        }
}

struct bench_file *bench_file_load(const char *path, const struct bench_file_words *words, struct mistakes *m)
{
    struct store *store = store_new();
    struct buf text = {0};
    size_t before = m->count;
    struct yaml_node *map = yaml_read(store, path, &text, m);
    struct reader *b = store_room(store, sizeof *b);
    if (map) {
        struct keys_reader r = {.m = m, .store = store};
        b->words = words;
        b->file.own = store;
        b->file.file = store_text(store, path);
        keys_read(&r, rows, map, b);
        crypto_sha256_hex(buf_text(&text), text.size, b->file.sha256);
        if (!b->file.port[BENCH_FILE_POWER].driver && !yaml_get(map, "power"))
            mistake_add(m, map->at, "key \"power\" is missing: a bench that cannot switch the device off can prove nothing");
        capabilities(&b->file);
    }
    buf_free(&text);
    if (m->count == before && map)
        return &b->file;
    store_free(store);
    return NULL;
}

void bench_file_free(struct bench_file *b)
{
    if (b)
        store_free(b->own);
}

struct json *bench_file_schema(const struct bench_file_words *words)
{
    struct json *j = keys_schema(rows, NULL), *properties = json_object();
    for (const struct json *p = json_first(json_get(j, "properties")); p; p = json_next(p)) {
        size_t i = 0;
        while (i < BENCH_FILE_PORTS && strcmp(ports[i], json_key(p)) != 0)
            i++;
        struct json *one = i < BENCH_FILE_PORTS ? port_schema(words, (enum bench_file_port)i) : json_copy(p);
        if (i < BENCH_FILE_PORTS)
            json_add_str(one, "description", json_str(p, "description"));
        json_add(properties, json_key(p), one);
    }
    struct json *out = json_object();
    for (const struct json *p = json_first(j); p; p = json_next(p))
        if (strcmp(json_key(p), "properties") == 0)
            json_add(out, "properties", properties);
        else
            json_add(out, json_key(p), json_copy(p));
    json_free(j);
    return out;
}
