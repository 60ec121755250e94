/* SPDX-License-Identifier: GPL-3.0-or-later
 * A TLS client in memory, in front of the rig's TLS layer: what it sees is what any client would see. */
#ifndef TESTS_TLS_CLIENT_H
#define TESTS_TLS_CLIENT_H
#include "base/buf.h"
#include "base/stream.h"

#include <stdbool.h>

struct tls_client {
    struct stream s;             /* the transport's end that the layer gets */
    struct stream_handler layer; /* set by the caller */
    size_t room;                 /* of the transport */
    bool open, closed, reset;    /* what the layer did to the transport */
    struct buf wire;             /* every byte that the layer sent */
    size_t heard;                /* wire bytes that the client has read and acknowledged */
    struct buf plain;            /* what the client's application got */
    bool shaken, notified;       /* handshake done, close_notify came */
    int failure;                 /* the client's own alert or error reason, 0: none */
    char why[160];
    void *ssl, *ctx;             /* OpenSSL's */
};

struct tls_client_wish {
    const char *ca_pem, *host; /* ca_pem NULL: trusts everybody */
    int version;               /* 0: 1.3 */
    uint64_t now_s;            /* the client's clock */
    unsigned fragment;         /* max_fragment_length code, 0: none */
};

/* Deterministic: all the client's random numbers come from a fixed seed. */
void tls_client_open(struct tls_client *c, const struct stream_handler *layer, const struct tls_client_wish *w);
void tls_client_close(struct tls_client *c); /* frees; hangs up when still open */
/* Takes up to most wire bytes and answers, until nothing more comes. */
void tls_client_hear(struct tls_client *c, size_t most);
void tls_client_say(struct tls_client *c, const char *text);
#endif
