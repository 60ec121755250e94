/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Offers: asked for, read, taken up or left. (Method: top of agent.c.)
 */
#include <string.h>
#include "agent_parts.h"
#include "console.h"

enum { MANIFEST_MS = 20000 };

void agent_offer_ask(struct agent *a, uint32_t now_ms)
{
    int32_t quiet = (int32_t)(a->quiet_ms - now_ms);
    if (quiet > 0) {
        agent_wait(a, now_ms, (uint32_t)quiet);
        return;
    }
    a->quiet_ms = now_ms; /* or it would lie in the future again when the counter wraps */
    agent_exchange(a, AGENT_ASK, request_manifest(a->text, sizeof a->text, a->device), now_ms);
}

static void nothing_to_do(struct agent *a, uint32_t now_ms)
{
    exchange_drop(&a->exchange);
    a->failures = 0;
    agent_wait(a, now_ms, AGENT_POLL_MS);
    a->quiet_ms = now_ms;
}

/* How long the offer must wait since it was last given up: 0 when it may go on, UINT32_MAX for ever. */
static uint32_t gate(const struct agent *a, uint32_t now_ms)
{
    static const uint32_t delay_ms[AGENT_TRIES] = {2000, 10000, 120000};
    unsigned given_up = progress_failures(&a->progress, a->offer.tag);
    if (given_up >= AGENT_TRIES)
        return UINT32_MAX;
    if (a->progress.tag != a->offer.tag || a->progress.end == PROGRESS_OPEN)
        return 0;
    uint32_t since = now_ms - a->gate_ms;
    return since >= delay_ms[given_up] ? 0 : delay_ms[given_up] - since;
}

/* Is the last update in the log this offer, still under way? */
static bool under_way(const struct agent *a)
{
    const struct progress *p = &a->progress;
    return p->known && p->end == PROGRESS_OPEN && p->tag == a->offer.tag && p->slot == a->offer.slot && p->release == a->offer.release;
}

static void accept(struct agent *a, uint32_t now_ms)
{
    if (!under_way(a)) {
        if (progress_start(&a->progress, a->offer.tag, a->offer.slot, a->offer.release) != RECLOG_OK) {
            agent_fail_trouble(a, a->offer.release, CAUSE_FLASH, 0, now_ms);
            return;
        }
        memset(&a->trouble, 0, sizeof a->trouble);
        a->reached = 0;
        agent_tell_reach(a, STAGE_STARTED);
    }
    a->reached |= AGENT_BIT(STAGE_STARTED);
    a->have_offer = true;
    agent_wait(a, now_ms, 0);
}

static void judge_offer(struct agent *a, uint32_t now_ms)
{
    enum cause c = manifest_parse(&a->offer, a->text, a->text_size, (uint8_t)(1 - a->device->boot.slot));
    if (c == CAUSE_NONE && a->offer.release <= a->device->release) {
        nothing_to_do(a, now_ms);
        return;
    }
    if (c == CAUSE_NONE && a->offer.counter < a->bootlog.floor)
        c = CAUSE_DOWNGRADE;
    if (c != CAUSE_NONE) {
        agent_fail_trouble(a, a->offer.release, c, 0, now_ms);
        return;
    }
    uint32_t wait_ms = gate(a, now_ms);
    if (wait_ms == 0) {
        accept(a, now_ms);
        return;
    }
    nothing_to_do(a, now_ms);
    if (wait_ms < AGENT_POLL_MS)
        agent_wait(a, now_ms, wait_ms);
    if (a->deferred)
        return;
    a->deferred = true;
    console_comment(wait_ms == UINT32_MAX ? "the offered image was given up too often: not tried again"
                                          : "the offered image was given up before: tried again later");
}

void agent_offer_step(struct agent *a, uint32_t now_ms)
{
    const struct http_head *h = &a->exchange.parser.head;
    enum exchange_phase phase = exchange_step(&a->exchange, now_ms);
    if (phase == EXCHANGE_FAILED) {
        agent_fail_trouble(a, 0, a->exchange.cause, 0, now_ms);
    } else if (phase == EXCHANGE_DONE || phase == EXCHANGE_BODY) {
        if (h->status == 204)
            nothing_to_do(a, now_ms);
        else if (h->status != 200)
            agent_fail_trouble(a, 0, CAUSE_HTTP_STATUS, h->retry_after, now_ms);
        else if (h->length > sizeof a->text)
            agent_fail_trouble(a, 0, CAUSE_BAD_MANIFEST, 0, now_ms);
        else
            a->text_size += (uint32_t)exchange_read(&a->exchange, (uint8_t *)a->text + a->text_size, sizeof a->text - a->text_size, now_ms);
    }
    if (phase == EXCHANGE_DONE && a->phase == AGENT_ASK)
        judge_offer(a, now_ms);
    else if (a->phase == AGENT_ASK && now_ms - a->exchange_ms >= MANIFEST_MS)
        agent_fail_trouble(a, 0, CAUSE_TIMEOUT, 0, now_ms);
}
