/* SPDX-License-Identifier: GPL-3.0-or-later
 * The rollout of base/rollout.h in front of a server. A client is known by its id; one that does not say it is the client "". The offer and
 * the server's state are set anew before each answer that needs others than the one before. */
#include "cmd/serve_fleet.h"

#include "base/json.h"
#include "cmd/serve_log.h"
#include "cmd/serve_play.h"
#include "server/server.h"

#include <stdlib.h>
#include <string.h>

enum { KNOWN_MOST = 10000 };

struct serve_fleet {
    struct serve_play *play;
    const struct scenario_fleet *fleet;
    struct rollout *rollout;
    char **id; /* of the clients that have told anything */
    size_t ids;
    struct rollout_answer has;
};

struct serve_fleet *serve_fleet_new(struct serve_play *play, const struct plan *plan)
{
    const struct scenario_fleet *fleet = &plan->scenario[play->trial->scenario].scenario->fleet;
    if (!fleet->devices)
        return NULL;
    struct serve_fleet *f = mem_new(sizeof *f);
    struct rollout_rules rules = fleet->rules;
    rules.seed = plan->config.seed;
    *f = (struct serve_fleet){.play = play, .fleet = fleet, .has = {ROLLOUT_UPDATE, ROLLOUT_UP}};
    f->rollout = rollout_new(&rules, KNOWN_MOST);
    return f;
}

void serve_fleet_free(struct serve_fleet *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->ids; i++)
        free(f->id[i]);
    free(f->id);
    rollout_free(f->rollout);
    free(f);
}

static size_t number_of(struct serve_fleet *f, const char *id)
{
    size_t i = 0;
    while (i < f->ids && strcmp(f->id[i], id) != 0)
        i++;
    if (i == f->ids && i < KNOWN_MOST) {
        f->id = mem_grow(f->id, (f->ids + 1) * sizeof *f->id);
        f->id[f->ids++] = mem_str(id);
    }
    return i;
}

static void rule(struct serve_fleet *f, const struct option_owner *attack, const char *key, uint64_t number, const char *key2,
                 uint64_t number2)
{
    struct server_rule r = {.attack = attack ? attack->name : NULL};
    for (size_t i = 0; attack && i < OPTION_MOST && attack->options[i].name; i++) {
        bool first = strcmp(attack->options[i].name, key) == 0, second = strcmp(attack->options[i].name, key2) == 0;
        r.value[i] = (struct option_value){.row = &attack->options[i], .given = first || second, .number = first ? number : number2};
    }
    if (attack)
        server_rule_add(f->play->server, &r);
}

static void serve(struct serve_fleet *f, enum rollout_service service)
{
    server_rules_clear(f->play->server);
    if (service == ROLLOUT_BUSY)
        rule(f, f->fleet->busy, "code", 503, "retry-after", f->fleet->rules.retry_after_s * UINT64_C(1000000000));
    if (service == ROLLOUT_DOWN)
        rule(f, f->fleet->reset, "at-byte", 1, "", 0);
}

void serve_fleet_asked(struct serve_fleet *f, const char *device, uint64_t now)
{
    const struct plan_case *images = f->play->trial->images;
    rollout_advance(f->rollout, now);
    struct rollout_answer a = rollout_answer(f->rollout, device ? device : "");
    if (a.action != f->has.action)
        serve_play_offer(f->play, a.action == ROLLOUT_BACK && images->back ? images->back : images->offered, rollout_action_name(a.action));
    if (a.service != f->has.service)
        serve(f, a.service);
    f->has = a;
}

void serve_fleet_heard(struct serve_fleet *f, const struct server_event *ev, uint64_t now)
{
    const char *stage = json_str_or(ev->told, "stage", ""), *cause = json_str_or(ev->told, "cause", "");
    const char *version = f->play->trial->images->offered->version;
    if (ev->kind != SERVER_TOLD || strcmp(json_str_or(ev->told, "version", ""), version) != 0 || strcmp(cause, "paused") == 0 ||
        strcmp(cause, "withdrawn") == 0)
        return;
    size_t device = number_of(f, ev->device ? ev->device : "");
    if (strcmp(stage, "started") == 0)
        rollout_tell(f->rollout, device, now, ROLLOUT_BEGUN);
    if (strcmp(stage, "confirmed") == 0)
        rollout_tell(f->rollout, device, now, ROLLOUT_CONFIRMED);
    if (strcmp(stage, "failed") == 0 || strcmp(stage, "rolled-back") == 0)
        rollout_tell(f->rollout, device, now, ROLLOUT_FAILED);
}
