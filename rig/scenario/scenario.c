/* SPDX-License-Identifier: GPL-3.0-or-later
 * Scenarios: from a file to checked data. The text is parsed once; the parts that may name axes of the matrix are read once for each
 * combination, so that every combination is checked as what it will be. */
#include "scenario/scenario.h"

#include "base/crypto.h"
#include "base/err.h"
#include "base/file.h"
#include "scenario/scenario_parts.h"
#include "scenario/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void installed_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    scenario_image_read(r, n, &((struct scenario_case *)target)->installed);
}

static void offered_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    scenario_image_read(r, n, &((struct scenario_case *)target)->offered);
}

static const char *const transports[] = {"http", "tls", NULL};

static void transport_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    static const struct option_row row = {.name = "transport", .type = OPTION_WORD, .words = transports};
    uint64_t which = 0;
    const char *word;
    if (keys_value(r, &row, n, &which, &word))
        ((struct scenario_case *)target)->tls = which == 1;
}

static struct json *transport_schema(const struct scenario_words *words)
{
    static const struct option_row row = {.name = "transport", .type = OPTION_WORD, .words = transports};
    (void)words;
    return keys_schema_option(&row, true, false);
}

static const struct keys_row given_rows[] = {
    {.value = {.name = "installed", .help = "image that the device runs at first", .required = true},
     .kind = KEYS_OWN, .read = installed_read, .schema = scenario_image_schema},
    {.value = {.name = "offered", .help = "image that the server offers", .required = true},
     .kind = KEYS_OWN, .read = offered_read, .schema = scenario_image_schema},
    {.value = {.name = "transport", .help = "what the device and the server speak: http, or tls with the device's build that does"},
     .kind = KEYS_OWN, .read = transport_read, .schema = transport_schema},
    {.value = {.name = "delta", .help = "patches are offered beside whole images", .type = OPTION_BOOL, .otherwise = "false"},
     KEYS_AT(struct scenario_case, delta)},
    {.value = {.name = "keyset", .help = "key set at first: 1, or 2 (the next key signs, the good one is revoked)",
     .type = OPTION_COUNT, .otherwise = "1", .low = 1, .high = 2}, KEYS_AT(struct scenario_case, keyset)},
    KEYS_END};
const struct keys_row *const scenario_given_rows = given_rows;

static void ignore(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    (void)r, (void)n, (void)target; /* read per combination, or already taken out */
}

struct head {
    unsigned schema;
    const char *claim;
    const char *tag[SCENARIO_TAGS];
    size_t tags;
    uint64_t repeat;
};

static const struct keys_row rows[] = {
    {.value = {.name = "schema", .help = "version of the language: 1",
     .type = OPTION_COUNT, .required = true, .low = 1, .high = 1}, KEYS_AT(struct head, schema)},
    {.value = {.name = "claim", .help = "what the scenario claims, in one sentence", .type = OPTION_TEXT, .required = true},
     KEYS_AT(struct head, claim)},
    {.value = {.name = "tags", .help = "words to select by", .type = OPTION_TEXT},
     .kind = KEYS_VALUES, KEYS_LIST(struct head, tag, tags)},
    {.value = {.name = "given", .help = "what is installed and what is offered", .required = true},
     .kind = KEYS_OWN, .read = ignore, .schema = scenario_given_schema},
    {.value = {.name = "repeat", .help = "trials of each combination of the matrix",
     .type = OPTION_COUNT, .otherwise = "1", .low = 1, .high = SCENARIO_REPEAT_MOST}, KEYS_AT(struct head, repeat)},
    {.value = {.name = "fleet", .help = "many devices against one rollout; without it the scenario is about one device"},
     .kind = KEYS_OWN, .read = ignore, .schema = scenario_fleet_schema},
    {.value = {.name = "fault", .help = "what happens, and when; without it an honest update"},
     .kind = KEYS_OWN, .read = ignore, .schema = scenario_fault_schema},
    {.value = {.name = "expect", .help = "what must hold beyond the laws"},
     .kind = KEYS_OWN, .read = ignore, .schema = scenario_expect_schema},
    {.value = {.name = "waive", .help = "laws that do not apply here, each with its reason"},
     .kind = KEYS_OWN, .read = ignore, .schema = scenario_waive_schema},
    {.value = {.name = "matrix", .help = "axes whose values are crossed; $axis stands for one"},
     .kind = KEYS_OWN, .read = ignore, .schema = scenario_matrix_schema},
    {.value = {.name = "include", .help = "files whose keys are defaults of this one"},
     .kind = KEYS_OWN, .read = ignore, .schema = scenario_include_schema},
    KEYS_END};
