/* SPDX-License-Identifier: GPL-3.0-or-later
 * A queue of spans; neighbours of one kind are one span. */
#include "server/ledger.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

static void make_room(struct ledger *l)
{
    if (l->first + l->count < l->room)
        return;
    if (l->count)
        memmove(l->span, l->span + l->first, l->count * sizeof *l->span);
    l->first = 0;
    if (l->count * 2 < l->room)
        return;
    l->room = l->room ? l->room * 2 : 8;
    l->span = mem_grow(l->span, l->room * sizeof *l->span);
}

void ledger_add(struct ledger *l, enum ledger_kind kind, uint64_t n)
{
    if (!n)
        return;
    if (l->count && l->span[l->first + l->count - 1].kind == kind) {
        l->span[l->first + l->count - 1].size += n;
        return;
    }
    make_room(l);
    l->span[l->first + l->count++] = (struct ledger_span){kind, n};
}

void ledger_ack(struct ledger *l, uint64_t n)
{
    while (n && l->count) {
        struct ledger_span *s = &l->span[l->first];
        uint64_t part = s->size < n ? s->size : n;
        l->acked[s->kind] += part;
        s->size -= part;
        n -= part;
        if (s->size)
            return;
        l->first++;
        l->count--;
    }
}

void ledger_clear(struct ledger *l)
{
    l->first = l->count = 0;
    memset(l->acked, 0, sizeof l->acked);
}

void ledger_free(struct ledger *l)
{
    free(l->span);
    *l = (struct ledger){0};
}
