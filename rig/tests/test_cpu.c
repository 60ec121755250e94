/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about the core that no single instruction shows: exceptions, sleep, time, faults, memory (ARM DDI 0403E.e, B1 to B3).
 * What instructions compute is claimed by fuzz_cpu_unicorn.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "sim/cpu.h"

#include <stdlib.h>
#include <string.h>

enum { FLASH = 0x08000000, RAM = 0x20000000, SIZE = 0x10000, DEVICE = 0x40000000, START = FLASH + 0x2000, POKE = FLASH + 0x1f00,
       SP = RAM + 0x8000, HANDLERS = FLASH + 0x800 };
enum { NOP = 0xbf00, SELF = 0xe7fe, WFI = 0xbf30, WFE = 0xbf20, SEV = 0xbf40, BX_LR = 0x4770, CPSID_I = 0xb672, CPSIE_I = 0xb662,
       CPSID_F = 0xb671, CPSIE_F = 0xb661, UDF = 0xde00, SVC = 0xdf00, BKPT = 0xbe00, STR_R1_R0 = 0x6001, LDR_R1_R0 = 0x6801 };
enum { NMI = 2, HARD = 3, MEM = 4, BUS = 5, USAGE = 6, SVCALL = 11, PENDSV = 14, SYSTICK = 15, IRQ0 = 16 };

static struct cpu *c;
static uint8_t *flash, *ram;
static struct { unsigned n; unsigned number[64]; uint32_t pc[64]; } taken;
static struct { unsigned loads, stores, fetches, size; uint32_t addr, value, pc; uint64_t cycle; } bus;
static struct { unsigned n; uint32_t addr; } odd;
static enum { QUIET, PEND_NMI, STOP, STALL, DEADLINE, RAISE_1, PATCH } trick; /* what a device access does besides */
static uint32_t device_value;

static uint16_t *at(uint32_t addr) { return (uint16_t *)(void *)(addr >= RAM ? ram + (addr - RAM) : flash + (addr - FLASH)); }
static uint32_t word(uint32_t addr) { uint32_t v; memcpy(&v, at(addr), 4); return v; }
static void set_word(uint32_t addr, uint32_t v) { memcpy(at(addr), &v, 4); }

static void play(void)
{
    switch (trick) {
    case PEND_NMI: cpu_nmi_pend(c); break;
    case STOP: cpu_stop(c); break;
    case STALL: cpu_stall(c, 100); break;
    case DEADLINE: cpu_set_deadline(c, cpu_cycles(c) + 3); break;
    case RAISE_1: cpu_irq_set(c, 1, true); break;
    case PATCH: /* the running page changes under the access itself */
        memset(at(START + 4), 0, 64);
        *at(START + 2) = SELF;
        cpu_invalidate(c, START, 64);
        break;
    case QUIET: break;
    }
}

static void note(uint32_t addr, unsigned size)
{
    bus.addr = addr;
    bus.size = size;
    bus.pc = cpu_pc(c);
    bus.cycle = cpu_cycles(c);
}
static bool is_device(uint32_t addr) { return addr - DEVICE < 0x1000 || addr - 0x60000000 < 0x1000; }
static enum cpu_bus load(void *ctx, uint32_t addr, unsigned size, uint32_t *value)
{
    (void)ctx;
    note(addr, size);
    bus.loads++;
    if (!is_device(addr) && !(addr - FLASH < SIZE))
        return CPU_BUS_ERROR;
    play();
    *value = device_value;
    return CPU_BUS_OK;
}
static enum cpu_bus store(void *ctx, uint32_t addr, unsigned size, uint32_t value)
{
    (void)ctx;
    note(addr, size);
    bus.stores++;
    bus.value = value;
    if (!is_device(addr))
        return CPU_BUS_ERROR;
    device_value = value;
    play();
    return CPU_BUS_OK;
}
static enum cpu_bus fetch(void *ctx, uint32_t addr, uint16_t *halfword)
{
    (void)ctx;
    note(addr, 2);
    bus.fetches++;
    if (addr - FLASH >= SIZE)
        return CPU_BUS_ERROR;
    *halfword = *at(addr);
    play();
    return CPU_BUS_OK;
}
static void on_exception(void *ctx, unsigned number, uint32_t pc)
{
    (void)ctx;
    if (taken.n < 64) {
        taken.number[taken.n] = number;
        taken.pc[taken.n++] = pc;
    }
}
static void on_odd(void *ctx, uint32_t addr, bool write, uint32_t value)
{
    (void)ctx, (void)write, (void)value;
    odd.n++;
    odd.addr = addr;
}
static const struct cpu_bus_ops ops = {load, store, fetch};
static const struct cpu_hooks hooks = {on_exception, on_odd};

/* Every handler returns at once until a test writes another one. */
static uint32_t handler(unsigned n) { return HANDLERS + n * 32; }

static int setup(void **state)
{
    (void)state;
    flash = calloc(1, SIZE);
    ram = calloc(1, SIZE);
    memset(&taken, 0, sizeof taken);
    memset(&bus, 0, sizeof bus);
    memset(&odd, 0, sizeof odd);
    trick = QUIET;
    device_value = 0;
    c = cpu_new(&ops, &hooks, NULL, 82, 4);
    cpu_map(c, FLASH, SIZE, flash, CPU_MAP_R | CPU_MAP_X);
    cpu_map(c, RAM, SIZE, ram, CPU_MAP_R | CPU_MAP_W | CPU_MAP_X);
    set_word(FLASH, SP);
    set_word(FLASH + 4, START | 1);
    for (unsigned n = 2; n < 16 + 82; n++) {
        set_word(FLASH + 4 * n, handler(n) | 1);
        *at(handler(n)) = BX_LR;
    }
    for (uint32_t a = START; a < START + 0x400; a += 2)
        *at(a) = NOP;
    return !cpu_reset(c, FLASH);
}
static int teardown(void **state)
{
    (void)state;
    cpu_free(c);
    free(flash);
    free(ram);
    return 0;
}

static void code(uint32_t addr, unsigned n, const uint16_t *h)
{
    memcpy(at(addr), h, 2 * n);
    cpu_invalidate(c, addr, 2 * n);
}
#define CODE(addr, ...) code(addr, sizeof((uint16_t[]){__VA_ARGS__}) / 2, (uint16_t[]){__VA_ARGS__})

static enum cpu_why steps(uint64_t cycles) { return cpu_run(c, cpu_cycles(c) + cycles); }

/* One STR or LDR of the guest's, outside its program */
static uint32_t access(uint16_t instruction, uint32_t addr, uint32_t value)
{
    uint32_t r0 = cpu_reg(c, 0), r1 = cpu_reg(c, 1), pc = cpu_pc(c);
    CODE(POKE, instruction, SELF);
    cpu_set_reg(c, 0, addr);
    cpu_set_reg(c, 1, value);
    cpu_set_reg(c, 15, POKE);
    steps(1);
    value = cpu_reg(c, 1);
    cpu_set_reg(c, 0, r0);
    cpu_set_reg(c, 1, r1);
    cpu_set_reg(c, 15, pc);
    return value;
}
static void poke(uint32_t addr, uint32_t value) { access(STR_R1_R0, addr, value); }
static uint32_t peek(uint32_t addr) { return access(LDR_R1_R0, addr, 0); }

