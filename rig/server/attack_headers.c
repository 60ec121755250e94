/* SPDX-License-Identifier: GPL-3.0-or-later
 * Attacks on the head of an answer: what it announces, and its form (RFC 9112). */
#include "base/buf.h"
#include "server/attack_rows.h"
#include "server/exchange.h"
#include "server/site.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the length --- */

static bool has_body(const struct exchange *x)
{
    return x->size != 0;
}

static void say_length(struct exchange *x, const char *format, uint64_t n)
{
    char *text = strcmp(format, "hex") == 0 ? mem_printf("0x%" PRIx64, n) : strcmp(format, "plus") == 0 ? mem_printf("+%" PRIu64, n) :
                 strcmp(format, "doubled") == 0 ? mem_printf("%" PRIu64 "\r\nContent-Length: %" PRIu64, n, n) :
                 strcmp(format, "list") == 0 ? mem_printf("%" PRIu64 ", %" PRIu64, n, n) : mem_printf("%" PRIu64, n);
    exchange_length(x, text);
    free(text);
}

static void say_two_lengths(struct exchange *x, uint64_t by)
{
    char *text = mem_printf("%" PRIu64 "\r\nContent-Length: %" PRIu64, x->size, x->size + by);
    exchange_length(x, text);
    free(text);
}

/* The connection ends behind the body in any case: it could not go on after such a lie. */
static bool content_length(struct attack_call *c)
{
    static const struct { const char *kind, *text; } texts[] = {{"absent", ""}, {"negative", "-1"}, {"huge", "99999999999999999999"},
                                                                {"wraps", "18446744073709551617"}, {"word", "many"}};
    struct exchange *x = c->x;
    uint64_t by = attacks_number(c, "by"), honest = x->size;
    if (!has_body(x))
        return false;
    const char *fixed = NULL;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (attacks_is(c, "kind", texts[i].kind))
            fixed = texts[i].text;
    if (fixed)
        exchange_length(x, fixed);
    else if (attacks_is(c, "kind", "short"))
        say_length(x, "plain", x->announced = honest > by ? honest - by : 0);
    else if (attacks_is(c, "kind", "long"))
        say_length(x, "plain", x->announced = honest + by);
    else if (attacks_is(c, "kind", "two"))
        say_two_lengths(x, by);
    else
        say_length(x, attacks_text(c, "kind"), honest);
    if (strcmp(x->word, "complete") == 0 && (attacks_is(c, "kind", "long") || attacks_is(c, "kind", "huge")))
        x->word = "cut-short";
    if (x->end == EXCHANGE_KEEP)
        x->end = EXCHANGE_CLOSE;
    return true;
}

/* --- chunks --- */

static bool chunked(struct attack_call *c)
{
    static const struct { const char *kind; enum exchange_chunks chunks; } kinds[] = {
        {"valid", CHUNKS_VALID}, {"bad-size", CHUNKS_BAD_SIZE}, {"negative", CHUNKS_NEGATIVE}, {"huge", CHUNKS_HUGE},
        {"overflow", CHUNKS_OVERFLOW}, {"too-long", CHUNKS_TOO_LONG}, {"no-crlf", CHUNKS_NO_CRLF}, {"no-end", CHUNKS_NO_END},
        {"extension", CHUNKS_EXTENSION}, {"trailer", CHUNKS_TRAILER}};
    struct exchange *x = c->x;
    if (!has_body(x))
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (attacks_is(c, "kind", kinds[i].kind))
            x->chunks = kinds[i].chunks;
    x->chunked = true;
    x->chunk_size = attacks_number(c, "bytes");
    if (attacks_number(c, "with-length"))
        say_length(x, "plain", x->size);
    if (x->chunks != CHUNKS_VALID && x->end == EXCHANGE_KEEP)
        x->end = EXCHANGE_CLOSE;
    return true;
}

/* --- what it says of time and content --- */

static bool wrong_date(struct attack_call *c)
{
    struct exchange *x = c->x;
    uint64_t now = site_time(x->site), by = attacks_number(c, "by") / ATTACK_SECOND_NS;
    if (attacks_is(c, "kind", "absent"))
        x->date[0] = '\0';
    else if (attacks_is(c, "kind", "garbage"))
        snprintf(x->date, sizeof x->date, "Yesterday");
    else
        exchange_date(attacks_is(c, "kind", "ahead") ? now + by : now > by ? now - by : 0, x->date);
    return true;
}

static bool wrong_etag(struct attack_call *c)
{
    struct exchange *x = c->x;
    char *old = x->etag;
    if (!old || !x->is_image)
        return false;
    x->etag = attacks_is(c, "kind", "weak") ? mem_printf("W/%s", old) :
              attacks_is(c, "kind", "other") ? mem_printf("\"%016" PRIx64 "\"", rng_u64(&c->rng)) : NULL;
    if (attacks_is(c, "kind", "long"))
        x->etag = mem_printf("\"%0*d\"", 4000, 0);
    free(old);
    return true;
}

