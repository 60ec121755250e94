/* SPDX-License-Identifier: GPL-3.0-or-later
 * JSON Schema (draft 2020-12) out of the tables that read. */
#include "scenario/keys.h"

#include "base/json.h"

#include <stdio.h>

static struct json *typed(const char *type)
{
    struct json *j = json_object();
    json_add_str(j, "type", type);
    return j;
}

static struct json *patterned(const char *pattern)
{
    struct json *j = typed("string");
    json_add_str(j, "pattern", pattern);
    return j;
}

static struct json *any_of(struct json *a, struct json *b, struct json *c)
{
    struct json *j = json_object(), *list = json_array();
    json_push(list, a);
    json_push(list, b);
    if (c)
        json_push(list, c);
    json_add(j, "anyOf", list);
    return j;
}

static struct json *bounded(const struct option_row *row)
{
    struct json *j = typed("integer");
    json_add_int(j, "minimum", (int64_t)row->low);
    if (row->high && row->high <= INT64_MAX)
        json_add_int(j, "maximum", (int64_t)row->high);
    return j;
}

static struct json *words(const char *const *list)
{
    struct json *j = json_object(), *items = json_array();
    for (; list && *list; list++)
        json_push_str(items, *list);
    json_add(j, "enum", items);
    return j;
}

/* In a scenario a value may also be $axis of the matrix. */
static const char axis_pattern[] = "^\\$[A-Za-z0-9_]+$";

static struct json *plain(const struct option_row *row, bool axes)
{
    struct json *axis = axes ? patterned(axis_pattern) : NULL;
    switch (row->type) {
    case OPTION_TIME: return any_of(patterned("^[0-9]+(\\.[0-9]+)? ?(ns|us|µs|ms|s|m|h|d)$"), words((const char *const[]){"0",
        NULL}), axis);
    case OPTION_BYTES: return any_of(bounded(row), patterned("^([0-9]+(\\.[0-9]+)? ?(B|kB|KiB|MB|MiB|GB|GiB)?|0x[0-9A-Fa-f]+)$"),
        axis);
    case OPTION_COUNT: return any_of(bounded(row), patterned("^(0x[0-9A-Fa-f]+|[0-9]+)$"), axis);
    case OPTION_PERCENT: return any_of(typed("number"), patterned("^[0-9]+(\\.[0-9]+)? ?%?$"), axis);
    case OPTION_BOOL: return axis ? any_of(typed("boolean"), axis, NULL) : typed("boolean");
    case OPTION_DATE: return any_of(typed("integer"), patterned("^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$"), axis);
    case OPTION_WORD: return axis ? any_of(words(row->words), axis, NULL) : words(row->words);
    default: break;
    }
    json_free(axis);
    return any_of(typed("string"), typed("number"), NULL);
}

static struct json *range(const struct option_row *row, bool axes)
{
    struct json *j = typed("object"), *properties = json_object(), *list = typed("array"), *required = json_array();
    json_add(list, "items", plain(row, axes));
    json_add_int(list, "minItems", 2);
    json_add_int(list, "maxItems", 2);
    json_add(properties, "random", list);
    json_push_str(required, "random");
    json_add(j, "properties", properties);
    json_add(j, "required", required);
    json_add_bool(j, "additionalProperties", false);
    return j;
}

static void describe(struct json *j, const struct option_row *row)
{
    if (!json_has(j, "description"))
        json_add_str(j, "description", row->help);
    json_add_str(j, "default", row->otherwise);
}

struct json *keys_schema_option(const struct option_row *row, bool axes, bool ranges)
{
    bool number = row->type == OPTION_TIME || row->type == OPTION_BYTES || row->type == OPTION_COUNT ||
        row->type == OPTION_PERCENT;
    struct json *j = plain(row, axes);
    if (ranges && number)
        j = any_of(j, range(row, axes), NULL);
    describe(j, row);
    return j;
}

void keys_schema_owner(const struct option_owner *owner, bool axes, bool ranges, struct json *properties, struct json *required)
{
    for (size_t i = 0; i < keys_count(owner); i++) {
        const struct option_row *row = &owner->options[i];
        if (json_has(properties, row->name))
            continue;
        json_add(properties, row->name, keys_schema_option(row, axes, ranges));
        if (row->required && required)
            json_push_str(required, row->name);
    }
}

static struct json *one_or_list(struct json *(*item)(const struct keys_row *row, const struct scenario_words *w),
    const struct keys_row *row,
                                const struct scenario_words *w)
{
    struct json *list = typed("array");
    json_add(list, "items", item(row, w));
    json_add_int(list, "maxItems", (int64_t)row->most);
    return any_of(item(row, w), list, NULL);
}

static struct json *value_item(const struct keys_row *row, const struct scenario_words *w)
{
    (void)w;
    return plain(&row->value, false);
}

static struct json *map_item(const struct keys_row *row, const struct scenario_words *w)
{
    return keys_schema(row->table, w);
}

static struct json *row_schema(const struct keys_row *row, const struct scenario_words *w)
{
    switch (row->kind) {
    case KEYS_VALUES: return one_or_list(value_item, row, w);
    case KEYS_MAPS: return one_or_list(map_item, row, w);
    case KEYS_MAP: return keys_schema(row->table, w);
    case KEYS_OWN: return row->schema ? row->schema(w) : plain(&row->value, false);
    default: return plain(&row->value, false);
    }
}

struct json *keys_schema(const struct keys_row *table, const struct scenario_words *w)
{
    struct json *j = typed("object"), *properties = json_object(), *required = json_array();
    for (const struct keys_row *row = table; row->value.name; row++) {
        struct json *one = row_schema(row, w);
        describe(one, &row->value);
        json_add(properties, row->value.name, one);
        if (row->value.required)
            json_push_str(required, row->value.name);
    }
    json_add(j, "properties", properties);
    json_add(j, "required", required);
    json_add_bool(j, "additionalProperties", false);
    return j;
}
