/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the application remembers of an update over resets: a record log (reclog.h) in the download region. (Method: top of
 * progress.c.)
 */
#ifndef APP_PROGRESS_H
#define APP_PROGRESS_H
#include <stdbool.h>
#include <stdint.h>
#include "cause.h"
#include "reclog.h"
#include "stage.h"

#define PROGRESS_REMEMBERED 4u /* updates given up that are remembered */

struct progress_failure {
    uint32_t tag;
    uint8_t count; /* how often it was given up by its own fault, 0..15 */
};

enum progress_end { PROGRESS_OPEN, PROGRESS_FAILED, PROGRESS_ROLLED_BACK };

struct progress {
    struct reclog log;
    bool known;              /* an update was begun at some time; what follows speaks of the last one */
    uint8_t slot;            /* its target, 0 a, 1 b */
    uint32_t tag, release;   /* manifest.h's tag; release.h */
    uint32_t chunks;         /* held in the slot: verified, written, read back; always the first ones */
    uint8_t delta_failures;  /* how often the delta of this update was no good, 0..15 */
    bool installed;          /* it was (about to be) handed to the bootloader: */
    uint32_t image;          /* by bootlog_tag of its digest */
    uint8_t told;            /* bit per enum stage: the server has answered */
    enum progress_end end;
    enum cause cause;        /* of the end */
    uint32_t pending_release; /* read, its START not yet */
    struct progress_failure failed[PROGRESS_REMEMBERED]; /* newest first; count 0 and tag 0: none */
};

/* Reads the log; writes nothing. */
void progress_open(struct progress *p);

/* Each writes one record (start: two) and updates *p. RECLOG_OK or a negative reclog_result. */
int progress_start(struct progress *p, uint32_t tag, uint8_t slot, uint32_t release); /* chunks stay when tag and slot are the last update's */
int progress_chunk(struct progress *p, uint32_t index); /* index must be p->chunks */
int progress_drop(struct progress *p);                  /* the slot's content is not to be trusted: no chunks are held */
int progress_delta_failed(struct progress *p);
int progress_install(struct progress *p, uint32_t image);
int progress_tell(struct progress *p, enum stage s);
/* blame: it was the image's fault and counts towards its last retry; a power cut's doing does not. */
int progress_finish(struct progress *p, enum progress_end end, enum cause cause, bool blame);

/* How often the update named tag was given up by its own fault. */
unsigned progress_failures(const struct progress *p, uint32_t tag);
static inline bool progress_told(const struct progress *p, enum stage s)
{
    return (p->told >> s & 1) != 0;
}
#endif
