/* SPDX-License-Identifier: GPL-3.0-or-later
 * otarig: finds the command and hands over. */
#include "base/suggest.h"
#include "cmd/cmd.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"check", cmd_check, "read scenarios and say every mistake with its place"},
    {"list", cmd_list, "scenarios, laws, attacks, mutations, drivers, triggers"},
    {"plan", cmd_plan, "every default, image and trial resolved, before anything runs"},
    {"run", cmd_run, "carry scenarios out on a bench, judge and report"},
    {"replay", cmd_replay, "one trial again, with its console and every flash operation"},
    {"judge", cmd_judge, "the laws over a journal"},
    {"report", cmd_report, "HTML, JUnit XML and JSON of a run"},
    {"schema", cmd_schema, "JSON Schema of scenarios, profiles and benches, for editors"},
    {"serve", cmd_serve, "a scenario's update server for real clients, on a socket"},
    {"sim", cmd_sim, "run any STM32L4 program on the virtual chip"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static const char *command_name(const void *ctx, size_t i)
{
    (void)ctx;
    return i < COMMANDS ? commands[i].name : NULL;
}

static void usage(FILE *to)
{
    fputs("otarig " OTARIG_VERSION ": tries to brick a device while it updates itself, and proves that it can't.\n\n"
          "usage: otarig COMMAND …      otarig COMMAND --help\n\n", to);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].help);
    fputs("\nexit codes: 0 held · 1 the device violated a law · 2 inconclusive or a bench fault · 3 internal error ·\n"
          "            4 usage or scenario error · 5 nothing ran · 128+n a signal\n", to);
}

static int unknown(const char *name)
{
    const char *near = suggest_nearest(name, command_name, NULL);
    fprintf(stderr, "otarig: no command \"%s\"", name);
    fprintf(stderr, near ? "; did you mean \"%s\"?\n" : "; otarig --help lists them\n", near);
    return 4;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        usage(stderr);
        return 4;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        usage(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("otarig " OTARIG_VERSION);
        return 0;
    }
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return unknown(argv[1]);
}
