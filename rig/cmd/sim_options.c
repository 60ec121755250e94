/* SPDX-License-Identifier: GPL-3.0-or-later
 * Options of `otarig sim`: a table of words, each with its reader. */
#include "cmd/sim_options.h"

#include "base/err.h"
#include "base/suggest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int read_value(struct sim_options *o, const char *value, struct err *e); /* a function type, for the table below */

/* A whole number with a unit out of the table; 0 when it is not one. */
struct unit {
    const char *name;
    uint64_t factor;
};

static bool measure(const char *text, const struct unit *units, uint64_t *out)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    unsigned long long v = strtoull(text, &end, 10);
    for (; units->name; units++)
        if (strcmp(end, units->name) == 0 && v <= UINT64_MAX / units->factor) {
            *out = v * units->factor;
            return true;
        }
    return false;
}

static int read_flash(struct sim_options *o, const char *value, struct err *e)
{
    if (o->flashes == SIM_FLASH_MOST)
        return err_set(e, RIG_EINPUT, "--flash: at most %d files", SIM_FLASH_MOST);
    o->flash[o->flashes++] = value;
    return 0;
}

static int read_until(struct sim_options *o, const char *value, struct err *e)
{
    (void)e;
    o->until = value;
    return 0;
}

static int read_timeout(struct sim_options *o, const char *value, struct err *e)
{
    static const struct unit units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000}, {"s", 1000000000}, {"min", 60000000000}, {NULL, 0}};
    if (measure(value, units, &o->timeout) && o->timeout && o->timeout < UINT64_MAX / 2)
        return 0;
    return err_set(e, RIG_EINPUT, "--timeout %s: a time of more than 0 with its unit (ns, us, ms, s, min) is expected, like 5s", value);
}

static int read_uart1(struct sim_options *o, const char *value, struct err *e)
{
    static const char *const names[] = {[SIM_UART_NONE] = "none", [SIM_UART_PTY] = "pty", [SIM_UART_SLIP] = "slip"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(value, names[i]) == 0) {
            o->uart1 = (enum sim_uart)i;
            return 0;
        }
    return err_set(e, RIG_EINPUT, "--uart1 %s: slip, pty or none is expected", value);
}

static int read_offer(struct sim_options *o, const char *value, struct err *e)
{
    if (o->offers == SIM_FLASH_MOST)
        return err_set(e, RIG_EINPUT, "--offer: at most %d files", SIM_FLASH_MOST);
    o->offer[o->offers++] = value;
    return 0;
}

static int read_ca_cert(struct sim_options *o, const char *value, struct err *e)
{
    (void)e;
    o->ca_cert = value;
    return 0;
}

static int read_ca_key(struct sim_options *o, const char *value, struct err *e)
{
    (void)e;
    o->ca_key = value;
    return 0;
}

static int read_host(struct sim_options *o, const char *value, struct err *e)
{
    (void)e;
    o->host = value;
    return 0;
}

static int read_sign(struct sim_options *o, const char *value, struct err *e)
{
    (void)e;
    o->sign = value;
    return 0;
}

static int read_calendar(struct sim_options *o, const char *value, struct err *e)
{
    static const struct unit units[] = {{"", 1}, {NULL, 0}};
    if (measure(value, units, &o->calendar) && o->calendar <= UINT32_MAX)
        return 0;
    return err_set(e, RIG_EINPUT, "--calendar %s: Unix seconds are expected, like 1782907200", value);
}

static int read_console(struct sim_options *o, const char *value, struct err *e)
{
    if (strcmp(value, "1") != 0 && strcmp(value, "2") != 0)
        return err_set(e, RIG_EINPUT, "--console %s: 1 (USART1) or 2 (USART2) is expected", value);
    o->console = (unsigned)(*value - '0');
    return 0;
}

static int read_seed(struct sim_options *o, const char *value, struct err *e)
{
    char *end;
    if (*value >= '0' && *value <= '9') {
        o->seed = strtoull(value, &end, value[0] == '0' && (value[1] | 0x20) == 'x' ? 16 : 10);
        if (!*end)
            return 0;
    }
    return err_set(e, RIG_EINPUT, "--seed %s: a whole number is expected", value);
}

