/* SPDX-License-Identifier: GPL-3.0-or-later
 * Boot state as a record log (reclog.h) at LAYOUT_LOG_BASE: which image is confirmed, which is on trial and how often it was
 * tried, which was given up, and the security counter's floor. Every record names an image by slot and the first four bytes of
 * its SHA-256 (big-endian: bootlog_tag), so that a record never speaks of what is written into that slot later. Bootloader and
 * app both write it.
 */
#ifndef OTA_BOOTLOG_H
#define OTA_BOOTLOG_H
#include "reclog.h"

enum { BOOTLOG_ATTEMPTS = 3 }; /* boots that a trial image has to become confirmed */

enum bootlog_kind {
    BOOTLOG_CONFIRMED = 1, /* arg slot; value tag */
    BOOTLOG_TRIAL = 2,     /* arg slot; value tag */
    BOOTLOG_ATTEMPT = 3,   /* arg slot | n << 1; value tag: boot n (1..7) of the trial is about to happen */
    BOOTLOG_REJECTED = 4,  /* arg slot | cause << 1; value tag */
    BOOTLOG_FLOOR = 5,     /* value: no image with a lower security counter may boot */
    BOOTLOG_RETURN = 6,    /* arg slot; value tag: a trial that may be older than the confirmed image (a signed rollback) */
};

enum bootlog_cause { BOOTLOG_BY_ATTEMPTS = 0, BOOTLOG_BY_INVALID = 1 }; /* why a trial was given up: "attempts", "invalid" */

struct bootlog_image {
    bool known;
    uint8_t slot; /* 0 a, 1 b */
    uint32_t tag;
};

struct bootlog {
    struct reclog log;
    struct bootlog_image confirmed; /* the last image that proved itself */
    struct bootlog_image previous;  /* the one in the other slot that had proved itself before it */
    struct bootlog_image trial;     /* to be tried; known is false once it is confirmed or given up */
    bool may_be_older;              /* the trial may be older than the confirmed image; its security counter may not be lower */
    uint8_t attempts;               /* boots of the trial so far, 0..7 */
    struct bootlog_image rejected;  /* the last trial given up; forgotten when another trial starts or is confirmed */
    uint8_t rejected_cause;         /* enum bootlog_cause */
    uint32_t floor;                 /* 0 when none was recorded */
};

/* First four bytes of an image's SHA-256. */
uint32_t bootlog_tag(const uint8_t digest[32]);

/* True when image is known and is this one. */
bool bootlog_is(const struct bootlog_image *image, uint8_t slot, uint32_t tag);

/* Reads the log; writes nothing. An empty or lost log gives a state in which nothing is known. */
void bootlog_open(struct bootlog *b);

/* Each appends what is needed (nothing when the state says so already) and updates *b. RECLOG_OK or a negative reclog_result;
 * after a negative one *b is as before. */
int bootlog_try(struct bootlog *b, uint8_t slot, uint32_t tag);  /* activation: the next boot tries it */
/* The same with permission for a version older than the confirmed one. The permission stands in the trial's own record: it is
 * there with the trial or not at all, speaks of no other image, and ends with the trial. */
int bootlog_return(struct bootlog *b, uint8_t slot, uint32_t tag);
int bootlog_attempt(struct bootlog *b);                          /* bootloader, before the jump */
int bootlog_reject(struct bootlog *b, enum bootlog_cause cause); /* gives the trial up */
int bootlog_confirm(struct bootlog *b, uint8_t slot, uint32_t tag,
                    uint32_t counter);                        /* after the health check; then raises the floor */
int bootlog_raise_floor(struct bootlog *b, uint32_t counter); /* never lowers it */

const char *bootlog_cause_name(enum bootlog_cause cause);

#endif
