/* SPDX-License-Identifier: GPL-3.0-or-later
 * The server's part of a scenario, played to clients that no bench can see: what it offers, its attacks, and when they begin. */
#ifndef CMD_SERVE_PLAY_H
#define CMD_SERVE_PLAY_H
#include "plan/plan.h"

struct serve_log;
struct server;
struct server_event;

struct serve_play {
    const struct profile *profile;
    const struct plan_trial *trial;
    struct server *server;
    struct serve_log *log;
    bool always; /* attacks act on every matching request */
    const struct plan_set *offered;
    unsigned keyset;
    struct { bool waits; uint64_t at_t, at_byte, over_t; unsigned met; } fault[SCENARIO_FAULTS];
};

/* Offers this from now on; action: update, rollback, pause, none. */
void serve_play_offer(struct serve_play *p, const struct plan_set *set, const char *action);
/* Makes the offer and sets up what a server can do of the trial's faults; the others are told on standard error. The caller has filled in
 * the first five members; all outlive it. RIG_EINPUT when the scenario has faults and none of them is a server's. */
int serve_play_start(struct serve_play *p, struct err *e);
void serve_play_heard(struct serve_play *p, const struct server_event *ev, uint64_t now); /* requests and telemetry; ns since the start */
void serve_play_tick(struct serve_play *p, uint64_t now);
uint64_t serve_play_next(const struct serve_play *p); /* when serve_play_tick is next needed; UINT64_MAX: never */

#endif
