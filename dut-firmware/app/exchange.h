/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One HTTP request and its response over a transport, with deadlines. Driven by exchange_step from the main loop; never blocks.
 */
#ifndef APP_EXCHANGE_H
#define APP_EXCHANGE_H
#include <stdint.h>
#include "cause.h"
#include "http.h"
#include "transport.h"

#define EXCHANGE_REQUEST_MOST 768u  /* bytes of request head and body */
#define EXCHANGE_REDIRECTS 3u       /* followed, all to the same host and scheme; with a GET only */
#define EXCHANGE_IDLE_MS 8000u      /* without a byte in either direction */

enum exchange_phase { EXCHANGE_IDLE, EXCHANGE_CONNECT, EXCHANGE_SEND, EXCHANGE_HEAD, EXCHANGE_BODY, EXCHANGE_DONE, EXCHANGE_FAILED };

struct exchange {
    const struct transport *transport;
    enum exchange_phase phase;
    enum transport_use use;    /* of the next request; FULL again after each */
    enum cause cause;          /* why FAILED */
    struct http_parser parser; /* parser.head is there from EXCHANGE_BODY on */
    enum transport_use using;  /* of this one */
    unsigned redirects;        /* followed */
    uint32_t left;             /* bytes of body not read yet */
    uint32_t last_ms, connect_ms;
    size_t request_size, sent;
    char request[EXCHANGE_REQUEST_MOST];
    /* Bytes that came behind the head in the same read. */
    uint8_t spill[64];
    size_t spill_at, spill_end;
};

void exchange_init(struct exchange *x, const struct transport *transport);
/* Starts a request; the text is copied. A running exchange is dropped first. When it is too long or cannot start, phase is
 * EXCHANGE_FAILED. */
void exchange_begin(struct exchange *x, const char *request, size_t n, uint32_t now_ms);
/* Moves on as far as it can without waiting. Stays in EXCHANGE_BODY until the caller has read the whole body. */
enum exchange_phase exchange_step(struct exchange *x, uint32_t now_ms);
/* Body bytes that have arrived, at most n and never beyond Content-Length. */
size_t exchange_read(struct exchange *x, uint8_t *bytes, size_t n, uint32_t now_ms);
void exchange_drop(struct exchange *x); /* gives the connection up; phase EXCHANGE_IDLE */
#endif
