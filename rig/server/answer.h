/* SPDX-License-Identifier: GPL-3.0-or-later
 * From a request to its answer: what the honest server says, changed by the rules at each step. */
#ifndef SERVER_ANSWER_H
#define SERVER_ANSWER_H
#include <stdint.h>

struct exchange;
struct json;
struct request;
struct site;

/* What the server learns from a request. */
struct answer {
    struct json *told; /* telemetry, the caller's; NULL: none */
    const char *why;   /* static: why a telemetry was refused; NULL: it was not */
};

/* n: number of the request; speaker: the device that asks when the request does not say, or NULL. The exchange may point to the bytes of
 * the site's offer. */
struct exchange *answer_make(struct site *s, const struct request *r, unsigned n, const char *speaker, struct answer *a);
/* The answer to a request that is not whole, of which so many bytes came; NULL when no rule wants one now. */
struct exchange *answer_early(struct site *s, const struct request *r, unsigned n, const char *speaker, uint64_t came);
struct exchange *answer_bad(struct site *s, const struct request *r, unsigned n); /* REQUEST_BAD: the answer that it deserves */

#endif
