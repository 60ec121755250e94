/* SPDX-License-Identifier: GPL-3.0-or-later
 * The rules of a rollout: which device gets what, and when. Pure: what is answered at time t follows from the rules, the device's id and
 * what was told before t. Here, and not in the server, because the engine plays them to virtual fleets and `serve` to real ones. */
#ifndef BASE_ROLLOUT_H
#define BASE_ROLLOUT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROLLOUT_NEVER UINT64_MAX

enum { ROLLOUT_COHORTS = 8, ROLLOUT_PLACES = 10000 };

enum rollout_action { ROLLOUT_UPDATE, ROLLOUT_NONE, ROLLOUT_PAUSE, ROLLOUT_BACK, ROLLOUT_ACTIONS };
enum rollout_service { ROLLOUT_UP, ROLLOUT_DOWN, ROLLOUT_BUSY, ROLLOUT_SERVICES };
enum rollout_stage { ROLLOUT_BEGUN, ROLLOUT_CONFIRMED, ROLLOUT_FAILED };

struct rollout_cohort { uint64_t places, from_ns; }; /* from then on, the first so many of ROLLOUT_PLACES */
struct rollout_span { uint64_t from_ns, for_ns; };    /* for_ns 0: never */

struct rollout_rules {
    uint64_t seed;                       /* shuffles the places: another rollout begins with other devices */
    struct rollout_cohort cohort[ROLLOUT_COHORTS];
    size_t cohorts;                      /* 0: everybody at once */
    uint64_t budget;                     /* it stops once so many devices have failed; 0: it never does */
    uint64_t silent_ns;                  /* begun and not heard of for so long counts as failed; 0: silence does not count */
    bool stop_back;                      /* what stopping means: every device is sent back; else pause */
    struct rollout_span paused, down, busy;
    uint64_t back_ns;                    /* from then on every device is sent back; ROLLOUT_NEVER */
    uint64_t retry_after_s;              /* while busy */
};

struct rollout_answer { enum rollout_action action; enum rollout_service service; };

struct rollout;
/* rules are copied; devices are numbered from 0. */
struct rollout *rollout_new(const struct rollout_rules *rules, size_t devices);
void rollout_free(struct rollout *r); /* takes NULL */
/* What a device told, or was seen to do, at time t (ns). In any order, as long as none is older than the latest advance. */
void rollout_tell(struct rollout *r, size_t device, uint64_t t, enum rollout_stage what);
/* Time goes on to t: everything before t has been told. Stopping is for good. */
void rollout_advance(struct rollout *r, uint64_t t);
/* For the device of this id, at the time of the latest advance. */
struct rollout_answer rollout_answer(const struct rollout *r, const char *id);
uint64_t rollout_stopped(const struct rollout *r);      /* since when the budget is spent; ROLLOUT_NEVER */
uint64_t rollout_place(uint64_t seed, const char *id);  /* 0 … ROLLOUT_PLACES - 1 */
const char *rollout_action_name(enum rollout_action a);   /* "update", "none", "pause", "rollback": the manifest's words */
const char *rollout_service_name(enum rollout_service s); /* "up", "down", "busy" */

#endif
