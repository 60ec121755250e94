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
#include "server/tls_wire.h"

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

struct conn {
    struct stream s; /* first: the server gets a struct stream */
    struct tls *tls;
    struct stream *outer; /* NULL once it is gone */
    SSL *ssl;
    BIO *in, *out;        /* the SSL's */
    struct rng rng;
    struct tls_wire wire;
    struct tls_faults faults;
    unsigned n;
    uint64_t until; /* the handshake's end at the latest; 0: counts from the next tick */
    bool open;     /* the handshake is over */
    bool inner;    /* the server holds the stream */
    bool closing;  /* only what is pending is left */
    bool failed;   /* the library gave up: told when the peer has its alert */
    bool told, attack_told; /* the end of the handshake; that an attack has reached the client */
    int busy;      /* calls of ours under way: freed at the end of the outermost */
    bool forged;   /* a made-up ServerHello is out: the library hears no more */
    bool no_notify, half; /* how it will end */
    bool left;     /* the client said close_notify */
    int alert_in, alert_out; /* -1: none */
    struct conn *next;
};

struct tls {
    struct tls_config config;
    struct stream_handler inner;
    SSL_CTX *ctx;
    struct conn *conns;
    unsigned n;
    uint64_t now;
    uint8_t *scratch; /* what the library wrote last */
    size_t scratch_size;
};

/* --- the record --- */

static const char *version_of(const struct conn *c)
{
    static const char *const old[] = {"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"};
    if (c->forged)
        return old[c->faults.version & 3];
    return SSL_in_before(c->ssl) ? NULL : SSL_get_version(c->ssl);
}

static void tell(struct conn *c, const char *end, const char *alert)
{
    const struct tls *t = c->tls;
    struct buf attack = {0};
    if (!c->attack_told)
        tls_wire_attacks(&c->wire, &attack);
    c->attack_told = c->attack_told || attack.size;
    struct tls_event ev = {.n = c->n, .version = version_of(c), .host = SSL_get_servername(c->ssl, TLSEXT_NAMETYPE_host_name),
                           .attack = attack.size ? buf_text(&attack) : NULL, .end = end, .alert = alert};
    c->told = true;
    if (t->config.event)
        t->config.event(t->config.ctx, &ev);
    buf_free(&attack);
}

/* As RFC 8446 (6) writes it, with hyphens: "unknown-ca". */
static const char *alert_name(int alert, char name[ALERT_MOST])
{
    snprintf(name, ALERT_MOST, "%s", SSL_alert_desc_string_long(alert & 0xff));
    for (char *p = name; *p; p++)
        *p = *p == ' ' || *p == '_' ? '-' : (char)tolower((unsigned char)*p);
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
        tell(c, c->left ? "peer-closed" : otherwise, NULL);
}

static void on_info(const SSL *ssl, int where, int ret)
{
    struct conn *c = SSL_get_app_data(ssl);
    if (!(where & SSL_CB_ALERT))
        return;
    if ((ret & 0xff) == SSL_AD_CLOSE_NOTIFY)
        c->left = c->left || where & SSL_CB_READ;
    else
        *(where & SSL_CB_READ ? &c->alert_in : &c->alert_out) = ret;
}

/* Tells the records apart (SSL_CTX_set_msg_callback(3)). */
static void on_message(int write, int version, int type, const void *bytes, size_t n, SSL *ssl, void *arg)
{
    struct conn *c = SSL_get_app_data(ssl);
    (void)version;
    (void)arg;
    if (!write || c->open)
        return;
    if (type == SSL3_RT_HEADER)
        tls_wire_made(&c->wire);
    else if (type == SSL3_RT_HANDSHAKE && n)
        tls_wire_named(&c->wire, *(const uint8_t *)bytes);
    else if (type == SSL3_RT_CHANGE_CIPHER_SPEC || type == SSL3_RT_ALERT)
        tls_wire_named(&c->wire, 0);
}

/* --- a connection's life --- */

static void conn_free(struct conn *c)
{
    struct rng *before = crypto_random_from(NULL);
    SSL_free(c->ssl);
    crypto_random_from(before);
    tls_wire_free(&c->wire);
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
    struct buf *pending = &c->wire.pending;
    if (c->outer && pending->size > PENDING_MOST) { /* a peer that asks on and on without listening */
        end_outer(c, true);
        end_inner(c, STREAM_PEER_RESET);
    }
    if (c->outer && pending->size)
        buf_drop(pending, c->outer->ops->write(c->outer, pending->data, pending->size));
    if (!c->outer || !c->closing || pending->size || c->wire.holding || (c->failed && c->wire.taken < c->wire.made))
        return;
    if (c->failed)
        tell_failure(c, "not-tls");
    end_outer(c, false);
}

/* What the library has written since the last call; valid until the next. BIO_reset would clear the whole of its memory each time. */
static size_t take_written(struct conn *c, const uint8_t **bytes)
{
    struct tls *t = c->tls;
    size_t n = BIO_ctrl_pending(c->out);
    if (n > t->scratch_size) {
        t->scratch = mem_grow(t->scratch, n);
        t->scratch_size = n;
    }
    *bytes = t->scratch;
    return n && BIO_read(c->out, t->scratch, (int)n) == (int)n ? n : 0;
}

