/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a peripheral is to the chip, and what the chip offers it. A new peripheral is one file with a struct periph_model and one
 * row in chip_table.c. Models know nothing of the core, of the memory map or of each other's state.
 */
#ifndef SIM_PERIPH_H
#define SIM_PERIPH_H
#include "sim/chip.h"

struct periph;

enum periph_reset {
    PERIPH_POWER,  /* power-on: everything, backup domain too */
    PERIPH_SYSTEM, /* NRST, software, watchdog … */
    PERIPH_RCC,    /* the peripheral's reset bit in RCC */
};

/* Any function but reset, load and store may be NULL. */
struct periph_model {
    const char *name;
    size_t state;                                           /* bytes of p->state, zeroed once at the start */
    void (*reset)(struct periph *p, enum periph_reset how);
    uint32_t (*load)(struct periph *p, uint32_t offset);    /* offset: multiple of 4; the whole register, with its side effects */
    /* mask: the byte lanes written, 0xffffffff for a word; value is already in its lanes. */
    void (*store)(struct periph *p, uint32_t offset, uint32_t value, uint32_t mask);
    void (*event)(struct periph *p);                        /* the time given to periph_due has come; nothing is due any more */
    void (*clocks)(struct periph *p);                       /* some frequency of the clock tree has changed */
    bool (*listens)(const struct periph *p);                /* something from outside could raise its interrupt */
};

/* One instance: a row of the table in chip_table.c. */
struct periph_site {
    const char *name;
    uint32_t base, size;
    const struct periph_model *model; /* NULL: known by name, not modelled */
    uint8_t irq;                      /* first interrupt; PERIPH_NO_IRQ */
    uint8_t unit;                     /* number among its kind: USART2 is 2, GPIOA 0 */
    uint8_t enable, bit;              /* RCC: offset of the …ENR register, bit in it; 0: always clocked. …RSTR is 0x20 below */
};
enum { PERIPH_NO_IRQ = 255 };
#define PERIPH_NEVER UINT64_MAX

struct periph {
    const struct periph_model *model;
    const struct periph_site *site;
    struct chip *chip;
    void *state;
    unsigned index; /* in the chip's order of events */
};

enum periph_clock {
    PERIPH_HCLK,
    PERIPH_PCLK1,
    PERIPH_PCLK2,
    PERIPH_TIM1CLK /* timers of APB1 */,
    PERIPH_SYSCLK,
    PERIPH_HSI16,
    PERIPH_LSE,
    PERIPH_LSI,
    PERIPH_CLK48
};

/* What the chip offers. Times in ns of virtual time, frequencies in Hz (0: stopped). */
uint64_t periph_now(const struct periph *p);
void periph_due(struct periph *p, uint64_t ns);      /* one event per peripheral; PERIPH_NEVER: none */
void periph_irq(struct periph *p, unsigned irq, bool level);
uint32_t periph_hz(const struct periph *p, enum periph_clock which);
uint32_t periph_uart_hz(const struct periph *p, unsigned unit); /* kernel clock by CCIPR; unit 6: LPUART1 */
bool periph_clocked(const struct periph *p);         /* its enable in RCC is set */
void periph_odd(struct periph *p, const char *why);  /* reports the access under way (hooks.access); ignored outside one */
void periph_fail(struct periph *p);                  /* the access under way answers with a bus error */
void periph_restart(struct periph *p, enum chip_reset cause); /* the chip resets once the present event or instruction is over */
uint64_t periph_random(struct periph *p);            /* of the chip's seed, RNG's stream */
/* Merges a store into a plain register: only the bits of writable change. */
uint32_t periph_merge(uint32_t old, uint32_t value, uint32_t mask, uint32_t writable);

#endif
