/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What day it is, asked of a server whose certificate is good but for its dates. (Policy: tops of tls_dates.c and clock.c.) Once between
 * two waits: if the dates still fail afterwards the certificate is at fault.
 *
 * The vendor's keys may have changed since the device last knew the day. Then nobody that it knows has signed the manifest, and it
 * would never hear of the new keys, because every other connection needs the day. So the key set may come this way too, once: the
 * root's signature and the set's number stand for it, not the day. Then the manifest is asked for again.
 */
#include "agent_parts.h"
#include "console.h"
#include "envelope.h"
#include "trust.h"

bool agent_time_wanted(const struct agent *a, enum cause cause)
{
    return !a->time_asked && (cause == CAUSE_TLS_EXPIRED || cause == CAUSE_TLS_NOT_YET);
}

static void question(struct agent *a, uint32_t now_ms)
{
    a->exchange.use = TRANSPORT_UNDATED;
    agent_offer_question(a, now_ms);
    a->phase = AGENT_ASK_TIME;
}

static void ask_keys(struct agent *a, uint32_t now_ms)
{
    a->keys_asked = true;
    a->exchange.use = TRANSPORT_UNDATED;
    agent_exchange(a, AGENT_ASK_TIME_KEYS, request_keys(a->text, sizeof a->text), now_ms);
}

void agent_time_ask(struct agent *a, enum cause why, uint32_t now_ms)
{
    exchange_drop(&a->exchange);
    a->have_offer = false;
    a->time_asked = true;
    a->time_why = why;
    agent_fail_print(0, why);
    a->keys_asked = false;
    question(a, now_ms);
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
    enum cause c = answer.state == ANSWER_WHOLE ? take_time(a) : answer.cause;
    if (c == CAUSE_NONE) {
        console_comment("the calendar is set by a signed time");
        a->quiet_ms = now_ms;
        agent_wait(a, now_ms, 0);
    } else if (c == CAUSE_WRONG_KEY && !a->keys_asked) {
        ask_keys(a, now_ms);
    } else {
        agent_fail_trouble(a, 0, a->time_why, answer.retry_after, now_ms);
    }
}

void agent_time_keys_step(struct agent *a, uint32_t now_ms)
{
    struct answer answer = agent_answer_step(a, now_ms);
    if (answer.state == ANSWER_MORE)
        return;
    exchange_drop(&a->exchange);
    if (answer.state == ANSWER_WHOLE && trust_take(a->text, a->text_size) == TRUST_NEW) {
        agent_keys_taken(a);
        question(a, now_ms);
    } else {
        agent_fail_trouble(a, 0, a->time_why, answer.retry_after, now_ms);
    }
}
