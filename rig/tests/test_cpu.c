/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about the core's exceptions: entry, return, priorities, masks, stacks, floating point state (ARM DDI 0403E.e, B1.5).
 * What instructions compute is claimed by fuzz_cpu_unicorn.
 */
#include "tests/lab.h"

#include <string.h>

/* --- reset --- */
static void reset_takes_sp_and_pc_from_the_vectors(void **state)
{
    (void)state;
    assert_int_equal(cpu_reg(lab.cpu, 13), SP);
    assert_int_equal(cpu_pc(lab.cpu), START);
    assert_int_equal(lab_special(CPU_XPSR), 0x01000000);
    assert_int_equal(cpu_reg(lab.cpu, 14), 0xffffffff);
}
static void reset_without_readable_vectors_locks_up(void **state)
{
    (void)state;
    assert_false(cpu_reset(lab.cpu, 0x70000000));
    assert_int_equal(lab_steps(10), CPU_LOCKUP);
}
static void system_reset_request_ends_the_run(void **state)
{
    (void)state;
    CODE(START, STR_R1_R0, NOP, NOP);
    cpu_set_reg(lab.cpu, 0, 0xe000ed0c);
    cpu_set_reg(lab.cpu, 1, 0x05fa0004);
    assert_int_equal(lab_steps(100), CPU_RESET);
    assert_int_equal(cpu_instructions(lab.cpu), 1);
}

