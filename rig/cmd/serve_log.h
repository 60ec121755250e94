/* SPDX-License-Identifier: GPL-3.0-or-later
 * What `otarig serve` sees, as lines of a journal (record/events.md): http, tls, told, bad-request, and
 * its own serve, fault, full, lost and end. Who reads them slowly, or not at all, does not hold up the server. */
#ifndef CMD_SERVE_LOG_H
#define CMD_SERVE_LOG_H
#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json;
struct server_event;
struct tls_event;

enum { SERVE_LOG_MOST = 1 << 20 /* bytes that wait; records beyond them are dropped and counted */ };

struct serve_log {
    FILE *to;
    struct buf wait; /* written once there is room */
    uint64_t lost;   /* records for which there was none, not told yet */
    uint64_t requests, attacked, handshakes, bytes; /* answers that ended, those that an attack acted on, …, body bytes taken */
};

/* A new record {"ev":ev,"t":t}, which serve_log_add writes and frees. t in ns since the start. */
struct json *serve_log_new(const char *ev, uint64_t t);
void serve_log_add(struct serve_log *l, struct json *record);
void serve_log_http(struct serve_log *l, uint64_t t, const struct server_event *ev);
void serve_log_tls(struct serve_log *l, uint64_t t, const struct tls_event *ev);
void serve_log_end(struct serve_log *l, uint64_t t);
/* Writes what the output takes, and waits for it so long while it takes nothing, in ms. True when nothing is left. */
bool serve_log_flush(struct serve_log *l, int wait_ms);
void serve_log_free(struct serve_log *l); /* not its FILE */

#endif