static void enable(unsigned irq, uint8_t priority)
{
    uint32_t ipr = 0xe000e400 + (irq & ~3u), shift = 8 * (irq & 3);
    poke(ipr, (peek(ipr) & ~(255u << shift)) | (uint32_t)priority << shift);
    poke(0xe000e100 + irq / 32 * 4, 1u << irq % 32);
}
static void allow_fp(void) { cpu_set_special(c, CPU_CPACR, 0x00f00000); }
static uint32_t special(enum cpu_special s) { return cpu_special(c, s); }
static unsigned ipsr(void) { return special(CPU_XPSR) & 0x1ff; }

/* --- reset --- */
static void reset_takes_sp_and_pc_from_the_vectors(void **state)
{
    (void)state;
    assert_int_equal(cpu_reg(c, 13), SP);
    assert_int_equal(cpu_pc(c), START);
    assert_int_equal(special(CPU_XPSR), 0x01000000);
    assert_int_equal(cpu_reg(c, 14), 0xffffffff);
}
static void reset_without_readable_vectors_locks_up(void **state)
{
    (void)state;
    assert_false(cpu_reset(c, 0x70000000));
    assert_int_equal(steps(10), CPU_LOCKUP);
}
static void system_reset_request_ends_the_run(void **state)
{
    (void)state;
    CODE(START, STR_R1_R0, NOP, NOP);
    cpu_set_reg(c, 0, 0xe000ed0c);
    cpu_set_reg(c, 1, 0x05fa0004);
    assert_int_equal(steps(100), CPU_RESET);
    assert_int_equal(cpu_instructions(c), 1);
}

/* --- entry and return --- */
static void entry_stacks_eight_words(void **state)
{
    (void)state;
    enable(0, 0x40);
    for (unsigned k = 0; k < 13; k++)
        cpu_set_reg(c, k, 0x1000 + k);
    cpu_set_reg(c, 14, 0x1234);
    cpu_set_special(c, CPU_XPSR, 0xa0000000);
    cpu_irq_set(c, 0, true);
    uint64_t before = cpu_cycles(c);
    steps(1);
    assert_int_equal(cpu_cycles(c) - before, 12);
    assert_int_equal(cpu_pc(c), handler(IRQ0));
    assert_int_equal(cpu_reg(c, 14), 0xfffffff9);
    assert_int_equal(ipsr(), IRQ0);
    uint32_t sp = cpu_reg(c, 13);
    assert_int_equal(sp, SP - 32);
    const uint32_t want[8] = {0x1000, 0x1001, 0x1002, 0x1003, 0x100c, 0x1234, START, 0xa1000000};
    for (unsigned k = 0; k < 8; k++)
        assert_int_equal(word(sp + 4 * k), want[k]);
}
static void return_restores_what_entry_stacked(void **state)
{
    (void)state;
    enable(0, 0x40);
    CODE(handler(IRQ0), 0x2001, 0x2102, 0x2203, 0x2304, BX_LR); /* r0..r3 changed */
    cpu_set_reg(c, 0, 77);
    cpu_set_reg(c, 12, 78);
    cpu_set_special(c, CPU_XPSR, 0xf80f0000);
    cpu_irq_set(c, 0, true);
    steps(1);
    cpu_irq_set(c, 0, false);
    uint64_t before = cpu_cycles(c);
    steps(5);
    assert_int_equal(cpu_cycles(c) - before, 5 + 12);
    assert_int_equal(cpu_pc(c), START);
    assert_int_equal(cpu_reg(c, 13), SP);
    assert_int_equal(cpu_reg(c, 0), 77);
    assert_int_equal(cpu_reg(c, 12), 78);
    assert_int_equal(special(CPU_XPSR), 0xf90f0000);
}
static void frame_is_aligned_to_eight_bytes(void **state)
{
    (void)state;
    enable(0, 0);
    cpu_set_reg(c, 13, SP - 4);
    cpu_irq_set(c, 0, true);
    steps(1);
    assert_int_equal(cpu_reg(c, 13), SP - 8 - 32);
    assert_int_equal(word(cpu_reg(c, 13) + 28) >> 9 & 1, 1);
    cpu_irq_set(c, 0, false);
    steps(1);
    assert_int_equal(cpu_reg(c, 13), SP - 4);
}
static void frame_is_aligned_to_four_without_stkalign(void **state)
{
    (void)state;
    enable(0, 0);
    poke(0xe000ed14, 0);
    cpu_set_reg(c, 13, SP - 4);
    cpu_irq_set(c, 0, true);
    steps(1);
    assert_int_equal(cpu_reg(c, 13), SP - 4 - 32);
}
static void better_exception_that_arrives_while_stacking_goes_first(void **state)
{
    (void)state;
    enable(0, 0x80);
    enable(1, 0x40);
    cpu_set_reg(c, 13, 0x60000800); /* a stack behind callbacks */
    trick = RAISE_1;
    cpu_irq_set(c, 0, true);
    steps(1);
    trick = QUIET;
    cpu_irq_set(c, 1, false);
    assert_int_equal(taken.n, 1);
    assert_int_equal(taken.number[0], IRQ0 + 1);
    steps(1); /* its return finds the other one: no frame moves */
    unsigned accesses = bus.loads + bus.stores;
    assert_int_equal(taken.n, 2);
    assert_int_equal(taken.number[1], IRQ0);
    assert_int_equal(accesses, 8);
}
static void tail_chaining_takes_six_cycles_and_no_memory(void **state)
{
    (void)state;
    enable(0, 0x40);
    enable(1, 0x40);
    cpu_irq_set(c, 0, true);
    cpu_irq_set(c, 1, true);
    steps(1);
    cpu_irq_set(c, 0, false);
    cpu_irq_set(c, 1, false);
    uint64_t before = cpu_cycles(c);
    uint32_t sp = cpu_reg(c, 13);
    set_word(sp, 0xabcd); /* would be loaded if it unstacked */
    steps(1);
    assert_int_equal(cpu_cycles(c) - before, 1 + 6);
    assert_int_equal(ipsr(), IRQ0 + 1);
    assert_int_equal(cpu_reg(c, 13), sp);
    assert_int_equal(cpu_reg(c, 14), 0xfffffff9);
    steps(1);
    assert_int_equal(cpu_reg(c, 0), 0xabcd);
    assert_int_equal(cpu_pc(c), START);
}
static void higher_priority_nests(void **state)
{
    (void)state;
    enable(0, 0x80);
    enable(1, 0x40);
    CODE(handler(IRQ0), NOP, NOP, NOP, BX_LR);
    cpu_irq_set(c, 0, true);
    steps(1);
    cpu_irq_set(c, 0, false);
    steps(2);
    cpu_irq_set(c, 1, true);
    steps(1);
    assert_int_equal(ipsr(), IRQ0 + 1);
    assert_int_equal(cpu_reg(c, 14), 0xfffffff1);
    cpu_irq_set(c, 1, false);
    steps(1);
    assert_int_equal(ipsr(), IRQ0);
    assert_int_equal(cpu_pc(c), handler(IRQ0) + 4);
}
static void same_group_does_not_preempt(void **state)
{
    (void)state;
    poke(0xe000ed0c, 0x05fa0600); /* PRIGROUP 6: one bit of group priority */
    enable(0, 0x60);
    enable(1, 0x10);
    cpu_irq_set(c, 0, true);
    steps(1);
    cpu_irq_set(c, 1, true);
    CODE(handler(IRQ0), NOP, NOP, SELF);
    steps(3);
    assert_int_equal(taken.n, 1);
}
static void subpriority_then_number_decide_between_pending(void **state)
{
    (void)state;
    poke(0xe000ed0c, 0x05fa0600);
    enable(2, 0x60);
    enable(3, 0x10);
    enable(4, 0x10);
    for (unsigned k = 2; k < 5; k++)
        cpu_irq_set(c, k, true);
    for (unsigned k = 2; k < 5; k++)
        cpu_irq_set(c, k, false); /* pending stays */
    steps(60);
    assert_int_equal(taken.n, 3);
    assert_int_equal(taken.number[0], IRQ0 + 3);
    assert_int_equal(taken.number[1], IRQ0 + 4);
    assert_int_equal(taken.number[2], IRQ0 + 2);
}
static void level_that_stays_asks_again(void **state)
{
    (void)state;
    enable(0, 0);
    cpu_irq_set(c, 0, true);
    steps(60);
    assert_true(taken.n > 5);
    cpu_irq_set(c, 0, false);
    steps(40);
    unsigned n = taken.n;
    steps(60);
    assert_int_equal(taken.n, n);
}
static void it_block_survives_an_interrupt(void **state)
{
    (void)state;
    enable(0, 0);
    CODE(START, 0xbf06, 0x2001, 0x2002, 0x2103, NOP); /* ITTE EQ; r0=1; r0=2; else r1=3 */
    cpu_set_special(c, CPU_XPSR, 0x40000000);
    cpu_set_reg(c, 1, 9);
    CODE(handler(IRQ0), 0x2800, BX_LR); /* CMP changes the flags it must not see */
    steps(2);
    cpu_irq_set(c, 0, true);
    steps(1);
    cpu_irq_set(c, 0, false);
    assert_int_equal(taken.pc[0], START + 4);
    steps(2);
    steps(2);
    assert_int_equal(cpu_reg(c, 0), 2);
    assert_int_equal(cpu_reg(c, 1), 9);
    assert_int_equal(cpu_pc(c), START + 8);
    assert_int_equal(special(CPU_XPSR), 0x41000000);
}

