/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Offers: asked for, believed or not, taken up or left. (Method: top of agent.c.)
 *
 * The order in which an answer is judged: form and signature (envelope.c), content (manifest.c), age (freshness.c), and only then
 * what it wants. What had been begun and is no longer wanted ends in a record like every other end of an update, but it is not
 * held against the image: when the server offers it again, the download goes on from where it stood.
 */
#include <string.h>
#include "agent_parts.h"
#include "console.h"
#include "entropy.h"
#include "envelope.h"
#include "platform.h"
#include "trust.h"

/* Whoever could tell the nonce in advance could have had an answer signed for it long ago. Without the generator it is only hard to
 * tell; a device that then asked for no update at all would be worse off. */
static void draw_nonce(struct agent *a)
{
    if (entropy_fill(a->nonce, sizeof a->nonce))
        return;
    for (unsigned i = 0; i < sizeof a->nonce; i++)
        a->nonce[i] = (uint8_t)platform_noise();
}

void agent_offer_question(struct agent *a, uint32_t now_ms)
{
    draw_nonce(a);
    size_t n = request_manifest(a->text, sizeof a->text, a->device, trust_number(), a->nonce);
    agent_exchange(a, AGENT_ASK, n, now_ms);
}

void agent_offer_ask(struct agent *a, uint32_t now_ms)
{
    int32_t quiet = (int32_t)(a->quiet_ms - now_ms);
    if (quiet > 0) {
        agent_wait(a, now_ms, (uint32_t)quiet);
        return;
    }
    a->quiet_ms = now_ms; /* or it would lie in the future again when the counter wraps */
    a->keys_asked = false;
    agent_offer_question(a, now_ms);
}

static void nothing_to_do(struct agent *a, uint32_t now_ms)
{
    exchange_drop(&a->exchange);
    a->have_offer = false;
    a->failures = 0;
    agent_wait(a, now_ms, AGENT_POLL_MS);
    a->quiet_ms = now_ms;
}

/* --- what was begun --- */

/* Has an update been begun that is neither running nor given up? */
static bool begun(const struct agent *a)
{
    const struct progress *p = &a->progress;
    return p->known && p->end == PROGRESS_OPEN && !(p->installed && p->image == a->device->image);
}

/* Is the last update in the log this offer, still under way? */
static bool under_way(const struct agent *a)
{
    const struct progress *p = &a->progress;
    return begun(a) && p->tag == a->offer.tag && p->slot == a->offer.slot && p->release == a->offer.release;
}

/* The server does not want any more what was begun. Nothing of it is lost, and nothing of it is activated. */
static void stop_begun(struct agent *a, enum cause cause, uint32_t now_ms)
{
    a->have_offer = false;
    if (progress_finish(&a->progress, PROGRESS_FAILED, cause, false) != RECLOG_OK) {
        agent_fail_trouble(a, a->progress.release, CAUSE_FLASH, 0, now_ms);
        return;
    }
    a->gate_ms = now_ms;
    agent_tell_reach(a, STAGE_FAILED);
    agent_wait(a, now_ms, 0);
}

static void nothing_wanted(struct agent *a, enum cause cause, uint32_t now_ms)
{
    nothing_to_do(a, now_ms);
    if (begun(a))
        stop_begun(a, cause, now_ms);
}

/* --- what is offered --- */

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
    a->cleared = (a->reached & AGENT_BIT(STAGE_VERIFIED)) != 0;
    a->have_offer = true;
    agent_wait(a, now_ms, 0);
}

static void defer(struct agent *a, uint32_t wait_ms, uint32_t now_ms)
{
    nothing_to_do(a, now_ms);
    if (wait_ms < AGENT_POLL_MS)
        agent_wait(a, now_ms, wait_ms);
    if (a->deferred)
        return;
    a->deferred = true;
    console_comment(wait_ms == UINT32_MAX ? "the offered image was given up too often: not tried again"
                                          : "the offered image was given up before: tried again later");
}

static void consider(struct agent *a, uint32_t now_ms)
{
    const struct manifest *m = &a->offer;
    bool older = m->release < a->device->release && m->action != MANIFEST_ROLLBACK;
    if (m->release == a->device->release) {
        nothing_wanted(a, CAUSE_WITHDRAWN, now_ms);
        return;
    }
    if (older || m->counter < a->bootlog.floor) {
        agent_fail_trouble(a, m->release, CAUSE_DOWNGRADE, 0, now_ms);
        return;
    }
    if (begun(a) && !under_way(a)) {
        stop_begun(a, CAUSE_WITHDRAWN, now_ms); /* told first; then the new offer is asked for again */
        return;
    }
    uint32_t wait_ms = gate(a, now_ms);
    if (wait_ms == 0)
        accept(a, now_ms);
    else
        defer(a, wait_ms, now_ms);
}

/* --- the answer --- */

static enum cause believe(struct agent *a)
{
    struct envelope e;
    enum cause c = envelope_open(&e, a->text, a->text_size, trust_publisher);
    memset(&a->offer, 0, sizeof a->offer);
    if (c == CAUSE_NONE)
        c = manifest_parse(&a->offer, e.body, e.size, (uint8_t)(1 - a->device->boot.slot), a->nonce);
    return c == CAUSE_NONE ? freshness_take(&a->fresh, &a->offer) : c;
}

static void judge_answer(struct agent *a, uint32_t now_ms)
{
    enum cause c = believe(a);
    if (agent_keys_wanted(a, c))
        agent_keys_ask(a, c, now_ms);
    else if (c == CAUSE_NONE && a->offer.keys > trust_number())
        agent_fail_trouble(a, a->offer.release, CAUSE_BAD_KEYS, 0, now_ms); /* what it speaks of is not to be had */
    else if (c != CAUSE_NONE)
        agent_fail_trouble(a, a->offer.release, c, 0, now_ms);
    else if (a->offer.action == MANIFEST_NONE)
        nothing_wanted(a, CAUSE_WITHDRAWN, now_ms);
    else if (a->offer.action == MANIFEST_PAUSE)
        nothing_wanted(a, CAUSE_PAUSED, now_ms);
    else
        consider(a, now_ms);
}

void agent_offer_step(struct agent *a, uint32_t now_ms)
{
    struct answer answer = agent_answer_step(a, now_ms);
    if (answer.state == ANSWER_FAILED)
        agent_fail_trouble(a, 0, answer.cause, answer.retry_after, now_ms);
    else if (answer.state == ANSWER_WHOLE)
        judge_answer(a, now_ms);
}
