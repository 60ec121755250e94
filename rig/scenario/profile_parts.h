/* SPDX-License-Identifier: GPL-3.0-or-later
 * Parts of the profile's reader that call each other. Not for the rest of the house. */
#ifndef SCENARIO_PROFILE_PARTS_H
#define SCENARIO_PROFILE_PARTS_H
#include "scenario/keys.h"
#include "scenario/profile.h"

extern const struct keys_row *const profile_rows;
/* What no single key can say: overlaps, names that must exist, patterns that the laws need. */
void profile_check(const struct profile *p, const struct yaml_node *map, struct mistakes *m);
/* Items of `patterns:`, `images:`, `reasons:` and `stages:`; target: the struct profile. */
void profile_patterns_read(struct keys_reader *r, const struct yaml_node *n, void *target);
void profile_images_read(struct keys_reader *r, const struct yaml_node *n, void *target);
void profile_reasons_read(struct keys_reader *r, const struct yaml_node *n, void *target);
void profile_stages_read(struct keys_reader *r, const struct yaml_node *n, void *target);
struct json *profile_patterns_schema(const struct scenario_words *words);
struct json *profile_images_schema(const struct scenario_words *words);
struct json *profile_reasons_schema(const struct scenario_words *words);
struct json *profile_stages_schema(const struct scenario_words *words);
#endif
