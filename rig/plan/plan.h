/* SPDX-License-Identifier: GPL-3.0-or-later
 * The plan: every default, image, trial and draw resolved, before anything runs. Trial k of a scenario is a pure function of
 * (seed, scenario id, k): it can be run alone, anywhere, in any order. What the bench cannot do is refused here, by name. */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
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
    uint64_t trials; /* in all: one for each combination of each scenario, the rest in proportion to the scenarios' own counts; 0: their own */
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
};

struct plan_flash { const char *file; uint32_t at; struct buf bytes; char sha256[65]; };

struct plan_case {
    const struct plan_set *installed, *offered;
    const struct plan_set *eventually; /* what is offered once the faults are over; offered when that is genuine and nothing else is said */
    const char *version[SCENARIO_VERSIONS + 2]; /* versions that may run at the end */
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
    struct plan_flash flash[PROFILE_FLASH];
    size_t flashes;
    const struct bench_file *bench_file; /* NULL unless plan_describe_bench was called */
    const struct plan_set *next; /* of a further good update; NULL: the profile names none, or its files are not there */
    void *own;
};

struct plan_fault {
    const struct scenario_fault *from;
    const char *does; /* "power-cut", … */
    enum scenario_at at;
    enum scenario_phase phase;
    uint64_t number;       /* of the trigger: ns, 1/100 percent, byte, operation, boot, request; every: its period in ns */
    uint64_t draw;         /* uniform over 64 bits, of random triggers: plan_pick() maps it onto what the reference run shows */
    uint64_t delay_ns;
    unsigned occurrence, times;
    const char *event, *path, *outcome; /* NULL: none, any, drawn by the bench */
    unsigned torn;
    struct option_value value[SCENARIO_VALUES]; /* of its kind's rows, draws resolved, defaults filled in */
    const struct option_owner *attack;
    struct option_value attack_value[OPTION_MOST]; /* draws resolved; what the scenario does not say is not given */
    bool in_recovery;
};

struct plan_trial {
    uint64_t n; /* from 1 */
    size_t scenario;
    uint64_t k; /* in the scenario, from 0 */
    const struct scenario_case *given;
    const struct plan_case *images;
    uint64_t seed; /* of the bench */
    struct plan_fault fault[SCENARIO_FAULTS];
    size_t faults;
};

/* NULL with mistakes in m (places in scenario files, missing images, what the bench cannot do). Freed by plan_free. */
struct plan *plan_build(const struct plan_config *config, struct mistakes *m);
void plan_free(struct plan *p);
/* Puts the bench's file into the id and the journal's first line: ports, chip, reset voltage. file outlives the plan. */
void plan_describe_bench(struct plan *p, const struct bench_file *file);
/* What can be checked without any image file: names of images and what the bench can do. profile and bench may be NULL. */
void plan_check(const struct scenario_set *set, const struct profile *profile, const struct plan_bench *bench, struct mistakes *m);
/* Trial n of 1..total; RIG_EINPUT outside. Points into the plan. */
int plan_trial(const struct plan *p, uint64_t n, struct plan_trial *out, struct err *e);
uint64_t plan_pick(uint64_t draw, uint64_t low, uint64_t high); /* low..high, both included; low when the range is empty */
/* A value of a resolved fault by its option's name, or otherwise. */
uint64_t plan_number(const struct plan_fault *f, const char *option, uint64_t otherwise);
const char *plan_text_value(const struct plan_fault *f, const char *option, const char *otherwise);

/* The members of the journal's first line that come from the plan (record/events.md): plan_id, seed, dut, images, flash, bench,
 * scenarios. The caller frees. */
struct json *plan_json(const struct plan *p);
struct json *plan_faults_json(const struct plan_trial *t); /* events.md, trial.faults */
struct json *plan_matrix_json(const struct plan *p, const struct plan_trial *t); /* {} without a matrix */
void plan_text(const struct plan *p, struct buf *out); /* canonical; its SHA-256 is the id */
#endif