/* --- entry and return --- */
static void entry_stacks_eight_words(void **state)
{
    (void)state;
    lab_enable(0, 0x40);
    for (unsigned k = 0; k < 13; k++)
        cpu_set_reg(lab.cpu, k, 0x1000 + k);
    cpu_set_reg(lab.cpu, 14, 0x1234);
    cpu_set_special(lab.cpu, CPU_XPSR, 0xa0000000);
    cpu_irq_set(lab.cpu, 0, true);
    uint64_t before = cpu_cycles(lab.cpu);
    lab_steps(1);
    assert_int_equal(cpu_cycles(lab.cpu) - before, 12);
    assert_int_equal(cpu_pc(lab.cpu), lab_handler(IRQ0));
    assert_int_equal(cpu_reg(lab.cpu, 14), 0xfffffff9);
    assert_int_equal(lab_ipsr(), IRQ0);
    uint32_t sp = cpu_reg(lab.cpu, 13);
    assert_int_equal(sp, SP - 32);
    const uint32_t want[8] = {0x1000, 0x1001, 0x1002, 0x1003, 0x100c, 0x1234, START, 0xa1000000};
    for (unsigned k = 0; k < 8; k++)
        assert_int_equal(lab_word(sp + 4 * k), want[k]);
}
static void return_restores_what_entry_stacked(void **state)
{
    (void)state;
    lab_enable(0, 0x40);
    CODE(lab_handler(IRQ0), 0x2001, 0x2102, 0x2203, 0x2304, BX_LR); /* r0..r3 changed */
    cpu_set_reg(lab.cpu, 0, 77);
    cpu_set_reg(lab.cpu, 12, 78);
    cpu_set_special(lab.cpu, CPU_XPSR, 0xf80f0000);
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(1);
    cpu_irq_set(lab.cpu, 0, false);
    uint64_t before = cpu_cycles(lab.cpu);
    lab_steps(5);
    assert_int_equal(cpu_cycles(lab.cpu) - before, 5 + 12);
    assert_int_equal(cpu_pc(lab.cpu), START);
    assert_int_equal(cpu_reg(lab.cpu, 13), SP);
    assert_int_equal(cpu_reg(lab.cpu, 0), 77);
    assert_int_equal(cpu_reg(lab.cpu, 12), 78);
    assert_int_equal(lab_special(CPU_XPSR), 0xf90f0000);
}
static void frame_is_aligned_to_eight_bytes(void **state)
{
    (void)state;
    lab_enable(0, 0);
    cpu_set_reg(lab.cpu, 13, SP - 4);
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(1);
    assert_int_equal(cpu_reg(lab.cpu, 13), SP - 8 - 32);
    assert_int_equal(lab_word(cpu_reg(lab.cpu, 13) + 28) >> 9 & 1, 1);
    cpu_irq_set(lab.cpu, 0, false);
    lab_steps(1);
    assert_int_equal(cpu_reg(lab.cpu, 13), SP - 4);
}
static void frame_is_aligned_to_four_without_stkalign(void **state)
{
    (void)state;
    lab_enable(0, 0);
    lab_poke(0xe000ed14, 0);
    cpu_set_reg(lab.cpu, 13, SP - 4);
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(1);
    assert_int_equal(cpu_reg(lab.cpu, 13), SP - 4 - 32);
}
static void better_exception_that_arrives_while_stacking_goes_first(void **state)
{
    (void)state;
    lab_enable(0, 0x80);
    lab_enable(1, 0x40);
    cpu_set_reg(lab.cpu, 13, 0x60000800); /* a stack behind callbacks */
    lab.trick = RAISE_1;
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(1);
    lab.trick = QUIET;
    cpu_irq_set(lab.cpu, 1, false);
    assert_int_equal(lab.taken.n, 1);
    assert_int_equal(lab.taken.number[0], IRQ0 + 1);
    lab_steps(1); /* its return finds the other one: no frame moves */
    unsigned accesses = lab.bus.loads + lab.bus.stores;
    assert_int_equal(lab.taken.n, 2);
    assert_int_equal(lab.taken.number[1], IRQ0);
    assert_int_equal(accesses, 8);
}
static void tail_chaining_takes_six_cycles_and_no_memory(void **state)
{
    (void)state;
    lab_enable(0, 0x40);
    lab_enable(1, 0x40);
    cpu_irq_set(lab.cpu, 0, true);
    cpu_irq_set(lab.cpu, 1, true);
    lab_steps(1);
    cpu_irq_set(lab.cpu, 0, false);
    cpu_irq_set(lab.cpu, 1, false);
    uint64_t before = cpu_cycles(lab.cpu);
    uint32_t sp = cpu_reg(lab.cpu, 13);
    lab_set_word(sp, 0xabcd); /* would be loaded if it unstacked */
    lab_steps(1);
    assert_int_equal(cpu_cycles(lab.cpu) - before, 1 + 6);
    assert_int_equal(lab_ipsr(), IRQ0 + 1);
    assert_int_equal(cpu_reg(lab.cpu, 13), sp);
    assert_int_equal(cpu_reg(lab.cpu, 14), 0xfffffff9);
    lab_steps(1);
    assert_int_equal(cpu_reg(lab.cpu, 0), 0xabcd);
    assert_int_equal(cpu_pc(lab.cpu), START);
}
static void higher_priority_nests(void **state)
{
    (void)state;
    lab_enable(0, 0x80);
    lab_enable(1, 0x40);
    CODE(lab_handler(IRQ0), NOP, NOP, NOP, BX_LR);
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(1);
    cpu_irq_set(lab.cpu, 0, false);
    lab_steps(2);
    cpu_irq_set(lab.cpu, 1, true);
    lab_steps(1);
    assert_int_equal(lab_ipsr(), IRQ0 + 1);
    assert_int_equal(cpu_reg(lab.cpu, 14), 0xfffffff1);
    cpu_irq_set(lab.cpu, 1, false);
    lab_steps(1);
    assert_int_equal(lab_ipsr(), IRQ0);
    assert_int_equal(cpu_pc(lab.cpu), lab_handler(IRQ0) + 4);
}
static void same_group_does_not_preempt(void **state)
{
    (void)state;
    lab_poke(0xe000ed0c, 0x05fa0600); /* PRIGROUP 6: one bit of group priority */
    lab_enable(0, 0x60);
    lab_enable(1, 0x10);
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(1);
    cpu_irq_set(lab.cpu, 1, true);
    CODE(lab_handler(IRQ0), NOP, NOP, SELF);
    lab_steps(3);
    assert_int_equal(lab.taken.n, 1);
}
static void subpriority_then_number_decide_between_pending(void **state)
{
    (void)state;
    lab_poke(0xe000ed0c, 0x05fa0600);
    lab_enable(2, 0x60);
    lab_enable(3, 0x10);
    lab_enable(4, 0x10);
    for (unsigned k = 2; k < 5; k++)
        cpu_irq_set(lab.cpu, k, true);
    for (unsigned k = 2; k < 5; k++)
        cpu_irq_set(lab.cpu, k, false); /* pending stays */
    lab_steps(60);
    assert_int_equal(lab.taken.n, 3);
    assert_int_equal(lab.taken.number[0], IRQ0 + 3);
    assert_int_equal(lab.taken.number[1], IRQ0 + 4);
    assert_int_equal(lab.taken.number[2], IRQ0 + 2);
}
static void level_that_stays_asks_again(void **state)
{
    (void)state;
    lab_enable(0, 0);
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(60);
    assert_true(lab.taken.n > 5);
    cpu_irq_set(lab.cpu, 0, false);
    lab_steps(40);
    unsigned n = lab.taken.n;
    lab_steps(60);
    assert_int_equal(lab.taken.n, n);
}
static void it_block_survives_an_interrupt(void **state)
{
    (void)state;
    lab_enable(0, 0);
    CODE(START, 0xbf06, 0x2001, 0x2002, 0x2103, NOP); /* ITTE EQ; r0=1; r0=2; else r1=3 */
    cpu_set_special(lab.cpu, CPU_XPSR, 0x40000000);
    cpu_set_reg(lab.cpu, 1, 9);
    CODE(lab_handler(IRQ0), 0x2800, BX_LR); /* CMP changes the flags it must not see */
    lab_steps(2);
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(1);
    cpu_irq_set(lab.cpu, 0, false);
    assert_int_equal(lab.taken.pc[0], START + 4);
    lab_steps(2);
    lab_steps(2);
    assert_int_equal(cpu_reg(lab.cpu, 0), 2);
    assert_int_equal(cpu_reg(lab.cpu, 1), 9);
    assert_int_equal(cpu_pc(lab.cpu), START + 8);
    assert_int_equal(lab_special(CPU_XPSR), 0x41000000);
}

