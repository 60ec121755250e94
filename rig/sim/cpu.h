/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ARMv7E-M core with FPv4-SP (Cortex-M4F): instructions, exceptions, NVIC, SysTick, SCB (ARM DDI 0403E.e).
 * Instruction-exact: cpu_run() stops on an instruction boundary, and every bus callback sees the exact pc and cycle.
 * Time is in core cycles; the chip maps cycles to nanoseconds. No wall clock, no global state.
 */
#ifndef SIM_CPU_H
#define SIM_CPU_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden) /* the tests' oracle library exports a cpu_reset of its own, which must stay apart */

struct cpu;

/* What a bus callback answers. */
enum cpu_bus {
    CPU_BUS_OK = 0,
    CPU_BUS_ERROR = 1, /* precise bus fault (or IBUSERR on a fetch) */
};

/* Everything that is not mapped directly (cpu_map) comes here. size is 1, 2 or 4 bytes. A callback may call
 * cpu_stall, cpu_irq_set, cpu_nmi_pend, cpu_stop, cpu_map, cpu_invalidate, cpu_set_deadline. */
struct cpu_bus_ops {
    enum cpu_bus (*load)(void *ctx, uint32_t addr, unsigned size, uint32_t *value);
    enum cpu_bus (*store)(void *ctx, uint32_t addr, unsigned size, uint32_t value);
    enum cpu_bus (*fetch)(void *ctx, uint32_t addr, uint16_t *halfword); /* of an unmapped or slow page */
};

/* Told at notable moments; any may be NULL. */
struct cpu_hooks {
    void (*exception)(void *ctx, unsigned number, uint32_t return_pc); /* on entry; 2 NMI, 3 HardFault, 16+n IRQ n */
    void (*scs_unmodelled)(void *ctx, uint32_t addr, bool write, uint32_t value); /* PPB access outside the model */
};

enum cpu_why {
    CPU_DEADLINE, /* cycles >= deadline */
    CPU_SLEEP,    /* WFI/WFE with nothing pending: the caller advances time (cpu_advance) and calls again */
    CPU_RESET,    /* AIRCR.SYSRESETREQ written */
    CPU_LOCKUP,   /* fault at priority -1 or -2; only a reset leads out */
    CPU_STOPPED,  /* cpu_stop() was called by a callback: stops after the current instruction */
    CPU_BKPT,     /* BKPT with no debugger: reported before it escalates to HardFault; run again to escalate */
};

/* Creates a core. ctx is handed to every callback. irqs: number of external interrupts (1..240; STM32L476: 82).
 * prio_bits: implemented priority bits (STM32: 4). NULL when memory is out. */
struct cpu *cpu_new(const struct cpu_bus_ops *ops, const struct cpu_hooks *hooks, void *ctx, unsigned irqs, unsigned prio_bits);
void cpu_free(struct cpu *c);

/* Maps host memory for direct access. Later maps win over earlier ones; mem NULL unmaps to the callbacks. base and size are
 * multiples of CPU_PAGE. CPU_MAP_W: stores go direct too; without it stores go to the callback (flash).
 * A page marked slow by cpu_page_slow takes the callbacks for loads and fetches too (ECC errors, busy bank). */
#define CPU_PAGE 2048u
enum { CPU_MAP_R = 1, CPU_MAP_W = 2, CPU_MAP_X = 4 };
void cpu_map(struct cpu *c, uint32_t base, uint32_t size, uint8_t *mem, unsigned flags);
void cpu_page_slow(struct cpu *c, uint32_t addr, uint32_t size, bool slow);
/* Forgets decoded instructions of a range: call after flash or code memory changed behind the core. */
void cpu_invalidate(struct cpu *c, uint32_t addr, uint32_t size);

/* Core reset (every reset): registers, NVIC, SCB, SysTick, FPU; then SP and PC from the vector table at vtor (normally 0).
 * Cycles go on. Returns false when the vectors cannot be read (the core is then locked up). */
bool cpu_reset(struct cpu *c, uint32_t vtor);

/* Runs until the deadline (absolute cycles) or an earlier reason. */
enum cpu_why cpu_run(struct cpu *c, uint64_t deadline);
/* While asleep or stalled from outside: moves the cycle counter (SysTick counts along). */
void cpu_advance(struct cpu *c, uint64_t to_cycle);
uint64_t cpu_cycles(const struct cpu *c);       /* exact inside callbacks too */
uint64_t cpu_instructions(const struct cpu *c); /* executed since cpu_new */
/* Earliest cycle at which the core itself (SysTick) will raise something; UINT64_MAX when never. */
uint64_t cpu_next_event(const struct cpu *c);
void cpu_set_deadline(struct cpu *c, uint64_t deadline); /* from a callback: shortens the present cpu_run */
void cpu_stall(struct cpu *c, uint64_t cycles);          /* from a callback: the access took so much longer */
void cpu_stop(struct cpu *c);                            /* from a callback: return CPU_STOPPED after this instruction */

void cpu_irq_set(struct cpu *c, unsigned irq, bool level); /* level-sensitive line of external interrupt irq */
void cpu_nmi_set(struct cpu *c, bool level); /* level-sensitive line of NMI: asks again after each return while it is high */
void cpu_nmi_pend(struct cpu *c);                          /* taken before the next instruction */
void cpu_event(struct cpu *c);                             /* external event for WFE */
bool cpu_sleeping(const struct cpu *c);
bool cpu_wake_pending(const struct cpu *c); /* asleep and something would wake it */

/* Registers: 0-12, 13 SP (current), 14, 15 PC (address of the current instruction inside a callback). */
uint32_t cpu_reg(const struct cpu *c, unsigned r);
void cpu_set_reg(struct cpu *c, unsigned r, uint32_t value);
uint32_t cpu_pc(const struct cpu *c);

enum cpu_special { CPU_XPSR, CPU_MSP, CPU_PSP, CPU_PRIMASK, CPU_BASEPRI, CPU_FAULTMASK, CPU_CONTROL, CPU_FPSCR, CPU_CFSR,
                   CPU_HFSR, CPU_MMFAR, CPU_BFAR, CPU_VTOR, CPU_SHCSR, CPU_CPACR, CPU_SCR };
uint32_t cpu_special(const struct cpu *c, enum cpu_special which);
void cpu_set_special(struct cpu *c, enum cpu_special which, uint32_t value);
uint32_t cpu_fpreg(const struct cpu *c, unsigned s); /* S0..S31, raw bits */
void cpu_set_fpreg(struct cpu *c, unsigned s, uint32_t bits);

#pragma GCC visibility pop

#endif
