/* SPDX-License-Identifier: GPL-3.0-or-later
 * The inside of a chip: shared by chip.c (life and time), chip_bus.c (memory map), chip_nvm.c (flash operations, cuts) only. */
#ifndef SIM_CHIP_PRIV_H
#define SIM_CHIP_PRIV_H
#include "base/rng.h"
#include "sim/chip.h"
#include "sim/cpu.h"
#include "sim/periph.h"
#include "sim/ticks.h"

enum { CHIP_FLASH = 0x08000000, CHIP_OTP = 0x1FFF7000, CHIP_OTP_SIZE = 0x400, CHIP_IRQS = 82,
       CHIP_SRAM1 = 0x20000000, CHIP_SRAM1_SIZE = 96 * 1024, CHIP_SRAM2 = 0x10000000, CHIP_SRAM2_SIZE = 32 * 1024,
       CHIP_ALIAS_SIZE = 1024 * 1024, CHIP_PERIPHS = 96, CHIP_SITES = 4096, CHIP_UARTS = 7 /* USART1 is 1, LPUART1 is 6 */, };

struct chip {
    struct chip_hooks hooks;
    uint64_t seed;
    struct rng cut_rng, sram_rng, dev_rng;
    struct cpu *cpu;
    uint8_t *sram1, *sram2;
    uint32_t id[3], hse_hz;
    bool battery_gone; /* VBAT: the backup domain lives as long as VDD does */
    uint64_t born;     /* instructions executed when power last came */
    bool powered, stop, hold, locked, in_cpu, in_event, fault_told;
    int restart; /* enum chip_reset + 1 of a reset that is to come; 0 none */

    /* time: in_event, the moment of the event; else what the core's cycles say */
    struct ticks ticks;
    uint64_t stop_entered;   /* instruction count at which Stop was last entered */
    uint64_t event_ns, until, next_due, off_ns;
    uint64_t due[CHIP_PERIPHS];
    struct periph periph[CHIP_PERIPHS];
    unsigned periphs;
    uint8_t eventful[CHIP_PERIPHS]; /* those whose model has moments of its own, ascending */
    unsigned eventfuls;
    struct periph *rcc, *pwr, *iwdg, *rtc, *flashctl, *gpio[8], *uart[CHIP_UARTS], *dma[2], *syscfg, *exti;
    struct periph *last;       /* that answered last */
    bool clocked[CHIP_PERIPHS]; /* enable bit in RCC, kept by periph_gates */
    uint8_t slot[3][400]; /* 1 KB of address space -> first periph index + 1 */

    /* the access under way */
    bool in_access, access_failed;
    struct chip_access access;
    uint64_t *seen; /* keys of access and flash error sites already told, open addressing, CHIP_SITES * 2 */
    unsigned seen_n;

    /* memory map */
    unsigned mem_mode;
    bool bank_swap;
    uint64_t synced;         /* flash version that the core's slow marks and decoded code reflect */
    uint64_t *page_synced;   /* version of each page; bit 63 never used */
    uint8_t *page_slow;
    bool veiled[2];          /* a bank's pages ask before they are read, but for those in lifted (see chip_nvm.c) */
    uint8_t veil[512];
    uint16_t lifted[2][256];
    unsigned lifted_n[2];

    /* flash operations */
    struct flash *flash, *otp;
    uint64_t ops;
    bool op_busy;
    struct flash_op op;
    uint8_t op_data[256];
    uint64_t armed, armed_ns, cut_due;
    enum flash_outcome armed_force;
    unsigned armed_bits;
    bool cut_done;
    struct flash_op cut_op;
    enum flash_outcome cut_outcome;
    unsigned cut_torn;
};

/* chip.c */
void chip_events(struct chip *c, uint64_t upto); /* carries out what is due, in order */
void chip_replan(struct chip *c, uint64_t due);  /* something was scheduled for due: the core must not run past it */
void chip_told(struct chip *c, enum chip_fault kind, uint32_t pc);
bool chip_stop_mode(struct chip *c);             /* the core sleeps deeply: clocks as in Stop */
/* chip_bus.c */
extern const struct cpu_bus_ops chip_bus_ops;
bool chip_bus_build(struct chip *c); /* creates the peripherals and maps memory; false: no memory */
void chip_bus_free(struct chip *c);
void chip_bus_map(struct chip *c);   /* after a reset or a change of SYSCFG_MEMRMP */
void chip_report(struct chip *c, uint32_t addr, bool write, unsigned size, uint32_t value, const char *why);
bool chip_first(struct chip *c, uint64_t key); /* this site was not told yet */
void chip_scs(void *ctx, uint32_t addr, bool write, uint32_t value);
/* chip_nvm.c */
void chip_nvm_sync(struct chip *c);  /* marks and invalidates what changed in flash behind the core */
void chip_nvm_wait(struct chip *c); /* from a callback: time passes until the flash operation is over, or the chip is off or to be
                                       reset */
bool chip_nvm_busy(const struct chip *c, uint32_t addr); /* addr (CPU view) lies in the bank that is busy */
uint32_t chip_nvm_offset(const struct chip *c, uint32_t addr); /* CPU address in flash or its alias -> offset in the array, or
                                                                  UINT32_MAX */
void chip_nvm_tear(struct chip *c, enum flash_outcome force, unsigned bits); /* the operation under way is torn; sets cut_* */
void chip_nvm_cut(struct chip *c);   /* the armed moment has come */
enum cpu_bus chip_nvm_load(struct chip *c, uint32_t addr, unsigned size, uint32_t *value);
/* chip_table.c */
extern const struct periph_site chip_sites[];
extern const unsigned chip_sites_n;
void chip_off(struct chip *c);

#endif
