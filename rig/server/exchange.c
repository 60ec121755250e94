/* SPDX-License-Identifier: GPL-3.0-or-later
 * The head of an answer. Its date is the calendar's of the site: the same inputs give the same bytes. */
#include "server/exchange.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void exchange_free(struct exchange *x)
{
    if (!x)
        return;
    free(x->path);
    free(x->device);
    free(x->file);
    free(x->flips);
    buf_free(&x->headers);
    buf_free(&x->made);
    buf_free(&x->attacks);
    free(x);
}

void exchange_answer(struct exchange *x, int status, const char *type, const char *text)
{
    x->status = status;
    x->type = type;
    buf_clear(&x->headers);
    exchange_body(x, text, text ? strlen(text) : 0);
    x->is_image = false;
}

void exchange_body(struct exchange *x, const void *bytes, size_t n)
{
    buf_clear(&x->made);
    if (n)
        buf_add(&x->made, bytes, n);
    x->body = (const uint8_t *)buf_text(&x->made);
    x->size = x->send = x->announced = n;
}

void exchange_header(struct exchange *x, const char *name, const char *value)
{
    buf_printf(&x->headers, "%s: %s\r\n", name, value);
}

void exchange_date(uint64_t unix_s, char out[40])
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t t = (time_t)unix_s;
    struct tm tm;
    gmtime_r(&t, &tm);
    snprintf(out, 40, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[unix_s / 86400 % 7], tm.tm_mday, months[tm.tm_mon],
             (tm.tm_year + 1900) % 10000, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static const char *reason(int status)
{
    static const struct { int status; const char *reason; } known[] = {
        {200, "OK"}, {204, "No Content"}, {206, "Partial Content"}, {301, "Moved Permanently"}, {302, "Found"}, {307, "Temporary Redirect"},
        {308, "Permanent Redirect"}, {400, "Bad Request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
        {405, "Method Not Allowed"}, {413, "Content Too Large"}, {416, "Range Not Satisfiable"}, {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"}, {500, "Internal Server Error"}, {502, "Bad Gateway"}, {503, "Service Unavailable"},
        {504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].status == status)
            return known[i].reason;
    return "Status";
}

void exchange_print_head(const struct exchange *x, struct buf *out)
{
    buf_printf(out, "HTTP/1.1 %d %s\r\nServer: otarig\r\n", x->status, x->reason ? x->reason : reason(x->status));
    if (*x->date)
        buf_printf(out, "Date: %s\r\n", x->date);
    if (x->type)
        buf_printf(out, "Content-Type: %s\r\n", x->type);
    if (x->length && *x->length)
        buf_printf(out, "Content-Length: %s\r\n", x->length);
    else if (!x->length && x->status != 204)
        buf_printf(out, "Content-Length: %" PRIu64 "\r\n", x->size);
    if (x->headers.size)
        buf_add(out, x->headers.data, x->headers.size);
    buf_str(out, x->says_close ? "Connection: close\r\n\r\n" : "\r\n");
}
