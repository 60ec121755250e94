/* SPDX-License-Identifier: GPL-3.0-or-later
 * From a request to its answer: routes, manifest, image with its range, telemetry, and the rules at each step. */
#ifndef SERVER_ANSWER_H
#define SERVER_ANSWER_H

struct exchange;
struct json;
struct offer;
struct request;
struct rules;

/* The caller frees with exchange_free. *told becomes the telemetry object (json_free) or NULL; *why the reason of a 400 or NULL. */
struct exchange *answer_make(const struct offer *offer, struct rules *rules, const struct request *r, unsigned n, struct json **told,
                             const char **why);
/* The answer to what could not be read; the connection ends behind it. */
struct exchange *answer_bad(const struct request *r, unsigned n);

#endif
