/* SPDX-License-Identifier: GPL-3.0-or-later
 * A fleet scenario's rollout, played to real clients: each gets what the rules have for its id, and counts in them by what it tells. */
#ifndef CMD_SERVE_FLEET_H
#define CMD_SERVE_FLEET_H
#include "plan/plan.h"

struct serve_play;
struct server_event;

struct serve_fleet;
/* NULL: the scenario is about one device. play outlives it. */
struct serve_fleet *serve_fleet_new(struct serve_play *play, const struct plan *plan);
void serve_fleet_free(struct serve_fleet *f); /* takes NULL */
/* Before the answer to this device (NULL: it does not say who it is) is made: sets what the server has for it. now: ns since the start. */
void serve_fleet_asked(struct serve_fleet *f, const char *device, uint64_t now);
void serve_fleet_heard(struct serve_fleet *f, const struct server_event *ev, uint64_t now);

#endif
