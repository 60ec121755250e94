/* SPDX-License-Identifier: GPL-3.0-or-later
 * The parts of a profile whose keys are names: images, console patterns, word lists; and the checks over the whole. */
#include "scenario/profile_parts.h"

#include "base/err.h"
#include "base/json.h"
#include "base/regex.h"

#include <stdlib.h>
#include <string.h>

/* --- images --- */

static size_t slot_index(const struct profile *p, const char *name)
{
    size_t i = 0;
    while (i < p->slots && strcmp(p->slot[i].name, name) != 0)
        i++;
    return i;
}

static const char *slot_word(const void *ctx, size_t i)
{
    const struct profile *p = ctx;
    return i == 0 ? "version" : i == 1 ? "deltas" : i <= p->slots + 1 ? p->slot[i - 2].name : NULL;
}

static const char *delta_word(const void *ctx, size_t i)
{
    const struct profile *p = ctx;
    return i == 0 ? "from" : i <= p->slots ? p->slot[i - 1].name : NULL;
}

static void delta_read(struct keys_reader *r, const struct yaml_node *n, struct profile *p, struct profile_delta *out)
{
    out->place = n->at;
    for (const struct yaml_node *c = n->first; c; c = c->next) {
        size_t slot = slot_index(p, c->key);
        if (strcmp(c->key, "from") == 0)
            out->from = keys_text(r, c->key, c);
        else if (slot == p->slots)
            mistake_word(r->m, c->key_at, "delta: slot", c->key, delta_word, p);
        else
            out->file[slot] = keys_text(r, c->key, c);
    }
    if (!yaml_get(n, "from"))
        mistake_add(r->m, n->at, "delta: key \"from\" is missing");
}

static void deltas_read(struct keys_reader *r, const struct yaml_node *n, struct profile *p, struct profile_image *image)
{
    if (!keys_want(r, "deltas", n, YAML_LIST))
        return;
    for (const struct yaml_node *c = n->first; c; c = c->next) {
        if (image->deltas == PROFILE_DELTAS)
            mistake_add(r->m, c->at, "deltas: more than %d", PROFILE_DELTAS);
        else if (keys_want(r, "delta", c, YAML_MAP))
            delta_read(r, c, p, &image->delta[image->deltas++]);
    }
}

static void image_read(struct keys_reader *r, const struct yaml_node *n, struct profile *p)
{
    struct profile_image *image = &p->image[p->images++];
    size_t files = 0;
    image->name = n->key;
    image->place = n->key_at;
    for (const struct yaml_node *c = n->first; c; c = c->next) {
        if (strcmp(c->key, "deltas") == 0) {
            deltas_read(r, c, p, image);
            continue;
        }
        const char *text = keys_text(r, c->key, c);
        size_t slot = slot_index(p, c->key);
        struct image_version v;
        if (strcmp(c->key, "version") == 0) {
            image->version = text;
            if (text && !image_version_read(text, &v))
                mistake_add(r->m, c->at, "version: \"%.60s\": expected one such as 1.2.3", text);
        } else if (slot == p->slots)
            mistake_word(r->m, c->key_at, "image: slot", c->key, slot_word, p);
        else {
            image->file[slot] = text;
            files++;
        }
    }
    if (!yaml_get(n, "version"))
        mistake_add(r->m, n->at, "image %s: key \"version\" is missing", n->key);
    if (!files)
        mistake_add(r->m, n->at, "image %s: no file for any slot", n->key);
}

void profile_images_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    struct profile *p = target;
    if (!keys_want(r, "images", n, YAML_MAP))
        return;
    for (const struct yaml_node *c = n->first; c; c = c->next) {
        if (p->images == PROFILE_IMAGES) {
            mistake_add(r->m, c->key_at, "images: more than %d", PROFILE_IMAGES);
            return;
        }
        if (keys_want(r, c->key, c, YAML_MAP))
            image_read(r, c, p);
    }
}

/* --- patterns --- */

static const char *kind_word(const void *ctx, size_t i)
{
    (void)ctx;
    return profile_kind(i) ? profile_kind(i)->name : NULL;
}

static const char *field_word(const void *ctx, size_t i)
{
    const struct profile_kind *k = ctx;
    return i < PROFILE_FIELDS ? k->field[i].name : NULL;
}

static bool has_field(const struct profile_kind *k, const char *name)
{
    const char *w;
    for (size_t i = 0; (w = field_word(k, i)); i++)
        if (strcmp(w, name) == 0)
            return true;
    return false;
}

static const struct profile_kind *kind_read(struct keys_reader *r, const struct yaml_node *map)
{
    const struct yaml_node *n = yaml_get(map, "kind");
    const char *name = n ? keys_text(r, "kind", n) : NULL;
    if (!n)
        mistake_add(r->m, map->at, "pattern: key \"kind\" is missing");
    for (size_t i = 0; name && profile_kind(i); i++)
        if (strcmp(profile_kind(i)->name, name) == 0)
            return profile_kind(i);
    if (name)
        mistake_word(r->m, n->at, "pattern: kind", name, kind_word, NULL);
    return NULL;
}

