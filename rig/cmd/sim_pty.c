/* SPDX-License-Identifier: GPL-3.0-or-later
 * A pseudo-terminal as the other end of a simulated UART. */
#include "cmd/sim_pty.h"

#include "base/buf.h"
#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

struct sim_pty {
    int master, slave; /* our own slave handle keeps the master readable while nobody else has it open */
    char *name;
    bool started;
    uint64_t wall0, virtual0;
};

struct sim_pty *sim_pty_open(struct err *e)
{
    struct sim_pty *p = mem_new(sizeof *p);
    struct termios raw;
    p->slave = -1;
    p->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (p->master < 0 || grantpt(p->master) < 0 || unlockpt(p->master) < 0)
        goto fail;
    p->name = mem_str(ptsname(p->master));
    p->slave = open(p->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (p->slave < 0 || tcgetattr(p->slave, &raw) < 0)
        goto fail;
    cfmakeraw(&raw);
    if (tcsetattr(p->slave, TCSANOW, &raw) < 0)
        goto fail;
    return p;
fail:
    err_set(e, RIG_EIO, "pseudo-terminal: %s", strerror(errno));
    sim_pty_close(p);
    return NULL;
}

void sim_pty_close(struct sim_pty *p)
{
    if (!p)
        return;
    if (p->slave >= 0)
        close(p->slave);
    if (p->master >= 0)
        close(p->master);
    free(p->name);
    free(p);
}

const char *sim_pty_name(const struct sim_pty *p)
{
    return p->name;
}

void sim_pty_write(struct sim_pty *p, uint8_t byte)
{
    ssize_t n = write(p->master, &byte, 1);
    (void)n;
}

static uint64_t wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

size_t sim_pty_pass(struct sim_pty *p, uint64_t now, uint8_t *bytes, size_t most)
{
    if (!p->started) {
        p->started = true;
        p->wall0 = wall();
        p->virtual0 = now;
    }
    uint64_t due = p->wall0 + (now - p->virtual0), t = wall();
    struct pollfd fd = {.fd = p->master, .events = POLLIN};
    if (poll(&fd, 1, due > t ? (int)((due - t) / 1000000) : 0) <= 0)
        return 0;
    ssize_t n = read(p->master, bytes, most);
    return n > 0 ? (size_t)n : 0;
}
