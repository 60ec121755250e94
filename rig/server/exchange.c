/* SPDX-License-Identifier: GPL-3.0-or-later
 * An answer's parts. Its date is the calendar's of the site: the same inputs give the same bytes. */
#include "server/exchange.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct exchange *exchange_new(unsigned n, const char *method, const char *path)
{
    struct exchange *x = mem_new(sizeof *x);
    x->n = n;
    x->method = method;
    x->path = mem_str(path);
    x->cut_at = EXCHANGE_NEVER;
    x->word = "complete";
    return x;
}

void exchange_free(struct exchange *x)
{
    if (!x)
        return;
    char *const texts[] = {x->path, x->device, x->host, x->file, x->status_line, x->type, x->range, x->etag, x->length};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free(texts[i]);
    buf_free(&x->headers);
    buf_free(&x->made);
    buf_free(&x->head);
    buf_free(&x->tail);
    free(x);
}

void exchange_set(char **field, const char *value)
{
    char *copy = value ? mem_str(value) : NULL;
    free(*field);
    *field = copy;
}

void exchange_answer(struct exchange *x, int status, const char *type, const char *text)
{
    x->status = status;
    exchange_set(&x->type, type);
    exchange_set(&x->range, NULL);
    exchange_set(&x->etag, NULL);
    exchange_set(&x->length, NULL);
    buf_clear(&x->headers);
    exchange_body(x, text, text ? strlen(text) : 0);
    x->is_image = false;
}

void exchange_body(struct exchange *x, const void *bytes, size_t n)
{
    struct buf made = {0};
    if (n)
        buf_add(&made, bytes, n); /* bytes may be the old body's */
    buf_free(&x->made);
    x->made = made;
    x->body = (const uint8_t *)buf_text(&x->made);
    x->size = x->announced = n;
}

uint8_t *exchange_own(struct exchange *x)
{
    uint64_t announced = x->announced;
    if (x->size && x->body != (const uint8_t *)x->made.data) {
        exchange_body(x, x->body, (size_t)x->size);
        x->announced = announced;
    }
    return (uint8_t *)x->made.data;
}

void exchange_header(struct exchange *x, const char *name, const char *value)
{
    buf_printf(&x->headers, "%s: %s\r\n", name, value);
}

void exchange_length(struct exchange *x, const char *text)
{
    exchange_set(&x->length, text);
}

void exchange_cut(struct exchange *x, uint64_t at, enum exchange_end end, const char *word)
{
    if (at >= x->cut_at)
        return;
    x->cut_at = at;
    x->end = end;
    x->word = word;
}

static bool before(const struct exchange_stall *a, const struct exchange_stall *b)
{
    return a->part != b->part ? a->part < b->part : a->at < b->at;
}

void exchange_stall(struct exchange *x, enum exchange_part part, uint64_t at, uint64_t ns)
{
    struct exchange_stall new = {part, at, ns};
    unsigned i = x->stalls;
    if (i == EXCHANGE_STALLS)
        return;
    for (; i > 0 && before(&new, &x->stall[i - 1]); i--)
        x->stall[i] = x->stall[i - 1];
    x->stall[i] = new;
    x->stalls++;
}

uint64_t exchange_total(const struct exchange *x)
{
    uint64_t size = x->repeat && x->size ? EXCHANGE_NEVER : x->size;
    if (x->no_body)
        return 0;
    return size < x->cut_at ? size : x->cut_at;
}

/* --- the head --- */

void exchange_date(uint64_t unix_s, char out[40])
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t t = (time_t)(unix_s % UINT64_C(253402300800)); /* until the end of 9999 */
    struct tm tm;
    gmtime_r(&t, &tm);
    snprintf(out, 40, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[t / 86400 % 7], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
             tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static const char *reason(int status)
{
    static const struct { int status; const char *reason; } known[] = {
        {200, "OK"}, {204, "No Content"}, {206, "Partial Content"}, {301, "Moved Permanently"}, {302, "Found"}, {303, "See Other"},
        {304, "Not Modified"}, {307, "Temporary Redirect"}, {308, "Permanent Redirect"}, {400, "Bad Request"}, {401, "Unauthorized"},
        {403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"}, {408, "Request Timeout"}, {410, "Gone"},
        {413, "Content Too Large"}, {416, "Range Not Satisfiable"}, {417, "Expectation Failed"}, {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"}, {500, "Internal Server Error"}, {502, "Bad Gateway"}, {503, "Service Unavailable"},
        {504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].status == status)
            return known[i].reason;
    return "Status";
}

static void print_length(const struct exchange *x, struct buf *out)
{
    if (x->length && *x->length)
        buf_printf(out, "Content-Length: %s\r\n", x->length);
    else if (!x->length && !x->chunked && x->status != 204 && x->status != 304)
        buf_printf(out, "Content-Length: %" PRIu64 "\r\n", x->size);
    if (x->chunked)
        buf_str(out, "Transfer-Encoding: chunked\r\n");
}

static void print_header(struct buf *out, const char *name, const char *value)
{
    if (value && *value)
        buf_printf(out, "%s: %s\r\n", name, value);
}

void exchange_print_head(struct exchange *x)
{
    struct buf *out = &x->head;
    buf_clear(out);
    if (x->status_line)
        buf_printf(out, "%s\r\n", x->status_line);
    else
        buf_printf(out, "HTTP/1.1 %d %s\r\n", x->status, reason(x->status));
    buf_str(out, "Server: otarig\r\n");
    print_header(out, "Date", x->date);
    print_header(out, "Content-Type", x->type);
    print_length(x, out);
    if (x->headers.size)
        buf_add(out, x->headers.data, x->headers.size);
    print_header(out, "Content-Range", x->range);
    if (x->is_image)
        print_header(out, "Accept-Ranges", "bytes");
    print_header(out, "ETag", x->etag);
    buf_str(out, x->says_close ? "Connection: close\r\n\r\n" : "\r\n");
}
