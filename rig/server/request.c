/* SPDX-License-Identifier: GPL-3.0-or-later
 * Requests by http-parser (its only includer). The library checks the syntax; limits, methods and versions are checked here. */
#include "server/request.h"

#include <http_parser.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAME_MOST = 32 };

struct request_parser {
    http_parser http;
    char name[NAME_MOST + 1];
    size_t name_size;
    char *value; /* where the value of this header goes, NULL: nowhere */
    size_t value_size;
    bool in_value;
};

static struct request *of(http_parser *p)
{
    return p->data;
}

static int refuse(struct request *r, int status, const char *why)
{
    if (r->state != REQUEST_BAD) {
        r->status = status;
        r->why = why;
    }
    r->state = REQUEST_BAD;
    return -1;
}

static int on_url(http_parser *p, const char *at, size_t n)
{
    struct request *r = of(p);
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)at[i] <= 0x20 || (unsigned char)at[i] >= 0x7f)
            return refuse(r, 400, "the path is not printable ASCII");
    buf_add(&r->path, at, n);
    return 0;
}

static int on_name(http_parser *p, const char *at, size_t n)
{
    struct request_parser *q = of(p)->parser;
    of(p)->line = true;
    of(p)->method = http_method_str((enum http_method)p->method);
    if (q->in_value)
        q->name_size = 0;
    q->in_value = false;
    for (size_t i = 0; i < n; i++, q->name_size++)
        if (q->name_size < NAME_MOST)
            q->name[q->name_size] = at[i];
    q->name[q->name_size < NAME_MOST ? q->name_size : NAME_MOST] = '\0';
    return 0;
}

static char *place(struct request *r)
{
    const struct request_parser *q = r->parser;
    const struct { const char *name; char *value; } known[] = {
        {"range", r->range}, {"if-range", r->if_range}, {"host", r->host}, {"expect", r->expect}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcasecmp(q->name, known[i].name) == 0)
            return known[i].value;
    return NULL;
}

/* A value that is too long is no value: what it says cannot be what a rig's peer means. */
static int on_value(http_parser *p, const char *at, size_t n)
{
    struct request *r = of(p);
    struct request_parser *q = r->parser;
    if (!q->in_value) {
        q->value = place(r);
        q->value_size = 0;
        if (q->value)
            q->value[0] = '\0';
    }
    q->in_value = true;
    if (!q->value)
        return 0;
    if (n >= REQUEST_VALUE_MOST - q->value_size) {
        q->value[0] = '\0';
        q->value = NULL;
        return 0;
    }
    memcpy(q->value + q->value_size, at, n);
    q->value_size += n;
    q->value[q->value_size] = '\0';
    return 0;
}

static int on_headers(http_parser *p)
{
    struct request *r = of(p);
    r->line = true;
    r->method = http_method_str((enum http_method)p->method);
    if (p->http_major != 1 || p->http_minor > 1)
        return refuse(r, 505, "not HTTP/1.0 or HTTP/1.1");
    if (r->path.size == 0 || r->path.data[0] != '/')
        return refuse(r, 400, "the path does not begin with /");
    if (p->flags & F_CONTENTLENGTH && p->content_length > REQUEST_BODY_MOST)
        return refuse(r, 413, "the body is too large");
    if (r->expect[0] && strcasecmp(r->expect, "100-continue") != 0)
        return refuse(r, 417, "an expectation that is not known");
    r->expects = r->expect[0] != '\0';
    return 0;
}

static int on_body(http_parser *p, const char *at, size_t n)
{
    struct request *r = of(p);
    if (n > REQUEST_BODY_MOST - r->body.size)
        return refuse(r, 413, "the body is too large");
    buf_add(&r->body, at, n);
    return 0;
}

static int on_complete(http_parser *p)
{
    struct request *r = of(p);
    r->state = REQUEST_READY;
    r->keep_alive = http_should_keep_alive(p);
    http_parser_pause(p, 1);
    return 0;
}

