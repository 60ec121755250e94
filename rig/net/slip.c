/* SPDX-License-Identifier: GPL-3.0-or-later
 * SLIP framing (RFC 1055). */
#include "net/slip.h"

enum { END = 0xc0, ESC = 0xdb, ESC_END = 0xdc, ESC_ESC = 0xdd };

static void spoil(struct slip *s, const char *why)
{
    if (!s->spoiled)
        s->why = why;
    s->spoiled = true;
}

static void end_frame(struct slip *s)
{
    if (s->escaped)
        spoil(s, "SLIP: a frame ends behind an escape");
    if (s->spoiled && s->why)
        s->noise(s->ctx, s->why);
    else if (!s->spoiled && s->frame.size)
        s->told(s->ctx, (const uint8_t *)s->frame.data, s->frame.size);
    slip_forget(s);
}

static void take(struct slip *s, uint8_t byte)
{
    if (s->frame.size >= s->most)
        spoil(s, "SLIP: a frame is too long");
    if (!s->spoiled)
        buf_char(&s->frame, (char)byte);
}

void slip_receive(struct slip *s, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t b = bytes[i];
        if (b == END) {
            end_frame(s);
        } else if (s->escaped) {
            s->escaped = false;
            if (b != ESC_END && b != ESC_ESC)
                spoil(s, "SLIP: an escape before an ordinary byte");
            take(s, b == ESC_END ? END : ESC);
        } else if (b == ESC) {
            s->escaped = true;
        } else {
            take(s, b);
        }
    }
}

void slip_forget(struct slip *s)
{
    buf_clear(&s->frame);
    s->escaped = s->spoiled = false;
}

void slip_skip(struct slip *s)
{
    slip_forget(s);
    s->spoiled = true;
    s->why = NULL;
}

void slip_free(struct slip *s)
{
    buf_free(&s->frame);
}

void slip_encode(const uint8_t *datagram, size_t n, struct buf *out)
{
    buf_char(out, (char)END);
    for (size_t i = 0; i < n; i++) {
        if (datagram[i] == END || datagram[i] == ESC) {
            buf_char(out, (char)ESC);
            buf_char(out, (char)(datagram[i] == END ? ESC_END : ESC_ESC));
        } else {
            buf_char(out, (char)datagram[i]);
        }
    }
    buf_char(out, (char)END);
}
