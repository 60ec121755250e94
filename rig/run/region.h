/* SPDX-License-Identifier: GPL-3.0-or-later
 * What an address of non-volatile memory belongs to. */
#ifndef RUN_REGION_H
#define RUN_REGION_H
#include <stdbool.h>
#include <stdint.h>

struct profile;

enum { REGION_NAME = 48 };
/* The region's name, "slot-a" for slot a, "?" outside of both. Returns text. */
const char *region_name(const struct profile *p, uint32_t addr, char text[REGION_NAME]);
/* Whether images live there: a slot, or a region of class payload. */
bool region_payload(const struct profile *p, uint32_t addr);
#endif
