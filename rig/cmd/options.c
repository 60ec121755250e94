/* SPDX-License-Identifier: GPL-3.0-or-later
 * Options of the command line. One table for all commands: an option means the same everywhere. */
#include "cmd/options.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/suggest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JOBS_MOST = 64, CONNECTIONS_MOST = 100000 };

static const char default_bench[] = "fixtures/benches/virtual.yaml";
static const char default_dut[] = "fixtures/duts/nucleo-l476rg.yaml";
static const char default_images[] = "build/firmware";

static const struct row {
    const char *name, *value, *help; /* value NULL: a switch */
} rows[OPTIONS_IDS] = {
    [OPTIONS_BENCH] = {"--bench", "FILE", "the bench (fixtures/benches/virtual.yaml)"},
    [OPTIONS_DUT] = {"--dut", "FILE", "the device's profile (fixtures/duts/nucleo-l476rg.yaml)"},
    [OPTIONS_IMAGES] = {"--images", "DIR", "where its images are (build/firmware)"},
    [OPTIONS_SEED] = {"--seed", "N", "of every draw (1)"},
    [OPTIONS_TRIALS] = {"--trials", "N", "in all, shared out among the scenarios (their own numbers)"},
    [OPTIONS_TRIAL] = {"--trial", "N", "only this one, from 1"},
    [OPTIONS_JOBS] = {"--jobs", "N", "processes at once (one per processor)"},
    [OPTIONS_OUT] = {"--out", "DIR", "where to write"},
    [OPTIONS_JSON] = {"--json", NULL, "the answer as JSON on standard output"},
    [OPTIONS_RESUME] = {"--resume", NULL, "go on where the journal ends"},
    [OPTIONS_LISTEN] = {"--listen", "ADDR:PORT", "where: 127.0.0.1:8080, [::1]:8443; port 0 takes a free one"},
    [OPTIONS_TLS] = {"--tls", NULL, "TLS 1.3, with a certificate for the profile's host, localhost, 127.0.0.1 and ::1"},
    [OPTIONS_CERTS] = {"--certs", "DIR", "where to write ca-cert.pem, the CA that clients are to trust"},
    [OPTIONS_CONNECTIONS] = {"--connections", "N", "at once; above them the longest idle one is closed (1024)"},
    [OPTIONS_PATIENCE] = {"--patience", "S",
                          "seconds that a request or a handshake may take; twice that for a peer that takes nothing (30)"},
    [OPTIONS_ALWAYS] = {"--always", NULL, "attacks act on every matching request, not only as often as the scenario says"},
    [OPTIONS_COLOR] = {"--color", "WHEN", "auto, always or never (auto)"},
};

static const char *option_word(const void *ctx, size_t i)
{
    const enum options_id *takes = ctx;
    for (size_t n = 0; takes[n] != OPTIONS_IDS; n++)
        if (i-- == 0)
            return rows[takes[n]].name;
    return i == 0 ? "--help" : NULL;
}

static enum options_id find(const struct options_command *c, const char *name, size_t length)
{
    for (size_t n = 0; c->takes[n] != OPTIONS_IDS; n++)
        if (strlen(rows[c->takes[n]].name) == length && strncmp(rows[c->takes[n]].name, name, length) == 0)
            return c->takes[n];
    return OPTIONS_IDS;
}

static int number(const char *option, const char *text, uint64_t low, uint64_t high, uint64_t *out, struct err *e)
{
    char *end;
    errno = 0;
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    uint64_t x = strtoull(text, &end, hex ? 16 : 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno)
        return err_set(e, RIG_EINPUT, "%s: \"%.60s\": expected a whole number", option, text);
    if (x < low || x > high)
        return err_set(e, RIG_EINPUT, "%s: %" PRIu64 ": expected %" PRIu64 " to %" PRIu64, option, x, low, high);
    *out = x;
    return 0;
}

static int color(const char *text, bool *out, struct err *e)
{
    if (strcmp(text, "always") == 0)
        *out = true;
    else if (strcmp(text, "never") == 0)
        *out = false;
    else if (strcmp(text, "auto") != 0)
        return err_set(e, RIG_EINPUT, "--color: \"%.60s\": expected auto, always or never", text);
    return 0;
}

static int text_value(const char *option, const char *text, const char **out, struct err *e)
{
    if (!*text)
        return err_set(e, RIG_EINPUT, "%s: expected a path, found nothing", option);
    *out = text;
    return 0;
}

