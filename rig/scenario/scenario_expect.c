/* SPDX-License-Identifier: GPL-3.0-or-later
 * What a scenario expects beyond the laws, and which laws it waives and why. */
#include "scenario/scenario_parts.h"

#include "base/err.h"
#include "base/regex.h"

#include <ctype.h>
#include <string.h>

static const char *const reasons[] = {"power-on", "brown-out", "watchdog", "pin", "software", NULL};

static const char *const recoveries[] = {"serial", NULL};

static void version_item(struct keys_reader *r, const struct yaml_node *n, struct scenario_expect *x)
{
    n = keys_node(r, n);
    const char *text = keys_text(r, "version", n);
    if (!text)
        return;
    if (x->versions == SCENARIO_VERSIONS)
        mistake_add(r->m, n->at, "version: more than %d", SCENARIO_VERSIONS);
    else
        x->version[x->versions++] = (struct scenario_name){text, n->at};
    scenario_image_name(r, n->at, text);
}

static void version_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    if (n->kind != YAML_LIST)
        version_item(r, n, target);
    else
        for (const struct yaml_node *c = n->first; c; c = c->next)
            version_item(r, c, target);
}

static void eventually_version(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    struct scenario_expect *x = target;
    n = keys_node(r, n);
    x->eventually = (struct scenario_name){keys_text(r, "eventually", n), n->at};
    scenario_image_name(r, n->at, x->eventually.text);
}

#define UPDATES {.name = "updates", \
    .help = "so many good updates bring it there", .type = OPTION_COUNT, .otherwise = "1", .low = 1, .high = 100}
static const struct keys_row eventually_rows[] = {
    {.value = {.name = "version", .help = "image of the profile", .type = OPTION_TEXT, .required = true},
     .kind = KEYS_OWN, .read = eventually_version},
    {.value = UPDATES, KEYS_AT(struct scenario_expect, updates)},
    KEYS_END};

static void eventually_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    if (n->kind == YAML_MAP)
        keys_read(r, eventually_rows, n, target);
    else
        eventually_version(r, n, target);
}

static void cause_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    struct scenario_expect *x = target;
    struct err e = {0};
    x->cause = keys_text(r, "cause", n);
    struct regex *pattern = x->cause ? regex_new(x->cause, &e) : NULL;
    if (x->cause && !pattern)
        mistake_add(r->m, n->at, "cause: expected a regular expression: %s", e.text);
    regex_free(pattern);
}

static void fleet_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    scenario_fleet_expect_read(r, n, &((struct scenario_expect *)target)->fleet);
}

static const char *law_word(const void *ctx, size_t i)
{
    return ((const struct scenario_words *)ctx)->law(i);
}

static bool law_known(const struct scenario_words *words, const char *id)
{
    if (!words || !words->law)
        return (id[0] == 'L' || id[0] == 'R') && isdigit((unsigned char)id[1]);
    const char *law;
    for (size_t i = 0; (law = words->law(i)); i++)
        if (strcmp(law, id) == 0)
            return true;
    return false;
}

static void waive_one(struct keys_reader *r, const struct yaml_node *n, struct scenario_expect *x)
{
    const char *why = keys_text(r, n->key, n);
    if (!law_known(r->words, n->key)) {
        if (r->words && r->words->law)
            mistake_word(r->m, n->key_at, "waive: law", n->key, law_word, r->words);
        else
            mistake_add(r->m, n->key_at, "waive: \"%.60s\" is not a law, expected L1 to L12", n->key);
    } else if (n->key[0] == 'R') {
        mistake_add(r->m, n->key_at, "waive: %s is a law for the rig and cannot be waived", n->key);
    } else if (why && x->waives < SCENARIO_WAIVES) {
        if (strlen(why) < 8)
            mistake_add(r->m, n->at, "waive: expected the reason in words, found \"%s\"", why);
        x->waive[x->waives++] = (struct scenario_waive){n->key, why, n->key_at};
    }
}

static void waive_into(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    if (keys_want(r, "waive", n, YAML_MAP))
        for (const struct yaml_node *c = n->first; c; c = c->next)
            waive_one(r, c, target);
}

static const struct keys_row rows[] = {
    {.value = {.name = "version", .help = "images that may run at the end; without it the installed or the offered one",
     .type = OPTION_TEXT}, .kind = KEYS_OWN, .read = version_read, .schema = scenario_names_schema},
    {.value = {.name = "eventually", .help = "image that good updates lead to after the faults", .type = OPTION_TEXT},
     .kind = KEYS_OWN, .read = eventually_read, .schema = scenario_eventually_schema},
    {.value = {.name = "boot-reason", .help = "what the device must report after the fault",
     .type = OPTION_WORD, .words = reasons}, KEYS_AT(struct scenario_expect, boot_reason)},
    {.value = {.name = "refused", .help = "the offered image must be refused before it is activated",
     .type = OPTION_BOOL, .otherwise = "false"}, KEYS_AT(struct scenario_expect, refused)},
    {.value = {.name = "cause", .type = OPTION_TEXT,
     .help = "regular expression on the cause that the device reports: of the image's refusal, or of the attack once it reached it"},
     .kind = KEYS_OWN, .read = cause_read},
    {.value = {.name = "fleet", .help = "what must hold of all devices of a fleet together"}, .kind = KEYS_OWN, .read = fleet_read,
     .schema = scenario_fleet_expect_schema},
    {.value = {.name = "recovery", .help = "a device that finds nothing to start asks for an image: the rig sends it over the console",
     .type = OPTION_WORD, .words = recoveries}, KEYS_AT(struct scenario_expect, recovery)},
    {.value = {.name = "final-cycle", .help = "a power cycle at the end must bring the confirmed image back",
     .type = OPTION_BOOL, .otherwise = "true"}, KEYS_AT(struct scenario_expect, final_cycle)},
    {.value = {.name = "waive", .help = "laws that do not apply here, each with its reason", .type = OPTION_TEXT},
     .kind = KEYS_OWN, .read = waive_into, .schema = scenario_waive_schema},
    KEYS_END};

const struct keys_row *const scenario_expect_rows = rows;
const struct keys_row *const scenario_eventually_rows = eventually_rows;

/* Is anything done to the device that it could tell a cause of? Lost power and worn flash leave nothing to refuse. */
static bool attacked(const struct scenario_case *c)
{
    for (size_t i = 0; i < c->faults; i++) {
        const char *does = c->fault[i].does ? c->fault[i].does->name : "";
        if (strncmp(does, "power-", 6) != 0 && strncmp(does, "flash-", 6) != 0 && strncmp(does, "reset-", 6) != 0 &&
            strcmp(does, "battery") != 0 && strcmp(does, "watchdog") != 0)
            return true;
    }
    return c->offered.mutations || c->offered.files;
}

void scenario_expect_read(struct keys_reader *r, const struct yaml_node *n, void *scenario_case)
{
    struct scenario_case *c = scenario_case;
    struct scenario_expect *x = &c->expect;
    if (!keys_want(r, "expect", n, YAML_MAP))
        return;
    keys_read(r, rows, n, x);
    if (x->cause && !x->refused && !attacked(c))
        mistake_add(r->m, n->at, "expect: \"cause\" is of a refusal or an attack: add refused: true, or the fault that is refused");
}

void scenario_expect_default(struct scenario_expect *x)
{
    *x = (struct scenario_expect){.updates = 1, .final_cycle = true};
    scenario_fleet_expect_default(&x->fleet);
}

void scenario_waive_read(struct keys_reader *r, const struct yaml_node *n, void *scenario_case)
{
    waive_into(r, n, &((struct scenario_case *)scenario_case)->expect);
}
