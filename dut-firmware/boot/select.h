/* SPDX-License-Identifier: GPL-3.0-or-later
 * Which image to boot: a decision over boot-state log and slots, through the ports only, so that host tests can cut power at
 * every one of its flash operations. It prints nothing; report.h tells what it found. */
#ifndef BOOT_SELECT_H
#define BOOT_SELECT_H
#include "bootlog.h"
#include "image.h"

enum select_why { SELECT_NOTHING, SELECT_CONFIRMED, SELECT_TRIAL, SELECT_FALLBACK, SELECT_ONLY_VALID };

struct select_slot {
    enum image_cause state; /* IMAGE_UNCHECKED: parsed but not verified, because it was not needed */
    struct image_info info;
    uint8_t file[32]; /* SHA-256 of the whole file, once verified */
};

struct select_choice {
    const struct keyset *keys;
    struct select_slot slot[2];
    enum select_why why;
    uint8_t chosen;   /* slot to boot, unless why is SELECT_NOTHING */
    bool confirmed;   /* it has proved itself before */
    bool exhausted;   /* nothing else is left than an image that has used its attempts: offer recovery first */
    bool rolled_back; /* a trial was given up in this boot: */
    uint8_t rolled_back_slot;
    enum bootlog_cause rolled_back_cause;
};

/* Decides, verifying no more slots than needed (one in a normal boot). Writes to the log only to give a trial up. keys outlives
 * *c. */
void select_run(struct select_choice *c, struct bootlog *log, const struct keyset *keys);

/* To be called before the jump: records the attempt of an image that has not proved itself, raises a floor that was left behind.
 * The number of the attempt, 0 for a confirmed image. Negative when the attempt could not be recorded and another image that has
 * proved itself is to be booted instead: *c is then that choice. */
int select_commit(struct select_choice *c, struct bootlog *log);

/* Why nothing can be booted, as a word for the recovery line. */
const char *select_recovery_cause(const struct select_choice *c, const struct bootlog *log);
const char *select_why_name(enum select_why why);

#endif
