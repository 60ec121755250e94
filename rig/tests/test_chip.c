/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about the chip's time, clocks, memory map, resets, power and cuts. Registers are poked from outside while the core
 * idles. */
#include "base/buf.h"
#include "sim/chip_priv.h"
#include "tests/world.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- time and clocks --- */

static void cycles_and_nanoseconds_agree_over_changes_of_frequency(void **state)
{
    (void)state;
    struct ticks t;
    static const uint32_t hz[] = {4000000, 80000000, 48000000, 100000, 32768, 3, 79999999};
    uint64_t cycle = 5, ns = 1000;
    ticks_start(&t, cycle, ns, 4000000);
    assert_true(ticks_ns(&t, cycle + 4000000) == ns + 1000000000);
    for (size_t i = 0; i < sizeof hz / sizeof *hz; i++) {
        ticks_change(&t, cycle, hz[i]);
        for (uint64_t d = 1; d < (uint64_t)hz[i] << 31; d = d * 7 + 3) {
            uint64_t at = ticks_ns(&t, cycle + d), back = ticks_cycle(&t, at);
            assert_true(back <= cycle + d && ticks_ns(&t, back) == at);
            assert_true(ticks_ns(&t, ticks_cycle(&t, at + 1)) >= at + 1 && ticks_ns(&t, ticks_cycle(&t, at + 1) - 1) < at + 1);
        }
        cycle += 1234567;
    }
    assert_true(ticks_cycle(&t, PERIPH_NEVER) > 1ull << 60);
}

static void the_core_starts_at_4_mhz_msi(void **state)
{
    (void)state;
    uint64_t before = cpu_cycles(chip_cpu(world.chip));
    assert_int_equal(chip_hclk(world.chip), 4000000);
    assert_int_equal(chip_run(world.chip, 10 * MS), CHIP_TIME);
    assert_true(cpu_cycles(chip_cpu(world.chip)) - before >= 40000 && cpu_cycles(chip_cpu(world.chip)) - before < 40003);
}

static void oscillators_need_their_time(void **state)
{
    (void)state;
    world_poke(RCC, world_peek(RCC) | 1 << 8);
    assert_false(world_peek(RCC) & 1 << 10);
    world_pass(MS);
    assert_true(world_peek(RCC) & 1 << 10);
    world_poke(RCC, world_peek(RCC) | 1 << 16);
    world_pass(MS);
    assert_true(world_peek(RCC) & 1 << 17);
    world_poke(RCC, world_peek(RCC) & ~(1u << 8));
    assert_false(world_peek(RCC) & 1 << 10);
}

static void without_hse_hserdy_never_comes(void **state)
{
    (void)state;
    chip_hse(world.chip, 0);
    world_poke(RCC, world_peek(RCC) | 1 << 16);
    world_pass(100 * MS);
    assert_false(world_peek(RCC) & 1 << 17);
}

static void pll_from_hse(void)
{
    world_poke(FLASH, 0x604);
    world_poke(RCC, world_peek(RCC) | 1 << 16);
    world_pass(MS);
    world_poke(RCC + 0x0C, 3 | 0 << 4 | 20 << 8 | 1 << 24); /* 8 MHz × 20 / 2 */
    world_poke(RCC, world_peek(RCC) | 1 << 24);
    world_pass(MS);
}

static void sysclk_follows_the_pll_and_prescalers(void **state)
{
    (void)state;
    pll_from_hse();
    world_poke(RCC + 0x08, 3);
    assert_int_equal(world_peek(RCC + 0x08) & 0xC, 0xC);
    assert_int_equal(chip_hclk(world.chip), 80000000);
    world_poke(RCC + 0x08, 3 | 8 << 4); /* AHB / 2 */
    assert_int_equal(chip_hclk(world.chip), 40000000);
    assert_string_equal(buf_text(&world.accesses), "");
}

static void a_switch_waits_for_its_source(void **state)
{
    (void)state;
    world_poke(RCC + 0x08, 1);
    assert_int_equal(world_peek(RCC + 0x08) & 0xC, 0);
    world_poke(RCC, world_peek(RCC) | 1 << 8);
    world_pass(MS);
    assert_int_equal(world_peek(RCC + 0x08) & 0xC, 4);
    assert_int_equal(chip_hclk(world.chip), 16000000);
}

static void too_few_wait_states_are_told(void **state)
{
    (void)state;
    pll_from_hse();
    world_poke(FLASH, 0x601);
    world_poke(RCC + 0x08, 3);
    assert_true(world_told("latency w 0x40021008"));
}

