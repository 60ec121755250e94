/* SPDX-License-Identifier: GPL-3.0-or-later
 * Loads what the commands of a campaign need. The only place where the driver meets the plan. */
#include "cmd/setup.h"

#include "base/crypto.h"
#include "base/err.h"
#include "cmd/words.h"

#include <stdio.h>
#include <string.h>

extern const char rig_source_id[];

static const uint64_t CALENDAR_S = 1782907200; /* 2026-07-01 12:00:00 UTC, on every machine and every day */

static int read_seed(const char *file, uint8_t out[32], struct err *e)
{
    struct crypto_key *key = file ? crypto_key_open(file, e) : NULL;
    if (!key)
        return file ? e->code : 0;
    int r = crypto_key_seed(key, out) ? 0 : err_set(e, RIG_EINPUT, "%s: not an Ed25519 private key", file);
    crypto_key_free(key);
    return r;
}

/* The update server signs with the keys of the profile. */
static int read_keys(const struct profile *p, struct virtual_keys *k, struct err *e)
{
    int r = 0;
    k->have = p->update.is_signed;
    if (k->have && !p->good_key)
        return err_set(e, RIG_EINPUT, "%s: update: signed manifests need keys: good", p->file);
    if (k->have)
        r = read_seed(p->good_key, k->good, e);
    r = k->have && !r ? read_seed(p->wrong_key, k->wrong, e) : r;
    r = k->have && !r ? read_seed(p->root_key, k->root, e) : r;
    return k->have && !r ? read_seed(p->next_key, k->next, e) : r;
}

static void plug_bench(struct setup *s)
{
    const struct profile *p = s->profile;
    struct virtual_config *c = &s->bench;
    for (size_t i = 0; i < s->plan->flashes; i++)
        s->load[i] = (struct virtual_load){s->plan->flash[i].at, (const uint8_t *)s->plan->flash[i].bytes.data,
                                           s->plan->flash[i].bytes.size};
    for (size_t i = 0; i < s->plan->flashes; i++)
        s->tls_load[i] = (struct virtual_load){s->plan->tls_flash[i].at, (const uint8_t *)s->plan->tls_flash[i].bytes.data,
                                               s->plan->tls_flash[i].bytes.size};
    *c = (struct virtual_config){.load = s->load, .loads = s->plan->flashes, .tls_load = s->tls_load, .calendar_s = CALENDAR_S,
                                 .lifetime_s = (uint32_t)(p->update.lifetime_ns / 1000000000), .console_uart = p->console.uart,
                                 .slip_uart = p->network.uart, .console_baud = p->console.baud, .slip_baud = p->network.baud,
                                 .port = p->port};
    memcpy(c->rig_ip, p->rig_ip, 4);
    memcpy(c->device_ip, p->device_ip, 4);
    if (s->plan->tls)
        c->tls = (struct virtual_tls){p->tls.host, buf_text(&s->plan->ca), buf_text(&s->plan->ca_key), p->tls.port};
    s->opener = (struct bench_opener){c, virtual_open};
}

static int told(struct mistakes *m, struct err *e)
{
    if (!m->count)
        return 0;
    fputs(buf_text(&m->text), stderr);
    return err_set(e, RIG_EINPUT, "%zu mistake%s; nothing was run", m->count, m->count == 1 ? "" : "s");
}

int setup_make(const struct setup_wish *wish, struct setup *out, struct err *e)
{
    struct mistakes m = {0};
    *out = (struct setup){0};
    scenario_set_load(&out->scenarios, wish->paths, wish->count, &words_scenario, &m);
    out->profile = profile_load(wish->dut, &m);
    out->bench_file = bench_file_load(wish->bench, &words_bench, &m);
    int r = told(&m, e);
    if (!r) {
        out->plan_bench = (struct plan_bench){.name = out->bench_file->name, .can = out->bench_file->can};
        struct plan_config config = {&out->scenarios, out->profile, &out->plan_bench, wish->images, wish->seed, wish->trials};
        out->plan = plan_build(&config, &m);
        r = told(&m, e);
    }
    if (!r)
        plan_describe_bench(out->plan, out->bench_file);
    mistake_free(&m);
    if (r) {
        setup_free(out);
        return r;
    }
    plug_bench(out);
    r = read_keys(out->profile, &out->bench.keys, e);
    if (r)
        setup_free(out);
    return r;
}

void setup_free(struct setup *s)
{
    plan_free(s->plan);
    profile_free(s->profile);
    bench_file_free(s->bench_file);
    scenario_set_free(&s->scenarios);
    *s = (struct setup){0};
}

void setup_campaign(const struct setup *s, struct campaign *out)
{
    static const volatile int never = 0;
    *out = (struct campaign){.plan = s->plan, .opener = &s->opener, .version = OTARIG_VERSION, .source = rig_source_id, .jobs = 1,
                             .stop = &never};
}