static int read_trace(struct sim_options *o, const char *value, struct err *e)
{
    if (strcmp(value, "flash") != 0)
        return err_set(e, RIG_EINPUT, "--trace %s: flash is expected", value);
    return o->trace_flash = true, 0;
}

static int read_color(struct sim_options *o, const char *value, struct err *e)
{
    bool maybe = strcmp(value, "auto") == 0;
    if (!maybe && strcmp(value, "always") != 0 && strcmp(value, "never") != 0)
        return err_set(e, RIG_EINPUT, "--color %s: auto, always or never is expected", value);
    o->color = maybe ? isatty(STDERR_FILENO) && !getenv("NO_COLOR") : *value == 'a';
    return 0;
}

static int read_baud(struct sim_options *o, const char *value, struct err *e)
{
    static const struct unit units[] = {{"", 1}, {NULL, 0}};
    uint64_t v;
    if (!measure(value, units, &v) || v < 300 || v > 10000000)
        return err_set(e, RIG_EINPUT, "--baud %s: a number from 300 to 10000000 is expected", value);
    o->baud = (uint32_t)v;
    return 0;
}

static int read_hse(struct sim_options *o, const char *value, struct err *e)
{
    static const struct unit units[] = {{"Hz", 1}, {"kHz", 1000}, {"MHz", 1000000}, {NULL, 0}};
    uint64_t v = 0;
    if (strcmp(value, "none") != 0 && (!measure(value, units, &v) || v < 4000000 || v > 48000000))
        return err_set(e, RIG_EINPUT, "--hse %s: none, or a frequency from 4MHz to 48MHz is expected", value);
    o->hse = (uint32_t)v;
    return 0;
}

static const struct row {
    const char *name, *value, *help;
    read_value *read; /* NULL: a switch */
} rows[] = {
    {"--flash", "FILE[@ADDR]", "ELF, Intel hex or raw binary (at ADDR, default 0x08000000); may be repeated", read_flash},
    {"--until", "REGEX", "ends with success when a console line matches", read_until},
    {"--timeout", "TIME", "virtual time to run at most (default 5s)", read_timeout},
    {"--console", "1|2", "the USART that is shown on standard output (default 2)", read_console},
    {"--baud", "N", "what the console's other end is set to (default: whatever the program uses)", read_baud},
    {"--uart1", "slip|pty|none",
     "slip: a network link with an update server at 10.0.0.1:80; pty: a pseudo-terminal of this machine, and time\n"
     "                         passes as on the clock (default none)", read_uart1},
    {"--offer", "FILE@SLOT", "with --uart1 slip: the image that the server offers to that slot; may be repeated", read_offer},
    {"--sign", "FILE", "with --offer: PEM file of the Ed25519 key that signs manifests (default: they are not signed)", read_sign},
    {"--tls", NULL, "with --uart1 slip: the server speaks TLS 1.3, on port 443", NULL},
    {"--ca-cert", "FILE", "with --tls: PEM file of the CA behind the server's certificate (default: one of its own)", read_ca_cert},
    {"--ca-key", "FILE", "with --ca-cert: PEM file of its key", read_ca_key},
    {"--host", "NAME", "with --tls: whom the certificate is for (default update.otarig.invalid)", read_host},
    {"--calendar", "SECONDS", "Unix time at power-on, RTC and certificates (default 1782907200: 2026-07-01 12:00 UTC)", read_calendar},
    {"--stdin", NULL, "feeds standard input (a file or pipe) to the console's receiver", NULL},
    {"--hse", "FREQ|none", "clock at OSC_IN (default 8MHz)", read_hse},
    {"--seed", "N", "of SRAM noise and the RNG (default 1)", read_seed},
    {"--trace", "flash", "every flash operation on standard error", read_trace},
    {"--color", "WHEN", "auto, always or never", read_color},
    {"--help", NULL, "this text", NULL},
};
enum { ROWS = sizeof rows / sizeof *rows };

static const char *row_name(const void *ctx, size_t i)
{
    (void)ctx;
    return i < ROWS ? rows[i].name : NULL;
}

