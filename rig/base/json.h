/* SPDX-License-Identifier: GPL-3.0-or-later
 * JSON by cJSON (its only includer). Members keep the order in which they were added, numbers are integers: the same data give
 * the same bytes. */
#ifndef BASE_JSON_H
#define BASE_JSON_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json; /* a cJSON node */
struct err;

/* Parses n bytes, which must be one whole JSON value; depth at most 64. NULL with a message (byte offset) otherwise. */
struct json *json_parse(const char *text, size_t n, struct err *e);
void json_free(struct json *j);
char *json_print(const struct json *j);        /* one line; the caller frees */
char *json_print_pretty(const struct json *j); /* indented */

struct json *json_object(void);
struct json *json_array(void);
/* Adding hands ownership of value to the parent. Keys are copied. json_add* of an object; json_push* of an array. */
void json_add(struct json *object, const char *key, struct json *value);
void json_add_str(struct json *object, const char *key, const char *value); /* NULL adds nothing */
void json_add_int(struct json *object, const char *key, int64_t value);     /* exact to 2^63 */
void json_add_bool(struct json *object, const char *key, bool value);
void json_add_hex(struct json *object, const char *key, uint32_t value);    /* "0x0800abcd" */
void json_push(struct json *array, struct json *value);
void json_push_str(struct json *array, const char *value);
void json_push_int(struct json *array, int64_t value);
struct json *json_copy(const struct json *j);

/* Reading: a missing member or another type gives NULL, the default, or false. */
const struct json *json_get(const struct json *object, const char *key);
const char *json_str(const struct json *object, const char *key);
const char *json_str_or(const struct json *object, const char *key, const char *otherwise);
int64_t json_int(const struct json *object, const char *key, int64_t otherwise);
bool json_bool(const struct json *object, const char *key, bool otherwise);
bool json_has(const struct json *object, const char *key);
size_t json_count(const struct json *array_or_object);
const struct json *json_at(const struct json *array_or_object, size_t i); /* slow: use json_first/json_next in loops */
const struct json *json_first(const struct json *array_or_object);
const struct json *json_next(const struct json *item);
const char *json_key(const struct json *item);      /* of an object's member */
const char *json_value_str(const struct json *item); /* NULL unless it is a string */
int64_t json_value_int(const struct json *item, int64_t otherwise);
bool json_is_object(const struct json *j);
bool json_is_array(const struct json *j);

#endif
