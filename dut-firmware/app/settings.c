/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The settings of settings.h, in a record log of their own: two pages, of which one always holds a complete set. A text is a
 * row of records of four characters; a change of it goes to a fresh page whose head is written last, so no mixture of two names
 * is ever read. The count of starts takes one record per start: a page's erase every 240 starts, 10,000 erases of endurance
 * (DS10198): 2.4 million starts.
 */
#include "settings.h"
#include <string.h>
#include "layout.h"
#include "text.h"

enum kind { ID = 1, NAME = 2, BOOTS = 3 }; /* ID, NAME: arg which four characters; value the characters, first in the low byte */

static bool text_char(char c)
{
    return c > ' ' && c <= '~' && c != '"' && c != '\\';
}

static void put_part(char *text, uint8_t part, uint32_t value)
{
    for (unsigned i = 0; i < 4 && part * 4u + i < SETTINGS_TEXT; i++)
        text[part * 4u + i] = (char)(value >> 8 * i);
}

static void apply(void *ctx, const struct reclog_record *r)
{
    struct settings *s = ctx;
    if (r->kind == ID)
        put_part(s->id, r->arg, r->value);
    else if (r->kind == NAME)
        put_part(s->name, r->arg, r->value);
    else if (r->kind == BOOTS && r->value > s->boots)
        s->boots = r->value;
}

static void emit_text(enum kind kind, const char text[SETTINGS_TEXT], reclog_emit_fn *emit, void *ctx)
{
    for (uint8_t part = 0; part < SETTINGS_TEXT / 4; part++) {
        const char *c = text + part * 4u;
        uint32_t value = 0;
        for (unsigned i = 4; i-- > 0;)
            value = value << 8 | (uint8_t)c[i];
        emit(ctx, &(struct reclog_record){.kind = (uint8_t)kind, .arg = part, .value = value});
        if (memchr(c, '\0', 4))
            break;
    }
}

static void live(void *ctx, reclog_emit_fn *emit, void *emit_ctx)
{
    const struct settings *s = ctx;
    emit_text(ID, s->id, emit, emit_ctx);
    emit_text(NAME, s->name, emit, emit_ctx);
    emit(emit_ctx, &(struct reclog_record){.kind = BOOTS, .value = s->boots});
}

static bool text_valid(const char text[SETTINGS_TEXT])
{
    if (text[0] == '\0' || !memchr(text, '\0', SETTINGS_TEXT))
        return false;
    for (const char *c = text; *c; c++)
        if (!text_char(*c))
            return false;
    return true;
}

static void make_id(char id[SETTINGS_TEXT], const uint32_t unique_id[3])
{
    struct text t;
    memset(id, 0, SETTINGS_TEXT);
    text_start(&t, id, SETTINGS_TEXT);
    text_add(&t, "l476-");
    for (unsigned i = 3; i-- > 0;) {
        uint8_t bytes[4] = {(uint8_t)(unique_id[i] >> 24), (uint8_t)(unique_id[i] >> 16), (uint8_t)(unique_id[i] >> 8), (uint8_t)unique_id[i]};
        text_add_hex(&t, bytes, sizeof bytes);
    }
}

static void make_name(char name[SETTINGS_TEXT], uint32_t noise)
{
    struct text t;
    const uint8_t bytes[2] = {(uint8_t)(noise >> 8), (uint8_t)noise};
    memset(name, 0, SETTINGS_TEXT);
    text_start(&t, name, SETTINGS_TEXT);
    text_add(&t, "node-");
    text_add_hex(&t, bytes, sizeof bytes);
}

int settings_open(struct settings *s, const uint32_t unique_id[3], uint32_t noise)
{
    bool complete = true;
    memset(s, 0, sizeof *s);
    reclog_open(&s->log, LAYOUT_SETTINGS_BASE);
    reclog_each(&s->log, apply, s);
    char own[SETTINGS_TEXT];
    make_id(own, unique_id);
    if (!text_valid(s->id) || strcmp(s->id, own) != 0) { /* new, or a copy of another device's flash: two may not share an id */
        memcpy(s->id, own, sizeof s->id);
        complete = false;
    }
    if (!text_valid(s->name)) {
        make_name(s->name, noise);
        complete = false;
    }
    if (!complete) {
        s->boots++;
        return reclog_compact(&s->log, live, s);
    }
    struct reclog_record r = {.kind = BOOTS, .value = s->boots + 1};
    int rc = reclog_append(&s->log, &r, live, s);
    s->boots++;
    return rc;
}

int settings_rename(struct settings *s, const char *name)
{
    struct settings changed = *s;
    size_t n = strlen(name);
    if (n >= SETTINGS_TEXT)
        return 1;
    memset(changed.name, 0, sizeof changed.name);
    memcpy(changed.name, name, n);
    if (!text_valid(changed.name))
        return 1;
    int rc = reclog_compact(&changed.log, live, &changed);
    if (rc == RECLOG_OK)
        *s = changed;
    return rc;
}
