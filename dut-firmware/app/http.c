/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The response head of http.h.
 */
#include "http.h"
#include <string.h>
#include "calendar.h"
#include "clock.h"

void http_init(struct http_parser *p)
{
    memset(p, 0, sizeof *p);
}

/* Reads digits at *text, moves it on. */
static bool take_number(const char **text, uint32_t *out)
{
    uint64_t value = 0;
    unsigned n = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++) {
        if (++n > 10)
            return false;
        value = value * 10 + (uint64_t)(**text - '0');
    }
    if (n == 0 || value > UINT32_MAX)
        return false;
    *out = (uint32_t)value;
    return true;
}

bool http_number(const char *text, uint32_t *out)
{
    return take_number(&text, out) && *text == '\0';
}

bool http_date(const char *text, uint32_t *unix_s)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct calendar c = {0};
    unsigned century;
    if (strlen(text) != 29 || memcmp(text + 3, ", ", 2) != 0 || strcmp(text + 25, " GMT") != 0)
        return false;
    for (unsigned m = 0; m < 12; m++)
        if (memcmp(text + 8, months[m], 3) == 0)
            c.month = m + 1;
    const char *day = text + 5, *year = text + 12, *hour = text + 17, *minute = text + 20, *second = text + 23;
    if (text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':')
        return false;
    if (!calendar_digits(&day, &c.day) || !calendar_digits(&year, &century) || !calendar_digits(&year, &c.year) ||
        !calendar_digits(&hour, &c.hour) || !calendar_digits(&minute, &c.minute) || !calendar_digits(&second, &c.second))
        return false;
    c.year += century * 100;
    return calendar_seconds(&c, unix_s);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool same_word(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b))
        a++, b++;
    return lower(*a) == lower(*b);
}

/* RFC 9110 §5.6.2: characters of a header's name. */
static bool token_char(char c)
{
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* "HTTP/1.1 200 reason" */
static bool status_line(struct http_parser *p, const char *line)
{
    if (strncmp(line, "HTTP/1.", 7) != 0 || (line[7] != '1' && line[7] != '0') || line[8] != ' ')
        return false;
    int status = 0;
    for (unsigned i = 9; i < 12; i++) {
        if (line[i] < '0' || line[i] > '9')
            return false;
        status = status * 10 + (line[i] - '0');
    }
    p->head.status = status;
    p->head.redirect = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    /* Interim responses (1xx) are never asked for: a second head in one response is a smuggler's. */
    return status >= 200 && status <= 599 && (line[12] == '\0' || line[12] == ' ');
}

/* "bytes first-last/total"; a total of * says too little to resume on. */
static bool content_range(struct http_parser *p, const char *v)
{
    struct http_head *h = &p->head;
    if (h->has_range || strncmp(v, "bytes ", 6) != 0)
        return false;
    v += 6;
    if (!take_number(&v, &h->first) || *v++ != '-' || !take_number(&v, &h->last) || *v++ != '/' || !take_number(&v, &h->total))
        return false;
    h->has_range = true;
    return *v == '\0' && h->first <= h->last && h->last < h->total;
}

/* Two places to go are none. */
static void location(struct http_parser *p, const char *value)
{
    size_t n = strlen(value);
    char *to = p->head.location;
    if (p->has_location || n >= HTTP_LOCATION_MOST)
        n = 0;
    memcpy(to, value, n);
    to[n] = '\0';
    p->has_location = true;
}

static void retry_after(struct http_parser *p, const char *value)
{
    bool number = *value && value[strspn(value, "0123456789")] == '\0';
    if (number && !http_number(value, &p->head.retry_after))
        p->head.retry_after = HTTP_RETRY_MOST; /* centuries */
    else if (!number && !http_date(value, &p->retry_date))
        p->head.retry_after = p->retry_date = 0;
}

static enum http_result header(struct http_parser *p, const char *name, const char *value)
{
    if (same_word(name, "content-length")) {
        if (p->has_length || !http_number(value, &p->head.length))
            return HTTP_BAD_LENGTH;
        p->has_length = true;
    } else if (same_word(name, "content-range")) {
        return content_range(p, value) ? HTTP_MORE : HTTP_BAD_LENGTH;
    } else if (same_word(name, "transfer-encoding")) {
        return HTTP_BAD_LENGTH;
    } else if (same_word(name, "content-encoding")) {
        return same_word(value, "identity") ? HTTP_MORE : HTTP_BAD_HEAD;
    } else if (same_word(name, "retry-after")) {
        retry_after(p, value);
    } else if (same_word(name, "date")) {
        (void)http_date(value, &p->date);
    } else if (same_word(name, "location")) {
        location(p, value);
    }
    return HTTP_MORE;
}

/* Cuts a line into name and value in place. */
static enum http_result header_line(struct http_parser *p)
{
    char *colon = p->line;
    while (token_char(*colon))
        colon++;
    if (colon == p->line || *colon != ':')
        return HTTP_BAD_HEAD;
    *colon = '\0';
    char *value = colon + 1, *end = p->line + p->used;
    while (*value == ' ' || *value == '\t')
        value++;
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        *--end = '\0';
    return header(p, p->line, value);
}

/* The two dates of one response give a time between them whoever's clock is wrong; the calendar stands in for the first. Neither
 * sets anything. */
static void settle_retry(struct http_parser *p)
{
    uint32_t now = p->date != 0 ? p->date : clock_now(), *after = &p->head.retry_after;
    if (p->retry_date > now)
        *after = p->retry_date - now;
    if (*after > HTTP_RETRY_MOST)
        *after = HTTP_RETRY_MOST;
}

static enum http_result head_over(struct http_parser *p)
{
    settle_retry(p);
    if (p->head.redirect) {
        p->head.length = 0;
        return HTTP_READY;
    }
    bool bodyless = p->head.status == 204 || p->head.status == 304;
    if (bodyless && p->has_length && p->head.length != 0)
        return HTTP_BAD_LENGTH;
    if (!bodyless && !p->has_length)
        return HTTP_BAD_LENGTH;
    return HTTP_READY;
}

static enum http_result line_over(struct http_parser *p)
{
    enum http_result r = HTTP_MORE;
    p->line[p->used] = '\0';
    if (p->lines == 0)
        r = status_line(p, p->line) ? HTTP_MORE : HTTP_BAD_HEAD;
    else
        r = p->used == 0 ? head_over(p) : header_line(p);
    p->used = 0;
    if (++p->lines > HTTP_LINES_MOST && r == HTTP_MORE)
        return HTTP_BAD_HEAD;
    return r;
}

static enum http_result byte(struct http_parser *p, char c)
{
    if (++p->bytes > HTTP_HEAD_MOST)
        return HTTP_BAD_HEAD;
    if (p->after_cr) {
        p->after_cr = false;
        return c == '\n' ? line_over(p) : HTTP_BAD_HEAD;
    }
    if (c == '\r') {
        p->after_cr = true;
        return HTTP_MORE;
    }
    if (((unsigned char)c < ' ' && c != '\t') || p->used == HTTP_LINE_MOST)
        return HTTP_BAD_HEAD;
    p->line[p->used++] = c;
    return HTTP_MORE;
}

enum http_result http_feed(struct http_parser *p, const uint8_t *bytes, size_t n, size_t *used)
{
    size_t i = 0;
    while (i < n && p->result == HTTP_MORE)
        p->result = byte(p, (char)bytes[i++]);
    *used = i;
    return p->result;
}
