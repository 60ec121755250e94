/* SPDX-License-Identifier: GPL-3.0-or-later
 * What `otarig sim` has seen of a run besides the console, and how it tells it at the end. */
#ifndef CMD_SIM_REPORT_H
#define CMD_SIM_REPORT_H
#include "base/buf.h"
#include "sim/chip.h"

#include <stdio.h>

struct sim_report {
    bool trace_flash, color;
    uint64_t programs, erases, accesses, errors, resets[6], faults[4];
    uint64_t fault_ns;          /* of the first hard fault or lockup */
    uint32_t fault_pc, cfsr, hfsr, mmfar, bfar;
    bool faulted;               /* hard fault or lockup */
    struct buf notes;           /* accesses and flash errors, the first of them */
    struct chip *chip;
};

/* Fills in every hook but uart_tx; ctx must be r. */
void sim_report_hooks(struct sim_report *r, struct chip_hooks *hooks);
void sim_report_print(const struct sim_report *r, FILE *to);
void sim_report_free(struct sim_report *r);

#endif
