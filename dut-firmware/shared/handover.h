/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the bootloader tells the application: a struct at LAYOUT_HANDOVER_BASE in SRAM2 that no startup code touches, with a CRC,
 * so that SRAM noise after a power-on is never mistaken for it. */
#ifndef OTA_HANDOVER_H
#define OTA_HANDOVER_H
#include <stdbool.h>
#include <stdint.h>
#include "image.h"

struct handover {
    uint32_t csr;      /* RCC_CSR as the bootloader found it */
    uint8_t reason;    /* enum reason */
    uint8_t slot;      /* running: 0 a, 1 b */
    uint8_t attempt;   /* 1..7 of a trial; 0 when confirmed */
    uint8_t confirmed; /* 1: the image was confirmed before this boot */
    uint32_t counter;  /* its security counter */
    uint32_t floor;    /* the counter's floor in the boot-state log */
    struct image_version version;
    uint8_t digest[32]; /* of the running image, verified in this boot */
    uint32_t file_size; /* of the whole file that stands in the slot, bytes */
    uint8_t file[32];   /* and its SHA-256: the base of a delta */
};

void handover_write(const struct handover *h);
bool handover_read(struct handover *h); /* false: there is none (*h is zeroed); the app was not started by the bootloader */
void handover_clear(void);

#endif
