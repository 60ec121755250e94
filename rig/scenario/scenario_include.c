/* SPDX-License-Identifier: GPL-3.0-or-later
 * include: another file's keys are defaults of this one. Paths are relative to the including file and never lead out of the scenarios
 * folder, not even through a link. */
#include "scenario/scenario_parts.h"

#include "base/file.h"
#include "scenario/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { INCLUDE_DEPTH = 8, INCLUDE_FILES = 32 };

struct chain {
    const struct chain *up;
    const char *real, *shown;
};

struct includer {
    struct store *store;
    struct mistakes *m;
    const char *root;
    struct buf *text;
    unsigned files;
};

static bool inside(const char *root, const char *real)
{
    size_t n = strlen(root);
    return strncmp(root, real, n) == 0 && (real[n] == '/' || (n && root[n - 1] == '/'));
}

static void print_chain(const struct chain *c, const char *until, struct buf *out)
{
    if (c->up && strcmp(c->real, until) != 0)
        print_chain(c->up, until, out);
    buf_printf(out, "%s → ", c->shown);
}

static bool is_cycle(struct includer *in, const struct chain *chain, const struct yaml_node *where, const char *real,
    const char *shown)
{
    unsigned depth = 0;
    for (const struct chain *c = chain; c; c = c->up, depth++)
        if (strcmp(c->real, real) == 0) {
            struct buf way = {0};
            print_chain(chain, real, &way);
            mistake_add(in->m, where->at, "include: goes round in a circle: %s%s", buf_text(&way), shown);
            buf_free(&way);
            return true;
        }
    if (depth >= INCLUDE_DEPTH)
        mistake_add(in->m, where->at, "include: nested deeper than %d", INCLUDE_DEPTH);
    else if (++in->files > INCLUDE_FILES)
        mistake_add(in->m, where->at, "include: more than %d files", INCLUDE_FILES);
    else
        return false;
    return true;
}

static struct yaml_node *without_include(struct yaml_node *map)
{
    struct yaml_node **at = &map->first;
    while (*at)
        if (strcmp((*at)->key, "include") == 0) {
            *at = (*at)->next;
            map->count--;
        } else
            at = &(*at)->next;
    return map;
}

static bool merges(const char *key)
{
    static const char *const maps[] = {"given", "expect", "matrix", "waive", NULL};
    for (size_t i = 0; maps[i]; i++)
        if (strcmp(maps[i], key) == 0)
            return true;
    return false;
}

/* Adds to map what it does not say itself. Maps of the top level are merged key by key, everything else is one or the other. */
static void merge(struct yaml_node *map, struct yaml_node *defaults, bool top)
{
    for (struct yaml_node *d = defaults->first, *next; d; d = next) {
        next = d->next;
        struct yaml_node *own = yaml_get(map, d->key);
        if (!own) {
            d->next = map->first;
            map->first = d;
            map->count++;
        } else if (top && merges(d->key) && own->kind == YAML_MAP && d->kind == YAML_MAP)
            merge(own, d, false);
    }
}

static struct yaml_node *load(struct includer *in, const char *path, const struct chain *chain);

static const char *target(struct includer *in, const struct yaml_node *n, char **real)
{
    if (n->kind != YAML_SCALAR || yaml_empty(n)) {
        mistake_add(in->m, n->at, "include: expected a file or a list of files, found %s", yaml_kind_name(n));
        return NULL;
    }
    if (n->text[0] == '/') {
        mistake_add(in->m, n->at, "include: \"%.120s\": expected a path relative to this file", n->text);
        return NULL;
    }
    char *folder = file_folder(n->at.file), *joined = file_join(folder, n->text);
    const char *path = store_text(in->store, joined);
    free(folder);
    free(joined);
    *real = realpath(path, NULL);
    if (!*real)
        mistake_add(in->m, n->at, "include: \"%.120s\": %s", n->text, strerror(errno));
    else if (!inside(in->root, *real))
        mistake_add(in->m, n->at, "include: \"%.120s\" leads out of the scenarios folder", n->text);
    else
        return path;
    return NULL;
}

static void include_one(struct includer *in, const struct yaml_node *n, struct yaml_node *into, const struct chain *chain)
{
    char *real = NULL;
    const char *path = target(in, n, &real);
    if (path && !is_cycle(in, chain, n, real, path)) {
        struct chain link = {chain, real, path};
        struct yaml_node *defaults = load(in, path, &link);
        if (defaults)
            merge(into, defaults, true);
    }
    free(real);
}

/* Of a list the last file is asked first, so that later ones override earlier ones. */
static void include_list(struct includer *in, const struct yaml_node *n, struct yaml_node *into, const struct chain *chain)
{
    if (!n)
        return;
    include_list(in, n->next, into, chain);
    include_one(in, n, into, chain);
}

static struct yaml_node *load(struct includer *in, const char *path, const struct chain *chain)
{
    struct yaml_node *map = yaml_read(in->store, path, in->text, in->m);
    struct yaml_node *include = yaml_get(map, "include");
    if (!include)
        return map;
    buf_char(in->text, 0);
    without_include(map);
    if (include->kind == YAML_LIST && include->count > INCLUDE_FILES)
        mistake_add(in->m, include->at, "include: more than %d files", INCLUDE_FILES);
    else if (include->kind == YAML_LIST)
        include_list(in, include->first, map, chain);
    else
        include_one(in, include, map, chain);
    return map;
}

struct yaml_node *scenario_include(struct store *store, const char *path, const char *root, struct buf *text, struct mistakes *m)
{
    char *real = realpath(path, NULL);
    struct includer in = {.store = store, .m = m, .root = root, .text = text};
    struct chain top = {NULL, real ? real : path, path};
    struct yaml_node *map = load(&in, path, &top);
    free(real);
    return map;
}
