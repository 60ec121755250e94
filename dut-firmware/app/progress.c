/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The memory of an update (progress.h).
 *
 * Method. The state is never stored; what stands in flash is what happened, one record each, and progress_open plays the
 * records back. A record is one double word: reclog.c sees to it that it is there or not there after a cut. So all that is left
 * to get right is the order of each record and its deed:
 *
 * - a chunk's record follows its bytes (written and read back), so what the log calls held is held; a chunk without a record is written anew, its
 *   pages erased first, since torn words may stand in them;
 * - a stage's record follows the server's answer, so a stage may be told twice but is never left out;
 * - the record of the installation goes before the bootloader's trial record: the trial's first boot finds the story that it belongs to. Whether
 *   the trial came to be is asked of the boot-state log, not of this one.
 *
 * A chunk's record carries 24 bits of the update's tag: after a lost START record, chunks of one update are never counted as
 * another's.
 */
#include "progress.h"
#include <string.h>
#include "layout.h"

enum kind {
    RELEASE = 1,   /* value: release of the START that follows */
    START = 2,     /* arg slot; value tag */
    CHUNK = 3,     /* value: index | tag & TAG_MASK */
    HELD = 4,      /* value: number of chunks | tag & TAG_MASK; in a fresh page, for many CHUNKs */
    DROP = 5,
    INSTALLED = 6, /* value: image */
    TOLD = 7,      /* arg stage */
    END = 8,       /* arg end | blame << 2; value cause */
    FAILURE = 9,   /* arg count; value tag; in a fresh page */
    DELTA = 10,    /* arg: how often the delta of the update was no good; value tag */
};

#define TAG_MASK 0xffffff00u
enum { BLAME = 4, END_MASK = 3, COUNT_MOST = 15 };

static struct progress_failure *failure_find(struct progress *p, uint32_t tag)
{
    for (unsigned i = 0; i < PROGRESS_REMEMBERED; i++)
        if (p->failed[i].count != 0 && p->failed[i].tag == tag)
            return &p->failed[i];
    return NULL;
}

/* Moves tag to the front with this count; the oldest falls off the end. */
static void failure_set(struct progress *p, uint32_t tag, unsigned count)
{
    struct progress_failure *f = failure_find(p, tag);
    size_t behind = f ? (size_t)(f - p->failed) : PROGRESS_REMEMBERED - 1;
    memmove(&p->failed[1], &p->failed[0], behind * sizeof p->failed[0]);
    p->failed[0] = (struct progress_failure){.tag = tag, .count = (uint8_t)(count < COUNT_MOST ? count : COUNT_MOST)};
}

unsigned progress_failures(const struct progress *p, uint32_t tag)
{
    for (unsigned i = 0; i < PROGRESS_REMEMBERED; i++)
        if (p->failed[i].count != 0 && p->failed[i].tag == tag)
            return p->failed[i].count;
    return 0;
}

static void apply_start(struct progress *p, uint8_t slot, uint32_t tag)
{
    if (!p->known || p->tag != tag || p->slot != slot)
        p->chunks = p->delta_failures = 0;
    p->known = true;
    p->tag = tag;
    p->slot = slot;
    p->release = p->pending_release;
    p->installed = false;
    p->told = 0;
    p->end = PROGRESS_OPEN;
    p->cause = CAUSE_NONE;
}

static void apply_end(struct progress *p, uint8_t arg, uint32_t cause)
{
    p->end = (enum progress_end)(arg & END_MASK);
    p->cause = cause < CAUSE_COUNT ? (enum cause)cause : CAUSE_NONE;
    if (arg & BLAME)
        failure_set(p, p->tag, progress_failures(p, p->tag) + 1);
}

