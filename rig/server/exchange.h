/* SPDX-License-Identifier: GPL-3.0-or-later
 * One request and its answer: what the honest server would say, and what is said in the end. */
#ifndef SERVER_EXCHANGE_H
#define SERVER_EXCHANGE_H
#include "base/buf.h"
#include "base/stream.h"

#include <stdbool.h>
#include <stdint.h>

struct manifest;
struct site;

enum exchange_end { EXCHANGE_KEEP, EXCHANGE_CLOSE, EXCHANGE_RESET };
enum { EXCHANGE_FLIPS_MOST = 4096 };

struct exchange_flip {
    uint64_t at; /* byte of the body */
    uint8_t mask;
};

struct exchange {
    unsigned n; /* number of the request */
    const struct site *site; /* while the answer is made */
    const char *method;
    char *path;
    char *device;  /* its id, NULL when it is not known */
    char *file;    /* name of the image asked for, NULL when it is not one */
    bool is_image; /* the body is that image's */

    /* what is asked for */
    bool ranged;
    bool asked;          /* for the record: a range was asked for, */
    uint64_t asked_from; /* from this byte */
    uint64_t from, to;   /* what is served: [from, to) of the file */
    int64_t shift;       /* added to the bytes served, not to what the headers say */
    bool force;          /* offer whether newer or not */
    struct manifest *manifest; /* while the answer is made, of a manifest or a key set; else NULL */
    struct buf *signed_text;   /* while it is made: what is signed */

    /* the answer */
    int status;
    char date[40];        /* of the Date header; "": none */
    const char *reason;   /* of the status line; NULL: the usual one */
    const char *type;     /* Content-Type, NULL: none */
    struct buf headers;   /* further lines, each with CR LF */
    struct buf made;      /* the body when it was made here */
    const uint8_t *body;  /* into made, or the offered file */
    uint64_t size;        /* the honest body */
    const char *length;   /* Content-Length as said instead of the honest one; "" leaves it out; points into length_text or is static */
    char length_text[24];
    uint64_t announced;   /* for the record: the honest length where what is said is no number */
    bool says_close;      /* Connection: close */

    /* the connection */
    uint64_t send;        /* body bytes that will be sent; more than size: over and over again */
    enum exchange_end end;
    const char *word;     /* of the record, when every byte is sent and taken */
    struct exchange_flip *flips; /* sorted by position */
    size_t flip_count;
    uint64_t stall_at, stall_ns; /* silence once so many bytes are taken; stall_ns 0: for ever; stall_at UINT64_MAX: never */
    bool spoils;                   /* of TLS, once so many bytes are handed over */
    enum stream_spoil spoil;
    uint64_t spoil_at;
    uint64_t drip_bytes, drip_ns; /* so many bytes at a time; drip_bytes 0: no drip */
    struct buf attacks;   /* names of those that acted, with + between */
};

void exchange_free(struct exchange *x);
/* Answers with a body made here: status, type, and the text in made. */
void exchange_answer(struct exchange *x, int status, const char *type, const char *text);
void exchange_body(struct exchange *x, const void *bytes, size_t n); /* the body made here, of any bytes */
void exchange_header(struct exchange *x, const char *name, const char *value);
void exchange_date(uint64_t unix_s, char out[40]); /* IMF-fixdate (RFC 9110, 5.6.7) */
void exchange_print_head(const struct exchange *x, struct buf *out); /* the status line and all headers */

#endif