static int set(struct options *o, enum options_id id, const char *text, struct err *e)
{
    const char *name = rows[id].name;
    uint64_t jobs = 0, connections = 0;
    int r;
    o->given[id] = true;
    switch (id) {
    case OPTIONS_BENCH: return text_value(name, text, &o->bench, e);
    case OPTIONS_DUT: return text_value(name, text, &o->dut, e);
    case OPTIONS_IMAGES: return text_value(name, text, &o->images, e);
    case OPTIONS_OUT: return text_value(name, text, &o->out, e);
    case OPTIONS_SEED: return number(name, text, 0, UINT64_MAX, &o->seed, e);
    case OPTIONS_TRIALS: return number(name, text, 1, 10000000, &o->trials, e);
    case OPTIONS_TRIAL: return number(name, text, 1, 10000000, &o->trial, e);
    case OPTIONS_JOBS:
        r = number(name, text, 1, JOBS_MOST, &jobs, e);
        if (!r)
            o->jobs = (unsigned)jobs;
        return r;
    case OPTIONS_LISTEN: return text_value(name, text, &o->listen, e);
    case OPTIONS_CERTS: return text_value(name, text, &o->certs, e);
    case OPTIONS_CONNECTIONS:
        r = number(name, text, 1, CONNECTIONS_MOST, &connections, e);
        if (!r)
            o->connections = (unsigned)connections;
        return r;
    case OPTIONS_PATIENCE: return number(name, text, 1, 86400, &o->patience, e);
    case OPTIONS_TLS: o->tls = true; return 0;
    case OPTIONS_ALWAYS: o->always = true; return 0;
    case OPTIONS_COLOR: return color(text, &o->color, e);
    case OPTIONS_JSON: o->json = true; return 0;
    case OPTIONS_RESUME: o->resume = true; return 0;
    default: return err_set(e, RIG_EINTERNAL, "option %d has no meaning", (int)id);
    }
}

/* argv[*i] is an option; takes the next argument too when it needs a value. */
static int option(const struct options_command *c, int argc, char **argv, int *i, struct options *out, struct err *e)
{
    const char *arg = argv[*i], *equals = strchr(arg, '=');
    size_t length = equals ? (size_t)(equals - arg) : strlen(arg);
    enum options_id id = find(c, arg, length);
    if (id == OPTIONS_IDS) {
        char *wrong = mem_printf("%.*s", (int)(length < 80 ? length : 80), arg);
        const char *near = suggest_nearest(wrong, option_word, c->takes);
        int r = near ? err_set(e, RIG_EINPUT, "no option \"%s\", did you mean \"%s\"?", wrong, near)
                     : err_set(e, RIG_EINPUT, "no option \"%s\" (otarig %s --help lists them)", wrong, argv[0]);
        free(wrong);
        return r;
    }
    if (!rows[id].value)
        return equals ? err_set(e, RIG_EINPUT, "%s takes no value", rows[id].name) : set(out, id, "", e);
    if (equals)
        return set(out, id, equals + 1, e);
    if (*i + 1 >= argc)
        return err_set(e, RIG_EINPUT, "%s: %s is missing", rows[id].name, rows[id].value);
    return set(out, id, argv[++*i], e);
}

static void defaults(struct options *o)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    *o = (struct options){.bench = default_bench, .dut = default_dut, .images = default_images, .seed = 1,
                          .connections = 1024, .patience = 30};
    o->jobs = processors < 1 ? 1 : processors > JOBS_MOST ? JOBS_MOST : (unsigned)processors;
    const char *no_color = getenv("NO_COLOR");
    o->color = !(no_color && *no_color) && isatty(STDOUT_FILENO);
}

int options_read(const struct options_command *c, int argc, char **argv, struct options *out, struct err *e)
{
    bool options = true;
    int r = 0;
    defaults(out);
    out->arg_room = mem_new(((size_t)argc + 1) * sizeof *out->arg_room);
    out->arg = out->arg_room;
    for (int i = 1; !r && i < argc; i++) {
        if (options && (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)) {
            options_usage(c, stdout);
            out->help = true;
            return 0;
        }
        if (options && strcmp(argv[i], "--") == 0)
            options = false;
        else if (options && argv[i][0] == '-' && argv[i][1])
            r = option(c, argc, argv, &i, out, e);
        else
            out->arg_room[out->args++] = argv[i];
    }
    if (!r && out->args < c->least)
        r = err_set(e, RIG_EINPUT, "an argument is missing: otarig %s", c->usage);
    if (!r && out->args > c->most)
        r = err_set(e, RIG_EINPUT, "\"%.60s\" is one argument too many: otarig %s", out->arg_room[c->most], c->usage);
    return r;
}

void options_free(struct options *o)
{
    free(o->arg_room);
    o->arg_room = NULL;
    o->args = 0;
}

void options_usage(const struct options_command *c, FILE *to)
{
    fprintf(to, "usage: otarig %s\n\n%s\n", c->usage, c->help);
    fputs("\noptions:\n", to);
    for (size_t n = 0; c->takes[n] != OPTIONS_IDS; n++) {
        const struct row *row = &rows[c->takes[n]];
        fprintf(to, "  %-8s %-5s  %s\n", row->name, row->value ? row->value : "", row->help);
    }
    fputs("  --help          this text\n", to);
}

int options_fail(const char *command, const struct err *e)
{
    fprintf(stderr, "otarig %s: %s\n", command, e->text);
    return err_exit_code(e->code);
}
