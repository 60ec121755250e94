/* SPDX-License-Identifier: GPL-3.0-or-later
 * The head of an answer. No Date header: the same inputs give the same bytes. */
#include "server/exchange.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void exchange_free(struct exchange *x)
{
    if (!x)
        return;
    free(x->path);
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
    buf_clear(&x->made);
    if (text)
        buf_str(&x->made, text);
    x->body = (const uint8_t *)buf_text(&x->made);
    x->size = x->send = x->announced = x->made.size;
    x->is_image = false;
}

void exchange_header(struct exchange *x, const char *name, const char *value)
{
    buf_printf(&x->headers, "%s: %s\r\n", name, value);
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
