/* SPDX-License-Identifier: GPL-3.0-or-later
 * L5 monotonic: the security counter never decreases. What was confirmed sets the floor; a trial boot may raise the counter and
 * fall back, because only confirmation burns the bridge. Kind: counter-lowered. */
#include "judge/laws.h"
#include "judge/scene.h"
#include "record/header.h"
#include "record/journal.h"

#include <string.h>

struct floor {
    int64_t counter;
    const struct journal_event *by; /* NULL: the image that was installed at the start */
};

/* The image's own counter is the truth; the device's word stands in where the image is not known. */
static int64_t counter_of(const struct law_case *c, const struct journal_event *ev)
{
    const struct header_image *image = scene_image(c->header, journal_text(ev, "digest"));
    return image && image->counter >= 0 ? image->counter : journal_number(ev, "counter", -1);
}

static int64_t counter_of_version(const struct law_case *c, const char *version)
{
    int64_t counter = -1;
    for (size_t i = 0; i < c->header->images; i++) {
        const struct header_image *image = &c->header->image[i];
        /* Two genuine images of one version may differ in it (a downgrade in disguise): the smaller one cannot be wrong. */
        if (image->genuine && image->counter >= 0 && strcmp(image->version, version) == 0 &&
            (counter < 0 || image->counter < counter))
            counter = image->counter;
    }
    return counter;
}

static void raise(struct floor *f, int64_t counter, const struct journal_event *by)
{
    if (counter > f->counter)
        *f = (struct floor){counter, by};
}

static void check(const struct law_case *c, struct floor *f, const struct journal_event *ev, struct law_result *r)
{
    int64_t counter = counter_of(c, ev), said = journal_number(ev, "counter", -1);
    if (said >= 0 && said < counter && journal_is(ev, "dut", "boot"))
        counter = said; /* a bootloader that takes an image's counter for less than it is would let less in */
    if (counter >= 0 && counter < f->counter) {
        law_violated(r, ev, "counter-lowered", "%s %.40s with security counter %lld, after %lld was confirmed.",
                     journal_is(ev, "dut", "running") ? "The device runs" : "The bootloader starts", journal_text(ev, "version"),
                     (long long)counter, (long long)f->counter);
        law_cite(r, f->by);
    }
    if (journal_flag(ev, "confirmed"))
        raise(f, counter, ev);
}

void law_monotonic(const struct law_case *c, struct law_result *r)
{
    const struct header_image *installed = header_image_named(c->header, c->scenario->installed);
    struct floor f = {installed && installed->genuine ? installed->counter : -1, NULL};
    bool any = false;
    for (size_t i = 0; i < c->trial->count; i++) {
        const struct journal_event *ev = &c->trial->event[i];
        if (journal_is(ev, "dut", "boot") || journal_is(ev, "dut", "running") || journal_is(ev, "exec", NULL)) {
            any = any || counter_of(c, ev) >= 0;
            check(c, &f, ev, r);
        }
        if (journal_is(ev, "dut", "stage") && strcmp(journal_text(ev, "stage"), "confirmed") == 0)
            raise(&f, counter_of_version(c, journal_text(ev, "version")), ev);
    }
    if (!any)
        law_none(r);
}
