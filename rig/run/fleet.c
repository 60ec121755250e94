/* SPDX-License-Identifier: GPL-3.0-or-later
 * A fleet and its rollout.
 *
 * Method. Devices run in processes of their own and share only the rollout, which is a pure function of what they told and when
 * (base/rollout.h). The rollout speaks once a second: whatever is asked within second k gets what follows from everything told before
 * second k began, as if the rules were published once a second. So nobody need wait for anybody within a second, and none may enter
 * second k before all others have come that far. Rounds: every process runs until it asks for its next second; when all wait, the
 * earliest second asked for is answered, in the order of the devices, to as many at once as there are jobs. Devices that are off
 * ask for the second in which they wake. Who runs beside whom changes nothing: the same plan gives the same bytes with any number of
 * jobs. */
#include "run/fleet.h"

#include "base/buf.h"
#include "base/err.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum state { OVER, RUNS, WAITS };

/* What a process says: it waits for a second (and what its device told before), or its block follows. */
struct say { enum { TELL, ASK, END } what; enum rollout_stage stage; uint64_t t; char id[32]; uint64_t bytes; };

struct device {
    pid_t pid;
    int fd;
    enum state state;
    uint64_t t; /* the second asked for, ns */
    char id[32];
    time_t since;
};

struct fleet_script {
    struct line { uint64_t t; struct rollout_answer answer; } **line; /* by device */
    size_t *count, devices;
};

struct round {
    const struct fleet *f;
    struct device *device;
    size_t devices, running;
    struct rollout *rollout;
    struct buf *block;
    struct fleet_script *script;
};

static time_t host_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

/* --- the device's end --- */

struct wire { int fd; };

static void put(int fd, const void *bytes, size_t n)
{
    for (const char *p = bytes; n;) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            _exit(3);
        p += done;
        n -= (size_t)done;
    }
}

