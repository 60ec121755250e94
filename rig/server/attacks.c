/* SPDX-License-Identifier: GPL-3.0-or-later
 * The table of attacks.
 *
 * Method. An honest answer is made step by step (exchange.h); an attack changes one thing at its step and leaves the rest as honest as
 * it can be, so that several attacks can act on one answer and the device's refusal can only be for those things. Positions count bytes
 * of the body as the client's application sees it.
 */
#include "server/attacks.h"

#include "server/attack_rows.h"
#include "server/attack_tls.h"

#include <string.h>

static const struct attack *(*const tables[])(size_t i) = {attack_release_at, attack_keys_at,    attack_delta_at, attack_manifest_at,
                                                           attack_range_at,   attack_answer_at,  attack_headers_at, attack_body_at,
                                                           attack_connection_at, attack_tls_at};

static size_t rows_of(const struct attack *(*table)(size_t i))
{
    size_t n = 0;
    while (table(n))
        n++;
    return n;
}

const struct attack *attacks_at(size_t i)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        size_t n = rows_of(tables[t]);
        if (i < n)
            return tables[t](i);
        i -= n;
    }
    return NULL;
}

const struct attack *attacks_find(const char *name)
{
    const struct attack *a;
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (size_t i = 0; (a = tables[t](i)); i++)
            if (strcmp(a->row.name, name) == 0)
                return a;
    return NULL;
}

const char *attacks_place(enum attack_stage stage)
{
    static const char *const places[ATTACK_STAGES] = {
        [ATTACK_TLS] = "TLS", [ATTACK_EARLY] = "connection", [ATTACK_OFFER] = "manifest", [ATTACK_MEMBERS] = "manifest",
        [ATTACK_TEXT] = "manifest",
        [ATTACK_RANGE] = "body", [ATTACK_ANSWER] = "headers", [ATTACK_BODY] = "body", [ATTACK_HEADERS] = "headers",
        [ATTACK_HEAD] = "headers", [ATTACK_CONNECTION] = "connection"};
    return places[stage];
}

bool attacks_given(const struct attack_call *c, const char *name)
{
    return option_given(c->attack->row.options, c->value, name);
}

const char *attacks_text(const struct attack_call *c, const char *name)
{
    return option_text(c->attack->row.options, c->value, name);
}

uint64_t attacks_number(const struct attack_call *c, const char *name)
{
    return option_number(c->attack->row.options, c->value, name);
}

bool attacks_is(const struct attack_call *c, const char *name, const char *word)
{
    return option_is(c->attack->row.options, c->value, name, word);
}

bool attacks_position(struct attack_call *c, uint64_t size, uint64_t *at)
{
    *at = size / 2;
    if (attacks_given(c, "at-byte"))
        *at = attacks_number(c, "at-byte");
    else if (attacks_given(c, "percent"))
        *at = size / 10000 * attacks_number(c, "percent") + size % 10000 * attacks_number(c, "percent") / 10000;
    c->at = *at;
    return *at < size;
}

void attacks_shows_behind(struct attack_call *c, uint64_t size)
{
    static const uint64_t window = 8192;
    c->at = size > window ? size - window : 0;
}
