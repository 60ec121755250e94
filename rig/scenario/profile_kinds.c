/* SPDX-License-Identifier: GPL-3.0-or-later
 * Kinds of console lines and their fields: row `dut` of record/events.md, and the rig's words for reset reasons and stages. */
#include "scenario/profile.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof *(a))

static const struct profile_kind kinds[] = {
    {"reset", "the first line after a reset", {{"reason", PROFILE_TEXT}}},
    {"slot", "what the bootloader finds in a slot",
     {{"slot", PROFILE_TEXT}, {"state", PROFILE_TEXT}, {"version", PROFILE_TEXT}, {"counter", PROFILE_NUMBER}, {"digest",
      PROFILE_TEXT}}},
    {"decision", "which slot it takes", {{"slot", PROFILE_TEXT}, {"why", PROFILE_TEXT}, {"attempt", PROFILE_NUMBER}}},
    {"boot", "the last line before the jump into the application",
     {{"slot", PROFILE_TEXT}, {"version", PROFILE_TEXT}, {"digest", PROFILE_TEXT}, {"attempt", PROFILE_NUMBER}, {"counter",
      PROFILE_NUMBER},
      {"confirmed", PROFILE_FLAG}}},
    {"running", "the application runs",
     {{"slot", PROFILE_TEXT}, {"version", PROFILE_TEXT}, {"digest", PROFILE_TEXT}, {"reason", PROFILE_TEXT}, {"confirmed",
      PROFILE_FLAG}}},
    {"stage", "a stage of the update",
     {{"stage", PROFILE_TEXT}, {"version", PROFILE_TEXT}, {"cause", PROFILE_TEXT}, {"offset", PROFILE_NUMBER}}},
    {"chunk", "a chunk is verified and in flash", {{"index", PROFILE_NUMBER}, {"offset", PROFILE_NUMBER}}},
    {"resume", "a download goes on", {{"version", PROFILE_TEXT}, {"offset", PROFILE_NUMBER}}},
    {"rollback", "an image on trial is given up", {{"slot", PROFILE_TEXT}, {"version", PROFILE_TEXT}, {"cause", PROFILE_TEXT}}},
    {"recovery", "no image can be started", {{"cause", PROFILE_TEXT}}},
    {"settings", "identity and settings as read", {{"id", PROFILE_TEXT}, {"name", PROFILE_TEXT}}},
    {"retry", "it will try again", {{"wait", PROFILE_NUMBER}, {"cause", PROFILE_TEXT}}},
    {"fault", "the processor trapped", {{"fault", PROFILE_TEXT}, {"pc", PROFILE_TEXT}}},
};

const struct profile_kind *profile_kind(size_t i)
{
    return i < ARRAY_SIZE(kinds) ? &kinds[i] : NULL;
}

static const char *const reasons[] = {"power-on", "pin", "software", "watchdog", "brown-out"};
static const char *const stages[] = {"started", "downloaded", "verified", "installed", "booted", "confirmed", "failed",
    "rolled-back"};

const char *profile_reason_name(size_t i)
{
    return i < ARRAY_SIZE(reasons) ? reasons[i] : NULL;
}

const char *profile_stage_name(size_t i)
{
    return i < ARRAY_SIZE(stages) ? stages[i] : NULL;
}