const struct keys_row *const scenario_rows = rows;

/* --- matrix --- */

static const char *axis_text(struct store *store, const struct yaml_node *n)
{
    if (n->kind == YAML_SCALAR)
        return n->text;
    struct buf out = {0};
    for (const struct yaml_node *c = n->first; c; c = c->next)
        buf_printf(&out, "%s%s%s%s", c == n->first ? "" : " ", c->key ? c->key : "", c->key ? "=" : "", axis_text(store, c));
    const char *text = store_text(store, buf_text(&out));
    buf_free(&out);
    return text;
}

static bool axis_name_ok(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    return n && !name[n];
}

/* Reads the axes; returns the number of combinations, 0 with a mistake. */
static size_t matrix_read(struct scenario *s, const struct yaml_node *matrix, const struct yaml_node **axis,
    struct keys_reader *r)
{
    size_t count = 1;
    if (!matrix)
        return count;
    if (!keys_want(r, "matrix", matrix, YAML_MAP))
        return 0;
    for (const struct yaml_node *a = matrix->first; a; a = a->next) {
        if (!axis_name_ok(a->key)) {
            mistake_add(r->m, a->key_at, "matrix: the axis \"%.60s\": expected letters, digits and _", a->key);
            return 0;
        }
        if (s->axes == SCENARIO_AXES) {
            mistake_add(r->m, a->key_at, "matrix: more than %d axes", SCENARIO_AXES);
            return 0;
        }
        if (a->kind != YAML_LIST || !a->count) {
            mistake_add(r->m, a->at, "matrix: %s: expected a list of values", a->key);
            return 0;
        }
        count *= a->count;
        if (count > SCENARIO_CASES) {
            mistake_add(r->m, a->at, "matrix: more than %d combinations", SCENARIO_CASES);
            return 0;
        }
        axis[s->axes] = a;
        s->axis[s->axes++] = a->key;
    }
    return count;
}

static bool uses(const struct yaml_node *n, const char *axis)
{
    size_t length = strlen(axis);
    for (const char *at = n->kind == YAML_SCALAR ? strchr(n->text, '$') : NULL; at; at = strchr(at + 1, '$'))
        if (strncmp(at + 1, axis, length) == 0 && !axis_name_ok((char[]){at[1 + length], 0}))
            return true;
    for (const struct yaml_node *c = n->first; c; c = c->next)
        if (uses(c, axis))
            return true;
    return false;
}

/* An axis that nothing names would repeat the same trials under another label. */
static void unused_axes(struct scenario *s, const struct yaml_node *map, const struct yaml_node **axis, struct keys_reader *r)
{
    for (size_t a = 0; a < s->axes; a++) {
        bool used = false;
        for (const struct yaml_node *c = map->first; c; c = c->next)
            used = used || (strcmp(c->key, "matrix") != 0 && uses(c, s->axis[a]));
        if (!used)
            mistake_add(r->m, axis[a]->key_at, "matrix: nothing uses $%s", s->axis[a]);
    }
}

