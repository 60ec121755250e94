/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The agent's voice: each stage of an update on the console, and to the server until it answers. (Method: top of agent.c.)
 */
#include "agent_parts.h"
#include "console.h"
#include "release.h"

enum { TELEMETRY_MS = 10000, ANSWER_MOST = 4096 /* bytes that a server may answer to telemetry */ };

void agent_tell_print(const struct report *r, uint32_t offset)
{
    struct image_version v = release_version(r->release);
    console_event("stage");
    console_word("stage", stage_name(r->stage));
    if (r->release != 0)
        console_version("version", &v);
    else
        console_word("version", "-");
    if (r->stage == STAGE_FAILED || r->stage == STAGE_ROLLED_BACK)
        console_word("cause", cause_name(r->cause));
    if (offset > 0 || r->stage == STAGE_STARTED)
        console_number("offset", offset);
    console_end();
}

static struct report report_of(const struct agent *a, enum stage s)
{
    const struct progress *p = &a->progress;
    return (struct report){.stage = s, .release = p->release, .slot = p->slot, .cause = p->cause};
}

void agent_tell_reach(struct agent *a, enum stage s)
{
    struct report r = report_of(a, s);
    if (a->reached & AGENT_BIT(s))
        return;
    a->reached |= (uint8_t)AGENT_BIT(s);
    agent_tell_print(&r, agent_held(a));
}

bool agent_tell_next(const struct agent *a, struct report *r)
{
    unsigned untold = a->reached & ~(unsigned)a->progress.told;
    if (a->trouble.untold) {
        *r = a->trouble.report;
        return true;
    }
    for (unsigned s = 0; s < STAGE_COUNT; s++) {
        if (untold & AGENT_BIT(s)) {
            *r = report_of(a, (enum stage)s);
            return true;
        }
    }
    return false;
}

void agent_tell_begin(struct agent *a, uint32_t now_ms)
{
    agent_exchange(a, AGENT_TELL, request_telemetry(a->text, sizeof a->text, a->device, &a->telling), now_ms);
}

static void told(struct agent *a, uint32_t now_ms)
{
    int rc = RECLOG_OK;
    exchange_drop(&a->exchange);
    a->time_asked = false;
    if (a->trouble.untold)
        a->trouble.untold = false;
    else
        rc = progress_tell(&a->progress, a->telling.stage);
    if (rc == RECLOG_OK)
        agent_wait(a, now_ms, 0);
    else
        agent_fail_retry(a, CAUSE_FLASH, 0, now_ms);
}

static void untellable(struct agent *a, enum cause cause, uint32_t now_ms)
{
    exchange_drop(&a->exchange);
    if (agent_time_wanted(a, cause) && !agent_leaving(a))
        agent_time_ask(a, cause, now_ms);
    else if (agent_leaving(a))
        a->reset = true; /* the new image will tell what this one could not */
    else
        agent_fail_retry(a, cause, a->exchange.parser.head.retry_after * 1000u, now_ms);
}

void agent_tell_step(struct agent *a, uint32_t now_ms)
{
    uint8_t answer[64];
    enum exchange_phase phase = exchange_step(&a->exchange, now_ms);
    int status = a->exchange.parser.head.status;
    if (phase == EXCHANGE_FAILED) {
        untellable(a, a->exchange.cause, now_ms);
    } else if (phase == EXCHANGE_DONE || phase == EXCHANGE_BODY) {
        if (status < 200 || status > 299)
            untellable(a, CAUSE_HTTP_STATUS, now_ms);
        else if (phase == EXCHANGE_DONE || a->exchange.parser.head.length > ANSWER_MOST)
            told(a, now_ms);
        else
            (void)exchange_read(&a->exchange, answer, sizeof answer, now_ms); /* read and forgotten, step by step */
    } else if (now_ms - a->exchange_ms >= TELEMETRY_MS) {
        untellable(a, CAUSE_TIMEOUT, now_ms);
    }
}
