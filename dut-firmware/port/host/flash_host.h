/* SPDX-License-Identifier: GPL-3.0-or-later
 * flash_port.h over an array, with a power cut at any operation. For host tests and for tools that build flash images.
 *
 * The array keeps the silicon's rules (a double word is programmed only when erased, a page is the unit of erase) and counts who
 * breaks them. */
#ifndef OTA_FLASH_HOST_H
#define OTA_FLASH_HOST_H
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a cut leaves. FLASH_HOST_TORN is, for an erase, a page erased in part. */
enum flash_host_outcome { FLASH_HOST_BEFORE, FLASH_HOST_TORN, FLASH_HOST_ECC, FLASH_HOST_AFTER, FLASH_HOST_OUTCOMES };
enum { FLASH_HOST_VARIANTS = 6 }; /* of TORN and ECC: the first ones are the nasty shapes, then random ones */

void flash_host_reset(void);           /* everything erased, counters zero, no cut armed, nothing protected */
void flash_host_boot(void);            /* what a chip reset does: protection is off */
uint8_t *flash_host_at(uint32_t addr); /* the cell itself, for looking and for damage */
void flash_host_load(uint32_t addr, const void *bytes, size_t n); /* as a programmer would; ECC clean */
void flash_host_set_bad(uint32_t addr, bool bad);                 /* the double word at addr has a double ECC error */
void flash_host_wear(uint32_t addr, bool worn);                   /* programs into the double word at addr leave a wrong bit */

/* Arms a cut in operation number op (1 is the next); 0 disarms. When it comes, longjmp(flash_host_power, 1). */
extern jmp_buf flash_host_power;
void flash_host_cut(uint64_t op, enum flash_host_outcome outcome, unsigned variant);
uint64_t flash_host_ops(void);        /* operations since reset or the last flash_host_cut */
unsigned flash_host_violations(void); /* programs onto what was not erased, writes into a protected range */

/* A copy of [addr, addr + size), page-aligned, with its ECC state. */
struct flash_host_snapshot {
    uint32_t addr, size;
    uint8_t *bytes, *bad;
};
struct flash_host_snapshot flash_host_save(uint32_t addr, uint32_t size);
void flash_host_restore(const struct flash_host_snapshot *s);
void flash_host_drop(struct flash_host_snapshot *s);

#endif
