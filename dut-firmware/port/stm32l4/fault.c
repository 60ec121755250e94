/* SPDX-License-Identifier: GPL-3.0-or-later
 * Faults are told on the console, then the chip is reset: a trial image's attempt is thereby used up, and a fault is never a
 * hang. */
#include "fault.h"
#include "console.h"
#include "platform.h"
#include "stm32l476.h"

_Noreturn void fault_report(const char *kind, const uint32_t *frame)
{
    platform_console_panic();
    console_event("fault");
    console_word("kind", kind);
    console_hex("pc", frame[6]);
    console_hex("lr", frame[5]);
    console_hex("cfsr", SCB_CFSR);
    console_hex("hfsr", SCB_HFSR);
    console_end();
    platform_reset();
}

_Noreturn void fault_hard(const uint32_t *frame);
_Noreturn void fault_hard(const uint32_t *frame) { fault_report("hard", frame); }

_Noreturn void fault_unexpected(const uint32_t *frame);
_Noreturn void fault_unexpected(const uint32_t *frame) { fault_report("interrupt", frame); }

/* Entered with the frame on MSP (no PSP in this firmware). */
__attribute__((naked)) void HardFault_Handler(void);
__attribute__((naked)) void HardFault_Handler(void) { __asm volatile("mrs r0, msp\n\tb fault_hard"); }
