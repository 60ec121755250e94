/* SPDX-License-Identifier: GPL-3.0-or-later
 * The hand-over block's place on the chip: below everything that sections.ld.h hands out. */
#include "handover_place.h"
#include "layout.h"

void *handover_place(void) { return (void *)LAYOUT_HANDOVER_BASE; }
