/* SPDX-License-Identifier: GPL-3.0-or-later
 * otarig serve: a scenario's update server on a socket, for clients that no bench holds. The only command whose clock is the host's. */
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/rng.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/serve_log.h"
#include "cmd/serve_fleet.h"
#include "cmd/serve_play.h"
#include "cmd/setup.h"
#include "net/sockets.h"
#include "server/server.h"
#include "server/tls.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PEM_MOST = 65536, WRITE_MOST = 16384 /* a whole TLS record */ };
#define SECOND UINT64_C(1000000000)
#define IDLE_NS SECOND          /* so long idle, a connection may go for a new one */
#define PENDING_NS (SECOND / 20) /* so often a full output is tried again */
#define FAREWELL_MS 1000         /* so long the last lines wait for a reader */
/* Of --patience: a request from its first byte to its last, or a handshake; a peer that takes nothing; one that asks nothing. */
enum { STUCK_TIMES = 2, QUIET_TIMES = 4 };
#define DEFAULT_HOST "update.otarig.invalid"

static const enum options_id takes[] = {OPTIONS_LISTEN, OPTIONS_TLS, OPTIONS_CERTS, OPTIONS_OUT, OPTIONS_ALWAYS, OPTIONS_CONNECTIONS,
                                        OPTIONS_PATIENCE, OPTIONS_DUT, OPTIONS_BENCH, OPTIONS_IMAGES, OPTIONS_SEED, OPTIONS_TRIAL,
                                        OPTIONS_IDS};
static const struct options_command command = {
    "serve SCENARIO --listen ADDR:PORT [--tls] [options]",
    "Plays the server's part of a scenario to any client: what it offers, and its attacks by request number, path, device, byte, time\n"
    "and what clients report. What happens is a line of JSON on standard output, or in DIR/serve.jsonl with --out. A signal ends it, with\n"
    "a summary. Bytes of attacks count as the client's application sees them, also under TLS.",
    takes, 1, 1};

