/* SPDX-License-Identifier: GPL-3.0-or-later
 * A repetition of a repetition is what makes expressions explode: regcomp() copies what stands before {m,n} n times, groups in groups
 * included, its closures cost the square of the copies, and regexec() keeps a set of them for every byte. A loop over plain parts costs
 * the product of pattern and text. So parts are counted with their copies, and loops may not nest ("?" is no loop). Read as
 * regcomp() reads: after rewriting. */
#include "base/regex_bound.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS_MOST = 1200, DEPTH_MOST = 64 };

struct bound {
    const char *at;
    const char *why;
};

struct part {
    uint64_t count; /* with its copies */
    bool loops;     /* it has a repetition inside */
};

/* "{3,7}" at p: how many copies. */
static uint64_t copies(const char *p)
{
    char *end;
    unsigned long low = strtoul(p + 1, &end, 10), high = low;
    if (*end == ',')
        high = end[1] == '}' ? low + 1 : strtoul(end + 1, &end, 10);
    high = high < low ? low : high;
    return high > PARTS_MOST ? PARTS_MOST + 1 : high ? high : 1;
}

static const char *behind_set(const char *p)
{
    p++;
    p += *p == '^';
    p += *p == ']';
    while (*p && *p != ']') {
        const char *end = NULL;
        if (*p == '[' && (p[1] == ':' || p[1] == '.' || p[1] == '='))
            end = strstr(p + 2, (const char[]){p[1], ']', 0});
        p = end ? end + 2 : p + 1;
    }
    return *p ? p + 1 : p;
}

/* All that repeats the part before it. */
static void repeat(struct bound *b, struct part *one)
{
    while (*b->at && strchr("{*+?", *b->at)) {
        bool maybe = *b->at == '?';
        if (!maybe && one->loops)
            b->why = "a repetition of what contains a repetition is not supported";
        if (*b->at == '{')
            one->count *= copies(b->at);
        one->loops = true;
        b->at += *b->at == '{' ? strcspn(b->at, "}") : 0;
        b->at += *b->at != 0;
        if (one->count > PARTS_MOST)
            return;
    }
}

/* Parts up to the closing bracket or the end. */
static struct part parts(struct bound *b, unsigned depth)
{
    struct part sum = {0};
    while (*b->at && *b->at != ')' && sum.count <= PARTS_MOST && depth <= DEPTH_MOST && !b->why) {
        struct part one = {.count = 1};
        if (*b->at == '(') {
            b->at++;
            one = parts(b, depth + 1);
            one.count++;
            b->at += *b->at == ')';
        } else if (*b->at == '[') {
            b->at = behind_set(b->at);
        } else {
            b->at += *b->at == '\\' && b->at[1] ? 2 : 1;
        }
        repeat(b, &one);
        sum.count += one.count;
        sum.loops |= one.loops;
    }
    if (!b->why && (sum.count > PARTS_MOST || depth > DEPTH_MOST))
        b->why = "the repetitions of the pattern multiply to more than it may have";
    return sum;
}

const char *regex_bound_broken(const char *text)
{
    struct bound b = {.at = text};
    uint64_t sum = 0;
    while (*b.at && !b.why && sum <= PARTS_MOST) {
        sum += parts(&b, 0).count;
        b.at += *b.at == ')'; /* one too many: regcomp says so */
    }
    return b.why ? b.why : sum > PARTS_MOST ? "the pattern is too long" : NULL;
}
