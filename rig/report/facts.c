/* SPDX-License-Identifier: GPL-3.0-or-later
 * What the page needs of a journal beyond its verdict. */
#include "report/facts.h"

#include "base/buf.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint16_t phase_index(struct facts *f, const char *name)
{
    char word[sizeof f->phase[0]];
    snprintf(word, sizeof word, "%s", name ? name : FACTS_ELSEWHERE);
    for (size_t i = 0; i < f->phases; i++)
        if (!strcmp(f->phase[i], word))
            return (uint16_t)i;
    if (f->phases == FACTS_PHASES)
        return FACTS_PHASES - 1;
    memcpy(f->phase[f->phases], word, sizeof word);
    return (uint16_t)f->phases++;
}

/* An update's phases in their order: the tables', so that a phase in which no cut fell is seen as well. */
static void usual_phases(struct facts *f)
{
    static const char *const usual[] = {"start", "idle", "download", "erase", "write", "verify", "activate", "boot", "confirm"};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        phase_index(f, usual[i]);
}

void facts_open(struct facts *f)
{
    memset(f, 0, sizeof *f);
    f->references = json_array();
    usual_phases(f);
}

void facts_reference(struct facts *f, const struct json *reference)
{
    json_push(f->references, json_copy(reference));
    for (const struct json *p = json_first(json_get(reference, "phases")); p; p = json_next(p))
        phase_index(f, json_str(p, "name"));
}

/* Faults that can leave a flash operation half done. A reset does not: the flash controller finishes what it began. */
static bool takes_power(const char *what)
{
    return !strncmp(what, "power-", 6) || !strcmp(what, "battery");
}

static void add_cut(struct facts *f, const struct json *fault, uint64_t trial, uint32_t scenario)
{
    if (f->cuts == f->room) {
        f->room = f->room ? f->room * 2 : 1024;
        f->cut = mem_grow(f->cut, f->room * sizeof *f->cut);
    }
    int64_t op = json_int(fault, "op", 0);
    f->cut[f->cuts++] = (struct facts_cut){trial, op > 0 ? (uint64_t)op : 0, scenario, phase_index(f, json_str(fault, "phase")),
                                           (uint16_t)histogram_outcome(json_str(fault, "outcome"))};
}

static void read_fault(struct facts *f, const struct json *e, uint64_t trial, uint32_t scenario)
{
    if (!json_bool(e, "delivered", true))
        f->undelivered++;
    else if (takes_power(json_str_or(e, "do", "")))
        add_cut(f, e, trial, scenario);
    else
        f->other_faults++;
}

static void read_access(struct facts *f, const struct json *e)
{
    struct facts_site s = {.count = 1};
    snprintf(s.addr, sizeof s.addr, "%s", json_str_or(e, "addr", "?"));
    snprintf(s.pc, sizeof s.pc, "%s", json_str_or(e, "pc", "?"));
    snprintf(s.why, sizeof s.why, "%s", json_str_or(e, "why", ""));
    for (size_t i = 0; i < f->sites; i++)
        if (!strcmp(f->site[i].addr, s.addr) && !strcmp(f->site[i].pc, s.pc)) {
            f->site[i].count++;
            return;
        }
    if (f->sites < FACTS_SITES)
        f->site[f->sites++] = s;
}

static void keep_trial(struct facts_trial *k, uint64_t trial, const struct json *events, size_t first_line)
{
    json_free(k->events);
    *k = (struct facts_trial){trial, first_line, json_copy(events)};
}

/* The passing trial to show: one whose cut left a half-done operation behind says most. */
static int rank_of(const struct facts *f, size_t cuts_before)
{
    int rank = 1;
    for (size_t i = cuts_before; i < f->cuts; i++) {
        enum histogram_outcome o = (enum histogram_outcome)f->cut[i].outcome;
        int r = o == HISTOGRAM_TORN || o == HISTOGRAM_ECC || o == HISTOGRAM_PARTIAL ? 4 : f->cut[i].op ? 3 : 2;
        rank = r > rank ? r : rank;
    }
    return rank;
}

void facts_block(struct facts *f, const struct json *events, size_t first_line, bool keep, bool held)
{
    uint64_t trial = 0;
    uint32_t scenario = 0;
    size_t cuts_before = f->cuts;
    for (const struct json *e = json_first(events); e; e = json_next(e)) {
        const char *ev = json_str_or(e, "ev", "");
        if (!strcmp(ev, "trial")) {
            trial = (uint64_t)json_int(e, "n", 0);
            scenario = (uint32_t)json_int(e, "scenario", 0);
        } else if (!strcmp(ev, "fault")) {
            read_fault(f, e, trial, scenario);
        } else if (!strcmp(ev, "access")) {
            read_access(f, e);
        }
    }
    f->trials++;
    if (keep && f->kept_count < FACTS_KEPT)
        keep_trial(&f->kept[f->kept_count++], trial, events, first_line);
    int rank = held ? rank_of(f, cuts_before) : 0;
    if (rank > f->passing_rank) {
        keep_trial(&f->passing, trial, events, first_line);
        f->passing_rank = rank;
    }
}

const struct facts_trial *facts_find(const struct facts *f, uint64_t trial)
{
    for (size_t i = 0; i < f->kept_count; i++)
        if (f->kept[i].trial == trial)
            return &f->kept[i];
    return f->passing.trial == trial && trial ? &f->passing : NULL;
}

void facts_close(struct facts *f)
{
    for (size_t i = 0; i < f->kept_count; i++)
        json_free(f->kept[i].events);
    json_free(f->passing.events);
    json_free(f->references);
    free(f->cut);
    memset(f, 0, sizeof *f);
}
