/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about the core's faults and memory: escalation, lockup, bit-band, code that changes, slow pages, MPU.
 */
#include "tests/lab.h"

#include <string.h>

/* --- faults --- */
static void undefined_instruction_is_usage_fault(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    CODE(START, NOP, UDF);
    lab_steps(2);
    lab_expect_fault(USAGE, 1 << 16, START + 2);
}
static void disabled_fault_escalates_to_hardfault(void **state)
{
    (void)state;
    CODE(START, UDF);
    lab_steps(1);
    lab_expect_fault(HARD, 1 << 16, START);
    assert_int_equal(lab_special(CPU_HFSR), 1 << 30);
}
static void fault_in_hardfault_locks_up(void **state)
{
    (void)state;
    CODE(START, UDF);
    CODE(lab_handler(HARD), UDF);
    assert_int_equal(lab_steps(100), CPU_LOCKUP);
    assert_int_equal(lab_steps(100), CPU_LOCKUP);
    assert_true(cpu_reset(lab.cpu, FLASH));
    assert_int_equal(cpu_pc(lab.cpu), START);
}
static void bus_fault_tells_the_address(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    CODE(START, LDR_R1_R0);
    cpu_set_reg(lab.cpu, 0, 0x70000010);
    cpu_set_reg(lab.cpu, 1, 3);
    lab_steps(1);
    lab_expect_fault(BUS, 1 << 9 | 1 << 15, START);
    assert_int_equal(lab_special(CPU_BFAR), 0x70000010);
    assert_int_equal(cpu_reg(lab.cpu, 1), 3);
}
static void bfhfnmign_ignores_data_faults_in_hardfault(void **state)
{
    (void)state;
    lab_poke(0xe000ed14, 0x300);
    CODE(START, UDF);
    CODE(lab_handler(HARD), LDR_R1_R0, SELF);
    cpu_set_reg(lab.cpu, 0, 0x70000000);
    assert_int_equal(lab_steps(20), CPU_DEADLINE);
    assert_int_equal(lab_ipsr(), HARD);
    assert_int_equal(lab.taken.n, 1);
}
static void data_fault_in_hardfault_locks_up_without_it(void **state)
{
    (void)state;
    CODE(START, UDF);
    CODE(lab_handler(HARD), LDR_R1_R0, SELF);
    cpu_set_reg(lab.cpu, 0, 0x70000000);
    assert_int_equal(lab_steps(20), CPU_LOCKUP);
}
static void unaligned_faults_only_when_asked_to(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    CODE(START, LDR_R1_R0, NOP);
    lab_set_word(RAM + 0x100, 0x44332211);
    lab_set_word(RAM + 0x104, 0x88776655);
    cpu_set_reg(lab.cpu, 0, RAM + 0x101);
    lab_steps(1);
    assert_int_equal(cpu_reg(lab.cpu, 1), 0x55443322);
    lab_poke(0xe000ed14, 0x208);
    cpu_set_reg(lab.cpu, 15, START);
    lab_steps(1);
    lab_expect_fault(USAGE, 1 << 24, START);
}
static void unaligned_word_across_pages_is_one_value(void **state)
{
    (void)state;
    CODE(START, LDR_R1_R0, STR_R1_R0);
    lab_set_word(RAM + CPU_PAGE - 4, 0x44332211);
    lab_set_word(RAM + CPU_PAGE, 0x88776655);
    cpu_set_reg(lab.cpu, 0, RAM + CPU_PAGE - 2);
    lab_steps(2);
    assert_int_equal(cpu_reg(lab.cpu, 1), 0x66554433);
    assert_int_equal(lab_word(RAM + CPU_PAGE), 0x88776655);
}
static void multiple_loads_always_fault_unaligned_and_change_nothing(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    CODE(START, 0xc806); /* LDM r0!, {r1, r2} */
    cpu_set_reg(lab.cpu, 0, RAM + 2);
    lab_steps(1);
    lab_expect_fault(USAGE, 1 << 24, START);
    assert_int_equal(cpu_reg(lab.cpu, 0), RAM + 2);
}
static void division_by_zero_gives_zero_or_faults(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    CODE(START, 0xfbb0, 0xf2f1); /* UDIV r2, r0, r1 */
    cpu_set_reg(lab.cpu, 2, 9);
    cpu_set_reg(lab.cpu, 1, 0);
    lab_steps(1);
    assert_int_equal(cpu_reg(lab.cpu, 2), 0);
    lab_poke(0xe000ed14, 0x210);
    cpu_set_reg(lab.cpu, 15, START);
    lab_steps(1);
    lab_expect_fault(USAGE, 1 << 25, START);
}
static void branch_to_an_even_address_faults_there(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    CODE(START, 0x4700); /* BX r0 */
    cpu_set_reg(lab.cpu, 0, START + 0x20);
    lab_steps(2);
    lab_expect_fault(USAGE, 1 << 17, START + 0x20);
    assert_int_equal(lab_word(cpu_reg(lab.cpu, 13) + 28) >> 24 & 1, 0);
}
static void execution_from_device_memory_is_iaccviol(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    CODE(START, 0x4700);
    cpu_set_reg(lab.cpu, 0, DEVICE | 1);
    lab_steps(2);
    lab_expect_fault(MEM, 1, DEVICE);
    assert_int_equal(lab.bus.fetches, 0);
}
static void failed_fetch_is_ibuserr(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    CODE(START, 0x4700);
    cpu_set_reg(lab.cpu, 0, 0x09000001);
    lab_steps(2);
    lab_expect_fault(BUS, 1 << 8, 0x09000000);
}
static void unreadable_vector_is_vecttbl(void **state)
{
    (void)state;
    memcpy(lab.ram, lab.flash, 0x1000);
    lab_enable(0, 0);
    cpu_set_special(lab.cpu, CPU_VTOR, 0x60000000); /* answers with the device's value */
    lab.device = lab_handler(HARD) | 1;
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(1);
    assert_int_equal(cpu_pc(lab.cpu), lab_handler(HARD));
    cpu_reset(lab.cpu, FLASH);
    lab.taken.n = 0;
    lab_enable(0, 0);
    cpu_set_special(lab.cpu, CPU_VTOR, 0x70000000);
    cpu_irq_set(lab.cpu, 0, false);
    cpu_irq_set(lab.cpu, 0, true);
    assert_int_equal(lab_steps(1), CPU_LOCKUP); /* HardFault's own vector is as unreadable */
    assert_int_equal(lab_special(CPU_HFSR), 1 << 1);
}
static void stacking_error_is_reported_and_the_handler_runs(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    lab_enable(0, 0x40);
    cpu_set_reg(lab.cpu, 13, 0x70001000);
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(1);
    assert_int_equal(lab.taken.number[0], BUS); /* priority 0 beats the interrupt's */
    assert_int_equal(lab_special(CPU_CFSR), 1 << 12);
}
static void svc_that_cannot_preempt_is_a_hardfault(void **state)
{
    (void)state;
    CODE(START, CPSID_I, SVC);
    lab_steps(2);
    assert_int_equal(lab.taken.number[0], HARD);
    assert_int_equal(lab_special(CPU_HFSR), 1 << 30);
}
static void bkpt_is_told_before_it_escalates(void **state)
{
    (void)state;
    CODE(START, NOP, BKPT);
    assert_int_equal(lab_steps(10), CPU_BKPT);
    assert_int_equal(cpu_pc(lab.cpu), START + 2);
    assert_int_equal(lab.taken.n, 0);
    lab_steps(1);
    assert_int_equal(lab.taken.number[0], HARD);
    assert_int_equal(lab_special(CPU_HFSR), 1u << 31);
}

