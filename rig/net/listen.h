/* SPDX-License-Identifier: GPL-3.0-or-later
 * Addresses and descriptors of the kernel sockets. */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H
#include <netinet/in.h>
#include <sys/socket.h>

struct err;
enum { LISTEN_NAME_MOST = INET6_ADDRSTRLEN + 10 };

/* A listening socket, never blocking, for "127.0.0.1:8080", "[::1]:8443", ":80". RIG_EINPUT, or RIG_EIO when the address is taken. */
int listen_open(const char *address, int *fd, struct err *e);
/* "127.0.0.1:8080", "[::1]:8443". */
void listen_name(const struct sockaddr *a, socklen_t size, char name[LISTEN_NAME_MOST]);
/* Makes room for so many descriptors; returns how many connections there can be. */
unsigned listen_limit(unsigned most);

#endif
