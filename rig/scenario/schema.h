/* SPDX-License-Identifier: GPL-3.0-or-later
 * JSON Schemas (draft 2020-12) of the files that people write, made of the tables that read them. */
#ifndef SCENARIO_SCHEMA_H
#define SCENARIO_SCHEMA_H
#include "scenario/bench_file.h"
#include "scenario/scenario.h"

struct err;
struct json;

/* what: "scenario", "profile" or "bench". RIG_EINPUT with the nearest right word and NULL otherwise. The caller frees. */
struct json *schema_make(const char *what, const struct scenario_words *words, const struct bench_file_words *drivers,
    struct err *e);
#endif
