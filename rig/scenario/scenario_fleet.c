/* SPDX-License-Identifier: GPL-3.0-or-later
 * `fleet:` and `expect: {fleet: …}`, read by tables. */
#include "scenario/scenario_parts.h"

#include <string.h>

#define DAY_NS UINT64_C(86400000000000)
enum { DAYS_MOST = 30 };

#define TIME(NAME, HELP, ...) .value = {.name = NAME, .help = HELP, .type = OPTION_TIME, .high = DAYS_MOST * DAY_NS, __VA_ARGS__}
#define COUNT(NAME, HELP, ...) .value = {.name = NAME, .help = HELP, .type = OPTION_COUNT, __VA_ARGS__}
#define SHARE(NAME, HELP, ...) .value = {.name = NAME, .help = HELP, .type = OPTION_PERCENT, .high = 10000, __VA_ARGS__}

struct cohort { uint64_t percent, day, after; };
static const struct keys_row cohort_rows[] = {
    {SHARE("percent", "of all device ids, the earlier cohorts included", .required = true, .low = 1), KEYS_AT(struct cohort, percent)},
    {COUNT("day", "on which its turn begins, from 0", .otherwise = "0", .high = DAYS_MOST), KEYS_AT(struct cohort, day)},
    {TIME("after", "… and how long after that day's beginning", .otherwise = "0s"), KEYS_AT(struct cohort, after)},
    KEYS_END};

static void cohort_read(struct keys_reader *r, const struct yaml_node *n, struct scenario_fleet *f)
{
    struct rollout_rules *rules = &f->rules;
    struct cohort c = {0};
    n = keys_node(r, n);
    if (!keys_want(r, "cohort", n, YAML_MAP))
        return;
    keys_read(r, cohort_rows, n, &c);
    struct rollout_cohort to = {c.percent * ROLLOUT_PLACES / 10000, c.day * DAY_NS + c.after};
    const struct rollout_cohort *last = rules->cohorts ? &rules->cohort[rules->cohorts - 1] : NULL;
    if (last && (to.places <= last->places || to.from_ns <= last->from_ns))
        mistake_add(r->m, n->at, "cohorts: each has more devices than the one before it, and begins later");
    else if (rules->cohorts == ROLLOUT_COHORTS)
        mistake_add(r->m, n->at, "cohorts: more than %d", ROLLOUT_COHORTS);
    else
        rules->cohort[rules->cohorts++] = to;
}

static void cohorts_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    if (n->kind != YAML_LIST)
        cohort_read(r, n, target);
    else
        for (const struct yaml_node *c = n->first; c; c = c->next)
            cohort_read(r, c, target);
}

static struct json *cohorts_schema(const struct scenario_words *words)
{
    return scenario_list_schema(keys_schema(cohort_rows, words), ROLLOUT_COHORTS);
}

static const char *const stops[] = {"pause", "rollback", NULL};
static void stop_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    static const struct option_row row = {.name = "on-stop", .type = OPTION_WORD, .words = stops};
    uint64_t which = 0;
    const char *word;
    if (keys_value(r, &row, n, &which, &word))
        ((struct scenario_fleet *)target)->rules.stop_back = which == 1;
}

static struct json *stop_schema(const struct scenario_words *words)
{
    static const struct option_row row = {.name = "on-stop", .type = OPTION_WORD, .words = stops};
    (void)words;
    return keys_schema_option(&row, true, false);
}

static void back_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    scenario_image_read(r, n, &((struct scenario_fleet *)target)->back);
}

static const struct keys_row span_rows[] = {
    {TIME("from", "when it begins", .required = true), KEYS_AT(struct rollout_span, from_ns)},
    {TIME("for", "how long it lasts", .required = true, .low = 1), KEYS_AT(struct rollout_span, for_ns)},
    KEYS_END};

struct busy { struct rollout_span span; uint64_t retry_after; };
static const struct keys_row busy_rows[] = {
    {TIME("from", "when it begins", .required = true), KEYS_AT(struct busy, span.from_ns)},
    {TIME("for", "how long it lasts", .required = true, .low = 1), KEYS_AT(struct busy, span.for_ns)},
    {TIME("retry-after", "what the 503 says, in whole seconds", .otherwise = "30s", .low = 1000000000), KEYS_AT(struct busy, retry_after)},
    KEYS_END};

static void busy_read(struct keys_reader *r, const struct yaml_node *n, void *target)
{
    struct rollout_rules *rules = &((struct scenario_fleet *)target)->rules;
    struct busy b = {0};
    if (!keys_want(r, "overload", n, YAML_MAP))
        return;
    keys_read(r, busy_rows, n, &b);
    rules->busy = b.span;
    rules->retry_after_s = b.retry_after / 1000000000;
}

static struct json *busy_schema(const struct scenario_words *words)
{
    return keys_schema(busy_rows, words);
}

