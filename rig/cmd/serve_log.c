/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/serve_log.h"

#include "base/json.h"
#include "run/note.h"
#include "server/server.h"
#include "server/tls.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct json *serve_log_new(const char *ev, uint64_t t)
{
    return note_new(ev, t);
}

/* True when it found room. */
static bool put(struct serve_log *l, struct json *record)
{
    char *line = json_print(record);
    size_t n = strlen(line);
    bool fits = l->wait.size + n < SERVE_LOG_MOST;
    if (fits) {
        buf_add(&l->wait, line, n);
        buf_char(&l->wait, '\n');
    }
    free(line);
    json_free(record);
    return fits;
}

/* What is missing is told where it is missing, as soon as there is room for that. */
void serve_log_add(struct serve_log *l, struct json *record)
{
    if (l->lost) {
        struct json *j = serve_log_new("lost", (uint64_t)json_int(record, "t", 0));
        json_add_int(j, "records", (int64_t)l->lost);
        if (put(l, j))
            l->lost = 0;
    }
    l->lost += !put(l, record);
}

/* A pipe that poll calls writable takes PIPE_BUF bytes without waiting (POSIX, write). An output that fails for good keeps nothing. */
bool serve_log_flush(struct serve_log *l, int wait_ms)
{
    struct pollfd to = {.fd = fileno(l->to), .events = POLLOUT};
    size_t done = 0;
    while (done < l->wait.size && poll(&to, 1, wait_ms) > 0) {
        size_t left = l->wait.size - done;
        ssize_t n = write(to.fd, l->wait.data + done, left < PIPE_BUF ? left : PIPE_BUF);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            n = (ssize_t)left;
        done += n > 0 ? (size_t)n : 0;
    }
    buf_drop(&l->wait, done);
    return !l->wait.size;
}

void serve_log_free(struct serve_log *l)
{
    buf_free(&l->wait);
}

static void response(struct serve_log *l, uint64_t t, const struct server_event *ev)
{
    struct json *j = serve_log_new("http", t);
    json_add_int(j, "n", ev->n);
    json_add_str(j, "method", ev->method);
    json_add_str(j, "path", ev->path);
    json_add_str(j, "file", ev->file);
    json_add_int(j, "from", (int64_t)ev->from);
    json_add_bool(j, "ranged", ev->ranged);
    json_add_int(j, "status", ev->status);
    json_add_int(j, "length", (int64_t)ev->length);
    json_add_int(j, "sent", (int64_t)ev->sent);
    json_add_str(j, "end", ev->end);
    json_add_str(j, "attack", ev->attack);
    serve_log_add(l, j);
    l->requests++;
    l->attacked += ev->attack != NULL;
    l->bytes += ev->sent;
}

static void told(struct serve_log *l, uint64_t t, const struct server_event *ev)
{
    static const char *const keys[] = {"device", "stage", "version", "running", "slot", "reason", "cause"};
    struct json *j = serve_log_new("told", t);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        json_add_str(j, keys[i], json_str(ev->told, keys[i]));
    serve_log_add(l, j);
}

void serve_log_http(struct serve_log *l, uint64_t t, const struct server_event *ev)
{
    if (ev->kind == SERVER_RESPONSE)
        response(l, t, ev);
    else if (ev->kind == SERVER_TOLD)
        told(l, t, ev);
    else if (ev->kind == SERVER_BAD_REQUEST) {
        struct json *j = serve_log_new("bad-request", t);
        json_add_int(j, "n", ev->n);
        json_add_str(j, "why", ev->what);
        serve_log_add(l, j);
    }
}

void serve_log_tls(struct serve_log *l, uint64_t t, const struct tls_event *ev)
{
    struct json *j = serve_log_new("tls", t);
    json_add_int(j, "n", ev->n);
    json_add_str(j, "version", ev->version);
    json_add_str(j, "host", ev->host);
    json_add_str(j, "end", ev->end);
    json_add_str(j, "alert", ev->alert);
    json_add_str(j, "attack", ev->attack);
    serve_log_add(l, j);
    l->handshakes += strcmp(ev->end, "open") == 0;
}

void serve_log_end(struct serve_log *l, uint64_t t)
{
    struct json *j = serve_log_new("end", t);
    json_add_int(j, "requests", (int64_t)l->requests);
    json_add_int(j, "attacked", (int64_t)l->attacked);
    json_add_int(j, "handshakes", (int64_t)l->handshakes);
    json_add_int(j, "bytes", (int64_t)l->bytes);
    serve_log_add(l, j);
}
