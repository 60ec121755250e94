/* SPDX-License-Identifier: GPL-3.0-or-later
 * A trial's journal as spans and marks on lanes: what timeline_read.c makes and timeline.c draws. */
#ifndef REPORT_TIMELINE_PARTS_H
#define REPORT_TIMELINE_PARTS_H
#include <stddef.h>
#include <stdint.h>

#include "report/axis.h"
#include "report/svg.h"

struct json;

enum timeline_lane { LANE_FAULT, LANE_RIG, LANE_POWER, LANE_RESET, LANE_BOOT, LANE_RUNNING, LANE_STAGE, LANE_SERVER, LANES };

struct timeline_mark {
    enum timeline_lane lane;
    enum svg_shape shape;
    int64_t t;
    const char *class;
    char *label, *tip; /* owned; label NULL: a small mark without one */
};

struct timeline_span {
    enum timeline_lane lane;
    int64_t from, to;
    const char *class, *text_class;
    char *label;
};

struct timeline {
    struct timeline_mark *mark;
    struct timeline_span *span;
    size_t marks, spans, mark_room, span_room;
    struct axis axis;
    int64_t now, power_since, running_since;
    int power;                 /* 1 on, 0 off, -1 not known yet */
    char *running, *first;     /* what runs; the version that ran first is drawn as the old one */
};

/* events as of timeline_draw; l zeroed before. Adds to l->axis every instant at which something happens. */
void timeline_read(struct timeline *l, const struct json *events);
void timeline_release(struct timeline *l);

#endif
