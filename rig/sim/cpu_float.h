/* SPDX-License-Identifier: GPL-3.0-or-later
 * Single precision arithmetic of FPv4-SP in integers (ARM DDI 0403E.e, A2.5): the same bits on every host, whatever its FPU or compiler.
 * Every function reads DN, FZ, AHP and the rounding mode from *fpscr and adds the cumulative exception bits to it.
 */
#ifndef SIM_CPU_FLOAT_H
#define SIM_CPU_FLOAT_H
#include <stdbool.h>
#include <stdint.h>

enum {
    FPSCR_IOC = 1, FPSCR_DZC = 2, FPSCR_OFC = 4, FPSCR_UFC = 8, FPSCR_IXC = 16, FPSCR_IDC = 128,
    FPSCR_FZ = 1 << 24, FPSCR_DN = 1 << 25, FPSCR_AHP = 1 << 26,
};
#define FPSCR_RMODE(f) ((f) >> 22 & 3) /* nearest, +inf, -inf, zero */
#define FPSCR_VALID 0xf7c0009fu        /* bits that exist */

uint32_t cpu_float_add(uint32_t a, uint32_t b, uint32_t *fpscr);
uint32_t cpu_float_sub(uint32_t a, uint32_t b, uint32_t *fpscr);
uint32_t cpu_float_mul(uint32_t a, uint32_t b, uint32_t *fpscr);
uint32_t cpu_float_div(uint32_t a, uint32_t b, uint32_t *fpscr);
uint32_t cpu_float_sqrt(uint32_t a, uint32_t *fpscr);
uint32_t cpu_float_fma(uint32_t addend, uint32_t a, uint32_t b, uint32_t *fpscr); /* addend + a*b, rounded once */
void cpu_float_compare(uint32_t a, uint32_t b, bool signalling, uint32_t *fpscr); /* sets N Z C V of *fpscr */
/* An integer of 16 or 32 bits (sign- or zero-extended) with frac fraction bits. nearest: rounds to nearest whatever fpscr says. */
uint32_t cpu_float_from_fixed(uint32_t v, bool is_unsigned, unsigned frac, bool nearest, uint32_t *fpscr);
/* Saturates to size bits (16 or 32) and extends to 32. to_zero: whatever fpscr says. */
uint32_t cpu_float_to_fixed(uint32_t a, bool is_unsigned, unsigned frac, unsigned size, bool to_zero, uint32_t *fpscr);
uint32_t cpu_float_from_half(uint32_t half, uint32_t *fpscr);
uint32_t cpu_float_to_half(uint32_t a, uint32_t *fpscr); /* 16 bits */

#endif
