/* SPDX-License-Identifier: GPL-3.0-or-later
 * otarig list: the words of the language, out of the tables that understand them. */
#include "base/err.h"
#include "base/json.h"
#include "base/suggest.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/words.h"
#include "judge/judge.h"
#include "base/value.h"
#include "server/server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const enum options_id takes[] = {OPTIONS_JSON, OPTIONS_IDS};
static const struct options_command command = {
    "list scenarios|laws|attacks|mutations|drivers|triggers|faults [FILE|FOLDER…] [--json]",
    "What there is, each with its options. For scenarios, files and folders may be named (default: scenarios).",
    takes, 1, 4096};

/* --- things with options --- */

static void print_option(const struct option_row *row)
{
    printf("      %-14s %s", row->name, row->help);
    if (row->type == OPTION_WORD) {
        for (size_t i = 0; row->words && row->words[i]; i++)
            printf("%s%s", i ? ", " : ": ", row->words[i]);
    } else
        printf(" [%s]", value_type_name(row->type));
    if (row->otherwise)
        printf(" (%s)", row->otherwise);
    puts(row->required ? " required" : "");
}

static struct json *option_json(const struct option_row *row)
{
    struct json *j = json_object(), *words = json_array();
    json_add_str(j, "name", row->name);
    json_add_str(j, "help", row->help);
    json_add_str(j, "type", value_type_name(row->type));
    json_add_bool(j, "required", row->required);
    json_add_str(j, "default", row->otherwise);
    for (size_t i = 0; row->type == OPTION_WORD && row->words && row->words[i]; i++)
        json_push_str(words, row->words[i]);
    if (json_count(words))
        json_add(j, "words", words);
    else
        json_free(words);
    return j;
}

static struct json *owner_json(const struct option_owner *o)
{
    struct json *j = json_object(), *options = json_array();
    json_add_str(j, "name", o->name);
    json_add_str(j, "help", o->help);
    for (size_t i = 0; o->options && o->options[i].name; i++)
        json_push(options, option_json(&o->options[i]));
    json_add(j, "options", options);
    json_add_str(j, "example", o->example);
    return j;
}

static void print_owner(const struct option_owner *o)
{
    printf("%-16s %s\n", o->name, o->help);
    for (size_t i = 0; o->options && o->options[i].name; i++)
        print_option(&o->options[i]);
    if (o->example)
        printf("      e.g. %s\n", o->example);
}

static struct json *list_owners(const struct option_owner *(*get)(size_t i), bool json)
{
    struct json *list = json_array();
    const struct option_owner *o;
    for (size_t i = 0; (o = get(i)); i++)
        if (json)
            json_push(list, owner_json(o));
        else
            print_owner(o);
    return list;
}

static void print_attack(const struct option_owner *o, const struct server_attack_facts *f)
{
    char place[40];
    snprintf(place, sizeof place, "%s%s%s", f->place, f->place_too ? ", " : "", f->place_too ? f->place_too : "");
    printf("%-19s %-17s %-4s %s%s%s%s\n", o->name, place, f->catalogue, o->help, f->tuf ? " (TUF: " : "", f->tuf ? f->tuf : "",
           f->tuf ? ")" : "");
    for (size_t i = 0; o->options[i].name; i++)
        print_option(&o->options[i]);
    printf("      e.g. %s\n", o->example);
}

static struct json *list_attacks(bool json)
{
    struct json *list = json_array();
    const struct option_owner *o;
    for (size_t i = 0; (o = server_attack(i)); i++) {
        struct server_attack_facts f;
        server_attack_facts(i, &f);
        if (!json) {
            print_attack(o, &f);
            continue;
        }
        struct json *one = owner_json(o);
        json_add_str(one, "place", f.place);
        json_add_str(one, "place_too", f.place_too);
        json_add_str(one, "catalogue", f.catalogue);
        json_add_str(one, "tuf", f.tuf);
        json_push(list, one);
    }
    return list;
}

static struct json *list_drivers(bool json)
{
    struct json *list = json_array();
    const struct bench_file_driver *d;
    for (size_t i = 0; (d = words_bench.driver(i)); i++) {
        struct json *one = owner_json(&d->owner), *can = json_array();
        json_add_str(one, "port", bench_file_port_name(d->port));
        if (!json)
            printf("%-8s %-12s %s\n      makes possible:", bench_file_port_name(d->port), d->owner.name, d->owner.help);
        for (const char *const *word = d->can; *word; word++) {
            json_push_str(can, *word);
            if (!json)
                printf(" %s", *word);
        }
        if (!json)
            puts("");
        json_add(one, "can", can);
        json_push(list, one);
    }
    return list;
}

