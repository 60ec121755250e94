/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What day it is, asked of a server whose certificate is good but for its dates. (Policy: tops of tls_dates.c and clock.c.) Once between
 * two waits: if the dates still fail afterwards the certificate is at fault.
 */
#include "agent_parts.h"
#include "console.h"
#include "envelope.h"
#include "trust.h"

bool agent_time_wanted(const struct agent *a, enum cause cause)
{
    return !a->time_asked && (cause == CAUSE_TLS_EXPIRED || cause == CAUSE_TLS_NOT_YET);
}

void agent_time_ask(struct agent *a, enum cause why, uint32_t now_ms)
{
    exchange_drop(&a->exchange);
    a->have_offer = false;
    a->time_asked = true;
    a->time_why = why;
    agent_fail_print(0, why);
    a->exchange.use = TRANSPORT_UNDATED;
    agent_offer_question(a, now_ms);
    a->phase = AGENT_ASK_TIME;
}

/* What the manifest offers is not looked at: the way it came is good for its time alone. */
static enum cause take_time(struct agent *a)
{
    struct envelope e;
    enum cause c = envelope_open(&e, a->text, a->text_size, trust_publisher);
    if (c == CAUSE_NONE)
        c = manifest_parse(&a->offer, e.body, e.size, (uint8_t)(1 - a->device->boot.slot), a->nonce);
    return c == CAUSE_NONE ? freshness_take(&a->fresh, &a->offer) : c;
}

void agent_time_step(struct agent *a, uint32_t now_ms)
{
    struct answer answer = agent_answer_step(a, now_ms);
    if (answer.state == ANSWER_MORE)
        return;
    exchange_drop(&a->exchange);
    if (answer.state == ANSWER_WHOLE && take_time(a) == CAUSE_NONE) {
        console_comment("the calendar is set by a signed time");
        a->quiet_ms = now_ms;
        agent_wait(a, now_ms, 0);
    } else {
        agent_fail_trouble(a, 0, a->time_why, answer.retry_after, now_ms);
    }
}