static void case_read(struct scenario *s, const struct yaml_node *map, struct keys_reader *r, struct scenario_case *c)
{
    const struct yaml_node *given = yaml_get(map, "given"), *fault = yaml_get(map, "fault"), *expect = yaml_get(map, "expect"),
                           *waive = yaml_get(map, "waive");
    for (size_t a = 0; a < s->axes; a++)
        c->value[a] = axis_text(r->store, r->axis[a].value);
    scenario_expect_default(&c->expect);
    if (given && keys_want(r, "given", keys_node(r, given), YAML_MAP))
        keys_read(r, given_rows, keys_node(r, given), c);
    if (fault && !yaml_empty(fault))
        scenario_fault_read(r, fault, c);
    if (expect && !yaml_empty(expect))
        scenario_expect_read(r, keys_node(r, expect), c);
    if (waive)
        scenario_waive_read(r, waive, c);
}

static void cases_read(struct scenario *s, const struct yaml_node *map, struct keys_reader *r)
{
    const struct yaml_node *axis[SCENARIO_AXES] = {0};
    size_t count = matrix_read(s, yaml_get(map, "matrix"), axis, r);
    unused_axes(s, map, axis, r);
    s->cases = store_room(r->store, (count ? count : 1) * sizeof *s->cases);
    s->count = count;
    r->substitutes = true;
    for (size_t i = 0; i < count; i++) {
        size_t rest = i;
        r->axes = s->axes;
        for (size_t a = s->axes; a-- > 0; rest /= axis[a]->count) { /* the last axis turns fastest */
            const struct yaml_node *value = axis[a]->first;
            for (size_t n = rest % axis[a]->count; n; n--)
                value = value->next;
            r->axis[a].name = s->axis[a];
            r->axis[a].value = value;
        }
        case_read(s, map, r, &s->cases[i]);
    }
}

/* --- files --- */

/* The scenarios folder of a path: the nearest ancestor (or itself) of that name, as a real path; NULL when there is none. The caller
 * frees. */
static char *root_of(const char *path)
{
    char *real = realpath(path, NULL);
    while (real && *real) {
        if (file_is_folder(real) && strcmp(file_base(real), "scenarios") == 0)
            return real;
        *strrchr(real, '/') = 0;
    }
    free(real);
    return NULL;
}

static char *root_for(const char *path, const char *root)
{
    char *found = root_of(path), *folder = NULL;
    if (!found)
        found = root ? realpath(root, NULL) : NULL;
    if (!found) {
        folder = file_folder(path);
        found = realpath(folder, NULL);
    }
    free(folder);
    return found ? found : mem_str("/");
}

static const char *id_of(struct store *store, const char *path, const char *root)
{
    char *real = realpath(path, NULL);
    const char *name = real ? real : path;
    size_t n = strlen(root);
    if (strncmp(name, root, n) == 0 && name[n] == '/')
        name += n + 1;
    else
        name = file_base(name);
    size_t length = strlen(name);
    const char *dot = strrchr(name, '.');
    if (dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0))
        length = (size_t)(dot - name);
    const char *id = store_bytes(store, name, length);
    free(real);
    return id;
}

/* A fleet is one run of all its devices together: what multiplies trials, or strikes one of them, has no meaning in it. */
static void fleet_read(struct scenario *s, const struct yaml_node *map, struct keys_reader *r)
{
    static const char *const single[] = {"matrix", "repeat", "fault"};
    const struct yaml_node *fleet = yaml_get(map, "fleet");
    const struct scenario_expect *x = &s->cases[0].expect;
    r->substitutes = false;
    for (size_t i = 0; fleet && i < sizeof single / sizeof *single; i++)
        if (yaml_get(map, single[i]))
            mistake_add(r->m, yaml_get(map, single[i])->key_at, "\"%s\" has no meaning beside \"fleet\"", single[i]);
    if (!fleet && x->fleet.given)
        mistake_add(r->m, x->fleet.place, "expect: \"fleet\" has no meaning without the scenario's key \"fleet\"");
    if (!fleet)
        return;
    scenario_fleet_read(r, fleet, &s->fleet);
    s->repeat = s->fleet.devices;
    if (x->fleet.overrun != SCENARIO_FLEET_ANY && !s->fleet.rules.budget)
        mistake_add(r->m, x->fleet.place, "expect: an overrun is of the fleet's failure-budget, which is not given");
    if (x->fleet.back != SCENARIO_FLEET_ANY && !s->fleet.back.text)
        mistake_add(r->m, x->fleet.place, "expect: the fleet's devices are not sent back anywhere");
}

