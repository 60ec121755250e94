/* SPDX-License-Identifier: GPL-3.0-or-later
 * The other end of a simulated UART as a SLIP link (RFC 1055) with the rig's TCP/IP and update server behind it: a program that brings a
 * network stack finds a host at 10.0.0.1 that answers pings and serves HTTP on port 80, or with TLS on port 443. */
#ifndef CMD_SIM_SLIP_H
#define CMD_SIM_SLIP_H
#include <stddef.h>
#include <stdint.h>

struct chip;
struct err;
struct sim_options;
struct sim_slip;

/* Of the options: seed; offers: files FILE@SLOT that the update server offers to slot SLOT (images in MCUboot's format), none: nothing to
 * offer (204); TLS with its CA. NULL with a message. */
struct sim_slip *sim_slip_open(struct chip *chip, unsigned uart, const struct sim_options *o, struct err *e);
void sim_slip_close(struct sim_slip *s); /* takes NULL */
void sim_slip_byte(struct sim_slip *s, uint8_t byte); /* from the program; may stop the chip */
void sim_slip_work(struct sim_slip *s);               /* outside the chip: passes on what came, runs due timers */
uint64_t sim_slip_next(const struct sim_slip *s);     /* ns: when sim_slip_work is next needed */
#endif
