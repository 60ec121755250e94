/* SPDX-License-Identifier: GPL-3.0-or-later
 * The rig's side of serial recovery: where a scenario expects it, an image goes over the console to a device that asks for one. */
#ifndef RUN_SERIAL_H
#define RUN_SERIAL_H
#include "run/xmodem.h"

struct bench_event;
struct plan_image;
struct trial;

struct serial {
    struct xmodem x;
    const struct plan_image *image; /* NULL: nothing under way */
    unsigned served, failed;        /* transfers so far */
};

void serial_wanted(struct trial *t);                              /* the device says that it waits in recovery */
void serial_byte(struct trial *t, const struct bench_event *ev);  /* BENCH_BYTE */
void serial_broken(struct trial *t);                              /* the device restarted: what was under way is void */
#endif
