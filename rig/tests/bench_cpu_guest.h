/* SPDX-License-Identifier: GPL-3.0-or-later
 * The guest of bench_cpu as bytes, so that the bench needs no cross compiler: arm-none-eabi-gcc 12.2 -mcpu=cortex-m4 -mthumb -O2,
 * linked at 0x08000000, of this function (k: the 64 constants of FIPS 180-4, 4.2.2):
 *
 *     #define ROR(x, n) ((x) >> (n) | (x) << (32 - (n)))
 *     void blocks(uint32_t *h, const uint8_t *p, uint32_t n)
 *     {
 *         uint32_t w[64];
 *         for (; n--; p += 64) {
 *             for (int i = 0; i < 16; i++)
 *                 w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 | (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
 *             for (int i = 16; i < 64; i++)
 *                 w[i] = w[i - 16] + w[i - 7] + (ROR(w[i - 15], 7) ^ ROR(w[i - 15], 18) ^ w[i - 15] >> 3)
 *                        + (ROR(w[i - 2], 17) ^ ROR(w[i - 2], 19) ^ w[i - 2] >> 10);
 *             uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], l = h[7];
 *             for (int i = 0; i < 64; i++) {
 *                 uint32_t t = l + (ROR(e, 6) ^ ROR(e, 11) ^ ROR(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i];
 *                 uint32_t u = (ROR(a, 2) ^ ROR(a, 13) ^ ROR(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
 *                 l = g, g = f, f = e, e = d + t, d = c, c = b, b = a, a = t + u;
 *             }
 *             h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e, h[5] += f, h[6] += g, h[7] += l;
 *         }
 *     }
 */
#ifndef TESTS_BENCH_CPU_GUEST_H
#define TESTS_BENCH_CPU_GUEST_H
#include <stdint.h>

static const uint32_t bench_guest[] = {
    0x4ff0e92d, 0x1e53b0cd, 0x93089107, 0xf0002a00, 0x688380ba, 0x68c39301, 0x69039302, 0xe9d09303, 0x69431200, 0x69839304,
    0x69c39305, 0x46139306, 0x460a4683, 0xa80b4619, 0x90009b07, 0x4605ac0c, 0x781e7858, 0xea400400, 0x78de6006, 0x789e4330,
    0x2006ea40, 0x0f04f845, 0x4285a81b, 0x0304f103, 0xe9ddd1ee, 0x9d0c631a, 0x46944618, 0x462f6a62, 0x43f6ea4f, 0x5f04f854,
    0x4376ea83, 0x2396ea83, 0xea4f4606, 0xea8040b5, 0xea8010f5, 0x441300d5, 0x18f84403, 0x429cab3c, 0xd1e763e0, 0xe9dd4662,
    0xe9dd7905, 0xe9dd0e03, 0xe9cd5801, 0xf8df2109, 0xf8cdc0dc, 0x460eb02c, 0xe0054614, 0x46354677, 0x46264686, 0x461c4650,
    0xa000f8dd, 0x2f04f85c, 0x1f04f85a, 0xa000f8cd, 0x23f0ea4f, 0x13b0ea83, 0xea83440a, 0x44136370, 0x0a00ea27, 0x020eea00,
    0x0a02ea8a, 0x0105ea86, 0x3274ea4f, 0x02b4ea82, 0xea064021, 0x44530b05, 0x52b4ea82, 0x010bea81, 0x440a444b, 0x0a08eb03,
    0x4a1d4413, 0x46b94594, 0xd1cb46a8, 0x2109e9dd, 0x9b01441a, 0xc018f8dd, 0xb02cf8dd, 0x44214433, 0x9c029e04, 0x44bc9301,
    0x4406442c, 0xf8cd4667, 0xf8ddc018, 0x9d03c020, 0x46309604, 0x3402e9cb, 0x9b079e05, 0xf10c9402, 0x44553cff, 0x33404476,
    0x3ffff1bc, 0x2100e9cb, 0x5004e9cb, 0x6706e9cb, 0x96059503, 0xc020f8cd, 0xf47f9307, 0xb04daf58, 0x8ff0e8bd, 0x08000190,
    0x08000290, 0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
    0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6,
    0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3,
    0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e,
    0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
    0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814,
    0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

#endif