static void apply(void *ctx, const struct reclog_record *r)
{
    struct progress *p = ctx;
    switch (r->kind) {
    case RELEASE: p->pending_release = r->value; break;
    case START: apply_start(p, r->arg & 1, r->value); break;
    case CHUNK:
        if ((r->value & TAG_MASK) == (p->tag & TAG_MASK) && (r->value & ~TAG_MASK) == p->chunks)
            p->chunks++;
        break;
    case HELD:
        if ((r->value & TAG_MASK) == (p->tag & TAG_MASK))
            p->chunks = r->value & ~TAG_MASK;
        break;
    case DROP: p->chunks = 0; break;
    case INSTALLED:
        p->installed = true;
        p->image = r->value;
        break;
    case TOLD: p->told |= (uint8_t)(1u << (r->arg & 7)); break;
    case END: apply_end(p, r->arg, r->value); break;
    case DELTA:
        if (r->value == p->tag)
            p->delta_failures = r->arg;
        break;
    case FAILURE: failure_set(p, r->value, r->arg); break;
    default: break;
    }
}

static void live_update(const struct progress *p, reclog_emit_fn *emit, void *ctx)
{
    emit(ctx, &(struct reclog_record){.kind = RELEASE, .value = p->release});
    emit(ctx, &(struct reclog_record){.kind = START, .arg = p->slot, .value = p->tag});
    if (p->chunks > 0)
        emit(ctx, &(struct reclog_record){.kind = HELD, .value = p->chunks | (p->tag & TAG_MASK)});
    if (p->delta_failures > 0)
        emit(ctx, &(struct reclog_record){.kind = DELTA, .arg = p->delta_failures, .value = p->tag});
    if (p->installed)
        emit(ctx, &(struct reclog_record){.kind = INSTALLED, .value = p->image});
    if (p->end != PROGRESS_OPEN)
        emit(ctx, &(struct reclog_record){.kind = END, .arg = (uint8_t)p->end, .value = p->cause});
    for (unsigned s = 0; s < STAGE_COUNT; s++)
        if (progress_told(p, (enum stage)s))
            emit(ctx, &(struct reclog_record){.kind = TOLD, .arg = (uint8_t)s});
}

/* What a fresh page begins with: the failures, oldest first, then the last update in short. */
static void live(void *ctx, reclog_emit_fn *emit, void *emit_ctx)
{
    const struct progress *p = ctx;
    for (unsigned i = PROGRESS_REMEMBERED; i-- > 0;)
        if (p->failed[i].count != 0)
            emit(emit_ctx, &(struct reclog_record){.kind = FAILURE, .arg = p->failed[i].count, .value = p->failed[i].tag});
    if (p->known)
        live_update(p, emit, emit_ctx);
    if (p->pending_release != p->release)
        emit(emit_ctx, &(struct reclog_record){.kind = RELEASE, .value = p->pending_release});
}

static int add(struct progress *p, enum kind kind, uint8_t arg, uint32_t value)
{
    struct reclog_record r = {.kind = (uint8_t)kind, .arg = arg, .value = value};
    int rc = reclog_append(&p->log, &r, live, p);
    if (rc == RECLOG_OK)
        apply(p, &r);
    return rc;
}

void progress_open(struct progress *p)
{
    memset(p, 0, sizeof *p);
    reclog_open(&p->log, LAYOUT_DOWNLOAD_BASE);
    reclog_each(&p->log, apply, p);
}

int progress_start(struct progress *p, uint32_t tag, uint8_t slot, uint32_t release)
{
    int rc = add(p, RELEASE, 0, release);
    return rc == RECLOG_OK ? add(p, START, slot, tag) : rc;
}

int progress_chunk(struct progress *p, uint32_t index)
{
    return add(p, CHUNK, 0, index | (p->tag & TAG_MASK));
}

int progress_drop(struct progress *p)
{
    return p->chunks == 0 ? RECLOG_OK : add(p, DROP, 0, 0);
}

int progress_delta_failed(struct progress *p)
{
    return p->delta_failures == COUNT_MOST ? RECLOG_OK : add(p, DELTA, (uint8_t)(p->delta_failures + 1), p->tag);
}

int progress_install(struct progress *p, uint32_t image)
{
    return p->installed && p->image == image ? RECLOG_OK : add(p, INSTALLED, 0, image);
}

int progress_tell(struct progress *p, enum stage s)
{
    return progress_told(p, s) ? RECLOG_OK : add(p, TOLD, (uint8_t)s, 0);
}

int progress_finish(struct progress *p, enum progress_end end, enum cause cause, bool blame)
{
    return add(p, END, (uint8_t)(end | (blame ? BLAME : 0)), cause);
}
