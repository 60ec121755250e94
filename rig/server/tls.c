/* SPDX-License-Identifier: GPL-3.0-or-later
 * TLS by OpenSSL over memory BIOs.
 *
 * Method. Each write of the server becomes whole records at once, and the layer takes no more than the transport has room for, so that a
 * record's last wire byte tells when its plain bytes have arrived: a queue keeps (wire byte, plain bytes) pairs. The library gets no
 * socket, no clock and no session cache, and its random numbers come from the connection's own stream of the seed, so that
 * neither the order of connections nor the machine changes a byte of the wire. Tickets are off for the same reason.
 */
#include "server/tls.h"

#include "base/buf.h"
#include "base/crypto_random.h"
#include "base/err.h"
#include "base/rng.h"
#include "base/stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RECORD_MOST = 16384, OVERHEAD = 96, /* header, IV, MAC and padding of the worst suite of any version */
    ROOM_LEAST = 512,                   /* smaller records while others are under way would only be headers */
    PENDING_MOST = 256 * 1024, ALERT_MOST = 40,
};

struct record {
    uint64_t end; /* its last wire byte, counted from 1 */
    size_t plain;
};

struct conn {
    struct stream s; /* first: the server gets a struct stream */
    struct tls *tls;
    struct stream *outer; /* NULL once it is gone */
    SSL *ssl;
    BIO *in, *out;        /* the SSL's */
    struct rng rng;
    struct buf pending;   /* wire bytes that the transport has not taken */
    uint64_t made, taken; /* wire bytes so far, and acknowledged ones */
    struct record *record;
    size_t first, count, room; /* of the records under way */
    struct tls_faults faults;
    unsigned n;
    bool open;     /* the handshake is over */
    bool inner;    /* the server holds the stream */
    bool closing;  /* closed by the server: only what is pending is left */
    bool told;     /* the end of the handshake */
    int busy;      /* calls of ours under way: freed at the end of the outermost */
    int alert_in, alert_out; /* -1: none */
    struct conn *next;
};

struct tls {
    struct tls_config config;
    struct stream_handler inner;
    SSL_CTX *ctx;
    struct conn *conns;
    unsigned n;
};

/* --- the record --- */

static const char *version_of(const struct conn *c)
{
    return SSL_in_before(c->ssl) ? NULL : SSL_get_version(c->ssl);
}

static void tell(struct conn *c, const char *end, const char *alert)
{
    const struct tls *t = c->tls;
    struct tls_event ev = {.n = c->n, .version = version_of(c), .host = SSL_get_servername(c->ssl, TLSEXT_NAMETYPE_host_name),
                           .attack = c->faults.attack, .end = end, .alert = alert};
    c->told = true;
    if (t->config.event)
        t->config.event(t->config.ctx, &ev);
}

/* As RFC 8446 (6) writes it, with hyphens: "unknown-ca". */
static const char *alert_name(int alert, char name[ALERT_MOST])
{
    snprintf(name, ALERT_MOST, "%s", SSL_alert_desc_string_long(alert & 0xff));
    for (char *p = name; *p; p++)
        *p = *p == ' ' ? '-' : (char)tolower((unsigned char)*p);
    return name;
}

/* How a connection ended in the library's eyes, unless that is known already. */
static void tell_failure(struct conn *c, const char *otherwise)
{
    char name[ALERT_MOST];
    if (c->alert_in >= 0)
        tell(c, "alert", alert_name(c->alert_in, name));
    else if (c->alert_out >= 0)
        tell(c, "refused", alert_name(c->alert_out, name));
    else if (!c->told)
        tell(c, otherwise, NULL);
}

static void on_info(const SSL *ssl, int where, int ret)
{
    struct conn *c = SSL_get_app_data(ssl);
    if (!(where & SSL_CB_ALERT) || (ret & 0xff) == SSL_AD_CLOSE_NOTIFY)
        return;
    *(where & SSL_CB_READ ? &c->alert_in : &c->alert_out) = ret;
}

/* --- a connection's life --- */

static void conn_free(struct conn *c)
{
    struct rng *before = crypto_random_from(NULL);
    SSL_free(c->ssl);
    crypto_random_from(before);
    buf_free(&c->pending);
    free(c->record);
    free(c);
}

static void forget(struct conn *c)
{
    struct conn **p = &c->tls->conns;
    while (*p != c)
        p = &(*p)->next;
    *p = c->next;
    conn_free(c);
}

static struct rng *enter(struct conn *c)
{
    c->busy++;
    return crypto_random_from(c->tls->config.seeded ? &c->rng : NULL);
}

/* False when the connection is gone. */
static bool leave(struct conn *c, struct rng *before)
{
    crypto_random_from(before);
    if (--c->busy || c->outer)
        return true;
    forget(c);
    return false;
}

static void end_outer(struct conn *c, bool reset)
{
    struct stream *outer = c->outer;
    c->outer = NULL;
    if (reset)
        outer->ops->reset(outer);
    else
        outer->ops->close(outer);
}

