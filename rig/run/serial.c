/* SPDX-License-Identifier: GPL-3.0-or-later
 * The rig's side of serial recovery.
 *
 * Method. Each line that says "recovery" begins a transfer anew; the device says it only when none is under way. While one is, the boot
 * deadline stands still, for its length is the rig's and the line's doing; once every byte was acknowledged the device has a whole
 * one to start the image, and a `recovery-served` record tells the laws so. A transfer that the device breaks off is told, too, and
 * moves no deadline. What is sent is the newest image that the device has confirmed in this trial, so that no floor forbids it. */
#include "run/serial.h"

#include "base/json.h"
#include "run/note.h"
#include "run/trial_state.h"

#include <string.h>

enum { TRANSFERS_MOST = 8 };

static const struct plan_image *image_for(const struct trial *t)
{
    const struct plan_case *c = t->given->images;
    const struct plan_set *const sets[] = {c->next, c->eventually, c->offered}, *set = c->installed;
    for (size_t i = 0; i < 3; i++)
        if (sets[i] && sets[i]->genuine && strcmp(sets[i]->version, t->confirmed_version) == 0)
            set = sets[i];
    return set->count ? set->image[0] : NULL;
}

static void listen(struct trial *t, bool on)
{
    t->b->console->raw(t->b, on);
}

void serial_wanted(struct trial *t)
{
    struct serial *s = &t->serial;
    bool asked_for = t->given->given->expect.recovery && t->b->console && t->b->console->raw && t->b->console->send;
    if (!asked_for || s->served + s->failed >= TRANSFERS_MOST)
        return;
    s->image = image_for(t);
    if (!s->image)
        return;
    xmodem_start(&s->x, (const uint8_t *)s->image->bytes.data, s->image->bytes.size);
    listen(t, true);
}

static void over(struct trial *t)
{
    struct serial *s = &t->serial;
    bool ok = s->x.state == XMODEM_DONE;
    struct json *j = note_new("recovery-served", trial_now(t));
    json_add_bool(j, "ok", ok);
    json_add_str(j, "image", s->image->name);
    json_add_str(j, "version", s->image->version);
    json_add_str(j, "slot", s->image->slot);
    json_add_int(j, "bytes", (int64_t)(s->x.at < s->x.size ? s->x.at : s->x.size));
    note_add(t->out, j);
    *(ok ? &s->served : &s->failed) += 1;
    s->image = NULL;
    listen(t, false);
    t->settled_t = trial_now(t);
    if (!t->running)
        t->running_by = trial_now(t) + t->profile->deadline.boot_ms * MS;
}

void serial_byte(struct trial *t, const struct bench_event *ev)
{
    struct serial *s = &t->serial;
    uint8_t frame[XMODEM_FRAME];
    if (!s->image)
        return;
    size_t n = xmodem_byte(&s->x, (uint8_t)ev->value, frame);
    if (n) {
        t->b->console->send(t->b, frame, n);
        t->running_by = trial_now(t) + t->profile->deadline.update_ms * MS; /* until the next answer */
    }
    if (s->x.state == XMODEM_DONE || s->x.state == XMODEM_FAILED)
        over(t);
}

void serial_broken(struct trial *t)
{
    struct serial *s = &t->serial;
    if (!s->image)
        return;
    if (s->x.state != XMODEM_WAITING) {
        s->x.state = XMODEM_FAILED;
        over(t);
        return;
    }
    s->image = NULL;
    listen(t, false);
}
