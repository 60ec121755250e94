/* SPDX-License-Identifier: GPL-3.0-or-later
 * HTTP/1.x requests out of a byte stream, within limits (RFC 9112). */
#ifndef SERVER_REQUEST_H
#define SERVER_REQUEST_H
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REQUEST_HEADERS_MOST = 8 * 1024, REQUEST_BODY_MOST = 64 * 1024, REQUEST_VALUE_MOST = 128 };
enum request_state { REQUEST_MORE, REQUEST_READY, REQUEST_BAD };

struct request_parser;

struct request {
    struct request_parser *parser; /* request.c's own */
    enum request_state state;
    bool line;          /* the request line is whole: method and path are known */
    const char *method; /* "GET" …, static */
    struct buf path;    /* with its query; printable ASCII */
    struct buf body;
    /* header values, "" when absent or longer */
    char range[REQUEST_VALUE_MOST], if_range[REQUEST_VALUE_MOST], host[REQUEST_VALUE_MOST], expect[REQUEST_VALUE_MOST];
    bool expects; /* it waits for 100 Continue before it sends its body */
    bool keep_alive;
    int status;      /* REQUEST_BAD: the answer it deserves */
    const char *why; /* REQUEST_BAD: static text */
};

void request_init(struct request *r);
void request_free(struct request *r);
/* Takes bytes until a request is whole or spoiled; returns how many. Nothing more is taken until request_next. */
size_t request_feed(struct request *r, const void *bytes, size_t n);
void request_give_up(struct request *r); /* it came too slowly: REQUEST_BAD */
void request_next(struct request *r); /* after REQUEST_READY: makes room for the next on the same connection */

/* Value of a name in the path's query, percent-decoded, into room bytes; false when absent, too long or not decodable. */
bool request_query(const char *path, const char *name, char *out, size_t room);
/* "bytes=A-B", "bytes=A-", "bytes=-N" against a size: the range [*from, *to). True when one range was asked for in right syntax; a
 * range that lies outside gives *from >= size or *from == *to. Several ranges or bad syntax: false, to be ignored (RFC 9110, 14.2). */
bool request_range(const char *value, uint64_t size, uint64_t *from, uint64_t *to);

#endif
