/* SPDX-License-Identifier: GPL-3.0-or-later
 * Between the flash interface's registers (flashctl.c) and the arrays (chip_nvm.c): operations that take time, ECC findings. */
#ifndef SIM_NVM_H
#define SIM_NVM_H
#include "sim/periph.h"

/* Offsets are in the array from 0x08000000 (physical banks); OTP is at 0x17FF7000. */
enum { NVM_OTP = 0x17FF7000 };

/* Starts an operation (index, time stamp, hook, armed cut). data: size bytes for a program or a row, copied. ns: how long it
 * takes. */
void nvm_start(struct periph *p, enum flash_kind kind, uint32_t offset, uint32_t size, const uint8_t *data, uint64_t ns);
void nvm_row_word(struct periph *p, unsigned index, const uint8_t *word); /* a further word of the row under way */
void nvm_finish(struct periph *p); /* the data are in the array now */
bool nvm_wait(struct periph *p);   /* the access under way stalls until the operation is over; false: a reset or the end of power
                                      came first */
bool nvm_busy(const struct periph *p);
bool nvm_blank(const struct periph *p, uint32_t offset);
void nvm_error(struct periph *p, uint32_t sr_bits, uint32_t offset); /* hooks.flash_error, once per site */
void nvm_option_swap(struct periph *p, bool bank2); /* BFB2 at option byte loading: boots from bank 2 when its vector is sound */

/* flashctl.c, called by the memory map. */
void flashctl_write(struct periph *p, uint32_t offset, unsigned size, uint32_t value);   /* a store into the array */
void flashctl_ecc(struct periph *p, uint32_t offset, enum flash_ecc state);  /* a load or fetch met it */
uint32_t flashctl_option(const struct periph *p, uint32_t offset);             /* option byte area, offset of a register */
unsigned flashctl_latency(const struct periph *p);                             /* ACR.LATENCY */

#endif
