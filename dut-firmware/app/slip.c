/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The framing of slip.h.
 */
#include "slip.h"

enum { ESC = 0xDB, ESC_END = 0xDC, ESC_ESC = 0xDD };

static size_t over(struct slip *s)
{
    size_t n = s->broken || s->escaped ? 0 : s->size;
    s->size = 0;
    s->escaped = s->broken = false;
    return n;
}

void slip_broken(struct slip *s)
{
    s->broken = true;
}

size_t slip_byte(struct slip *s, uint8_t byte)
{
    if (byte == SLIP_END)
        return over(s);
    if (s->broken)
        return 0;
    if (s->escaped) {
        s->escaped = false;
        if (byte != ESC_END && byte != ESC_ESC) {
            s->broken = true;
            return 0;
        }
        byte = byte == ESC_END ? SLIP_END : ESC;
    } else if (byte == ESC) {
        s->escaped = true;
        return 0;
    }
    if (s->size == sizeof s->frame)
        s->broken = true;
    else
        s->frame[s->size++] = byte;
    return 0;
}

size_t slip_encode(uint8_t *out, const uint8_t *in, size_t n)
{
    size_t o = 0;
    for (size_t i = 0; i < n; i++) {
        if (in[i] == SLIP_END || in[i] == ESC) {
            out[o++] = ESC;
            out[o++] = in[i] == ESC ? ESC_ESC : ESC_END;
        } else {
            out[o++] = in[i];
        }
    }
    return o;
}
