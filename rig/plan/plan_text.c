/* SPDX-License-Identifier: GPL-3.0-or-later
 * A plan as text and as JSON. The text is what the id is made of: everything that a trial's outcome can depend on stands in it. */
#include "plan/plan_parts.h"

#include "base/json.h"
#include "base/value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void scenario_line(const struct plan_scenario *s, struct buf *out)
{
    buf_printf(out, "scenario %s %s first %" PRIu64 " trials %" PRIu64 "\n", s->scenario->id, s->scenario->sha256, s->first,
        s->trials);
    for (size_t i = 0; i < s->scenario->count; i++) {
        const struct plan_case *c = &s->cases[i];
        buf_printf(out, "case %s > %s > %s%s%s keyset %u", c->installed->name, c->offered->name, c->eventually ? c->eventually->name : "-",
                   c->terms.tls ? " tls" : "", c->terms.delta ? " delta" : "", c->terms.keyset);
        for (size_t k = 0; k < s->scenario->cases[i].faults; k++)
            if (c->offer[k])
                buf_printf(out, " > %s", c->offer[k]->name);
        if (c->back)
            buf_printf(out, " > back %s", c->back->name);
        buf_char(out, '\n');
    }
}

void plan_text(const struct plan *p, struct buf *out)
{
    buf_printf(out, "plan 1\nseed %" PRIu64 "\n", p->config.seed);
    buf_printf(out, "dut %s %s\nbench %s %s", p->config.profile->name, p->config.profile->sha256, p->config.bench->name,
               p->bench_file ? p->bench_file->sha256 : "-");
    for (size_t i = 0; p->config.bench->can && p->config.bench->can[i]; i++)
        buf_printf(out, " %s", p->config.bench->can[i]);
    buf_char(out, '\n');
    for (size_t i = 0; i < p->flashes; i++)
        buf_printf(out, "flash 0x%08x %s %s\n", (unsigned)p->flash[i].at, p->flash[i].file, p->flash[i].sha256);
    for (size_t i = 0; p->tls && i < p->flashes; i++)
        buf_printf(out, "flash-tls %s %s\n", p->tls_flash[i].file, p->tls_flash[i].sha256);
    for (size_t i = 0; i < p->sets; i++)
        for (size_t k = 0; k < p->set[i]->deltas; k++)
            buf_printf(out, "delta %s %s %s\n", p->set[i]->name, p->set[i]->delta[k]->file, p->set[i]->delta[k]->sha256);
    for (size_t i = 0; i < p->sets; i++)
        for (size_t k = 0; k < p->set[i]->count; k++) {
            const struct plan_image *image = p->set[i]->image[k];
            buf_printf(out, "image %s %s %s %s\n", p->set[i]->name, image->slot, image->file, image->sha256);
        }
    for (size_t i = 0; i < p->scenarios; i++)
        scenario_line(&p->scenario[i], out);
}

/* --- faults --- */

static void add_value(struct json *j, const struct option_row *row, uint64_t number, const char *text)
{
    struct buf b = {0};
    value_print(row, number, text, &b);
    if (row->type == OPTION_COUNT || row->type == OPTION_BYTES)
        json_add_int(j, row->name, number > INT64_MAX ? INT64_MAX : (int64_t)number);
    else if (row->type == OPTION_BOOL)
        json_add_bool(j, row->name, number != 0);
    else
        json_add_str(j, row->name, buf_text(&b));
    buf_free(&b);
}

static struct json *at_json(const struct plan_fault *f)
{
    struct json *j = json_object();
    const struct option_row *row = &scenario_trigger_kind(f->at)->options[0];
    bool random = strcmp(row->name, "random") == 0;
    struct buf b = {0};
    add_value(j, row, f->number, f->from->at.number.text);
    if (random) {
        json_add_str(j, "during", scenario_phase_name(f->phase));
        buf_printf(&b, "%" PRIu64, f->draw); /* text: 64 bits are more than a JSON number holds for others */
        json_add_str(j, "draw", buf_text(&b));
        buf_clear(&b);
    }
    if (f->at == SCENARIO_AT_EVERY)
        json_add_int(j, "times", f->times);
    if (f->delay_ns)
        add_value(j, f->from->at.delay.row, f->delay_ns, NULL);
    if (f->occurrence > 1)
        json_add_int(j, "occurrence", f->occurrence);
    json_add_str(j, "path", f->path);
    json_add_str(j, "device", f->device);
    if (f->outcome)
        buf_printf(&b, f->torn ? "%s-%u" : "%s", f->outcome, f->torn);
    json_add_str(j, "outcome", f->outcome ? buf_text(&b) : NULL);
    buf_free(&b);
    return j;
}

