/* SPDX-License-Identifier: GPL-3.0-or-later
 * Addresses by the names of the profile. */
#include "run/region.h"

#include "scenario/profile.h"

#include <stdio.h>
#include <string.h>

const char *region_name(const struct profile *p, uint32_t addr, char text[REGION_NAME])
{
    const struct profile_slot *slot = profile_slot_at(p, addr);
    const struct profile_region *region = profile_region_at(p, addr);
    if (slot)
        snprintf(text, REGION_NAME, "slot-%s", slot->name);
    else
        snprintf(text, REGION_NAME, "%s", region ? region->name : "?");
    return text;
}

bool region_payload(const struct profile *p, uint32_t addr)
{
    const struct profile_region *region = profile_region_at(p, addr);
    return profile_slot_at(p, addr) || (region && strcmp(region->class, "payload") == 0);
}
