/* SPDX-License-Identifier: GPL-3.0-or-later
 * Options of `otarig sim`. Its words are its own: it knows no scenario, bench or device profile. */
#ifndef CMD_SIM_OPTIONS_H
#define CMD_SIM_OPTIONS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct err;
enum { SIM_FLASH_MOST = 16 };
enum sim_uart { SIM_UART_NONE, SIM_UART_PTY, SIM_UART_SLIP };

struct sim_options {
    const char *flash[SIM_FLASH_MOST]; /* FILE or FILE@ADDR, in order; not owned */
    size_t flashes;
    const char *offer[SIM_FLASH_MOST]; /* FILE@SLOT of --uart1 slip; not owned */
    size_t offers;
    const char *until;                 /* regular expression or NULL */
    uint64_t timeout;                  /* ns */
    uint64_t seed;
    enum sim_uart uart1;
    unsigned console;                  /* 1 or 2 */
    uint32_t baud;                     /* of the console's other end; 0: whatever the program uses */
    uint32_t hse;                      /* Hz; 0: none */
    const char *ca_cert, *ca_key;      /* PEM files of --tls; NULL: a CA of its own */
    const char *sign;                  /* PEM file of the key that signs manifests, or NULL */
    const char *host;                  /* of the certificate */
    uint64_t calendar;                 /* Unix time at power-on */
    bool tls, trace_flash, feed_stdin, color, help;
};

/* argv[0] is the command's name. RIG_EINPUT with a message. */
int sim_options_read(int argc, char **argv, struct sim_options *o, struct err *e);
void sim_options_usage(FILE *to);

#endif