static void add_values(struct json *j, const struct option_value *v, size_t count)
{
    for (size_t i = 0; i < count && v[i].row; i++)
        if (!json_has(j, v[i].row->name)) {
            if (v[i].given)
                add_value(j, v[i].row, v[i].number, v[i].text);
            else
                json_add_str(j, v[i].row->name, v[i].row->otherwise);
        }
}

struct json *plan_faults_json(const struct plan_trial *t)
{
    struct json *list = json_array();
    for (size_t i = 0; i < t->faults; i++) {
        const struct plan_fault *f = &t->fault[i];
        struct json *j = json_object();
        json_add_str(j, "do", f->does);
        json_add(j, "at", at_json(f));
        add_values(j, f->value, SCENARIO_VALUES);
        add_values(j, f->attack_value, OPTION_MOST);
        json_add_str(j, "image", f->offer ? f->offer->name : NULL);
        if (f->in_recovery)
            json_add_bool(j, "recovery", true);
        json_push(list, j);
    }
    return list;
}

struct json *plan_matrix_json(const struct plan *p, const struct plan_trial *t)
{
    struct json *j = json_object();
    const struct scenario *s = p->scenario[t->scenario].scenario;
    for (size_t a = 0; a < s->axes; a++)
        json_add_str(j, s->axis[a], t->given->value[a]);
    return j;
}

/* --- the journal's first line --- */

static struct json *limits_json(const struct profile *d)
{
    struct json *j = json_object();
    json_add_int(j, "download", d->limit.download);
    json_add_int(j, "retries", d->limit.retries);
    json_add_int(j, "within_ms", d->limit.within_ms);
    json_add_int(j, "answer_bytes", d->limit.answer_bytes);
    json_add_int(j, "answer_ms", d->limit.answer_ms);
    json_add_int(j, "retry_after_ms", d->limit.retry_after_ms);
    return j;
}

static struct json *dut_json(const struct plan *p)
{
    const struct profile *d = p->config.profile;
    const char *law[PROFILE_LAWS];
    struct json *j = json_object(), *laws = json_array(), *deadlines = json_object(), *slots = json_array(),
        *regions = json_array();
    for (size_t i = 0, n = profile_laws(d, law); i < n; i++)
        json_push_str(laws, law[i]);
    json_add_str(j, "name", d->name);
    json_add_str(j, "profile", d->file);
    json_add_str(j, "profile_sha256", d->sha256);
    json_add_str(j, "hardware", d->hardware);
    json_add(j, "laws", laws);
    json_add_int(deadlines, "boot_ms", d->deadline.boot_ms);
    json_add_int(deadlines, "update_ms", d->deadline.update_ms);
    json_add_int(deadlines, "confirm_ms", d->deadline.confirm_ms);
    json_add_int(deadlines, "settle_ms", d->deadline.settle_ms);
    json_add(j, "deadlines", deadlines);
    json_add(j, "limits", limits_json(d));
    json_add_int(j, "attempts", d->attempts);
    json_add_int(j, "max_boots", d->max_boots);
    for (size_t i = 0; i < d->slots; i++) {
        struct json *s = json_object();
        json_add_str(s, "name", d->slot[i].name);
        json_add_hex(s, "base", d->slot[i].base);
        json_add_int(s, "size", d->slot[i].size);
        json_push(slots, s);
    }
    json_add(j, "slots", slots);
    for (size_t i = 0; i < d->regions; i++) {
        struct json *r = json_object();
        json_add_str(r, "name", d->region[i].name);
        json_add_hex(r, "base", d->region[i].base);
        json_add_int(r, "size", d->region[i].size);
        json_add_str(r, "class", d->region[i].class);
        json_push(regions, r);
    }
    json_add(j, "regions", regions);
    return j;
}

static struct json *images_json(const struct plan *p)
{
    struct json *list = json_array();
    for (size_t i = 0; i < p->sets; i++)
        for (size_t k = 0; k < p->set[i]->count; k++) {
            const struct plan_image *image = p->set[i]->image[k];
            struct json *j = json_object();
            json_add_str(j, "name", p->set[i]->name);
            json_add_str(j, "file", image->file);
            json_add_str(j, "slot", image->slot);
            json_add_str(j, "sha256", image->sha256);
            json_add_str(j, "digest", image->digest);
            json_add_str(j, "version", image->version);
            json_add_int(j, "counter", image->counter);
            json_add_str(j, "signer", image->signer);
            json_add_bool(j, "genuine", image->genuine);
            json_add_str(j, "cause", image->cause);
            json_push(list, j);
        }
    return list;
}

