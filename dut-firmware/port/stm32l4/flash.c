/* SPDX-License-Identifier: GPL-3.0-or-later
 * flash_port.h on the STM32L476's flash controller (RM0351 §3.3).
 *
 * While an operation runs the core sleeps in SRAM until the controller's end-of-operation interrupt: interrupts of the UARTs are
 * served in between, and no bank is touched by a fetch. The data cache stays off (platform.c), so that every load reaches the
 * array and its ECC.
 *
 * A double ECC error raises the NMI. Inside flash_port_read it is noted and cleared; anywhere else it is a fault. */
#include "flash_port.h"
#include <stddef.h>
#include <string.h>
#include "fault.h"
#include "layout.h"
#include "stm32l476.h"

static volatile uint32_t guard_on, guard_hit;
static volatile uint32_t finished_sr; /* flags that the interrupt handler saw and cleared */
static uint32_t protect_addr, protect_size;

RAMFUNC void FLASH_IRQHandler(void);
RAMFUNC void FLASH_IRQHandler(void)
{
    uint32_t sr = FLASH_SR & (FLASH_SR_EOP | FLASH_SR_OPERR);
    finished_sr |= sr;
    FLASH_SR = sr;
}

RAMFUNC void flash_nmi(const uint32_t *frame);
RAMFUNC void flash_nmi(const uint32_t *frame)
{
    uint32_t eccr = FLASH_ECCR;
    bool ecc = (eccr & FLASH_ECCR_ECCD) != 0;
    if (ecc)
        FLASH_ECCR = (eccr & FLASH_ECCR_ECCIE) | FLASH_ECCR_ECCD | FLASH_ECCR_ECCC;
    if (ecc && guard_on)
        guard_hit = 1;
    else
        fault_report(ecc ? "nmi-ecc" : "nmi", frame);
}

__attribute__((naked)) void NMI_Handler(void);
__attribute__((naked)) void NMI_Handler(void) { __asm volatile("mrs r0, msp\n\tldr r1, =flash_nmi\n\tbx r1\n\t.ltorg"); }

static void copy_aligned(uint32_t *to, const volatile uint32_t *from, uint32_t words)
{
    for (; words >= 4; words -= 4, to += 4, from += 4) {
        uint32_t a = from[0], b = from[1], c = from[2], d = from[3];
        to[0] = a;
        to[1] = b;
        to[2] = c;
        to[3] = d;
    }
    while (words-- > 0)
        *to++ = *from++;
}

static void copy_bytes(uint8_t *to, const volatile uint8_t *from, uint32_t n)
{
    while (n-- > 0)
        *to++ = *from++;
}

int flash_port_read(uint32_t addr, void *to, uint32_t n)
{
    guard_hit = 0;
    guard_on = 1;
    barrier();
    if (((addr | (uint32_t)to | n) & 3) == 0)
        copy_aligned(to, (const volatile uint32_t *)addr, n / 4);
    else
        copy_bytes(to, (const volatile uint8_t *)addr, n);
    barrier();
    guard_on = 0;
    return guard_hit ? FLASH_PORT_ECC : FLASH_PORT_OK;
}

void flash_port_protect(uint32_t addr, uint32_t size)
{
    protect_addr = addr;
    protect_size = size;
}

static bool denied(uint32_t addr, uint32_t size)
{
    if ((addr & (size - 1)) != 0 || addr < LAYOUT_FLASH_BASE + LAYOUT_BOOT_SIZE || addr >= LAYOUT_FLASH_BASE + LAYOUT_FLASH_SIZE)
        return true;
    return addr - protect_addr < protect_size;
}

static void unlock(void)
{
    if (FLASH_CR & FLASH_CR_LOCK) {
        FLASH_KEYR = 0x45670123;
        FLASH_KEYR = 0xCDEF89AB;
    }
}

/* The test and the sleep are one step with interrupts masked, or an end between them would be slept through; a masked interrupt
 * still ends WFI (DDI 0403E §B1.5.19). */
RAMFUNC static void wait_idle(void)
{
    for (;;) {
        irq_off();
        if (!(FLASH_SR & FLASH_SR_BSY))
            break;
        sleep_now();
        irq_on();
    }
    irq_on();
}

/* One operation with the settings cr: an erase when word is NULL, else words[0], words[1] at addr, in this order (RM0351 §3.3.7).
 */
RAMFUNC static int operate(uint32_t cr, uint32_t addr, const uint32_t *words)
{
    wait_idle();
    FLASH_SR = FLASH_SR_ERRORS | FLASH_SR_EOP;
    finished_sr = 0;
    FLASH_CR = cr | FLASH_CR_EOPIE | FLASH_CR_ERRIE;
    if (words != NULL) {
        irq_off();
        REG(addr) = words[0];
        barrier();
        REG(addr + 4) = words[1];
        barrier();
        irq_on();
    } else {
        FLASH_CR = cr | FLASH_CR_EOPIE | FLASH_CR_ERRIE | FLASH_CR_STRT;
        barrier();
    }
    wait_idle();
    uint32_t errors = (FLASH_SR | finished_sr) & FLASH_SR_ERRORS;
    FLASH_CR = FLASH_CR_LOCK;
    return errors == 0 ? FLASH_PORT_OK : FLASH_PORT_FAULT;
}

int flash_port_program(uint32_t addr, const void *word)
{
    uint32_t words[2];
    memcpy(words, word, sizeof words);
    if (denied(addr, LAYOUT_WORD))
        return FLASH_PORT_DENIED;
    irq_enable(IRQ_FLASH);
    unlock();
    return operate(FLASH_CR_PG, addr, words);
}

int flash_port_erase(uint32_t addr)
{
    if (denied(addr, LAYOUT_PAGE))
        return FLASH_PORT_DENIED;
    uint32_t offset = addr - LAYOUT_FLASH_BASE;
    uint32_t page = (offset % LAYOUT_BANK_SIZE) / LAYOUT_PAGE;
    uint32_t bank = offset >= LAYOUT_BANK_SIZE ? FLASH_CR_BKER : 0;
    irq_enable(IRQ_FLASH);
    unlock();
    return operate(FLASH_CR_PER | bank | page << FLASH_CR_PNB_SHIFT, addr, NULL);
}
