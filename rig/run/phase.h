/* SPDX-License-Identifier: GPL-3.0-or-later
 * Where in an update the device is, read off its console: what a cut is filed under and what `during:` means. */
#ifndef RUN_PHASE_H
#define RUN_PHASE_H
#include <stdbool.h>

#include "scenario/scenario.h"

enum phase { PHASE_START, PHASE_IDLE, PHASE_DOWNLOAD, PHASE_VERIFY, PHASE_ACTIVATE, PHASE_BOOT, PHASE_CONFIRM, PHASES };

struct profile_event;

/* The phase after a console line that the profile knows; as it was when the line says nothing of it. */
enum phase phase_after(enum phase now, const struct profile_event *ev);
/* The phase after a reset or the return of power: START only before any update began. */
enum phase phase_after_reset(enum phase now);
/* Name for the journal; an operation in a payload region during the download is filed under erase or write. */
const char *phase_name(enum phase p, bool payload_op, bool erase);
/* Whether `during: want` covers an operation (op true) or a moment (op false) of this phase. */
bool phase_covers(enum scenario_phase want, enum phase p, bool op, bool payload, bool erase);
#endif
