/* SPDX-License-Identifier: GPL-3.0-or-later
 * YAML by libyaml (its only includer). Bounds come first: size before parsing, depth and number of nodes while the tree grows,
     so that
 * neither nesting nor aliases of aliases cost more than a file of that size. */
#include "scenario/yaml.h"

#include "base/err.h"
#include "base/file.h"
#include "scenario/store.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { ANCHORS_MOST = 64 };

struct reader {
    yaml_parser_t parser;
    struct store *store;
    struct mistakes *m;
    const char *file;
    size_t nodes, anchors;
    struct { const char *name; struct yaml_node *node; } anchor[ANCHORS_MOST];
};

static struct place place_of(const struct reader *r, yaml_mark_t mark)
{
    return (struct place){r->file, (unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

static struct place place_of_offset(const struct reader *r, const char *bytes, size_t offset)
{
    struct place p = {r->file, 1, 1};
    for (size_t i = 0; i < offset; i++) {
        p.column = bytes[i] == '\n' ? 1 : p.column + 1;
        p.line += bytes[i] == '\n';
    }
    return p;
}

static struct yaml_node *node_new(struct reader *r, enum yaml_kind kind, struct place at)
{
    if (++r->nodes > YAML_NODES_MOST) {
        if (r->nodes == YAML_NODES_MOST + 1)
            mistake_add(r->m, at, "more than %d values in one file (aliases count each time they are used)", YAML_NODES_MOST);
        return NULL;
    }
    struct yaml_node *n = store_room(r->store, sizeof *n);
    n->kind = kind;
    n->at = at;
    n->text = "";
    return n;
}

static struct yaml_node *copy(struct reader *r, const struct yaml_node *from)
{
    struct yaml_node *n = node_new(r, from->kind, from->at);
    if (!n)
        return NULL;
    n->text = from->text;
    n->quoted = from->quoted;
    n->count = from->count;
    struct yaml_node **last = &n->first;
    for (const struct yaml_node *c = from->first; c; c = c->next) {
        *last = copy(r, c);
        if (!*last)
            return NULL;
        (*last)->key = c->key;
        (*last)->key_at = c->key_at;
        last = &(*last)->next;
    }
    return n;
}

static void anchor_set(struct reader *r, const char *name, struct yaml_node *node)
{
    if (!name || !node)
        return;
    if (r->anchors == ANCHORS_MOST)
        mistake_add(r->m, node->at, "more than %d anchors in one file", ANCHORS_MOST);
    else {
        r->anchor[r->anchors].name = name;
        r->anchor[r->anchors++].node = node;
    }
}

static struct yaml_node *alias(struct reader *r, const char *name, struct place at)
{
    for (size_t i = r->anchors; i-- > 0;)
        if (strcmp(r->anchor[i].name, name) == 0)
            return copy(r, r->anchor[i].node);
    mistake_add(r->m, at, "no value is anchored as &%.60s before here", name);
    return NULL;
}

static const char *expected_instead(const char *problem)
{
    if (strstr(problem, "tab") || strstr(problem, "cannot start any token"))
        return " (values that begin with @, `, %, *, & or a tab need quotes)";
    if (strstr(problem, "did not find expected key") || strstr(problem, "could not find expected ':'"))
        return " (expected `key: value` at the same indentation as the line before)";
    if (strstr(problem, "mapping values are not allowed"))
        return " (a value that contains \": \" needs quotes; each key stands on its own line)";
    return "";
}

static void parser_mistake(struct reader *r, const char *bytes)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem ? p->problem : "cannot be read";
    if (p->error == YAML_READER_ERROR) {
        struct place at = place_of_offset(r, bytes, p->problem_offset);
        mistake_add(r->m, at, "not text in UTF-8: %s", problem);
        return;
    }
    mistake_add(r->m, place_of(r, p->problem_mark), "not YAML: %s%s", problem, expected_instead(problem));
}

static bool next(struct reader *r, yaml_event_t *ev, const char *bytes)
{
    if (yaml_parser_parse(&r->parser, ev))
        return true;
    parser_mistake(r, bytes);
    return false;
}

static struct yaml_node *value(struct reader *r, yaml_event_t *ev, unsigned depth, const char *bytes);

/* Reads a map's key out of ev; NULL with a mistake when it cannot be one. */
static const char *key_of(struct reader *r, const yaml_event_t *ev, const struct yaml_node *map)
{
    struct place at = place_of(r, ev->start_mark);
    if (ev->type != YAML_SCALAR_EVENT) {
        mistake_add(r->m, at, "a key must be a word");
        return NULL;
    }
    const char *key = store_bytes(r->store, (const char *)ev->data.scalar.value, ev->data.scalar.length);
    for (const struct yaml_node *c = map->first; c; c = c->next)
        if (c->key && strcmp(c->key, key) == 0)
            mistake_add(r->m, at, "key \"%.60s\" is given twice, first in line %u", key, c->key_at.line);
    return key;
}

static struct yaml_node *members(struct reader *r, struct yaml_node *of, unsigned depth, const char *bytes)
{
    struct yaml_node **last = &of->first;
    yaml_event_t ev;
    for (;;) {
        if (!next(r, &ev, bytes))
            return NULL;
        if (ev.type == YAML_MAPPING_END_EVENT || ev.type == YAML_SEQUENCE_END_EVENT)
            break;
        const char *key = NULL;
        struct place key_at = place_of(r, ev.start_mark);
        if (of->kind == YAML_MAP) {
            key = key_of(r, &ev, of);
            yaml_event_delete(&ev);
            if (!key || !next(r, &ev, bytes))
                return NULL;
        }
        *last = value(r, &ev, depth + 1, bytes); /* deletes the event */
        if (!*last)
            return NULL;
        (*last)->key = key;
        (*last)->key_at = key_at;
        last = &(*last)->next;
        of->count++;
    }
    yaml_event_delete(&ev);
    return of;
}

static const char *tag_of(const yaml_event_t *ev)
{
    const yaml_char_t *tag = ev->type == YAML_SCALAR_EVENT          ? ev->data.scalar.tag
                             : ev->type == YAML_SEQUENCE_START_EVENT ? ev->data.sequence_start.tag
                             : ev->type == YAML_MAPPING_START_EVENT  ? ev->data.mapping_start.tag
                                                                     : NULL;
    return (const char *)tag;
}

static struct yaml_node *value_of(struct reader *r, const yaml_event_t *ev, unsigned depth, const char *bytes)
{
    struct place at = place_of(r, ev->start_mark);
    if (tag_of(ev)) {
        mistake_add(r->m, at, "the tag \"%.60s\" is not understood; leave it out", tag_of(ev));
        return NULL;
    }
    if (depth > YAML_DEPTH_MOST) {
        mistake_add(r->m, at, "nested deeper than %d", YAML_DEPTH_MOST);
        return NULL;
    }
    const yaml_char_t *anchor = NULL;
    struct yaml_node *n = NULL;
    if (ev->type == YAML_ALIAS_EVENT)
        return alias(r, (const char *)ev->data.alias.anchor, at);
    if (ev->type == YAML_SCALAR_EVENT) {
        anchor = ev->data.scalar.anchor;
        n = node_new(r, YAML_SCALAR, at);
        if (n) {
            n->quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
            n->text = store_bytes(r->store, (const char *)ev->data.scalar.value, ev->data.scalar.length);
        }
        if (n && strlen(n->text) != ev->data.scalar.length) {
            mistake_add(r->m, at, "a value may not contain a NUL byte");
            return NULL;
        }
    } else {
        bool map = ev->type == YAML_MAPPING_START_EVENT;
        anchor = map ? ev->data.mapping_start.anchor : ev->data.sequence_start.anchor;
        n = node_new(r, map ? YAML_MAP : YAML_LIST, at);
    }
    const char *name = anchor ? store_text(r->store, (const char *)anchor) : NULL;
    if (n && n->kind != YAML_SCALAR)
        n = members(r, n, depth, bytes);
    anchor_set(r, name, n);
    return n;
}

static struct yaml_node *value(struct reader *r, yaml_event_t *ev, unsigned depth, const char *bytes)
{
    struct yaml_node *n = value_of(r, ev, depth, bytes);
    yaml_event_delete(ev);
    return n;
}

static struct yaml_node *document(struct reader *r, const char *bytes)
{
    yaml_event_t ev;
    struct yaml_node *root = NULL;
    for (;;) {
        if (!next(r, &ev, bytes))
            return NULL;
        yaml_event_type_t type = ev.type;
        if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_END_EVENT) {
            yaml_event_delete(&ev);
        } else if (type == YAML_STREAM_END_EVENT) {
            yaml_event_delete(&ev);
            break;
        } else if (type == YAML_DOCUMENT_START_EVENT) {
            struct place at = place_of(r, ev.start_mark);
            yaml_event_delete(&ev);
            if (root) {
                mistake_add(r->m, at, "a second document begins here; one file holds one");
                return NULL;
            }
        } else {
            root = value(r, &ev, 1, bytes);
            if (!root)
                return NULL;
        }
    }
    if (!root)
        mistake_add(r->m, (struct place){r->file, 1, 1}, "the file is empty");
    return root;
}

struct yaml_node *yaml_parse(struct store *store, const char *file, const char *bytes, size_t n, struct mistakes *m)
{
    struct reader r = {.store = store, .m = m, .file = store_text(store, file)};
    if (n > YAML_SIZE_MOST) {
        mistake_add(m, (struct place){r.file, 0, 0}, "larger than %d bytes", YAML_SIZE_MOST);
        return NULL;
    }
    if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        n -= 3;
    }
    if (!yaml_parser_initialize(&r.parser)) {
        mistake_add(m, (struct place){r.file, 0, 0}, "out of memory");
        return NULL;
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)bytes, n);
    size_t before = m->count;
    struct yaml_node *root = document(&r, bytes);
    yaml_parser_delete(&r.parser);
    if (root && root->kind != YAML_MAP)
        mistake_add(m, root->at, "expected `key: value` lines, found %s", yaml_kind_name(root));
    return m->count == before ? root : NULL;
}