/* --- laws and scenarios --- */

static struct json *list_laws(bool json)
{
    struct json *list = json_array();
    const struct law *l;
    for (size_t i = 0; (l = judge_law(i)); i++) {
        struct json *one = json_object();
        json_add_str(one, "id", l->id);
        json_add_str(one, "title", l->title);
        json_add_str(one, "sentence", l->sentence);
        json_add_bool(one, "rig", l->rig);
        json_push(list, one);
        if (!json)
            printf("%-4s %-12s %s\n", l->id, l->title, l->sentence);
    }
    return list;
}

static struct json *scenario_json(const struct scenario *s)
{
    struct json *one = json_object(), *tags = json_array();
    json_add_str(one, "id", s->id);
    json_add_str(one, "file", s->file);
    json_add_str(one, "claim", s->claim);
    for (size_t i = 0; i < s->tags; i++)
        json_push_str(tags, s->tag[i]);
    json_add(one, "tags", tags);
    json_add_int(one, "combinations", (int64_t)s->count);
    json_add_int(one, "trials", (int64_t)(s->repeat * s->count));
    json_add_str(one, "sha256", s->sha256);
    return one;
}

static struct json *list_scenarios(const struct options *o, struct err *e)
{
    char *standard[] = {(char[]){"scenarios"}};
    struct scenario_set set;
    struct mistakes m = {0};
    struct json *list = json_array();
    uint64_t total = 0;
    scenario_set_load(&set, o->args > 1 ? o->arg + 1 : standard, o->args > 1 ? o->args - 1 : 1, &words_scenario, &m);
    for (size_t i = 0; !m.count && i < set.count; i++) {
        const struct scenario *s = set.item[i];
        total += s->repeat * s->count;
        json_push(list, scenario_json(s));
        if (!o->json)
            printf("%-28s %6" PRIu64 "  %s\n", s->id, s->repeat * s->count, s->claim);
    }
    if (!m.count && !o->json)
        printf("%zu scenarios, %" PRIu64 " trials\n", set.count, total);
    fputs(buf_text(&m.text), stderr);
    if (m.count)
        err_set(e, RIG_EINPUT, "%zu error%s", m.count, m.count == 1 ? "" : "s");
    mistake_free(&m);
    scenario_set_free(&set);
    return list;
}

static const char *const topics[] = {"scenarios", "laws", "attacks", "mutations", "drivers", "triggers", "faults", NULL};

static const char *topic_word(const void *ctx, size_t i)
{
    (void)ctx;
    return topics[i];
}

static struct json *list_topic(const struct options *o, struct err *e)
{
    const char *topic = o->arg[0];
    if (strcmp(topic, "scenarios") == 0)
        return list_scenarios(o, e);
    if (o->args > 1) {
        err_set(e, RIG_EINPUT, "\"%.60s\" is one argument too many: only scenarios have files", o->arg[1]);
        return NULL;
    }
    if (strcmp(topic, "laws") == 0)
        return list_laws(o->json);
    if (strcmp(topic, "drivers") == 0)
        return list_drivers(o->json);
    if (strcmp(topic, "attacks") == 0)
        return list_attacks(o->json);
    if (strcmp(topic, "mutations") == 0)
        return list_owners(image_mutation_row, o->json);
    if (strcmp(topic, "triggers") == 0)
        return list_owners(scenario_trigger_kind, o->json);
    if (strcmp(topic, "faults") == 0)
        return list_owners(scenario_fault_kind, o->json);
    const char *near = suggest_nearest(topic, topic_word, NULL);
    err_set(e, RIG_EINPUT, near ? "nothing is called \"%.60s\", did you mean \"%s\"?"
        : "nothing is called \"%.60s\": see otarig list --help",
            topic, near);
    return NULL;
}

int cmd_list(int argc, char **argv)
{
    struct options o;
    struct err e = {0};
    int r = options_read(&command, argc, argv, &o, &e);
    if (!r && !o.help) {
        struct json *list = list_topic(&o, &e);
        char *text = list && o.json && !e.code ? json_print_pretty(list) : NULL;
        if (text)
            puts(text);
        free(text);
        json_free(list);
        r = e.code;
    }
    options_free(&o);
    return r ? options_fail(argv[0], &e) : 0;
}
