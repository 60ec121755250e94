/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libFuzzer: any bytes as a response head, whole and in pieces; both must agree.
 */
#include <stdlib.h>
#include <string.h>
#include "http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum http_result parse(const uint8_t *data, size_t size, size_t piece, struct http_parser *p, size_t *total)
{
    size_t used;
    *total = 0;
    http_init(p);
    while (*total < size && p->result == HTTP_MORE) {
        size_t n = size - *total < piece ? size - *total : piece;
        http_feed(p, data + *total, n, &used);
        *total += used;
    }
    return p->result;
}

static bool same(const struct http_head *a, const struct http_head *b)
{
    return a->status == b->status && a->length == b->length && a->has_range == b->has_range && a->first == b->first &&
           a->last == b->last && a->total == b->total && a->retry_after == b->retry_after && a->redirect == b->redirect &&
           strcmp(a->location, b->location) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct http_parser a, b;
    size_t used_a, used_b;
    if (parse(data, size, size + 1, &a, &used_a) != parse(data, size, 3, &b, &used_b) || used_a != used_b)
        abort();
    if (a.result == HTTP_READY && (!same(&a.head, &b.head) || used_a > HTTP_HEAD_MOST))
        abort();
    if (a.result == HTTP_READY && a.head.has_range && (a.head.first > a.head.last || a.head.last >= a.head.total))
        abort();
    if (a.result == HTTP_READY && (a.head.retry_after > HTTP_RETRY_MOST || strlen(a.head.location) >= HTTP_LOCATION_MOST))
        abort();
    return 0;
}
