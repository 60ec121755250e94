/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about the core's time: cycles, deadlines, callbacks, SysTick, sleep; and that any program comes to an end.
 */
#include "base/rng.h"
#include "tests/lab.h"

#include <string.h>

/* --- SysTick and time --- */
static void systick_period_is_reload_plus_one(void **state)
{
    (void)state;
    CODE(START, SELF);
    lab_poke(0xe000e014, 99);
    lab_poke(0xe000e018, 0);
    lab_poke(0xe000e010, 7);
    uint64_t on = cpu_cycles(lab.cpu) - 1; /* the cycle at which the store was made */
    assert_int_equal(cpu_next_event(lab.cpu), on + 100);
    lab_steps(1000);
    assert_true(lab.taken.n >= 8);
    for (unsigned k = 0; k < lab.taken.n; k++)
        assert_int_equal(lab.taken.number[k], SYSTICK);
    uint64_t next = cpu_next_event(lab.cpu);
    assert_int_equal((next - on) % 100, 0);
}
static void systick_counts_down_and_flags_zero(void **state)
{
    (void)state;
    lab_poke(0xe000e014, 49);
    lab_poke(0xe000e018, 0);
    lab_poke(0xe000e010, 5); /* no interrupt */
    assert_int_equal(cpu_next_event(lab.cpu), UINT64_MAX);
    uint64_t on = cpu_cycles(lab.cpu) - 1;
    lab_steps(10);
    uint32_t value = lab_peek(0xe000e018);
    assert_int_equal(value, 49 - (cpu_cycles(lab.cpu) - 1 - on - 1));
    lab_steps(60);
    assert_int_equal(lab_peek(0xe000e010), 0x10005);
    assert_int_equal(lab_peek(0xe000e010), 5);
    assert_int_equal(lab.taken.n, 0);
}
static void systick_from_the_reference_clock_is_eight_times_slower(void **state)
{
    (void)state;
    lab_poke(0xe000e014, 9);
    lab_poke(0xe000e018, 0);
    lab_poke(0xe000e010, 3);
    assert_int_equal(cpu_next_event(lab.cpu), cpu_cycles(lab.cpu) - 1 + 80);
}
static void systick_counts_while_the_core_sleeps(void **state)
{
    (void)state;
    CODE(START, WFI, NOP);
    lab_poke(0xe000e014, 999);
    lab_poke(0xe000e018, 0);
    lab_poke(0xe000e010, 7);
    assert_int_equal(lab_steps(100), CPU_SLEEP);
    assert_true(cpu_sleeping(lab.cpu));
    cpu_advance(lab.cpu, cpu_next_event(lab.cpu) - 1);
    assert_false(cpu_wake_pending(lab.cpu));
    cpu_advance(lab.cpu, cpu_next_event(lab.cpu));
    assert_true(cpu_wake_pending(lab.cpu));
    lab_steps(1);
    assert_int_equal(lab.taken.number[0], SYSTICK);
    assert_int_equal(lab.taken.pc[0], START + 2);
}
static void deadline_is_exact(void **state)
{
    (void)state;
    for (unsigned n = 1; n < 50; n++) {
        uint64_t before = cpu_cycles(lab.cpu), executed = cpu_instructions(lab.cpu);
        cpu_set_reg(lab.cpu, 15, START);
        assert_int_equal(lab_steps(n), CPU_DEADLINE);
        assert_int_equal(cpu_cycles(lab.cpu) - before, n);
        assert_int_equal(cpu_instructions(lab.cpu) - executed, n);
        assert_int_equal(cpu_pc(lab.cpu), START + 2 * n);
    }
}
static void callback_sees_exact_pc_and_cycle(void **state)
{
    (void)state;
    CODE(START, NOP, NOP, NOP, LDR_R1_R0, NOP);
    cpu_set_reg(lab.cpu, 0, DEVICE + 4);
    lab.device = 0xcafe;
    lab_steps(10);
    assert_int_equal(lab.bus.pc, START + 6);
    assert_int_equal(lab.bus.cycle, 3);
    assert_int_equal(lab.bus.addr, DEVICE + 4);
    assert_int_equal(cpu_reg(lab.cpu, 1), 0xcafe);
}
static void callback_can_stop_stall_and_shorten(void **state)
{
    (void)state;
    CODE(START, LDR_R1_R0, NOP);
    cpu_set_reg(lab.cpu, 0, DEVICE);
    lab.trick = STOP;
    assert_int_equal(lab_steps(50), CPU_STOPPED);
    assert_int_equal(cpu_cycles(lab.cpu), 1);
    cpu_set_reg(lab.cpu, 15, START);
    lab.trick = STALL;
    assert_int_equal(lab_steps(50), CPU_DEADLINE);
    assert_int_equal(cpu_cycles(lab.cpu), 102);
    assert_int_equal(cpu_instructions(lab.cpu), 2);
    cpu_set_reg(lab.cpu, 15, START);
    lab.trick = DEADLINE;
    assert_int_equal(lab_steps(50), CPU_DEADLINE);
    assert_int_equal(cpu_cycles(lab.cpu), 105);
}
static void nmi_from_a_load_comes_before_the_next_instruction(void **state)
{
    (void)state;
    CODE(START, LDR_R1_R0, NOP);
    cpu_set_reg(lab.cpu, 0, DEVICE);
    lab.device = 0x55;
    lab.trick = PEND_NMI;
    lab_steps(2);
    assert_int_equal(lab.taken.number[0], NMI);
    assert_int_equal(lab.taken.pc[0], START + 2);
    assert_int_equal(cpu_reg(lab.cpu, 1), 0x55);
}
static void nmi_from_a_fetch_comes_before_what_was_fetched(void **state)
{
    (void)state;
    CODE(START, 0x2001);
    cpu_page_slow(lab.cpu, START, 2, true);
    lab.trick = PEND_NMI;
    lab_steps(1);
    lab.trick = QUIET;
    assert_int_equal(lab.taken.number[0], NMI);
    assert_int_equal(lab.taken.pc[0], START);
    lab_steps(1);
    lab_steps(1);
    assert_int_equal(cpu_reg(lab.cpu, 0), 1);
}
static void cycle_counter_counts_when_enabled(void **state)
{
    (void)state;
    lab_poke(0xe000edfc, 1 << 24);
    lab_poke(0xe0001004, 0);
    lab_poke(0xe0001000, 1);
    uint32_t a = lab_peek(0xe0001004);
    lab_steps(100);
    assert_int_equal(lab_peek(0xe0001004) - a, 101);
    lab_poke(0xe0001000, 0);
    a = lab_peek(0xe0001004);
    lab_steps(100);
    assert_int_equal(lab_peek(0xe0001004), a);
}

