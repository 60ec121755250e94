/* SPDX-License-Identifier: GPL-3.0-or-later
 * From what a person named to what a campaign needs: scenarios, profile, plan and bench. */
#ifndef CMD_SETUP_H
#define CMD_SETUP_H
#include "drv/virtual.h"
#include "plan/plan.h"
#include "run/campaign.h"
#include "scenario/bench_file.h"

struct err;

struct setup {
    struct scenario_set scenarios;
    struct profile *profile;
    struct bench_file *bench_file;
    struct plan_bench plan_bench;
    struct plan *plan;
    struct virtual_config bench;
    struct virtual_load load[PROFILE_FLASH], tls_load[PROFILE_FLASH];
    struct bench_opener opener;
};

/* What to set up; strings outlive the setup. */
struct setup_wish {
    char *const *paths; /* scenario files and folders */
    size_t count;
    const char *dut, *bench, *images;
    uint64_t seed, trials;
};

/* Loads, checks and plans. RIG_EINPUT with every mistake in e's text (cut to its size; all of them go to stderr first). */
int setup_make(const struct setup_wish *wish, struct setup *out, struct err *e);
void setup_free(struct setup *s);
/* A campaign over the setup with the rig's identity filled in. */
void setup_campaign(const struct setup *s, struct campaign *out);
#endif
