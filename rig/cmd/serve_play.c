/* SPDX-License-Identifier: GPL-3.0-or-later
 * Triggers without a bench: time counts from the start, bytes are those of images that clients have taken, events come by telemetry
 * ("update.started" is the stage "started"). What happens inside a device cannot be a trigger here. */
#include "cmd/serve_play.h"

#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "cmd/serve_log.h"
#include "server/server.h"

#include <stdio.h>
#include <string.h>

/* --- the offer --- */

struct offer_room { struct server_file file[PROFILE_SLOTS]; struct server_delta delta[PROFILE_DELTAS * PROFILE_SLOTS]; };

static struct server_offer offer_of(const struct serve_play *p, const struct plan_set *set, struct offer_room *room)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct plan_image *m = set->image[i];
        room->file[i] = (struct server_file){m->slot, file_base(m->file), (const uint8_t *)m->bytes.data, m->bytes.size};
    }
    for (size_t i = 0; i < set->deltas; i++) {
        const struct plan_delta *d = set->delta[i];
        room->delta[i] = (struct server_delta){d->slot, d->base_sha256, d->file, (const uint8_t *)d->bytes.data, d->bytes.size};
    }
    return (struct server_offer){.version = set->version, .hardware = p->profile->hardware, .security_counter = set->counter,
                                 .chunk_size = p->profile->update.chunk, .files = room->file, .count = set->count, .keyset = p->keyset,
                                 .deltas = room->delta, .delta_count = p->trial->images->terms.delta ? set->deltas : 0};
}

void serve_play_offer(struct serve_play *p, const struct plan_set *set, const char *action)
{
    struct offer_room room, other_room;
    const struct plan_set *next = p->trial->images->next;
    struct server_offer o = offer_of(p, set, &room), other = {.version = NULL};
    if (next && next != set) {
        other = offer_of(p, next, &other_room);
        o.other = &other;
    }
    o.action = action;
    p->offered = set;
    server_offer(p->server, &o);
}

/* --- faults --- */

static bool is(const struct plan_fault *f, const char *what)
{
    return strcmp(f->does, what) == 0;
}

static void note(struct serve_play *p, const struct plan_fault *f, uint64_t now)
{
    struct json *j = serve_log_new("fault", now);
    json_add_int(j, "i", (int64_t)(f - p->trial->fault));
    json_add_str(j, "do", f->does);
    json_add_str(j, "attack", f->attack ? f->attack->name : NULL);
    json_add_str(j, "action", is(f, "offer") ? plan_text_value(f, "action", "update") : NULL);
    serve_log_add(p->log, j);
}

static void add_rule(struct serve_play *p, const struct plan_fault *f)
{
    struct server_rule rule = {.attack = f->attack->name, .path = f->path, .device = f->device,
                               .times = p->always ? 0 : (unsigned)plan_number(f, "times", 1)};
    if (f->at == SCENARIO_AT_REQUEST && !p->always)
        rule.request = (unsigned)f->number;
    memcpy(rule.value, f->attack_value, sizeof rule.value);
    server_rule_add(p->server, &rule);
}

static void strike(struct serve_play *p, size_t i, uint64_t now)
{
    const struct plan_fault *f = &p->trial->fault[i];
    uint64_t length = plan_number(f, "for", 0);
    p->fault[i].waits = false;
    note(p, f, now);
    if (is(f, "serve")) {
        add_rule(p, f);
        return;
    }
    p->keyset = (unsigned)plan_number(f, "keyset", p->keyset);
    p->fault[i].over_t = length ? now + length : UINT64_MAX;
    serve_play_offer(p, f->offer ? f->offer : p->offered, plan_text_value(f, "action", "update"));
}

static uint64_t offered_size(const struct serve_play *p)
{
    uint64_t most = 0;
    for (size_t i = 0; i < p->offered->count; i++)
        most = p->offered->image[i]->bytes.size > most ? p->offered->image[i]->bytes.size : most;
    return most;
}

