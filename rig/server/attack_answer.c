/* SPDX-License-Identifier: GPL-3.0-or-later
 * Another answer altogether: errors, overload, a login page, the way elsewhere. */
#include "base/buf.h"
#include "server/attack_rows.h"
#include "server/attack_sign.h"
#include "server/exchange.h"
#include "server/site.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void retry_after(struct attack_call *c, const char *as)
{
    uint64_t seconds = attacks_number(c, "retry-after") / ATTACK_SECOND_NS;
    char text[40];
    snprintf(text, sizeof text, "%" PRIu64, seconds);
    if (strcmp(as, "date") == 0)
        exchange_date(site_time(c->x->site) + seconds, text);
    else if (strcmp(as, "negative") == 0)
        snprintf(text, sizeof text, "-%" PRIu64, seconds);
    else if (strcmp(as, "huge") == 0)
        snprintf(text, sizeof text, "99999999999999999999");
    else if (strcmp(as, "garbage") == 0)
        snprintf(text, sizeof text, "in a while");
    exchange_header(c->x, "Retry-After", text);
}

static bool status(struct attack_call *c)
{
    int code = (int)attacks_number(c, "code");
    attack_sign_instead(c, code, "text/plain", code == 204 || code == 304 ? NULL : "not now\n");
    if (attacks_given(c, "retry-after"))
        retry_after(c, "seconds");
    if (attacks_given(c, "location"))
        exchange_header(c->x, "Location", attacks_text(c, "location"));
    return true;
}

static bool overload(struct attack_call *c)
{
    attack_sign_instead(c, 503, "text/plain", "too many at once\n");
    if (!attacks_is(c, "as", "absent"))
        retry_after(c, attacks_text(c, "as"));
    return true;
}

static bool html_page(struct attack_call *c)
{
    if (c->x->size == 0)
        return false;
    attack_sign_instead(c, 200, "text/html; charset=utf-8",
                        "<!DOCTYPE html>\n<html><head><title>Welcome</title></head>\n"
                        "<body><h1>Please log in</h1><form action=\"/login\"><input name=\"room\"><button>Go</button></form></body></html>\n");
    return true;
}

/* Ways to a benign end go by /redirect/N, which the site knows from now on. */
static char *way(struct attack_call *c)
{
    const struct exchange *x = c->x;
    const char *path = x->path, *name = strrchr(path, '/'), *host = attacks_text(c, "host");
    const char *self = x->host ? x->host : "localhost";
    size_t query = strcspn(path, "?#");
    if (name && (size_t)(name - path) > query) /* a slash of the query */
        for (name = path + query; *name != '/'; name--)
            ;
    if (attacks_is(c, "kind", "loop"))
        return mem_printf("/redirect/loop%s", path);
    if (attacks_is(c, "kind", "other-host"))
        return mem_printf("%s://%s%s", c->secure ? "https" : "http", host, path);
    if (attacks_is(c, "kind", "no-scheme"))
        return mem_printf("//%s%s", host, path);
    if (attacks_is(c, "kind", "plain"))
        return mem_printf("http://%.*s%s", (int)strcspn(self, ":"), self, path);
    if (attacks_is(c, "kind", "absolute"))
        return mem_printf("%s://%s/redirect/1%s", c->secure ? "https" : "http", self, path);
    if (attacks_is(c, "kind", "relative"))
        return mem_printf("./%s", name ? name + 1 : "");
    if (attacks_is(c, "kind", "file"))
        return mem_printf("file:///etc/passwd");
    uint64_t hops = attacks_number(c, "hops");
    return hops > 1 ? mem_printf("/redirect/%" PRIu64 "%s", hops - 1, path) : mem_printf("%s%chop=1", path, path[query] == '?' ? '&' : '?');
}

static bool redirect(struct attack_call *c)
{
    if (strncmp(c->x->path, "/redirect/", 10) == 0 || strstr(c->x->path, "hop=1"))
        return false;
    char *to = attacks_is(c, "kind", "no-location") ? NULL : way(c);
    c->x->site->redirects = true;
    attack_sign_instead(c, (int)attacks_number(c, "code"), "text/plain", "this way\n");
    if (to)
        exchange_header(c->x, "Location", to);
    free(to);
    return true;
}

/* Told once the client has its first byte: one that closes without reading it has met nothing. */
static bool early(struct attack_call *c)
{
    struct exchange *x = c->x;
    if (x->status || attacks_number(c, "bytes") > x->came)
        return false;
    exchange_answer(x, (int)attacks_number(c, "code"), "application/json", attacks_text(c, "body"));
    x->says_close = attacks_is(c, "then", "close");
    c->in_head = true;
    c->at = 1;
    return true;
}

#define RETRY(otherwise) ATTACK_TIME("retry-after", "Retry-After, in whole seconds", otherwise, 0, 0)

static const struct attack table[] = {
    ATTACK("status", "answers with another status", "{do: serve, attack: status, code: 503, retry-after: 30s}",
           OPTIONS(ATTACK_COUNT("code", "HTTP status", "503", 200, 599), RETRY(NULL), ATTACK_STRING("location", "adds Location", NULL)),
           .stage = ATTACK_ANSWER, .apply = status, .catalogue = "N8"),
    ATTACK("overload", "answers 503, and when to come again", "{do: serve, attack: overload, retry-after: 30s, as: date}",
           OPTIONS(RETRY("30s"), ATTACK_WORD("as", "how it says so", "seconds",
                                             WORDS("seconds", "date", "negative", "huge", "garbage", "absent"))),
           .stage = ATTACK_ANSWER, .apply = overload, .catalogue = "N8"),
    ATTACK("html-page", "answers with a login page, as a captive portal does", "{do: serve, attack: html-page}", OPTIONS({.name = NULL}),
           .stage = ATTACK_ANSWER, .apply = html_page, .catalogue = "N7", .place = "body"),
    ATTACK("redirect", "sends the client elsewhere; chain and absolute lead to the right answer, by so many hops",
           "{do: serve, attack: redirect, kind: other-host, host: 10.0.0.66}",
           OPTIONS(ATTACK_WORD("kind", "where to", "loop",
                               WORDS("loop", "chain", "absolute", "relative", "other-host", "no-scheme", "plain", "file", "no-location")),
                   ATTACK_COUNT("hops", "of chain: how many", "1", 1, 1000),
                   ATTACK_STRING("host", "of other-host and no-scheme", "evil.otarig.invalid"),
                   ATTACK_COUNT("code", "HTTP status", "302", 300, 399)),
           .stage = ATTACK_ANSWER, .apply = redirect, .catalogue = "S13"),
    ATTACK("early-answer", "answers a request that is not whole; the rest of it is read and forgotten",
           "{do: serve, attack: early-answer, bytes: 0, then: keep}",
           OPTIONS(ATTACK_BYTES("bytes", "of the request that have come; 0: on connecting, before any (then no path is known)", "0", 0,
                                1 << 16),
                   ATTACK_WORD("then", "what becomes of the connection", "close", WORDS("close", "keep")),
                   ATTACK_COUNT("code", "HTTP status", "200", 200, 599), ATTACK_STRING("body", "what it says", "{\"early\":true}")),
           .stage = ATTACK_EARLY, .apply = early, .catalogue = "S14"),
};

const struct attack *attack_answer_at(size_t i)
{
    return i < sizeof table / sizeof table[0] ? &table[i] : NULL;
}