static int unknown(const char *arg, struct err *e)
{
    const char *near = suggest_nearest(arg, row_name, NULL);
    if (arg[0] != '-')
        return err_set(e, RIG_EINPUT, "\"%s\" is no option; a program is given as --flash %s", arg, arg);
    return near ? err_set(e, RIG_EINPUT, "no option \"%s\"; did you mean \"%s\"?", arg, near)
                : err_set(e, RIG_EINPUT, "no option \"%s\"; otarig sim --help lists them", arg);
}

/* One option at argv[*i]; value in the same word behind '=' or in the next. */
static int read_one(int argc, char **argv, int *i, struct sim_options *o, struct err *e)
{
    const char *arg = argv[*i], *eq = strchr(arg, '=');
    size_t n = eq ? (size_t)(eq - arg) : strlen(arg);
    for (size_t k = 0; k < ROWS; k++) {
        if (strlen(rows[k].name) != n || strncmp(rows[k].name, arg, n) != 0)
            continue;
        if (!rows[k].read && eq)
            return err_set(e, RIG_EINPUT, "%s takes no value", rows[k].name);
        if (!rows[k].read) {
            *(rows[k].name[2] == 'h' ? &o->help : rows[k].name[2] == 't' ? &o->tls : &o->feed_stdin) = true;
            return 0;
        }
        if (!eq && *i + 1 >= argc)
            return err_set(e, RIG_EINPUT, "%s needs a value: %s", rows[k].name, rows[k].value);
        return rows[k].read(o, eq ? eq + 1 : argv[++*i], e);
    }
    return unknown(arg, e);
}

int sim_options_read(int argc, char **argv, struct sim_options *o, struct err *e)
{
    *o = (struct sim_options){.timeout = 5000000000, .seed = 1, .console = 2, .hse = 8000000,
                              .host = "update.otarig.invalid", .calendar = 1782907200};
    o->color = isatty(STDERR_FILENO) && !getenv("NO_COLOR");
    int r = 0;
    for (int i = 1; i < argc && !r && !o->help; i++)
        r = strcmp(argv[i], "-h") == 0 ? (o->help = true, 0) : read_one(argc, argv, &i, o, e);
    if (r || o->help)
        return r;
    if (!o->flashes)
        return err_set(e, RIG_EINPUT, "no program: --flash FILE[@ADDR] is needed");
    if (o->console == 1 && o->uart1 != SIM_UART_NONE)
        return err_set(e, RIG_EINPUT, "--console 1 and --uart1 want the same USART");
    if (o->offers && o->uart1 != SIM_UART_SLIP)
        return err_set(e, RIG_EINPUT, "--offer needs --uart1 slip");
    if (o->sign && !o->offers)
        return err_set(e, RIG_EINPUT, "--sign needs --offer");
    if (o->tls && o->uart1 != SIM_UART_SLIP)
        return err_set(e, RIG_EINPUT, "--tls needs --uart1 slip");
    if ((o->ca_cert || o->ca_key) && (!o->tls || !o->ca_cert || !o->ca_key))
        return err_set(e, RIG_EINPUT, "--ca-cert and --ca-key go together, and with --tls");
    if (o->feed_stdin && isatty(STDIN_FILENO))
        return err_set(e, RIG_EINPUT, "--stdin takes a file or a pipe, not a terminal");
    return 0;
}

void sim_options_usage(FILE *to)
{
    fputs("usage: otarig sim --flash FILE[@ADDR] [options]\n\n"
          "Runs any STM32L4 program on the virtual STM32L476 in virtual time, with its console on standard output. At the end standard\n"
          "error tells resets, faults, flash errors, accesses outside the model, and the registers.\n\n", to);
    for (size_t i = 0; i < ROWS; i++) {
        char left[40];
        snprintf(left, sizeof left, "%s %s", rows[i].name, rows[i].value ? rows[i].value : "");
        fprintf(to, "  %-22s %s\n", left, rows[i].help);
    }
    fputs("\nexit codes: 0 --until matched, or without it no fault within the time · 1 a hard fault, a lockup, or no match · 3 internal error ·\n"
          "            4 usage or a bad file · 128+n a signal\n", to);
}
