/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Answers that are documents: read whole into a->text, within bounds of size and time, before anything in them is looked at.
 */
#include "agent_parts.h"

enum { DOCUMENT_MS = 20000 };

static struct answer failed(enum cause cause, uint32_t retry_after)
{
    return (struct answer){.state = ANSWER_FAILED, .cause = cause, .retry_after = retry_after};
}

struct answer agent_answer_step(struct agent *a, uint32_t now_ms)
{
    const struct http_head *h = &a->exchange.parser.head;
    enum exchange_phase phase = exchange_step(&a->exchange, now_ms);
    if (phase == EXCHANGE_FAILED)
        return failed(a->exchange.cause, 0);
    if (phase == EXCHANGE_DONE || phase == EXCHANGE_BODY) {
        if (h->status == 204)
            return failed(CAUSE_FREEZE, 0); /* "nothing new", and nobody has signed it */
        if (h->status != 200)
            return failed(CAUSE_HTTP_STATUS, h->retry_after);
        if (h->length > sizeof a->text)
            return failed(CAUSE_BAD_MANIFEST, 0);
        a->text_size += (uint32_t)exchange_read(&a->exchange, (uint8_t *)a->text + a->text_size, sizeof a->text - a->text_size, now_ms);
    }
    if (phase == EXCHANGE_DONE)
        return (struct answer){.state = ANSWER_WHOLE};
    return now_ms - a->exchange_ms >= DOCUMENT_MS ? failed(CAUSE_TIMEOUT, 0) : (struct answer){.state = ANSWER_MORE};
}
