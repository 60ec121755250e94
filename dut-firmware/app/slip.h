/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SLIP framing (RFC 1055): IP packets on a serial line.
 */
#ifndef APP_SLIP_H
#define APP_SLIP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLIP_MTU 1500u
#define SLIP_END 0xC0u

struct slip {
    size_t size;
    bool escaped, broken; /* broken: too long or ill-formed; thrown away up to the next END */
    uint8_t frame[SLIP_MTU];
};

/* One byte off the line. Returns the packet's size when frame holds a whole one (until the next call), 0 otherwise. Empty
 * frames are nothing. */
size_t slip_byte(struct slip *s, uint8_t byte);
/* Forgets a frame begun: bytes were lost on the line. */
void slip_broken(struct slip *s);

/* Encodes n bytes at in to out: at most 2 n bytes, returns how many. END goes before and behind the packet by the caller's hand. */
size_t slip_encode(uint8_t *out, const uint8_t *in, size_t n);
#endif
