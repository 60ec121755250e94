/* SPDX-License-Identifier: GPL-3.0-or-later
 * Lines of the bootloader. */
#include "report.h"
#include "console.h"

void report_reset(enum reason reason, uint32_t csr)
{
    console_event("reset");
    console_word("reason", reason_name(reason));
    console_hex("csr", csr);
    console_end();
}

static void slot_line(const char *event, uint8_t slot, enum image_cause state, const struct image_info *info)
{
    console_event(event);
    console_slot("slot", slot);
    console_word("state", image_cause_name(state));
    if (info->readable) {
        console_version("version", &info->version);
        console_number("counter", info->counter);
        console_bytes("digest", info->digest, sizeof info->digest);
    }
    console_end();
}

void report_slots(const struct select_choice *c)
{
    for (uint8_t slot = 0; slot < 2; slot++)
        slot_line("slot", slot, c->slot[slot].state, &c->slot[slot].info);
}

void report_received(uint8_t slot, enum image_cause state, const struct image_info *info)
{
    slot_line("received", slot, state, info);
}

void report_rollback(const struct select_choice *c)
{
    if (!c->rolled_back)
        return;
    console_event("rollback");
    console_slot("slot", c->rolled_back_slot);
    console_version("version", &c->slot[c->rolled_back_slot].info.version);
    console_word("cause", bootlog_cause_name(c->rolled_back_cause));
    console_end();
}

void report_decision(const struct select_choice *c, uint8_t attempt)
{
    console_event("decision");
    console_slot("slot", c->chosen);
    console_word("why", select_why_name(c->why));
    console_number("attempt", attempt);
    console_end();
}

void report_boot(const struct select_choice *c, uint8_t attempt)
{
    const struct image_info *info = &c->slot[c->chosen].info;
    console_event("boot");
    console_slot("slot", c->chosen);
    console_version("version", &info->version);
    console_bytes("digest", info->digest, sizeof info->digest);
    console_number("attempt", attempt);
    console_number("counter", info->counter);
    console_number("confirmed", c->confirmed);
    console_end();
}

void report_recovery(const char *cause)
{
    console_event("recovery");
    console_word("cause", cause);
    console_end();
}
