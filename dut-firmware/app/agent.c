/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The update agent of agent.h.
 *
 * Method. There is no stored "current step". Whenever nothing is under way, decide() looks at what the logs and this run know, and takes the first of
 * these that applies; so a cut anywhere leads back to the right place by itself:
 *
 *   1. a stage was reached that the server does not know: tell it, oldest first;
 *   2. the image on trial has told that it booted: confirm it;
 *   3. an update is installed: reset into it;
 *   4. an accepted offer is at hand: fetch what is missing, check it, activate it;
 *   5. ask for an offer.
 *
 * Each step fails into one place, retry(), which waits longer each time. Offers are fetched anew after each failure: an update that was withdrawn is
 * not pursued. An image that was given up by its own fault is remembered by its tag (progress.h) and gets two more chances with growing delays, another
 * image under the same version number gets its own. Trials that power cuts used up are not held against the image.
 */
#include "agent.h"
#include <string.h>
#include "candidate.h"
#include "console.h"
#include "image.h"
#include "platform.h"
#include "reason.h"
#include "release.h"

enum { MANIFEST_MS = 20000, TELEMETRY_MS = 10000, TELEMETRY_BODY_MOST = 4096, SOFT_FAILURES = 5, TRIAL_RETRY_MOST_MS = 2000 };

#define BIT(stage) (1u << (stage))
#define INSTALLED_STAGES (BIT(STAGE_STARTED) | BIT(STAGE_DOWNLOADED) | BIT(STAGE_VERIFIED) | BIT(STAGE_INSTALLED))

static void wait(struct agent *a, uint32_t now_ms, uint32_t ms)
{
    a->phase = AGENT_WAIT;
    a->due_ms = now_ms + ms;
}

static void print_stage(const struct report *r, uint32_t offset)
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
    if (r->stage != STAGE_FAILED)
        console_number("offset", offset);
    console_end();
}

static uint32_t held_bytes(const struct agent *a)
{
    uint32_t bytes = a->progress.chunks * MANIFEST_CHUNK;
    return a->have_offer && bytes > a->offer.size ? a->offer.size : bytes;
}

static struct report report_of(const struct agent *a, enum stage s)
{
    const struct progress *p = &a->progress;
    return (struct report){.stage = s, .release = p->release, .slot = p->slot, .cause = p->cause};
}

/* The update of a->progress has come to a stage: said on the console once per run, to the server until it answers. */
static void reach(struct agent *a, enum stage s)
{
    struct report r = report_of(a, s);
    if (a->reached & BIT(s))
        return;
    a->reached |= (uint8_t)BIT(s);
    print_stage(&r, held_bytes(a));
}

/* --- failures --- */

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

static void print_retry(uint32_t ms, enum cause cause)
{
    console_event("retry");
    console_number("wait", ms);
    console_word("cause", cause_name(cause));
    console_end();
}

static void retry(struct agent *a, enum cause cause, uint32_t at_least_ms, uint32_t now_ms)
{
    exchange_drop(&a->exchange);
    a->have_offer = false;
    a->failures++;
    uint32_t ms = backoff(a, at_least_ms);
    print_retry(ms, cause);
    wait(a, now_ms, ms);
    a->quiet_ms = a->due_ms;
}

/* Causes that the network alone can bring about are worth a report only when they persist. */
static bool soft(enum cause c)
{
    return c == CAUSE_NO_SERVER || c == CAUSE_CONNECTION_LOST || c == CAUSE_TIMEOUT || c == CAUSE_HTTP_STATUS;
}

/* An offer of this release cannot be had now. Reported once per row of equal failures; then tried again. */
static void trouble(struct agent *a, uint32_t release, enum cause cause, uint32_t retry_after_s, uint32_t now_ms)
{
    struct report *r = &a->trouble.report;
    bool said = r->stage == STAGE_FAILED && r->release == release && r->cause == cause;
    bool worth = soft(cause) ? release != 0 && a->failures + 1 >= SOFT_FAILURES : true;
    if (!said && worth) {
        *r = (struct report){.stage = STAGE_FAILED, .release = release, .slot = (uint8_t)(1 - a->device->boot.slot), .cause = cause};
        a->trouble.untold = true;
        print_stage(r, 0);
    }
    retry(a, cause, retry_after_s * 1000u, now_ms);
    if (a->trouble.untold && cause != CAUSE_NO_SERVER)
        wait(a, now_ms, 0); /* the server is there to be told; asking again waits */
}

