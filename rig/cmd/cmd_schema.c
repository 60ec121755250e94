/* SPDX-License-Identifier: GPL-3.0-or-later
 * otarig schema: JSON Schemas for editors, out of the tables that read the files. */
#include "base/err.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/words.h"
#include "scenario/schema.h"

#include <stdio.h>
#include <stdlib.h>

static const enum options_id takes[] = {OPTIONS_IDS};
static const struct options_command command = {
    "schema [scenario|profile|bench]",
    "Prints the JSON Schema (draft 2020-12) of scenario files, of device profiles or of bench files. In VS Code with the YAML extension:\n"
    "otarig schema >scenario.json, and  # yaml-language-server: $schema=scenario.json  on top of a scenario.",
    takes, 0, 1};

int cmd_schema(int argc, char **argv)
{
    struct options o;
    struct err e = {0};
    int r = options_read(&command, argc, argv, &o, &e);
    if (!r && !o.help) {
        struct json *schema = schema_make(o.args ? o.arg[0] : "scenario", &words_scenario, &words_bench, &e);
        char *text = schema ? json_print_pretty(schema) : NULL;
        if (text)
            puts(text);
        else
            r = e.code;
        free(text);
        json_free(schema);
    }
    options_free(&o);
    return r ? options_fail(argv[0], &e) : 0;
}
