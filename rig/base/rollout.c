/* SPDX-License-Identifier: GPL-3.0-or-later
 * The rules of a rollout.
 *
 * Method. A device's place in the queue is a hash of its id, so that it is the same at every request, on every server, and grows into
 * each larger cohort: whoever was in the first percent is in the first ten. In descending order of rank: who is sent back, what is
 * paused by hand, what has stopped by itself, and only then the cohorts. A device counts as failed once, however often it says so, and
 * also when it began and was not heard of again: the dead do not report. Stopping is for good; who has already been given the
 * image when the budget is spent is the overrun, which is why cohorts begin small. */
#include "base/rollout.h"

#include "base/buf.h"
#include "base/crypto.h"

#include <stdlib.h>
#include <string.h>

struct device {
    uint64_t begun, heard, failed; /* times; ROLLOUT_NEVER */
    bool confirmed;
};

struct word { size_t device; uint64_t t; enum rollout_stage what; };

struct rollout {
    struct rollout_rules rules;
    struct word *word; /* told, and not yet in the past */
    size_t words;
    struct device *device;
    size_t devices, failed;
    uint64_t now, stopped;
};

struct rollout *rollout_new(const struct rollout_rules *rules, size_t devices)
{
    struct rollout *r = mem_new(sizeof *r);
    r->rules = *rules;
    r->devices = devices;
    r->device = mem_new((devices + 1) * sizeof *r->device);
    r->stopped = ROLLOUT_NEVER;
    for (size_t i = 0; i < devices; i++)
        r->device[i] = (struct device){ROLLOUT_NEVER, 0, ROLLOUT_NEVER, false};
    return r;
}

void rollout_free(struct rollout *r)
{
    if (!r)
        return;
    free(r->device);
    free(r->word);
    free(r);
}

void rollout_tell(struct rollout *r, size_t device, uint64_t t, enum rollout_stage what)
{
    if (device >= r->devices)
        return;
    r->word = mem_grow(r->word, (r->words + 1) * sizeof *r->word);
    r->word[r->words++] = (struct word){device, t, what};
}

/* In whatever order words of one device come in: the earliest of each kind counts. */
static void learn(struct rollout *r, const struct word *w)
{
    struct device *d = &r->device[w->device];
    d->heard = w->t > d->heard ? w->t : d->heard;
    if (w->what == ROLLOUT_BEGUN && w->t < d->begun)
        d->begun = w->t;
    if (w->what == ROLLOUT_FAILED && w->t < d->failed)
        d->failed = w->t;
    if (w->what == ROLLOUT_CONFIRMED)
        d->confirmed = true;
}

static void learn_the_past(struct rollout *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->words; i++)
        if (r->word[i].t < r->now)
            learn(r, &r->word[i]);
        else
            r->word[kept++] = r->word[i];
    r->words = kept;
}

static bool has_failed(const struct rollout *r, const struct device *d)
{
    if (d->failed < r->now)
        return true;
    return r->rules.silent_ns && d->begun != ROLLOUT_NEVER && !d->confirmed && r->now > d->heard &&
           r->now - d->heard > r->rules.silent_ns;
}

void rollout_advance(struct rollout *r, uint64_t t)
{
    r->now = t > r->now ? t : r->now;
    r->failed = 0;
    learn_the_past(r);
    for (size_t i = 0; i < r->devices; i++)
        r->failed += has_failed(r, &r->device[i]);
    if (r->rules.budget && r->failed >= r->rules.budget && r->stopped == ROLLOUT_NEVER)
        r->stopped = r->now;
}

static bool within(const struct rollout_span *s, uint64_t t)
{
    return s->for_ns && t >= s->from_ns && t - s->from_ns < s->for_ns;
}

uint64_t rollout_place(uint64_t seed, const char *id)
{
    char *text = mem_printf("%llu/%s", (unsigned long long)seed, id);
    uint8_t digest[32];
    uint64_t n = 0;
    crypto_sha256(text, strlen(text), digest);
    free(text);
    for (size_t i = 0; i < 8; i++)
        n = n << 8 | digest[i];
    return n % ROLLOUT_PLACES;
}

static bool has_its_turn(const struct rollout *r, const char *id)
{
    uint64_t place = rollout_place(r->rules.seed, id);
    for (size_t i = 0; i < r->rules.cohorts; i++)
        if (r->now >= r->rules.cohort[i].from_ns && place < r->rules.cohort[i].places)
            return true;
    return r->rules.cohorts == 0;
}

struct rollout_answer rollout_answer(const struct rollout *r, const char *id)
{
    const struct rollout_rules *rules = &r->rules;
    struct rollout_answer a = {ROLLOUT_NONE, ROLLOUT_UP};
    bool stopped = r->stopped != ROLLOUT_NEVER;
    if (r->now >= rules->back_ns || (stopped && rules->stop_back))
        a.action = ROLLOUT_BACK;
    else if (stopped || within(&rules->paused, r->now))
        a.action = ROLLOUT_PAUSE;
    else if (has_its_turn(r, id))
        a.action = ROLLOUT_UPDATE;
    if (within(&rules->down, r->now))
        a.service = ROLLOUT_DOWN;
    else if (within(&rules->busy, r->now))
        a.service = ROLLOUT_BUSY;
    return a;
}

uint64_t rollout_stopped(const struct rollout *r)
{
    return r->stopped;
}

const char *rollout_action_name(enum rollout_action a)
{
    static const char *const names[ROLLOUT_ACTIONS] = {"update", "none", "pause", "rollback"};
    return (unsigned)a < ROLLOUT_ACTIONS ? names[a] : "?";
}

const char *rollout_service_name(enum rollout_service s)
{
    static const char *const names[ROLLOUT_SERVICES] = {"up", "down", "busy"};
    return (unsigned)s < ROLLOUT_SERVICES ? names[s] : "?";
}
