/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls_client.h"

#include "base/crypto_random.h"
#include "base/rng.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rng rng;

static struct tls_client *of(struct stream *s)
{
    return (struct tls_client *)s;
}

static size_t room(struct stream *s)
{
    return of(s)->room;
}

static size_t take(struct stream *s, const void *p, size_t n)
{
    struct tls_client *c = of(s);
    if (n > c->room)
        n = c->room;
    buf_add(&c->wire, p, n);
    c->room -= n;
    return n;
}

static void closed(struct stream *s)
{
    of(s)->open = false;
    of(s)->closed = true;
}

static void reset(struct stream *s)
{
    of(s)->open = false;
    of(s)->reset = true;
}

static const struct stream_ops ops = {room, take, closed, reset, NULL};

static void trust(SSL_CTX *ctx, const struct tls_client_wish *w)
{
    BIO *pem = BIO_new_mem_buf(w->ca_pem, -1);
    X509 *ca = PEM_read_bio_X509(pem, NULL, NULL, NULL);
    if (!ca || X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca) != 1)
        abort();
    X509_free(ca);
    BIO_free(pem);
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_time(param, (time_t)w->now_s);
    X509_VERIFY_PARAM_set1_host(param, w->host, 0);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
}

static void flush(struct tls_client *c)
{
    char *bytes;
    long n = BIO_get_mem_data(SSL_get_wbio(c->ssl), &bytes);
    if (n <= 0)
        return;
    char *copy = mem_new((size_t)n);
    memcpy(copy, bytes, (size_t)n);
    (void)BIO_reset(SSL_get_wbio(c->ssl));
    if (c->open)
        c->layer.received(c->layer.ctx, &c->s, copy, (size_t)n);
    free(copy);
}

static void note_failure(struct tls_client *c, int r)
{
    int why = SSL_get_error(c->ssl, r);
    if (why == SSL_ERROR_ZERO_RETURN)
        c->notified = true;
    if (why != SSL_ERROR_SSL || c->failure)
        return;
    unsigned long e = ERR_get_error();
    c->failure = ERR_GET_REASON(e);
    long verify = SSL_get_verify_result(c->ssl);
    snprintf(c->why, sizeof c->why, "%s", verify != X509_V_OK ? X509_verify_cert_error_string(verify) : ERR_reason_error_string(e));
}

static void work(struct tls_client *c)
{
    char plain[20000];
    struct rng *before = crypto_random_from(&rng);
    ERR_clear_error();
    int r = c->shaken ? 1 : SSL_connect(c->ssl);
    if (r == 1)
        c->shaken = true;
    else
        note_failure(c, r);
    while (c->shaken && (r = SSL_read(c->ssl, plain, sizeof plain)) > 0)
        buf_add(&c->plain, plain, (size_t)r);
    if (c->shaken)
        note_failure(c, r);
    crypto_random_from(before);
    flush(c);
}

void tls_client_open(struct tls_client *c, const struct stream_handler *layer, const struct tls_client_wish *w)
{
    int version = w->version ? w->version : TLS1_3_VERSION;
    *c = (struct tls_client){.s.ops = &ops, .layer = *layer, .room = 5000, .open = true};
    rng_seed(&rng, 1, 1);
    SSL_CTX *ctx = c->ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(ctx, 0);
    if (w->ca_pem)
        trust(ctx, w);
    if (w->fragment)
        SSL_CTX_set_tlsext_max_fragment_length(ctx, (uint8_t)w->fragment);
    if (SSL_CTX_set_min_proto_version(ctx, version) != 1 || SSL_CTX_set_max_proto_version(ctx, version) != 1)
        abort();
    struct rng *before = crypto_random_from(&rng);
    c->ssl = SSL_new(ctx);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(c->ssl, in, out);
    SSL_set_tlsext_host_name(c->ssl, w->host);
    SSL_set_connect_state(c->ssl);
    crypto_random_from(before);
    c->layer.accept(c->layer.ctx, &c->s);
    work(c);
}

void tls_client_hear(struct tls_client *c, size_t most)
{
    size_t n;
    while (most && (n = c->wire.size - c->heard) > 0) {
        if (n > most)
            n = most;
        BIO_write(SSL_get_rbio(c->ssl), c->wire.data + c->heard, (int)n);
        c->heard += n;
        c->room += n;
        most -= n;
        if (c->open)
            c->layer.writable(c->layer.ctx, &c->s, n);
        work(c);
    }
}

void tls_client_say(struct tls_client *c, const char *text)
{
    struct rng *before = crypto_random_from(&rng);
    SSL_write(c->ssl, text, (int)strlen(text));
    crypto_random_from(before);
    flush(c);
}

void tls_client_close(struct tls_client *c)
{
    if (c->open)
        c->layer.ended(c->layer.ctx, &c->s, STREAM_PEER_RESET);
    c->open = false;
    SSL_free(c->ssl);
    SSL_CTX_free(c->ctx);
    buf_free(&c->wire);
    buf_free(&c->plain);
}
