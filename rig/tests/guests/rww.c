/* SPDX-License-Identifier: GPL-3.0-or-later
 * Read while write: how many SysTicks are served during a page erase of the other bank, and of the bank that the code runs from.
 * Then a loop in SRAM watches an erase of bank 1 from outside. */
#include "guest.h"

static volatile uint32_t ticks;

void systick_handler(void)
{
    ticks++;
}

/* In SRAM, with no call into flash and interrupts off: counts polls of BSY. */
__attribute__((section(".ramcode"), noinline, long_call)) static uint32_t erase_from_ram(uint32_t cr)
{
    uint32_t polls = 0;
    FLASH_CR = cr;
    FLASH_CR = cr | 1 << 16;
    while (FLASH_SR & FLASH_BSY)
        polls++;
    FLASH_CR = 0;
    return polls;
}

int main(void)
{
    console_start(4000000, 115200);
    flash_unlock();
    SYST_RVR = 4000 - 1;
    SYST_CVR = 0;
    SYST_CSR = 7;
    uint32_t before = ticks;
    flash_erase(1, 7);
    say("other ");
    say_hex(ticks - before);
    drain();
    before = ticks;
    flash_erase(0, 200);
    say(" own ");
    say_hex(ticks - before);
    SYST_CSR = 0;
    say(" polls ");
    say_hex(erase_from_ram(1 << 1 | 201 << 3));
    say("\r\n");
    drain();
    return 0;
}
