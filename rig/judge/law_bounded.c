/* SPDX-License-Identifier: GPL-3.0-or-later
 * L11 bounded: recovery takes at most N boots and T seconds; no endless loop, no unbounded download or retry.
 *
 * N is the profile's max_boots, T the limit that the rig waited (a `timeout` record). The other bounds are the profile's `limits`, and
 * wide on purpose: they tell an endless loop from a hard day, not a good device from a better one. Bytes are those that the device's
 * TCP took, so a device that hangs up may be charged with what was on its way. An answer that a lying server draws out binds the
 * device for as long as it lets it; while the link is disturbed nobody can tell who was slow. Kinds: too-many-boots, reset-loop,
 * endless-retry, retry-after-ignored, unbounded-download, unbounded-answer, retry-storm, held-up, too-slow. */
#include "base/buf.h"
#include "base/json.h"
#include "base/value.h"
#include "judge/laws.h"
#include "judge/scene.h"
#include "record/header.h"
#include "record/journal.h"

#include <string.h>

enum {
    RETRIES = 64,   /* the most that limits.retries may be */
    EARLY_MS = 500, /* a clock may be off, and a second rounded */
    DELTAS = 2,     /* failures of a delta before the whole image is due (catalogue I15) */
};

struct bounds {
    const struct law_case *c;
    struct law_result *r;
    unsigned boots;               /* since the rig's restart or the last `running` */
    unsigned loops;               /* resets of a confirmed application without an installation */
    bool confirmed, installed;    /* of the application that runs */
    unsigned installs, started;
    int64_t size;                 /* of the largest image asked for */
    int64_t retry[RETRIES];       /* times of the latest retries, a ring */
    size_t retries;
    unsigned deltas;              /* that the device has found no good, of this offer */
    bool disturbed;               /* the link, by a fault */
    int64_t retry_after;          /* ms that the server's 503 asks for; 0: it does not */
    const struct journal_event *busy; /* the latest such answer, in this run of the device */
    const struct journal_event *first, *over;
};

static void reset(struct bounds *b, const struct journal_event *ev)
{
    int64_t most = b->c->header->max_boots;
    b->first = b->boots++ ? b->first : ev;
    if (most && b->boots > most) {
        law_violated(b->r, ev, "too-many-boots", "%u boots and the application does not run; %lld are allowed.", b->boots,
                     (long long)most);
        law_cite(b->r, b->first);
    }
    if (!b->confirmed || b->installed || !scene_device_reset(ev))
        return;
    b->confirmed = false; /* counted once per run of the application */
    if (most && ++b->loops > most)
        law_violated(b->r, ev, "reset-loop", "The confirmed application reset itself %u times without an update to install.",
                     b->loops);
}

static void running(struct bounds *b, const struct journal_event *ev)
{
    b->boots = 0;
    b->confirmed = journal_flag(ev, "confirmed");
    b->installed = false;
}

static void stage(struct bounds *b, const struct journal_event *ev)
{
    const char *name = journal_text(ev, "stage");
    int64_t most = b->c->header->max_boots;
    b->started += strcmp(name, "started") == 0;
    if (strcmp(name, "installed") != 0)
        return;
    b->installed = true;
    b->installs++;
    if (most && b->installs > most)
        law_violated(b->r, ev, "endless-retry", "Installation number %u in one trial; more than %lld are no recovery any more.",
                     b->installs, (long long)most);
}

/* A delta that is no good is worth a second try and no third: there is a whole image. */
static void delta(struct bounds *b, const struct journal_event *ev)
{
    const char *cause = journal_text(ev, "cause");
    if (strcmp(cause, "bad-delta") != 0 && strcmp(cause, "bad-base") != 0)
        return;
    if (++b->deltas == DELTAS + 1)
        law_violated(b->r, ev, "endless-retry", "A delta was no good %u times (%.24s) and the device does not turn to the whole image.",
                     b->deltas, cause);
}

static void retry(struct bounds *b, const struct journal_event *ev)
{
    delta(b, ev);
    int64_t limit = b->c->header->limit.retries;
    size_t most = limit < RETRIES ? (size_t)limit : RETRIES;
    int64_t before = b->retry[b->retries % most];
    b->retry[b->retries % most] = ev->t;
    if (++b->retries > most && ev->t - before < scene_ns(b->c->header->limit.within_ms))
        law_violated(b->r, ev, "retry-storm", "%zu retries in %lld ms.", most, scene_ms(ev->t - before));
}

/* One answer: how much of it the device took, and how long it let itself be held. */
static void answer(struct bounds *b, const struct journal_event *ev)
{
    int64_t sent = scene_bytes(journal_number(ev, "sent", 0)), asked = scene_asked(ev);
    if (!*journal_text(ev, "file") && sent > b->c->header->limit.answer_bytes)
        law_violated(b->r, ev, "unbounded-answer", "The device took %lld bytes of %.60s; %lld are allowed.", (long long)sent,
                     journal_text(ev, "path"), (long long)b->c->header->limit.answer_bytes);
    if (asked >= 0 && !b->disturbed && *journal_text(ev, "attack") && ev->t - asked > scene_ns(b->c->header->limit.answer_ms))
        law_violated(b->r, ev, "held-up", "One answer (%.40s) held the device for %lld ms; %lld are allowed.",
                     journal_text(ev, "attack"), scene_ms(ev->t - asked), (long long)b->c->header->limit.answer_ms);
}

