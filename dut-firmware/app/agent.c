/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The update agent of agent.h.
 *
 * Method. There is no stored "current step". Whenever nothing is under way, decide() looks at what the logs and this run know,
 * and takes the first of these that applies; so a cut anywhere leads back to the right place by itself:
 *
 *   1. a stage was reached that the server does not know: tell it, oldest first;
 *   2. the image on trial has told that it booted: confirm it;
 *   3. an update is installed: reset into it;
 *   4. an accepted offer is at hand: fetch what is missing, check it, ask whether it is still wanted, activate it;
 *   5. ask for an offer.
 *
 * Each step fails into one place, agent_fail_retry(), which waits longer each time. Offers are fetched anew after each failure:
 * an update that was withdrawn is not pursued. An image that was given up by its own fault is remembered by its tag
 * (progress.h) and gets two more chances with growing delays; another image under the same version number gets its own. Trials
 * that power cuts used up are not held against the image.
 */
#include "agent.h"
#include <string.h>
#include "agent_parts.h"
#include "candidate.h"
#include "console.h"
#include "image.h"
#include "reason.h"
#include "release.h"
#include "trust.h"

#define INSTALLED_STAGES (AGENT_BIT(STAGE_STARTED) | AGENT_BIT(STAGE_DOWNLOADED) | AGENT_BIT(STAGE_VERIFIED) | AGENT_BIT(STAGE_INSTALLED))

void agent_wait(struct agent *a, uint32_t now_ms, uint32_t ms)
{
    a->phase = AGENT_WAIT;
    a->due_ms = now_ms + ms;
}

void agent_exchange(struct agent *a, enum agent_phase phase, size_t size, uint32_t now_ms)
{
    a->phase = phase;
    a->exchange_ms = now_ms;
    a->text_size = 0;
    exchange_begin(&a->exchange, a->text, size, now_ms);
}

uint32_t agent_held(const struct agent *a)
{
    uint32_t bytes = a->progress.chunks * MANIFEST_CHUNK;
    if (!a->have_offer)
        return 0;
    return bytes < a->offer.size ? bytes : a->offer.size;
}

bool agent_leaving(const struct agent *a)
{
    const struct progress *p = &a->progress;
    return !a->trial && (a->reached & AGENT_BIT(STAGE_INSTALLED)) && p->end == PROGRESS_OPEN && p->image != a->device->image;
}

/* --- fetching, checking, activating --- */

static void begin_fetch(struct agent *a, uint32_t now_ms)
{
    if (a->progress.chunks > 0) {
        struct image_version v = release_version(a->offer.release);
        console_event("resume");
        console_version("version", &v);
        console_number("offset", agent_held(a));
        console_end();
    }
    a->fetch_ms = now_ms;
    a->phase = patch_wanted(&a->patch) ? AGENT_PATCH : AGENT_FETCH;
    if (a->phase == AGENT_PATCH)
        patch_begin(&a->patch, now_ms);
    else
        download_begin(&a->download, now_ms);
}

/* Each chunk may come just in time, and the server would still hold the device for as long as it likes. A slow link is no fault: what
 * came is kept, and a try that takes too long ends in a new look at what is offered. */
static bool dragging(const struct agent *a, uint32_t now_ms)
{
    return now_ms - a->fetch_ms >= AGENT_FETCH_MS + AGENT_FETCH_MS_PER_BYTE * a->offer.size;
}

static void fetch_step(struct agent *a, uint32_t now_ms)
{
    bool patch = a->phase == AGENT_PATCH;
    uint32_t before = a->progress.chunks;
    enum download_result r = patch ? patch_step(&a->patch, now_ms) : download_step(&a->download, now_ms);
    enum cause cause = patch ? a->patch.cause : a->download.cause;
    if (a->progress.chunks != before) {
        a->failures = 0;
        a->time_asked = false;
    }
    if (r == DOWNLOAD_DONE)
        agent_wait(a, now_ms, 0);
    else if (r == DOWNLOAD_LATER)
        agent_fail_trouble(a, a->offer.release, cause, patch ? a->patch.retry_after : a->download.retry_after, now_ms);
    else if (r == DOWNLOAD_REFUSED)
        agent_fail_refuse(a, cause, now_ms);
    else if (dragging(a, now_ms))
        agent_fail_trouble(a, a->offer.release, CAUSE_TIMEOUT, 0, now_ms);
}

