/* SPDX-License-Identifier: GPL-3.0-or-later
 * The parts of the profile's JSON Schema whose keys are names. */
#include "scenario/profile_parts.h"

#include "base/json.h"

static struct json *typed(const char *type)
{
    struct json *j = json_object();
    json_add_str(j, "type", type);
    return j;
}

static struct json *words(const char *(*get)(size_t i))
{
    struct json *j = json_object(), *list = json_array();
    for (size_t i = 0; get(i); i++)
        json_push_str(list, get(i));
    json_add(j, "enum", list);
    return j;
}

static const char *kind_name(size_t i)
{
    return profile_kind(i) ? profile_kind(i)->name : NULL;
}

struct json *profile_patterns_schema(const struct scenario_words *unused)
{
    (void)unused;
    struct json *list = typed("array"), *item = typed("object"), *properties = json_object(), *required = json_array();
    json_add(properties, "kind", words(kind_name));
    json_add(properties, "match", typed("string"));
    json_add(properties, "set", typed("object"));
    json_push_str(required, "kind");
    json_push_str(required, "match");
    json_add(item, "properties", properties);
    json_add(item, "required", required);
    json_add_bool(item, "additionalProperties", false);
    json_add(list, "items", item);
    json_add_int(list, "maxItems", PROFILE_PATTERNS);
    return list;
}

static struct json *deltas(void)
{
    struct json *list = typed("array"), *item = typed("object"), *properties = json_object(), *required = json_array();
    json_add(properties, "from", typed("string"));
    json_push_str(required, "from");
    json_add(item, "properties", properties);
    json_add(item, "required", required);
    json_add(item, "additionalProperties", typed("string"));
    json_add(list, "items", item);
    json_add_int(list, "maxItems", PROFILE_DELTAS);
    return list;
}

struct json *profile_images_schema(const struct scenario_words *unused)
{
    (void)unused;
    struct json *j = typed("object"), *image = typed("object"), *properties = json_object(), *required = json_array();
    json_add(properties, "version", typed("string"));
    json_add(properties, "deltas", deltas());
    json_push_str(required, "version");
    json_add(image, "properties", properties);
    json_add(image, "additionalProperties", typed("string"));
    json_add(image, "required", required);
    json_add(j, "additionalProperties", image);
    json_add_int(j, "maxProperties", PROFILE_IMAGES);
    return j;
}

static struct json *map_of(const char *(*get)(size_t i))
{
    struct json *j = typed("object");
    json_add(j, "additionalProperties", words(get));
    return j;
}

struct json *profile_reasons_schema(const struct scenario_words *unused)
{
    (void)unused;
    return map_of(profile_reason_name);
}

struct json *profile_stages_schema(const struct scenario_words *unused)
{
    (void)unused;
    return map_of(profile_stage_name);
}
