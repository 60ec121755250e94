/* SPDX-License-Identifier: GPL-3.0-or-later
 * Where the hand-over block lives: SRAM2 on the chip (port/stm32l4), an array in host tests (port/host). */
#ifndef OTA_HANDOVER_PLACE_H
#define OTA_HANDOVER_PLACE_H

void *handover_place(void); /* LAYOUT_HANDOVER_SIZE bytes, 4-aligned */

#endif
