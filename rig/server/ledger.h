/* SPDX-License-Identifier: GPL-3.0-or-later
 * Which of the bytes under way are head, body, or neither: what a transport acknowledges is a number of bytes alone. */
#ifndef SERVER_LEDGER_H
#define SERVER_LEDGER_H
#include <stddef.h>
#include <stdint.h>

enum ledger_kind { LEDGER_HEAD, LEDGER_BODY, LEDGER_FRAME, LEDGER_KINDS };
struct ledger_span { enum ledger_kind kind; uint64_t size; };
struct ledger {
    struct ledger_span *span;
    size_t first, count, room;
    uint64_t acked[LEDGER_KINDS];
};

void ledger_add(struct ledger *l, enum ledger_kind kind, uint64_t n); /* n bytes were handed over */
void ledger_ack(struct ledger *l, uint64_t n);                        /* the peer has taken n more */
void ledger_clear(struct ledger *l);                                  /* keeps the room */
void ledger_free(struct ledger *l);

#endif
