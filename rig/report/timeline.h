/* SPDX-License-Identifier: GPL-3.0-or-later
 * One trial as a picture: what the rig did, power, resets, the running version, the stages of the update and the server's requests,
 * all on one time axis. */
#ifndef REPORT_TIMELINE_H
#define REPORT_TIMELINE_H

struct buf;
struct json;

/* events: a JSON array of the trial's journal records, in order. Stretches in which nothing happens are drawn short and say how
 * long they were. title is read out by screen readers. Malformed records are left out, never an error. */
void timeline_draw(struct buf *out, const struct json *events, const char *title);

#endif