struct yaml_node *yaml_read(struct store *store, const char *path, struct buf *text, struct mistakes *m)
{
    struct buf bytes = {0};
    struct err e = {0};
    struct yaml_node *root = NULL;
    if (file_read(path, YAML_SIZE_MOST, &bytes, &e)) {
        size_t n = strlen(path);
        const char *why = strncmp(e.text, path, n) == 0 && e.text[n] == ':' ? e.text + n + 2 : e.text;
        mistake_add(m, (struct place){store_text(store, path), 0, 0}, "%s", why);
    } else
        root = yaml_parse(store, path, buf_text(&bytes), bytes.size, m);
    if (root && text)
        buf_add(text, buf_text(&bytes), bytes.size);
    buf_free(&bytes);
    return root;
}

struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
    if (!map || map->kind != YAML_MAP)
        return NULL;
    for (struct yaml_node *c = map->first; c; c = c->next)
        if (strcmp(c->key, key) == 0)
            return c;
    return NULL;
}

bool yaml_empty(const struct yaml_node *n)
{
    return n->kind == YAML_SCALAR && !n->quoted && (!*n->text || strcmp(n->text, "~") == 0 || strcmp(n->text, "null") == 0);
}

const char *yaml_kind_name(const struct yaml_node *n)
{
    if (n->kind == YAML_SCALAR)
        return yaml_empty(n) ? "nothing" : "a single value";
    return n->kind == YAML_LIST ? "a list" : "a map";
}
