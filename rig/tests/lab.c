/* SPDX-License-Identifier: GPL-3.0-or-later
 * The surroundings of a core under test (lab.h).
 */
#include "tests/lab.h"

#include <stdlib.h>
#include <string.h>

struct lab lab;

uint16_t *lab_at(uint32_t addr) { return (uint16_t *)(void *)(addr >= RAM ? lab.ram + (addr - RAM) : lab.flash + (addr - FLASH)); }
uint32_t lab_word(uint32_t addr) { uint32_t v; memcpy(&v, lab_at(addr), 4); return v; }
void lab_set_word(uint32_t addr, uint32_t v) { memcpy(lab_at(addr), &v, 4); }

static void play(void)
{
    switch (lab.trick) {
    case PEND_NMI: cpu_nmi_pend(lab.cpu); break;
    case STOP: cpu_stop(lab.cpu); break;
    case STALL: cpu_stall(lab.cpu, 100); break;
    case DEADLINE: cpu_set_deadline(lab.cpu, cpu_cycles(lab.cpu) + 3); break;
    case RAISE_1: cpu_irq_set(lab.cpu, 1, true); break;
    case PATCH: /* the running page changes under the access itself */
        memset(lab_at(START + 4), 0, 64);
        *lab_at(START + 2) = SELF;
        cpu_invalidate(lab.cpu, START, 64);
        break;
    case QUIET: break;
    }
}

static void note(uint32_t addr, unsigned size)
{
    lab.bus.addr = addr;
    lab.bus.size = size;
    lab.bus.pc = cpu_pc(lab.cpu);
    lab.bus.cycle = cpu_cycles(lab.cpu);
}
static bool is_device(uint32_t addr) { return addr - DEVICE < 0x1000 || addr - 0x60000000 < 0x1000; }
static enum cpu_bus load(void *ctx, uint32_t addr, unsigned size, uint32_t *value)
{
    (void)ctx;
    note(addr, size);
    lab.bus.loads++;
    if (!is_device(addr) && !(addr - FLASH < SIZE))
        return CPU_BUS_ERROR;
    play();
    *value = lab.device;
    return CPU_BUS_OK;
}
static enum cpu_bus store(void *ctx, uint32_t addr, unsigned size, uint32_t value)
{
    (void)ctx;
    note(addr, size);
    lab.bus.stores++;
    lab.bus.value = value;
    if (!is_device(addr))
        return CPU_BUS_ERROR;
    lab.device = value;
    play();
    return CPU_BUS_OK;
}
static enum cpu_bus fetch(void *ctx, uint32_t addr, uint16_t *halfword)
{
    (void)ctx;
    note(addr, 2);
    lab.bus.fetches++;
    if (addr - FLASH >= SIZE)
        return CPU_BUS_ERROR;
    *halfword = *lab_at(addr);
    play();
    return CPU_BUS_OK;
}
static void on_exception(void *ctx, unsigned number, uint32_t pc)
{
    (void)ctx;
    if (lab.taken.n < 64) {
        lab.taken.number[lab.taken.n] = number;
        lab.taken.pc[lab.taken.n++] = pc;
    }
}
static void on_odd(void *ctx, uint32_t addr, bool write, uint32_t value)
{
    (void)ctx, (void)write, (void)value;
    lab.odd.n++;
    lab.odd.addr = addr;
}
static const struct cpu_bus_ops ops = {load, store, fetch};
static const struct cpu_hooks hooks = {on_exception, on_odd};

/* Every handler returns at once until a test writes another one. */
uint32_t lab_handler(unsigned n) { return HANDLERS + n * 32; }

int lab_setup(void **state)
{
    (void)state;
    lab.flash = calloc(1, SIZE);
    lab.ram = calloc(1, SIZE);
    memset(&lab.taken, 0, sizeof lab.taken);
    memset(&lab.bus, 0, sizeof lab.bus);
    memset(&lab.odd, 0, sizeof lab.odd);
    lab.trick = QUIET;
    lab.device = 0;
    lab.cpu = cpu_new(&ops, &hooks, NULL, 82, 4);
    cpu_map(lab.cpu, FLASH, SIZE, lab.flash, CPU_MAP_R | CPU_MAP_X);
    cpu_map(lab.cpu, RAM, SIZE, lab.ram, CPU_MAP_R | CPU_MAP_W | CPU_MAP_X);
    lab_set_word(FLASH, SP);
    lab_set_word(FLASH + 4, START | 1);
    for (unsigned n = 2; n < 16 + 82; n++) {
        lab_set_word(FLASH + 4 * n, lab_handler(n) | 1);
        *lab_at(lab_handler(n)) = BX_LR;
    }
    for (uint32_t a = START; a < START + 0x400; a += 2)
        *lab_at(a) = NOP;
    return !cpu_reset(lab.cpu, FLASH);
}
int lab_teardown(void **state)
{
    (void)state;
    cpu_free(lab.cpu);
    free(lab.flash);
    free(lab.ram);
    return 0;
}

void lab_code(uint32_t addr, unsigned n, const uint16_t *h)
{
    memcpy(lab_at(addr), h, 2 * n);
    cpu_invalidate(lab.cpu, addr, 2 * n);
}

enum cpu_why lab_steps(uint64_t cycles) { return cpu_run(lab.cpu, cpu_cycles(lab.cpu) + cycles); }

/* One STR or LDR of the guest's, outside its program */
static uint32_t transfer(uint16_t instruction, uint32_t addr, uint32_t value)
{
    uint32_t r0 = cpu_reg(lab.cpu, 0), r1 = cpu_reg(lab.cpu, 1), pc = cpu_pc(lab.cpu);
    CODE(POKE, instruction, SELF);
    cpu_set_reg(lab.cpu, 0, addr);
    cpu_set_reg(lab.cpu, 1, value);
    cpu_set_reg(lab.cpu, 15, POKE);
    lab_steps(1);
    value = cpu_reg(lab.cpu, 1);
    cpu_set_reg(lab.cpu, 0, r0);
    cpu_set_reg(lab.cpu, 1, r1);
    cpu_set_reg(lab.cpu, 15, pc);
    return value;
}
void lab_poke(uint32_t addr, uint32_t value) { transfer(STR_R1_R0, addr, value); }
uint32_t lab_peek(uint32_t addr) { return transfer(LDR_R1_R0, addr, 0); }

void lab_enable(unsigned irq, uint8_t priority)
{
    uint32_t ipr = 0xe000e400 + (irq & ~3u), shift = 8 * (irq & 3);
    lab_poke(ipr, (lab_peek(ipr) & ~(255u << shift)) | (uint32_t)priority << shift);
    lab_poke(0xe000e100 + irq / 32 * 4, 1u << irq % 32);
}
void lab_allow_fp(void) { cpu_set_special(lab.cpu, CPU_CPACR, 0x00f00000); }
uint32_t lab_special(enum cpu_special s) { return cpu_special(lab.cpu, s); }
unsigned lab_ipsr(void) { return lab_special(CPU_XPSR) & 0x1ff; }

void lab_expect_fault(unsigned number, uint32_t cfsr, uint32_t pc)
{
    assert_int_equal(lab.taken.n, 1);
    assert_int_equal(lab.taken.number[0], number);
    assert_int_equal(lab.taken.pc[0], pc);
    assert_int_equal(lab_special(CPU_CFSR), cfsr);
}