/* --- masks --- */
static void primask_holds_interrupts_back(void **state)
{
    (void)state;
    enable(0, 0);
    CODE(START, CPSID_I, NOP, NOP, CPSIE_I, NOP);
    steps(1);
    cpu_irq_set(c, 0, true);
    steps(3);
    assert_int_equal(taken.n, 0);
    assert_int_equal(cpu_pc(c), START + 8);
    steps(1);
    assert_int_equal(taken.n, 1);
}
static void basepri_holds_its_own_level_and_lower_back(void **state)
{
    (void)state;
    enable(0, 0x40);
    enable(1, 0x30);
    cpu_set_special(c, CPU_BASEPRI, 0x40);
    cpu_irq_set(c, 0, true);
    steps(3);
    assert_int_equal(taken.n, 0);
    cpu_irq_set(c, 1, true);
    steps(1);
    assert_int_equal(taken.number[0], IRQ0 + 1);
}
static void basepri_max_only_raises(void **state)
{
    (void)state;
    CODE(START, 0xf380, 0x8812, 0xf381, 0x8812, 0xf382, 0x8812); /* MSR BASEPRI_MAX, r0, r1, r2 */
    cpu_set_reg(c, 0, 0x80);
    cpu_set_reg(c, 1, 0xc0);
    cpu_set_reg(c, 2, 0x4f);
    steps(1);
    assert_int_equal(special(CPU_BASEPRI), 0x80);
    steps(1);
    assert_int_equal(special(CPU_BASEPRI), 0x80);
    steps(1);
    assert_int_equal(special(CPU_BASEPRI), 0x40); /* four bits of priority */
}
static void faultmask_lets_only_nmi_through_and_ends_with_the_handler(void **state)
{
    (void)state;
    enable(0, 0);
    enable(1, 0x10);
    CODE(handler(IRQ0 + 1), CPSID_F, NOP, BX_LR);
    cpu_irq_set(c, 1, true);
    steps(13);
    cpu_irq_set(c, 1, false);
    assert_int_equal(special(CPU_FAULTMASK), 1);
    cpu_irq_set(c, 0, true);
    steps(1);
    assert_int_equal(taken.n, 1);
    steps(1);
    assert_int_equal(special(CPU_FAULTMASK), 0);
    assert_int_equal(taken.number[1], IRQ0);
}
static void unprivileged_code_cannot_mask(void **state)
{
    (void)state;
    CODE(START, CPSID_I, CPSID_F, 0xf380, 0x8811, 0xf3ef, 0x8211); /* MSR BASEPRI, r0; MRS r2, BASEPRI */
    cpu_set_special(c, CPU_CONTROL, 1);
    cpu_set_reg(c, 0, 0x40);
    cpu_set_reg(c, 2, 5);
    steps(4);
    assert_int_equal(special(CPU_PRIMASK) | special(CPU_FAULTMASK) | special(CPU_BASEPRI), 0);
    assert_int_equal(cpu_reg(c, 2), 0);
}