static bool get(int fd, void *bytes, size_t n)
{
    for (char *p = bytes; n;) {
        ssize_t done = read(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

static struct rollout_answer wire_answer(void *ctx, uint64_t t, const char *id)
{
    const struct wire *w = ctx;
    struct say say = {.what = ASK, .t = t};
    struct rollout_answer answer;
    snprintf(say.id, sizeof say.id, "%s", id);
    put(w->fd, &say, sizeof say);
    if (!get(w->fd, &answer, sizeof answer))
        _exit(3);
    return answer;
}

static void wire_tell(void *ctx, uint64_t t, enum rollout_stage what)
{
    const struct wire *w = ctx;
    struct say say = {.what = TELL, .t = t, .stage = what};
    put(w->fd, &say, sizeof say);
}

static void play(const struct fleet *f, size_t i, const struct trial_feed *feed, const struct trial_watch *watch, struct buf *out)
{
    struct plan_trial t;
    if (plan_trial(f->plan, f->plan->scenario[f->scenario].first + i, &t, NULL) == 0)
        trial_run_fleet(f->plan, &t, f->number + i, f->place, f->opener, feed, watch, out);
}

static void child(const struct fleet *f, size_t i, int fd, pid_t parent)
{
    struct wire w = {fd};
    struct trial_feed feed = {&w, wire_answer, wire_tell};
    struct buf out = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(3);
    signal(SIGINT, SIG_IGN);
    play(f, i, &feed, NULL, &out);
    struct say say = {.what = END, .bytes = out.size};
    put(fd, &say, sizeof say);
    put(fd, buf_text(&out), out.size);
    _exit(0);
}

/* --- the rollout's end --- */

static int start(struct round *r, size_t i, struct err *e)
{
    int fds[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return err_set(e, RIG_EIO, "socketpair: %s", strerror(errno));
    fflush(NULL);
    pid_t parent = getpid(), pid = fork();
    if (pid < 0) {
        close(fds[0]);
        close(fds[1]);
        return err_set(e, RIG_EIO, "fork: %s", strerror(errno));
    }
    if (pid == 0) {
        close(fds[0]);
        for (size_t k = 0; k < i; k++) /* else a process that dies would not be noticed */
            close(r->device[k].fd);
        child(r->f, i, fds[1], parent);
    }
    close(fds[1]);
    r->device[i] = (struct device){.pid = pid, .fd = fds[0], .state = RUNS, .since = host_seconds()};
    r->running++;
    return 0;
}

static void lost(struct round *r, struct device *d)
{
    int status;
    assert(d->pid > 0);
    kill(d->pid, SIGKILL);
    while (waitpid(d->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(d->fd);
    r->running -= d->state == RUNS;
    d->state = OVER;
    d->fd = -1;
}

/* False: it was the last thing that it said. */
static bool heard(struct round *r, size_t i)
{
    struct device *d = &r->device[i];
    struct say say;
    if (!get(d->fd, &say, sizeof say))
        return false;
    if (say.what == TELL) {
        rollout_tell(r->rollout, i, say.t, say.stage);
    } else if (say.what == ASK) {
        d->state = WAITS;
        d->t = say.t;
        memcpy(d->id, say.id, sizeof d->id);
        d->id[sizeof d->id - 1] = 0;
        r->running--;
    } else {
        char *bytes = mem_new(say.bytes + 1);
        if (get(d->fd, bytes, say.bytes))
            buf_add(&r->block[i], bytes, say.bytes);
        free(bytes);
        return false;
    }
    return true;
}

/* Waits until at most `most` processes run. */
static void gather(struct round *r, size_t most)
{
    struct pollfd *fds = mem_new((r->devices + 1) * sizeof *fds);
    while (r->running > most && !*r->f->stop) {
        for (size_t i = 0; i < r->devices; i++)
            fds[i] = (struct pollfd){.fd = r->device[i].state == RUNS ? r->device[i].fd : -1, .events = POLLIN};
        if (poll(fds, r->devices, 1000) < 0)
            continue;
        for (size_t i = 0; i < r->devices; i++) {
            struct device *d = &r->device[i];
            if (d->state == RUNS && ((fds[i].revents && !heard(r, i)) ||
                                     (!fds[i].revents && host_seconds() - d->since > (time_t)r->f->limit_s)))
                lost(r, d);
        }
    }
    free(fds);
}

static void script_add(struct fleet_script *s, size_t i, uint64_t t, struct rollout_answer answer)
{
    if (!s)
        return;
    s->line[i] = mem_grow(s->line[i], (s->count[i] + 1) * sizeof *s->line[i]);
    s->line[i][s->count[i]++] = (struct line){t, answer};
}

static void answer(struct round *r, size_t i)
{
    struct device *d = &r->device[i];
    struct rollout_answer a = rollout_answer(r->rollout, d->id);
    script_add(r->script, i, d->t, a);
    d->state = RUNS;
    d->since = host_seconds();
    r->running++;
    if (send(d->fd, &a, sizeof a, MSG_NOSIGNAL) != (ssize_t)sizeof a)
        lost(r, d);
}

/* All wait: the earliest second is answered. False: nobody is left. */
static bool one_round(struct round *r)
{
    uint64_t t = ROLLOUT_NEVER;
    for (size_t i = 0; i < r->devices; i++)
        if (r->device[i].state == WAITS && r->device[i].t < t)
            t = r->device[i].t;
    if (t == ROLLOUT_NEVER)
        return false;
    rollout_advance(r->rollout, t);
    for (size_t i = 0; i < r->devices && !*r->f->stop; i++)
        if (r->device[i].state == WAITS && r->device[i].t == t) {
            gather(r, r->f->jobs ? r->f->jobs - 1 : 0);
            answer(r, i);
        }
    gather(r, 0);
    return true;
}

int fleet_run(const struct fleet *f, struct buf *block, struct fleet_script *script, struct err *e)
{
    const struct scenario_fleet *fleet = &f->plan->scenario[f->scenario].scenario->fleet;
    struct rollout_rules rules = fleet->rules;
    rules.seed = f->plan->config.seed;
    struct round r = {.f = f, .devices = fleet->devices, .block = block, .script = script};
    r.device = mem_new((r.devices + 1) * sizeof *r.device);
    r.rollout = rollout_new(&rules, r.devices);
    int rc = 0;
    size_t started = 0;
    for (; !rc && started < r.devices && !*f->stop; started += !rc) {
        gather(&r, f->jobs ? f->jobs - 1 : 0);
        rc = start(&r, started, e);
    }
    gather(&r, 0);
    while (!rc && !*f->stop && one_round(&r))
        ;
    for (size_t i = 0; i < started; i++)
        if (r.device[i].state != OVER)
            lost(&r, &r.device[i]);
    rollout_free(r.rollout);
    free(r.device);
    return rc;
}

/* --- once more --- */

struct fleet_script *fleet_script_new(size_t devices)
{
    struct fleet_script *s = mem_new(sizeof *s);
    s->devices = devices;
    s->line = mem_new((devices + 1) * sizeof(struct line *));
    s->count = mem_new((devices + 1) * sizeof *s->count);
    return s;
}

void fleet_script_free(struct fleet_script *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->devices; i++)
        free(s->line[i]);
    free(s->line);
    free(s->count);
    free(s);
}

struct reader { const struct fleet_script *s; size_t device, at; };

static struct rollout_answer read_answer(void *ctx, uint64_t t, const char *id)
{
    struct reader *r = ctx;
    struct rollout_answer none = {ROLLOUT_NONE, ROLLOUT_UP};
    (void)t, (void)id; /* the same device asks the same */
    return r->at < r->s->count[r->device] ? r->s->line[r->device][r->at++].answer : none;
}

static void read_tell(void *ctx, uint64_t t, enum rollout_stage what)
{
    (void)ctx, (void)t, (void)what;
}

void fleet_replay(const struct fleet *f, size_t i, const struct fleet_script *script, const struct trial_watch *watch, struct buf *out)
{
    struct reader r = {script, i, 0};
    struct trial_feed feed = {&r, read_answer, read_tell};
    if (i < script->devices)
        play(f, i, &feed, watch, out);
}
