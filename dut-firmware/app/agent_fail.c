/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the agent does when something goes wrong. (Method: top of agent.c.)
 */
#include "agent_parts.h"
#include "console.h"
#include "platform.h"

enum { SOFT_FAILURES = 5, TRIAL_RETRY_MOST_MS = 2000 };

static uint32_t backoff(const struct agent *a, uint32_t at_least_ms)
{
    uint32_t most = a->trial ? TRIAL_RETRY_MOST_MS : AGENT_RETRY_MOST_MS, ms = AGENT_RETRY_MS;
    for (unsigned i = 1; i < a->failures && ms < most; i++)
        ms *= 2;
    if (ms < at_least_ms)
        ms = at_least_ms;
    else if (ms > most)
        ms = most;
    /* A fleet that lost its server together must not come back together. */
    return ms + platform_noise() % (ms / 4 + 1);
}

void agent_fail_print(uint32_t ms, enum cause cause)
{
    console_event("retry");
    console_number("wait", ms);
    console_word("cause", cause_name(cause));
    console_end();
}

void agent_fail_retry(struct agent *a, enum cause cause, uint32_t at_least_ms, uint32_t now_ms)
{
    exchange_drop(&a->exchange);
    a->have_offer = a->time_asked = false;
    a->failures++;
    uint32_t ms = backoff(a, at_least_ms);
    agent_fail_print(ms, cause);
    agent_wait(a, now_ms, ms);
    a->quiet_ms = a->due_ms;
}

/* Causes that the network alone can bring about are worth a report only when they persist. */
static bool soft(enum cause c)
{
    return c == CAUSE_NO_SERVER || c == CAUSE_CONNECTION_LOST || c == CAUSE_TIMEOUT || c == CAUSE_HTTP_STATUS ||
           c == CAUSE_TLS_HANDSHAKE || c == CAUSE_TLS_RECORD;
}

/* Could the server be told of it at once? Not over a connection that cannot be made. */
static bool listens(enum cause c)
{
    return c != CAUSE_NO_SERVER && c != CAUSE_TLS_EXPIRED && c != CAUSE_TLS_NOT_YET;
}

void agent_fail_trouble(struct agent *a, uint32_t release, enum cause cause, uint32_t retry_after_s, uint32_t now_ms)
{
    struct report *r = &a->trouble.report;
    if (agent_time_wanted(a, cause)) {
        agent_time_ask(a, cause, now_ms);
        return;
    }
    bool said = r->stage == STAGE_FAILED && r->release == release && r->cause == cause;
    bool worth = soft(cause) ? release != 0 && a->failures + 1 >= SOFT_FAILURES : true;
    if (!said && worth) {
        *r = (struct report){.stage = STAGE_FAILED, .release = release, .slot = (uint8_t)(1 - a->device->boot.slot), .cause = cause};
        a->trouble.untold = true;
        agent_tell_print(r, 0);
    }
    agent_fail_retry(a, cause, retry_after_s * 1000u, now_ms);
    if (a->trouble.untold && listens(cause))
        agent_wait(a, now_ms, 0); /* the server is there to be told; asking again waits */
}

void agent_fail_refuse(struct agent *a, enum cause cause, uint32_t now_ms)
{
    a->have_offer = false;
    a->deferred = false;
    a->gate_ms = now_ms;
    int rc = progress_drop(&a->progress);
    if (rc == RECLOG_OK)
        rc = progress_finish(&a->progress, PROGRESS_FAILED, cause, true);
    if (rc != RECLOG_OK) {
        agent_fail_trouble(a, a->progress.release, CAUSE_FLASH, 0, now_ms);
        return;
    }
    agent_tell_reach(a, STAGE_FAILED);
    agent_wait(a, now_ms, 0);
    a->quiet_ms = now_ms + AGENT_RETRY_MS;
}