/* --- accesses --- */

static void an_unclocked_peripheral_reads_zero_and_is_told_once(void **state)
{
    (void)state;
    assert_int_equal(world_peek(USART2 + 0x1C), 0);
    world_poke(USART2, 1);
    world_peek(USART2 + 0x1C);
    assert_string_equal(buf_text(&world.accesses), "unclocked r 0x4000441c\nunclocked w 0x40004400\n");
    world_poke(RCC + 0x58, 1 << 17);
    assert_int_equal(world_peek(USART2 + 0x1C), 0xC0);
    assert_int_equal(world_peek(USART2), 0);
}

static void what_is_not_modelled_is_told_and_what_is_not_there_faults(void **state)
{
    (void)state;
    uint32_t v;
    world_poke(RCC + 0x60, 1 << 12);
    assert_int_equal(world_peek(0x40013000), 0);
    assert_true(world_told("unmodelled r 0x40013000"));
    assert_int_equal(world_peek(0x40000000 + 0x1800), 0);
    assert_true(world_told("reserved r 0x40001800"));
    assert_int_equal(chip_bus_ops.load(world.chip, 0x60000000, 4, &v), CPU_BUS_ERROR);
    assert_int_equal(chip_bus_ops.load(world.chip, 0x20018000, 4, &v), CPU_BUS_ERROR);
    assert_int_equal(chip_bus_ops.store(world.chip, 0x08100000, 4, 0), CPU_BUS_ERROR);
}

static void identity_is_readable(void **state)
{
    (void)state;
    static const uint32_t id[3] = {1, 2, 3};
    chip_unique_id(world.chip, id);
    assert_int_equal(world_peek(0x1FFF7590), 1);
    assert_int_equal(world_peek(0x1FFF7598), 3);
    assert_int_equal(world_peek(0x1FFF75E0) & 0xffff, 1024);
    assert_int_equal(world_peek(0xE0042000), 0x10076415);
    assert_int_equal(world_peek(0x1FFF7800), 0xFFEFF8AA);
    assert_int_equal(world_peek(0x1FFF7804), ~0xFFEFF8AAu);
}

/* --- cuts --- */

static void program_under_way(void)
{
    world_unlock();
    world_poke(FLASH + 0x14, 1);
    world_poke(0x08080000, 0x11111111);
    world_poke(0x08080004, 0x22222222);
}

static void a_cut_tears_the_operation_under_way(void **state)
{
    (void)state;
    enum flash_outcome outcome;
    unsigned torn;
    struct flash_op op;
    program_under_way();
    world_pass(40000);
    assert_true(chip_power_cut(world.chip, FLASH_TORN, 3, &op, &outcome, &torn));
    assert_int_equal(outcome, FLASH_TORN);
    assert_int_equal(torn, 3);
    assert_int_equal(op.index, 1);
    assert_false(chip_powered(world.chip));
    assert_int_equal(chip_run(world.chip, chip_now(world.chip) + MS), CHIP_DEAD);
    chip_power_on(world.chip);
    unsigned cleared = 0;
    for (uint32_t i = 0; i < 8; i++)
        for (unsigned k = 0; k < 8; k++)
            cleared += !(flash_bytes(chip_flash(world.chip))[0x80000 + i] >> k & 1);
    assert_int_equal(cleared, 3);
}

static void a_cut_between_operations_tears_nothing(void **state)
{
    (void)state;
    enum flash_outcome outcome = FLASH_ECC;
    program_under_way();
    world_pass(MS);
    assert_false(chip_power_cut(world.chip, FLASH_ECC, 0, NULL, &outcome, NULL));
    assert_int_equal(outcome, FLASH_DONE);
    assert_int_equal(flash_ecc_at(chip_flash(world.chip), 0x80000), FLASH_ECC_OK);
}

static void an_armed_cut_falls_inside_its_operation(void **state)
{
    (void)state;
    struct flash_op op;
    enum flash_outcome outcome;
    unsigned torn;
    chip_arm_cut(world.chip, 1, FLASH_ECC, 0);
    program_under_way();
    uint64_t start = chip_now(world.chip);
    assert_int_equal(chip_run(world.chip, start + MS), CHIP_CUT);
    assert_true(chip_now(world.chip) > start && chip_now(world.chip) < start + flash_stm32l4.program_ns);
    chip_last_cut(world.chip, &op, &outcome, &torn);
    assert_true(op.index == 1 && op.addr == 0x80000 && outcome == FLASH_ECC);
    assert_int_equal(flash_ecc_at(chip_flash(world.chip), 0x80000), FLASH_ECC_DOUBLE);
    assert_int_equal(chip_run(world.chip, start + 2 * MS), CHIP_DEAD);
    assert_true(chip_now(world.chip) == start + 2 * MS);
}