/* --- memory --- */
static void bit_band_reads_and_writes_one_bit(void **state)
{
    (void)state;
    lab_set_word(RAM + 0x40, 0x00000400);
    assert_int_equal(lab_peek(0x22000000 + 0x40 * 32 + 10 * 4), 1);
    assert_int_equal(lab_peek(0x22000000 + 0x40 * 32 + 9 * 4), 0);
    lab_poke(0x22000000 + 0x40 * 32 + 31 * 4, 1);
    lab_poke(0x22000000 + 0x40 * 32 + 10 * 4, 0xfffffffe); /* bit 0 counts */
    assert_int_equal(lab_word(RAM + 0x40), 0x80000000);
    lab.device = 0xf0;
    lab_poke(0x42000000 + 0x10 * 32 + 2 * 4, 1);
    assert_int_equal(lab.device, 0xf4);
    assert_int_equal(lab.bus.addr, DEVICE + 0x10);
    assert_int_equal(lab.bus.size, 4);
}
static void exception_clears_the_exclusive_monitor(void **state)
{
    (void)state;
    CODE(START, 0xe850, 0x1f00, 0xe840, 0x1200, 0xe850, 0x1f00, SVC, 0xe840, 0x1300); /* LDREX r1; STREX r2; LDREX; SVC; STREX r3 */
    cpu_set_reg(lab.cpu, 0, RAM + 0x20);
    cpu_set_reg(lab.cpu, 2, 7);
    cpu_set_reg(lab.cpu, 3, 7);
    lab_steps(40);
    assert_int_equal(cpu_reg(lab.cpu, 2), 0);
    assert_int_equal(cpu_reg(lab.cpu, 3), 1);
}
static void handler_cannot_finish_what_was_begun_exclusively(void **state)
{
    (void)state;
    CODE(START, 0xe850, 0x1f00, SVC); /* LDREX r1, [r0] */
    CODE(lab_handler(SVCALL), 0xe840, 0x1200, SELF); /* STREX r2, r1, [r0] */
    cpu_set_reg(lab.cpu, 0, RAM + 0x20);
    cpu_set_reg(lab.cpu, 2, 7);
    lab_steps(20);
    assert_int_equal(cpu_reg(lab.cpu, 2), 1);
}
static void code_in_a_page_written_before_runs_anew(void **state)
{
    (void)state;
    lab_poke(RAM + 0x300, 1); /* the page is known as plain memory by now */
    CODE(RAM + 0x200, 0x8001, 0xe7fd); /* STRH r1, [r0]; B to it */
    cpu_set_reg(lab.cpu, 15, RAM + 0x200);
    cpu_set_reg(lab.cpu, 0, RAM + 0x200);
    cpu_set_reg(lab.cpu, 1, 0x2042); /* MOVS r0, #0x42 in place of the store itself */
    lab_steps(3);
    assert_int_equal(cpu_reg(lab.cpu, 0), 0x42);
}
static void code_that_overwrites_itself_runs_anew(void **state)
{
    (void)state;
    CODE(RAM + 0x200, 0x8001, 0x2001, SELF); /* STRH r1, [r0]; MOVS r0, #1 */
    cpu_set_reg(lab.cpu, 15, RAM + 0x200);
    cpu_set_reg(lab.cpu, 0, RAM + 0x300);
    lab_steps(2);
    assert_int_equal(cpu_reg(lab.cpu, 0), 1);
    cpu_set_reg(lab.cpu, 15, RAM + 0x200);
    cpu_set_reg(lab.cpu, 0, RAM + 0x202);
    cpu_set_reg(lab.cpu, 1, 0x2042); /* MOVS r0, #0x42 */
    lab_steps(2);
    assert_int_equal(cpu_reg(lab.cpu, 0), 0x42);
}
static void code_written_through_an_alias_runs_anew(void **state)
{
    (void)state;
    cpu_map(lab.cpu, 0, SIZE, lab.ram, CPU_MAP_R | CPU_MAP_W | CPU_MAP_X);
    CODE(RAM + 0x200, 0x8001, 0x2001, SELF);
    cpu_set_reg(lab.cpu, 15, RAM + 0x200);
    cpu_set_reg(lab.cpu, 0, 0x300);
    lab_steps(2);
    cpu_set_reg(lab.cpu, 15, RAM + 0x200);
    cpu_set_reg(lab.cpu, 0, 0x202);
    cpu_set_reg(lab.cpu, 1, 0x2042);
    lab_steps(2);
    assert_int_equal(cpu_reg(lab.cpu, 0), 0x42);
}
static void page_changed_by_its_own_store_runs_anew(void **state)
{
    (void)state;
    CODE(START, STR_R1_R0, 0x2009, 0x2109, SELF);
    cpu_set_reg(lab.cpu, 0, DEVICE);
    cpu_set_reg(lab.cpu, 1, 1);
    lab_steps(0);
    lab.trick = PATCH;
    lab_steps(5);
    assert_int_equal(cpu_pc(lab.cpu), START + 2);
    assert_int_equal(cpu_reg(lab.cpu, 0), DEVICE);
}
static void slow_page_fetches_and_loads_by_callback(void **state)
{
    (void)state;
    CODE(START, NOP, 0x4801, NOP, NOP); /* LDR r0, [pc, #4] */
    lab_steps(1);
    cpu_page_slow(lab.cpu, START, 2, true);
    lab.device = 0x77;
    lab_steps(2);
    assert_int_equal(lab.bus.fetches, 2);
    assert_int_equal(cpu_reg(lab.cpu, 0), 0x77);
    cpu_page_slow(lab.cpu, START, 2, false);
    lab_steps(1);
    assert_int_equal(lab.bus.fetches, 2);
}
static void instruction_across_pages_is_seen_to_change(void **state)
{
    (void)state;
    uint32_t edge = FLASH + 3 * CPU_PAGE + CPU_PAGE; /* MOVW r0, #imm with its second half in the next page */
    CODE(edge - 2, 0xf240, 0x0012, SELF);
    cpu_set_reg(lab.cpu, 15, edge - 2);
    lab_steps(1);
    assert_int_equal(cpu_reg(lab.cpu, 0), 0x12);
    CODE(edge, 0x0034);
    cpu_set_reg(lab.cpu, 15, edge - 2);
    lab_steps(1);
    assert_int_equal(cpu_reg(lab.cpu, 0), 0x34);
    cpu_page_slow(lab.cpu, edge, 2, true);
    cpu_set_reg(lab.cpu, 15, edge - 2);
    lab.bus.fetches = 0;
    lab_steps(1);
    assert_int_equal(lab.bus.fetches, 1);
}
static void unprivileged_access_to_the_scs_is_a_bus_fault(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    cpu_set_special(lab.cpu, CPU_CONTROL, 1);
    CODE(START, LDR_R1_R0);
    cpu_set_reg(lab.cpu, 0, 0xe000ed00);
    lab_steps(1);
    lab_expect_fault(BUS, 1 << 9 | 1 << 15, START);
}
static void unmodelled_registers_are_told(void **state)
{
    (void)state;
    assert_int_equal(lab_peek(0xe000ed00), 0x410fc241);
    assert_int_equal(lab.odd.n, 0);
    lab_poke(0xe0000000, 1); /* ITM */
    assert_int_equal(lab.odd.n, 1);
    assert_int_equal(lab.odd.addr, 0xe0000000);
    assert_int_equal(lab_peek(0xe0002000), 0);
    assert_int_equal(lab.odd.n, 2);
}
static void vtor_moves_the_vectors(void **state)
{
    (void)state;
    memcpy(lab.ram + 0x400, lab.flash, 0x400);
    lab_set_word(RAM + 0x400 + 4 * SVCALL, (START + 0x200) | 1);
    lab_poke(0xe000ed08, RAM + 0x400);
    CODE(START, SVC);
    lab_steps(1);
    assert_int_equal(cpu_pc(lab.cpu), START + 0x200);
}