static const http_parser_settings settings = {.on_url = on_url, .on_header_field = on_name, .on_header_value = on_value,
                                              .on_headers_complete = on_headers, .on_body = on_body, .on_message_complete = on_complete};

void request_init(struct request *r)
{
    *r = (struct request){.parser = mem_new(sizeof *r->parser), .method = ""};
    http_parser_set_max_header_size(REQUEST_HEADERS_MOST);
    http_parser_init(&r->parser->http, HTTP_REQUEST);
    r->parser->http.data = r;
    r->parser->in_value = true; /* the first name starts anew */
}

void request_free(struct request *r)
{
    buf_free(&r->path);
    buf_free(&r->body);
    free(r->parser);
    r->parser = NULL;
}

size_t request_feed(struct request *r, const void *bytes, size_t n)
{
    http_parser *p = &r->parser->http;
    if (r->state != REQUEST_MORE || n == 0)
        return 0;
    size_t taken = http_parser_execute(p, &settings, bytes, n);
    enum http_errno error = HTTP_PARSER_ERRNO(p);
    if (r->state == REQUEST_READY && p->upgrade)
        refuse(r, 400, "an upgrade or a tunnel");
    else if (error == HPE_HEADER_OVERFLOW)
        refuse(r, 431, "the headers are too large");
    else if (error != HPE_OK && error != HPE_PAUSED)
        refuse(r, 400, http_errno_description(error));
    return taken;
}

void request_give_up(struct request *r)
{
    refuse(r, 408, "the request did not become whole in time");
}

void request_next(struct request *r)
{
    buf_clear(&r->path);
    buf_clear(&r->body);
    r->range[0] = r->if_range[0] = r->host[0] = r->expect[0] = '\0';
    r->expects = r->line = false;
    r->state = REQUEST_MORE;
    r->parser->in_value = true;
    http_parser_pause(&r->parser->http, 0);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A plus is a plus (RFC 3986): versions have one. */
static bool decode(const char *from, const char *end, char *out, size_t room)
{
    size_t n = 0;
    for (; from < end; from++) {
        int c = (unsigned char)*from;
        if (c == '%') {
            int high = end - from > 2 ? hex_digit(from[1]) : -1, low = high < 0 ? -1 : hex_digit(from[2]);
            c = low < 0 ? 0 : high * 16 + low;
            from += 2;
        }
        if (c == 0 || n + 1 >= room)
            return false;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return true;
}

bool request_query(const char *path, const char *name, char *out, size_t room)
{
    size_t size = strlen(name);
    const char *p = strchr(path, '?');
    while (p) {
        p++;
        const char *end = p + strcspn(p, "&#");
        if ((size_t)(end - p) > size && strncmp(p, name, size) == 0 && p[size] == '=')
            return decode(p + size + 1, end, out, room);
        p = *end == '&' ? end : NULL;
    }
    return false;
}

/* Digits, at least one; UINT64_MAX stands for more. */
static const char *range_number(const char *p, uint64_t *out)
{
    uint64_t x = 0;
    if (*p < '0' || *p > '9')
        return NULL;
    for (; *p >= '0' && *p <= '9'; p++)
        x = x > (UINT64_MAX - 9) / 10 ? UINT64_MAX : x * 10 + (uint64_t)(*p - '0');
    *out = x;
    return p;
}

bool request_range(const char *value, uint64_t size, uint64_t *from, uint64_t *to)
{
    uint64_t a, b = UINT64_MAX;
    if (strncasecmp(value, "bytes=", 6) != 0)
        return false;
    const char *p = value + 6;
    if (*p == '-') { /* the last so many */
        p = range_number(p + 1, &a);
        if (!p || *p)
            return false;
        *from = a < size ? size - a : 0;
        *to = size;
        return true;
    }
    p = range_number(p, &a);
    if (!p || *p++ != '-')
        return false;
    if (*p && (!(p = range_number(p, &b)) || *p || b < a))
        return false;
    *from = a;
    *to = b < size ? b + 1 : size;
    return true;
}
