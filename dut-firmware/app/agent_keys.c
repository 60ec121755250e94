/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A newer key set: asked for when a manifest speaks of one, or when nobody that the device knows has signed the manifest. Once
 * per check: after it the manifest is asked for once more, so a server cannot keep a device running in this circle.
 */
#include "agent_parts.h"
#include "console.h"
#include "trust.h"

bool agent_keys_wanted(const struct agent *a, enum cause c)
{
    return !a->keys_asked && (c == CAUSE_WRONG_KEY || (c == CAUSE_NONE && a->offer.keys > trust_number()));
}

void agent_keys_ask(struct agent *a, enum cause why, uint32_t now_ms)
{
    a->keys_asked = true;
    a->keys_why = why;
    agent_exchange(a, AGENT_ASK_KEYS, request_keys(a->text, sizeof a->text), now_ms);
}

void agent_keys_taken(struct agent *a)
{
    a->reached &= (uint8_t)~AGENT_BIT(STAGE_VERIFIED);
    a->cleared = false;
    console_comment("a new key set is in force");
}

/* A stranger's manifest, and no better keys are to be had: the stranger is what is wrong. */
static enum cause blame(const struct agent *a, enum cause c)
{
    return a->keys_why == CAUSE_WRONG_KEY && c == CAUSE_HTTP_STATUS ? CAUSE_WRONG_KEY : c;
}

void agent_keys_step(struct agent *a, uint32_t now_ms)
{
    struct answer answer = agent_answer_step(a, now_ms);
    if (answer.state == ANSWER_MORE)
        return;
    enum cause c = answer.cause;
    if (answer.state == ANSWER_WHOLE) {
        switch (trust_take(a->text, a->text_size)) {
        case TRUST_NEW:
            agent_keys_taken(a);
            agent_offer_question(a, now_ms);
            return;
        case TRUST_SAME: c = a->keys_why == CAUSE_WRONG_KEY ? CAUSE_WRONG_KEY : CAUSE_BAD_KEYS; break;
        case TRUST_BAD: c = CAUSE_BAD_KEYS; break;
        case TRUST_FLASH: c = CAUSE_FLASH; break;
        }
    } else if (c == CAUSE_BAD_MANIFEST || c == CAUSE_FREEZE) {
        c = CAUSE_BAD_KEYS; /* too long, or nothing */
    }
    agent_fail_trouble(a, a->offer.release, blame(a, c), answer.retry_after, now_ms);
}