static void activate(struct agent *a, uint32_t now_ms)
{
    int rc = progress_install(&a->progress, a->candidate);
    if (rc == RECLOG_OK)
        rc = a->offer.action == MANIFEST_ROLLBACK ? bootlog_return(&a->bootlog, a->offer.slot, a->candidate)
                                                  : bootlog_try(&a->bootlog, a->offer.slot, a->candidate);
    if (rc != RECLOG_OK) {
        agent_fail_trouble(a, a->offer.release, CAUSE_FLASH, 0, now_ms);
        return;
    }
    agent_tell_reach(a, STAGE_INSTALLED);
    agent_wait(a, now_ms, 0);
}

static void verify(struct agent *a, uint32_t now_ms)
{
    enum cause c = candidate_check(&a->offer, a->device, a->bootlog.floor, &a->candidate);
    if (c != CAUSE_NONE)
        agent_fail_refuse(a, c, now_ms);
    else
        agent_tell_reach(a, STAGE_VERIFIED);
    a->cleared = false;
}

/* One step with the accepted offer. Each stage is told before the next begins: agent_tell_reach() leaves that to decide(). */
static void pursue(struct agent *a, uint32_t now_ms)
{
    if (a->progress.chunks < a->offer.chunks) {
        begin_fetch(a, now_ms);
    } else if (!(a->reached & AGENT_BIT(STAGE_DOWNLOADED))) {
        agent_tell_reach(a, STAGE_DOWNLOADED);
    } else if (!(a->reached & AGENT_BIT(STAGE_VERIFIED))) {
        verify(a, now_ms);
    } else if (!a->cleared) {
        agent_offer_ask(a, now_ms);
    } else {
        activate(a, now_ms);
    }
}

/* --- the trial --- */

static void confirm(struct agent *a, uint32_t now_ms)
{
    const struct handover *h = &a->device->boot;
    if (bootlog_confirm(&a->bootlog, h->slot, a->device->image, h->counter) != RECLOG_OK) {
        agent_fail_retry(a, CAUSE_FLASH, 0, now_ms);
        return;
    }
    a->trial = false;
    agent_tell_reach(a, STAGE_CONFIRMED);
}

/* attempt 0: nothing stands behind this image that a reset could fall back to. */
static bool unhealthy(struct agent *a, uint32_t now_ms)
{
    if (!a->trial || a->device->boot.attempt == 0 || now_ms - a->start_ms < AGENT_HEALTH_MS)
        return false;
    agent_fail_print(0, CAUSE_UNHEALTHY);
    return true;
}

/* --- the loop --- */

static void decide(struct agent *a, uint32_t now_ms)
{
    if (agent_tell_next(a, &a->telling))
        agent_tell_begin(a, now_ms);
    else if (a->trial)
        confirm(a, now_ms);
    else if (agent_leaving(a))
        a->reset = true;
    else if (a->have_offer)
        pursue(a, now_ms);
    else
        agent_offer_ask(a, now_ms);
}

bool agent_step(struct agent *a, uint32_t now_ms)
{
    switch (a->phase) {
    case AGENT_WAIT:
        if ((int32_t)(now_ms - a->due_ms) >= 0)
            decide(a, now_ms);
        break;
    case AGENT_TELL: agent_tell_step(a, now_ms); break;
    case AGENT_ASK: agent_offer_step(a, now_ms); break;
    case AGENT_ASK_KEYS: agent_keys_step(a, now_ms); break;
    case AGENT_ASK_TIME: agent_time_step(a, now_ms); break;
    case AGENT_ASK_TIME_KEYS: agent_time_keys_step(a, now_ms); break;
    case AGENT_FETCH:
    case AGENT_PATCH: fetch_step(a, now_ms); break;
    }
    return a->reset || unhealthy(a, now_ms);
}