static void an_armed_time_cuts_exactly_then(void **state)
{
    (void)state;
    enum flash_outcome outcome;
    chip_arm_cut_at(world.chip, 5 * MS + 1, FLASH_DONE, 0);
    assert_int_equal(chip_run(world.chip, 10 * MS), CHIP_CUT);
    assert_true(chip_now(world.chip) == 5 * MS + 1);
    chip_last_cut(world.chip, NULL, &outcome, NULL);
    assert_int_equal(outcome, FLASH_DONE);
}

static void sram_is_seeded_noise_after_every_power_on(void **state)
{
    (void)state;
    uint8_t first[64], again[64];
    memcpy(first, world.chip->sram1, sizeof first);
    chip_power_cut(world.chip, FLASH_DONE, 0, NULL, NULL, NULL);
    chip_power_on(world.chip);
    memcpy(again, world.chip->sram1, sizeof again);
    assert_memory_not_equal(first, again, sizeof first);
    world_idling(NULL);
    assert_memory_equal(first, world.chip->sram1, sizeof first);
    chip_reset_pin(world.chip);
    assert_memory_equal(first, world.chip->sram1, sizeof first);
}

/* --- resets and watchdogs --- */

static void csr_tells_the_reasons_until_cleared(void **state)
{
    (void)state;
    assert_int_equal(world_peek(RCC + 0x94), 0x0C000600);
    world_poke(RCC + 0x94, 1 << 23);
    assert_int_equal(world_peek(RCC + 0x94) >> 24, 0);
    chip_reset_pin(world.chip);
    assert_int_equal(world_peek(RCC + 0x94) >> 24, 0x04);
    world_poke(IWDG, 0xCCCC);
    world_pass(600 * MS);
    assert_int_equal(world.resets[CHIP_RESET_IWDG], 1);
    assert_int_equal(world_peek(RCC + 0x94) >> 24, 0x24);
}

static void the_watchdog_bites_at_its_time_unless_fed(void **state)
{
    (void)state;
    world_poke(IWDG, 0xCCCC);
    world_poke(IWDG, 0x5555);
    world_poke(IWDG + 4, 1);
    world_poke(IWDG + 8, 399);
    assert_int_equal(world_peek(IWDG + 0xC), 3);
    world_pass(MS);
    assert_int_equal(world_peek(IWDG + 0xC), 0);
    for (int i = 0; i < 10; i++) {
        world_poke(IWDG, 0xAAAA);
        world_pass(99 * MS);
    }
    assert_int_equal(world.resets[CHIP_RESET_IWDG], 0);
    world_pass(MS + 10000);
    assert_int_equal(world.resets[CHIP_RESET_IWDG], 1);
    world_pass(2000 * MS);
    assert_int_equal(world.resets[CHIP_RESET_IWDG], 1); /* off again after a reset */
}

static void feeding_above_the_window_resets(void **state)
{
    (void)state;
    world_poke(IWDG, 0xCCCC);
    world_poke(IWDG, 0x5555);
    world_poke(IWDG + 0x10, 0x800);
    world_pass(MS);
    world_poke(IWDG, 0xAAAA);
    world_pass(MS);
    assert_int_equal(world.resets[CHIP_RESET_IWDG], 1);
}

/* --- small hostile programs --- */

static void a_jump_into_nowhere_is_a_hard_fault_then_lockup(void **state)
{
    (void)state;
    static const uint16_t jump[] = {0x4801, 0x4700, 0x0000, 0x0000, 0x0001, 0x3000}; /* ldr r0, =0x30000001; bx r0 */
    world_new(1, jump, 6);
    assert_int_equal(chip_run(world.chip, 100 * MS), CHIP_DEAD); /* the HardFault vector is blank */
    assert_true(world.faults[CHIP_FAULT_HARD] + world.faults[CHIP_FAULT_LOCKUP] > 0);
    assert_true(chip_now(world.chip) >= 100 * MS);
    assert_true(world_told("bus-error"));
}

static void an_empty_flash_locks_up(void **state)
{
    (void)state;
    world_blank(1);
    chip_power_on(world.chip);
    assert_int_equal(chip_run(world.chip, MS), CHIP_DEAD);
    assert_int_equal(world.faults[CHIP_FAULT_LOCKUP], 1);
}