/* The image of the accepted offer is no good, whoever sends it: recorded, told, and tried again only by gate(). */
static void refuse(struct agent *a, enum cause cause, uint32_t now_ms)
{
    a->have_offer = false;
    a->deferred = false;
    a->gate_ms = now_ms;
    int rc = progress_drop(&a->progress);
    if (rc == RECLOG_OK)
        rc = progress_finish(&a->progress, PROGRESS_FAILED, cause, true);
    if (rc != RECLOG_OK) {
        trouble(a, a->progress.release, CAUSE_FLASH, 0, now_ms);
        return;
    }
    reach(a, STAGE_FAILED);
    wait(a, now_ms, 0);
    a->quiet_ms = now_ms + AGENT_RETRY_MS;
}

/* --- telling --- */

/* This run has activated another image. */
static bool installed_elsewhere(const struct agent *a)
{
    return !a->trial && (a->reached & BIT(STAGE_INSTALLED)) && a->progress.end == PROGRESS_OPEN && a->progress.image != a->device->image;
}

static bool next_untold(const struct agent *a, struct report *r)
{
    unsigned untold = a->reached & ~(unsigned)a->progress.told;
    if (a->trouble.untold) {
        *r = a->trouble.report;
        return true;
    }
    for (unsigned s = 0; s < STAGE_COUNT; s++) {
        if (untold & BIT(s)) {
            *r = report_of(a, (enum stage)s);
            return true;
        }
    }
    return false;
}

static void begin_exchange(struct agent *a, enum agent_phase phase, size_t size, uint32_t now_ms)
{
    a->phase = phase;
    a->exchange_ms = now_ms;
    a->text_size = 0;
    exchange_begin(&a->exchange, a->text, size, now_ms);
}

static void begin_tell(struct agent *a, uint32_t now_ms)
{
    begin_exchange(a, AGENT_TELL, request_telemetry(a->text, sizeof a->text, a->device, &a->telling), now_ms);
}

static void told(struct agent *a, uint32_t now_ms)
{
    int rc = RECLOG_OK;
    exchange_drop(&a->exchange);
    if (a->trouble.untold)
        a->trouble.untold = false;
    else
        rc = progress_tell(&a->progress, a->telling.stage);
    if (rc == RECLOG_OK)
        wait(a, now_ms, 0);
    else
        retry(a, CAUSE_FLASH, 0, now_ms);
}

static void untellable(struct agent *a, enum cause cause, uint32_t now_ms)
{
    exchange_drop(&a->exchange);
    if (installed_elsewhere(a))
        a->reset = true; /* the new image will tell what this one could not */
    else
        retry(a, cause, a->exchange.parser.head.retry_after * 1000u, now_ms);
}

static void tell_step(struct agent *a, uint32_t now_ms)
{
    uint8_t answer[64];
    enum exchange_phase phase = exchange_step(&a->exchange, now_ms);
    int status = a->exchange.parser.head.status;
    if (phase == EXCHANGE_FAILED) {
        untellable(a, a->exchange.cause, now_ms);
    } else if (phase == EXCHANGE_DONE || phase == EXCHANGE_BODY) {
        if (status < 200 || status > 299)
            untellable(a, CAUSE_HTTP_STATUS, now_ms);
        else if (phase == EXCHANGE_DONE || a->exchange.parser.head.length > TELEMETRY_BODY_MOST)
            told(a, now_ms);
        else
            while (exchange_read(&a->exchange, answer, sizeof answer, now_ms) > 0)
                continue;
    } else if (now_ms - a->exchange_ms >= TELEMETRY_MS) {
        untellable(a, CAUSE_TIMEOUT, now_ms);
    }
}

/* --- offers --- */

static void begin_ask(struct agent *a, uint32_t now_ms)
{
    int32_t quiet = (int32_t)(a->quiet_ms - now_ms);
    if (quiet > 0) {
        wait(a, now_ms, (uint32_t)quiet);
        return;
    }
    a->quiet_ms = now_ms; /* or it would lie in the future again when the counter wraps */
    begin_exchange(a, AGENT_ASK, request_manifest(a->text, sizeof a->text, a->device), now_ms);
}

