/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The JSON reader of json.h. What comes off the wire is an attacker's until its hash is checked, so each byte is looked at
 * before it is used.
 */
#include "json.h"
#include <stdbool.h>
#include <string.h>

static int die(struct json *j)
{
    j->dead = 1;
    return -1;
}

static void space(struct json *j)
{
    while (j->at < j->end && (*j->at == ' ' || *j->at == '\t' || *j->at == '\n' || *j->at == '\r'))
        j->at++;
}

/* The next byte that is not white space, or -1. */
static int peek(struct json *j)
{
    if (j->dead)
        return -1;
    space(j);
    return j->at < j->end ? (unsigned char)*j->at : -1;
}

static int enter(struct json *j, char bracket)
{
    if (peek(j) != bracket)
        return die(j);
    j->at++;
    j->first = 1;
    return 1;
}

/* Moves to the next element of the list that ends in bracket. */
static int next(struct json *j, char bracket)
{
    int c = peek(j);
    if (c == bracket) {
        j->at++;
        j->first = 0; /* we are back in the outer list, behind one of its elements */
        return 0;
    }
    if (!j->first) {
        if (c != ',')
            return die(j);
        j->at++;
        c = peek(j);
    }
    j->first = 0;
    if (c < 0 || c == ',' || c == bracket)
        return die(j);
    return 1;
}

static int hex_digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Behind \u: four hex digits. */
static int unicode(struct json *j)
{
    int code = 0;
    if (j->end - j->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int d = hex_digit((unsigned char)*j->at++);
        if (d < 0)
            return -1;
        code = code << 4 | d;
    }
    return code;
}

/* Behind a backslash: the character it stands for, or -1. */
static int escape(struct json *j)
{
    static const char name[] = "\"\\/bfnrt", meaning[] = "\"\\/\b\f\n\r\t";
    if (j->at >= j->end)
        return -1;
    char c = *j->at++;
    if (c == 'u')
        return unicode(j);
    const char *found = c ? strchr(name, c) : NULL;
    return found ? (unsigned char)meaning[found - name] : -1;
}

/* One string; out NULL: only checked. */
static int string(struct json *j, char *out, size_t cap)
{
    size_t n = 0;
    if (peek(j) != '"')
        return die(j);
    j->at++;
    while (j->at < j->end && *j->at != '"') {
        int c = (unsigned char)*j->at++;
        if (c < 0x20)
            return die(j);
        if (c == '\\') {
            c = escape(j);
            if (c < 0 || (out && (c == 0 || c > 0x7e)))
                return die(j);
        }
        if (out) {
            if (n + 1 >= cap)
                return die(j);
            out[n++] = (char)c;
        }
    }
    if (j->at >= j->end)
        return die(j);
    j->at++;
    if (out)
        out[n] = '\0';
    return 1;
}

static bool digits(struct json *j)
{
    const char *from = j->at;
    while (j->at < j->end && *j->at >= '0' && *j->at <= '9')
        j->at++;
    return j->at > from;
}

static int number(struct json *j)
{
    if (j->at < j->end && *j->at == '-')
        j->at++;
    if (j->at < j->end && *j->at == '0')
        j->at++;
    else if (!digits(j))
        return die(j);
    if (j->at < j->end && *j->at == '.') {
        j->at++;
        if (!digits(j))
            return die(j);
    }
    if (j->at < j->end && (*j->at == 'e' || *j->at == 'E')) {
        j->at++;
        if (j->at < j->end && (*j->at == '+' || *j->at == '-'))
            j->at++;
        if (!digits(j))
            return die(j);
    }
    return 1;
}

static int word(struct json *j, const char *w)
{
    size_t n = strlen(w);
    if ((size_t)(j->end - j->at) < n || memcmp(j->at, w, n) != 0)
        return die(j);
    j->at += n;
    return 1;
}

static int scalar(struct json *j)
{
    switch (peek(j)) {
    case '"': return string(j, NULL, 0);
    case 't': return word(j, "true");
    case 'f': return word(j, "false");
    case 'n': return word(j, "null");
    default: return number(j);
    }
}

void json_start(struct json *j, const char *text, size_t n)
{
    *j = (struct json){.at = text, .end = text + n};
}

int json_object(struct json *j)
{
    return enter(j, '{');
}

int json_array(struct json *j)
{
    return enter(j, '[');
}

/* A member's name (out NULL: only checked) and its colon. */
static int member(struct json *j, char *key, size_t cap)
{
    int more = next(j, '}');
    if (more != 1)
        return more;
    if (string(j, key, cap) != 1 || peek(j) != ':')
        return die(j);
    j->at++;
    return 1;
}

int json_key(struct json *j, char *key, size_t cap)
{
    return member(j, key, cap);
}

int json_item(struct json *j)
{
    return next(j, ']');
}

int json_string(struct json *j, char *out, size_t cap)
{
    return string(j, out, cap);
}

int json_u32(struct json *j, uint32_t *out)
{
    int c = peek(j);
    uint64_t value = 0;
    const char *from = j->at;
    if (c < '0' || c > '9')
        return die(j);
    while (j->at < j->end && *j->at >= '0' && *j->at <= '9' && value <= UINT32_MAX)
        value = value * 10 + (uint64_t)(*j->at++ - '0');
    if (value > UINT32_MAX || (*from == '0' && j->at - from > 1))
        return die(j);
    if (j->at < j->end && (*j->at == '.' || *j->at == 'e' || *j->at == 'E'))
        return die(j);
    *out = (uint32_t)value;
    return 1;
}

int json_hex(struct json *j, uint8_t *out, size_t n)
{
    if (peek(j) != '"' || (size_t)(j->end - j->at) < 2 * n + 2 || j->at[2 * n + 1] != '"')
        return die(j);
    j->at++;
    for (size_t i = 0; i < n; i++, j->at += 2) {
        int high = hex_digit((unsigned char)j->at[0]), low = hex_digit((unsigned char)j->at[1]);
        if (high < 0 || low < 0)
            return die(j);
        out[i] = (uint8_t)(high << 4 | low);
    }
    j->at++;
    return 1;
}

/* No recursion: the stack of a device is not for a server to use up. The kinds of the open lists stand in an array of fixed
 * depth. */
int json_skip(struct json *j)
{
    char open[JSON_DEPTH_MOST];
    unsigned depth = 0;
    int outer = j->first;
    do {
        int c = peek(j);
        if (c == '{' || c == '[') {
            if (depth == JSON_DEPTH_MOST)
                return die(j);
            open[depth++] = (char)c;
            j->at++;
            j->first = 1;
        } else if (scalar(j) != 1) {
            return -1;
        }
        /* Up through every list that ends here, and on to the next value. */
        while (depth > 0) {
            int more = open[depth - 1] == '{' ? member(j, NULL, 0) : next(j, ']');
            if (more < 0)
                return -1;
            if (more == 1)
                break;
            depth--;
        }
    } while (depth > 0);
    j->first = outer;
    return 1;
}

int json_raw(struct json *j, const char **from, size_t *n)
{
    if (peek(j) < 0)
        return die(j);
    *from = j->at;
    if (json_skip(j) != 1)
        return -1;
    *n = (size_t)(j->at - *from);
    return 1;
}

int json_end(struct json *j)
{
    if (j->dead || peek(j) >= 0)
        return die(j);
    return 1;
}
