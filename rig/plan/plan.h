/* SPDX-License-Identifier: GPL-3.0-or-later
 * The plan: every default, image, trial and draw resolved, before anything runs. Trial k of a scenario is a pure function of
 * (seed, scenario id, k): it can be run alone, anywhere, in any order. What the bench cannot do is refused here, by name. */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "plan/plan_trial.h"
#include "scenario/bench_file.h"
#include "scenario/profile.h"
#include "scenario/scenario.h"

struct err;
struct json;

enum { PLAN_TRIALS_MOST = 10000000, PLAN_IMAGE_MOST = 4 << 20 };

/* What a bench offers: names of scenario_fault_kind() and scenario_trigger_kind(). */
struct plan_bench {
    const char *name;
    const char *const *can; /* NULL-terminated */
};

struct plan_config {
    const struct scenario_set *scenarios; /* these four outlive the plan */
    const struct profile *profile;
    const struct plan_bench *bench;
    const char *images; /* folder of image files */
    uint64_t seed;
    /* in all: one for each combination of each scenario, the rest in proportion to the scenarios' own counts; 0: their own */
    uint64_t trials;
};

/* One image file for one slot. */
struct plan_image {
    const char *name;     /* of its set, with mutations: "v2+flip-bits(count=3)" */
    const char *slot;     /* of the profile; "" when its load address is in none */
    const char *file;     /* below the images folder, or a path */
    const char *version;  /* from the header, else from the profile */
    uint32_t counter;     /* security counter; 0 when there is none */
    struct buf bytes;     /* as offered, mutations applied */
    char sha256[65];      /* of bytes */
    char digest[65];      /* of the image (its SHA-256 entry), "" when not readable */
    const char *signer; /* good, next: whose key its signature verifies with; NULL: neither of them */
    bool genuine;         /* no mutation, and digest and signature verify with the profile's good key */
    const char *cause;    /* why it does not verify: bad-hash, unsigned, …, "unreadable", "no-key"; NULL when it does */
};

/* An image in all its slots: what the server offers. Version and counter are those that the manifest tells: of the image before it was
 * spoilt, so that a mutation is met where the device checks images. */
struct plan_set {
    const char *name, *version, *key; /* key: what makes it the same as another */
    uint32_t counter;
    struct plan_image *image[PROFILE_SLOTS];
    size_t count;
    bool genuine; /* all of them */
    struct plan_delta *delta[PROFILE_DELTAS * PROFILE_SLOTS];
    size_t deltas;
};

/* A patch that makes an image for a slot out of one that runs in another. */
struct plan_delta {
    const char *slot, *file;
    char base_sha256[65]; /* of the base's file */
    struct buf bytes;
    char sha256[65];
};

/* What else a trial is given. */
struct plan_terms {
    bool tls, delta;
    unsigned keyset; /* 1 or 2 */
};

struct plan_flash { const char *file; uint32_t at; struct buf bytes; char sha256[65]; };

struct plan_case {
    struct plan_terms terms;
    const struct plan_set *installed, *offered, *back; /* back: what a fleet's devices are sent back to; NULL: nothing */
    const struct plan_set *offer[SCENARIO_FAULTS]; /* of the faults `offer`; NULL: what is offered anyway */
    const struct plan_set *next;                   /* of a further good update under these terms; NULL: there is none */
    /* what is offered once the faults are over; offered when that is genuine and nothing else is said */
    const struct plan_set *eventually;
    unsigned keyset;                               /* in force once the faults are over: the newest that the trial comes to */
    const struct plan_set *after;                  /* where a fault changes it: the offered release, by the key that is good then */
    const char *version[SCENARIO_VERSIONS + 3]; /* versions that may run at the end */
    size_t versions;
};

struct plan_scenario {
    const struct scenario *scenario;
    uint64_t first, trials; /* first: number of its first trial, from 1 */
    struct plan_case *cases; /* as many as scenario->count; trial k is of case k % count */
};

struct plan {
    struct plan_config config;
    char id[65]; /* SHA-256 of the canonical text */
    struct plan_scenario *scenario;
    size_t scenarios;
    uint64_t total; /* trials */
    struct plan_set **set;
    size_t sets;
    struct plan_flash flash[PROFILE_FLASH], tls_flash[PROFILE_FLASH];
    size_t flashes;
    struct buf ca, ca_key; /* PEM, for TLS; empty when no scenario speaks it */
    bool tls;              /* some scenario does */
    const struct bench_file *bench_file; /* NULL unless plan_describe_bench was called */
    void *own;
};

/* NULL with mistakes in m (places in scenario files, missing images, what the bench cannot do). Freed by plan_free. */
struct plan *plan_build(const struct plan_config *config, struct mistakes *m);
void plan_free(struct plan *p);
/* Puts the bench's file into the id and the journal's first line: ports, chip, reset voltage. file outlives the plan. */
void plan_describe_bench(struct plan *p, const struct bench_file *file);
/* What can be checked without any image file: names of images and what the bench can do. profile and bench may be NULL. */
void plan_check(const struct scenario_set *set, const struct profile *profile, const struct plan_bench *bench,
    struct mistakes *m);
/* The members of the journal's first line that come from the plan (record/events.md): plan_id, seed, dut, images, flash, bench,
 * scenarios. The caller frees. */
struct json *plan_json(const struct plan *p);
struct json *plan_fleet_json(const struct plan_scenario *s); /* of a fleet scenario: its rules, as a report needs them */
struct json *plan_faults_json(const struct plan_trial *t); /* events.md, trial.faults */
/* What differs from the scenario's first combination: installed, offered, expect as in plan_json; NULL: nothing. */
struct json *plan_given_json(const struct plan *p, const struct plan_trial *t);
struct json *plan_matrix_json(const struct plan *p, const struct plan_trial *t); /* {} without a matrix */
void plan_text(const struct plan *p, struct buf *out); /* canonical; its SHA-256 is the id */
#endif
