/* SPDX-License-Identifier: GPL-3.0-or-later
 * The bootloader: find out why we are here, decide, say so, count the attempt, start the watchdog, jump. */
#include <stddef.h>
#include "bootlog.h"
#include "handover.h"
#include "keyset.h"
#include "layout.h"
#include "platform.h"
#include "reason.h"
#include "recovery.h"
#include "report.h"
#include "select.h"

enum { RESCUE_MS = 60000 }; /* how long recovery is offered before an image that has used its attempts is tried again */

static enum reason read_reason(uint32_t csr)
{
    struct handover last;
    const bool ram_kept = handover_read(&last);
    handover_clear();
    return reason_of(csr, ram_kept);
}

static void hand_over(const struct select_choice *c, const struct bootlog *log, enum reason reason, uint32_t csr, uint8_t attempt)
{
    const struct image_info *info = &c->slot[c->chosen].info;
    struct handover h = {.csr = csr, .reason = (uint8_t)reason, .slot = c->chosen, .attempt = attempt, .confirmed = c->confirmed,
                         .counter = info->counter, .floor = log->floor, .version = info->version,
                         .file_size = info->total};
    for (unsigned i = 0; i < sizeof h.digest; i++)
        h.digest[i] = info->digest[i];
    for (unsigned i = 0; i < sizeof h.file; i++)
        h.file[i] = c->slot[c->chosen].file[i];
    handover_write(&h);
}

int main(void)
{
    static struct bootlog log;
    static struct select_choice choice;
    static struct keyset keys;
    const uint32_t csr = platform_reset_flags();
    const enum reason reason = read_reason(csr);
    platform_reset_flags_clear();
    platform_init();
    report_reset(reason, csr);
    bootlog_open(&log);
    keyset_open(&keys);
    select_run(&choice, &log, &keys);
    report_slots(&choice);
    report_rollback(&choice);
    if (choice.why == SELECT_NOTHING)
        recovery_run(&log, &keys, select_recovery_cause(&choice, &log), 0, RECOVERY_NO_SLOT);
    if (choice.exhausted)
        recovery_run(&log, &keys, select_recovery_cause(&choice, &log), RESCUE_MS, choice.chosen);
    const int counted = select_commit(&choice, &log);
    const uint8_t attempt = counted > 0 ? (uint8_t)counted : 0; /* negative: it has turned to an image that has proved itself */
    report_decision(&choice, attempt);
    report_boot(&choice, attempt);
    hand_over(&choice, &log, reason, csr, attempt);
    platform_watchdog_start();
    platform_jump(LAYOUT_SLOT_BASE(choice.chosen) + LAYOUT_HDR_SIZE);
}
