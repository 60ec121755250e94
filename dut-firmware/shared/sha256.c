/* SPDX-License-Identifier: GPL-3.0-or-later
 * SHA-256 (FIPS 180-4), written so that a compiler keeps the eight state words in registers: each group of eight rounds renames
 * them instead of moving them, and the message schedule is a ring of 16 words. */
#include "sha256.h"
#include <string.h>

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t ror(uint32_t x, unsigned n) { return x >> n | x << (32 - n); }
static inline uint32_t load_be(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* ror(x,6) ^ ror(x,11) ^ ror(x,25), in the form that costs three instructions with a rotating barrel shifter; likewise below. */
#define SUM1(x) ror((x) ^ ror((x), 5) ^ ror((x), 19), 6)
#define SUM0(x) ror((x) ^ ror((x), 11) ^ ror((x), 20), 2)
#define SIG0(x) (ror((x), 7) ^ ror((x), 18) ^ ((x) >> 3))
#define SIG1(x) (ror((x), 17) ^ ror((x), 19) ^ ((x) >> 10))
#define ROUND(a, b, c, d, e, f, g, h, i)                                                                                         \
    do {                                                                                                                         \
        (h) += SUM1(e) + ((g) ^ ((e) & ((f) ^ (g)))) + k[i] + w[i];                                                              \
        (d) += (h);                                                                                                              \
        (h) += SUM0(a) + (((a) & (b)) | ((c) & ((a) | (b))));                                                                    \
    } while (0)
#define ROUNDS8(i)                                                                                                               \
    do {                                                                                                                         \
        ROUND(a, b, c, d, e, f, g, h, (i));                                                                                      \
        ROUND(h, a, b, c, d, e, f, g, (i) + 1);                                                                                  \
        ROUND(g, h, a, b, c, d, e, f, (i) + 2);                                                                                  \
        ROUND(f, g, h, a, b, c, d, e, (i) + 3);                                                                                  \
        ROUND(e, f, g, h, a, b, c, d, (i) + 4);                                                                                  \
        ROUND(d, e, f, g, h, a, b, c, (i) + 5);                                                                                  \
        ROUND(c, d, e, f, g, h, a, b, (i) + 6);                                                                                  \
        ROUND(b, c, d, e, f, g, h, a, (i) + 7);                                                                                  \
    } while (0)
#define EXPAND(i) (w[i] += SIG1(w[((i) + 14) & 15]) + w[((i) + 9) & 15] + SIG0(w[((i) + 1) & 15]))

static void expand(uint32_t w[16])
{
    EXPAND(0);
    EXPAND(1);
    EXPAND(2);
    EXPAND(3);
    EXPAND(4);
    EXPAND(5);
    EXPAND(6);
    EXPAND(7);
    EXPAND(8);
    EXPAND(9);
    EXPAND(10);
    EXPAND(11);
    EXPAND(12);
    EXPAND(13);
    EXPAND(14);
    EXPAND(15);
}

static void compress(uint32_t state[8], const uint8_t *block)
{
    uint32_t w[16];
    for (int i = 0; i < 16; i++)
        w[i] = load_be(block + 4 * i);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
    const uint32_t *k = K;
    for (;;) {
        ROUNDS8(0);
        ROUNDS8(8);
        k += 16;
        if (k == K + 64)
            break;
        expand(w);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

void sha256_init(struct sha256 *s)
{
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(s->h, start, sizeof s->h);
    s->length = 0;
}

void sha256_update(struct sha256 *s, const void *bytes, uint32_t n)
{
    const uint8_t *p = bytes;
    uint32_t held = (uint32_t)(s->length % 64);
    s->length += n;
    if (held > 0) {
        uint32_t take = n < 64 - held ? n : 64 - held;
        memcpy(s->block + held, p, take);
        p += take;
        n -= take;
        if (held + take < 64)
            return;
        compress(s->h, s->block);
    }
    for (; n >= 64; n -= 64, p += 64)
        compress(s->h, p);
    if (n > 0)
        memcpy(s->block, p, n);
}

void sha256_final(struct sha256 *s, uint8_t digest[32])
{
    uint64_t bits = s->length * 8;
    uint32_t held = (uint32_t)(s->length % 64);
    s->block[held++] = 0x80;
    if (held > 56) {
        memset(s->block + held, 0, 64 - held);
        compress(s->h, s->block);
        held = 0;
    }
    memset(s->block + held, 0, 56 - held);
    for (int i = 0; i < 8; i++)
        s->block[56 + i] = (uint8_t)(bits >> (56 - 8 * i));
    compress(s->h, s->block);
    for (int i = 0; i < 32; i++)
        digest[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}