/* --- stacks --- */
static void thread_on_psp_is_stacked_on_psp(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_PSP, RAM + 0x4000);
    CODE(START, 0xf380, 0x8814, SVC, NOP); /* MSR CONTROL, r0 */
    cpu_set_reg(c, 0, 2);
    steps(1);
    assert_int_equal(cpu_reg(c, 13), RAM + 0x4000);
    steps(2);
    assert_int_equal(ipsr(), SVCALL);
    assert_int_equal(cpu_reg(c, 14), 0xfffffffd);
    assert_int_equal(cpu_reg(c, 13), SP);
    assert_int_equal(special(CPU_PSP), RAM + 0x4000 - 32);
    assert_int_equal(word(RAM + 0x4000 - 32 + 24), START + 6);
    steps(1);
    assert_int_equal(cpu_reg(c, 13), RAM + 0x4000);
    assert_int_equal(special(CPU_CONTROL), 2);
}
static void handler_can_start_a_thread_on_psp(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_PSP, RAM + 0x4000);
    set_word(RAM + 0x4000 + 24, START + 0x100);
    set_word(RAM + 0x4000 + 28, 0x01000000);
    CODE(START, SVC);
    CODE(handler(SVCALL), 0xf06f, 0x0e02, 0x4770); /* MVN lr, #2: 0xfffffffd; BX lr */
    steps(1);
    steps(2);
    assert_int_equal(cpu_pc(c), START + 0x100);
    assert_int_equal(cpu_reg(c, 13), RAM + 0x4000 + 32);
    assert_int_equal(special(CPU_CONTROL), 2);
    assert_int_equal(ipsr(), 0);
}
static void bad_exc_return_is_invpc(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    CODE(START, SVC);
    CODE(handler(SVCALL), 0xf06f, 0x0e01, BX_LR); /* 0xfffffffe: no such form */
    steps(1);
    steps(2);
    assert_int_equal(ipsr(), USAGE);
    assert_int_equal(special(CPU_CFSR), 1 << 18);
    assert_int_equal(cpu_reg(c, 13), SP - 32); /* on the frame that is there */
}
static void return_to_thread_from_a_nested_handler_is_invpc(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    enable(0, 0x80);
    enable(1, 0x40);
    cpu_irq_set(c, 0, true);
    CODE(handler(IRQ0), NOP, NOP, NOP, SELF);
    steps(13);
    CODE(handler(IRQ0 + 1), 0xf06f, 0x0e06, BX_LR); /* 0xfffffff9 */
    cpu_irq_set(c, 1, true);
    steps(1);
    cpu_irq_set(c, 1, false);
    steps(2);
    assert_int_equal(ipsr(), USAGE);
    assert_int_equal(special(CPU_CFSR), 1 << 18);
}
static void nonbasethrdena_allows_it(void **state)
{
    (void)state;
    poke(0xe000ed14, 0x201);
    enable(0, 0x80);
    enable(1, 0x40);
    cpu_irq_set(c, 0, true);
    CODE(handler(IRQ0), NOP, SELF);
    steps(13);
    CODE(handler(IRQ0 + 1), 0xf06f, 0x0e06, BX_LR);
    uint32_t sp = cpu_reg(c, 13);
    cpu_irq_set(c, 1, true);
    steps(1);
    set_word(sp - 32 + 28, 0x01000000); /* a thread's xPSR */
    cpu_irq_set(c, 1, false);
    steps(2);
    assert_int_equal(ipsr(), 0);
    assert_int_equal(cpu_reg(c, 13), sp);
}
static void returned_ipsr_must_fit_the_mode(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    CODE(START, SVC);
    steps(1);
    set_word(SP - 32 + 28, 0x01000000 | IRQ0);
    steps(1);
    assert_int_equal(ipsr(), USAGE);
    assert_int_equal(special(CPU_CFSR), 1 << 18);
}

/* --- floating point state --- */
enum { VMOV_HIGH = 0xeeb0, VMOV_LOW = 0x0a40 }; /* VMOV s0, s0 */

static void lazy_stacking_reserves_and_fills_on_use(void **state)
{
    (void)state;
    allow_fp();
    enable(0, 0);
    CODE(START, VMOV_HIGH, VMOV_LOW, NOP);
    CODE(handler(IRQ0), NOP, VMOV_HIGH, VMOV_LOW, BX_LR);
    steps(1);
    assert_int_equal(special(CPU_CONTROL), 4);
    for (unsigned k = 0; k < 32; k++)
        cpu_set_fpreg(c, k, 0xf000 + k);
    cpu_set_special(c, CPU_FPSCR, 0x03000001);
    memset(ram, 0xee, SIZE);
    cpu_irq_set(c, 0, true);
    steps(1);
    cpu_irq_set(c, 0, false);
    assert_int_equal(cpu_reg(c, 13), SP - 0x68);
    assert_int_equal(cpu_reg(c, 14), 0xffffffe9);
    assert_int_equal(special(CPU_CONTROL), 0);
    steps(1);
    assert_int_equal(word(SP - 0x68 + 0x20), 0xeeeeeeee);
    steps(1);
    for (unsigned k = 0; k < 16; k++)
        assert_int_equal(word(SP - 0x68 + 0x20 + 4 * k), 0xf000 + k);
    assert_int_equal(word(SP - 0x68 + 0x60), 0x03000001);
    assert_int_equal(special(CPU_FPSCR), 1); /* the handler's own modes come from FPDSCR */
    cpu_set_fpreg(c, 0, 1);
    steps(1);
    assert_int_equal(cpu_fpreg(c, 0), 0xf000);
    assert_int_equal(special(CPU_FPSCR), 0x03000001);
    assert_int_equal(special(CPU_CONTROL), 4);
    assert_int_equal(cpu_reg(c, 13), SP);
}
static void lazy_stacking_unused_costs_no_store(void **state)
{
    (void)state;
    allow_fp();
    enable(0, 0);
    CODE(START, VMOV_HIGH, VMOV_LOW, NOP);
    steps(1);
    cpu_set_fpreg(c, 3, 0x1234);
    memset(ram, 0xee, SIZE);
    cpu_irq_set(c, 0, true);
    steps(1);
    cpu_irq_set(c, 0, false);
    assert_int_equal(peek(0xe000ef34) & 1, 1);
    assert_int_equal(peek(0xe000ef38), SP - 0x68 + 0x20);
    steps(1);
    assert_int_equal(word(SP - 0x68 + 0x20), 0xeeeeeeee);
    assert_int_equal(cpu_fpreg(c, 3), 0x1234);
    assert_int_equal(peek(0xe000ef34) & 1, 0);
}
static void without_lspen_entry_stores_at_once(void **state)
{
    (void)state;
    allow_fp();
    enable(0, 0);
    poke(0xe000ef34, 0x80000000);
    CODE(START, VMOV_HIGH, VMOV_LOW, NOP);
    steps(1);
    cpu_set_fpreg(c, 15, 0x4321);
    cpu_irq_set(c, 0, true);
    steps(1);
    assert_int_equal(word(SP - 0x68 + 0x20 + 60), 0x4321);
    cpu_irq_set(c, 0, false);
    set_word(SP - 0x68 + 0x20 + 60, 0x4322);
    steps(1);
    assert_int_equal(cpu_fpreg(c, 15), 0x4322);
}
static void fp_without_cpacr_is_nocp(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    CODE(START, VMOV_HIGH, VMOV_LOW);
    steps(1);
    assert_int_equal(ipsr(), USAGE);
    assert_int_equal(special(CPU_CFSR), 1 << 19);
    assert_int_equal(taken.pc[0], START);
}