static void nothing_to_do(struct agent *a, uint32_t now_ms)
{
    exchange_drop(&a->exchange);
    a->failures = 0;
    wait(a, now_ms, AGENT_POLL_MS);
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
            trouble(a, a->offer.release, CAUSE_FLASH, 0, now_ms);
            return;
        }
        memset(&a->trouble, 0, sizeof a->trouble);
        a->reached = 0;
        reach(a, STAGE_STARTED);
    }
    a->reached |= BIT(STAGE_STARTED);
    a->have_offer = true;
    wait(a, now_ms, 0);
}

static void judge_offer(struct agent *a, uint32_t now_ms)
{
    enum cause c = manifest_parse(&a->offer, a->text, a->text_size, (uint8_t)(1 - a->device->boot.slot));
    if (c == CAUSE_NONE && a->offer.release <= a->device->release) {
        nothing_to_do(a, now_ms);
        return;
    }
    if (c == CAUSE_NONE && a->offer.counter < a->device->boot.floor)
        c = CAUSE_DOWNGRADE;
    if (c != CAUSE_NONE) {
        trouble(a, a->offer.release, c, 0, now_ms);
        return;
    }
    uint32_t wait_ms = gate(a, now_ms);
    if (wait_ms == 0) {
        accept(a, now_ms);
        return;
    }
    nothing_to_do(a, now_ms);
    if (wait_ms < AGENT_POLL_MS)
        wait(a, now_ms, wait_ms);
    if (a->deferred)
        return;
    a->deferred = true;
    if (wait_ms == UINT32_MAX)
        console_comment("the offered image was given up too often: not tried again");
    else
        print_retry(wait_ms, a->progress.cause);
}

static void ask_step(struct agent *a, uint32_t now_ms)
{
    const struct http_head *h = &a->exchange.parser.head;
    enum exchange_phase phase = exchange_step(&a->exchange, now_ms);
    if (phase == EXCHANGE_FAILED) {
        trouble(a, 0, a->exchange.cause, 0, now_ms);
    } else if (phase == EXCHANGE_DONE || phase == EXCHANGE_BODY) {
        if (h->status == 204)
            nothing_to_do(a, now_ms);
        else if (h->status != 200)
            trouble(a, 0, CAUSE_HTTP_STATUS, h->retry_after, now_ms);
        else if (h->length > sizeof a->text)
            trouble(a, 0, CAUSE_BAD_MANIFEST, 0, now_ms);
        else
            a->text_size += (uint32_t)exchange_read(&a->exchange, (uint8_t *)a->text + a->text_size, sizeof a->text - a->text_size, now_ms);
    }
    if (phase == EXCHANGE_DONE && a->phase == AGENT_ASK)
        judge_offer(a, now_ms);
    else if (a->phase == AGENT_ASK && now_ms - a->exchange_ms >= MANIFEST_MS)
        trouble(a, 0, CAUSE_TIMEOUT, 0, now_ms);
}

/* --- fetching, checking, activating --- */

static void begin_fetch(struct agent *a, uint32_t now_ms)
{
    if (a->progress.chunks > 0) {
        struct image_version v = release_version(a->offer.release);
        console_event("resume");
        console_version("version", &v);
        console_number("offset", held_bytes(a));
        console_end();
    }
    a->phase = AGENT_FETCH;
    download_begin(&a->download, now_ms);
}

static void fetch_step(struct agent *a, uint32_t now_ms)
{
    uint32_t before = a->progress.chunks;
    enum download_result r = download_step(&a->download, now_ms);
    if (a->progress.chunks != before)
        a->failures = 0;
    if (r == DOWNLOAD_DONE)
        wait(a, now_ms, 0);
    else if (r == DOWNLOAD_LATER)
        trouble(a, a->offer.release, a->download.cause, a->download.retry_after, now_ms);
    else if (r == DOWNLOAD_REFUSED)
        refuse(a, a->download.cause, now_ms);
}

