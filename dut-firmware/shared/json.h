/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A strict, bounded JSON reader (RFC 8259) over text that stands in RAM: a cursor, no tree, no allocation.
 *
 * Every function returns 1 (it is there), 0 (the list is over, where that can be) or -1 (not what was asked for, or not JSON).
 * After -1 the cursor is dead: every further call returns -1, so a caller may check once at the end.
 */
#ifndef OTA_JSON_H
#define OTA_JSON_H
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH_MOST 8u /* nesting that json_skip follows: a bomb of brackets ends here */

struct json {
    const char *at, *end;
    int dead;
    int first; /* the next member or item is the first of its list: no comma before it */
};

/* text need not be NUL-terminated; it outlives the cursor. */
void json_start(struct json *j, const char *text, size_t n);

int json_object(struct json *j); /* enters an object */
int json_array(struct json *j);  /* enters an array */
/* The next member's name, unescaped, NUL-terminated, into key[cap]; 0 behind the last one. A name that does not fit is -1. */
int json_key(struct json *j, char *key, size_t cap);
int json_item(struct json *j); /* is there a next item? 0 behind the last one */

/* A string value into out[cap] with NUL. Escapes of characters outside ASCII, and NUL, are refused: nothing we read needs them. */
int json_string(struct json *j, char *out, size_t cap);
int json_u32(struct json *j, uint32_t *out); /* 0 … 4294967295, digits only: no sign, fraction, exponent or leading zero */
/* A string value of exactly 2 * n hex digits into out[n]. */
int json_hex(struct json *j, uint8_t *out, size_t n);
int json_skip(struct json *j); /* any value, checked, nested at most JSON_DEPTH_MOST */
/* Any value, checked as by json_skip; *from and *n are its bytes as they stand in the text. */
int json_raw(struct json *j, const char **from, size_t *n);
int json_end(struct json *j);  /* 1 when nothing but white space is left */
#endif