/* --- SysTick and time --- */
static void systick_period_is_reload_plus_one(void **state)
{
    (void)state;
    CODE(START, SELF);
    poke(0xe000e014, 99);
    poke(0xe000e018, 0);
    poke(0xe000e010, 7);
    uint64_t on = cpu_cycles(c) - 1; /* the cycle at which the store was made */
    assert_int_equal(cpu_next_event(c), on + 100);
    steps(1000);
    assert_true(taken.n >= 8);
    for (unsigned k = 0; k < taken.n; k++)
        assert_int_equal(taken.number[k], SYSTICK);
    uint64_t next = cpu_next_event(c);
    assert_int_equal((next - on) % 100, 0);
}
static void systick_counts_down_and_flags_zero(void **state)
{
    (void)state;
    poke(0xe000e014, 49);
    poke(0xe000e018, 0);
    poke(0xe000e010, 5); /* no interrupt */
    assert_int_equal(cpu_next_event(c), UINT64_MAX);
    uint64_t on = cpu_cycles(c) - 1;
    steps(10);
    uint32_t value = peek(0xe000e018);
    assert_int_equal(value, 49 - (cpu_cycles(c) - 1 - on - 1));
    steps(60);
    assert_int_equal(peek(0xe000e010), 0x10005);
    assert_int_equal(peek(0xe000e010), 5);
    assert_int_equal(taken.n, 0);
}
static void systick_from_the_reference_clock_is_eight_times_slower(void **state)
{
    (void)state;
    poke(0xe000e014, 9);
    poke(0xe000e018, 0);
    poke(0xe000e010, 3);
    assert_int_equal(cpu_next_event(c), cpu_cycles(c) - 1 + 80);
}
static void systick_counts_while_the_core_sleeps(void **state)
{
    (void)state;
    CODE(START, WFI, NOP);
    poke(0xe000e014, 999);
    poke(0xe000e018, 0);
    poke(0xe000e010, 7);
    assert_int_equal(steps(100), CPU_SLEEP);
    assert_true(cpu_sleeping(c));
    cpu_advance(c, cpu_next_event(c) - 1);
    assert_false(cpu_wake_pending(c));
    cpu_advance(c, cpu_next_event(c));
    assert_true(cpu_wake_pending(c));
    steps(1);
    assert_int_equal(taken.number[0], SYSTICK);
    assert_int_equal(taken.pc[0], START + 2);
}
static void deadline_is_exact(void **state)
{
    (void)state;
    for (unsigned n = 1; n < 50; n++) {
        uint64_t before = cpu_cycles(c), executed = cpu_instructions(c);
        cpu_set_reg(c, 15, START);
        assert_int_equal(steps(n), CPU_DEADLINE);
        assert_int_equal(cpu_cycles(c) - before, n);
        assert_int_equal(cpu_instructions(c) - executed, n);
        assert_int_equal(cpu_pc(c), START + 2 * n);
    }
}
static void callback_sees_exact_pc_and_cycle(void **state)
{
    (void)state;
    CODE(START, NOP, NOP, NOP, LDR_R1_R0, NOP);
    cpu_set_reg(c, 0, DEVICE + 4);
    device_value = 0xcafe;
    steps(10);
    assert_int_equal(bus.pc, START + 6);
    assert_int_equal(bus.cycle, 3);
    assert_int_equal(bus.addr, DEVICE + 4);
    assert_int_equal(cpu_reg(c, 1), 0xcafe);
}
static void callback_can_stop_stall_and_shorten(void **state)
{
    (void)state;
    CODE(START, LDR_R1_R0, NOP);
    cpu_set_reg(c, 0, DEVICE);
    trick = STOP;
    assert_int_equal(steps(50), CPU_STOPPED);
    assert_int_equal(cpu_cycles(c), 1);
    cpu_set_reg(c, 15, START);
    trick = STALL;
    assert_int_equal(steps(50), CPU_DEADLINE);
    assert_int_equal(cpu_cycles(c), 102);
    assert_int_equal(cpu_instructions(c), 2);
    cpu_set_reg(c, 15, START);
    trick = DEADLINE;
    assert_int_equal(steps(50), CPU_DEADLINE);
    assert_int_equal(cpu_cycles(c), 105);
}
static void nmi_from_a_load_comes_before_the_next_instruction(void **state)
{
    (void)state;
    CODE(START, LDR_R1_R0, NOP);
    cpu_set_reg(c, 0, DEVICE);
    device_value = 0x55;
    trick = PEND_NMI;
    steps(2);
    assert_int_equal(taken.number[0], NMI);
    assert_int_equal(taken.pc[0], START + 2);
    assert_int_equal(cpu_reg(c, 1), 0x55);
}
static void nmi_from_a_fetch_comes_before_what_was_fetched(void **state)
{
    (void)state;
    CODE(START, 0x2001);
    cpu_page_slow(c, START, 2, true);
    trick = PEND_NMI;
    steps(1);
    trick = QUIET;
    assert_int_equal(taken.number[0], NMI);
    assert_int_equal(taken.pc[0], START);
    steps(1);
    steps(1);
    assert_int_equal(cpu_reg(c, 0), 1);
}
static void cycle_counter_counts_when_enabled(void **state)
{
    (void)state;
    poke(0xe000edfc, 1 << 24);
    poke(0xe0001004, 0);
    poke(0xe0001000, 1);
    uint32_t a = peek(0xe0001004);
    steps(100);
    assert_int_equal(peek(0xe0001004) - a, 101);
    poke(0xe0001000, 0);
    a = peek(0xe0001004);
    steps(100);
    assert_int_equal(peek(0xe0001004), a);
}

/* --- sleep --- */
static void wfi_under_primask_wakes_without_entering(void **state)
{
    (void)state;
    enable(0, 0x40);
    CODE(START, CPSID_I, WFI, 0x2007, NOP);
    assert_int_equal(steps(10), CPU_SLEEP);
    cpu_irq_set(c, 0, true);
    assert_true(cpu_wake_pending(c));
    steps(1);
    assert_int_equal(cpu_reg(c, 0), 7);
    assert_int_equal(taken.n, 0);
}
static void wfi_does_not_wake_for_what_basepri_masks(void **state)
{
    (void)state;
    enable(0, 0x80);
    cpu_set_special(c, CPU_BASEPRI, 0x40);
    CODE(START, WFI, NOP);
    cpu_irq_set(c, 0, true);
    assert_int_equal(steps(10), CPU_SLEEP);
    assert_false(cpu_wake_pending(c));
}
static void wfe_consumes_an_event_or_waits_for_one(void **state)
{
    (void)state;
    CODE(START, SEV, WFE, NOP, WFE, 0x2007);
    assert_int_equal(steps(10), CPU_SLEEP);
    assert_int_equal(cpu_pc(c), START + 8);
    cpu_event(c);
    assert_true(cpu_wake_pending(c));
    steps(1);
    assert_int_equal(cpu_reg(c, 0), 7);
}
static void sleep_on_exit_goes_to_sleep_at_the_last_return(void **state)
{
    (void)state;
    enable(0, 0);
    poke(0xe000ed10, 2);
    cpu_irq_set(c, 0, true);
    steps(1);
    cpu_irq_set(c, 0, false);
    assert_int_equal(steps(100), CPU_SLEEP);
    assert_int_equal(cpu_pc(c), START);
    cpu_irq_set(c, 0, true);
    steps(1);
    assert_int_equal(taken.n, 2);
}