static struct json *bench_json(const struct plan_bench *b, const struct bench_file *file)
{
    struct json *j = json_object(), *list = json_array();
    json_add_str(j, "name", b->name);
    for (size_t i = 0; b->can && b->can[i]; i++)
        json_push_str(list, b->can[i]);
    if (file) {
        json_add_str(j, "file", file->file);
        json_add_str(j, "sha256", file->sha256);
        json_add_str(j, "chip", file->chip);
        for (size_t i = 0; i < BENCH_FILE_PORTS; i++)
            if (file->port[i].driver)
                json_add_str(j, bench_file_port_name(i), file->port[i].driver->owner.name);
        json_add_int(j, "reset_mv", file->reset_mv);
    }
    json_add(j, "can", list);
    return j;
}

static void add_wanted(struct json *j, const char *key, uint64_t number)
{
    if (number != SCENARIO_FLEET_ANY)
        json_add_int(j, key, (int64_t)number);
}

static struct json *fleet_expect_json(const struct scenario_fleet_expect *x)
{
    struct json *j = json_object();
    add_wanted(j, "updated", x->updated);
    add_wanted(j, "updated_most", x->updated_most);
    add_wanted(j, "back", x->back);
    add_wanted(j, "failed", x->failed);
    add_wanted(j, "overrun", x->overrun);
    add_wanted(j, "peak", x->peak);
    json_add_int(j, "window_ms", (int64_t)(x->window_ns / 1000000));
    return j;
}

static void add_span(struct json *j, const char *key, const struct rollout_span *s)
{
    struct json *span = json_object();
    json_add_int(span, "from_ms", (int64_t)(s->from_ns / 1000000));
    json_add_int(span, "for_ms", (int64_t)(s->for_ns / 1000000));
    if (s->for_ns)
        json_add(j, key, span);
    else
        json_free(span);
}

struct json *plan_fleet_json(const struct plan_scenario *s)
{
    const struct scenario_fleet *f = &s->scenario->fleet;
    struct json *j = json_object(), *cohorts = json_array();
    json_add_int(j, "devices", (int64_t)f->devices);
    json_add_int(j, "for_ms", (int64_t)(f->for_ns / 1000000));
    json_add_int(j, "check_in_ms", (int64_t)(f->check_in_ns / 1000000));
    json_add_str(j, "version", s->cases[0].offered->version);
    json_add_str(j, "back", s->cases[0].back ? s->cases[0].back->version : NULL);
    for (size_t i = 0; i < f->rules.cohorts; i++) {
        struct json *c = json_object();
        json_add_int(c, "percent", (int64_t)(f->rules.cohort[i].places * 10000 / ROLLOUT_PLACES));
        json_add_int(c, "from_ms", (int64_t)(f->rules.cohort[i].from_ns / 1000000));
        json_push(cohorts, c);
    }
    json_add(j, "cohorts", cohorts);
    json_add_int(j, "budget", (int64_t)f->rules.budget);
    add_span(j, "paused", &f->rules.paused);
    add_span(j, "down", &f->rules.down);
    add_span(j, "busy", &f->rules.busy);
    json_add_int(j, "retry_after_s", (int64_t)f->rules.retry_after_s);
    return j;
}

static struct json *expect_json(const struct scenario_expect *x, const struct plan_case *c)
{
    struct json *j = json_object(), *versions = json_array(), *next = json_object();
    for (size_t i = 0; i < c->versions; i++)
        json_push_str(versions, c->version[i]);
    json_add(j, "versions", versions);
    if (x->eventually.text && c->eventually) {
        json_add_str(next, "version", c->eventually->version);
        json_add_int(next, "updates", x->updates);
        json_add(j, "eventually", next);
    } else
        json_free(next);
    json_add_str(j, "boot_reason", x->boot_reason);
    json_add_bool(j, "refused", x->refused);
    json_add_str(j, "cause", x->cause);
    json_add_bool(j, "final_cycle", x->final_cycle);
    if (x->recovery)
        json_add_str(j, "recovery", x->recovery);
    if (x->fleet.given)
        json_add(j, "fleet", fleet_expect_json(&x->fleet));
    return j;
}

