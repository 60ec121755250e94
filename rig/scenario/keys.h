/* SPDX-License-Identifier: GPL-3.0-or-later
 * Maps of YAML read by tables: one row per key checks it, stores it, fills in its default,
     and describes it to `list` and to the JSON
 * Schema. */
#ifndef SCENARIO_KEYS_H
#define SCENARIO_KEYS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/option.h"
#include "scenario/scenario.h"
#include "scenario/yaml.h"

struct json;

enum { KEYS_ROWS = 40 }; /* of one table */

/* What reading needs. $name in a value stands for the axis of that name where substitutes is set. */
struct keys_reader {
    struct mistakes *m;
    struct store *store;
    const struct scenario_words *words; /* may be NULL */
    bool substitutes;
    size_t axes;
    struct { const char *name; const struct yaml_node *value; } axis[SCENARIO_AXES];
};

enum keys_kind {
    KEYS_VALUE,  /* one value, after row.type */
    KEYS_VALUES, /* a list of texts or words, or one; stored as const char * */
    KEYS_MAP,    /* a map after table, stored in the member */
    KEYS_MAPS,   /* a list of maps after table, or one */
    KEYS_OWN,    /* read() knows */
};

struct keys_row {
    struct option_row value; /* name, help, required, default and, of values, type and bounds */
    enum keys_kind kind;
    size_t at, size;         /* the member of the target: offset, and size of one element */
    size_t count_at, most;   /* of lists: offset of the size_t that counts, and room */
    const struct keys_row *table;
    void (*read)(struct keys_reader *r, const struct yaml_node *n, void *target); /* target: the whole struct */
    struct json *(*schema)(const struct scenario_words *words);                   /* of KEYS_OWN */
};

#define KEYS_END {.value = {.name = NULL}}
/* Rows of a member: KEYS_AT(struct profile, name). An array's element size is that of one. */
#define KEYS_AT(type, member) .at = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define KEYS_LIST(type, member, counter) \
    .at = offsetof(type, member), .size = sizeof(((type *)0)->member[0]), .count_at = offsetof(type, counter), \
    .most = sizeof(((type *)0)->member) / sizeof(((type *)0)->member[0])

/* Reads a map into target after table (ends with a NULL name). Mistakes go to r->m. */
void keys_read(struct keys_reader *r, const struct keys_row *table, const struct yaml_node *map, void *target);
/* A single value after row. False with a mistake. The text lives in r->store. */
bool keys_value(struct keys_reader *r, const struct option_row *row, const struct yaml_node *n, uint64_t *number,
    const char **word);
/* A value or, of numbers, {random: [low, high]}. */
bool keys_range(struct keys_reader *r, const struct option_row *row, const struct yaml_node *n, struct scenario_value *out);
/* Keys of map that are options of owner, into out by row; those for which skip says true are left alone. Then defaults; what is
 * required and absent is a mistake at the map's place. */
void keys_options(struct keys_reader *r, const struct option_owner *owner, const struct yaml_node *map, const char *const *skip,
                  struct scenario_value *out, size_t room);
/* A whole `$axis` becomes the axis's value; anything else is itself. */
const struct yaml_node *keys_node(struct keys_reader *r, const struct yaml_node *n);
/* A scalar's text with axes put in; NULL with a mistake when it is none. what: for the message. */
const char *keys_text(struct keys_reader *r, const char *what, const struct yaml_node *n);
bool keys_want(struct keys_reader *r, const char *what, const struct yaml_node *n, enum yaml_kind kind);
/* How often the owner's rows go: until the NULL name, at most room. */
size_t keys_count(const struct option_owner *owner);

/* JSON Schema (draft 2020-12) of a table, and of an option. */
struct json *keys_schema(const struct keys_row *table, const struct scenario_words *words);
struct json *keys_schema_option(const struct option_row *row, bool axes, bool ranges); /* are $axis, {random: …} allowed? */
/* Adds the owner's options to an object schema's properties and its required ones to required (may be NULL). */
void keys_schema_owner(const struct option_owner *owner, bool axes, bool ranges, struct json *properties, struct json *required);
#endif
