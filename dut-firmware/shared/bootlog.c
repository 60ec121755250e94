/* SPDX-License-Identifier: GPL-3.0-or-later
 * The boot state is what its records, read from oldest to newest, say. */
#include "bootlog.h"
#include <stddef.h>
#include "layout.h"

uint32_t bootlog_tag(const uint8_t digest[32])
{
    return (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8 | digest[3];
}

bool bootlog_is(const struct bootlog_image *image, uint8_t slot, uint32_t tag)
{
    return image->known && image->slot == slot && image->tag == tag;
}

static void apply_rejected(struct bootlog *b, uint8_t slot, uint8_t cause, uint32_t tag)
{
    if (bootlog_is(&b->trial, slot, tag))
        b->trial.known = false;
    b->rejected = (struct bootlog_image){true, slot, tag};
    b->rejected_cause = cause;
}

static void apply(void *ctx, const struct reclog_record *r)
{
    struct bootlog *b = ctx;
    const uint8_t slot = r->arg & 1;
    const uint8_t rest = r->arg >> 1;
    switch (r->kind) {
    case BOOTLOG_CONFIRMED:
        if (b->confirmed.known && b->confirmed.slot != slot)
            b->previous = b->confirmed;
        b->confirmed = (struct bootlog_image){true, slot, r->value};
        if (bootlog_is(&b->trial, slot, r->value)) {
            b->trial.known = false;
            b->rejected.known = false;
        }
        break;
    case BOOTLOG_TRIAL:
    case BOOTLOG_RETURN:
        b->may_be_older = r->kind == BOOTLOG_RETURN;
        b->trial = (struct bootlog_image){true, slot, r->value};
        b->attempts = 0;
        b->rejected.known = false;
        break;
    case BOOTLOG_ATTEMPT:
        if (bootlog_is(&b->trial, slot, r->value) && rest > b->attempts)
            b->attempts = rest;
        break;
    case BOOTLOG_REJECTED:
        apply_rejected(b, slot, rest, r->value);
        break;
    case BOOTLOG_FLOOR:
        if (r->value > b->floor)
            b->floor = r->value;
        break;
    default: /* of a later version of this firmware */
        break;
    }
}

static void emit_live(void *ctx, reclog_emit_fn *emit, void *emit_ctx)
{
    const struct bootlog *b = ctx;
    const struct bootlog_image *p = &b->previous, *c = &b->confirmed, *t = &b->trial, *x = &b->rejected;
    if (b->floor > 0)
        emit(emit_ctx, &(struct reclog_record){BOOTLOG_FLOOR, 0, b->floor});
    if (p->known)
        emit(emit_ctx, &(struct reclog_record){BOOTLOG_CONFIRMED, p->slot, p->tag});
    if (c->known)
        emit(emit_ctx, &(struct reclog_record){BOOTLOG_CONFIRMED, c->slot, c->tag});
    if (x->known)
        emit(emit_ctx, &(struct reclog_record){BOOTLOG_REJECTED, (uint8_t)(x->slot | b->rejected_cause << 1), x->tag});
    if (!t->known)
        return;
    emit(emit_ctx, &(struct reclog_record){b->may_be_older ? BOOTLOG_RETURN : BOOTLOG_TRIAL, t->slot, t->tag});
    if (b->attempts > 0)
        emit(emit_ctx, &(struct reclog_record){BOOTLOG_ATTEMPT, (uint8_t)(t->slot | b->attempts << 1), t->tag});
}

static int append(struct bootlog *b, uint8_t kind, uint8_t arg, uint32_t value)
{
    const struct reclog_record r = {kind, arg, value};
    int result = reclog_append(&b->log, &r, emit_live, b);
    if (result == RECLOG_OK)
        apply(b, &r);
    return result;
}

void bootlog_open(struct bootlog *b)
{
    *b = (struct bootlog){0};
    reclog_open(&b->log, LAYOUT_LOG_BASE);
    reclog_each(&b->log, apply, b);
}

int bootlog_try(struct bootlog *b, uint8_t slot, uint32_t tag)
{
    return bootlog_is(&b->trial, slot, tag) ? RECLOG_OK : append(b, BOOTLOG_TRIAL, slot, tag);
}

int bootlog_return(struct bootlog *b, uint8_t slot, uint32_t tag)
{
    return bootlog_is(&b->trial, slot, tag) && b->may_be_older ? RECLOG_OK : append(b, BOOTLOG_RETURN, slot, tag);
}

int bootlog_attempt(struct bootlog *b)
{
    const uint8_t n = b->attempts < 7 ? (uint8_t)(b->attempts + 1) : 7;
    return append(b, BOOTLOG_ATTEMPT, (uint8_t)(b->trial.slot | n << 1), b->trial.tag);
}

int bootlog_reject(struct bootlog *b, enum bootlog_cause cause)
{
    return append(b, BOOTLOG_REJECTED, (uint8_t)(b->trial.slot | (unsigned)cause << 1), b->trial.tag);
}

int bootlog_raise_floor(struct bootlog *b, uint32_t counter)
{
    return counter <= b->floor ? RECLOG_OK : append(b, BOOTLOG_FLOOR, 0, counter);
}

/* Confirmed first, then the floor: the other way round, a cut between the two would leave an unconfirmed image whose predecessor
 * is refused. The bootloader raises a floor that was left behind. */
int bootlog_confirm(struct bootlog *b, uint8_t slot, uint32_t tag, uint32_t counter)
{
    if (!bootlog_is(&b->confirmed, slot, tag)) {
        int result = append(b, BOOTLOG_CONFIRMED, slot, tag);
        if (result != RECLOG_OK)
            return result;
    }
    return bootlog_raise_floor(b, counter);
}

const char *bootlog_cause_name(enum bootlog_cause cause) { return cause == BOOTLOG_BY_ATTEMPTS ? "attempts" : "invalid"; }