/* --- masks --- */
static void primask_holds_interrupts_back(void **state)
{
    (void)state;
    lab_enable(0, 0);
    CODE(START, CPSID_I, NOP, NOP, CPSIE_I, NOP);
    lab_steps(1);
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(3);
    assert_int_equal(lab.taken.n, 0);
    assert_int_equal(cpu_pc(lab.cpu), START + 8);
    lab_steps(1);
    assert_int_equal(lab.taken.n, 1);
}
static void basepri_holds_its_own_level_and_lower_back(void **state)
{
    (void)state;
    lab_enable(0, 0x40);
    lab_enable(1, 0x30);
    cpu_set_special(lab.cpu, CPU_BASEPRI, 0x40);
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(3);
    assert_int_equal(lab.taken.n, 0);
    cpu_irq_set(lab.cpu, 1, true);
    lab_steps(1);
    assert_int_equal(lab.taken.number[0], IRQ0 + 1);
}
static void basepri_max_only_raises(void **state)
{
    (void)state;
    CODE(START, 0xf380, 0x8812, 0xf381, 0x8812, 0xf382, 0x8812); /* MSR BASEPRI_MAX, r0, r1, r2 */
    cpu_set_reg(lab.cpu, 0, 0x80);
    cpu_set_reg(lab.cpu, 1, 0xc0);
    cpu_set_reg(lab.cpu, 2, 0x4f);
    lab_steps(1);
    assert_int_equal(lab_special(CPU_BASEPRI), 0x80);
    lab_steps(1);
    assert_int_equal(lab_special(CPU_BASEPRI), 0x80);
    lab_steps(1);
    assert_int_equal(lab_special(CPU_BASEPRI), 0x40); /* four bits of priority */
}
static void faultmask_lets_only_nmi_through_and_ends_with_the_handler(void **state)
{
    (void)state;
    lab_enable(0, 0);
    lab_enable(1, 0x10);
    CODE(lab_handler(IRQ0 + 1), CPSID_F, NOP, BX_LR);
    cpu_irq_set(lab.cpu, 1, true);
    lab_steps(13);
    cpu_irq_set(lab.cpu, 1, false);
    assert_int_equal(lab_special(CPU_FAULTMASK), 1);
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(1);
    assert_int_equal(lab.taken.n, 1);
    lab_steps(1);
    assert_int_equal(lab_special(CPU_FAULTMASK), 0);
    assert_int_equal(lab.taken.number[1], IRQ0);
}
static void unprivileged_code_cannot_mask(void **state)
{
    (void)state;
    CODE(START, CPSID_I, CPSID_F, 0xf380, 0x8811, 0xf3ef, 0x8211); /* MSR BASEPRI, r0; MRS r2, BASEPRI */
    cpu_set_special(lab.cpu, CPU_CONTROL, 1);
    cpu_set_reg(lab.cpu, 0, 0x40);
    cpu_set_reg(lab.cpu, 2, 5);
    lab_steps(4);
    assert_int_equal(lab_special(CPU_PRIMASK) | lab_special(CPU_FAULTMASK) | lab_special(CPU_BASEPRI), 0);
    assert_int_equal(cpu_reg(lab.cpu, 2), 0);
}

