/* SPDX-License-Identifier: GPL-3.0-or-later
 * Counting requests, and calling attacks in the order of the rules. */
#include "server/rules.h"

#include "server/exchange.h"
#include "server/server.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct rule {
    const struct attack *attack;
    struct option_value value[OPTION_MOST];
    char *path, *device; /* NULL: any */
    unsigned request, times, seen, acted;
    bool armed, told; /* told: counted as acted on this request */
};

void rules_add(struct rules *r, const struct server_rule *from)
{
    const struct attack *attack = attacks_find(from->attack);
    assert(attack);
    r->rule = mem_grow(r->rule, (r->count + 1) * sizeof *r->rule);
    struct rule *to = &r->rule[r->count++];
    *to = (struct rule){.attack = attack, .path = from->path ? mem_str(from->path) : NULL,
                          .device = from->device ? mem_str(from->device) : NULL, .request = from->request, .times = from->times};
    memcpy(to->value, from->value, sizeof to->value);
}

void rules_clear(struct rules *r)
{
    for (size_t i = 0; i < r->count; i++) {
        free(r->rule[i].path);
        free(r->rule[i].device);
    }
    r->later = (struct tls_faults){.version = 0};
    free(r->rule);
    r->rule = NULL;
    r->count = 0;
}

bool rules_device(const struct rules *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->rule[i].device)
            return true;
    return false;
}

/* Of a request by number: that one; with times above 1 the ones behind it too. */
static bool due(const struct rule *rule)
{
    if (rule->times && rule->acted >= rule->times)
        return false;
    return !rule->request || rule->seen == rule->request || (rule->times > 1 && rule->seen > rule->request);
}

void rules_connection(struct rules *r, unsigned n, struct tls_faults *out)
{
    *out = r->later;
    for (size_t i = 0; i < r->count; i++) {
        struct rule *rule = &r->rule[i];
        if (rule->attack->stage != ATTACK_TLS)
            continue;
        rule->seen++;
        if (!due(rule))
            continue;
        struct attack_call c = {.attack = rule->attack, .value = rule->value, .tls = out, .later = &r->later};
        rng_seed(&c.rng, r->seed, rng_mix(0x746c7372, i, n));
        rule->acted += rule->attack->apply(&c);
    }
}

static bool fits(const struct rule *rule, const struct exchange *x)
{
    if (rule->path && strncmp(x->path, rule->path, strlen(rule->path)) != 0)
        return false;
    return !rule->device || (x->device && strcmp(x->device, rule->device) == 0);
}

bool rules_early(const struct rules *r, const struct exchange *x, uint64_t came)
{
    for (size_t i = 0; i < r->count; i++) {
        struct rule next = r->rule[i];
        next.seen++;
        if (next.attack->stage == ATTACK_EARLY && fits(&next, x) && due(&next) &&
            option_number(next.attack->row.options, next.value, "bytes") <= came)
            return true;
    }
    return false;
}

void rules_arm(struct rules *r, const struct exchange *x)
{
    for (size_t i = 0; i < r->count; i++) {
        struct rule *rule = &r->rule[i];
        bool matches = rule->attack->stage != ATTACK_TLS && fits(rule, x);
        rule->seen += matches;
        rule->armed = matches && due(rule);
        rule->told = false;
    }
}

static void note(struct rule *rule, const struct attack_call *c)
{
    struct exchange *x = c->x;
    if (!rule->told) {
        rule->acted++;
        if (x->acts < EXCHANGE_ACTS)
            x->act[x->acts++] = (struct exchange_act){rule->attack->row.name, c->in_head ? EXCHANGE_HEAD : EXCHANGE_BODY, c->at};
    }
    rule->told = true;
}

void rules_hide(struct rules *r, struct exchange *x)
{
    for (size_t i = 0; i < r->count; i++) {
        r->rule[i].acted -= r->rule[i].told;
        r->rule[i].told = false;
    }
    x->acts = 0;
}

void rules_run(struct rules *r, enum attack_stage stage, struct exchange *x)
{
    for (size_t i = 0; i < r->count; i++) {
        struct rule *rule = &r->rule[i];
        const struct attack *a = rule->attack;
        if (!rule->armed || (a->stage != stage && (!a->apply_too || a->stage_too != stage)))
            continue;
        struct attack_call c = {.attack = a, .value = rule->value, .x = x, .secure = r->secure, .later = &r->later};
        rng_seed(&c.rng, r->seed, rng_mix(0x72756c65, i, x->n));
        rng_seed(&c.rule_rng, r->seed, rng_mix(0x72756c65, i, 0));
        if ((a->stage == stage ? a->apply : a->apply_too)(&c))
            note(rule, &c);
    }
}
