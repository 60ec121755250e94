/* SPDX-License-Identifier: GPL-3.0-or-later
 * Image references: `v2`, `firmware/other.bin`, `{of: v2,
     truncate: 60%}`. Mutations and their options come from image.h's table. */
#include "scenario/scenario_parts.h"

#include "base/buf.h"
#include "scenario/store.h"
#include "base/value.h"

#include <string.h>

static const char *mutation_word(const void *ctx, size_t i)
{
    (void)ctx;
    const struct option_owner *o = image_mutation_row(i);
    return o ? o->name : NULL;
}

/* Keys of an image that are no mutation. */
static const char *const fixed[] = {"of", "file", "files", "mutate", "variant", "genuine", NULL};

/* ctx: the mutation that `mutate` names, whose options may stand beside it, or NULL. */
static const char *image_word(const void *ctx, size_t i)
{
    const size_t n = sizeof fixed / sizeof *fixed - 1, options = keys_count(ctx);
    if (i < n)
        return fixed[i];
    return i < n + options ? ((const struct option_owner *)ctx)->options[i - n].name : mutation_word(NULL, i - n - options);
}

static const struct option_owner *mutation_find(const char *name)
{
    const struct option_owner *o;
    for (size_t i = 0; (o = image_mutation_row(i)); i++)
        if (strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

static bool is_fixed(const char *key)
{
    for (size_t i = 0; fixed[i]; i++)
        if (strcmp(fixed[i], key) == 0)
            return true;
    return false;
}

static struct image_mutation *mutation_new(struct keys_reader *r, const struct yaml_node *n, const struct option_owner *row,
    struct scenario_image *out)
{
    if (out->mutations == SCENARIO_MUTATIONS) {
        mistake_add(r->m, n->at, "more than %d mutations of one image", SCENARIO_MUTATIONS);
        return NULL;
    }
    struct image_mutation *m = &out->mutation[out->mutations++];
    m->row = row;
    for (size_t i = 0; i < keys_count(row) && i < OPTION_MOST; i++)
        m->value[i].row = &row->options[i];
    return m;
}

static void set(struct keys_reader *r, const struct yaml_node *n, struct option_value *v)
{
    v->given = keys_value(r, v->row, n, &v->number, &v->text);
}

/* Options of a mutation out of a map; keys for which skip holds belong to somebody else. */
static void from_map(struct keys_reader *r, const struct yaml_node *map, struct image_mutation *m)
{
    for (size_t i = 0; i < OPTION_MOST && m->value[i].row; i++) {
        const struct yaml_node *n = yaml_get(map, m->value[i].row->name);
        if (n)
            set(r, n, &m->value[i]);
    }
}

static const char *option_word(const void *ctx, size_t i)
{
    const struct option_owner *o = ctx;
    return i < keys_count(o) ? o->options[i].name : NULL;
}

static bool has_option(const struct option_owner *o, const char *key)
{
    for (size_t i = 0; i < keys_count(o); i++)
        if (strcmp(o->options[i].name, key) == 0)
            return true;
    return false;
}

/* The option that a lone value is for: the first whose type takes it, so that `truncate: 60%` and `truncate: 4096` both work. */
static struct option_value *taker(struct keys_reader *r, const struct yaml_node *n, struct image_mutation *m)
{
    const char *text = n->kind == YAML_SCALAR ? keys_text(r, m->row->name, n) : NULL, *word;
    for (size_t i = 0; text && i < OPTION_MOST && m->value[i].row; i++) {
        struct buf why = {0};
        uint64_t number;
        bool ok = value_read(m->value[i].row, text, &number, &word, &why);
        buf_free(&why);
        if (ok)
            return &m->value[i];
    }
    return &m->value[0];
}

static bool plain_yes(const struct yaml_node *n)
{
    return yaml_empty(n) || (n->kind == YAML_SCALAR && strcmp(n->text, "true") == 0);
}

/* `NAME: value` */
static void shorthand(struct keys_reader *r, const char *name, const struct yaml_node *n, const struct option_owner *row,
    struct scenario_image *out)
{
    n = keys_node(r, n);
    struct image_mutation *m = mutation_new(r, n, row, out);
    if (!m)
        return;
    if (n->kind == YAML_MAP) {
        for (const struct yaml_node *c = n->first; c; c = c->next)
            if (!has_option(row, c->key))
                mistake_word(r->m, c->key_at, "mutation: key", c->key, option_word, row);
        from_map(r, n, m);
    } else if (n->kind == YAML_LIST) {
        mistake_add(r->m, n->at, "%s: expected a value or a map of options, found a list", name);
    } else if (!plain_yes(n) || (m->value[0].row && m->value[0].row->type == OPTION_BOOL)) {
        if (m->value[0].row)
            set(r, n, taker(r, n, m));
        else
            mistake_add(r->m, n->at, "%s: has no options, expected true", name);
    }
}

/* `mutate: NAME` with the options as neighbours, or `mutate: [NAME, {NAME: value}, …]`. */
static const struct option_owner *mutate(struct keys_reader *r, const struct yaml_node *n, const struct yaml_node *map,
    struct scenario_image *out)
{
    n = keys_node(r, n);
    if (n->kind == YAML_LIST) {
        for (const struct yaml_node *c = n->first; c; c = c->next) {
            const struct yaml_node *item = keys_node(r, c);
            const char *name = item->kind == YAML_MAP && item->count == 1 ? item->first->key : keys_text(r, "mutate", item);
            const struct option_owner *row = name ? mutation_find(name) : NULL;
            if (row && item->kind == YAML_MAP)
                shorthand(r, name, item->first, row, out);
            else if (row)
                mutation_new(r, item, row, out);
            else if (name)
                mistake_word(r->m, item->at, "mutate: mutation", name, mutation_word, NULL);
        }
        return NULL;
    }
    const char *name = keys_text(r, "mutate", n);
    const struct option_owner *row = name ? mutation_find(name) : NULL;
    struct image_mutation *m = row ? mutation_new(r, n, row, out) : NULL;
    if (m)
        from_map(r, map, m);
    else if (name && !row)
        mistake_word(r->m, n->at, "mutate: mutation", name, mutation_word, NULL);
    return row;
}

static void file_add(struct keys_reader *r, const struct yaml_node *n, struct scenario_image *out)
{
    const char *name = keys_text(r, "file", n);
    if (!name)
        return;
    if (out->files == SCENARIO_FILES) {
        mistake_add(r->m, n->at, "files: more than %d", SCENARIO_FILES);
        return;
    }
    const char *slash = strrchr(n->at.file, '/');
    bool beside = name[0] != '/' && slash;
    out->file[out->files++] = beside ? store_printf(r->store, "%.*s/%s", (int)(slash - n->at.file), n->at.file, name) : name;
}

static void files_read(struct keys_reader *r, const struct yaml_node *n, struct scenario_image *out)
{
    n = keys_node(r, n);
    if (n->kind != YAML_LIST)
        file_add(r, n, out);
    else
        for (const struct yaml_node *c = n->first; c; c = c->next)
            file_add(r, keys_node(r, c), out);
}

static void variant_read(struct keys_reader *r, const struct yaml_node *n, struct scenario_image *out)
{
    static const struct option_row row = {.name = "variant", .type = OPTION_COUNT, .high = 1000000};
    uint64_t x;
    const char *word;
    if (keys_value(r, &row, n, &x, &word))
        out->variant = (unsigned)x;
}

static void genuine_read(struct keys_reader *r, const struct yaml_node *n, struct scenario_image *out)
{
    static const struct option_row row = {.name = "genuine", .type = OPTION_BOOL};
    uint64_t x = 0;
    const char *word;
    if (keys_value(r, &row, n, &x, &word))
        out->genuine = x != 0;
}

static void map_read(struct keys_reader *r, const struct yaml_node *map, struct scenario_image *out)
{
    const struct yaml_node *of = yaml_get(map, "of");
    bool files = yaml_get(map, "file") || yaml_get(map, "files");
    const struct option_owner *named = NULL;
    if (of && files)
        mistake_add(r->m, map->at, "image: either \"of\" or \"file\", not both");
    else if (of)
        out->name = keys_text(r, "of", of);
    else if (!files)
        mistake_add(r->m, map->at, "image: \"of\" is missing (which image of the DUT profile)");
    if (yaml_get(map, "mutate"))
        named = mutate(r, yaml_get(map, "mutate"), map, out);
    for (const struct yaml_node *c = map->first; c; c = c->next) {
        const struct option_owner *row = mutation_find(c->key);
        if (strcmp(c->key, "file") == 0 || strcmp(c->key, "files") == 0)
            files_read(r, c, out);
        else if (strcmp(c->key, "variant") == 0)
            variant_read(r, c, out);
        else if (strcmp(c->key, "genuine") == 0)
            genuine_read(r, c, out);
        else if (is_fixed(c->key) || (named && has_option(named, c->key)))
            continue;
        else if (row)
            shorthand(r, c->key, c, row, out);
        else
            mistake_word(r->m, c->key_at, "image: key", c->key, image_word, named);
    }
}

static void print_mutation(const struct image_mutation *m, struct buf *out)
{
    size_t given = 0;
    buf_printf(out, "+%s", m->row->name);
    for (size_t i = 0; i < OPTION_MOST && m->value[i].row; i++) {
        if (!m->value[i].given)
            continue;
        buf_printf(out, "%s%s=", given++ ? "," : "(", m->value[i].row->name);
        value_print(m->value[i].row, m->value[i].number, m->value[i].text, out);
    }
    buf_str(out, given ? ")" : "");
}

static const char *canonical(struct keys_reader *r, const struct scenario_image *image)
{
    struct buf out = {0};
    buf_str(&out, image->name ? image->name : "");
    for (size_t i = 0; i < image->files; i++) {
        const char *slash = strrchr(image->file[i], '/');
        buf_printf(&out, "%s%s", i ? "," : "", slash ? slash + 1 : image->file[i]);
    }
    for (size_t i = 0; i < image->mutations; i++)
        print_mutation(&image->mutation[i], &out);
    if (image->variant)
        buf_printf(&out, "#%u", image->variant);
    if (image->genuine)
        buf_str(&out, "!");
    const char *text = store_text(r->store, buf_text(&out));
    buf_free(&out);
    return text;
}

static bool looks_like_a_file(const char *text)
{
    size_t n = strlen(text);
    return strchr(text, '/') || (n > 4 && strcmp(text + n - 4, ".bin") == 0);
}

void scenario_image_name(struct keys_reader *r, struct place at, const char *name)
{
    const struct scenario_words *w = r->words;
    const char *word = NULL;
    if (!name || !w || !w->image)
        return;
    for (size_t i = 0; (word = w->image(w->image_ctx, i)); i++)
        if (strcmp(word, name) == 0)
            return;
    mistake_word(r->m, at, "image", name, w->image, w->image_ctx);
}

void scenario_image_read(struct keys_reader *r, const struct yaml_node *n, struct scenario_image *out)
{
    n = keys_node(r, n);
    *out = (struct scenario_image){.place = n->at};
    if (n->kind == YAML_MAP)
        map_read(r, n, out);
    else {
        const char *text = keys_text(r, "image", n);
        if (text && looks_like_a_file(text))
            file_add(r, n, out);
        else
            out->name = text;
    }
    scenario_image_name(r, n->at, out->name);
    out->text = canonical(r, out);
}