static void end_inner(struct conn *c, enum stream_end how)
{
    if (c->inner) {
        c->inner = false;
        c->tls->inner.ended(c->tls->inner.ctx, &c->s, how);
    }
}

/* --- wire bytes out --- */

static void send_pending(struct conn *c)
{
    if (c->outer && c->pending.size)
        buf_drop(&c->pending, c->outer->ops->write(c->outer, c->pending.data, c->pending.size));
    if (c->outer && c->closing && !c->pending.size)
        end_outer(c, false);
}

/* What the library has written since the last call, to the transport. */
static void flush(struct conn *c)
{
    char *bytes;
    long n = BIO_get_mem_data(c->out, &bytes);
    if (n > 0) {
        buf_add(&c->pending, bytes, (size_t)n);
        c->made += (uint64_t)n;
        (void)BIO_reset(c->out);
    }
    if (c->outer && c->pending.size > PENDING_MOST) { /* a peer that asks on and on without listening */
        end_outer(c, true);
        end_inner(c, STREAM_PEER_RESET);
    }
    send_pending(c);
}

static void push_record(struct conn *c, size_t plain)
{
    if (c->first + c->count == c->room) {
        if (c->count)
            memmove(c->record, c->record + c->first, c->count * sizeof *c->record);
        c->first = 0;
        if (c->count * 2 >= c->room) {
            c->room = c->room ? c->room * 2 : 16;
            c->record = mem_grow(c->record, c->room * sizeof *c->record);
        }
    }
    c->record[c->first + c->count++] = (struct record){c->made, plain};
}

/* Plain bytes that arrived with so many wire bytes more. */
static size_t account(struct conn *c, size_t acked)
{
    size_t plain = 0;
    c->taken += acked;
    while (c->count && c->record[c->first].end <= c->taken) {
        plain += c->record[c->first++].plain;
        c->count--;
    }
    return plain;
}

/* --- the plain stream --- */

static struct conn *of(struct stream *s)
{
    return (struct conn *)s;
}

/* The peer may have asked for small records (RFC 6066, 4). */
static size_t fragment(const struct conn *c)
{
    const SSL_SESSION *session = SSL_get_session(c->ssl);
    unsigned code = session ? SSL_SESSION_get_max_fragment_length(session) : 0;
    return code >= 1 && code <= 4 ? (size_t)256 << code : RECORD_MOST;
}

static size_t plain_room(struct stream *s)
{
    struct conn *c = of(s);
    size_t most = fragment(c), room = c->outer && !c->pending.size ? c->outer->ops->room(c->outer) : 0;
    if (room <= OVERHEAD || (room < ROOM_LEAST && c->made > c->taken))
        return 0;
    return room - OVERHEAD < most ? room - OVERHEAD : most;
}

static size_t plain_write(struct stream *s, const void *p, size_t n)
{
    struct conn *c = of(s);
    size_t room = plain_room(s), written = 0;
    if (n > room)
        n = room;
    if (!n)
        return 0;
    struct rng *before = enter(c);
    ERR_clear_error();
    if (SSL_write_ex(c->ssl, p, n, &written) == 1) {
        flush(c);
        push_record(c, written);
    }
    leave(c, before);
    return written;
}

static void plain_close(struct stream *s)
{
    struct conn *c = of(s);
    struct rng *before = enter(c);
    c->inner = false;
    c->closing = true;
    ERR_clear_error();
    SSL_shutdown(c->ssl);
    flush(c);
    leave(c, before);
}

static void plain_reset(struct stream *s)
{
    struct conn *c = of(s);
    struct rng *before = enter(c);
    c->inner = false;
    if (c->outer)
        end_outer(c, true);
    leave(c, before);
}

static const struct stream_ops ops = {plain_room, plain_write, plain_close, plain_reset};

/* --- what the transport tells --- */

/* The library gave up: its alert goes out, then the connection ends. */
static void fail(struct conn *c)
{
    tell_failure(c, "not-tls");
    end_inner(c, STREAM_PEER_RESET);
    c->closing = true;
    flush(c);
}

static void shake_hands(struct conn *c)
{
    ERR_clear_error();
    int r = SSL_accept(c->ssl);
    if (r != 1 && SSL_get_error(c->ssl, r) != SSL_ERROR_WANT_READ) {
        fail(c);
        return;
    }
    flush(c);
    if (r != 1 || !c->outer)
        return;
    c->open = c->inner = true;
    tell(c, "open", NULL);
    c->s.ops = &ops;
    c->tls->inner.accept(c->tls->inner.ctx, &c->s);
}

