/* SPDX-License-Identifier: GPL-3.0-or-later
 * A JSON object as an ordered list. */
#include "server/members.h"

#include "base/buf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static struct member *find(const struct members *m, const char *name)
{
    for (size_t i = 0; i < m->count; i++)
        if (strcmp(m->item[i].name, name) == 0)
            return &m->item[i];
    return NULL;
}

void members_again(struct members *m, const char *name, const char *value)
{
    m->item = mem_grow(m->item, (m->count + 1) * sizeof *m->item);
    m->item[m->count++] = (struct member){mem_str(name), mem_str(value)};
}

void members_raw(struct members *m, const char *name, const char *value)
{
    struct member *old = find(m, name);
    if (!old) {
        members_again(m, name, value);
        return;
    }
    char *copy = mem_str(value); /* value may be the old one's */
    free(old->value);
    old->value = copy;
}

void members_number(struct members *m, const char *name, uint64_t value)
{
    char *text = mem_printf("%" PRIu64, value);
    members_raw(m, name, text);
    free(text);
}

void members_text(struct members *m, const char *name, const char *value)
{
    char *text = mem_printf("\"%s\"", value);
    members_raw(m, name, text);
    free(text);
}

char *members_get(const struct members *m, const char *name)
{
    const struct member *at = find(m, name);
    return at ? at->value : NULL;
}

void members_remove(struct members *m, const char *name)
{
    struct member *at = find(m, name);
    if (!at)
        return;
    free(at->name);
    free(at->value);
    memmove(at, at + 1, (size_t)(&m->item[m->count] - (at + 1)) * sizeof *at);
    m->count--;
}

void members_print(const struct members *m, struct buf *out)
{
    for (size_t i = 0; i < m->count; i++)
        buf_printf(out, "%c\"%s\":%s", i ? ',' : '{', m->item[i].name, m->item[i].value);
    buf_str(out, m->count ? "}" : "{}");
}

void members_free(struct members *m)
{
    for (size_t i = 0; i < m->count; i++) {
        free(m->item[i].name);
        free(m->item[i].value);
    }
    free(m->item);
    *m = (struct members){0};
}
