/* SPDX-License-Identifier: GPL-3.0-or-later
 * The decision. In this order:
 *
 *   1. A trial that is recorded, still the image in its slot, genuine, not a downgrade, and has attempts left.
 *   2. The confirmed image.
 *   3. The image in the other slot that was confirmed before it ("previous").
 *   4. Any genuine image: the newer version first, one that was given up last. It counts as a trial from then on.
 *   5. Nothing: recovery.
 *
 * In 1 a signed rollback lets one trial be older than the confirmed image (bootlog_return); never below the floor. In 2 and 3 the
 * image's key may have been revoked since: what has proved itself still boots, or a revocation would brick the fleet before the
 * update that it is to force could come. In 1 and 4 it may not.
 *
 * A slot is verified only when the decision comes to it.
 */
#include "select.h"
#include <stddef.h>
#include "layout.h"

static void look(struct select_choice *c, uint8_t slot)
{
    c->slot[slot].state = image_inspect(LAYOUT_SLOT_BASE(slot), LAYOUT_SLOT_SIZE, &c->slot[slot].info);
}

/* Verifies a slot once; later calls give the same answer. */
static bool genuine(struct select_choice *c, const struct bootlog *log, uint8_t slot)
{
    struct select_slot *s = &c->slot[slot];
    if (s->state == IMAGE_UNCHECKED)
        s->state = image_verify(LAYOUT_SLOT_BASE(slot), LAYOUT_SLOT_SIZE, c->keys, &s->info, s->file);
    if (s->state == IMAGE_VALID && s->info.counter < log->floor)
        s->state = IMAGE_DOWNGRADE;
    return s->state == IMAGE_VALID;
}

static uint32_t tag_of(const struct select_choice *c, uint8_t slot) { return bootlog_tag(c->slot[slot].info.digest); }

static bool matches(const struct select_choice *c, const struct bootlog_image *image, uint8_t slot)
{
    return c->slot[slot].info.readable && bootlog_is(image, slot, tag_of(c, slot));
}

/* The confirmed image's header tells its version without the cost of verifying it: a lie there could only keep a newer image out.
 */
static bool older_than_confirmed(const struct select_choice *c, const struct bootlog *log, uint8_t slot)
{
    const uint8_t other = log->confirmed.slot;
    if (other == slot || !matches(c, &log->confirmed, other))
        return false;
    return image_version_compare(&c->slot[slot].info.version, &c->slot[other].info.version) < 0;
}

static bool trial_fits(struct select_choice *c, const struct bootlog *log)
{
    const uint8_t slot = log->trial.slot;
    if (!genuine(c, log, slot) || !matches(c, &log->trial, slot))
        return false;
    if (!log->may_be_older && older_than_confirmed(c, log, slot))
        c->slot[slot].state = IMAGE_DOWNGRADE;
    return c->slot[slot].state == IMAGE_VALID;
}

static void choose(struct select_choice *c, uint8_t slot, enum select_why why, bool confirmed)
{
    c->chosen = slot;
    c->why = why;
    c->confirmed = confirmed;
}

static bool choose_trial(struct select_choice *c, struct bootlog *log)
{
    if (!log->trial.known)
        return false;
    const uint8_t slot = log->trial.slot;
    const bool used_up = log->attempts >= BOOTLOG_ATTEMPTS;
    if (!used_up && trial_fits(c, log)) {
        choose(c, slot, SELECT_TRIAL, false);
        return true;
    }
    c->rolled_back = true;
    c->rolled_back_slot = slot;
    c->rolled_back_cause = used_up ? BOOTLOG_BY_ATTEMPTS : BOOTLOG_BY_INVALID;
    bootlog_reject(log, c->rolled_back_cause); /* when the log does not take it, the next boot comes here again */
    return false;
}

/* As it was when it proved itself: its key may be trusted no longer. */
static bool still_good(struct select_choice *c, const struct bootlog *log, uint8_t slot)
{
    const struct select_slot *s = &c->slot[slot];
    return genuine(c, log, slot) || ((s->state == IMAGE_REVOKED_KEY || s->state == IMAGE_WRONG_KEY) && s->info.authentic &&
                                     s->info.counter >= log->floor);
}

static bool choose_proven(struct select_choice *c, const struct bootlog *log, const struct bootlog_image *image,
                          enum select_why why)
{
    if (!image->known || !still_good(c, log, image->slot) || !matches(c, image, image->slot))
        return false;
    choose(c, image->slot, why, true);
    return true;
}

/* Which of two unproven images to try first. */
static uint8_t better(const struct select_choice *c, const struct bootlog *log)
{
    if (matches(c, &log->rejected, 0))
        return 1;
    if (matches(c, &log->rejected, 1))
        return 0;
    return image_version_compare(&c->slot[1].info.version, &c->slot[0].info.version) > 0 ? 1 : 0;
}

static bool choose_unproven(struct select_choice *c, const struct bootlog *log)
{
    const uint8_t first = better(c, log);
    const uint8_t slot = genuine(c, log, first) ? first : (uint8_t)(1 - first);
    if (!genuine(c, log, slot))
        return false;
    c->exhausted = matches(c, &log->rejected, slot);
    choose(c, slot, SELECT_ONLY_VALID, false);
    return true;
}

static void decide(struct select_choice *c, struct bootlog *log)
{
    if (choose_trial(c, log))
        return;
    if (choose_proven(c, log, &log->confirmed, c->rolled_back ? SELECT_FALLBACK : SELECT_CONFIRMED))
        return;
    if (choose_proven(c, log, &log->previous, SELECT_FALLBACK))
        return;
    if (!choose_unproven(c, log))
        c->why = SELECT_NOTHING;
}

void select_run(struct select_choice *c, struct bootlog *log, const struct keyset *keys)
{
    *c = (struct select_choice){.keys = keys};
    look(c, 0);
    look(c, 1);
    decide(c, log);
}

int select_commit(struct select_choice *c, struct bootlog *log)
{
    const uint8_t slot = c->chosen;
    if (c->confirmed) {
        bootlog_raise_floor(log, c->slot[slot].info.counter);
        return 0;
    }
    int result = bootlog_try(log, slot, tag_of(c, slot)); /* nothing to write for a trial that is one already */
    if (result == RECLOG_OK)
        result = bootlog_attempt(log);
    if (result == RECLOG_OK)
        return log->attempts;
    /* A boot that cannot be counted could be repeated for ever: rather the image that is known to be good, when there is one. */
    if (choose_proven(c, log, &log->confirmed, SELECT_FALLBACK) || choose_proven(c, log, &log->previous, SELECT_FALLBACK))
        return -1;
    return log->attempts + 1;
}

const char *select_recovery_cause(const struct select_choice *c, const struct bootlog *log)
{
    if (c->exhausted)
        return bootlog_cause_name(BOOTLOG_BY_ATTEMPTS);
    return image_cause_name(c->slot[log->confirmed.known ? log->confirmed.slot : 0].state);
}

const char *select_why_name(enum select_why why)
{
    static const char *const names[] = {"nothing", "confirmed", "trial", "fallback", "only-valid"};
    return names[why];
}