/* --- sleep --- */
static void wfi_under_primask_wakes_without_entering(void **state)
{
    (void)state;
    lab_enable(0, 0x40);
    CODE(START, CPSID_I, WFI, 0x2007, NOP);
    assert_int_equal(lab_steps(10), CPU_SLEEP);
    cpu_irq_set(lab.cpu, 0, true);
    assert_true(cpu_wake_pending(lab.cpu));
    lab_steps(1);
    assert_int_equal(cpu_reg(lab.cpu, 0), 7);
    assert_int_equal(lab.taken.n, 0);
}
static void wfi_does_not_wake_for_what_basepri_masks(void **state)
{
    (void)state;
    lab_enable(0, 0x80);
    cpu_set_special(lab.cpu, CPU_BASEPRI, 0x40);
    CODE(START, WFI, NOP);
    cpu_irq_set(lab.cpu, 0, true);
    assert_int_equal(lab_steps(10), CPU_SLEEP);
    assert_false(cpu_wake_pending(lab.cpu));
}
static void wfe_consumes_an_event_or_waits_for_one(void **state)
{
    (void)state;
    CODE(START, SEV, WFE, NOP, WFE, 0x2007);
    assert_int_equal(lab_steps(10), CPU_SLEEP);
    assert_int_equal(cpu_pc(lab.cpu), START + 8);
    cpu_event(lab.cpu);
    assert_true(cpu_wake_pending(lab.cpu));
    lab_steps(1);
    assert_int_equal(cpu_reg(lab.cpu, 0), 7);
}
static void sleep_on_exit_goes_to_sleep_at_the_last_return(void **state)
{
    (void)state;
    lab_enable(0, 0);
    lab_poke(0xe000ed10, 2);
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(1);
    cpu_irq_set(lab.cpu, 0, false);
    assert_int_equal(lab_steps(100), CPU_SLEEP);
    assert_int_equal(cpu_pc(lab.cpu), START);
    cpu_irq_set(lab.cpu, 0, true);
    lab_steps(1);
    assert_int_equal(lab.taken.n, 2);
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
            memcpy(lab.flash + a, &v, 8);
            memcpy(lab.ram + a, &v, 8);
        }
        cpu_invalidate(lab.cpu, FLASH, SIZE);
        cpu_invalidate(lab.cpu, RAM, SIZE);
        for (unsigned k = 0; k < 82; k++)
            cpu_irq_set(lab.cpu, k, false);
        assert_true(cpu_reset(lab.cpu, FLASH));
        uint64_t end = cpu_cycles(lab.cpu) + 20000;
        for (unsigned runs = 0; runs < 2000 && cpu_cycles(lab.cpu) < end; runs++) {
            enum cpu_why why = cpu_run(lab.cpu, end);
            if (why == CPU_LOCKUP || why == CPU_RESET)
                break;
            if (why == CPU_SLEEP)
                cpu_advance(lab.cpu, cpu_cycles(lab.cpu) + 500);
            lab.trick = (int)rng_below(&r, PATCH);
            cpu_irq_set(lab.cpu, (unsigned)rng_below(&r, 82), rng_below(&r, 2));
        }
        assert_true(cpu_cycles(lab.cpu) < end + 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LAB_CLAIM(systick_period_is_reload_plus_one),
        LAB_CLAIM(systick_counts_down_and_flags_zero),
        LAB_CLAIM(systick_from_the_reference_clock_is_eight_times_slower),
        LAB_CLAIM(systick_counts_while_the_core_sleeps),
        LAB_CLAIM(deadline_is_exact),
        LAB_CLAIM(callback_sees_exact_pc_and_cycle),
        LAB_CLAIM(callback_can_stop_stall_and_shorten),
        LAB_CLAIM(nmi_from_a_load_comes_before_the_next_instruction),
        LAB_CLAIM(nmi_from_a_fetch_comes_before_what_was_fetched),
        LAB_CLAIM(cycle_counter_counts_when_enabled),
        LAB_CLAIM(wfi_under_primask_wakes_without_entering),
        LAB_CLAIM(wfi_does_not_wake_for_what_basepri_masks),
        LAB_CLAIM(wfe_consumes_an_event_or_waits_for_one),
        LAB_CLAIM(sleep_on_exit_goes_to_sleep_at_the_last_return),
        LAB_CLAIM(random_programs_end),
    };
    return cmocka_run_group_tests_name("cpu_time", tests, NULL, NULL);
}
