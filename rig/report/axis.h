/* SPDX-License-Identifier: GPL-3.0-or-later
 * A time axis on which long silence is folded: 10 s of waiting must not squeeze the 30 ms in which a boot goes wrong. */
#ifndef REPORT_AXIS_H
#define REPORT_AXIS_H
#include <stddef.h>
#include <stdint.h>

struct buf;

struct axis {
    int64_t *t;     /* times at which something happens, ascending, distinct */
    double *at;     /* their places in user units */
    size_t count, room;
    double left, width, ns_per_unit; /* of unfolded stretches */
    int64_t fold;   /* a stretch longer than this is folded, ns */
};

void axis_add(struct axis *a, int64_t t); /* any order */
void axis_lay(struct axis *a, double left, double width); /* after the last axis_add */
double axis_x(const struct axis *a, int64_t t);
/* Draws ticks with their times below y, and the folds from top to y. */
void axis_draw(struct buf *out, const struct axis *a, double top, double y);
void axis_free(struct axis *a);

#endif