#define IN(MEMBER) KEYS_AT(struct scenario_fleet, MEMBER)
static const struct keys_row fleet_rows[] = {
    {COUNT("devices", "how many", .required = true, .low = 1, .high = SCENARIO_FLEET_MOST), IN(devices)},
    {TIME("for", "how long they are watched", .required = true, .low = 1000000000), IN(for_ns)},
    {TIME("check-in", "each is switched on so often, and off when it is at rest; without it they are always on"), IN(check_in_ns)},
    {TIME("spread", "within which they are switched on first; the check-in's, or 10 s"), IN(spread_ns)},
    {.value = {.name = "cohorts", .help = "shares of the fleet by device id, and when their turn begins; without it all at once"},
     .kind = KEYS_OWN, .read = cohorts_read, .schema = cohorts_schema},
    {COUNT("failure-budget", "the rollout stops once so many devices have failed", .low = 1, .high = SCENARIO_FLEET_MOST),
     IN(rules.budget)},
    {TIME("silent", "a device that began and was not heard of for so long counts as failed"), IN(rules.silent_ns)},
    {.value = {.name = "on-stop", .help = "what the devices are told then"}, .kind = KEYS_OWN, .read = stop_read, .schema = stop_schema},
    {.value = {.name = "paused", .help = "the rollout is paused by hand"}, .kind = KEYS_MAP, IN(rules.paused), .table = span_rows},
    {.value = {.name = "back", .help = "image that devices are sent back to"}, .kind = KEYS_OWN, .read = back_read,
     .schema = scenario_image_schema},
    {TIME("back-from", "when they are, whatever happened"), IN(rules.back_ns)},
    {.value = {.name = "down", .help = "the server resets every connection"}, .kind = KEYS_MAP, IN(rules.down), .table = span_rows},
    {.value = {.name = "overload", .help = "the server answers 503 with Retry-After"}, .kind = KEYS_OWN, .read = busy_read,
     .schema = busy_schema},
    {TIME("swap", "when the first two devices get each other's flash"), IN(swap_ns)},
    KEYS_END};

static void check(struct keys_reader *r, const struct scenario_fleet *f, const struct yaml_node *n)
{
    bool back = f->rules.back_ns != ROLLOUT_NEVER || f->rules.stop_back;
    if (back && !f->back.text)
        mistake_add(r->m, n->at, "fleet: devices are sent back, but \"back\" does not say to which image");
    if (!back && f->back.text)
        mistake_add(r->m, f->back.place, "fleet: nobody is sent back: add back-from, or on-stop: rollback");
    if (f->rules.stop_back && !f->rules.budget)
        mistake_add(r->m, n->at, "fleet: on-stop has no meaning without failure-budget");
    if (f->swap_ns != ROLLOUT_NEVER && (f->devices < 2 || !f->check_in_ns))
        mistake_add(r->m, n->at, "fleet: swap is of two devices that are switched off between their check-ins");
    for (size_t i = 0; i < f->rules.cohorts; i++)
        if (f->rules.cohort[i].from_ns >= f->for_ns)
            mistake_add(r->m, n->at, "fleet: it is not watched long enough for cohort %zu to begin", i + 1);
}

static const struct option_owner *attack_named(const struct keys_reader *r, const char *name)
{
    const struct option_owner *o = NULL;
    for (size_t i = 0; r->words && r->words->attack && (o = r->words->attack(i)); i++)
        if (strcmp(o->name, name) == 0)
            return o;
    return NULL;
}

void scenario_fleet_read(struct keys_reader *r, const struct yaml_node *n, void *scenario_fleet)
{
    struct scenario_fleet *f = scenario_fleet;
    *f = (struct scenario_fleet){.swap_ns = ROLLOUT_NEVER, .place = n->at};
    f->rules.back_ns = ROLLOUT_NEVER;
    if (!keys_want(r, "fleet", n, YAML_MAP))
        return;
    size_t before = r->m->count;
    f->busy = attack_named(r, "status");
    f->reset = attack_named(r, "reset");
    keys_read(r, fleet_rows, n, f);
    if (!f->spread_ns)
        f->spread_ns = f->check_in_ns ? f->check_in_ns : UINT64_C(10000000000);
    if (r->m->count == before)
        check(r, f, n);
}

struct json *scenario_fleet_schema(const struct scenario_words *words)
{
    return keys_schema(fleet_rows, words);
}

/* --- what is expected --- */

#define WANT(MEMBER) KEYS_AT(struct scenario_fleet_expect, MEMBER)
static const struct keys_row expect_rows[] = {
    {SHARE("updated", "of the devices, at least, run the offered version at the end, confirmed"), WANT(updated)},
    {SHARE("updated-most", "… and at most"), WANT(updated_most)},
    {SHARE("back", "of the devices that had been updated, at least, run what they were sent back to"), WANT(back)},
    {COUNT("failed", "devices, at most, fail"), WANT(failed)},
    {COUNT("overrun", "devices, at most, fail beyond the failure budget"), WANT(overrun)},
    {SHARE("peak", "of the devices, at most, ask within the same window"), WANT(peak)},
    {TIME("window", "of peak", .otherwise = "1s", .low = 1000000), WANT(window_ns)},
    KEYS_END};

void scenario_fleet_expect_read(struct keys_reader *r, const struct yaml_node *n, void *fleet_expect)
{
    struct scenario_fleet_expect *x = fleet_expect;
    x->given = true;
    x->place = n->at;
    if (keys_want(r, "fleet", n, YAML_MAP))
        keys_read(r, expect_rows, n, x);
}

void scenario_fleet_expect_default(struct scenario_fleet_expect *x)
{
    const uint64_t any = SCENARIO_FLEET_ANY;
    *x = (struct scenario_fleet_expect){false, any, any, any, any, any, any, UINT64_C(1000000000), {0}};
}

struct json *scenario_fleet_expect_schema(const struct scenario_words *words)
{
    return keys_schema(expect_rows, words);
}
