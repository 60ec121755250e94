/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The head of an HTTP/1.1 response (RFC 9112), read byte by byte, strictly: what is doubtful is refused, never guessed.
 * Refused: bare CR or LF, folded headers, white space before the colon, Transfer-Encoding, Content-Encoding other than
 * identity, a missing, doubled, signed or too large Content-Length, control characters, heads over the limits. A redirection needs
 * no length: its body is never read.
 */
#ifndef APP_HTTP_H
#define APP_HTTP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_LINE_MOST 256u  /* bytes of one header line without its end */
#define HTTP_HEAD_MOST 2048u /* bytes of the whole head */
#define HTTP_LINES_MOST 32u
#define HTTP_LOCATION_MOST 128u

enum http_result { HTTP_MORE, HTTP_READY, HTTP_BAD_HEAD, HTTP_BAD_LENGTH };

struct http_head {
    int status;
    uint32_t length;                /* bytes of body; 0 with 204 and 304 */
    bool has_range;
    uint32_t first, last, total;    /* Content-Range: bytes first-last/total */
    uint32_t retry_after;           /* seconds from now, at most HTTP_RETRY_MOST; 0: absent or not understood */
    bool redirect;                  /* status 301, 302, 303, 307 or 308 */
    char location[HTTP_LOCATION_MOST]; /* of a redirection; "": none, more than one, or too long */
};
#define HTTP_RETRY_MOST 90u

struct http_parser {
    struct http_head head;
    enum http_result result;
    bool has_length, has_location, after_cr;
    uint32_t date, retry_date;      /* Date and Retry-After as moments; 0: absent */
    unsigned lines, bytes, used;
    char line[HTTP_LINE_MOST + 1];
};

void http_init(struct http_parser *p);
/* Reads up to n bytes; *used tells how many belonged to the head (the body starts behind them). HTTP_MORE: all used, give more.
 * After another result no more bytes are taken. */
enum http_result http_feed(struct http_parser *p, const uint8_t *bytes, size_t n, size_t *used);

/* A date as servers send it (RFC 9110 §5.6.7, IMF-fixdate): "Sun, 06 Nov 1994 08:49:37 GMT". */
bool http_date(const char *text, uint32_t *unix_s);
/* A decimal number of at most 10 digits and UINT32_MAX, nothing else in text: true and *out. */
bool http_number(const char *text, uint32_t *out);
#endif
