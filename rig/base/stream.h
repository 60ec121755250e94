/* SPDX-License-Identifier: GPL-3.0-or-later
 * A byte stream: what the update server is written against. The in-process TCP/IP stack and kernel sockets both offer it.
 * The owner of the transport calls the handler; the handler calls the stream. All on one thread, never blocking. */
#ifndef BASE_STREAM_H
#define BASE_STREAM_H
#include <stddef.h>
#include <stdint.h>

struct stream;

/* What a stream that is encrypted can do wrong with what follows: of TLS. */
enum stream_spoil {
    STREAM_NO_NOTIFY,   /* it will end without close_notify */
    STREAM_HALF_RECORD, /* it will end so, and in the middle of a record */
    STREAM_BAD_MAC,     /* a bit of the next record's authentication tag will be flipped */
    STREAM_LONG_RECORD, /* a record longer than the protocol allows comes now */
    STREAM_CLEARTEXT,   /* a close_notify that is not encrypted comes now */
    STREAM_REKEY        /* new keys (KeyUpdate) come now, and the peer is asked for its own: allowed */
};

struct stream_ops {
    size_t (*room)(struct stream *s);                           /* bytes that write takes now */
    size_t (*write)(struct stream *s, const void *p, size_t n); /* takes up to room bytes; returns how many */
    void (*close)(struct stream *s);                            /* orderly: FIN after what was written; s is gone */
    void (*reset)(struct stream *s);                            /* RST now; s is gone */
    void (*spoil)(struct stream *s, enum stream_spoil how);     /* NULL: nothing to spoil on a plain stream */
};

struct stream {
    const struct stream_ops *ops;
    void *user; /* the handler's */
};

enum stream_end { STREAM_PEER_CLOSED, STREAM_PEER_RESET, STREAM_TIMED_OUT };

/* What a listener gives the transport. accept sets s->user; after ended the stream is gone. acked: bytes that the peer's TCP has taken. */
struct stream_handler {
    void *ctx;
    void (*accept)(void *ctx, struct stream *s);
    void (*received)(void *ctx, struct stream *s, const void *p, size_t n);
    void (*writable)(void *ctx, struct stream *s, size_t acked);
    void (*ended)(void *ctx, struct stream *s, enum stream_end how);
};

#endif
