/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The numbers of entropy.h. For ports and the like the generator is asked twice at the start and then left alone; for keys it is
 * asked for each byte. Every wait has its end.
 */
#include "entropy.h"
#include <stdbool.h>
#include "platform.h"
#include "stm32l476.h"

#define RCC_CCIPR REG(0x40021088)
#define RNG_CR REG(0x50060800)
#define RNG_SR REG(0x50060804)
#define RNG_DR REG(0x50060808)
enum {
    AHB2ENR_RNGEN = 1 << 18,
    CR_MSION = 1 << 0, CR_MSIRDY = 1 << 1, CR_MSIRGSEL = 1 << 3, CR_MSIRANGE_48 = 11 << 4, CR_MSIRANGE = 15 << 4,
    RNG_ON = 1 << 2, RNG_DRDY = 1 << 0, RNG_ERRORS = 3 << 1, /* CECS, SECS */
    PATIENCE = 20000, /* reads; a number takes 40 cycles of the 48 MHz clock (RM0351 §27.3.7) */
};
#define CCIPR_CLK48_MSI (3u << 26)

static uint32_t state;

/* MSI at 48 MHz (RM0351 §6.2.3) feeds the generator; the system runs on the PLL from HSI16 and does not notice. */
static void clock_on(void)
{
    RCC_CR |= CR_MSION;
    for (unsigned i = 0; i < PATIENCE && !(RCC_CR & CR_MSIRDY); i++) {
    }
    RCC_CR = (RCC_CR & ~(uint32_t)CR_MSIRANGE) | CR_MSIRANGE_48 | CR_MSIRGSEL;
    RCC_CCIPR |= CCIPR_CLK48_MSI;
    RCC_AHB2ENR |= AHB2ENR_RNGEN;
    (void)RCC_AHB2ENR;
}

static bool take(uint32_t *number)
{
    for (unsigned i = 0; i < PATIENCE; i++) {
        uint32_t sr = RNG_SR;
        if (sr & RNG_ERRORS)
            return false;
        if (sr & RNG_DRDY) {
            *number = RNG_DR;
            return true;
        }
    }
    return false;
}

static void generator_on(void)
{
    clock_on();
    RNG_CR = 0; /* forgets an error of before (RM0351 §27.3.7) */
    RNG_SR = 0;
    RNG_CR = RNG_ON;
}

static void generator_off(void)
{
    RNG_CR = 0;
    RCC_AHB2ENR &= ~(uint32_t)AHB2ENR_RNGEN;
}

/* Two equal numbers in a row: a generator that stands still (FIPS 140-2 §4.9.2). The first number is for comparison alone. */
static bool take_fresh(uint32_t *last, uint32_t *number)
{
    if (!take(number) || *number == *last)
        return false;
    *last = *number;
    return true;
}

bool entropy_fill(uint8_t *out, size_t n)
{
    uint32_t last = 0, number = 0;
    generator_on();
    bool good = take(&last);
    for (size_t i = 0; good && i < n; i++, number >>= 8) {
        if (i % 4 == 0)
            good = take_fresh(&last, &number);
        out[i] = (uint8_t)number;
    }
    generator_off();
    return good;
}

void entropy_init(void)
{
    uint32_t id[3], a = 0, b = 0;
    platform_unique_id(id);
    generator_on();
    bool good = take(&a) && take_fresh(&a, &b);
    generator_off();
    state = good ? b : platform_noise();
    state ^= id[0] ^ id[1] ^ id[2];
    if (state == 0)
        state = 1;
}

uint32_t entropy_u32(void)
{
    state ^= state << 13; /* xorshift32 (Marsaglia 2003) */
    state ^= state >> 17;
    state ^= state << 5;
    return state ^ platform_noise();
}