/* All that holds no plain bytes, to the transport. */
static void flush(struct conn *c)
{
    const uint8_t *bytes;
    size_t n = take_written(c, &bytes);
    if (c->open)
        tls_wire_raw(&c->wire, bytes, n);
    else
        tls_wire_handshake(&c->wire, bytes, n);
    send_pending(c);
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
    size_t most = fragment(c), room = c->outer && !c->wire.pending.size && !c->wire.holding ? c->outer->ops->room(c->outer) : 0;
    if (room <= OVERHEAD || (room < ROOM_LEAST && c->wire.made > c->wire.taken))
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
        const uint8_t *bytes;
        size_t size = take_written(c, &bytes);
        if (tls_wire_is_clear(&c->wire))
            tls_wire_sent(&c->wire, bytes, size, c->outer->ops->write(c->outer, bytes, size), written);
        else
            tls_wire_data(&c->wire, bytes, size, written);
        send_pending(c);
    }
    leave(c, before);
    return written;
}

/* The last of a connection that is cut within a record. */
static void write_half(struct conn *c)
{
    static const uint8_t zeros[256];
    const uint8_t *bytes;
    size_t written;
    if (SSL_write_ex(c->ssl, zeros, sizeof zeros, &written) == 1) {
        size_t size = take_written(c, &bytes);
        tls_wire_raw(&c->wire, bytes, size / 2);
    }
}

static void plain_close(struct stream *s)
{
    struct conn *c = of(s);
    struct rng *before = enter(c);
    c->inner = false;
    c->closing = true;
    ERR_clear_error();
    if (c->half)
        write_half(c);
    else if (!c->no_notify)
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

static void plain_spoil(struct stream *s, enum stream_spoil how)
{
    struct conn *c = of(s);
    struct rng *before = enter(c);
    if (how == STREAM_NO_NOTIFY || how == STREAM_HALF_RECORD)
        c->no_notify = true;
    c->half = c->half || how == STREAM_HALF_RECORD;
    if (how == STREAM_REKEY && SSL_version(c->ssl) == TLS1_3_VERSION && SSL_key_update(c->ssl, SSL_KEY_UPDATE_REQUESTED) == 1)
        SSL_do_handshake(c->ssl);
    tls_wire_spoil(&c->wire, how);
    flush(c);
    leave(c, before);
}

static const struct stream_ops ops = {plain_room, plain_write, plain_close, plain_reset, plain_spoil};

/* --- what the transport tells --- */

/* The library gave up: its alert goes out, and the connection ends when the peer has it. */
static void fail(struct conn *c)
{
    end_inner(c, STREAM_PEER_RESET);
    c->closing = c->failed = true;
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

/* Answers as if the client had offered the old version; then only an alert is waited for, which comes in clear. */
static void forge(struct conn *c)
{
    enum { HEADER = 5, ALERT = 21 };
    struct buf hello = {0};
    char *p;
    long n = BIO_get_mem_data(c->in, &p);
    const uint8_t *in = (const uint8_t *)p;
    if (n < HEADER || n < HEADER + (in[3] << 8 | in[4]))
        return;
    if (c->forged || !tls_wire_forge(in, (size_t)n, c->faults.version, &c->rng, &hello)) {
        if (in[0] == ALERT && n >= HEADER + 2)
            c->alert_in = in[HEADER + 1];
        fail(c);
    } else {
        c->forged = true;
        (void)BIO_reset(c->in);
        tls_wire_handshake(&c->wire, (const uint8_t *)hello.data, hello.size);
        send_pending(c);
    }
    buf_free(&hello);
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
    if (c->faults.forged)
        forge(c);
    else if (!c->open)
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
    size_t plain = tls_wire_acked(&c->wire, acked);
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
    if (!c->told || c->failed)
        tell_failure(c, c->failed ? "not-tls" : words[how]);
    end_inner(c, how);
    leave(c, before);
}

static void set_up(struct conn *c)
{
    const struct tls_faults *f = &c->faults;
    const struct certs_shown *shown = certs_show(c->tls->config.certs, f->certificate, f->by_s);
    int version = f->version && !f->forged ? (int)f->version : TLS1_3_VERSION;
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
    tls_wire_init(&c->wire, &c->faults, t->config.seed, c->n);
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
    SSL_CTX_set_msg_callback(ctx, on_message);
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
    free(t->scratch);
    free(t);
}

void tls_handler(struct tls *t, struct stream_handler *outer)
{
    *outer = (struct stream_handler){t, on_accept, on_received, on_writable, on_ended};
}

/* Our own stalls are not the client's fault. */
static bool waits_for_client(const struct conn *c)
{
    return !c->open && !c->closing && !c->wire.holding;
}

static bool is_late(const struct conn *c, uint64_t now)
{
    return waits_for_client(c) && c->outer && c->until <= now;
}

void tls_tick(struct tls *t, uint64_t now_ns)
{
    t->now = now_ns;
    for (struct conn *c = t->conns, *next; c; c = next) {
        struct rng *before = enter(c);
        next = c->next;
        if (tls_wire_tick(&c->wire, now_ns))
            send_pending(c);
        if (!c->until)
            c->until = t->config.handshake_ns ? now_ns + t->config.handshake_ns : UINT64_MAX;
        if (is_late(c, now_ns)) {
            tell(c, "timed-out", NULL);
            end_outer(c, true);
        }
        leave(c, before);
    }
}

uint64_t tls_next(const struct tls *t)
{
    uint64_t soonest = UINT64_MAX;
    for (const struct conn *c = t->conns; c; c = c->next) {
        uint64_t at = c->wire.delay ? t->now : c->wire.wake;
        if (waits_for_client(c) && c->until < at)
            at = c->until;
        if (at < soonest)
            soonest = at;
    }
    return soonest;
}
