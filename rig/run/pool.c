/* SPDX-License-Identifier: GPL-3.0-or-later
 * A process per job, results in order. */
#include "run/pool.h"

#include "base/buf.h"
#include "base/err.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct slot {
    pid_t pid; /* 0: free */
    int fd;
    uint64_t job;
    time_t started;
    struct buf out;
};

struct result {
    bool ready;
    enum pool_end how;
    struct buf out;
};

struct state {
    const struct pool *p;
    struct slot *slot;
    struct result *window; /* results that wait for an earlier one; a ring over jobs */
    uint64_t room, next, delivered, count;
};

static time_t host_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

static void write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            _exit(3);
        p += done;
        n -= (size_t)done;
    }
}

static void child(const struct pool *p, uint64_t job, int fd, pid_t parent)
{
    struct buf out = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody would take the result, and a lock of the parent's would outlive it */
    if (getppid() != parent)
        _exit(3);
    signal(SIGINT, SIG_IGN); /* the parent decides when a campaign stops */
    p->work(p->ctx, job, &out);
    write_all(fd, buf_text(&out), out.size);
    _exit(0);
}

static int start(struct state *s, struct slot *slot, struct err *e)
{
    int fds[2];
    if (pipe(fds) < 0)
        return err_set(e, RIG_EIO, "pipe: %s", strerror(errno));
    fflush(NULL);
    pid_t parent = getpid(), pid = fork();
    if (pid < 0) {
        close(fds[0]);
        close(fds[1]);
        return err_set(e, RIG_EIO, "fork: %s", strerror(errno));
    }
    if (pid == 0) {
        close(fds[0]);
        child(s->p, s->next, fds[1], parent);
    }
    close(fds[1]);
    *slot = (struct slot){.pid = pid, .fd = fds[0], .job = s->next++, .started = host_seconds()};
    return 0;
}

static void finish(struct state *s, struct slot *slot, enum pool_end how)
{
    int status = 0;
    close(slot->fd);
    while (waitpid(slot->pid, &status, 0) < 0 && errno == EINTR)
        ;
    struct result *r = &s->window[slot->job % s->room];
    bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    r->how = how == POOL_DONE && !clean ? POOL_CRASHED : how;
    r->out = slot->out;
    r->ready = true;
    if (r->how != POOL_DONE)
        buf_clear(&r->out);
    slot->pid = 0;
}

static void collect(struct state *s, struct slot *slot)
{
    char chunk[65536];
    ssize_t n = read(slot->fd, chunk, sizeof chunk);
    if (n > 0)
        buf_add(&slot->out, chunk, (size_t)n);
    else if (n == 0 || errno != EINTR)
        finish(s, slot, POOL_DONE);
}

static int deliver(struct state *s, struct err *e)
{
    int r = 0;
    while (!r && s->delivered < s->next && s->window[s->delivered % s->room].ready) {
        struct result *w = &s->window[s->delivered % s->room];
        r = s->p->done(s->p->ctx, s->delivered, w->how, &w->out, e);
        buf_free(&w->out);
        w->ready = false;
        s->delivered++;
    }
    return r;
}

static int fill(struct state *s, struct err *e)
{
    int r = 0;
    for (unsigned i = 0; !r && i < s->p->jobs; i++)
        if (!s->slot[i].pid && s->next < s->count && s->next < s->delivered + s->room)
            r = start(s, &s->slot[i], e);
    return r;
}

static void wait_some(struct state *s)
{
    struct pollfd fds[64];
    struct slot *who[64];
    nfds_t n = 0;
    for (unsigned i = 0; i < s->p->jobs && n < 64; i++)
        if (s->slot[i].pid) {
            fds[n] = (struct pollfd){.fd = s->slot[i].fd, .events = POLLIN};
            who[n++] = &s->slot[i];
        }
    if (poll(fds, n, 1000) < 0)
        return;
    time_t now = host_seconds();
    for (nfds_t i = 0; i < n; i++) {
        if (fds[i].revents)
            collect(s, who[i]);
        else if (now - who[i]->started > (time_t)s->p->limit_s) {
            kill(who[i]->pid, SIGKILL);
            finish(s, who[i], POOL_HUNG);
        }
    }
}

static void stop_all(struct state *s)
{
    for (unsigned i = 0; i < s->p->jobs; i++)
        if (s->slot[i].pid) {
            kill(s->slot[i].pid, SIGKILL);
            finish(s, &s->slot[i], POOL_CRASHED);
        }
    for (uint64_t i = 0; i < s->room; i++)
        buf_free(&s->window[i].out);
}

int pool_run(const struct pool *p, uint64_t count, const volatile int *stop, struct err *e)
{
    struct pool bounded = *p;
    bounded.jobs = p->jobs < 1 ? 1 : p->jobs > 64 ? 64 : p->jobs;
    struct state s = {.p = &bounded, .count = count, .room = bounded.jobs * 64u};
    s.slot = mem_new(bounded.jobs * sizeof *s.slot);
    s.window = mem_new(s.room * sizeof *s.window);
    int r = 0;
    while (!r && s.delivered < count && !*stop) {
        r = fill(&s, e);
        if (!r)
            wait_some(&s);
        if (!r)
            r = deliver(&s, e);
    }
    stop_all(&s);
    free(s.slot);
    free(s.window);
    return r;
}
