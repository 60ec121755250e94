/* SPDX-License-Identifier: GPL-3.0-or-later
 * Fuzz target: console lines against the patterns of the reference profile, and any line as a pattern against any other. */
#include "base/err.h"
#include "base/json.h"
#include "base/regex.h"
#include "run/phase.h"
#include "scenario/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void as_line(const struct profile *p, const char *line)
{
    struct profile_event ev;
    if (!profile_match(p, line, &ev))
        return;
    struct json *j = json_object();
    profile_event_add(&ev, j);
    char *text = json_print(j);
    struct json *again = json_parse(text, strlen(text), NULL);
    if (!again || phase_after(PHASE_IDLE, &ev) >= PHASES)
        abort();
    json_free(again);
    free(text);
    json_free(j);
}

static void as_pattern(const char *pattern, const char *text)
{
    struct regex_match m;
    struct err e = {0};
    struct regex *r = regex_new(pattern, &e);
    if (r && regex_match(r, text, &m))
        for (size_t i = 0; i < m.count; i++)
            if (m.field[i].start > m.field[i].end || m.field[i].end > strlen(text))
                abort();
    regex_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct profile *profile;
    struct mistakes m = {0};
    char line[1024];
    if (!profile && !(profile = profile_load("fixtures/duts/nucleo-l476rg.yaml", &m)))
        abort();
    if (n >= sizeof line)
        return 0;
    memcpy(line, data, n);
    line[n] = 0;
    as_line(profile, line);
    char *half = strchr(line, '\n');
    if (half) {
        *half = 0;
        as_pattern(line, half + 1);
    }
    return 0;
}
