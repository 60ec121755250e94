/* SPDX-License-Identifier: GPL-3.0-or-later
 * Options of the command line, as a table: one row declares, checks and documents. */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct err;

enum options_id { OPTIONS_BENCH, OPTIONS_DUT, OPTIONS_IMAGES, OPTIONS_SEED, OPTIONS_TRIALS, OPTIONS_TRIAL, OPTIONS_JOBS, OPTIONS_OUT,
                  OPTIONS_JSON, OPTIONS_RESUME, OPTIONS_COLOR, OPTIONS_LISTEN, OPTIONS_TLS, OPTIONS_CERTS,
                  OPTIONS_CONNECTIONS, OPTIONS_PATIENCE, OPTIONS_ALWAYS, OPTIONS_IDS };

/* What a command takes. takes ends with OPTIONS_IDS; --help is always understood. */
struct options_command {
    const char *usage;    /* "run FILE|FOLDER… [options]", without the program's name */
    const char *help;     /* a line or more, no newline at the end */
    const enum options_id *takes;
    size_t least, most;   /* arguments that are no options; most 0: none */
};

struct options {
    /* defaults: fixtures/benches/virtual.yaml, fixtures/duts/nucleo-l476rg.yaml, build/firmware */
    const char *bench, *dut, *images;
    const char *out;                  /* NULL: not given */
    uint64_t seed;                    /* default 1; decimal or 0x… */
    uint64_t trials, trial;           /* 0: not given */
    unsigned jobs;                    /* default: processors of the host, at most 64 */
    const char *listen, *certs;       /* NULL: not given */
    unsigned connections;             /* at once, default 1024 */
    uint64_t patience;                /* seconds, default 30 */
    bool tls, always;
    bool json, resume, help;          /* help: was asked for and has been printed, return 0 */
    bool color;                       /* --color auto|always|never, NO_COLOR, and whether standard output is a terminal */
    bool given[OPTIONS_IDS];
    char *const *arg; /* what is no option, in order; points into an array kept in arg_room */
    size_t args;
    char **arg_room;
};

/* argv[0] is the command's name. Options and arguments in any order, --name VALUE or --name=VALUE, -- ends options. RIG_EINPUT with a
 * message that names the nearest right option. Free with options_free in either case. */
int options_read(const struct options_command *c, int argc, char **argv, struct options *out, struct err *e);
void options_free(struct options *o);
void options_usage(const struct options_command *c, FILE *to);
/* Prints "otarig COMMAND: message" and gives the exit code of DESIGN.md for e. */
int options_fail(const char *command, const struct err *e);
#endif