/* --- MPU --- */
static void region(unsigned n, uint32_t base, unsigned log2, uint32_t attributes)
{
    lab_poke(0xe000ed98, n);
    lab_poke(0xe000ed9c, base);
    lab_poke(0xe000eda0, attributes | (log2 - 1) << 1 | 1);
}
enum { AP_FULL = 3 << 24, AP_PRIV = 1 << 24, AP_RO = 6 << 24, XN = 1 << 28 };

static void mpu_read_only_region_refuses_stores(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    region(0, RAM + 0x1000, 8, AP_RO);
    lab_poke(RAM + 0x1010, 5);
    lab_poke(0xe000ed94, 5); /* on, privileged background */
    CODE(START, LDR_R1_R0, STR_R1_R0);
    cpu_set_reg(lab.cpu, 0, RAM + 0x1100);
    lab_steps(2); /* next to it */
    assert_int_equal(lab.taken.n, 0);
    cpu_set_reg(lab.cpu, 15, START);
    cpu_set_reg(lab.cpu, 0, RAM + 0x1010);
    lab_steps(2);
    lab_expect_fault(MEM, 1 << 1 | 1 << 7, START + 2);
    assert_int_equal(lab_special(CPU_MMFAR), RAM + 0x1010);
    assert_int_equal(cpu_reg(lab.cpu, 1), 5);
}
static void mpu_refuses_unprivileged_code_what_is_not_its_own(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    region(0, FLASH, 16, AP_RO);
    region(1, RAM + 0x7000, 12, AP_FULL | XN);
    lab_poke(0xe000ed94, 5);
    lab_poke(RAM + 0x100, 1); /* privileged: by the background map */
    CODE(START, LDR_R1_R0, LDR_R1_R0);
    cpu_set_special(lab.cpu, CPU_CONTROL, 1);
    cpu_set_reg(lab.cpu, 0, RAM + 0x7100);
    lab_steps(1);
    assert_int_equal(lab.taken.n, 0);
    cpu_set_reg(lab.cpu, 0, RAM + 0x100);
    lab_steps(1);
    lab_expect_fault(MEM, 1 << 1 | 1 << 7, START + 2);
}
static void mpu_subregions_and_numbers_decide(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    region(0, RAM, 16, AP_FULL);
    region(1, RAM, 11, AP_RO | 2 << 8); /* the second 256 bytes fall through to region 0 */
    lab_poke(0xe000ed94, 5);
    CODE(START, STR_R1_R0, STR_R1_R0);
    cpu_set_reg(lab.cpu, 0, RAM + 0x1fc);
    lab_steps(1);
    assert_int_equal(lab.taken.n, 0);
    cpu_set_reg(lab.cpu, 0, RAM + 0x200);
    lab_steps(1);
    lab_expect_fault(MEM, 1 << 1 | 1 << 7, START + 2);
}
static void mpu_xn_region_cannot_be_executed(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    CODE(RAM + 0x200, NOP, SELF);
    CODE(START, 0x4700);
    cpu_set_reg(lab.cpu, 0, (RAM + 0x200) | 1);
    lab_steps(2); /* works, and is decoded */
    assert_int_equal(lab.taken.n, 0);
    region(0, RAM, 16, AP_FULL | XN);
    lab_poke(0xe000ed94, 5);
    cpu_set_reg(lab.cpu, 15, START);
    lab_steps(2);
    lab_expect_fault(MEM, 1, RAM + 0x200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LAB_CLAIM(undefined_instruction_is_usage_fault),
        LAB_CLAIM(disabled_fault_escalates_to_hardfault),
        LAB_CLAIM(fault_in_hardfault_locks_up),
        LAB_CLAIM(bus_fault_tells_the_address),
        LAB_CLAIM(bfhfnmign_ignores_data_faults_in_hardfault),
        LAB_CLAIM(data_fault_in_hardfault_locks_up_without_it),
        LAB_CLAIM(unaligned_faults_only_when_asked_to),
        LAB_CLAIM(unaligned_word_across_pages_is_one_value),
        LAB_CLAIM(multiple_loads_always_fault_unaligned_and_change_nothing),
        LAB_CLAIM(division_by_zero_gives_zero_or_faults),
        LAB_CLAIM(branch_to_an_even_address_faults_there),
        LAB_CLAIM(execution_from_device_memory_is_iaccviol),
        LAB_CLAIM(failed_fetch_is_ibuserr),
        LAB_CLAIM(unreadable_vector_is_vecttbl),
        LAB_CLAIM(stacking_error_is_reported_and_the_handler_runs),
        LAB_CLAIM(svc_that_cannot_preempt_is_a_hardfault),
        LAB_CLAIM(bkpt_is_told_before_it_escalates),
        LAB_CLAIM(bit_band_reads_and_writes_one_bit),
        LAB_CLAIM(exception_clears_the_exclusive_monitor),
        LAB_CLAIM(handler_cannot_finish_what_was_begun_exclusively),
        LAB_CLAIM(code_in_a_page_written_before_runs_anew),
        LAB_CLAIM(code_that_overwrites_itself_runs_anew),
        LAB_CLAIM(code_written_through_an_alias_runs_anew),
        LAB_CLAIM(page_changed_by_its_own_store_runs_anew),
        LAB_CLAIM(slow_page_fetches_and_loads_by_callback),
        LAB_CLAIM(instruction_across_pages_is_seen_to_change),
        LAB_CLAIM(unprivileged_access_to_the_scs_is_a_bus_fault),
        LAB_CLAIM(unmodelled_registers_are_told),
        LAB_CLAIM(vtor_moves_the_vectors),
        LAB_CLAIM(mpu_read_only_region_refuses_stores),
        LAB_CLAIM(mpu_refuses_unprivileged_code_what_is_not_its_own),
        LAB_CLAIM(mpu_subregions_and_numbers_decide),
        LAB_CLAIM(mpu_xn_region_cannot_be_executed),
    };
    return cmocka_run_group_tests_name("cpu_faults", tests, NULL, NULL);
}
