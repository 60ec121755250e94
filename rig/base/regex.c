/* SPDX-License-Identifier: GPL-3.0-or-later
 * Named fields on top of the C library's regular expressions: the pattern is rewritten, and group numbers are kept. */
#include "base/regex.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/regex_bound.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

struct regex {
    regex_t compiled;
    size_t count, groups;
    struct { char *name; size_t group; } field[REGEX_FIELDS];
};

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* "(?<name>" at p: keeps the name; returns what follows, NULL on error. */
static const char *named_group(struct regex *r, const char *pattern, const char *p, struct err *e)
{
    const char *start = p + 3, *end = start;
    while (name_char(*end))
        end++;
    if (*end != '>' || end == start) {
        err_set(e, RIG_EINPUT, "column %zu: a named field is (?<name>…)", (size_t)(p - pattern) + 1);
        return NULL;
    }
    if (r->count == REGEX_FIELDS) {
        err_set(e, RIG_EINPUT, "column %zu: more than %d named fields", (size_t)(p - pattern) + 1, REGEX_FIELDS);
        return NULL;
    }
    r->field[r->count].name = mem_printf("%.*s", (int)(end - start), start);
    r->field[r->count++].group = r->groups;
    return end + 1;
}

static const char *escape(const char *p, struct buf *out, bool in_set)
{
    static const struct { char c; const char *set, *inside; } classes[] = {
        {'d', "[0-9]", "0-9"}, {'D', "[^0-9]", NULL}, {'s', "[[:space:]]", "[:space:]"}, {'S', "[^[:space:]]", NULL},
        {'w', "[[:alnum:]_]", "[:alnum:]_"}, {'W', "[^[:alnum:]_]", NULL}, {'t', "\t", "\t"},
    };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        const char *text = in_set ? classes[i].inside : classes[i].set;
        if (p[1] == classes[i].c && text) {
            buf_str(out, text);
            return p + 2;
        }
    }
    if (!in_set)
        buf_char(out, '\\');
    buf_char(out, p[1]);
    return p + 2;
}

static const char *bracket(const char *p, struct buf *out)
{
    buf_char(out, *p++);
    if (*p == '^')
        buf_char(out, *p++);
    if (*p == ']')
        buf_char(out, *p++);
    while (*p && *p != ']') {
        if (*p == '\\' && p[1])
            p = escape(p, out, true);
        else if (*p == '[' && p[1] == ':') {
            const char *end = strstr(p, ":]");
            size_t n = end ? (size_t)(end + 2 - p) : strlen(p);
            buf_add(out, p, n);
            p += n;
        } else
            buf_char(out, *p++);
    }
    if (*p)
        buf_char(out, *p++);
    return p;
}

static int rewrite(struct regex *r, const char *pattern, struct buf *out, struct err *e)
{
    for (const char *p = pattern; *p;) {
        if (*p == '\\' && p[1] >= '1' && p[1] <= '9') {
            return err_set(e, RIG_EINPUT, "column %zu: \\%c: references to groups are not supported", (size_t)(p - pattern) + 1, p[1]);
        } else if (*p == '\\' && p[1]) {
            p = escape(p, out, false);
        } else if (*p == '[') {
            p = bracket(p, out);
        } else if (*p == '(') {
            r->groups++;
            buf_char(out, '(');
            if (p[1] != '?')
                p++;
            else if (p[2] == ':')
                p += 3;
            else if (p[2] == '<' && p[3] != '=' && p[3] != '!') {
                p = named_group(r, pattern, p, e);
                if (!p)
                    return RIG_EINPUT;
            } else
                return err_set(e, RIG_EINPUT, "column %zu: (?%c is not supported; (?<name>…) and (?:…) are",
                               (size_t)(p - pattern) + 1, p[2] ? p[2] : ' ');
        } else {
            buf_char(out, *p++);
        }
    }
    return 0;
}

struct regex *regex_new(const char *pattern, struct err *e)
{
    if (strlen(pattern) > 1024) {
        err_set(e, RIG_EINPUT, "pattern longer than 1024 bytes");
        return NULL;
    }
    struct regex *r = mem_new(sizeof *r);
    struct buf posix = {0};
    int bad = rewrite(r, pattern, &posix, e);
    const char *broken = bad ? NULL : regex_bound_broken(buf_text(&posix));
    if (broken)
        bad = err_set(e, RIG_EINPUT, "%s", broken);
    int code = bad ? 0 : regcomp(&r->compiled, buf_text(&posix), REG_EXTENDED);
    buf_free(&posix);
    if (!bad && !code)
        return r;
    if (code) {
        char why[128];
        regerror(code, &r->compiled, why, sizeof why);
        err_set(e, RIG_EINPUT, "pattern \"%s\": %s", pattern, why);
    }
    for (size_t i = 0; i < r->count; i++)
        free(r->field[i].name);
    free(r);
    return NULL;
}

void regex_free(struct regex *r)
{
    if (!r)
        return;
    regfree(&r->compiled);
    for (size_t i = 0; i < r->count; i++)
        free(r->field[i].name);
    free(r);
}

bool regex_match(const struct regex *r, const char *text, struct regex_match *m)
{
    regmatch_t groups[64];
    size_t want = !m ? 0 : r->groups + 1 < 64 ? r->groups + 1 : 64;
    if (regexec(&r->compiled, text, want, groups, 0) != 0)
        return false;
    if (!m)
        return true;
    m->count = 0;
    for (size_t i = 0; i < r->count; i++) {
        size_t g = r->field[i].group;
        if (g >= want || groups[g].rm_so < 0)
            continue;
        m->field[m->count].name = r->field[i].name;
        m->field[m->count].start = (size_t)groups[g].rm_so;
        m->field[m->count++].end = (size_t)groups[g].rm_eo;
    }
    return true;
}

size_t regex_names(const struct regex *r)
{
    return r->count;
}

const char *regex_name(const struct regex *r, size_t i)
{
    return i < r->count ? r->field[i].name : NULL;
}