/* --- stacks --- */
static void thread_on_psp_is_stacked_on_psp(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_PSP, RAM + 0x4000);
    CODE(START, 0xf380, 0x8814, SVC, NOP); /* MSR CONTROL, r0 */
    cpu_set_reg(lab.cpu, 0, 2);
    lab_steps(1);
    assert_int_equal(cpu_reg(lab.cpu, 13), RAM + 0x4000);
    lab_steps(2);
    assert_int_equal(lab_ipsr(), SVCALL);
    assert_int_equal(cpu_reg(lab.cpu, 14), 0xfffffffd);
    assert_int_equal(cpu_reg(lab.cpu, 13), SP);
    assert_int_equal(lab_special(CPU_PSP), RAM + 0x4000 - 32);
    assert_int_equal(lab_word(RAM + 0x4000 - 32 + 24), START + 6);
    lab_steps(1);
    assert_int_equal(cpu_reg(lab.cpu, 13), RAM + 0x4000);
    assert_int_equal(lab_special(CPU_CONTROL), 2);
}
static void handler_can_start_a_thread_on_psp(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_PSP, RAM + 0x4000);
    lab_set_word(RAM + 0x4000 + 24, START + 0x100);
    lab_set_word(RAM + 0x4000 + 28, 0x01000000);
    CODE(START, SVC);
    CODE(lab_handler(SVCALL), 0xf06f, 0x0e02, 0x4770); /* MVN lr, #2: 0xfffffffd; BX lr */
    lab_steps(1);
    lab_steps(2);
    assert_int_equal(cpu_pc(lab.cpu), START + 0x100);
    assert_int_equal(cpu_reg(lab.cpu, 13), RAM + 0x4000 + 32);
    assert_int_equal(lab_special(CPU_CONTROL), 2);
    assert_int_equal(lab_ipsr(), 0);
}
static void bad_exc_return_is_invpc(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    CODE(START, SVC);
    CODE(lab_handler(SVCALL), 0xf06f, 0x0e01, BX_LR); /* 0xfffffffe: no such form */
    lab_steps(1);
    lab_steps(2);
    assert_int_equal(lab_ipsr(), USAGE);
    assert_int_equal(lab_special(CPU_CFSR), 1 << 18);
    assert_int_equal(cpu_reg(lab.cpu, 13), SP - 32); /* on the frame that is there */
}
static void return_to_thread_from_a_nested_handler_is_invpc(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    lab_enable(0, 0x80);
    lab_enable(1, 0x40);
    cpu_irq_set(lab.cpu, 0, true);
    CODE(lab_handler(IRQ0), NOP, NOP, NOP, SELF);
    lab_steps(13);
    CODE(lab_handler(IRQ0 + 1), 0xf06f, 0x0e06, BX_LR); /* 0xfffffff9 */
    cpu_irq_set(lab.cpu, 1, true);
    lab_steps(1);
    cpu_irq_set(lab.cpu, 1, false);
    lab_steps(2);
    assert_int_equal(lab_ipsr(), USAGE);
    assert_int_equal(lab_special(CPU_CFSR), 1 << 18);
}
static void nonbasethrdena_allows_it(void **state)
{
    (void)state;
    lab_poke(0xe000ed14, 0x201);
    lab_enable(0, 0x80);
    lab_enable(1, 0x40);
    cpu_irq_set(lab.cpu, 0, true);
    CODE(lab_handler(IRQ0), NOP, SELF);
    lab_steps(13);
    CODE(lab_handler(IRQ0 + 1), 0xf06f, 0x0e06, BX_LR);
    uint32_t sp = cpu_reg(lab.cpu, 13);
    cpu_irq_set(lab.cpu, 1, true);
    lab_steps(1);
    lab_set_word(sp - 32 + 28, 0x01000000); /* a thread's xPSR */
    cpu_irq_set(lab.cpu, 1, false);
    lab_steps(2);
    assert_int_equal(lab_ipsr(), 0);
    assert_int_equal(cpu_reg(lab.cpu, 13), sp);
}
static void returned_ipsr_must_fit_the_mode(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    CODE(START, SVC);
    lab_steps(1);
    lab_set_word(SP - 32 + 28, 0x01000000 | IRQ0);
    lab_steps(1);
    assert_int_equal(lab_ipsr(), USAGE);
    assert_int_equal(lab_special(CPU_CFSR), 1 << 18);
}

