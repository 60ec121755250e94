/* SPDX-License-Identifier: GPL-3.0-or-later
 * YAML files as a tree in which every node knows its place. Read by libyaml; anchors are expanded within bounds, tags and several
 * documents are refused. */
#ifndef SCENARIO_YAML_H
#define SCENARIO_YAML_H
#include <stdbool.h>
#include <stddef.h>

#include "scenario/mistake.h"

struct store;

enum { YAML_SIZE_MOST = 256 * 1024, YAML_DEPTH_MOST = 24, YAML_NODES_MOST = 20000 };
enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
    enum yaml_kind kind;
    struct place at;
    const char *text; /* of scalars; "" of an empty value */
    bool quoted;      /* of scalars; `~`, `null` and nothing at all are empty only when not quoted */
    const char *key;  /* of a map's members */
    struct place key_at;
    struct yaml_node *first, *next; /* members in the order of the file */
    size_t count;                   /* of members */
};

/* Parses n bytes; all that the tree consists of lives in store, file as well. NULL with at least one mistake. */
struct yaml_node *yaml_parse(struct store *store, const char *file, const char *bytes, size_t n, struct mistakes *m);
/* Reads the file and parses it. text: receives its bytes, may be NULL. */
struct yaml_node *yaml_read(struct store *store, const char *path, struct buf *text, struct mistakes *m);
struct yaml_node *yaml_get(const struct yaml_node *map, const char *key); /* NULL when absent or map is none */
bool yaml_empty(const struct yaml_node *n);    /* nothing, ~ or null */
const char *yaml_kind_name(const struct yaml_node *n); /* "a list", … for messages */
#endif
