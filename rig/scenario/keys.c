/* SPDX-License-Identifier: GPL-3.0-or-later
 * Maps of YAML read by tables. */
#include "scenario/keys.h"

#include "base/buf.h"
#include "scenario/store.h"
#include "base/value.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *axis_word(const void *ctx, size_t i)
{
    const struct keys_reader *r = ctx;
    return i < r->axes ? r->axis[i].name : NULL;
}

static bool name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static const struct yaml_node *axis_find(struct keys_reader *r, const struct yaml_node *where, const char *name, size_t n)
{
    for (size_t i = 0; i < r->axes; i++)
        if (strlen(r->axis[i].name) == n && memcmp(r->axis[i].name, name, n) == 0)
            return r->axis[i].value;
    mistake_word(r->m, where->at, "matrix: axis", store_bytes(r->store, name, n), axis_word, r);
    return NULL;
}

const struct yaml_node *keys_node(struct keys_reader *r, const struct yaml_node *n)
{
    if (!r->substitutes || n->kind != YAML_SCALAR || n->text[0] != '$' || !name_char(n->text[1]))
        return n;
    size_t length = 1;
    while (name_char(n->text[length]))
        length++;
    if (n->text[length])
        return n;
    const struct yaml_node *value = axis_find(r, n, n->text + 1, length - 1);
    return value ? value : n;
}

/* Axes inside a longer text: "at-$n-bytes". A $ that no name follows stays as it is, and $$ is one $. */
static const char *substituted(struct keys_reader *r, const struct yaml_node *n)
{
    struct buf out = {0};
    for (const char *p = n->text; *p;) {
        if (p[0] == '$' && p[1] == '$') {
            buf_char(&out, '$');
            p += 2;
        } else if (p[0] != '$' || !name_char(p[1])) {
            buf_char(&out, *p++);
        } else {
            size_t length = 1;
            while (name_char(p[length]))
                length++;
            const struct yaml_node *value = axis_find(r, n, p + 1, length - 1);
            if (value && value->kind != YAML_SCALAR)
                mistake_add(r->m, n->at, "matrix: %.*s is %s and cannot stand inside a text", (int)length, p,
                    yaml_kind_name(value));
            buf_str(&out, value && value->kind == YAML_SCALAR ? value->text : "");
            p += length;
        }
    }
    const char *text = store_text(r->store, buf_text(&out));
    buf_free(&out);
    return text;
}

bool keys_want(struct keys_reader *r, const char *what, const struct yaml_node *n, enum yaml_kind kind)
{
    if (n->kind == kind && !(kind == YAML_SCALAR && yaml_empty(n)))
        return true;
    mistake_add(r->m, n->at, "%s: expected %s, found %s", what, kind == YAML_SCALAR ? "a single value" : kind == YAML_LIST
        ? "a list" : "a map",
                yaml_kind_name(n));
    return false;
}

const char *keys_text(struct keys_reader *r, const char *what, const struct yaml_node *n)
{
    n = keys_node(r, n);
    if (!keys_want(r, what, n, YAML_SCALAR))
        return NULL;
    return r->substitutes && strchr(n->text, '$') ? substituted(r, n) : n->text;
}

bool keys_value(struct keys_reader *r, const struct option_row *row, const struct yaml_node *n, uint64_t *number,
    const char **word)
{
    const char *text = keys_text(r, row->name, n);
    struct buf why = {0};
    bool ok = text && value_read(row, text, number, word, &why);
    if (text && !ok)
        mistake_add(r->m, n->at, "%s: \"%.60s\": %s", row->name, text, buf_text(&why));
    buf_free(&why);
    return ok;
}

static bool is_number(enum option_type type)
{
    return type == OPTION_TIME || type == OPTION_BYTES || type == OPTION_COUNT || type == OPTION_PERCENT;
}

bool keys_range(struct keys_reader *r, const struct option_row *row, const struct yaml_node *n, struct scenario_value *out)
{
    n = keys_node(r, n);
    *out = (struct scenario_value){.row = row, .given = true};
    if (n->kind != YAML_MAP || !is_number(row->type)) {
        if (!keys_value(r, row, n, &out->low, &out->text))
            return false;
        out->high = out->low;
        return true;
    }
    const struct yaml_node *list = yaml_get(n, "random");
    if (!list || n->count != 1 || list->kind != YAML_LIST || list->count != 2) {
        mistake_add(r->m, n->at, "%s: expected %s or {random: [low, high]}", row->name, value_type_name(row->type));
        return false;
    }
    const char *word;
    bool low = keys_value(r, row, list->first, &out->low, &word), high = keys_value(r, row, list->first->next, &out->high, &word);
    if (low && high && out->low > out->high) {
        mistake_add(r->m, list->at, "%s: the lower end of the range comes first", row->name);
        return false;
    }
    out->random = out->low != out->high;
    return low && high;
}

size_t keys_count(const struct option_owner *owner)
{
    size_t n = 0;
    while (owner && owner->options && owner->options[n].name)
        n++;
    return n;
}

/* A default that does not read as its row says counts as none; a test reads the defaults of all tables. */
static void option_default(const struct option_row *row, struct scenario_value *out)
{
    struct buf why = {0};
    *out = (struct scenario_value){.row = row};
    if (row->otherwise && !value_read(row, row->otherwise, &out->low, &out->text, &why))
        out->low = 0;
    out->high = out->low;
    buf_free(&why);
}

