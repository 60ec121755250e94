/* SPDX-License-Identifier: GPL-3.0-or-later
 * A scenario: one claim, what is given, the faults,
     what is expected (SCENARIOS.md). Read from YAML and checked as a whole; names of
 * images are resolved by the plan, because only the DUT profile knows them. */
#ifndef SCENARIO_SCENARIO_H
#define SCENARIO_SCENARIO_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/option.h"
#include "scenario/mistake.h"
#include "scenario/scenario_fault.h"
#include "scenario/scenario_fleet.h"

enum { SCENARIO_VERSIONS = 8,
       SCENARIO_WAIVES = 16, SCENARIO_TAGS = 16, SCENARIO_AXES = 4, SCENARIO_CASES = 256, SCENARIO_REPEAT_MOST = 1000000 };

/* Words that come from other parts of the house: scenario may not include them. A NULL function means that nothing is known. */
struct scenario_words {
    const struct option_owner *(*attack)(size_t i); /* of the update server; NULL behind the last */
    const char *(*law)(size_t i);                   /* ids of the laws, for waive */
    suggest_word *image;                            /* names of a profile's images; NULL: left to the plan */
    const void *image_ctx;
};

struct scenario_name { const char *text; struct place place; };
struct scenario_waive { const char *law, *why; struct place place; };

struct scenario_expect {
    /* images of the profile that may run at the end; none: installed or offered */
    struct scenario_name version[SCENARIO_VERSIONS];
    size_t versions;
    struct scenario_name eventually; /* image; text NULL: none asked for */
    unsigned updates;                /* good updates that bring it there, 1.. */
    const char *boot_reason;         /* power-on, brown-out, watchdog, pin, software; NULL: any honest one */
    bool refused;                    /* the offered image must be refused before it is activated */
    const char *cause;               /* regular expression on the reported cause; NULL: any */
    const char *recovery;            /* "serial": a device that asks for an image over the console is sent one; NULL: nobody is there */
    bool final_cycle;                /* a power cycle at the end must bring the confirmed image back; default true */
    struct scenario_fleet_expect fleet;
    struct scenario_waive waive[SCENARIO_WAIVES];
    size_t waives;
};

/* One combination of the matrix, or the only one. */
struct scenario_case {
    const char *value[SCENARIO_AXES]; /* of the axes, as text */
    struct scenario_image installed, offered;
    bool tls;        /* the device's build with TLS, over TLS */
    bool delta;      /* patches are offered beside whole images */
    unsigned keyset; /* number of the key set at first: 1 the good key signs; 2 it is revoked, the next key signs */
    struct scenario_fault fault[SCENARIO_FAULTS];
    size_t faults;
    struct scenario_expect expect;
};

struct scenario {
    const char *id;   /* path below the scenarios folder without .yaml: "power/p2-erase-write" */
    const char *file; /* as opened */
    char sha256[65];  /* of its text and of all that it includes */
    const char *claim;
    const char *tag[SCENARIO_TAGS];
    size_t tags;
    uint64_t repeat; /* trials of each combination; of a fleet: its devices, one trial each */
    struct scenario_fleet fleet; /* devices 0: the scenario is about one device */
    const char *axis[SCENARIO_AXES];
    size_t axes;
    struct scenario_case *cases;
    size_t count; /* of cases, at least 1 */
    void *own;    /* what the texts live in */
};

/* Reads and checks one file. root: the scenarios folder that ids and includes are relative to; NULL: nearest ancestor named
 * scenarios, else the file's own folder. NULL with mistakes in m; the caller frees with scenario_free. */
struct scenario *scenario_load(const char *path, const char *root, const struct scenario_words *words, struct mistakes *m);
void scenario_free(struct scenario *s);

struct scenario_set { struct scenario **item; size_t count; };
/* Files and folders, in the order given, a folder's files by path; names below a folder "common" are for include only. The same
 * file twice counts once. Every mistake of every file goes to m; returns 0 when there was none. Freed by scenario_set_free. */
int scenario_set_load(struct scenario_set *set, char *const *paths, size_t count, const struct scenario_words *words,
    struct mistakes *m);
void scenario_set_free(struct scenario_set *set);
#endif
