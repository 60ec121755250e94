/* SPDX-License-Identifier: GPL-3.0-or-later
 * The surroundings of a core under test: a flash, a RAM, a device behind callbacks, a handler for every exception.
 */
#ifndef TESTS_LAB_H
#define TESTS_LAB_H
#include "sim/cpu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { FLASH = 0x08000000, RAM = 0x20000000, SIZE = 0x10000, DEVICE = 0x40000000, START = FLASH + 0x2000, POKE = FLASH + 0x1f00,
       SP = RAM + 0x8000, HANDLERS = FLASH + 0x800 };
enum { NOP = 0xbf00, SELF = 0xe7fe, WFI = 0xbf30, WFE = 0xbf20, SEV = 0xbf40, BX_LR = 0x4770, CPSID_I = 0xb672, CPSIE_I = 0xb662,
       CPSID_F = 0xb671, CPSIE_F = 0xb661, UDF = 0xde00, SVC = 0xdf00, BKPT = 0xbe00, STR_R1_R0 = 0x6001, LDR_R1_R0 = 0x6801 };
enum { NMI = 2, HARD = 3, MEM = 4, BUS = 5, USAGE = 6, SVCALL = 11, PENDSV = 14, SYSTICK = 15, IRQ0 = 16 };

/* What an access of the device does besides */
enum lab_trick { QUIET, PEND_NMI, STOP, STALL, DEADLINE, RAISE_1, PATCH };

extern struct lab {
    struct cpu *cpu;
    uint8_t *flash, *ram;
    struct { unsigned n; unsigned number[64]; uint32_t pc[64]; } taken; /* exceptions */
    struct { unsigned loads, stores, fetches, size; uint32_t addr, value, pc; uint64_t cycle; } bus; /* of the last access */
    struct { unsigned n; uint32_t addr; } odd; /* reports of unmodelled registers */
    enum lab_trick trick;
    uint32_t device; /* the device's one register */
} lab;

int lab_setup(void **state); /* reset, about to run NOPs at START; every handler returns at once */
int lab_teardown(void **state);
#define LAB_CLAIM(f) cmocka_unit_test_setup_teardown(f, lab_setup, lab_teardown)

uint16_t *lab_at(uint32_t addr);
uint32_t lab_word(uint32_t addr);
void lab_set_word(uint32_t addr, uint32_t v);
uint32_t lab_handler(unsigned number); /* its address */
void lab_code(uint32_t addr, unsigned n, const uint16_t *h);
#define CODE(addr, ...) lab_code(addr, sizeof((uint16_t[]){__VA_ARGS__}) / 2, (uint16_t[]){__VA_ARGS__})
enum cpu_why lab_steps(uint64_t cycles);
void lab_poke(uint32_t addr, uint32_t value); /* by one store of the guest's, outside its program */
uint32_t lab_peek(uint32_t addr);
void lab_enable(unsigned irq, uint8_t priority);
void lab_allow_fp(void);
uint32_t lab_special(enum cpu_special s);
unsigned lab_ipsr(void);
void lab_expect_fault(unsigned number, uint32_t cfsr, uint32_t pc); /* that one exception, with that status */

#endif
