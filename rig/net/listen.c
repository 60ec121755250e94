/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/listen.h"

#include "base/buf.h"
#include "base/err.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { BACKLOG = 1024, FD_SPARE = 32 };

/* "HOST:PORT" taken apart; host NULL: every address. */
static bool split(char *text, char **host, char **port)
{
    char *colon = strrchr(text, ':');
    if (!colon || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1) || strlen(colon + 1) > 5)
        return false;
    if (strtoul(colon + 1, NULL, 10) > 65535)
        return false;
    *port = colon + 1;
    *colon = '\0';
    if (text[0] == '[' && colon[-1] == ']') {
        colon[-1] = '\0';
        text++;
    } else if (strchr(text, ':')) {
        return false;
    }
    *host = *text ? text : NULL;
    return true;
}

static int bind_first(const struct addrinfo *list)
{
    int on = 1, why = EADDRNOTAVAIL;
    for (; list; list = list->ai_next) {
        int fd = socket(list->ai_family, list->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, list->ai_protocol);
        if (fd < 0)
            continue;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(fd, list->ai_addr, list->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
            return fd;
        why = errno;
        close(fd);
    }
    errno = why;
    return -1;
}

int listen_open(const char *address, int *fd, struct err *e)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *list = NULL;
    char *text = mem_str(address), *host = NULL, *port = NULL;
    int r = 0;
    if (!split(text, &host, &port))
        r = err_set(e, RIG_EINPUT, "\"%s\": ADDRESS:PORT is expected, such as 127.0.0.1:8080 or [::1]:8443", address);
    else if (getaddrinfo(host, port, &hints, &list) != 0)
        r = err_set(e, RIG_EINPUT, "\"%s\": no such address", address);
    else if ((*fd = bind_first(list)) < 0)
        r = err_set(e, RIG_EIO, "%s: %s", address, strerror(errno));
    if (list)
        freeaddrinfo(list);
    free(text);
    return r;
}

void listen_name(const struct sockaddr *a, socklen_t size, char name[LISTEN_NAME_MOST])
{
    char host[INET6_ADDRSTRLEN + 16], port[8];
    if (getnameinfo(a, size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return;
    snprintf(name, LISTEN_NAME_MOST, a->sa_family == AF_INET6 ? "[%.*s]:%s" : "%.*s:%s", INET6_ADDRSTRLEN - 1, host, port);
}

unsigned listen_limit(unsigned most)
{
    struct rlimit l;
    rlim_t need = (rlim_t)most + FD_SPARE;
    if (getrlimit(RLIMIT_NOFILE, &l) != 0)
        return most;
    if (l.rlim_cur < need) {
        l.rlim_cur = l.rlim_max < need ? l.rlim_max : need;
        setrlimit(RLIMIT_NOFILE, &l);
    }
    if (l.rlim_cur >= need)
        return most;
    return l.rlim_cur > FD_SPARE ? (unsigned)(l.rlim_cur - FD_SPARE) : 1;
}
