/* SPDX-License-Identifier: GPL-3.0-or-later
 * Kernel sockets.
 *
 * Method. The kernel tells neither when bytes are acknowledged nor how many; SIOCOUTQ does when asked. It is asked whenever something
 * happens on a connection (a request that follows an answer carries its acknowledgement), and else by a timer that slows down while
 * nothing moves. An orderly end sends FIN and listens on for a while: close(2) with unread bytes would be a reset, and take from the
 * peer what it has not read yet.
 */
#include "net/sockets.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/stream.h"
#include "net/listen.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 256, READ_SIZE = 16384 };
#define MS UINT64_C(1000000)
#define ASK_FIRST (1 * MS)
#define ASK_LAST (32 * MS)
#define LINGER_NS (2000 * MS)

struct sock {
    struct stream s; /* first: the handler gets a struct stream */
    struct sockets *all;
    int fd;
    bool open;              /* the handler holds the stream */
    bool dead;              /* freed at the end of the batch */
    bool eof, listed;
    bool dirty, queued;     /* something may be written; it is in the list of those */
    bool shut;              /* FIN is out: only the peer's is waited for */
    struct buf out;         /* written, not yet taken by the kernel */
    uint64_t written, acked; /* bytes */
    uint64_t moved;         /* when a byte came or was acknowledged */
    uint64_t taken;         /* when one was acknowledged, or the first of those outstanding was written */
    uint64_t ask, interval; /* when to ask for acknowledgements; UINT64_MAX: no need */
    uint32_t events;        /* epoll's */
    char peer[LISTEN_NAME_MOST];
    struct sock *prev, *next; /* by age of the last movement, oldest first */
    struct sock *next_dirty, *next_dead;
};

struct sockets {
    struct sockets_config config;
    struct stream_handler handler;
    char *refusal, *name;
    int epoll, fd;
    struct sock oldest; /* ring */
    struct sock *dirty, *dead;
    unsigned count;
};

uint64_t sockets_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static struct sock *of(const struct stream *s)
{
    return (struct sock *)(uintptr_t)s;
}

/* --- the ring --- */

static void take_out(struct sock *k)
{
    if (k->prev) {
        k->prev->next = k->next;
        k->next->prev = k->prev;
    }
    k->prev = k->next = NULL;
}

static void moved(struct sock *k, uint64_t now)
{
    struct sock *ring = &k->all->oldest;
    k->moved = now;
    take_out(k);
    k->prev = ring->prev;
    k->next = ring;
    ring->prev->next = k;
    ring->prev = k;
}

static void bury(struct sock *k)
{
    if (k->dead)
        return;
    k->dead = true;
    k->open = false;
    close(k->fd);
    take_out(k);
    k->all->count--;
    k->next_dead = k->all->dead;
    k->all->dead = k;
}

static void mark_dirty(struct sock *k)
{
    k->dirty = true;
    if (k->queued)
        return;
    k->queued = true;
    k->next_dirty = k->all->dirty;
    k->all->dirty = k;
}

static void abort_now(struct sock *k)
{
    struct linger l = {.l_onoff = 1, .l_linger = 0};
    setsockopt(k->fd, SOL_SOCKET, SO_LINGER, &l, sizeof l); /* close sends RST */
    bury(k);
}

static void ended(struct sock *k, enum stream_end how)
{
    if (k->open) {
        k->open = false;
        k->all->handler.ended(k->all->handler.ctx, &k->s, how);
    }
    abort_now(k);
}

static void watch(struct sock *k)
{
    uint32_t events = (k->eof ? 0 : EPOLLIN) | (k->out.size ? EPOLLOUT : 0);
    struct epoll_event ev = {.events = events, .data.ptr = k};
    if (events != k->events || !k->listed)
        epoll_ctl(k->all->epoll, k->listed ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, k->fd, &ev);
    k->listed = true;
    k->events = events;
}

/* --- bytes out --- */

static uint64_t outstanding(const struct sock *k)
{
    return k->written - k->acked;
}

