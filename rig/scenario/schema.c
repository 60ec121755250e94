/* SPDX-License-Identifier: GPL-3.0-or-later
 * JSON Schemas of whole files. */
#include "scenario/schema.h"

#include "base/err.h"
#include "base/json.h"
#include "base/suggest.h"
#include "scenario/profile_parts.h"
#include "scenario/scenario_parts.h"

#include <string.h>

static const char *const kinds[] = {"scenario", "profile", "bench", NULL};

static const char *kind_word(const void *ctx, size_t i)
{
    (void)ctx;
    return kinds[i];
}

static struct json *titled(const char *title, struct json *of, struct json *defs)
{
    struct json *j = json_object();
    json_add_str(j, "$schema", "https://json-schema.org/draft/2020-12/schema");
    json_add_str(j, "title", title);
    for (const struct json *m = json_first(of); m; m = json_next(m))
        json_add(j, json_key(m), json_copy(m));
    json_free(of);
    if (defs)
        json_add(j, "$defs", defs);
    return j;
}

struct json *schema_make(const char *what, const struct scenario_words *words, const struct bench_file_words *drivers,
    struct err *e)
{
    if (strcmp(what, "scenario") == 0)
        return titled("otarig scenario", keys_schema(scenario_rows, words), scenario_defs_schema(words));
    if (strcmp(what, "profile") == 0)
        return titled("otarig device profile", keys_schema(profile_rows, words), NULL);
    if (strcmp(what, "bench") == 0)
        return titled("otarig bench", bench_file_schema(drivers), NULL);
    const char *near = suggest_nearest(what, kind_word, NULL);
    err_set(e, RIG_EINPUT, near ? "no schema \"%.60s\", did you mean \"%s\"?"
        : "no schema \"%.60s\": scenario, profile or bench", what, near);
    return NULL;
}
