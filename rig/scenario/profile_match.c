/* SPDX-License-Identifier: GPL-3.0-or-later
 * Console lines into events, by the profile's patterns. */
#include "scenario/profile.h"

#include "base/json.h"
#include "base/regex.h"

#include <stdlib.h>
#include <string.h>

static const char *translated(const struct profile_word *words, size_t count, const char *theirs)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i].theirs, theirs) == 0)
            return words[i].ours;
    return theirs; /* a word without a row passes as it is; the laws then see that it is none of theirs */
}

static const char *ours(const struct profile *p, const char *field, const char *theirs)
{
    if (strcmp(field, "reason") == 0)
        return translated(p->reason, p->reasons, theirs);
    if (strcmp(field, "stage") == 0)
        return translated(p->stage, p->stages, theirs);
    return theirs;
}

static void put(const struct profile *p, struct profile_event *ev, const char *field, const char *text, size_t n)
{
    const size_t room = sizeof ev->value[0];
    for (size_t i = 0; i < PROFILE_FIELDS && ev->kind->field[i].name; i++) {
        if (strcmp(ev->kind->field[i].name, field) != 0)
            continue;
        char theirs[80];
        size_t length = n < sizeof theirs ? n : sizeof theirs - 1;
        memcpy(theirs, text, length);
        theirs[length] = 0;
        const char *word = ours(p, field, theirs);
        size_t take = strlen(word) < room ? strlen(word) : room - 1;
        memcpy(ev->value[i], word, take);
        ev->value[i][take] = 0;
    }
}

bool profile_match(const struct profile *p, const char *line, struct profile_event *out)
{
    struct regex_match m;
    for (size_t i = 0; i < p->patterns; i++) {
        const struct profile_pattern *pattern = &p->pattern[i];
        if (!regex_match(pattern->match, line, &m))
            continue;
        memset(out, 0, sizeof *out);
        out->kind = pattern->kind;
        for (size_t s = 0; s < pattern->sets; s++)
            put(p, out, pattern->set[s].theirs, pattern->set[s].ours, strlen(pattern->set[s].ours));
        for (size_t f = 0; f < m.count; f++)
            put(p, out, m.field[f].name, line + m.field[f].start, m.field[f].end - m.field[f].start);
        return true;
    }
    return false;
}

const char *profile_event_get(const struct profile_event *ev, const char *field)
{
    for (size_t i = 0; i < PROFILE_FIELDS && ev->kind->field[i].name; i++)
        if (strcmp(ev->kind->field[i].name, field) == 0)
            return ev->value[i][0] ? ev->value[i] : NULL;
    return NULL;
}

static bool yes(const char *text)
{
    static const char *const words[] = {"1", "true", "yes", "set", "ok", NULL};
    for (size_t i = 0; words[i]; i++)
        if (strcmp(words[i], text) == 0)
            return true;
    return false;
}

/* A hostile console can print any digits: what is no number stays text, and the laws see that. */
static bool number(const char *text, int64_t *out)
{
    char *end;
    if (strlen(text) > 18 || !*text)
        return false;
    long long x = strtoll(text, &end, text[0] == '0' && text[1] == 'x' ? 16 : 10);
    *out = x;
    return !*end && text[0] != ' ';
}

void profile_event_add(const struct profile_event *ev, struct json *object)
{
    for (size_t i = 0; i < PROFILE_FIELDS && ev->kind->field[i].name; i++) {
        const struct profile_field *field = &ev->kind->field[i];
        const char *text = ev->value[i];
        int64_t x;
        if (!*text)
            continue;
        if (field->type == PROFILE_FLAG)
            json_add_bool(object, field->name, yes(text));
        else if (field->type == PROFILE_NUMBER && number(text, &x))
            json_add_int(object, field->name, x);
        else
            json_add_str(object, field->name, text);
    }
}