/* What the client says. Its close_notify ends the stream as a FIN would. */
static void listen_to(struct conn *c)
{
    char plain[4096];
    size_t n;
    while (c->outer && c->inner) {
        ERR_clear_error();
        int r = SSL_read_ex(c->ssl, plain, sizeof plain, &n);
        if (r == 1) {
            c->tls->inner.received(c->tls->inner.ctx, &c->s, plain, n);
            continue;
        }
        int why = SSL_get_error(c->ssl, r);
        if (why == SSL_ERROR_ZERO_RETURN) {
            end_inner(c, STREAM_PEER_CLOSED);
            plain_close(&c->s);
        } else if (why != SSL_ERROR_WANT_READ) {
            fail(c);
        } else {
            flush(c);
        }
        return;
    }
}

static void on_received(void *ctx, struct stream *outer, const void *p, size_t n)
{
    struct conn *c = outer->user;
    (void)ctx;
    if (c->closing)
        return;
    struct rng *before = enter(c);
    BIO_write(c->in, p, (int)n);
    if (!c->open)
        shake_hands(c);
    if (c->open)
        listen_to(c);
    leave(c, before);
}

static void on_writable(void *ctx, struct stream *outer, size_t acked)
{
    struct conn *c = outer->user;
    (void)ctx;
    struct rng *before = enter(c);
    size_t plain = account(c, acked);
    send_pending(c);
    if (c->outer && c->inner)
        c->tls->inner.writable(c->tls->inner.ctx, &c->s, plain);
    leave(c, before);
}

static void on_ended(void *ctx, struct stream *outer, enum stream_end how)
{
    static const char *const words[] = {"peer-closed", "peer-reset", "timed-out"};
    struct conn *c = outer->user;
    (void)ctx;
    struct rng *before = enter(c);
    c->outer = NULL;
    if (!c->told)
        tell_failure(c, words[how]);
    end_inner(c, how);
    leave(c, before);
}

static void set_up(struct conn *c)
{
    const struct tls_faults *f = &c->faults;
    const struct certs_shown *shown = certs_show(c->tls->config.certs, f->certificate, f->by_s);
    int version = f->version ? (int)f->version : TLS1_3_VERSION;
    bool ok = SSL_use_cert_and_key(c->ssl, shown->leaf, shown->key, shown->chain, 1) == 1 &&
              SSL_set_min_proto_version(c->ssl, version) == 1 && SSL_set_max_proto_version(c->ssl, version) == 1;
    if (!ok)
        abort(); /* certs.c makes what the library takes */
}

static void on_accept(void *ctx, struct stream *outer)
{
    struct tls *t = ctx;
    struct conn *c = mem_new(sizeof *c);
    *c = (struct conn){.tls = t, .outer = outer, .n = ++t->n, .alert_in = -1, .alert_out = -1, .next = t->conns};
    rng_seed(&c->rng, t->config.seed, rng_mix(0x746c73, c->n, 0));
    outer->user = c;
    t->conns = c;
    struct rng *before = enter(c);
    if (t->config.begin)
        t->config.begin(t->config.ctx, c->n, &c->faults);
    c->ssl = SSL_new(t->ctx);
    c->in = BIO_new(BIO_s_mem());
    c->out = BIO_new(BIO_s_mem());
    if (!c->ssl || !c->in || !c->out)
        abort(); /* out of memory */
    BIO_set_mem_eof_return(c->in, -1);
    SSL_set_bio(c->ssl, c->in, c->out);
    SSL_set_app_data(c->ssl, c);
    SSL_set_accept_state(c->ssl);
    set_up(c);
    leave(c, before);
}

/* --- the layer --- */

/* Security level 0: attacks speak versions that no honest server does. */
static bool prepare(SSL_CTX *ctx)
{
    SSL_CTX_set_security_level(ctx, 0);
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_info_callback(ctx, on_info);
    SSL_CTX_set_quiet_shutdown(ctx, 0);
    return SSL_CTX_set_num_tickets(ctx, 0) == 1 && SSL_CTX_set1_groups_list(ctx, "X25519:P-256") == 1 &&
           SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == 1 &&
           SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:@SECLEVEL=0") == 1;
}

struct tls *tls_new(const struct tls_config *config, const struct stream_handler *inner, struct err *e)
{
    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL); /* a machine's openssl.cnf must not change what is sent */
    struct tls *t = mem_new(sizeof *t);
    t->config = *config;
    t->inner = *inner;
    t->ctx = SSL_CTX_new(TLS_server_method());
    if (!t->ctx || !prepare(t->ctx)) {
        err_set(e, RIG_EINTERNAL, "OpenSSL does not start");
        tls_free(t);
        return NULL;
    }
    return t;
}

void tls_free(struct tls *t)
{
    if (!t)
        return;
    for (struct conn *c = t->conns, *next; c; c = next) {
        next = c->next;
        conn_free(c);
    }
    SSL_CTX_free(t->ctx);
    free(t);
}

void tls_handler(struct tls *t, struct stream_handler *outer)
{
    *outer = (struct stream_handler){t, on_accept, on_received, on_writable, on_ended};
}