/* What the 503s of a `serve` fault say, as the trial's record has it; 0: nothing, or something else than seconds. */
static int64_t said_by_fault(const struct law_case *c)
{
    static const struct option_row row = {.name = "retry-after", .type = OPTION_TIME};
    const struct json *faults = json_get(c->trial->event[0].json, "faults");
    for (const struct json *f = json_first(faults); f; f = json_next(f)) {
        uint64_t ns = 0;
        struct buf ignored = {0};
        const char *text = json_str(f, "retry-after"), *word = NULL;
        const char *attack = json_str_or(f, "attack", "");
        bool plain = strcmp(attack, "status") == 0 ||
                     (strcmp(attack, "overload") == 0 && strcmp(json_str_or(f, "as", "seconds"), "seconds") == 0);
        bool read = text && plain && value_read(&row, text, &ns, &word, &ignored);
        buf_free(&ignored);
        if (read)
            return (int64_t)(ns / 1000000);
    }
    return 0;
}

/* Same path, whatever its query says. */
static bool same_path(const struct journal_event *a, const struct journal_event *b)
{
    const char *x = journal_text(a, "path"), *y = journal_text(b, "path");
    size_t n = strcspn(x, "?");
    return strcmp(journal_text(a, "method"), journal_text(b, "method")) == 0 && n == strcspn(y, "?") && strncmp(x, y, n) == 0;
}

static void patience(struct bounds *b, const struct journal_event *ev)
{
    int64_t most = b->c->header->limit.retry_after_ms, asked = scene_asked(ev);
    int64_t wait = scene_ns(b->retry_after < most ? b->retry_after : most) - scene_ns(EARLY_MS);
    if (b->busy && asked > b->busy->t && asked - b->busy->t < wait && same_path(b->busy, ev)) {
        law_violated(b->r, ev, "retry-after-ignored", "Asked again after %lld ms; the server had said Retry-After: %lld s.",
                     scene_ms(asked - b->busy->t), (long long)(b->retry_after / 1000));
        law_cite(b->r, b->busy);
    }
    if (journal_number(ev, "status", 0) == 503 && b->retry_after && *journal_text(ev, "attack"))
        b->busy = ev;
}

static void http(struct bounds *b, const struct journal_event *ev)
{
    int64_t status = journal_number(ev, "status", 0), size = scene_bytes(journal_number(ev, "length", 0));
    if (!*journal_text(ev, "file") || *journal_text(ev, "attack") || (status != 200 && status != 206))
        return;
    if (status == 206)
        size += scene_bytes(journal_number(ev, "from", 0));
    b->size = size > b->size ? size : b->size;
}

static void timeout(struct bounds *b, const struct journal_event *ev)
{
    if (strcmp(journal_text(ev, "waiting"), "update") != 0)
        return; /* a boot that never ends is L1's, an image that is not given up L7's or L8's, a fault that never came the rig's
                 */
    law_missing(b->r, ev, "too-slow", "The rig waited %lld ms after the faults for the update to succeed.",
                (long long)journal_number(ev, "ms", 0));
    law_cite(b->r, b->over);
}

static void end(struct bounds *b, const struct journal_event *ev)
{
    int64_t fetched = scene_bytes(journal_number(ev, "fetched", 0)), most = b->size * ((int64_t)b->started + 1);
    most = most > INT64_MAX / 1000 ? INT64_MAX : most * (b->c->header->limit.download < 1000 ? b->c->header->limit.download : 1000);
    if (b->size > 0 && fetched > most)
        law_violated(b->r, ev, "unbounded-download", "The device fetched %lld bytes for %u updates of at most %lld bytes.",
                     (long long)fetched, b->started, (long long)b->size);
}

static void step(struct bounds *b, const struct journal_event *ev)
{
    if (journal_is(ev, "faults-over", NULL))
        b->over = ev;
    if (scene_rig_restart(ev))
        b->boots = 0;
    if (journal_is(ev, "reset", NULL) || journal_is(ev, "power", NULL))
        b->busy = NULL; /* a device that starts anew knows of no wait */
    if (journal_is(ev, "service", NULL))
        b->retry_after = scene_bytes(journal_number(ev, "retry_after_s", 0)) * 1000;
    if (scene_device_reset(ev) || (!b->c->complete && journal_is(ev, "dut", "reset")))
        reset(b, ev);
    if (journal_is(ev, "offer", NULL))
        b->deltas = 0;
    if (journal_is(ev, "dut", "running"))
        running(b, ev);
    if (journal_is(ev, "dut", "stage"))
        stage(b, ev);
    if (journal_is(ev, "dut", "retry"))
        retry(b, ev);
    if (scene_fault_done(ev, "link-down") || scene_fault_done(ev, "link"))
        b->disturbed = true;
    if (journal_is(ev, "http", NULL)) {
        answer(b, ev);
        patience(b, ev);
        http(b, ev);
    }
    if (journal_is(ev, "timeout", NULL))
        timeout(b, ev);
    if (journal_is(ev, "end", NULL))
        end(b, ev);
}

void law_bounded(const struct law_case *c, struct law_result *r)
{
    struct bounds b = {.c = c, .r = r, .retry_after = said_by_fault(c)};
    for (size_t i = 0; i < c->trial->count; i++)
        step(&b, &c->trial->event[i]);
}