static void activate(struct agent *a, uint32_t now_ms)
{
    int rc = progress_install(&a->progress, a->candidate);
    if (rc == RECLOG_OK)
        rc = bootlog_try(&a->bootlog, a->offer.slot, a->candidate);
    if (rc != RECLOG_OK) {
        trouble(a, a->offer.release, CAUSE_FLASH, 0, now_ms);
        return;
    }
    reach(a, STAGE_INSTALLED);
    wait(a, now_ms, 0);
}

static void verify(struct agent *a, uint32_t now_ms)
{
    enum cause c = candidate_check(&a->offer, a->device, &a->candidate);
    if (c != CAUSE_NONE)
        refuse(a, c, now_ms);
    else
        reach(a, STAGE_VERIFIED);
}

/* One step with the accepted offer. Each stage is told before the next begins: reach() leaves that to decide(). */
static void pursue(struct agent *a, uint32_t now_ms)
{
    if (a->progress.chunks < a->offer.chunks) {
        begin_fetch(a, now_ms);
    } else if (!(a->reached & BIT(STAGE_DOWNLOADED))) {
        reach(a, STAGE_DOWNLOADED);
    } else if (!(a->reached & BIT(STAGE_VERIFIED))) {
        verify(a, now_ms);
    } else {
        activate(a, now_ms);
    }
}

/* --- the trial --- */

static void confirm(struct agent *a, uint32_t now_ms)
{
    const struct handover *h = &a->device->boot;
    if (bootlog_confirm(&a->bootlog, h->slot, a->device->image, h->counter) != RECLOG_OK) {
        retry(a, CAUSE_FLASH, 0, now_ms);
        return;
    }
    a->trial = false;
    reach(a, STAGE_CONFIRMED);
}

/* attempt 0: nothing stands behind this image that a reset could fall back to. */
static bool unhealthy(struct agent *a, uint32_t now_ms)
{
    if (!a->trial || a->device->boot.attempt == 0 || now_ms - a->start_ms < AGENT_HEALTH_MS)
        return false;
    print_retry(0, CAUSE_UNHEALTHY);
    return true;
}

/* --- the loop --- */

static void decide(struct agent *a, uint32_t now_ms)
{
    if (next_untold(a, &a->telling))
        begin_tell(a, now_ms);
    else if (a->trial)
        confirm(a, now_ms);
    else if (installed_elsewhere(a))
        a->reset = true;
    else if (a->have_offer)
        pursue(a, now_ms);
    else
        begin_ask(a, now_ms);
}

bool agent_step(struct agent *a, uint32_t now_ms)
{
    switch (a->phase) {
    case AGENT_WAIT:
        if ((int32_t)(now_ms - a->due_ms) >= 0)
            decide(a, now_ms);
        break;
    case AGENT_TELL: tell_step(a, now_ms); break;
    case AGENT_ASK: ask_step(a, now_ms); break;
    case AGENT_FETCH: fetch_step(a, now_ms); break;
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
    bool invalid = a->bootlog.rejected_cause == BOOTLOG_BY_INVALID;
    int rc = invalid ? progress_drop(&a->progress) : RECLOG_OK;
    if (rc == RECLOG_OK)
        rc = progress_finish(&a->progress, PROGRESS_ROLLED_BACK, invalid ? CAUSE_INVALID : CAUSE_ATTEMPTS, !by_power(a->device->boot.reason));
    a->gate_ms = now_ms;
    if (rc == RECLOG_OK)
        reach(a, STAGE_ROLLED_BACK);
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
        a->reached = INSTALLED_STAGES | (a->trial ? 0 : BIT(STAGE_BOOTED) | BIT(STAGE_CONFIRMED));
        if (a->trial)
            reach(a, STAGE_BOOTED);
    } else if (p->known && p->end == PROGRESS_OPEN) {
        a->reached = BIT(STAGE_STARTED);
        if (p->installed && is_rejected(a)) {
            a->reached = INSTALLED_STAGES;
            rolled_back(a, now_ms);
        }
    } else if (p->known) {
        a->reached = (uint8_t)BIT(p->end == PROGRESS_FAILED ? STAGE_FAILED : STAGE_ROLLED_BACK);
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
    find_story(a, now_ms);
    wait(a, now_ms, AGENT_FIRST_MS);
}
