/* SPDX-License-Identifier: GPL-3.0-or-later
 * A pseudo-terminal as the other end of a simulated UART. The one place of `otarig sim` that follows the wall clock: somebody is
 * at the other end. */
#ifndef CMD_SIM_PTY_H
#define CMD_SIM_PTY_H
#include <stddef.h>
#include <stdint.h>

struct err;
struct sim_pty;

struct sim_pty *sim_pty_open(struct err *e); /* NULL with a message */
void sim_pty_close(struct sim_pty *p);
const char *sim_pty_name(const struct sim_pty *p); /* /dev/pts/N, owned by p */
void sim_pty_write(struct sim_pty *p, uint8_t byte); /* lost when nobody reads and the kernel's buffer is full, as on a wire */
/* Waits until the wall clock has caught up with virtual time `now` (ns since the first call); returns bytes typed meanwhile. */
size_t sim_pty_pass(struct sim_pty *p, uint64_t now, uint8_t *bytes, size_t most);

#endif
