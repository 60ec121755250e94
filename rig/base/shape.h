/* SPDX-License-Identifier: GPL-3.0-or-later
 * What is wrong with a network link, as data: one direction each. Names and meanings are those of tc-netem(8) where it has them; what
 * differs is told in net/impair.c. All zero: nothing is wrong. */
#ifndef BASE_SHAPE_H
#define BASE_SHAPE_H
#include <stdbool.h>
#include <stdint.h>

enum shape_spread { SHAPE_UNIFORM, SHAPE_NORMAL, SHAPE_PARETO };
enum { SHAPE_ALWAYS = 10000 }; /* shares are in 1/100 percent */

/* How often something happens, and how much each time depends on the time before. */
struct shape_share { uint16_t share, correlation; };

struct shape_way {
    bool down;                 /* nothing passes */
    uint32_t mtu;              /* larger packets vanish, and connections are told by their MSS option; 0: any passes */
    struct shape_share loss;
    struct { uint16_t enter, leave, in, between; } burst; /* Gilbert-Elliott: p, r, 1-h, 1-k; enter 0: none; leave 0: 1-p */
    struct shape_share duplicate, corrupt, reorder;
    bool checksum_fixed;       /* corrupt only what TCP carries, so that its checksum does not show it */
    uint32_t gap;              /* of reorder: every so many packets may overtake; 0, 1: any */
    uint64_t delay_ns, jitter_ns;
    uint16_t delay_correlation;
    enum shape_spread spread;  /* of the jitter */
    uint64_t rate_bps;         /* bit/s; 0: as fast as the line is */
};

enum { SHAPE_TO_DEVICE, SHAPE_FROM_DEVICE, SHAPE_WAYS };
struct shape { struct shape_way way[SHAPE_WAYS]; };
#endif