static void a_lockup_with_a_watchdog_running_ends_in_its_reset(void **state)
{
    (void)state;
    static const uint16_t code[] = {0x4803, 0x4904, 0x6001, 0x4804, 0x4700, 0,      0,
                                    0,      0x3000, 0x4000, 0xCCCC, 0x0000, 0x0001, 0x3000};
    world_new(1, code, 14);
    chip_run(world.chip, 600 * MS);
    assert_int_equal(world.resets[CHIP_RESET_IWDG], 1);
}

static void sleep_with_nothing_to_wake_it_is_dead(void **state)
{
    (void)state;
    static const uint16_t wfi[] = {0xBF30, 0xE7FD};
    world_new(1, wfi, 2);
    assert_int_equal(chip_run(world.chip, 50 * MS), CHIP_DEAD);
    assert_true(chip_now(world.chip) >= 50 * MS);
}

static void writes_to_locked_flash_change_nothing_and_are_told(void **state)
{
    (void)state;
    static const uint16_t code[] = {0x4801, 0x6000, 0x6040,
                                    0xE7FE, 0x0000, 0x0808}; /* ldr r0,[pc,#4]; str r0,[r0]; str r0,[r0,#4] */
    world_new(1, code, 6);
    chip_run(world.chip, MS);
    assert_int_equal(world.ops, 0);
    assert_int_equal(world.errors, 2);
    assert_int_equal(world.error_bits, 1 << 7);
    assert_true(flash_blank(chip_flash(world.chip), 0x80000));
}

static void random_programs_end_in_a_fault_or_in_time_but_never_hang(void **state)
{
    (void)state;
    struct rng rng;
    unsigned faulted = 0;
    rng_seed(&rng, 1, 55);
    for (unsigned i = 0; i < 120; i++) {
        uint8_t bytes[4096] = {0x00, 0x80, 0x01, 0x20, 0x09, 0x01, 0x00, 0x08};
        for (size_t k = 0x40; k < sizeof bytes; k += 2) { /* mostly narrow instructions: they run longer before they fault */
            uint16_t hw = (uint16_t)(rng_below(&rng, 4) ? rng_below(&rng, 0xD000) : rng_u64(&rng));
            memcpy(bytes + k, &hw, 2);
        }
        world_blank(i);
        flash_load(chip_flash(world.chip), 0, bytes, sizeof bytes);
        chip_power_on(world.chip);
        for (uint64_t t = MS; t <= 5 * MS; t += MS)
            chip_run(world.chip, t);
        assert_true(chip_now(world.chip) >= 5 * MS);
        faulted += world.faults[CHIP_FAULT_HARD] + world.faults[CHIP_FAULT_LOCKUP] > 0;
    }
    assert_true(faulted > 60);
}

#define IDLE(f) cmocka_unit_test_setup_teardown(f, world_idling, world_gone)
#define LAW(f) cmocka_unit_test_teardown(f, world_gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LAW(cycles_and_nanoseconds_agree_over_changes_of_frequency),
        IDLE(the_core_starts_at_4_mhz_msi),
        IDLE(oscillators_need_their_time),
        IDLE(without_hse_hserdy_never_comes),
        IDLE(sysclk_follows_the_pll_and_prescalers),
        IDLE(a_switch_waits_for_its_source),
        IDLE(too_few_wait_states_are_told),
        IDLE(an_unclocked_peripheral_reads_zero_and_is_told_once),
        IDLE(what_is_not_modelled_is_told_and_what_is_not_there_faults),
        IDLE(identity_is_readable),
        IDLE(a_cut_tears_the_operation_under_way),
        IDLE(a_cut_between_operations_tears_nothing),
        IDLE(an_armed_cut_falls_inside_its_operation),
        IDLE(an_armed_time_cuts_exactly_then),
        IDLE(sram_is_seeded_noise_after_every_power_on),
        IDLE(csr_tells_the_reasons_until_cleared),
        IDLE(the_watchdog_bites_at_its_time_unless_fed),
        IDLE(feeding_above_the_window_resets),
        LAW(a_jump_into_nowhere_is_a_hard_fault_then_lockup),
        LAW(an_empty_flash_locks_up),
        LAW(a_lockup_with_a_watchdog_running_ends_in_its_reset),
        LAW(sleep_with_nothing_to_wake_it_is_dead),
        LAW(writes_to_locked_flash_change_nothing_and_are_told),
        LAW(random_programs_end_in_a_fault_or_in_time_but_never_hang),
    };
    return cmocka_run_group_tests_name("chip", tests, NULL, NULL);
}