/* What the kernel takes. False when the connection is broken. */
static bool push(struct sock *k)
{
    while (k->out.size) {
        ssize_t n = send(k->fd, k->out.data, k->out.size, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        buf_drop(&k->out, (size_t)n);
    }
    return true;
}

/* Bytes acknowledged since the last time. */
static size_t ask(struct sock *k, uint64_t now)
{
    int queued = 0;
    if (!outstanding(k) || ioctl(k->fd, SIOCOUTQ, &queued) != 0 || queued < 0)
        return 0;
    uint64_t acked = k->written - k->out.size - (uint64_t)queued;
    size_t n = acked > k->acked ? (size_t)(acked - k->acked) : 0;
    if (n) {
        k->acked = acked;
        k->interval = ASK_FIRST;
        k->taken = now;
        moved(k, now);
    }
    return n;
}

static void plan_ask(struct sock *k, uint64_t now)
{
    if (!outstanding(k)) {
        k->ask = UINT64_MAX;
        k->interval = ASK_FIRST;
        return;
    }
    k->ask = now + k->interval;
    if (k->interval < ASK_LAST)
        k->interval *= 2;
}

static size_t room(struct stream *s)
{
    const struct sock *k = of(s);
    uint64_t n = outstanding(k);
    return n < SOCKETS_OUT_MOST ? (size_t)(SOCKETS_OUT_MOST - n) : 0;
}

static size_t take(struct stream *s, const void *p, size_t n)
{
    struct sock *k = of(s);
    if (n > room(s))
        n = room(s);
    if (!outstanding(k))
        k->taken = sockets_now();
    buf_add(&k->out, p, n);
    k->written += n;
    mark_dirty(k);
    return n;
}

static void finish(struct stream *s)
{
    struct sock *k = of(s);
    k->open = false;
    mark_dirty(k); /* what is written goes first */
}

static void reset(struct stream *s)
{
    abort_now(of(s));
}

static const struct stream_ops ops = {room, take, finish, reset, NULL};

/* --- what happens on a connection --- */

/* FIN behind the last byte; then the peer may take its time for a while. */
static void shut(struct sock *k, uint64_t now)
{
    k->shut = true;
    moved(k, now);
    if (shutdown(k->fd, SHUT_WR) != 0 || k->eof)
        bury(k);
}

/* After anything that may have written: bytes to the kernel, acknowledgements to the handler, as long as either moves. */
static void settle(struct sock *k, uint64_t now)
{
    for (;;) {
        k->dirty = false;
        if (!push(k)) {
            ended(k, STREAM_PEER_RESET);
            return;
        }
        size_t acked = ask(k, now);
        if (acked && k->open)
            k->all->handler.writable(k->all->handler.ctx, &k->s, acked);
        if (k->dead)
            return;
        if (!k->dirty)
            break;
    }
    if (!k->open && !k->shut && !k->out.size)
        shut(k, now);
    else if (k->open && k->eof && !outstanding(k)) {
        k->open = false;
        k->all->handler.ended(k->all->handler.ctx, &k->s, STREAM_PEER_CLOSED);
        bury(k);
    }
    if (k->dead)
        return;
    plan_ask(k, now);
    watch(k);
}

static void work_off_dirty(struct sockets *s, uint64_t now)
{
    while (s->dirty) {
        struct sock *k = s->dirty;
        s->dirty = k->next_dirty;
        k->queued = false;
        if (!k->dead && k->dirty)
            settle(k, now);
    }
}

/* Acknowledgements first: they belong to what went before. */
static void hear(struct sock *k, uint64_t now)
{
    char bytes[READ_SIZE];
    size_t acked = ask(k, now);
    if (acked && k->open)
        k->all->handler.writable(k->all->handler.ctx, &k->s, acked);
    if (k->dead)
        return;
    ssize_t n = recv(k->fd, bytes, sizeof bytes, 0);
    if (n > 0 && !k->shut)
        moved(k, now);
    if (n > 0) {
        if (k->open)
            k->all->handler.received(k->all->handler.ctx, &k->s, bytes, (size_t)n);
    } else if (n == 0) {
        k->eof = true;
        if (k->shut)
            bury(k);
    } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        ended(k, errno == ETIMEDOUT ? STREAM_TIMED_OUT : STREAM_PEER_RESET);
    }
}

static void on_ready(struct sock *k, uint32_t events, uint64_t now)
{
    if (k->dead)
        return;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !(k->eof && !(events & (EPOLLHUP | EPOLLERR))))
        hear(k, now);
    if (!k->dead && k->eof && events & (EPOLLHUP | EPOLLERR))
        ended(k, STREAM_PEER_RESET);
    if (!k->dead)
        mark_dirty(k);
}

/* --- accepting --- */

static void tell_full(const struct sockets *s, const char *what)
{
    if (s->config.full)
        s->config.full(s->config.ctx, what);
}

/* The one that has not moved for longest goes, when that is long enough; true when there is room now. */
static bool make_room(struct sockets *s, uint64_t now)
{
    struct sock *k = s->oldest.next;
    if (s->count < s->config.most)
        return true;
    if (k == &s->oldest || now - k->moved < s->config.idle_ns)
        return false;
    tell_full(s, "idle");
    ended(k, STREAM_TIMED_OUT);
    return true;
}

