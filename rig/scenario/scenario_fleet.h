/* SPDX-License-Identifier: GPL-3.0-or-later
 * `fleet:` of a scenario: many devices against one set of rules, and what is expected of all of them together. */
#ifndef SCENARIO_SCENARIO_FLEET_H
#define SCENARIO_SCENARIO_FLEET_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/option.h"
#include "base/rollout.h"
#include "scenario/mistake.h"
#include "scenario/scenario_image.h"

enum { SCENARIO_FLEET_MOST = 500 };

struct scenario_fleet {
    uint64_t devices;             /* 0: the scenario is about one device */
    uint64_t for_ns;              /* how long the fleet is watched */
    uint64_t check_in_ns;         /* each is switched on so often, until it is at rest; 0: always on */
    uint64_t spread_ns;           /* first power-ons lie within this time */
    struct rollout_rules rules;   /* without its seed */
    struct scenario_image back;   /* what devices are sent back to; text NULL: nothing */
    uint64_t swap_ns;             /* from then on the first two devices have each other's flash; ROLLOUT_NEVER */
    const struct option_owner *busy, *reset; /* the server's attacks that stand for overload and for a server that is down */
    struct place place;
};

/* What is expected of the fleet at the end; numbers not given: SCENARIO_FLEET_ANY. */
#define SCENARIO_FLEET_ANY UINT64_MAX
struct scenario_fleet_expect {
    bool given;
    uint64_t updated, updated_most, back; /* 1/100 percent of the devices */
    uint64_t failed, overrun;             /* devices, at most */
    uint64_t peak, window_ns;             /* at most so many (1/100 percent) ask within such a time */
    struct place place;
};
#endif
