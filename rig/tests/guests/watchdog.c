/* SPDX-License-Identifier: GPL-3.0-or-later
 * Counts its lives in a register that SRAM keeps over resets; each ends in another way. */
#include "guest.h"

#define LIVES REG(0x10000000)
#define MAGIC REG(0x10000004)

int main(void)
{
    uint32_t csr = RCC_CSR;
    console_start(4000000, 115200);
    if (MAGIC != 0x600DCAFE || csr & 1u << 27) {
        MAGIC = 0x600DCAFE;
        LIVES = 0;
    }
    LIVES++;
    say("life ");
    say_hex(LIVES);
    say(" csr ");
    say_hex(csr);
    say("\r\n");
    drain();
    RCC_CSR |= 1u << 23;
    if (LIVES == 1)
        SCB_AIRCR = 0x05FA0004;
    IWDG(0x00) = 0xCCCC;
    IWDG(0x00) = 0x5555;
    IWDG(0x04) = 1;    /* 8 */
    IWDG(0x08) = 399;  /* 400 × 8 / 32 kHz = 100 ms */
    while (IWDG(0x0C))
        ;
    IWDG(0x00) = 0xAAAA;
    if (LIVES == 3) {
        for (;;) { /* fed: lives on */
            IWDG(0x00) = 0xAAAA;
            for (volatile int i = 0; i < 20000; i++)
                ;
            say("fed\r\n");
        }
    }
    for (;;)
        __asm volatile("wfi");
}