static struct regex *match_read(struct keys_reader *r, const struct yaml_node *map, const struct profile_kind *kind)
{
    const struct yaml_node *n = yaml_get(map, "match");
    const char *text = n ? keys_text(r, "match", n) : NULL;
    struct err e = {0};
    if (!n)
        mistake_add(r->m, map->at, "pattern: key \"match\" is missing");
    struct regex *match = text ? regex_new(text, &e) : NULL;
    if (text && !match)
        mistake_add(r->m, n->at, "match: %s", e.text);
    for (size_t i = 0; match && i < regex_names(match); i++)
        if (!has_field(kind, regex_name(match, i)))
            mistake_word(r->m, n->at, "match: field", regex_name(match, i), field_word, kind);
    return match;
}

static void set_read(struct keys_reader *r, const struct yaml_node *n, struct profile_pattern *p)
{
    if (!keys_want(r, "set", n, YAML_MAP))
        return;
    for (const struct yaml_node *c = n->first; c; c = c->next) {
        const char *text = keys_text(r, c->key, c);
        if (!has_field(p->kind, c->key))
            mistake_word(r->m, c->key_at, "set: field", c->key, field_word, p->kind);
        else if (text && p->sets < PROFILE_FIELDS)
            p->set[p->sets++] = (struct profile_word){c->key, text};
    }
}

static const char *pattern_word(const void *ctx, size_t i)
{
    static const char *const words[] = {"kind", "match", "set", NULL};
    (void)ctx;
    return words[i];
}

static void pattern_read(struct keys_reader *r, const struct yaml_node *n, struct profile *p)
{
    for (const struct yaml_node *c = n->first; c; c = c->next)
        if (strcmp(c->key, "kind") != 0 && strcmp(c->key, "match") != 0 && strcmp(c->key, "set") != 0)
            mistake_word(r->m, c->key_at, "pattern: key", c->key, pattern_word, NULL);
    const struct profile_kind *kind = kind_read(r, n);
    if (!kind)
        return;
    struct profile_pattern *pattern = &p->pattern[p->patterns];
    pattern->kind = kind;
    pattern->match = match_read(r, n, kind);
    if (yaml_get(n, "set"))
        set_read(r, yaml_get(n, "set"), pattern);
    if (pattern->match)
        p->patterns++;
}

void profile_patterns_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    struct profile *p = target;
    if (!keys_want(r, "patterns", n, YAML_LIST))
        return;
    for (const struct yaml_node *c = n->first; c; c = c->next) {
        if (p->patterns == PROFILE_PATTERNS) {
            mistake_add(r->m, c->at, "patterns: more than %d", PROFILE_PATTERNS);
            return;
        }
        if (keys_want(r, "pattern", c, YAML_MAP))
            pattern_read(r, c, p);
    }
}

/* --- words --- */

struct list { const char *(*get)(size_t i); };

static const char *list_word(const void *ctx, size_t i)
{
    return ((const struct list *)ctx)->get(i);
}

static void words_read(struct keys_reader *r, const struct yaml_node *n, const struct list *ours, struct profile_word *out,
    size_t *count)
{
    if (!keys_want(r, n->key, n, YAML_MAP))
        return;
    for (const struct yaml_node *c = n->first; c; c = c->next) {
        const char *word = keys_text(r, c->key, c), *w = NULL;
        size_t i = 0;
        while (word && (w = ours->get(i)) && strcmp(w, word) != 0)
            i++;
        if (word && !w)
            mistake_word(r->m, c->at, n->key, word, list_word, ours);
        else if (word && *count == PROFILE_WORDS)
            mistake_add(r->m, c->at, "%s: more than %d", n->key, PROFILE_WORDS);
        else if (word)
            out[(*count)++] = (struct profile_word){c->key, w};
    }
}

void profile_reasons_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    struct profile *p = target;
    words_read(r, n, &(struct list){profile_reason_name}, p->reason, &p->reasons);
}

void profile_stages_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    struct profile *p = target;
    words_read(r, n, &(struct list){profile_stage_name}, p->stage, &p->stages);
}

/* --- the whole --- */

struct span { const char *name; uint32_t base, size; const struct yaml_node *n; };

static size_t spans(const struct yaml_node *list, struct span *out, size_t count, size_t room)
{
    if (list && list->kind == YAML_LIST)
        for (const struct yaml_node *c = list->first; c && count < room; c = c->next)
            out[count++].n = c;
    else if (list && count < room)
        out[count++].n = list;
    return count;
}

