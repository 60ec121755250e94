/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * STM32L476 (RM0351) around the core of cpu.h: memory map, flash controller, clocks, resets, UARTs. Virtual time in ns since
 * chip_new. A chip is a pure function of (flash content, inputs, seed). SRAM is seeded noise after every power-on.
 */
#ifndef SIM_CHIP_H
#define SIM_CHIP_H
#include "flash.h"

struct chip;
struct cpu;

enum chip_reset { CHIP_RESET_POWER, CHIP_RESET_PIN, CHIP_RESET_SOFTWARE, CHIP_RESET_IWDG, CHIP_RESET_OPTION, CHIP_RESET_WWDG };

/* why: "unmodelled" (not in this model), "reserved" (nothing there, reads 0), "unclocked" (its RCC enable is off), "bus-error"
 * (no bus slave: the access faulted), "scs" (private peripheral bus), "pin" (UART without an alternate-function pin), "clock" (a
 * clock setting outside the data sheet's range), "latency" (too few flash wait states), "standby" (Standby and Shutdown are
 * modelled as Stop). */
struct chip_access { uint32_t addr, pc, value; bool write; unsigned size; const char *why; };
enum chip_fault { CHIP_FAULT_HARD, CHIP_FAULT_LOCKUP, CHIP_FAULT_NMI_ECC, CHIP_FAULT_BKPT };

/* Any hook may be NULL. t in ns. Hooks may call chip_stop; they must not free the chip. */
struct chip_hooks {
    void *ctx;
    void (*uart_tx)(void *ctx, unsigned uart /* 1, 2 */, uint8_t byte, uint64_t t); /* last stop bit sent */
    void (*flash_op)(void *ctx, const struct flash_op *op);        /* an operation starts */
    void (*flash_error)(void *ctx, uint32_t sr_bits, uint32_t addr, uint32_t pc);   /* PGSERR, PROGERR, WRPERR … first per site */
    void (*access)(void *ctx, const struct chip_access *a);        /* outside what is modelled: once per (pc, addr, direction) */
    void (*reset)(void *ctx, enum chip_reset cause, uint64_t t); /* the chip restarts itself: software, watchdog, option bytes */
    void (*fault)(void *ctx, enum chip_fault kind, uint32_t pc, uint64_t t);
    void (*gpio)(void *ctx, char port, unsigned pin, bool level, uint64_t t);       /* an output changed */
};

enum chip_why {
    CHIP_TIME,    /* reached until_ns */
    CHIP_CUT,     /* the armed flash operation is under way: power was cut in it; the chip is off */
    CHIP_STOPPED, /* chip_stop was called by a hook */
    CHIP_DEAD,    /* off, locked up with no watchdog running, or asleep with nothing that could ever wake it (nor a byte on an
                     enabled UART or an edge on an enabled EXTI line): time was moved to until_ns */
};

/* seed: of SRAM noise, RNG peripheral, cut outcomes. hooks are copied. Off, flash erased. NULL when memory is out. */
struct chip *chip_new(const struct chip_hooks *hooks, uint64_t seed);
void chip_free(struct chip *c);
struct flash *chip_flash(struct chip *c);
struct cpu *chip_cpu(struct chip *c);
uint64_t chip_now(const struct chip *c);
void chip_unique_id(struct chip *c, const uint32_t id[3]); /* default: fixed */
/* Clock at OSC_IN, 4..48 MHz; 0: none (HSERDY never comes). Default 8 MHz (from the Nucleo's ST-LINK). */
void chip_hse(struct chip *c, uint32_t hz);
uint32_t chip_hclk(const struct chip *c);   /* core clock now, Hz */
const char *chip_where(uint32_t addr, char *text, size_t n); /* "USART2+0x28", "flash+0x100" …; returns text */

void chip_power_on(struct chip *c);
/* Power goes now. A flash operation under way is torn: its outcome drawn (FLASH_DONE) or forced. *op (NULL allowed) and *outcome
 * tell which; returns false when no operation was under way. */
bool chip_power_cut(struct chip *c, enum flash_outcome force, unsigned torn_bits, struct flash_op *op,
                    enum flash_outcome *outcome, unsigned *torn);
/* NRST pulse: SRAM, backup domain and flash stay; a flash operation under way is torn as by a cut. */
void chip_reset_pin(struct chip *c);
bool chip_powered(const struct chip *c);

/* The backup domain (RTC, BDCR, backup registers) lives on VBAT while VDD is away. Without a battery it is gone with the next power cut;
 * at once where no instruction has been executed since power-on. Default: there. */
void chip_battery(struct chip *c, bool there);
/* The calendar, as a factory or a debugger sets it: runs on LSE from now on and shows this time, Unix seconds, 2000 to 2099. */
void chip_rtc_set(struct chip *c, uint64_t unix_s);
bool chip_rtc_get(const struct chip *c, uint64_t *unix_s); /* false: was never set, or lost */
void chip_rtc_drift(struct chip *c, int32_t ppm);          /* the crystal is so much too fast; above -1000000 */

/* Arms a cut inside operation number index (chip-wide count since chip_new); 0 disarms. delay_ns after its
 * start is chosen from the seed within the operation's time. After CHIP_CUT, chip_last_cut tells what it left. */
void chip_arm_cut(struct chip *c, uint64_t index, enum flash_outcome force, unsigned torn_bits);
void chip_last_cut(const struct chip *c, struct flash_op *op, enum flash_outcome *outcome, unsigned *torn);
/* The same at an absolute time in ns, wherever the core is by then, in a flash operation or not; 0 disarms. After CHIP_CUT
 * chip_last_cut's outcome is FLASH_DONE when no operation was under way. More exact than chip_run(t) + chip_power_cut: a core
 * stalled in the middle of an instruction cannot stop there. */
void chip_arm_cut_at(struct chip *c, uint64_t t, enum flash_outcome force, unsigned torn_bits);
uint64_t chip_flash_ops(const struct chip *c); /* operations started */
void chip_reseed(struct chip *c, uint64_t seed); /* of cut outcomes and SRAM noise from here on */

enum chip_why chip_run(struct chip *c, uint64_t until_ns);
void chip_stop(struct chip *c);

/* Bytes towards the chip's UART pin, sent back to back at baud (what the other end is set to); each enters when its stop bit is
 * over. Returns the time in ns at which the last of them will have arrived. Receiver off, overrun or wrong baud lose or garble
 * bytes as the silicon does. */
uint64_t chip_uart_send(struct chip *c, unsigned uart, const uint8_t *bytes, size_t n, uint32_t baud);
size_t chip_uart_pending(const struct chip *c, unsigned uart); /* bytes still on their way */
void chip_uart_flush(struct chip *c, unsigned uart);           /* the line is cut: forgets them */
bool chip_uart_ready(const struct chip *c, unsigned uart);     /* receiver on and its byte register empty */
uint32_t chip_uart_baud(const struct chip *c, unsigned uart); /* that it is set to; 0 without a clock or divider */
/* The other end's baud, 8N1: a wrong one garbles what uart_tx is given. 0 (default): whatever the chip uses. */
void chip_uart_listen(struct chip *c, unsigned uart, uint32_t baud);
void chip_gpio_in(struct chip *c, char port, unsigned pin, int level); /* 0, 1, -1 floating */
#endif
