/* SPDX-License-Identifier: GPL-3.0-or-later
 * regcomp() copies what stands before {m,n} n times, groups in groups included; so the copies are counted first. */
#include "base/regex_bound.h"

#include <stdint.h>
#include <stdlib.h>

enum { PARTS_MOST = 20000, DEPTH_MOST = 64 };

/* "{3,7}" at *p: how many copies, 1 when it is no repetition. *p moves behind it. */
static uint64_t copies(const char **p)
{
    char *end;
    if (**p != '{')
        return 1;
    unsigned long low = strtoul(*p + 1, &end, 10), high = low;
    if (*end == ',')
        high = end[1] == '}' ? low + 1 : strtoul(end + 1, &end, 10);
    while (**p && **p != '}')
        ++*p;
    if (**p)
        ++*p;
    high = high < low ? low : high;
    return high > PARTS_MOST ? PARTS_MOST : high ? high : 1;
}

static const char *behind_set(const char *p)
{
    p++;
    p += *p == '^';
    p += *p == ']';
    while (*p && *p != ']')
        p++;
    return *p ? p + 1 : p;
}

/* Parts up to the closing bracket or the end; *p moves there. */
static uint64_t parts(const char **p, unsigned depth)
{
    uint64_t sum = 0;
    while (**p && **p != ')' && sum <= PARTS_MOST) {
        uint64_t one = 1;
        if (**p == '(' && depth < DEPTH_MOST) {
            ++*p;
            one = parts(p, depth + 1) + 1;
            *p += **p == ')';
        } else if (**p == '(')
            return PARTS_MOST + 1;
        else if (**p == '[')
            *p = behind_set(*p);
        else
            *p += **p == '\\' && (*p)[1] ? 2 : 1;
        while (**p == '{' && one <= PARTS_MOST)
            one *= copies(p);
        sum += one;
    }
    return sum;
}

bool regex_bound_holds(const char *text)
{
    const char *p = text;
    uint64_t sum = 0;
    while (*p && sum <= PARTS_MOST) {
        sum += parts(&p, 0);
        p += *p == ')'; /* one too many: regcomp says so */
    }
    return sum <= PARTS_MOST;
}
