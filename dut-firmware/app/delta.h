/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Delta images: the file that is offered, made from the file that runs. A delta file is
 *
 *   0   "OTD1"
 *   4   SHA-256 of the base file
 *   36  size of the base file, u32 little-endian
 *   40  size of the target file, u32
 *   44  packed records
 *
 * and a record, unpacked, is three numbers (bytes alike, bytes extra, move in the base behind it: zigzag), then the bytes alike as
 * differences to the base at its present place, then the bytes extra as they are. Only the first record may have neither. A number
 * is groups of seven bits, least first. Packing:
 *
 *   0nnnnnnn            n + 1 literal bytes follow
 *   10nnnnnn            n + 1 zeros; n = 63: 64 + a number that follows
 *   11nnnnnn            n + 4 bytes as they stood some bytes back (a number, 1 .. 2048); n = 63: 67 + a number, before the distance
 *
 * (Percival's bsdiff, interleaved; made by tools/mkdelta.) The decoder believes nothing: it reads no byte outside base and patch,
 * gives no more bytes than asked for, and whoever takes them checks them against the manifest's chunk hashes.
 */
#ifndef APP_DELTA_H
#define APP_DELTA_H
#include <stdbool.h>
#include <stdint.h>
#include "cause.h"

enum { DELTA_HEADER = 44, DELTA_WINDOW = 2048 };
#define DELTA_MOST 65536u /* bytes of a delta file that a device takes in: the upper end of the free slot */

struct delta {
    uint32_t base, base_size, base_at;    /* address and bytes of the base file; place in it */
    uint32_t patch, patch_left;           /* address of the next byte, bytes behind it */
    uint32_t target_left;
    uint32_t alike, extra;                /* bytes left of the present record */
    int64_t move;                         /* behind its bytes alike */
    uint32_t run, distance;               /* unpacking: bytes left of the present token; distance 0: zeros, DELTA_WINDOW + 1: literals */
    uint32_t window_at, window_size;
    uint32_t in_at, in_size;
    bool begun, bad;
    uint8_t in[64];
    uint8_t window[DELTA_WINDOW];
};

/* Opens the delta file of patch_size bytes at patch, for the base file of base_size bytes at base whose SHA-256 is base_sha256, to a
 * target of target_size bytes. CAUSE_NONE, CAUSE_BAD_BASE (made for another base), CAUSE_BAD_DELTA (no delta file, or to another
 * size). */
enum cause delta_open(struct delta *d, uint32_t patch, uint32_t patch_size, uint32_t base, uint32_t base_size,
                      const uint8_t base_sha256[32], uint32_t target_size);

/* The next n bytes of the target. False when the file is no good: *to is worthless then, and so is *d. With the last byte of the
 * target the file must end too. */
bool delta_read(struct delta *d, uint8_t *to, uint32_t n);

#endif