static struct scenario *read_tree(struct store *store, const char *path, struct yaml_node *map,
    const struct scenario_words *words,
                                  struct mistakes *m)
{
    struct scenario *s = store_room(store, sizeof *s);
    struct keys_reader r = {.m = m, .store = store, .words = words};
    struct head head = {0};
    s->own = store;
    s->file = store_text(store, path);
    keys_read(&r, rows, map, &head);
    s->claim = head.claim;
    s->tags = head.tags;
    memcpy(s->tag, head.tag, sizeof s->tag);
    s->repeat = head.repeat;
    cases_read(s, map, &r);
    fleet_read(s, map, &r);
    return s;
}

struct scenario *scenario_load(const char *path, const char *root, const struct scenario_words *words, struct mistakes *m)
{
    struct store *store = store_new();
    struct buf text = {0};
    size_t before = m->count;
    char *top = root_for(path, root);
    struct yaml_node *map = scenario_include(store, path, top, &text, m);
    struct scenario *s = map ? read_tree(store, path, map, words, m) : NULL;
    if (s) {
        s->id = id_of(store, path, top);
        crypto_sha256_hex(buf_text(&text), text.size, s->sha256);
    }
    buf_free(&text);
    free(top);
    if (s && m->count == before)
        return s;
    store_free(store);
    return NULL;
}

void scenario_free(struct scenario *s)
{
    if (s)
        store_free(s->own);
}

/* --- sets --- */

static bool for_include_only(const char *path)
{
    return strncmp(path, "common/", 7) == 0 || strstr(path, "/common/");
}

/* The same file twice counts once; another file of the same id would be mistaken for it in every report. */
static bool has_id(const struct scenario_set *set, const struct scenario *s, struct mistakes *m)
{
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->item[i]->id, s->id) == 0) {
            if (strcmp(set->item[i]->sha256, s->sha256) != 0)
                mistake_add(m, (struct place){s->file, 0, 0}, "has the id %s of %s", s->id, set->item[i]->file);
            return true;
        }
    return false;
}

static void set_file(struct scenario_set *set, const char *file, const char *root, const struct scenario_words *words,
    struct mistakes *m)
{
    struct mistakes own = {0};
    struct scenario *s = scenario_load(file, root, words, &own);
    mistake_add_all(m, &own);
    mistake_free(&own);
    if (!s)
        return;
    if (has_id(set, s, m)) {
        scenario_free(s);
        return;
    }
    set->item = mem_grow(set->item, (set->count + 1) * sizeof(struct scenario *));
    set->item[set->count++] = s;
}

static void set_path(struct scenario_set *set, const char *path, const struct scenario_words *words, struct mistakes *m)
{
    struct err e = {0};
    bool folder = file_is_folder(path);
    char **list = file_list(path, ".yaml", &e);
    if (!list)
        mistake_add(m, (struct place){path, 0, 0}, "%s", strncmp(e.text, path, strlen(path)) == 0 ? e.text + strlen(path) + 2
            : e.text);
    else if (!*list)
        mistake_add(m, (struct place){path, 0, 0}, "no scenario (*.yaml) in this folder");
    for (char **file = list; file && *file; file++)
        if (!folder || !for_include_only(*file + strlen(path)))
            set_file(set, *file, folder ? path : NULL, words, m);
    file_list_free(list);
}

int scenario_set_load(struct scenario_set *set, char *const *paths, size_t count, const struct scenario_words *words,
    struct mistakes *m)
{
    size_t before = m->count;
    *set = (struct scenario_set){0};
    for (size_t i = 0; i < count; i++)
        set_path(set, paths[i], words, m);
    return m->count == before ? 0 : RIG_EINPUT;
}

void scenario_set_free(struct scenario_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        scenario_free(set->item[i]);
    free(set->item);
    *set = (struct scenario_set){0};
}