/* --- faults --- */
static void expect_fault(unsigned number, uint32_t cfsr, uint32_t pc)
{
    assert_int_equal(taken.n, 1);
    assert_int_equal(taken.number[0], number);
    assert_int_equal(taken.pc[0], pc);
    assert_int_equal(special(CPU_CFSR), cfsr);
}
static void undefined_instruction_is_usage_fault(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    CODE(START, NOP, UDF);
    steps(2);
    expect_fault(USAGE, 1 << 16, START + 2);
}
static void disabled_fault_escalates_to_hardfault(void **state)
{
    (void)state;
    CODE(START, UDF);
    steps(1);
    expect_fault(HARD, 1 << 16, START);
    assert_int_equal(special(CPU_HFSR), 1 << 30);
}
static void fault_in_hardfault_locks_up(void **state)
{
    (void)state;
    CODE(START, UDF);
    CODE(handler(HARD), UDF);
    assert_int_equal(steps(100), CPU_LOCKUP);
    assert_int_equal(steps(100), CPU_LOCKUP);
    assert_true(cpu_reset(c, FLASH));
    assert_int_equal(cpu_pc(c), START);
}
static void bus_fault_tells_the_address(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    CODE(START, LDR_R1_R0);
    cpu_set_reg(c, 0, 0x70000010);
    cpu_set_reg(c, 1, 3);
    steps(1);
    expect_fault(BUS, 1 << 9 | 1 << 15, START);
    assert_int_equal(special(CPU_BFAR), 0x70000010);
    assert_int_equal(cpu_reg(c, 1), 3);
}
static void bfhfnmign_ignores_data_faults_in_hardfault(void **state)
{
    (void)state;
    poke(0xe000ed14, 0x300);
    CODE(START, UDF);
    CODE(handler(HARD), LDR_R1_R0, SELF);
    cpu_set_reg(c, 0, 0x70000000);
    assert_int_equal(steps(20), CPU_DEADLINE);
    assert_int_equal(ipsr(), HARD);
    assert_int_equal(taken.n, 1);
}
static void unaligned_faults_only_when_asked_to(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    CODE(START, LDR_R1_R0, NOP);
    set_word(RAM + 0x100, 0x44332211);
    set_word(RAM + 0x104, 0x88776655);
    cpu_set_reg(c, 0, RAM + 0x101);
    steps(1);
    assert_int_equal(cpu_reg(c, 1), 0x55443322);
    poke(0xe000ed14, 0x208);
    cpu_set_reg(c, 15, START);
    steps(1);
    expect_fault(USAGE, 1 << 24, START);
}
static void unaligned_word_across_pages_is_one_value(void **state)
{
    (void)state;
    CODE(START, LDR_R1_R0, STR_R1_R0);
    set_word(RAM + CPU_PAGE - 4, 0x44332211);
    set_word(RAM + CPU_PAGE, 0x88776655);
    cpu_set_reg(c, 0, RAM + CPU_PAGE - 2);
    steps(2);
    assert_int_equal(cpu_reg(c, 1), 0x66554433);
    assert_int_equal(word(RAM + CPU_PAGE), 0x88776655);
}
static void multiple_loads_always_fault_unaligned_and_change_nothing(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    CODE(START, 0xc806); /* LDM r0!, {r1, r2} */
    cpu_set_reg(c, 0, RAM + 2);
    steps(1);
    expect_fault(USAGE, 1 << 24, START);
    assert_int_equal(cpu_reg(c, 0), RAM + 2);
}
static void division_by_zero_gives_zero_or_faults(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    CODE(START, 0xfbb0, 0xf2f1); /* UDIV r2, r0, r1 */
    cpu_set_reg(c, 2, 9);
    cpu_set_reg(c, 1, 0);
    steps(1);
    assert_int_equal(cpu_reg(c, 2), 0);
    poke(0xe000ed14, 0x210);
    cpu_set_reg(c, 15, START);
    steps(1);
    expect_fault(USAGE, 1 << 25, START);
}
static void branch_to_an_even_address_faults_there(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    CODE(START, 0x4700); /* BX r0 */
    cpu_set_reg(c, 0, START + 0x20);
    steps(2);
    expect_fault(USAGE, 1 << 17, START + 0x20);
    assert_int_equal(word(cpu_reg(c, 13) + 28) >> 24 & 1, 0);
}
static void execution_from_device_memory_is_iaccviol(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    CODE(START, 0x4700);
    cpu_set_reg(c, 0, DEVICE | 1);
    steps(2);
    expect_fault(MEM, 1, DEVICE);
    assert_int_equal(bus.fetches, 0);
}
static void failed_fetch_is_ibuserr(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    CODE(START, 0x4700);
    cpu_set_reg(c, 0, 0x09000001);
    steps(2);
    expect_fault(BUS, 1 << 8, 0x09000000);
}
static void unreadable_vector_is_vecttbl(void **state)
{
    (void)state;
    memcpy(ram, flash, 0x1000);
    enable(0, 0);
    cpu_set_special(c, CPU_VTOR, 0x60000000); /* answers with the device's value */
    device_value = handler(HARD) | 1;
    cpu_irq_set(c, 0, true);
    steps(1);
    assert_int_equal(cpu_pc(c), handler(HARD));
    cpu_reset(c, FLASH);
    taken.n = 0;
    enable(0, 0);
    cpu_set_special(c, CPU_VTOR, 0x70000000);
    cpu_irq_set(c, 0, false);
    cpu_irq_set(c, 0, true);
    assert_int_equal(steps(1), CPU_LOCKUP); /* HardFault's own vector is as unreadable */
    assert_int_equal(special(CPU_HFSR), 1 << 1);
}
static void stacking_error_is_reported_and_the_handler_runs(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    enable(0, 0x40);
    cpu_set_reg(c, 13, 0x70001000);
    cpu_irq_set(c, 0, true);
    steps(1);
    assert_int_equal(taken.number[0], BUS); /* priority 0 beats the interrupt's */
    assert_int_equal(special(CPU_CFSR), 1 << 12);
}
static void svc_that_cannot_preempt_is_a_hardfault(void **state)
{
    (void)state;
    CODE(START, CPSID_I, SVC);
    steps(2);
    assert_int_equal(taken.number[0], HARD);
    assert_int_equal(special(CPU_HFSR), 1 << 30);
}
static void bkpt_is_told_before_it_escalates(void **state)
{
    (void)state;
    CODE(START, NOP, BKPT);
    assert_int_equal(steps(10), CPU_BKPT);
    assert_int_equal(cpu_pc(c), START + 2);
    assert_int_equal(taken.n, 0);
    steps(1);
    assert_int_equal(taken.number[0], HARD);
    assert_int_equal(special(CPU_HFSR), 1u << 31);
}