/* Whether the trigger is one that shows without a bench; then it is set. */
static bool wait_for(struct serve_play *p, size_t i)
{
    const struct plan_fault *f = &p->trial->fault[i];
    p->fault[i].waits = true;
    switch (f->at) {
    case SCENARIO_AT_TIME: p->fault[i].at_t = f->number; break;
    case SCENARIO_AT_BYTE: p->fault[i].at_byte = f->number; break;
    case SCENARIO_AT_PERCENT: p->fault[i].at_byte = offered_size(p) * f->number / 10000; break;
    case SCENARIO_AT_RANDOM_BYTE: p->fault[i].at_byte = plan_pick(f->draw, 0, offered_size(p)); break;
    case SCENARIO_AT_EVENT: p->fault[i].waits = strncmp(f->event, "update.", 7) == 0; break;
    case SCENARIO_AT_REQUEST: break;
    default: p->fault[i].waits = false;
    }
    return p->fault[i].waits;
}

static bool set_up(struct serve_play *p, size_t i)
{
    const struct plan_fault *f = &p->trial->fault[i];
    p->fault[i].at_t = p->fault[i].at_byte = p->fault[i].over_t = UINT64_MAX;
    bool ours = (is(f, "serve") && f->attack) || is(f, "offer");
    if (!ours || f->in_recovery || !wait_for(p, i)) {
        fprintf(stderr, "otarig serve: fault %zu (%s at %s) is not played: %s\n", i + 1, f->does, scenario_at_name(f->at),
                ours ? "its moment lies inside a device" : "it is not a server's");
        return false;
    }
    if (is(f, "serve") && f->at == SCENARIO_AT_REQUEST) /* the server itself counts requests */
        strike(p, i, 0);
    return true;
}

int serve_play_start(struct serve_play *p, struct err *e)
{
    size_t played = 0;
    p->keyset = p->trial->images->terms.keyset ? p->trial->images->terms.keyset : 1;
    serve_play_offer(p, p->trial->images->offered, "update");
    for (size_t i = 0; i < p->trial->faults; i++)
        played += set_up(p, i);
    if (p->trial->faults && !played)
        return err_set(e, RIG_EINPUT, "none of the scenario's faults is a server's: there is nothing to play");
    serve_play_tick(p, 0);
    return 0;
}

static bool path_matches(const struct plan_fault *f, const char *path)
{
    return !f->path || strncmp(path, f->path, strlen(f->path)) == 0;
}

void serve_play_heard(struct serve_play *p, const struct server_event *ev, uint64_t now)
{
    for (size_t i = 0; i < p->trial->faults; i++) {
        const struct plan_fault *f = &p->trial->fault[i];
        const char *stage = ev->kind == SERVER_TOLD ? json_str_or(ev->told, "stage", "") : "";
        bool met = f->at == SCENARIO_AT_EVENT && f->event && ev->kind == SERVER_TOLD && strcmp(f->event + strlen("update."), stage) == 0;
        unsigned nth = f->occurrence ? f->occurrence : 1;
        if (f->at == SCENARIO_AT_REQUEST && ev->kind == SERVER_REQUEST) {
            met = path_matches(f, ev->path);
            nth = (unsigned)f->number;
        }
        if (p->fault[i].waits && met && ++p->fault[i].met == nth)
            p->fault[i].at_t = now + f->delay_ns;
    }
}

void serve_play_tick(struct serve_play *p, uint64_t now)
{
    for (size_t i = 0; i < p->trial->faults; i++) {
        if (p->fault[i].waits && (p->fault[i].at_t <= now || p->fault[i].at_byte <= server_body_sent(p->server)))
            strike(p, i, now);
        if (p->fault[i].over_t <= now) {
            p->fault[i].over_t = UINT64_MAX;
            serve_play_offer(p, p->offered, "update");
        }
    }
}

uint64_t serve_play_next(const struct serve_play *p)
{
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < p->trial->faults; i++) {
        if (p->fault[i].waits && p->fault[i].at_t < next)
            next = p->fault[i].at_t;
        if (p->fault[i].over_t < next)
            next = p->fault[i].over_t;
    }
    return next;
}