/* --- floating point state --- */
enum { VMOV_HIGH = 0xeeb0, VMOV_LOW = 0x0a40 }; /* VMOV s0, s0 */

static void lazy_stacking_reserves_and_fills_on_use(void **state)
{
    (void)state;
    lab_allow_fp();
    lab_enable(0, 0);
    CODE(START, VMOV_HIGH, VMOV_LOW, NOP);
    CODE(lab_handler(IRQ0), NOP, VMOV_HIGH, VMOV_LOW, BX_LR);
    lab_steps(1);
    assert_int_equal(lab_special(CPU_CONTROL), 4);
    for (unsigned k = 0; k < 32; k++)
        cpu_set_fpreg(lab.cpu, k, 0xf000 + k);
    cpu_set_special(lab.cpu, CPU_FPSCR, 0x03000001);
    memset(lab.ram, 0xee, SIZE);
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(1);
    cpu_irq_set(lab.cpu, 0, false);
    assert_int_equal(cpu_reg(lab.cpu, 13), SP - 0x68);
    assert_int_equal(cpu_reg(lab.cpu, 14), 0xffffffe9);
    assert_int_equal(lab_special(CPU_CONTROL), 0);
    lab_steps(1);
    assert_int_equal(lab_word(SP - 0x68 + 0x20), 0xeeeeeeee);
    lab_steps(1);
    for (unsigned k = 0; k < 16; k++)
        assert_int_equal(lab_word(SP - 0x68 + 0x20 + 4 * k), 0xf000 + k);
    assert_int_equal(lab_word(SP - 0x68 + 0x60), 0x03000001);
    assert_int_equal(lab_special(CPU_FPSCR), 1); /* the handler's own modes come from FPDSCR */
    cpu_set_fpreg(lab.cpu, 0, 1);
    lab_steps(1);
    assert_int_equal(cpu_fpreg(lab.cpu, 0), 0xf000);
    assert_int_equal(lab_special(CPU_FPSCR), 0x03000001);
    assert_int_equal(lab_special(CPU_CONTROL), 4);
    assert_int_equal(cpu_reg(lab.cpu, 13), SP);
}
static void lazy_stacking_unused_costs_no_store(void **state)
{
    (void)state;
    lab_allow_fp();
    lab_enable(0, 0);
    CODE(START, VMOV_HIGH, VMOV_LOW, NOP);
    lab_steps(1);
    cpu_set_fpreg(lab.cpu, 3, 0x1234);
    memset(lab.ram, 0xee, SIZE);
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(1);
    cpu_irq_set(lab.cpu, 0, false);
    assert_int_equal(lab_peek(0xe000ef34) & 1, 1);
    assert_int_equal(lab_peek(0xe000ef38), SP - 0x68 + 0x20);
    lab_steps(1);
    assert_int_equal(lab_word(SP - 0x68 + 0x20), 0xeeeeeeee);
    assert_int_equal(cpu_fpreg(lab.cpu, 3), 0x1234);
    assert_int_equal(lab_peek(0xe000ef34) & 1, 0);
}
static void without_lspen_entry_stores_at_once(void **state)
{
    (void)state;
    lab_allow_fp();
    lab_enable(0, 0);
    lab_poke(0xe000ef34, 0x80000000);
    CODE(START, VMOV_HIGH, VMOV_LOW, NOP);
    lab_steps(1);
    cpu_set_fpreg(lab.cpu, 15, 0x4321);
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(1);
    assert_int_equal(lab_word(SP - 0x68 + 0x20 + 60), 0x4321);
    cpu_irq_set(lab.cpu, 0, false);
    lab_set_word(SP - 0x68 + 0x20 + 60, 0x4322);
    lab_steps(1);
    assert_int_equal(cpu_fpreg(lab.cpu, 15), 0x4322);
}
static void fp_without_cpacr_is_nocp(void **state)
{
    (void)state;
    cpu_set_special(lab.cpu, CPU_SHCSR, 7 << 16);
    CODE(START, VMOV_HIGH, VMOV_LOW);
    lab_steps(1);
    assert_int_equal(lab_ipsr(), USAGE);
    assert_int_equal(lab_special(CPU_CFSR), 1 << 19);
    assert_int_equal(lab.taken.pc[0], START);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LAB_CLAIM(reset_takes_sp_and_pc_from_the_vectors),
        LAB_CLAIM(reset_without_readable_vectors_locks_up),
        LAB_CLAIM(system_reset_request_ends_the_run),
        LAB_CLAIM(entry_stacks_eight_words),
        LAB_CLAIM(return_restores_what_entry_stacked),
        LAB_CLAIM(frame_is_aligned_to_eight_bytes),
        LAB_CLAIM(frame_is_aligned_to_four_without_stkalign),
        LAB_CLAIM(better_exception_that_arrives_while_stacking_goes_first),
        LAB_CLAIM(tail_chaining_takes_six_cycles_and_no_memory),
        LAB_CLAIM(higher_priority_nests),
        LAB_CLAIM(same_group_does_not_preempt),
        LAB_CLAIM(subpriority_then_number_decide_between_pending),
        LAB_CLAIM(level_that_stays_asks_again),
        LAB_CLAIM(it_block_survives_an_interrupt),
        LAB_CLAIM(primask_holds_interrupts_back),
        LAB_CLAIM(basepri_holds_its_own_level_and_lower_back),
        LAB_CLAIM(basepri_max_only_raises),
        LAB_CLAIM(faultmask_lets_only_nmi_through_and_ends_with_the_handler),
        LAB_CLAIM(unprivileged_code_cannot_mask),
        LAB_CLAIM(thread_on_psp_is_stacked_on_psp),
        LAB_CLAIM(handler_can_start_a_thread_on_psp),
        LAB_CLAIM(bad_exc_return_is_invpc),
        LAB_CLAIM(return_to_thread_from_a_nested_handler_is_invpc),
        LAB_CLAIM(nonbasethrdena_allows_it),
        LAB_CLAIM(returned_ipsr_must_fit_the_mode),
        LAB_CLAIM(lazy_stacking_reserves_and_fills_on_use),
        LAB_CLAIM(lazy_stacking_unused_costs_no_store),
        LAB_CLAIM(without_lspen_entry_stores_at_once),
        LAB_CLAIM(fp_without_cpacr_is_nocp),
    };
    return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
