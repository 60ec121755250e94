/* SPDX-License-Identifier: GPL-3.0-or-later
 * Reads words whose ECC the test has spoiled, with an NMI handler that notes and clears. */
#include "guest.h"

static volatile uint32_t nmis, eccr;

static uint32_t patience; /* so many times the handler returns without clearing */

void nmi_handler(void)
{
    nmis++;
    if (patience) {
        patience--;
        return;
    }
    eccr = FLASH_ECCR;
    FLASH_ECCR = 1u << 31 | 1u << 30;
}

static void look(const char *name, uint32_t addr)
{
    uint32_t before = nmis, v = REG(addr);
    __asm volatile("dsb\nisb");
    say(name);
    say(nmis == before ? " quiet " : " nmi ");
    say_hex(v);
    put(' ');
    say_hex(nmis != before ? eccr : FLASH_ECCR >> 30 ? FLASH_ECCR : 0);
    say("\r\n");
    FLASH_ECCR = 1u << 31 | 1u << 30;
}

int main(void)
{
    console_start(4000000, 115200);
    look("good", 0x08040000);
    look("double1", 0x08040808);
    look("double2", 0x080C0010);
    look("again2", 0x080C0014);
    uint32_t before = nmis;
    patience = 4;
    look("stubborn2", 0x080C0010);
    say("nmis ");
    say_hex(nmis - before);
    say("\r\n");
    look("corrected", 0x08041000);
    flash_unlock();
    flash_erase(1, 128);
    look("erased2", 0x080C0010);
    drain();
    return 0;
}
