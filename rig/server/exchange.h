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
enum exchange_part { EXCHANGE_HEAD, EXCHANGE_BODY, EXCHANGE_PARTS };
enum { EXCHANGE_STALLS = 8, EXCHANGE_ACTS = 16 };
#define EXCHANGE_NEVER UINT64_MAX

/* Silence once the client has taken so many bytes of a part. */
struct exchange_stall { enum exchange_part part; uint64_t at, ns; /* ns 0: for ever */ };
/* So many bytes at a time; bytes 0: as fast as it goes. */
struct exchange_pace { uint64_t bytes, ns; };
/* An attack that acts on this answer, and what the client must have taken before it is delivered; at 0: whatever it sees first. */
struct exchange_act { const char *name; enum exchange_part part; uint64_t at; };
/* What is wrong with a body in chunks (RFC 9112, 7.1). */
enum exchange_chunks {
    CHUNKS_VALID, CHUNKS_BAD_SIZE, CHUNKS_NEGATIVE, CHUNKS_HUGE, CHUNKS_OVERFLOW, CHUNKS_TOO_LONG, CHUNKS_NO_CRLF, CHUNKS_NO_END,
    CHUNKS_EXTENSION, CHUNKS_TRAILER
};

struct exchange {
    unsigned n; /* number of the request */
    struct site *site;   /* while the answer is made */
    const char *method;
    char *path;          /* "*": answered before it was known */
    uint64_t came;       /* bytes of the request that had come, of an answer before it was whole; else 0 */
    char *device;        /* its id, NULL when it is not known */
    char *host;          /* as the client names it, NULL: not */
    char *file;          /* name of the image asked for, NULL when it is not one */
    bool is_image;       /* the body is that image's */

    /* what is asked for */
    bool ranged;
    bool asked;          /* for the record: a range was asked for, */
    uint64_t asked_from; /* from this byte */
    uint64_t from, to;   /* what is served: [from, to) of the file */
    uint64_t total;      /* size of the file */
    int64_t shift;       /* added to the bytes served, not to what the headers say */
    const struct offer_file *swap; /* served instead of the one asked for; NULL: that one */
    bool force;          /* offer whether newer or not */
    struct manifest *manifest; /* while the answer is made, of a manifest or a key set; else NULL */
    struct buf *signed_text;   /* while it is made: what is signed */

    /* the answer */
    int status;
    char *status_line;    /* instead of the usual one, without its end; NULL: the usual one */
    char date[40];        /* of the Date header; "": none */
    char *type;           /* Content-Type; NULL: none */
    struct buf headers;   /* further lines, each with CR LF */
    char *range;          /* Content-Range; NULL: none */
    char *etag;           /* ETag with its quotes; NULL: none */
    struct buf made;      /* the body when it was made here */
    const uint8_t *body;  /* into made, or the offered file */
    uint64_t size;        /* the honest body */
    char *length;         /* Content-Length as said instead of the honest one; "": none; NULL: the honest one */
    uint64_t announced;   /* for the record: the honest length where what is said is no number */
    bool says_close;      /* Connection: close */
    bool no_body;         /* the answer to HEAD */
    bool chunked;         /* in chunks of chunk_size bytes */
    uint64_t chunk_size;
    enum exchange_chunks chunks;
    struct buf head;      /* status line and headers as they are sent */
    bool endless_head;    /* headers without end behind it */
    struct buf tail;      /* bytes behind the body that are none of it */

    /* the connection */
    uint64_t cut_at;      /* the body ends there whatever was said; EXCHANGE_NEVER: nowhere */
    bool repeat;          /* the body begins again, for ever */
    enum exchange_end end;
    const char *word;     /* of the record, when every byte is sent and taken */
    struct exchange_stall stall[EXCHANGE_STALLS]; /* in the order of their bytes */
    unsigned stalls;
    struct exchange_pace pace[EXCHANGE_PARTS];
    bool spoils;                   /* of TLS, once so many bytes are handed over */
    enum stream_spoil spoil;
    uint64_t spoil_at;
    struct exchange_act act[EXCHANGE_ACTS];
    unsigned acts;
};

struct exchange *exchange_new(unsigned n, const char *method, const char *path);
void exchange_free(struct exchange *x);
/* Answers with a body made here: status, type, and the text in made. Forgets all headers. */
void exchange_answer(struct exchange *x, int status, const char *type, const char *text);
void exchange_body(struct exchange *x, const void *bytes, size_t n); /* the body made here, of any bytes */
uint8_t *exchange_own(struct exchange *x); /* the body's bytes, from now on the exchange's own, to be changed in place */
void exchange_header(struct exchange *x, const char *name, const char *value);
void exchange_set(char **field, const char *value); /* a text of the exchange; value NULL: none */
void exchange_length(struct exchange *x, const char *text); /* Content-Length as said; "": none */
void exchange_cut(struct exchange *x, uint64_t at, enum exchange_end end, const char *word); /* the earliest cut counts */
void exchange_stall(struct exchange *x, enum exchange_part part, uint64_t at, uint64_t ns);
uint64_t exchange_total(const struct exchange *x); /* body bytes that will be sent; EXCHANGE_NEVER: without end */
void exchange_date(uint64_t unix_s, char out[40]); /* IMF-fixdate (RFC 9110, 5.6.7) */
void exchange_print_head(struct exchange *x);      /* into head: the status line and all headers */

#endif