static bool listed(const char *const *list, const char *word)
{
    for (; list && *list; list++)
        if (strcmp(*list, word) == 0)
            return true;
    return false;
}

void keys_options(struct keys_reader *r, const struct option_owner *owner, const struct yaml_node *map, const char *const *skip,
                  struct scenario_value *out, size_t room)
{
    size_t count = keys_count(owner);
    for (size_t i = 0; i < count && i < room; i++) {
        const struct option_row *row = &owner->options[i];
        const struct yaml_node *n = listed(skip, row->name) ? NULL : yaml_get(map, row->name);
        option_default(row, &out[i]);
        if (n)
            keys_range(r, row, n, &out[i]);
        else if (row->required)
            mistake_add(r->m, map->at, "%s: \"%s\" is missing (%s)", owner->name, row->name, row->help);
    }
}

static void store_number(const struct keys_row *row, void *target, uint64_t x)
{
    unsigned char *to = (unsigned char *)target + row->at;
    uint8_t x8 = (uint8_t)x;
    uint16_t x16 = (uint16_t)x;
    uint32_t x32 = (uint32_t)x;
    bool flag = x != 0;
    if (row->value.type == OPTION_BOOL)
        memcpy(to, &flag, sizeof flag);
    else
        memcpy(to, row->size == 1 ? (void *)&x8 : row->size == 2 ? (void *)&x16 : row->size == 4 ? (void *)&x32 : (void *)&x,
            row->size);
}

static void store_value(const struct keys_row *row, void *target, uint64_t number, const char *word)
{
    if (row->value.type == OPTION_WORD || row->value.type == OPTION_TEXT)
        memcpy((unsigned char *)target + row->at, &word, sizeof word);
    else
        store_number(row, target, number);
}

/* The next free element of a list, NULL with a mistake when it is full. */
static void *element(struct keys_reader *r, const struct keys_row *row, const struct yaml_node *n, void *target)
{
    size_t *count = (size_t *)(void *)((unsigned char *)target + row->count_at);
    if (*count == row->most) {
        mistake_add(r->m, n->at, "%s: more than %zu", row->value.name, row->most);
        return NULL;
    }
    return (unsigned char *)target + row->at + row->size * (*count)++;
}

static void list_item(struct keys_reader *r, const struct keys_row *row, const struct yaml_node *n, void *target)
{
    n = keys_node(r, n);
    if (row->kind == KEYS_MAPS) {
        if (!keys_want(r, row->value.name, n, YAML_MAP))
            return;
        void *to = element(r, row, n, target);
        if (to)
            keys_read(r, row->table, n, to);
        return;
    }
    uint64_t number;
    const char *word;
    if (!keys_value(r, &row->value, n, &number, &word))
        return;
    void *to = element(r, row, n, target);
    if (to)
        memcpy(to, &word, sizeof word);
}

static void read_row(struct keys_reader *r, const struct keys_row *row, const struct yaml_node *n, void *target)
{
    uint64_t number;
    const char *word;
    n = keys_node(r, n);
    switch (row->kind) {
    case KEYS_VALUE:
        if (keys_value(r, &row->value, n, &number, &word))
            store_value(row, target, number, word);
        break;
    case KEYS_VALUES:
    case KEYS_MAPS:
        if (n->kind != YAML_LIST)
            list_item(r, row, n, target);
        else
            for (const struct yaml_node *c = n->first; c; c = c->next)
                list_item(r, row, c, target);
        break;
    case KEYS_MAP:
        if (keys_want(r, row->value.name, n, YAML_MAP))
            keys_read(r, row->table, n, (unsigned char *)target + row->at);
        break;
    case KEYS_OWN: row->read(r, n, target); break;
    }
}

static void row_absent(struct keys_reader *r, const struct keys_row *row, const struct yaml_node *map, void *target)
{
    struct scenario_value v;
    if (row->value.required)
        mistake_add(r->m, map->at, "key \"%s\" is missing (%s)", row->value.name, row->value.help);
    else if (row->kind == KEYS_VALUE && row->value.otherwise) {
        option_default(&row->value, &v);
        store_value(row, target, v.low, v.text);
    } else if (row->kind == KEYS_MAP) {
        /* a map of defaults only; its own required keys are asked for only when it is there */
        for (const struct keys_row *t = row->table; t->value.name; t++)
            if (!t->value.required)
                row_absent(r, t, map, (unsigned char *)target + row->at);
    }
}

static const char *row_word(const void *ctx, size_t i)
{
    return ((const struct keys_row *)ctx)[i].value.name;
}

void keys_read(struct keys_reader *r, const struct keys_row *table, const struct yaml_node *map, void *target)
{
    for (const struct yaml_node *c = map->first; c; c = c->next) {
        const struct keys_row *row = table;
        while (row->value.name && strcmp(row->value.name, c->key) != 0)
            row++;
        if (!row->value.name)
            mistake_word(r->m, c->key_at, "key", c->key, row_word, table);
    }
    /* the table's order: later rows may build on earlier ones */
    for (const struct keys_row *row = table; row->value.name; row++) {
        const struct yaml_node *n = yaml_get(map, row->value.name);
        if (n)
            read_row(r, row, n, target);
        else
            row_absent(r, row, map, target);
    }
}
