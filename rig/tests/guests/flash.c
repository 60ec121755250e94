/* SPDX-License-Identifier: GPL-3.0-or-later
 * Erases, programs and reads back both banks; then does it wrong in each documented way and prints SR. */
#include "guest.h"

static void check(const char *name, int good)
{
    say(name);
    say(good ? " ok\r\n" : " FAILED\r\n");
}

static int bank(unsigned n)
{
    uint32_t base = 0x08000000 + n * 0x80000 + 100 * 2048;
    flash_erase(n, 100);
    for (uint32_t i = 0; i < 2048; i += 4)
        if (REG(base + i) != 0xffffffff)
            return 0;
    for (uint32_t i = 0; i < 2048; i += 8)
        flash_word(base + i, i * 0x01010101, ~i);
    for (uint32_t i = 0; i < 2048; i += 8)
        if (REG(base + i) != i * 0x01010101 || REG(base + i + 4) != ~i)
            return 0;
    return !(FLASH_SR & 0xC3FA);
}

/* One wrong thing, the flags it leaves, flags cleared. */
static void wrong(const char *name, void (*what)(uint32_t), uint32_t addr)
{
    what(addr);
    while (FLASH_SR & FLASH_BSY)
        ;
    say(name);
    put(' ');
    say_hex(FLASH_SR);
    say("\r\n");
    FLASH_CR = 0;
    FLASH_SR = 0xC3FB;
}

static void without_pg(uint32_t a) { REG(a) = 1; }
static void byte_wide(uint32_t a) { FLASH_CR = 1; *(volatile uint8_t *)a = 1; }
static void half_wide(uint32_t a) { FLASH_CR = 1; *(volatile uint16_t *)a = 1; }
static void high_first(uint32_t a) { FLASH_CR = 1; REG(a + 4) = 1; }
static void two_words(uint32_t a) { FLASH_CR = 1; REG(a) = 1; REG(a + 12) = 1; }
static void twice(uint32_t a) { flash_word(a, 1, 2); flash_word(a, 3, 4); }
static void with_per(uint32_t a) { FLASH_CR = 3; REG(a) = 1; }
static void zeros(uint32_t a) { flash_word(a, 0, 0); }
static void after_error(uint32_t a) { without_pg(a); flash_word(a + 64, 1, 1); }

int main(void)
{
    uint32_t at = 0x08080000 + 101 * 2048;
    console_start(4000000, 115200);
    wrong("locked", without_pg, at);
    flash_unlock();
    check("unlocked", !(FLASH_CR & 1u << 31));
    check("bank1", bank(0));
    check("bank2", bank(1));
    flash_erase(1, 101);
    wrong("without-pg", without_pg, at);
    wrong("byte", byte_wide, at);
    wrong("half", half_wide, at);
    wrong("high-first", high_first, at);
    wrong("two-words", two_words, at);
    wrong("twice", twice, at);
    check("first-kept", REG(at) == 1 && REG(at + 4) == 2);
    wrong("zeros", zeros, at);
    check("zeroed", REG(at) == 0 && REG(at + 4) == 0);
    wrong("with-per", with_per, at + 8);
    wrong("after-error", after_error, at + 16);
    check("not-written", REG(at + 80) == 0xffffffff);
    FLASH_CR |= 1u << 31;
    check("locked-again", (FLASH_CR & 1u << 31) != 0);
    say("done\r\n");
    drain();
    return 0;
}