static bool header(struct attack_call *c)
{
    exchange_header(c->x, attacks_text(c, "name"), attacks_text(c, "value"));
    return true;
}

/* --- the form of the head --- */

static void insert(struct buf *head, size_t at, const char *text, size_t n)
{
    struct buf all = {0};
    buf_add(&all, buf_text(head), at);
    buf_add(&all, text, n);
    buf_add(&all, buf_text(head) + at, head->size - at);
    buf_free(head);
    *head = all;
}

static size_t first_line(const struct buf *head)
{
    const char *end = memmem(buf_text(head), head->size, "\r\n", 2);
    return end ? (size_t)(end + 2 - head->data) : head->size;
}

/* Every CR LF becomes one of the two. */
static void bare(struct buf *head, char drop)
{
    size_t n = 0;
    for (size_t i = 0; i < head->size; i++)
        if (head->data[i] != drop)
            head->data[n++] = head->data[i];
    head->size = n;
}

static void many(struct buf *head, uint64_t count)
{
    struct buf lines = {0};
    for (uint64_t i = 0; i < count; i++)
        buf_printf(&lines, "X-Header-%" PRIu64 ": %" PRIu64 "\r\n", i, i);
    if (lines.size)
        insert(head, first_line(head), lines.data, lines.size);
    buf_free(&lines);
}

static void oversized(struct buf *head, uint64_t size)
{
    struct buf line = {0};
    buf_str(&line, "X-Long: ");
    while (size--)
        buf_char(&line, 'a');
    buf_str(&line, "\r\n");
    insert(head, first_line(head), line.data, line.size);
    buf_free(&line);
}

static void interim(struct buf *head, uint64_t count, const char *text)
{
    struct buf all = {0};
    while (count--)
        buf_str(&all, text);
    insert(head, 0, buf_text(&all), all.size);
    buf_free(&all);
}