static void turn_away(struct sockets *s, int fd)
{
    char sink[READ_SIZE];
    tell_full(s, "turned-away");
    if (s->refusal && send(fd, s->refusal, strlen(s->refusal), MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
        shutdown(fd, SHUT_WR);
        while (recv(fd, sink, sizeof sink, MSG_DONTWAIT) > 0) /* unread bytes would make a reset of it */
            ;
    }
    close(fd);
}

static void welcome(struct sockets *s, int fd, const struct sockaddr *a, socklen_t size, uint64_t now)
{
    int on = 1, most = SOCKETS_OUT_MOST;
    struct sock *k = mem_new(sizeof *k);
    *k = (struct sock){.s = {.ops = &ops}, .all = s, .fd = fd, .open = true, .ask = UINT64_MAX, .interval = ASK_FIRST};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &most, sizeof most);
    listen_name(a, size, k->peer);
    s->count++;
    moved(k, now);
    watch(k);
    s->handler.accept(s->handler.ctx, &k->s);
    if (!k->dead)
        mark_dirty(k);
}

static void on_connect(struct sockets *s, uint64_t now)
{
    for (;;) {
        struct sockaddr_storage a;
        socklen_t size = sizeof a;
        int fd = accept4(s->fd, (struct sockaddr *)&a, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        if (make_room(s, now))
            welcome(s, fd, (const struct sockaddr *)&a, size, now);
        else
            turn_away(s, fd);
    }
}

/* --- waiting --- */

static uint64_t limit_of(const struct sock *k)
{
    if (k->shut)
        return k->moved + LINGER_NS;
    return outstanding(k) && k->all->config.stuck_ns ? k->taken + k->all->config.stuck_ns : UINT64_MAX;
}

static uint64_t soonest(const struct sockets *s, uint64_t until)
{
    for (const struct sock *k = s->oldest.next; k != &s->oldest; k = k->next) {
        uint64_t at = k->ask < limit_of(k) ? k->ask : limit_of(k);
        if (at < until)
            until = at;
    }
    return until;
}

static void run_timers(struct sockets *s, uint64_t now)
{
    for (struct sock *k = s->oldest.next, *next; k != &s->oldest; k = next) {
        next = k->next;
        if (limit_of(k) <= now)
            ended(k, STREAM_TIMED_OUT);
        else if (k->ask <= now)
            mark_dirty(k);
    }
}

static void free_dead(struct sockets *s)
{
    while (s->dead) {
        struct sock *k = s->dead;
        s->dead = k->next_dead;
        buf_free(&k->out);
        free(k);
    }
}

/* Milliseconds, rounded up, so that nothing spins. */
static int wait_ms(uint64_t now, uint64_t until)
{
    uint64_t ms = until <= now ? 0 : (until - now + MS - 1) / MS;
    return ms > 60000 ? 60000 : (int)ms;
}

void sockets_wait(struct sockets *s, uint64_t until_ns)
{
    struct epoll_event ready[BATCH];
    work_off_dirty(s, sockets_now()); /* what timers of the handler wrote */
    int n = epoll_pwait(s->epoll, ready, BATCH, wait_ms(sockets_now(), soonest(s, until_ns)), s->config.mask);
    uint64_t now = sockets_now();
    for (int i = 0; i < n; i++) {
        if (ready[i].data.ptr)
            on_ready(ready[i].data.ptr, ready[i].events, now);
    }
    work_off_dirty(s, now);
    for (int i = 0; i < n; i++)
        if (!ready[i].data.ptr)
            on_connect(s, now);
    run_timers(s, now);
    work_off_dirty(s, now);
    free_dead(s);
}

/* --- the sockets --- */

static char *name_of(int fd)
{
    struct sockaddr_storage a;
    socklen_t size = sizeof a;
    char name[LISTEN_NAME_MOST] = "";
    if (getsockname(fd, (struct sockaddr *)&a, &size) == 0)
        listen_name((const struct sockaddr *)&a, size, name);
    return mem_str(name);
}

struct sockets *sockets_new(const struct sockets_config *config, const struct stream_handler *handler, struct err *e)
{
    struct sockets *s = mem_new(sizeof *s);
    struct epoll_event ev = {.events = EPOLLIN};
    s->config = *config;
    s->handler = *handler;
    s->refusal = config->refusal ? mem_str(config->refusal) : NULL;
    s->fd = s->epoll = -1;
    s->oldest.next = s->oldest.prev = &s->oldest;
    s->config.most = listen_limit(config->most);
    int r = listen_open(config->listen, &s->fd, e);
    if (!r && ((s->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0 || epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->fd, &ev) != 0))
        r = err_set(e, RIG_EIO, "epoll: %s", strerror(errno));
    if (r) {
        sockets_free(s);
        return NULL;
    }
    s->name = name_of(s->fd);
    return s;
}

void sockets_free(struct sockets *s)
{
    if (!s)
        return;
    while (s->oldest.next != &s->oldest)
        abort_now(s->oldest.next);
    free_dead(s);
    if (s->fd >= 0)
        close(s->fd);
    if (s->epoll >= 0)
        close(s->epoll);
    free(s->refusal);
    free(s->name);
    free(s);
}

const char *sockets_name(const struct sockets *s)
{
    return s->name;
}

unsigned sockets_count(const struct sockets *s)
{
    return s->count;
}

const char *sockets_peer(const struct stream *s)
{
    return of(s)->peer;
}
