/* SPDX-License-Identifier: GPL-3.0-or-later
 * A thin, typed face on cJSON. Integers are kept as raw text beyond 2^53, because cJSON's numbers are doubles. */
#include "base/json.h"

#include "base/buf.h"
#include "base/err.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cJSON *node(const struct json *j)
{
    return (cJSON *)(uintptr_t)j;
}

static struct json *made(cJSON *c)
{
    if (!c) {
        fputs("otarig: out of memory\n", stderr);
        exit(3);
    }
    return (struct json *)c;
}

/* cJSON recurses: refuse deep nesting before it does. Brackets inside strings do not count. */
static bool too_deep(const char *text, size_t n)
{
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < n; i++) {
        char c = text[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > 64)
                return true;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return false;
}

struct json *json_parse(const char *text, size_t n, struct err *e)
{
    if (too_deep(text, n)) {
        err_set(e, RIG_EINPUT, "JSON nested deeper than 64");
        return NULL;
    }
    const char *end = NULL;
    cJSON *c = cJSON_ParseWithLengthOpts(text, n, &end, 0);
    size_t at = end ? (size_t)(end - text) : 0;
    while (c && at < n && strchr(" \t\r\n", text[at]) && text[at])
        at++;
    if (c && at == n)
        return (struct json *)c;
    err_set(e, RIG_EINPUT, "not JSON at byte %zu", at);
    cJSON_Delete(c);
    return NULL;
}

void json_free(struct json *j)
{
    cJSON_Delete(node(j));
}

static char *printed(char *text)
{
    if (!text) {
        fputs("otarig: out of memory\n", stderr);
        exit(3);
    }
    return text;
}

char *json_print(const struct json *j)
{
    return printed(cJSON_PrintUnformatted(node(j)));
}

char *json_print_pretty(const struct json *j)
{
    return printed(cJSON_Print(node(j)));
}

struct json *json_object(void)
{
    return made(cJSON_CreateObject());
}

struct json *json_array(void)
{
    return made(cJSON_CreateArray());
}

void json_add(struct json *object, const char *key, struct json *value)
{
    cJSON_AddItemToObject(node(object), key, node(value));
}

void json_add_str(struct json *object, const char *key, const char *value)
{
    if (value)
        json_add(object, key, made(cJSON_CreateString(value)));
}

static struct json *integer(int64_t value)
{
    const int64_t exact = INT64_C(1) << 53;
    if (value >= -exact && value <= exact)
        return made(cJSON_CreateNumber((double)value));
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    return made(cJSON_CreateRaw(text));
}

void json_add_int(struct json *object, const char *key, int64_t value)
{
    json_add(object, key, integer(value));
}

void json_add_bool(struct json *object, const char *key, bool value)
{
    json_add(object, key, made(cJSON_CreateBool(value)));
}

void json_add_hex(struct json *object, const char *key, uint32_t value)
{
    char text[16];
    snprintf(text, sizeof text, "0x%08" PRIx32, value);
    json_add_str(object, key, text);
}

void json_push(struct json *array, struct json *value)
{
    cJSON_AddItemToArray(node(array), node(value));
}

void json_push_str(struct json *array, const char *value)
{
    json_push(array, made(cJSON_CreateString(value)));
}

void json_push_int(struct json *array, int64_t value)
{
    json_push(array, integer(value));
}

struct json *json_copy(const struct json *j)
{
    return made(cJSON_Duplicate(node(j), 1));
}

const struct json *json_get(const struct json *object, const char *key)
{
    return object ? (const struct json *)cJSON_GetObjectItemCaseSensitive(node(object), key) : NULL;
}

const char *json_value_str(const struct json *item)
{
    return item && cJSON_IsString(node(item)) ? node(item)->valuestring : NULL;
}

int64_t json_value_int(const struct json *item, int64_t otherwise)
{
    if (!item || !cJSON_IsNumber(node(item)))
        return otherwise;
    double d = node(item)->valuedouble;
    if (d >= 9223372036854775807.0)
        return INT64_MAX;
    return d <= -9223372036854775808.0 ? INT64_MIN : (int64_t)d;
}

const char *json_str(const struct json *object, const char *key)
{
    return json_value_str(json_get(object, key));
}

const char *json_str_or(const struct json *object, const char *key, const char *otherwise)
{
    const char *s = json_str(object, key);
    return s ? s : otherwise;
}

int64_t json_int(const struct json *object, const char *key, int64_t otherwise)
{
    return json_value_int(json_get(object, key), otherwise);
}

bool json_bool(const struct json *object, const char *key, bool otherwise)
{
    const struct json *item = json_get(object, key);
    return item && cJSON_IsBool(node(item)) ? cJSON_IsTrue(node(item)) : otherwise;
}

bool json_has(const struct json *object, const char *key)
{
    return json_get(object, key) != NULL;
}

size_t json_count(const struct json *array_or_object)
{
    return array_or_object ? (size_t)cJSON_GetArraySize(node(array_or_object)) : 0;
}

const struct json *json_at(const struct json *array_or_object, size_t i)
{
    return array_or_object ? (const struct json *)cJSON_GetArrayItem(node(array_or_object), (int)i) : NULL;
}

const struct json *json_first(const struct json *array_or_object)
{
    return array_or_object ? (const struct json *)node(array_or_object)->child : NULL;
}

const struct json *json_next(const struct json *item)
{
    return item ? (const struct json *)node(item)->next : NULL;
}

const char *json_key(const struct json *item)
{
    return item ? node(item)->string : NULL;
}

bool json_is_object(const struct json *j)
{
    return j && cJSON_IsObject(node(j));
}

bool json_is_array(const struct json *j)
{
    return j && cJSON_IsArray(node(j));
}