bool agent_step_sick(struct agent *a, uint32_t now_ms)
{
    return unhealthy(a, now_ms);
}

uint32_t agent_idle_ms(const struct agent *a, uint32_t now_ms)
{
    if (a->phase != AGENT_WAIT)
        return 0;
    int32_t left = (int32_t)(a->due_ms - now_ms);
    return left > 0 ? (uint32_t)left : 0;
}

/* --- the start: which update do the logs speak of, and how far did it come? --- */

/* The running image came by another way than this agent (recovery, a programmer): there are no earlier stages to tell. */
static void adopt(struct agent *a)
{
    const struct device *d = a->device;
    struct progress *p = &a->progress;
    int rc = progress_start(p, d->image, d->boot.slot, d->release);
    for (unsigned s = STAGE_STARTED; rc == RECLOG_OK && s <= STAGE_INSTALLED; s++)
        rc = progress_tell(p, (enum stage)s);
    if (rc == RECLOG_OK)
        progress_install(p, d->image);
    /* Without the records the stages are told to the server in vain, and that is all. */
}

static bool by_power(uint8_t reason)
{
    return reason == REASON_POWER_ON || reason == REASON_BROWN_OUT || reason == REASON_PIN;
}

/* The bootloader has given up the image that this agent installed. */
static void rolled_back(struct agent *a, uint32_t now_ms)
{
    bool invalid = a->bootlog.rejected_cause == BOOTLOG_BY_INVALID, blame = !by_power(a->device->boot.reason);
    int rc = invalid ? progress_drop(&a->progress) : RECLOG_OK;
    if (rc == RECLOG_OK)
        rc = progress_finish(&a->progress, PROGRESS_ROLLED_BACK, invalid ? CAUSE_INVALID : CAUSE_ATTEMPTS, blame);
    a->gate_ms = now_ms;
    if (rc == RECLOG_OK)
        agent_tell_reach(a, STAGE_ROLLED_BACK);
}

static bool is_rejected(const struct agent *a)
{
    return bootlog_is(&a->bootlog.rejected, a->progress.slot, a->progress.image);
}

static void find_story(struct agent *a, uint32_t now_ms)
{
    const struct progress *p = &a->progress;
    bool own = p->known && p->installed && p->image == a->device->image && p->slot == a->device->boot.slot;
    if (a->trial && !own) {
        adopt(a);
        own = true;
    }
    if (own) {
        a->reached = INSTALLED_STAGES | (a->trial ? 0 : AGENT_BIT(STAGE_BOOTED) | AGENT_BIT(STAGE_CONFIRMED));
        if (a->trial)
            agent_tell_reach(a, STAGE_BOOTED);
    } else if (p->known && p->end == PROGRESS_OPEN) {
        a->reached = AGENT_BIT(STAGE_STARTED);
        if (p->installed && is_rejected(a)) {
            a->reached = INSTALLED_STAGES;
            rolled_back(a, now_ms);
        }
    } else if (p->known) {
        a->reached = (uint8_t)AGENT_BIT(p->end == PROGRESS_FAILED ? STAGE_FAILED : STAGE_ROLLED_BACK);
    }
}

void agent_init(struct agent *a, const struct device *device, const struct transport *transport, uint32_t now_ms)
{
    memset(a, 0, sizeof *a);
    a->device = device;
    a->start_ms = a->gate_ms = a->quiet_ms = now_ms;
    a->trial = device->boot.confirmed == 0;
    exchange_init(&a->exchange, transport);
    progress_open(&a->progress);
    bootlog_open(&a->bootlog);
    a->download.exchange = &a->exchange;
    a->download.progress = &a->progress;
    a->download.offer = &a->offer;
    a->download.running = device->boot.slot;
    a->patch.download = &a->download;
    a->patch.device = device;
    a->download.chunk = (uint8_t *)a->text;
    freshness_open(&a->fresh);
    trust_open();
    find_story(a, now_ms);
    agent_wait(a, now_ms, AGENT_FIRST_MS);
}
