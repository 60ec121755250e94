/* SPDX-License-Identifier: GPL-3.0-or-later
 * The world of a chip test: one chip, what it said and did, and a debugger's way to its registers. */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H
#include "base/buf.h"
#include "sim/chip.h"
#include "sim/cpu.h"

#define MS 1000000ull
#define RCC 0x40021000u
#define FLASH 0x40022000u
#define USART2 0x40004400u
#define GPIOA 0x48000000u
#define GPIOC 0x48000800u
#define IWDG 0x40003000u
#define PWR 0x40007000u
#define RNG 0x50060800u
#define CRC 0x40023000u
#define TIM6 0x40001000u
#define SYSCFG 0x40010000u
#define EXTI 0x40010400u

struct world {
    struct chip *chip;
    struct buf console, console1, accesses; /* USART2, USART1, "why r|w 0xADDR" per line */
    uint64_t tx_at;
    unsigned resets[6], faults[4], ops, errors, edges /* of PA5 */;
    uint32_t error_bits, fault_pc;
    struct flash_op op; /* the last */
};
extern struct world world;

void world_blank(uint64_t seed); /* a chip that is off, its flash erased */
/* A chip that is on, with a program of n halfwords (at most 120) at 0x08000008. */
void world_new(uint64_t seed, const uint16_t *code, size_t n);
int world_idling(void **state); /* set-up: a chip whose core runs "b ." */
int world_gone(void **state);   /* teardown */
void world_guest(const char *name, uint64_t seed); /* NAME.elf of $OTARIG_GUESTS or build/guests, power on */

uint32_t world_peek(uint32_t addr);
enum cpu_bus world_poke(uint32_t addr, uint32_t v);
void world_unlock(void);       /* flash keys */
void world_pass(uint64_t ns);
bool world_told(const char *what); /* an access was reported: "unclocked r 0x40004400" */
void world_said(const char *text); /* fails with the console when it was not */
void world_clean(void);            /* no access outside the model, no fault */

#endif
