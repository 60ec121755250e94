/* SPDX-License-Identifier: GPL-3.0-or-later
 * Faults of a scenario: what is done (do), when (at), with which values. The keys that a map may have follow from its `do`,
     and of `serve`
 * from its `attack`. */
#include "scenario/scenario_parts.h"

#include <stdlib.h>
#include <string.h>

struct owners { const struct option_owner *(*get)(size_t i); };

static const char *owner_word(const void *ctx, size_t i)
{
    const struct option_owner *o = ((const struct owners *)ctx)->get(i);
    return o ? o->name : NULL;
}

static const struct option_owner *owner_find(const struct owners *list, const char *name)
{
    const struct option_owner *o;
    for (size_t i = 0; (o = list->get(i)); i++)
        if (strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

/* Words that a map may use as keys: fixed ones, then the rows of up to two owners. */
struct allowed {
    const char *const *fixed;
    const struct option_owner *owner[2];
};

static const char *allowed_word(const void *ctx, size_t i)
{
    const struct allowed *a = ctx;
    size_t n = 0;
    for (; a->fixed[n]; n++)
        if (n == i)
            return a->fixed[n];
    for (size_t o = 0; o < 2; o++) {
        size_t rows = keys_count(a->owner[o]);
        if (a->owner[o] && i < n + rows)
            return a->owner[o]->options[i - n].name;
        n += rows;
    }
    return NULL;
}

static void check_keys(struct keys_reader *r, const struct yaml_node *map, const char *what, const struct allowed *a)
{
    for (const struct yaml_node *c = map->first; c; c = c->next) {
        const char *word;
        size_t i = 0;
        while ((word = allowed_word(a, i)) && strcmp(word, c->key) != 0)
            i++;
        if (!word)
            mistake_word(r->m, c->key_at, what, c->key, allowed_word, a);
    }
}

/* --- at --- */

static const char *main_key(size_t i)
{
    const struct option_owner *o = scenario_trigger_kind(i);
    return o ? o->options[0].name : NULL;
}

static const char *trigger_word(const void *ctx, size_t i)
{
    (void)ctx;
    return main_key(i);
}

static bool is_trigger(const char *key)
{
    for (size_t i = 0; main_key(i); i++)
        if (strcmp(main_key(i), key) == 0)
            return true;
    return false;
}

/* `random` alone does not tell the trigger: its value does. */
static const struct option_owner *trigger_find(struct keys_reader *r, const struct yaml_node *key, enum scenario_at *at)
{
    static const char *const words[] = {"time", "flash-op", "byte", "boot", NULL};
    static const struct option_row random = {.name = "random", .type = OPTION_WORD, .words = words};
    uint64_t which = 0;
    const char *word;
    bool drawn = strcmp(key->key, "random") == 0;
    if (drawn && !keys_value(r, &random, key, &which, &word))
        return NULL;
    for (size_t i = 0; i < SCENARIO_ATS; i++) {
        const struct option_owner *o = scenario_trigger_kind(i);
        if (strcmp(o->options[0].name, key->key) != 0 || (drawn && strcmp(o->options[0].words[0], words[which]) != 0))
            continue;
        *at = (enum scenario_at)i;
        return o;
    }
    return NULL;
}

static const char *outcome_word(const void *ctx, size_t i)
{
    static const char *const words[] = {"before", "after", "torn", "ecc", "partial", "weak", NULL};
    (void)ctx;
    return words[i];
}

static void outcome_read(struct keys_reader *r, const struct yaml_node *n, const char *text, struct scenario_trigger *t)
{
    const char *word;
    for (size_t i = 0; (word = outcome_word(NULL, i)); i++)
        if (strcmp(word, text) == 0)
            t->outcome = word;
    if (t->outcome)
        return;
    char *end;
    unsigned long bits = strncmp(text, "torn-", 5) == 0 && text[5] >= '1' && text[5] <= '9' ? strtoul(text + 5, &end, 10) : 0;
    if (bits >= 1 && bits <= 64 && !*end) {
        t->outcome = "torn";
        t->torn = (unsigned)bits;
    } else if (strncmp(text, "torn", 4) == 0)
        mistake_add(r->m, n->at, "outcome: \"%.60s\": expected torn or torn-N with 1 to 64 bits", text);
    else
        mistake_word(r->m, n->at, "outcome", text, outcome_word, NULL);
}

static void trigger_option(struct keys_reader *r, const struct yaml_node *map, const struct scenario_value *v,
    struct scenario_trigger *t)
{
    const char *name = v->row->name;
    if (strcmp(name, "delay") == 0)
        t->delay = *v;
    else if (strcmp(name, "during") == 0)
        t->phase = (enum scenario_phase)v->low;
    else if (strcmp(name, "occurrence") == 0)
        t->occurrence = (unsigned)v->low;
    else if (strcmp(name, "times") == 0)
        t->times = (unsigned)v->low;
    else if (strcmp(name, "path") == 0)
        t->path = v->text;
    else if (strcmp(name, "device") == 0)
        t->device = v->text;
    else if (strcmp(name, "outcome") == 0 && v->given && v->text)
        outcome_read(r, yaml_get(map, name), v->text, t);
}

static void fixed_only(struct keys_reader *r, const struct yaml_node *map, const struct scenario_value *v)
{
    const struct yaml_node *n = yaml_get(map, v->row->name);
    if (v->random && (strcmp(v->row->name, "occurrence") == 0 || strcmp(v->row->name, "times") == 0))
        mistake_add(r->m, n ? n->at : map->at, "%s: cannot be random", v->row->name);
}

static void trigger_read(struct keys_reader *r, const struct yaml_node *n, struct scenario_trigger *t)
{
    n = keys_node(r, n);
    t->place = n->at;
    t->occurrence = t->times = 1;
    t->phase = SCENARIO_ANY;
    if (!keys_want(r, "at", n, YAML_MAP))
        return;
    const struct yaml_node *key = NULL;
    for (const struct yaml_node *c = n->first; c; c = c->next)
        if (is_trigger(c->key)) {
            if (key)
                mistake_add(r->m, c->key_at, "at: one trigger only, there is \"%s\" already", key->key);
            else
                key = c;
        }
    if (!key) {
        if (n->first)
            mistake_word(r->m, n->first->key_at, "at: trigger", n->first->key, trigger_word, NULL);
        else
            mistake_add(r->m, n->at, "at: a trigger is missing, such as {random: flash-op, during: write}");
        return;
    }
    const struct option_owner *o = trigger_find(r, key, &t->at);
    if (!o)
        return;
    static const char *const no_words[] = {NULL};
    struct allowed a = {no_words, {o, NULL}};
    struct scenario_value v[SCENARIO_VALUES] = {0};
    check_keys(r, n, "at: key", &a);
    keys_options(r, o, n, NULL, v, SCENARIO_VALUES);
    t->number = v[0];
    t->event = o->options[0].type == OPTION_WORD || o->options[0].type == OPTION_TEXT ? v[0].text : NULL;
    for (size_t i = 1; i < keys_count(o); i++) {
        fixed_only(r, n, &v[i]);
        trigger_option(r, n, &v[i], t);
    }
}

/* --- do --- */

static const struct option_owner *named(struct keys_reader *r, const struct yaml_node *map, const char *key,
    const struct owners *list)
{
    const struct yaml_node *n = yaml_get(map, key);
    if (!n) {
        mistake_add(r->m, map->at, "key \"%s\" is missing", key);
        return NULL;
    }
    const char *name = keys_text(r, key, n);
    const struct option_owner *o = name ? owner_find(list, name) : NULL;
    if (name && !o)
        mistake_word(r->m, n->at, key, name, owner_word, list);
    return o;
}

static void serve_read(struct keys_reader *r, const struct yaml_node *n, struct scenario_fault *f)
{
    static const char *const skip[] = {"times", NULL};
    struct owners attacks = {r->words ? r->words->attack : NULL};
    if (!attacks.get)
        return;
    f->attack = named(r, n, "attack", &attacks);
    if (f->attack)
        keys_options(r, f->attack, n, skip, f->attack_value, OPTION_MOST);
}

static void checks(struct keys_reader *r, const struct scenario_fault *f)
{
    if (f->at.outcome && strcmp(f->does->name, "power-cut") != 0)
        mistake_add(r->m, f->at.place, "outcome: only a power-cut leaves one, not %s", f->does->name);
}

static struct scenario_fault *fault_new(struct keys_reader *r, const struct yaml_node *n, struct scenario_case *c)
{
    if (c->faults < SCENARIO_FAULTS)
        return &c->fault[c->faults++];
    mistake_add(r->m, n->at, "more than %d faults in one scenario", SCENARIO_FAULTS);
    return NULL;
}

static void list_read(struct keys_reader *r, const struct yaml_node *n, struct scenario_case *c, bool recovery);

static const char *const fixed[] = {"at", "do", "after-boot", NULL};
static const char *const fixed_offer[] = {"at", "do", "after-boot", "image", NULL};

static void fault_read(struct keys_reader *r, const struct yaml_node *n, struct scenario_fault *f)
{
    static const struct owners faults = {scenario_fault_kind};
    const struct yaml_node *at = yaml_get(n, "at");
    f->place = n->at;
    if (at)
        trigger_read(r, at, &f->at);
    else
        mistake_add(r->m, n->at, "key \"at\" is missing (when it happens)");
    f->does = named(r, n, "do", &faults);
    if (!f->does)
        return;
    bool offers = strcmp(f->does->name, "offer") == 0;
    keys_options(r, f->does, n, NULL, f->value, SCENARIO_VALUES);
    if (strcmp(f->does->name, "serve") == 0)
        serve_read(r, n, f);
    if (offers && yaml_get(n, "image"))
        scenario_image_read(r, yaml_get(n, "image"), &f->image);
    checks(r, f);
    struct allowed a = {offers ? fixed_offer : fixed, {f->does, f->attack}};
    if (f->attack || strcmp(f->does->name, "serve") != 0) /* an unknown attack's options cannot be checked */
        check_keys(r, n, "fault: key", &a);
}

static void one_read(struct keys_reader *r, const struct yaml_node *n, struct scenario_case *c, bool recovery)
{
    const struct yaml_node *after = yaml_get(n, "after-boot");
    bool alone = after && !yaml_get(n, "at") && !yaml_get(n, "do"); /* `- after-boot: […]` as an item of its own */
    if (alone) {
        struct allowed a = {fixed, {NULL, NULL}};
        check_keys(r, n, "fault: key", &a);
    } else {
        struct scenario_fault *f = fault_new(r, n, c);
        if (!f)
            return;
        f->in_recovery = recovery;
        fault_read(r, n, f);
    }
    if (after && recovery)
        mistake_add(r->m, after->key_at,
            "after-boot: inside after-boot has no meaning of its own; put its faults into the outer list");
    else if (after)
        list_read(r, after, c, true);
}

static void list_read(struct keys_reader *r, const struct yaml_node *n, struct scenario_case *c, bool recovery)
{
    n = keys_node(r, n);
    if (n->kind == YAML_MAP)
        one_read(r, n, c, recovery);
    else if (keys_want(r, recovery ? "after-boot" : "fault", n, YAML_LIST))
        for (const struct yaml_node *item = n->first; item; item = item->next) {
            const struct yaml_node *f = keys_node(r, item);
            if (keys_want(r, "fault", f, YAML_MAP))
                one_read(r, f, c, recovery);
        }
}

void scenario_fault_read(struct keys_reader *r, const struct yaml_node *n, void *scenario_case)
{
    list_read(r, n, scenario_case, false);
}