static void overlaps(const struct profile *p, const struct yaml_node *map, struct mistakes *m)
{
    struct span s[PROFILE_REGIONS + PROFILE_SLOTS] = {0};
    const struct yaml_node *memory = yaml_get(map, "memory");
    size_t regions = spans(yaml_get(memory, "regions"), s, 0, PROFILE_REGIONS);
    size_t count = spans(yaml_get(memory, "slots"), s, regions, regions + PROFILE_SLOTS);
    if (regions != p->regions || count != p->regions + p->slots)
        return; /* some could not be read: told already */
    for (size_t i = 0; i < count; i++) {
        bool slot = i >= regions;
        s[i].name = slot ? p->slot[i - regions].name : p->region[i].name;
        s[i].base = slot ? p->slot[i - regions].base : p->region[i].base;
        s[i].size = slot ? p->slot[i - regions].size : p->region[i].size;
        if (!s[i].name || !s[i].size)
            continue;
        if (s[i].size - 1 > UINT32_MAX - s[i].base)
            mistake_add(m, s[i].n->at, "%s reaches beyond the 32-bit address space", s[i].name);
        for (size_t k = 0; k < i; k++) {
            if (!s[k].name)
                continue;
            if (s[i].base < s[k].base ? s[k].base - s[i].base < s[i].size : s[i].base - s[k].base < s[k].size)
                mistake_add(m, s[i].n->at, "%s (0x%08x, %u bytes) overlaps %s (0x%08x, %u bytes)", s[i].name, (unsigned)s[i].base,
                            (unsigned)s[i].size, s[k].name, (unsigned)s[k].base, (unsigned)s[k].size);
            if (strcmp(s[i].name, s[k].name) == 0)
                mistake_add(m, s[i].n->at, "the name %s is given twice", s[i].name);
        }
    }
}

static void image_exists(const struct profile *p, const struct yaml_node *n, const char *name, struct mistakes *m)
{
    if (n && name && p->images && !profile_find_image(p, name))
        mistake_word(m, n->at, "image", name, profile_image_word, p);
}

void profile_check(const struct profile *p, const struct yaml_node *map, struct mistakes *m)
{
    const struct yaml_node *console = yaml_get(map, "console"), *patterns = yaml_get(console, "patterns");
    bool running = false;
    overlaps(p, map, m);
    image_exists(p, yaml_get(map, "next"), p->next, m);
    for (size_t i = 0; i < p->images; i++)
        for (size_t k = 0; k < p->image[i].deltas; k++)
            if (p->image[i].delta[k].from && !profile_find_image(p, p->image[i].delta[k].from))
                mistake_word(m, p->image[i].delta[k].place, "image", p->image[i].delta[k].from, profile_image_word, p);
    image_exists(p, yaml_get(yaml_get(map, "factory"), "installed"), p->installed, m);
    for (size_t i = 0; i < p->patterns; i++)
        running = running || strcmp(p->pattern[i].kind->name, "running") == 0;
    if (patterns && !running && p->patterns)
        mistake_add(m, patterns->at, "patterns: none is of kind running, and no law can be judged without it");
    if (p->network.uart && p->network.uart == p->console.uart)
        mistake_add(m, yaml_get(map, "network")->at, "network: UART %u is the console's", p->network.uart);
}

/* --- which laws it can show --- */

static bool shows(const struct profile *p, const char *kind, const char *field)
{
    for (size_t i = 0; i < p->patterns; i++) {
        const struct profile_pattern *pattern = &p->pattern[i];
        if (strcmp(pattern->kind->name, kind) != 0)
            continue;
        for (size_t f = 0; field && f < regex_names(pattern->match); f++)
            if (strcmp(regex_name(pattern->match, f), field) == 0)
                return true;
        for (size_t f = 0; field && f < pattern->sets; f++)
            if (strcmp(pattern->set[f].theirs, field) == 0)
                return true;
        if (!field)
            return true;
    }
    return false;
}

size_t profile_laws(const struct profile *p, const char *law[PROFILE_LAWS])
{
    const struct { const char *law; bool shown; } table[] = {
        {"L1", shows(p, "running", NULL)},
        {"L2", shows(p, "running", "version")},
        {"L3", shows(p, "running", "digest") || shows(p, "boot", "digest")},
        {"L4", p->network.uart && shows(p, "running", "version")},
        {"L5", shows(p, "boot", "counter") || shows(p, "slot", "counter")},
        {"L6", shows(p, "reset", "reason") || shows(p, "running", "reason")},
        {"L7", shows(p, "running", "confirmed") || shows(p, "boot", "confirmed")},
        {"L8", shows(p, "stage", "cause") || shows(p, "slot", "state")},
        {"L9", p->network.uart && (shows(p, "resume", "offset") || shows(p, "chunk", NULL))},
        {"L10", shows(p, "settings", "id")},
        {"L11", shows(p, "running", NULL)},
        {"L12", p->network.uart && p->update.telemetry},
        {"R1", true},
        {"R2", true},
    };
    size_t n = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].shown)
            law[n++] = table[i].law;
    return n;
}
