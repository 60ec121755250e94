/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a trial's records say about offers, images and versions. */
#include "judge/scene.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/regex.h"
#include "record/header.h"
#include "record/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void scene_start(struct scene *s, const struct law_case *c)
{
    *s = (struct scene){.c = c};
}

static bool signed_by_revoked(const struct header *h, const char *image)
{
    const struct header_image *i = header_image_named(h, image);
    return i && strcmp(i->signer, "good") == 0;
}

/* From here on the device knows that the first key is revoked: what it has not begun to fetch yet, and is signed with it, is attack
 * content; what runs goes on. */
static void take_keys(struct scene *s)
{
    s->revoked = true;
    for (size_t i = 0; i < s->offers; i++)
        if (!s->offer[i].fetched && signed_by_revoked(s->c->header, s->offer[i].image))
            s->offer[i].genuine = s->offer[i].good = false;
}

static bool is_keys(const struct scene *s, const struct journal_event *ev)
{
    const struct scene_offer *o = scene_current(s);
    return o && o->keyset > 1 && scene_answered(ev) && strncmp(journal_text(ev, "path"), "/keys", 5) == 0;
}

static void take_offer(struct scene *s, const struct journal_event *ev)
{
    const struct header *h = s->c->header;
    const char *image = journal_text(ev, "image");
    struct scene_offer o = {.image = image, .version = journal_text(ev, "version"), .good = journal_flag(ev, "good"),
                            .recovery = s->recovering, .event = ev};
    const char *action = journal_text(ev, "action");
    o.action = *action ? action : "update";
    o.keyset = (unsigned)journal_number(ev, "keyset", 1);
    /* An image that the header does not list can only be taken at the offer's word. */
    o.genuine = header_image_named(h, image) ? header_genuine(h, image) : o.good;
    if (s->revoked && signed_by_revoked(h, image))
        o.genuine = o.good = false;
    o.requested = s->offers == 0;
    if (s->offers == SCENE_OFFERS)
        s->offers--;
    s->offer[s->offers++] = o;
}

void scene_take(struct scene *s, const struct journal_event *ev)
{
    if (journal_is(ev, "faults-over", NULL))
        s->recovering = true;
    else if (journal_is(ev, "offer", NULL))
        take_offer(s, ev);
    else if ((journal_is(ev, "held", NULL) || journal_is(ev, "http", NULL)) && *journal_text(ev, "file") && s->offers)
        s->offer[s->offers - 1].requested = s->offer[s->offers - 1].fetched = true;
    else if (is_keys(s, ev))
        take_keys(s);
}

const struct scene_offer *scene_current(const struct scene *s)
{
    return s->offers ? &s->offer[s->offers - 1] : NULL;
}

bool scene_same_digest(const char *printed, const char *digest)
{
    size_t n = strlen(printed);
    return n >= 8 && n <= strlen(digest) && strncasecmp(printed, digest, n) == 0;
}

const struct header_image *scene_image(const struct header *h, const char *digest)
{
    const struct header_image *found = NULL;
    for (size_t i = 0; i < h->images; i++)
        if (scene_same_digest(digest, h->image[i].digest) && (!found || (h->image[i].genuine && !found->genuine)))
            found = &h->image[i];
    return found;
}

static bool set_has(const struct header *h, const char *name, const char *digest)
{
    for (size_t i = 0; i < h->images; i++)
        if (h->image[i].genuine && strcmp(h->image[i].name, name) == 0 && scene_same_digest(digest, h->image[i].digest))
            return true;
    return false;
}

bool scene_may_run(const struct scene *s, const char *digest)
{
    const struct header_image *known = scene_image(s->c->header, digest);
    if (!header_image_named(s->c->header, s->c->scenario->installed) && known && known->genuine)
        return true; /* the header does not say what was installed: every genuine image may have been */
    if (set_has(s->c->header, s->c->scenario->installed, digest))
        return true;
    for (size_t i = 0; i < s->offers; i++)
        if (s->offer[i].genuine && s->offer[i].requested && set_has(s->c->header, s->offer[i].image, digest))
            return true;
    return false;
}

bool scene_offered(const struct scene *s, const char *version)
{
    for (size_t i = 0; i < s->offers; i++)
        if (s->offer[i].genuine && strcmp(s->offer[i].version, version) == 0)
            return true;
    return false;
}

