/* SPDX-License-Identifier: GPL-3.0-or-later
 * Parts of the scenario reader that call each other. Not for the rest of the house. */
#ifndef SCENARIO_SCENARIO_PARTS_H
#define SCENARIO_SCENARIO_PARTS_H
#include "scenario/keys.h"

/* `fault:`: a map or a list of them, into c->fault. */
void scenario_fault_read(struct keys_reader *r, const struct yaml_node *n, void *scenario_case);
/* An image reference: a name, a file, or {of: …, mutations}. */
void scenario_image_read(struct keys_reader *r, const struct yaml_node *n, struct scenario_image *out);
/* Tells a name that the profile (when it is known) has no image of. */
void scenario_image_name(struct keys_reader *r, struct place at, const char *name);
/* `expect:` into c->expect, and `waive:`. */
void scenario_expect_read(struct keys_reader *r, const struct yaml_node *n, void *scenario_case);
void scenario_waive_read(struct keys_reader *r, const struct yaml_node *n, void *scenario_case);
void scenario_expect_default(struct scenario_expect *x);
/* `fleet:` into a struct scenario_fleet; `expect: {fleet: …}` into a struct scenario_fleet_expect. */
void scenario_fleet_read(struct keys_reader *r, const struct yaml_node *n, void *scenario_fleet);
void scenario_fleet_expect_read(struct keys_reader *r, const struct yaml_node *n, void *fleet_expect);
void scenario_fleet_expect_default(struct scenario_fleet_expect *x);

/* A file's tree with what it includes merged in below it (include: is taken out). text gets the bytes of all of them.
 * root: real path of the folder that nothing leads out of. NULL with a mistake. */
struct yaml_node *scenario_include(struct store *store, const char *path, const char *root, struct buf *text, struct mistakes *m);

/* Tables, and schemas of what a table alone does not say. */
extern const struct keys_row *const scenario_rows, *const scenario_given_rows, *const scenario_expect_rows,
    *const scenario_eventually_rows;
struct json *scenario_defs_schema(const struct scenario_words *words); /* $defs that the others refer to */
struct json *scenario_fault_schema(const struct scenario_words *words);
struct json *scenario_image_schema(const struct scenario_words *words);
struct json *scenario_names_schema(const struct scenario_words *words);
struct json *scenario_eventually_schema(const struct scenario_words *words);
struct json *scenario_list_schema(struct json *items, size_t most); /* one, or a list of at most so many; takes items over */
struct json *scenario_fleet_schema(const struct scenario_words *words);
struct json *scenario_fleet_expect_schema(const struct scenario_words *words);
struct json *scenario_given_schema(const struct scenario_words *words);
struct json *scenario_expect_schema(const struct scenario_words *words);
struct json *scenario_waive_schema(const struct scenario_words *words);
struct json *scenario_matrix_schema(const struct scenario_words *words);
struct json *scenario_include_schema(const struct scenario_words *words);
#endif
