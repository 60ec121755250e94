/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Verified chunks into the free slot.
 */
#ifndef APP_INTAKE_H
#define APP_INTAKE_H
#include <stdint.h>
#include "cause.h"

/* Erases the pages of chunk index (manifest.h) of slot (0 a, 1 b), programs n bytes, reads them back. A second try is made when
 * the flash takes the first badly. CAUSE_NONE or CAUSE_FLASH. The running slot is refused by the flash port
 * (flash_port_protect) and here. */
enum cause intake_chunk(uint8_t slot, uint8_t running, uint32_t index, const uint8_t *bytes, uint32_t n);
#endif
