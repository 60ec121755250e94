/* SPDX-License-Identifier: GPL-3.0-or-later
 * The parts of the scenario's JSON Schema whose keys follow from a word: faults from `do` and `attack`,
     triggers from their first key,
 * images from their mutations. */
#include "scenario/scenario_parts.h"

#include "base/json.h"

#include <string.h>

static struct json *typed(const char *type)
{
    struct json *j = json_object();
    json_add_str(j, "type", type);
    return j;
}

static struct json *constant(const char *word)
{
    struct json *j = json_object();
    json_add_str(j, "const", word);
    return j;
}

static struct json *wrapped(const char *key, struct json *list)
{
    struct json *j = json_object();
    json_add(j, key, list);
    return j;
}

static struct json *list_of(struct json *items, size_t most)
{
    struct json *j = typed("array");
    json_add(j, "items", items);
    json_add_int(j, "maxItems", (int64_t)most);
    return j;
}

static struct json *either(struct json *a, struct json *b)
{
    struct json *list = json_array();
    json_push(list, a);
    json_push(list, b);
    return wrapped("anyOf", list);
}

static struct json *closed(const char *help, struct json *properties, struct json *required)
{
    struct json *j = typed("object");
    json_add_str(j, "description", help);
    json_add(j, "properties", properties);
    json_add(j, "required", required);
    json_add_bool(j, "additionalProperties", false);
    return j;
}

static struct json *triggers(void)
{
    struct json *list = json_array();
    const struct option_owner *o;
    for (size_t i = 0; (o = scenario_trigger_kind(i)); i++) {
        struct json *properties = json_object(), *required = json_array();
        keys_schema_owner(o, true, true, properties, required);
        json_push(list, closed(o->help, properties, required));
    }
    return wrapped("anyOf", list);
}

static struct json *reference(const char *to)
{
    struct json *j = json_object();
    json_add_str(j, "$ref", to);
    return j;
}

static struct json *fault_or_list(void)
{
    return either(reference("#/$defs/fault"), list_of(reference("#/$defs/fault"), SCENARIO_FAULTS));
}

static struct json *fault(const struct option_owner *does, const struct option_owner *attack)
{
    struct json *properties = json_object(), *required = json_array();
    json_add(properties, "at", reference("#/$defs/at"));
    json_add(properties, "do", constant(does->name));
    json_add(properties, "after-boot", fault_or_list());
    json_push_str(required, "at");
    json_push_str(required, "do");
    if (attack) {
        json_add(properties, "attack", constant(attack->name));
        json_push_str(required, "attack");
    }
    if (strcmp(does->name, "offer") == 0)
        json_add(properties, "image", reference("#/$defs/image"));
    keys_schema_owner(does, true, true, properties, required);
    keys_schema_owner(attack, true, true, properties, required);
    return closed(attack ? attack->help : does->help, properties, required);
}

static struct json *after_boot(void)
{
    struct json *properties = json_object(), *required = json_array();
    json_add(properties, "after-boot", fault_or_list());
    json_push_str(required, "after-boot");
    return closed("faults that hit the recovery", properties, required);
}

static struct json *faults(const struct scenario_words *words)
{
    struct json *list = json_array();
    const struct option_owner *o, *a;
    for (size_t i = 0; (o = scenario_fault_kind(i)); i++) {
        if (strcmp(o->name, "serve") != 0 || !words || !words->attack) {
            json_push(list, fault(o, NULL));
            continue;
        }
        for (size_t k = 0; (a = words->attack(k)); k++)
            json_push(list, fault(o, a));
    }
    json_push(list, after_boot());
    return wrapped("anyOf", list);
}

struct json *scenario_fault_schema(const struct scenario_words *words)
{
    (void)words;
    return fault_or_list();
}

static struct json *mutation_value(const struct option_owner *o)
{
    struct json *properties = json_object(), *list = json_array();
    keys_schema_owner(o, true, false, properties, NULL);
    json_push(list, closed(o->help, properties, json_array()));
    if (keys_count(o) == 0)
        json_push(list, typed("boolean"));
    for (size_t i = 0; i < keys_count(o); i++)
        json_push(list, keys_schema_option(&o->options[i], true, false));
    json_push(list, typed("null"));
    return wrapped("anyOf", list);
}

static struct json *image(void)
{
    static const struct option_row variant = {.name = "variant", .help = "another draw of the same mutation", .type = OPTION_COUNT};
    struct json *properties = json_object(), *names = json_array(), *map = typed("object");
    const struct option_owner *o;
    json_add(properties, "of", typed("string"));
    json_add(properties, "file", typed("string"));
    json_add(properties, "files", list_of(typed("string"), SCENARIO_FILES));
    json_add(properties, "variant", keys_schema_option(&variant, true, false));
    json_add(properties, "genuine", typed("boolean"));
    for (size_t i = 0; (o = image_mutation_row(i)); i++) {
        json_push_str(names, o->name);
        json_add(properties, o->name, mutation_value(o));
    }
    /* options of a `mutate: NAME` stand beside it, so further keys are left open */
    json_add(properties, "mutate", either(wrapped("enum", names), typed("array")));
    json_add_str(map, "description", "an image with mutations");
    json_add(map, "properties", properties);
    return either(typed("string"), map);
}

struct json *scenario_list_schema(struct json *items, size_t most)
{
    return either(items, list_of(json_copy(items), most));
}

struct json *scenario_image_schema(const struct scenario_words *words)
{
    (void)words;
    return reference("#/$defs/image");
}

struct json *scenario_names_schema(const struct scenario_words *words)
{
    (void)words;
    return either(typed("string"), list_of(typed("string"), SCENARIO_VERSIONS));
}

struct json *scenario_eventually_schema(const struct scenario_words *words)
{
    return either(typed("string"), keys_schema(scenario_eventually_rows, words));
}

struct json *scenario_given_schema(const struct scenario_words *words)
{
    return keys_schema(scenario_given_rows, words);
}

struct json *scenario_expect_schema(const struct scenario_words *words)
{
    return keys_schema(scenario_expect_rows, words);
}

struct json *scenario_waive_schema(const struct scenario_words *words)
{
    struct json *j = typed("object"), *properties = json_object();
    const char *law;
    for (size_t i = 0; words && words->law && (law = words->law(i)); i++)
        if (law[0] == 'L')
            json_add(properties, law, typed("string"));
    bool known = json_count(properties) != 0;
    json_add(j, "properties", properties);
    if (known)
        json_add_bool(j, "additionalProperties", false);
    return j;
}

struct json *scenario_matrix_schema(const struct scenario_words *words)
{
    (void)words;
    struct json *j = typed("object");
    json_add(j, "additionalProperties", typed("array"));
    json_add_int(j, "maxProperties", SCENARIO_AXES);
    return j;
}

struct json *scenario_include_schema(const struct scenario_words *words)
{
    (void)words;
    return either(typed("string"), list_of(typed("string"), SCENARIO_WAIVES));
}

struct json *scenario_defs_schema(const struct scenario_words *words)
{
    struct json *j = json_object();
    json_add(j, "at", triggers());
    json_add(j, "fault", faults(words));
    json_add(j, "image", image());
    return j;
}
