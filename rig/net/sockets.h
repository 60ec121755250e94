/* SPDX-License-Identifier: GPL-3.0-or-later
 * Kernel sockets behind base/stream.h: one thread, one epoll, IPv4 and IPv6. What a stream calls acked is what the peer's TCP has
 * acknowledged (SIOCOUTQ), so that "reset behind byte N" means the same as on the in-process stack. */
#ifndef NET_SOCKETS_H
#define NET_SOCKETS_H
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct sockets;
struct stream;
struct stream_handler;

enum { SOCKETS_OUT_MOST = 128 * 1024 /* bytes of a connection that are written and not acknowledged */ };

struct sockets_config {
    const char *listen;   /* "127.0.0.1:8080", "[::1]:8443", "localhost:80"; port 0: any free one */
    unsigned most;        /* connections at once, at least 1; above them the longest idle one goes, or the new one is turned away */
    uint64_t idle_ns;     /* idle at least so long: may go for a new one */
    uint64_t stuck_ns;    /* a peer that takes nothing of what is there for it so long is given up; 0: never */
    const char *refusal;  /* what one that is turned away gets; NULL: nothing */
    const sigset_t *mask; /* signals that are blocked while waiting; NULL: as they are */
    void *ctx;
    void (*full)(void *ctx, const char *what); /* a connection went, or was turned away, for want of room; may be NULL */
};

/* Listens. RIG_EINPUT for an address that cannot be read, RIG_EIO for one that cannot be had. Handler is copied, config's texts too. */
struct sockets *sockets_new(const struct sockets_config *config, const struct stream_handler *handler, struct err *e);
void sockets_free(struct sockets *s); /* every connection is gone, reset */
const char *sockets_name(const struct sockets *s); /* "127.0.0.1:8080", with the real port */
unsigned sockets_count(const struct sockets *s);   /* connections open now */
uint64_t sockets_now(void);                        /* ns of the host's steady clock */
/* Waits until something happens, a signal comes or that time, and works it off. */
void sockets_wait(struct sockets *s, uint64_t until_ns);
/* Who is at the other end: "127.0.0.1:51000", "[::1]:51000". Of a stream that these sockets made. */
const char *sockets_peer(const struct stream *s);

#endif