/* --- memory --- */
static void bit_band_reads_and_writes_one_bit(void **state)
{
    (void)state;
    set_word(RAM + 0x40, 0x00000400);
    assert_int_equal(peek(0x22000000 + 0x40 * 32 + 10 * 4), 1);
    assert_int_equal(peek(0x22000000 + 0x40 * 32 + 9 * 4), 0);
    poke(0x22000000 + 0x40 * 32 + 31 * 4, 1);
    poke(0x22000000 + 0x40 * 32 + 10 * 4, 0xfffffffe); /* bit 0 counts */
    assert_int_equal(word(RAM + 0x40), 0x80000000);
    device_value = 0xf0;
    poke(0x42000000 + 0x10 * 32 + 2 * 4, 1);
    assert_int_equal(device_value, 0xf4);
    assert_int_equal(bus.addr, DEVICE + 0x10);
    assert_int_equal(bus.size, 4);
}
static void exception_clears_the_exclusive_monitor(void **state)
{
    (void)state;
    CODE(START, 0xe850, 0x1f00, 0xe840, 0x1200, 0xe850, 0x1f00, SVC, 0xe840, 0x1300); /* LDREX r1; STREX r2; LDREX; SVC; STREX r3 */
    cpu_set_reg(c, 0, RAM + 0x20);
    cpu_set_reg(c, 2, 7);
    cpu_set_reg(c, 3, 7);
    steps(40);
    assert_int_equal(cpu_reg(c, 2), 0);
    assert_int_equal(cpu_reg(c, 3), 1);
}
static void code_that_overwrites_itself_runs_anew(void **state)
{
    (void)state;
    CODE(RAM + 0x200, 0x8001, 0x2001, SELF); /* STRH r1, [r0]; MOVS r0, #1 */
    cpu_set_reg(c, 15, RAM + 0x200);
    cpu_set_reg(c, 0, RAM + 0x300);
    steps(2);
    assert_int_equal(cpu_reg(c, 0), 1);
    cpu_set_reg(c, 15, RAM + 0x200);
    cpu_set_reg(c, 0, RAM + 0x202);
    cpu_set_reg(c, 1, 0x2042); /* MOVS r0, #0x42 */
    steps(2);
    assert_int_equal(cpu_reg(c, 0), 0x42);
}
static void code_written_through_an_alias_runs_anew(void **state)
{
    (void)state;
    cpu_map(c, 0, SIZE, ram, CPU_MAP_R | CPU_MAP_W | CPU_MAP_X);
    CODE(RAM + 0x200, 0x8001, 0x2001, SELF);
    cpu_set_reg(c, 15, RAM + 0x200);
    cpu_set_reg(c, 0, 0x300);
    steps(2);
    cpu_set_reg(c, 15, RAM + 0x200);
    cpu_set_reg(c, 0, 0x202);
    cpu_set_reg(c, 1, 0x2042);
    steps(2);
    assert_int_equal(cpu_reg(c, 0), 0x42);
}
static void page_changed_by_its_own_store_runs_anew(void **state)
{
    (void)state;
    CODE(START, STR_R1_R0, 0x2009, 0x2109, SELF);
    cpu_set_reg(c, 0, DEVICE);
    cpu_set_reg(c, 1, 1);
    steps(0);
    trick = PATCH;
    steps(5);
    assert_int_equal(cpu_pc(c), START + 2);
    assert_int_equal(cpu_reg(c, 0), DEVICE);
}
static void slow_page_fetches_and_loads_by_callback(void **state)
{
    (void)state;
    CODE(START, NOP, 0x4801, NOP, NOP); /* LDR r0, [pc, #4] */
    steps(1);
    cpu_page_slow(c, START, 2, true);
    device_value = 0x77;
    steps(2);
    assert_int_equal(bus.fetches, 2);
    assert_int_equal(cpu_reg(c, 0), 0x77);
    cpu_page_slow(c, START, 2, false);
    steps(1);
    assert_int_equal(bus.fetches, 2);
}
static void instruction_across_pages_is_seen_to_change(void **state)
{
    (void)state;
    uint32_t edge = FLASH + 3 * CPU_PAGE + CPU_PAGE; /* MOVW r0, #imm with its second half in the next page */
    CODE(edge - 2, 0xf240, 0x0012, SELF);
    cpu_set_reg(c, 15, edge - 2);
    steps(1);
    assert_int_equal(cpu_reg(c, 0), 0x12);
    CODE(edge, 0x0034);
    cpu_set_reg(c, 15, edge - 2);
    steps(1);
    assert_int_equal(cpu_reg(c, 0), 0x34);
    cpu_page_slow(c, edge, 2, true);
    cpu_set_reg(c, 15, edge - 2);
    bus.fetches = 0;
    steps(1);
    assert_int_equal(bus.fetches, 1);
}
static void unprivileged_access_to_the_scs_is_a_bus_fault(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    cpu_set_special(c, CPU_CONTROL, 1);
    CODE(START, LDR_R1_R0);
    cpu_set_reg(c, 0, 0xe000ed00);
    steps(1);
    expect_fault(BUS, 1 << 9 | 1 << 15, START);
}
static void unmodelled_registers_are_told(void **state)
{
    (void)state;
    assert_int_equal(peek(0xe000ed00), 0x410fc241);
    assert_int_equal(odd.n, 0);
    poke(0xe0000000, 1); /* ITM */
    assert_int_equal(odd.n, 1);
    assert_int_equal(odd.addr, 0xe0000000);
    assert_int_equal(peek(0xe0002000), 0);
    assert_int_equal(odd.n, 2);
}
static void vtor_moves_the_vectors(void **state)
{
    (void)state;
    memcpy(ram + 0x400, flash, 0x400);
    set_word(RAM + 0x400 + 4 * SVCALL, (START + 0x200) | 1);
    poke(0xe000ed08, RAM + 0x400);
    CODE(START, SVC);
    steps(1);
    assert_int_equal(cpu_pc(c), START + 0x200);
}

/* --- MPU --- */
static void region(unsigned n, uint32_t base, unsigned log2, uint32_t attributes)
{
    poke(0xe000ed98, n);
    poke(0xe000ed9c, base);
    poke(0xe000eda0, attributes | (log2 - 1) << 1 | 1);
}
enum { AP_FULL = 3 << 24, AP_PRIV = 1 << 24, AP_RO = 6 << 24, XN = 1 << 28 };

static void mpu_read_only_region_refuses_stores(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    region(0, RAM + 0x1000, 8, AP_RO);
    poke(RAM + 0x1010, 5);
    poke(0xe000ed94, 5); /* on, privileged background */
    CODE(START, LDR_R1_R0, STR_R1_R0);
    cpu_set_reg(c, 0, RAM + 0x1100);
    steps(2); /* next to it */
    assert_int_equal(taken.n, 0);
    cpu_set_reg(c, 15, START);
    cpu_set_reg(c, 0, RAM + 0x1010);
    steps(2);
    expect_fault(MEM, 1 << 1 | 1 << 7, START + 2);
    assert_int_equal(special(CPU_MMFAR), RAM + 0x1010);
    assert_int_equal(cpu_reg(c, 1), 5);
}
static void mpu_refuses_unprivileged_code_what_is_not_its_own(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    region(0, FLASH, 16, AP_RO);
    region(1, RAM + 0x7000, 12, AP_FULL | XN);
    poke(0xe000ed94, 5);
    poke(RAM + 0x100, 1); /* privileged: by the background map */
    CODE(START, LDR_R1_R0, LDR_R1_R0);
    cpu_set_special(c, CPU_CONTROL, 1);
    cpu_set_reg(c, 0, RAM + 0x7100);
    steps(1);
    assert_int_equal(taken.n, 0);
    cpu_set_reg(c, 0, RAM + 0x100);
    steps(1);
    expect_fault(MEM, 1 << 1 | 1 << 7, START + 2);
}
static void mpu_subregions_and_numbers_decide(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    region(0, RAM, 16, AP_FULL);
    region(1, RAM, 11, AP_RO | 2 << 8); /* the second 256 bytes fall through to region 0 */
    poke(0xe000ed94, 5);
    CODE(START, STR_R1_R0, STR_R1_R0);
    cpu_set_reg(c, 0, RAM + 0x1fc);
    steps(1);
    assert_int_equal(taken.n, 0);
    cpu_set_reg(c, 0, RAM + 0x200);
    steps(1);
    expect_fault(MEM, 1 << 1 | 1 << 7, START + 2);
}
static void mpu_xn_region_cannot_be_executed(void **state)
{
    (void)state;
    cpu_set_special(c, CPU_SHCSR, 7 << 16);
    CODE(RAM + 0x200, NOP, SELF);
    CODE(START, 0x4700);
    cpu_set_reg(c, 0, (RAM + 0x200) | 1);
    steps(2); /* works, and is decoded */
    assert_int_equal(taken.n, 0);
    region(0, RAM, 16, AP_FULL | XN);
    poke(0xe000ed94, 5);
    cpu_set_reg(c, 15, START);
    steps(2);
    expect_fault(MEM, 1, RAM + 0x200);
}