/* Lines that are put behind the first, or before it. */
static bool put_line(struct attack_call *c, struct buf *head)
{
    static const struct { const char *kind, *text; size_t n; bool before; } lines[] = {
        {"no-colon", "X-Header without colon\r\n", 24, false}, {"space-before-colon", "Content-Length : 3\r\n", 20, false},
        {"no-name", ": value\r\n", 9, false}, {"folded", "X-Folded: one\r\n two: 3\r\n\tthree\r\n", 32, false},
        {"nul", "X-Nul: a\0b\r\n", 12, false}, {"control", "X-Control: \x01\x7f\x1b[2J\r\n", 19, false},
        {"high", "X-High: \xff\xfe\x80\r\n", 13, false}, {"empty-line-before", "\r\n\r\n", 4, true},
        {"noise-before", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", 12, true}, {"encoded", "Content-Encoding: gzip\r\n", 24, false},
        {"unknown-coding", "Transfer-Encoding: xyzzy\r\n", 26, false}, {"upgrade", "Upgrade: h2c\r\nConnection: Upgrade\r\n", 35, false}};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (attacks_is(c, "kind", lines[i].kind)) {
            insert(head, lines[i].before ? 0 : first_line(head), lines[i].text, lines[i].n);
            return true;
        }
    return false;
}

static bool put_status_line(struct attack_call *c, struct buf *head)
{
    static const struct { const char *kind, *format; } lines[] = {
        {"bad-status", "HTTP/1.1 2OO OK"}, {"no-status", "HTTP/1.1"}, {"long-status", "HTTP/1.1 2000 OK"},
        {"negative-status", "HTTP/1.1 -200 OK"},
        {"no-version", "200 OK"}, {"other-version", "HTTP/9.9 200 OK"}, {"other-protocol", "ICY 200 OK"}, {"lower-case", "http/1.1 200 ok"},
        {"no-reason", "HTTP/1.1 200"}, {"space-status", "HTTP/1.1  200 OK"}};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (attacks_is(c, "kind", lines[i].kind)) {
            buf_drop(head, first_line(head));
            insert(head, 0, "\r\n", 2);
            insert(head, 0, lines[i].format, strlen(lines[i].format));
            return true;
        }
    return false;
}

static bool malformed_head(struct attack_call *c)
{
    struct buf *head = &c->x->head;
    uint64_t count = attacks_number(c, "count");
    if (c->x->end == EXCHANGE_KEEP)
        c->x->end = EXCHANGE_CLOSE;
    if (put_status_line(c, head) || put_line(c, head))
        return true;
    if (attacks_is(c, "kind", "bare-lf"))
        bare(head, '\r');
    else if (attacks_is(c, "kind", "bare-cr"))
        bare(head, '\n');
    else if (attacks_is(c, "kind", "many-headers"))
        many(head, attacks_given(c, "count") ? count : 5000);
    else if (attacks_is(c, "kind", "oversized"))
        oversized(head, attacks_given(c, "count") ? count : 70000);
    else if (attacks_is(c, "kind", "interim"))
        interim(head, attacks_given(c, "count") ? count : 1, "HTTP/1.1 100 Continue\r\n\r\n");
    else if (attacks_is(c, "kind", "early-hints"))
        interim(head, attacks_given(c, "count") ? count : 1, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
    else if (attacks_is(c, "kind", "http-0.9"))
        buf_clear(head);
    else if (attacks_is(c, "kind", "no-end") && head->size >= 2)
        head->size -= 2;
    return true;
}

/* --- a second answer --- */

static const char second[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"smuggled\":true}";

/* Behind the body that was announced; or within it, of which only what comes before was announced. */
static bool smuggle(struct attack_call *c)
{
    struct exchange *x = c->x;
    if (!has_body(x))
        return false;
    if (attacks_is(c, "where", "behind")) {
        buf_str(&x->tail, second);
        attacks_shows_behind(c, x->size);
        return true;
    }
    if (x->size < sizeof second)
        return false;
    uint8_t *body = exchange_own(x);
    memcpy(body + x->size - (sizeof second - 1), second, sizeof second - 1);
    say_length(x, "plain", x->announced = x->size - (sizeof second - 1));
    return true;
}

#define FORMS \
    WORDS("bad-status", "no-status", "long-status", "negative-status", "space-status", "no-reason", "no-version", "other-version", \
          "other-protocol", "lower-case", "http-0.9", "no-colon", "no-name", "space-before-colon", "folded", "nul", "control", "high", \
          "bare-lf", "bare-cr", "no-end", "empty-line-before", "noise-before", "oversized", "many-headers", "interim", "early-hints", \
          "encoded", "unknown-coding", "upgrade")

static const struct attack table[] = {
    ATTACK("content-length", "announces another length than it sends, or in a form that is none",
           "{do: serve, attack: content-length, kind: short}",
           OPTIONS(ATTACK_WORD("kind", "how it lies (plus, hex, list, doubled, two: a sign, 0x, 5, 5, two lines, two that differ)", "long",
                               WORDS("long", "short", "absent", "negative", "huge", "wraps", "word", "plus", "hex", "list", "doubled",
                                     "two")),
                   ATTACK_BYTES("by", "of short, long, two: by how many bytes", "1", 1, UINT32_MAX)),
           .stage = ATTACK_HEADERS, .apply = content_length, .catalogue = "S1"),
    ATTACK("chunked", "sends the body in chunks (RFC 9112, 7.1), well-formed or not", "{do: serve, attack: chunked, kind: overflow}",
           OPTIONS(ATTACK_WORD("kind", "what is wrong with them", "valid",
                               WORDS("valid", "bad-size", "negative", "huge", "overflow", "too-long", "no-crlf", "no-end", "extension",
                                     "trailer")),
                   ATTACK_BYTES("bytes", "in a chunk", "1000", 1, 1 << 20),
                   {"with-length", "says Content-Length too", OPTION_BOOL, false, "false", NULL, 0, 0}),
           .stage = ATTACK_HEADERS, .apply = chunked, .catalogue = "S14"),
    ATTACK("malformed-head", "a head that is none, or doubtful, or too large", "{do: serve, attack: malformed-head, kind: folded}",
           OPTIONS(ATTACK_WORD("kind", "what is wrong with it", "bad-status", FORMS),
                   ATTACK_COUNT("count",
                                "headers, bytes or answers of many-headers (5000), oversized (70000), interim and early-hints (1)", NULL, 1,
                                1 << 20)),
           .stage = ATTACK_HEAD, .apply = malformed_head, .catalogue = "S14"),
    ATTACK("smuggle", "a second answer behind the body, or within it behind what was announced",
           "{do: serve, attack: smuggle, where: within}",
           OPTIONS(ATTACK_WORD("where", "where it stands", "behind", WORDS("behind", "within"))), .stage = ATTACK_HEADERS, .apply = smuggle,
           .catalogue = "S14"),
    ATTACK("wrong-date", "the Date header is wrong: nobody vouches for it", "{do: serve, attack: wrong-date, kind: ahead, by: 8760h}",
           OPTIONS(ATTACK_WORD("kind", "how", "ahead", WORDS("ahead", "back", "absent", "garbage")),
                   ATTACK_TIME("by", "of ahead and back: how far off", "8760h", ATTACK_SECOND_NS, 0)),
           .stage = ATTACK_HEADERS, .apply = wrong_date, .catalogue = "T7"),
    ATTACK("wrong-etag", "an image has another ETag than it should", "{do: serve, attack: wrong-etag, kind: other}",
           OPTIONS(ATTACK_WORD("kind", "which", "other", WORDS("other", "weak", "absent", "long"))), .stage = ATTACK_HEADERS,
           .apply = wrong_etag, .catalogue = "S11"),
    ATTACK("header", "adds any header", "{do: serve, attack: header, name: Content-Encoding, value: gzip}",
           OPTIONS({"name", "its name", OPTION_TEXT, true, NULL, NULL, 0, 0}, {"value", "its value", OPTION_TEXT, true, NULL, NULL, 0, 0}),
           .stage = ATTACK_HEADERS, .apply = header, .catalogue = "S14"),
};

const struct attack *attack_headers_at(size_t i)
{
    return i < sizeof table / sizeof table[0] ? &table[i] : NULL;
}