/* The faults as the file means them, before any draw: one line for people who read a report. */
static void fault_text(const struct scenario_fault *f, struct buf *out)
{
    const struct option_owner *kind = scenario_trigger_kind(f->at.at);
    buf_printf(out, "%s%s at %s", out->size ? "; " : "", f->does->name, kind->name);
    if (f->at.number.row && strcmp(f->at.number.row->name, "random") != 0) {
        buf_char(out, ' ');
        value_print(f->at.number.row, f->at.number.low, f->at.number.text, out);
        if (f->at.number.random) {
            buf_str(out, "..");
            value_print(f->at.number.row, f->at.number.high, NULL, out);
        }
    } else
        buf_printf(out, " during %s", scenario_phase_name(f->at.phase));
    if (f->attack)
        buf_printf(out, " (%s)", f->attack->name);
    if (f->in_recovery)
        buf_str(out, " of the recovery");
}

static struct json *given_json(const struct plan_scenario *s, size_t i)
{
    struct json *j = json_object();
    json_add_str(j, "installed", s->cases[i].installed->name);
    json_add_str(j, "offered", s->cases[i].offered->name);
    json_add(j, "expect", expect_json(&s->scenario->cases[i].expect, &s->cases[i]));
    return j;
}

struct json *plan_given_json(const struct plan *p, const struct plan_trial *t)
{
    const struct plan_scenario *s = &p->scenario[t->scenario];
    struct json *own = given_json(s, t->k % s->scenario->count), *first = given_json(s, 0);
    char *a = json_print(own), *b = json_print(first);
    bool same = strcmp(a, b) == 0;
    free(a);
    free(b);
    json_free(first);
    if (!same)
        return own;
    json_free(own);
    return NULL;
}

static struct json *scenario_json(const struct plan_scenario *s, size_t n)
{
    struct json *j = json_object(), *tags = json_array(), *waive = json_object();
    const struct scenario *from = s->scenario;
    const struct scenario_case *c = &from->cases[0];
    struct buf faults = {0};
    json_add_int(j, "n", (int64_t)n);
    json_add_str(j, "id", from->id);
    json_add_str(j, "file", from->file);
    json_add_str(j, "sha256", from->sha256);
    json_add_str(j, "claim", from->claim);
    for (size_t i = 0; i < from->tags; i++)
        json_push_str(tags, from->tag[i]);
    json_add(j, "tags", tags);
    json_add_str(j, "installed", s->cases[0].installed->name);
    json_add_str(j, "offered", s->cases[0].offered->name);
    json_add_str(j, "transport", s->cases[0].terms.tls ? "tls" : NULL);
    json_add_bool(j, "delta", s->cases[0].terms.delta);
    json_add_int(j, "keyset", s->cases[0].terms.keyset);
    json_add_int(j, "first", (int64_t)s->first);
    json_add_int(j, "trials", (int64_t)s->trials);
    json_add(j, "expect", expect_json(&from->cases[0].expect, &s->cases[0]));
    for (size_t i = 0; i < c->expect.waives; i++)
        json_add_str(waive, c->expect.waive[i].law, c->expect.waive[i].why);
    json_add(j, "waive", waive);
    if (from->fleet.devices)
        json_add(j, "fleet", plan_fleet_json(s));
    for (size_t i = 0; i < c->faults; i++)
        fault_text(&c->fault[i], &faults);
    json_add_str(j, "faults", buf_text(&faults));
    buf_free(&faults);
    return j;
}

struct json *plan_json(const struct plan *p)
{
    struct json *j = json_object(), *scenarios = json_array(), *flash = json_object();
    struct buf seed = {0};
    buf_printf(&seed, "%" PRIu64, p->config.seed);
    json_add_str(j, "plan_id", p->id);
    json_add_str(j, "seed", buf_text(&seed));
    buf_free(&seed);
    json_add(j, "dut", dut_json(p));
    json_add(j, "images", images_json(p));
    if (p->flashes) {
        json_add_str(flash, "file", p->flash[0].file);
        json_add_str(flash, "sha256", p->flash[0].sha256);
    }
    json_add(j, "flash", flash);
    json_add(j, "bench", bench_json(p->config.bench, p->bench_file));
    for (size_t i = 0; i < p->scenarios; i++)
        json_push(scenarios, scenario_json(&p->scenario[i], i));
    json_add(j, "scenarios", scenarios);
    return j;
}