/* --- anything at all --- */
static void random_programs_end(void **state)
{
    (void)state;
    struct rng r;
    for (uint64_t seed = 0; seed < 300; seed++) {
        rng_seed(&r, seed, 0);
        for (uint32_t a = 0x1000; a < SIZE; a += 8) {
            uint64_t v = rng_u64(&r);
            memcpy(flash + a, &v, 8);
            memcpy(ram + a, &v, 8);
        }
        cpu_invalidate(c, FLASH, SIZE);
        cpu_invalidate(c, RAM, SIZE);
        for (unsigned k = 0; k < 82; k++)
            cpu_irq_set(c, k, false);
        assert_true(cpu_reset(c, FLASH));
        uint64_t end = cpu_cycles(c) + 20000;
        for (unsigned runs = 0; runs < 2000 && cpu_cycles(c) < end; runs++) {
            enum cpu_why why = cpu_run(c, end);
            if (why == CPU_LOCKUP || why == CPU_RESET)
                break;
            if (why == CPU_SLEEP)
                cpu_advance(c, cpu_cycles(c) + 500);
            trick = (int)rng_below(&r, PATCH);
            cpu_irq_set(c, (unsigned)rng_below(&r, 82), rng_below(&r, 2));
        }
        assert_true(cpu_cycles(c) < end + 1000);
    }
}

#define CLAIM(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(reset_takes_sp_and_pc_from_the_vectors), CLAIM(reset_without_readable_vectors_locks_up),
        CLAIM(system_reset_request_ends_the_run), CLAIM(entry_stacks_eight_words), CLAIM(return_restores_what_entry_stacked),
        CLAIM(frame_is_aligned_to_eight_bytes), CLAIM(frame_is_aligned_to_four_without_stkalign),
        CLAIM(better_exception_that_arrives_while_stacking_goes_first), CLAIM(tail_chaining_takes_six_cycles_and_no_memory),
        CLAIM(higher_priority_nests), CLAIM(same_group_does_not_preempt), CLAIM(subpriority_then_number_decide_between_pending),
        CLAIM(level_that_stays_asks_again), CLAIM(it_block_survives_an_interrupt), CLAIM(primask_holds_interrupts_back),
        CLAIM(basepri_holds_its_own_level_and_lower_back), CLAIM(basepri_max_only_raises),
        CLAIM(faultmask_lets_only_nmi_through_and_ends_with_the_handler), CLAIM(unprivileged_code_cannot_mask),
        CLAIM(thread_on_psp_is_stacked_on_psp), CLAIM(handler_can_start_a_thread_on_psp), CLAIM(bad_exc_return_is_invpc),
        CLAIM(return_to_thread_from_a_nested_handler_is_invpc), CLAIM(nonbasethrdena_allows_it), CLAIM(returned_ipsr_must_fit_the_mode),
        CLAIM(lazy_stacking_reserves_and_fills_on_use), CLAIM(lazy_stacking_unused_costs_no_store),
        CLAIM(without_lspen_entry_stores_at_once), CLAIM(fp_without_cpacr_is_nocp), CLAIM(systick_period_is_reload_plus_one),
        CLAIM(systick_counts_down_and_flags_zero), CLAIM(systick_from_the_reference_clock_is_eight_times_slower),
        CLAIM(systick_counts_while_the_core_sleeps), CLAIM(deadline_is_exact), CLAIM(callback_sees_exact_pc_and_cycle),
        CLAIM(callback_can_stop_stall_and_shorten), CLAIM(nmi_from_a_load_comes_before_the_next_instruction),
        CLAIM(nmi_from_a_fetch_comes_before_what_was_fetched), CLAIM(cycle_counter_counts_when_enabled),
        CLAIM(wfi_under_primask_wakes_without_entering), CLAIM(wfi_does_not_wake_for_what_basepri_masks),
        CLAIM(wfe_consumes_an_event_or_waits_for_one), CLAIM(sleep_on_exit_goes_to_sleep_at_the_last_return),
        CLAIM(undefined_instruction_is_usage_fault), CLAIM(disabled_fault_escalates_to_hardfault), CLAIM(fault_in_hardfault_locks_up),
        CLAIM(bus_fault_tells_the_address), CLAIM(bfhfnmign_ignores_data_faults_in_hardfault), CLAIM(unaligned_faults_only_when_asked_to),
        CLAIM(unaligned_word_across_pages_is_one_value), CLAIM(multiple_loads_always_fault_unaligned_and_change_nothing),
        CLAIM(division_by_zero_gives_zero_or_faults), CLAIM(branch_to_an_even_address_faults_there),
        CLAIM(execution_from_device_memory_is_iaccviol), CLAIM(failed_fetch_is_ibuserr), CLAIM(unreadable_vector_is_vecttbl),
        CLAIM(stacking_error_is_reported_and_the_handler_runs), CLAIM(svc_that_cannot_preempt_is_a_hardfault),
        CLAIM(bkpt_is_told_before_it_escalates), CLAIM(bit_band_reads_and_writes_one_bit), CLAIM(exception_clears_the_exclusive_monitor),
        CLAIM(code_that_overwrites_itself_runs_anew), CLAIM(code_written_through_an_alias_runs_anew),
        CLAIM(page_changed_by_its_own_store_runs_anew), CLAIM(slow_page_fetches_and_loads_by_callback),
        CLAIM(instruction_across_pages_is_seen_to_change), CLAIM(unprivileged_access_to_the_scs_is_a_bus_fault),
        CLAIM(unmodelled_registers_are_told), CLAIM(vtor_moves_the_vectors), CLAIM(mpu_read_only_region_refuses_stores),
        CLAIM(mpu_refuses_unprivileged_code_what_is_not_its_own), CLAIM(mpu_subregions_and_numbers_decide),
        CLAIM(mpu_xn_region_cannot_be_executed), CLAIM(random_programs_end)};
    return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
