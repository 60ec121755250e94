/* SPDX-License-Identifier: GPL-3.0-or-later
 * Faults of a scenario: what happens, when, and with which values. */
#ifndef SCENARIO_SCENARIO_FAULT_H
#define SCENARIO_SCENARIO_FAULT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/option.h"
#include "scenario/mistake.h"
#include "scenario/scenario_image.h"

enum { SCENARIO_VALUES = 24, SCENARIO_FAULTS = 16 };

enum scenario_at { SCENARIO_AT_TIME, SCENARIO_AT_RANDOM_TIME, SCENARIO_AT_RANDOM_OP, SCENARIO_AT_RANDOM_BYTE,
    SCENARIO_AT_RANDOM_BOOT,
                   SCENARIO_AT_PERCENT, SCENARIO_AT_BYTE, SCENARIO_AT_EVENT, SCENARIO_AT_OP, SCENARIO_AT_EDGE, SCENARIO_AT_EVERY,
                   SCENARIO_AT_BOOT, SCENARIO_AT_REQUEST, SCENARIO_ATS };
/* update: from the first request of the image to the confirmation; any: from power-on of the reference run to its end. */
enum scenario_phase { SCENARIO_DOWNLOAD, SCENARIO_ERASE, SCENARIO_WRITE, SCENARIO_VERIFY, SCENARIO_ACTIVATE, SCENARIO_BOOT,
                      SCENARIO_CONFIRM, SCENARIO_UPDATE, SCENARIO_ANY, SCENARIO_PHASES };

/* A value as written: fixed (low == high) or {random: [low, high]}, both included. Units as in base/option.h. */
struct scenario_value {
    const struct option_row *row;
    bool given, random;
    uint64_t low, high;
    const char *text; /* of words and texts */
};

struct scenario_trigger {
    enum scenario_at at;
    enum scenario_phase phase;     /* of random ones */
    /* ns, 1/100 percent, byte offset, operation or boot or request from 1; random times etc.: unused */
    struct scenario_value number;
    struct scenario_value delay;   /* ns, of event and edge */
    unsigned occurrence;           /* from 1: the N-th time that the trigger is met */
    unsigned times;                /* of every: how often */
    const char *event;             /* "update.verified", "device.running"; of edge: the probe's line */
    const char *path, *device;     /* of request: only those whose path starts with it, of that device; NULL: any */
    const char *outcome;           /* of flash operations: before, after, torn, ecc, partial, weak; NULL: drawn by the bench */
    unsigned torn;                 /* bits, of outcome torn; 0: drawn */
    struct place place;
};

struct scenario_fault {
    struct scenario_trigger at;
    const struct option_owner *does;              /* a row of scenario_fault_kind() */
    struct scenario_value value[SCENARIO_VALUES]; /* in the order of its rows */
    const struct option_owner *attack;            /* of do: serve */
    struct scenario_value attack_value[OPTION_MOST];
    struct scenario_image image;                  /* of do: offer; text NULL: what is offered anyway */
    bool in_recovery; /* written below after-boot: its trigger counts from the return of power or the reset before it */
    struct place place;
};

/* Tables behind the language: what list and the schema show. NULL behind the last. */
const struct option_owner *scenario_fault_kind(size_t i); /* do: power-cut, … */
const struct option_owner *scenario_trigger_kind(size_t i); /* at: the name is also the capability that a bench must have */
const char *scenario_phase_name(enum scenario_phase phase);
const char *scenario_at_name(enum scenario_at at); /* "time", "random-flash-op", … */
#endif