bool scene_offered_good(const struct scene *s, const char *version)
{
    for (size_t i = 0; i < s->offers; i++)
        if (s->offer[i].good && strcmp(s->offer[i].version, version) == 0)
            return true;
    return false;
}

bool scene_rolled_back(const struct scene *s, const char *version)
{
    for (size_t i = 0; i < s->offers; i++)
        if (s->offer[i].genuine && strcmp(s->offer[i].action, "rollback") == 0 && strcmp(s->offer[i].version, version) == 0)
            return true;
    return false;
}

bool scene_stopped(const struct scene *s)
{
    const struct scene_offer *o = scene_current(s);
    return o && (strcmp(o->action, "pause") == 0 || strcmp(o->action, "none") == 0);
}

bool scene_answered(const struct journal_event *ev)
{
    return journal_is(ev, "http", NULL) && !*journal_text(ev, "file") && !*journal_text(ev, "attack") &&
           strcmp(journal_text(ev, "method"), "POST") != 0 && journal_number(ev, "status", 0) == 200 &&
           (!*journal_text(ev, "end") || strcmp(journal_text(ev, "end"), "complete") == 0);
}

int64_t scene_asked(const struct journal_event *ev)
{
    return journal_number(ev, "asked", -1);
}

bool scene_good_in_recovery(const struct scene *s, const char *version)
{
    for (size_t i = 0; i < s->offers; i++)
        if (s->offer[i].good && s->offer[i].recovery && strcmp(s->offer[i].version, version) == 0)
            return true;
    return false;
}

const char *scene_installed_version(const struct law_case *c)
{
    const struct header_image *image = header_image_named(c->header, c->scenario->installed);
    return image ? image->version : "";
}

const struct journal_event *scene_end(const struct law_case *c)
{
    return &c->trial->event[c->trial->count - 1];
}

bool scene_rig_restart(const struct journal_event *ev)
{
    if (journal_is(ev, "power", NULL))
        return journal_flag(ev, "on");
    return journal_is(ev, "reset", NULL) && strcmp(journal_text(ev, "by"), "rig") == 0;
}

/* Power-on and pin come from outside the chip whatever the record says about who did it. */
bool scene_device_reset(const struct journal_event *ev)
{
    const char *cause = journal_text(ev, "cause");
    return journal_is(ev, "reset", NULL) && strcmp(journal_text(ev, "by"), "rig") != 0 && strcmp(cause, "power-on") != 0 &&
           strcmp(cause, "pin") != 0;
}

bool scene_fault_done(const struct journal_event *ev, const char *what)
{
    return journal_is(ev, "fault", NULL) && journal_flag(ev, "delivered") && (!what || strcmp(journal_text(ev, "do"), what) == 0);
}

bool scene_matches(const char *expected, const char *word)
{
    struct err ignored = {0};
    char *whole = mem_printf("^(%s)$", expected);
    struct regex *pattern = regex_new(whole, &ignored); /* an edited header may hold anything: what is no pattern matches nothing */
    bool is = pattern && *word && regex_match(pattern, word, NULL);
    regex_free(pattern);
    free(whole);
    return is;
}

bool scene_reports(const struct journal_event *ev)
{
    const char *stage = journal_text(ev, "stage");
    if (journal_is(ev, "dut", "stage") || journal_is(ev, "told", NULL))
        return strcmp(stage, "failed") == 0 || strcmp(stage, "rolled-back") == 0;
    return journal_is(ev, "dut", "rollback") || journal_is(ev, "dut", "retry");
}

bool scene_newer(const char *version, const char *than)
{
    unsigned long a[3], b[3];
    if (sscanf(version, "%9lu.%9lu.%9lu", &a[0], &a[1], &a[2]) != 3 || sscanf(than, "%9lu.%9lu.%9lu", &b[0], &b[1], &b[2]) != 3)
        return false;
    for (int i = 0; i < 3; i++)
        if (a[i] != b[i])
            return a[i] > b[i];
    return false;
}

long long scene_ms(int64_t ns)
{
    return (long long)(ns / 1000000);
}

static int64_t clamp(int64_t n, int64_t most)
{
    return n < 0 ? 0 : n > most ? most : n;
}

int64_t scene_ns(int64_t ms)
{
    return clamp(ms, 10000000) * 1000000;
}

int64_t scene_bytes(int64_t n)
{
    return clamp(n, INT64_C(1000000000000));
}