static const char refusal[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

struct serve {
    struct setup setup;
    struct plan_trial trial;
    struct serve_play play;
    struct serve_fleet *fleet; /* NULL: the scenario is about one device */
    struct serve_log log;
    struct server *server;
    struct certs *certs;
    struct tls *tls;
    struct sockets *sockets;
    uint64_t start;
    sigset_t mask; /* while waiting */
};

static volatile sig_atomic_t stop_signal;

static void on_signal(int number)
{
    stop_signal = number;
}

static uint64_t since_start(const struct serve *s)
{
    return sockets_now() - s->start;
}

/* --- what is told --- */

static void on_server(void *ctx, const struct server_event *ev)
{
    struct serve *s = ctx;
    serve_play_heard(&s->play, ev, since_start(s));
    if (s->fleet)
        serve_fleet_heard(s->fleet, ev, since_start(s));
    serve_log_http(&s->log, since_start(s), ev);
}

static void on_asked(void *ctx, const char *device)
{
    struct serve *s = ctx;
    if (s->fleet)
        serve_fleet_asked(s->fleet, device, since_start(s));
}

static void on_tls(void *ctx, const struct tls_event *ev)
{
    struct serve *s = ctx;
    serve_log_tls(&s->log, since_start(s), ev);
}

static void on_connection(void *ctx, unsigned n, struct tls_faults *faults)
{
    struct serve *s = ctx;
    server_connection(s->server, n, faults);
}

static void on_full(void *ctx, const char *what)
{
    struct serve *s = ctx;
    struct json *j = serve_log_new("full", since_start(s));
    json_add_str(j, "what", what);
    serve_log_add(&s->log, j);
}

/* --- TLS --- */

/* The profile's CA where its files are there, so that devices trust the server; else one of its own. */
static int read_ca(const struct serve *s, const char *images, struct buf *cert, struct buf *key, struct err *e)
{
    const struct profile *p = s->setup.profile;
    if (!p->tls.ca || !p->tls.ca_key)
        return 0;
    char *cert_path = file_join(images, p->tls.ca), *key_path = file_join(images, p->tls.ca_key);
    int r = 0;
    if (file_exists(cert_path) && file_exists(key_path)) {
        r = file_read(cert_path, PEM_MOST, cert, e);
        r = r ? r : file_read(key_path, PEM_MOST, key, e);
    }
    free(cert_path);
    free(key_path);
    return r;
}

static int make_certs(struct serve *s, const struct options *o, uint64_t calendar, struct err *e)
{
    struct buf cert = {0}, key = {0};
    const char *host = s->setup.profile->tls.host;
    struct certs_config cc = {.host = host ? host : DEFAULT_HOST, .local = true, .calendar_s = calendar};
    int r = read_ca(s, o->images, &cert, &key, e);
    if (key.size) {
        cc.ca_cert = buf_text(&cert);
        cc.ca_key = buf_text(&key);
    }
    if (!r && !(s->certs = certs_new(&cc, e)))
        r = e->code;
    buf_free(&cert);
    buf_free(&key);
    return r;
}

static int write_certs(const struct serve *s, const char *folder, struct err *e)
{
    struct buf pem = {0};
    char *path = file_join(folder, "ca-cert.pem");
    certs_ca(s->certs, &pem);
    int r = file_make_folder(folder, e);
    r = r ? r : file_write(path, pem.data, pem.size, e);
    free(path);
    buf_free(&pem);
    return r;
}

static int start_tls(struct serve *s, const struct options *o, uint64_t calendar, struct stream_handler *handler, struct err *e)
{
    int r = make_certs(s, o, calendar, e);
    if (!r && o->certs)
        r = write_certs(s, o->certs, e);
    struct tls_config tc = {.certs = s->certs, .seed = o->seed, .handshake_ns = o->patience * SECOND, .ctx = s, .begin = on_connection,
                            .event = on_tls};
    if (!r && !(s->tls = tls_new(&tc, handler, e)))
        r = e->code;
    if (!r)
        tls_handler(s->tls, handler);
    return r;
}

/* --- start --- */

static void copy_keys(const struct virtual_keys *from, struct server_keys *to)
{
    to->have = from->have;
    memcpy(to->root, from->root, sizeof to->root);
    memcpy(to->good, from->good, sizeof to->good);
    memcpy(to->next, from->next, sizeof to->next);
    memcpy(to->wrong, from->wrong, sizeof to->wrong);
}

static int start_network(struct serve *s, const struct options *o, struct err *e)
{
    bool tls = o->tls || s->trial.images->terms.tls;
    uint64_t calendar = (uint64_t)time(NULL);
    struct server_config sc = {.seed = rng_mix(o->seed, 3, 0), .ctx = s, .event = on_server, .asked = on_asked, .calendar_s = calendar,
                               .lifetime_s = s->setup.bench.lifetime_s, .idle_ns = QUIET_TIMES * o->patience * SECOND,
                               .request_ns = o->patience * SECOND, .write_most = WRITE_MOST};
    struct stream_handler handler;
    copy_keys(&s->setup.bench.keys, &sc.keys);
    s->server = server_new(&sc);
    server_handler(s->server, &handler);
    int r = tls ? start_tls(s, o, calendar, &handler, e) : 0;
    struct sockets_config kc = {.listen = o->listen, .most = o->connections, .idle_ns = IDLE_NS,
                                .stuck_ns = STUCK_TIMES * o->patience * SECOND,
                                .refusal = tls ? NULL : refusal, .mask = &s->mask, .ctx = s, .full = on_full};
    if (!r && !(s->sockets = sockets_new(&kc, &handler, e)))
        r = e->code;
    return r;
}

static int open_log(struct serve *s, const struct options *o, struct err *e)
{
    s->log.to = stdout;
    if (!o->out)
        return 0;
    if (file_make_folder(o->out, e))
        return e->code;
    char *path = file_join(o->out, "serve.jsonl");
    s->log.to = fopen(path, "we");
    int r = s->log.to ? 0 : err_set(e, RIG_EIO, "%s: cannot be written", path);
    free(path);
    return r;
}

static void tell_start(struct serve *s)
{
    struct json *j = serve_log_new("serve", 0);
    const struct plan_set *set = s->trial.images->offered;
    json_add_str(j, "listen", sockets_name(s->sockets));
    json_add_bool(j, "tls", s->tls != NULL);
    json_add_str(j, "claim", s->setup.plan->scenario[s->trial.scenario].scenario->claim);
    json_add_str(j, "version", set->version);
    serve_log_add(&s->log, j);
    serve_log_flush(&s->log, FAREWELL_MS);
    fprintf(stderr, "otarig serve: %s://%s/manifest.json, version %s; an interrupt ends it\n", s->tls ? "https" : "http",
            sockets_name(s->sockets), set->version);
}

/* Signals come only while it waits. */
static void watch_signals(struct serve *s)
{
    struct sigaction act = {.sa_handler = on_signal};
    sigset_t block;
    sigemptyset(&act.sa_mask);
    sigemptyset(&block);
    sigaddset(&block, SIGINT);
    sigaddset(&block, SIGTERM);
    sigprocmask(SIG_BLOCK, &block, &s->mask);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
}

static int start(struct serve *s, const struct options *o, struct err *e)
{
    struct setup_wish wish = {.paths = o->arg, .count = o->args, .dut = o->dut, .bench = o->bench, .images = o->images, .seed = o->seed};
    if (!o->listen)
        return err_set(e, RIG_EINPUT, "--listen ADDR:PORT is needed, such as 127.0.0.1:8080");
    int r = setup_make(&wish, &s->setup, e);
    if (r)
        return r;
    watch_signals(s);
    r = plan_trial(s->setup.plan, o->trial ? o->trial : 1, &s->trial, e);
    r = r ? r : open_log(s, o, e);
    s->start = sockets_now();
    r = r ? r : start_network(s, o, e);
    if (r)
        return r;
    s->play = (struct serve_play){.profile = s->setup.profile, .trial = &s->trial, .server = s->server, .log = &s->log,
                                  .always = o->always};
    tell_start(s);
    r = serve_play_start(&s->play, e);
    s->fleet = r ? NULL : serve_fleet_new(&s->play, s->setup.plan);
    return r;
}

/* --- the loop --- */

static uint64_t next_moment(const struct serve *s)
{
    uint64_t next = server_next(s->server), play = serve_play_next(&s->play), tls = s->tls ? tls_next(s->tls) : UINT64_MAX;
    if (play < next)
        next = play;
    return tls < next ? tls : next;
}

static void run(struct serve *s)
{
    while (!stop_signal) {
        uint64_t next = next_moment(s);
        bool pending = !serve_log_flush(&s->log, 0);
        uint64_t now = since_start(s), latest = now + (pending ? PENDING_NS : SECOND); /* so that no limit counts from a time long past */
        sockets_wait(s->sockets, s->start + (next < latest ? next : latest));
        now = since_start(s);
        serve_play_tick(&s->play, now);
        server_tick(s->server, now);
        if (s->tls)
            tls_tick(s->tls, now);
    }
}

static void finish(struct serve *s)
{
    serve_log_end(&s->log, since_start(s));
    serve_log_flush(&s->log, FAREWELL_MS);
    fprintf(stderr, "otarig serve: %llu answers, %llu of them attacked, %llu body bytes\n", (unsigned long long)s->log.requests,
            (unsigned long long)s->log.attacked, (unsigned long long)s->log.bytes);
}

static void tear_down(struct serve *s)
{
    sockets_free(s->sockets);
    tls_free(s->tls);
    certs_free(s->certs);
    server_free(s->server);
    serve_fleet_free(s->fleet);
    serve_log_free(&s->log);
    if (s->log.to && s->log.to != stdout)
        fclose(s->log.to);
    setup_free(&s->setup);
}

int cmd_serve(int argc, char **argv)
{
    struct serve *s = mem_new(sizeof *s);
    struct options o;
    struct err e = {0};
    int code = 0;
    if (options_read(&command, argc, argv, &o, &e) || (!o.help && start(s, &o, &e))) {
        code = options_fail(argv[0], &e);
    } else if (!o.help) {
        run(s);
        finish(s);
        code = 128 + stop_signal;
    }
    tear_down(s);
    free(s);
    options_free(&o);
    return code;
}
