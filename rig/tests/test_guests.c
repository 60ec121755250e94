/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about whole programs on the chip (tests/guests), and that a run depends on its seed alone. */
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

/* --- guests --- */

static void hello_runs_at_80_mhz_and_echoes(void **state)
{
    (void)state;
    world_guest("hello", 1);
    chip_run(world.chip, 20 * MS);
    world_said("hello id=10076415 uid=");
    world_said("size=00000400\r\n");
    assert_int_equal(chip_hclk(world.chip), 80000000);
    chip_uart_send(world.chip, 2, (const uint8_t *)"echo this", 9, 115200);
    chip_run(world.chip, 40 * MS);
    world_said("echo this");
    world_clean();
}

static void flash_works_and_every_documented_mistake_sets_its_flag(void **state)
{
    (void)state;
    world_guest("flash", 1);
    chip_run(world.chip, 1000 * MS);
    world_said("locked 00000080");
    world_said("unlocked ok");
    world_said("bank1 ok");
    world_said("bank2 ok");
    world_said("without-pg 00000080");
    world_said("byte 00000040");
    world_said("half 00000040");
    world_said("high-first 00000020");
    world_said("two-words 00000020");
    world_said("twice 00000008");
    world_said("first-kept ok");
    world_said("zeros 00000000");
    world_said("zeroed ok");
    world_said("with-per 00000080");
    world_said("after-error 00000080");
    world_said("not-written ok");
    world_said("locked-again ok");
    world_said("done");
    assert_int_equal(world.ops, 3 + 2 * 256 + 2);
    world_clean();
}

static void every_reset_tells_its_reason(void **state)
{
    (void)state;
    world_guest("watchdog", 1);
    chip_run(world.chip, 1000 * MS);
    world_said("life 00000001 csr 0c000600");
    world_said("life 00000002 csr 14000600");
    world_said("life 00000003 csr 24000600");
    world_said("fed");
    assert_int_equal(world.resets[CHIP_RESET_SOFTWARE], 1);
    assert_int_equal(world.resets[CHIP_RESET_IWDG], 1);
    world_clean();
}

static void stop_ends_with_a_button_and_the_clocks_of_a_reset(void **state)
{
    (void)state;
    world_guest("stop", 1);
    chip_gpio_in(world.chip, 'C', 13, 1);
    chip_run(world.chip, 20 * MS);
    world_said("down");
    assert_int_equal(chip_hclk(world.chip), 4000000);
    chip_gpio_in(world.chip, 'C', 13, 0);
    chip_run(world.chip, 40 * MS);
    world_said("woke sws 00000000 pll 00000000");
    assert_int_equal(chip_hclk(world.chip), 80000000);
    world_clean();
}

static void interrupts_come_on_time_in_sleep(void **state)
{
    (void)state;
    world_guest("interrupts", 1);
    chip_run(world.chip, 50 * MS);
    chip_uart_send(world.chip, 1, (const uint8_t *)"hello, interrupt", 16, 921600);
    chip_run(world.chip, 120 * MS);
    world_said("ticks 00000064 updates 00000014");
    assert_string_equal(buf_text(&world.console1), "HELLO\f\0INTERRUPT");
    assert_int_equal(world.edges, 11);
    world_clean();
}

static void the_other_bank_runs_on_and_the_own_stalls(void **state)
{
    (void)state;
    unsigned other, own, polls;
    world_guest("rww", 1);
    chip_run(world.chip, 200 * MS);
    assert_int_equal(sscanf(buf_text(&world.console), "other %x own %x polls %x", &other, &own, &polls), 3);
    assert_in_range(other, 21, 23);
    assert_in_range(own, 0, 2);
    assert_true(polls > 1000);
    world_clean();
}

static void ecc_errors_reach_the_nmi_handler_with_their_address(void **state)
{
    (void)state;
    world_guest("ecc", 1);
    flash_set_ecc(chip_flash(world.chip), 0x40808, FLASH_ECC_DOUBLE);
    flash_set_ecc(chip_flash(world.chip), 0xC0010, FLASH_ECC_DOUBLE);
    flash_set_ecc(chip_flash(world.chip), 0x41000, FLASH_ECC_CORRECTED);
    chip_run(world.chip, 200 * MS);
    world_said("good quiet ffffffff 00000000");
    world_said("double1 nmi ffffffff 80040808");
    world_said("double2 nmi ffffffff 800c0010");
    world_said("again2 nmi ffffffff 800c0010");
    world_said("nmis 00000005"); /* it asks again until ECCD is cleared */
    world_said("corrected quiet ffffffff 40041000");
    world_said("erased2 quiet ffffffff 00000000");
    assert_int_equal(world.faults[CHIP_FAULT_NMI_ECC], 4);
    world_clean();
}

/* --- determinism --- */

/* Everything that a run leaves, as text: for comparison. */
static char *traces(const char *name, uint64_t seed, uint64_t cut, uint64_t slice)
{
    world_guest(name, seed);
    chip_arm_cut(world.chip, cut, FLASH_DONE, 0);
    enum chip_why why = CHIP_TIME;
    for (uint64_t t = slice; t <= 300 * MS && why == CHIP_TIME; t += slice)
        why = chip_run(world.chip, t);
    uint64_t hash = 14695981039346656037u;
    for (uint32_t i = 0; i < flash_stm32l4.size; i++)
        hash = (hash ^ flash_bytes(chip_flash(world.chip))[i] ^ (uint64_t)flash_ecc_at(chip_flash(world.chip), i) << 8)
               * 1099511628211u;
    enum flash_outcome outcome;
    unsigned torn;
    chip_last_cut(world.chip, NULL, &outcome, &torn);
    return mem_printf("%s|why %d|%" PRIu64 " instructions|last byte %" PRIu64 "|op %" PRIu64 " at %" PRIu64
                      "|%s %u|flash %016" PRIx64,
                      buf_text(&world.console), why, cpu_instructions(chip_cpu(world.chip)), world.tx_at, world.op.index,
                      world.op.start_ns, flash_outcome_name(outcome), torn, hash);
}

static void a_run_depends_on_its_seed_alone_and_not_on_its_slices(void **state)
{
    (void)state;
    char *whole = traces("flash", 5, 200, 300 * MS), *again = traces("flash", 5, 200, 300 * MS),
         *sliced = traces("flash", 5, 200, 77777);
    assert_string_equal(whole, again);
    assert_string_equal(whole, sliced);
    free(whole);
    free(again);
    free(sliced);
}

static void seeds_differ_in_what_a_cut_leaves(void **state)
{
    (void)state;
    unsigned differ = 0;
    char *first = traces("flash", 1, 3, 300 * MS);
    for (uint64_t seed = 2; seed < 8; seed++) {
        char *other = traces("flash", seed, 3, 300 * MS);
        differ += strcmp(first, other) != 0;
        free(other);
    }
    free(first);
    assert_true(differ >= 5);
}

#define LAW(f) cmocka_unit_test_teardown(f, world_gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LAW(hello_runs_at_80_mhz_and_echoes),
        LAW(flash_works_and_every_documented_mistake_sets_its_flag),
        LAW(every_reset_tells_its_reason),
        LAW(stop_ends_with_a_button_and_the_clocks_of_a_reset),
        LAW(interrupts_come_on_time_in_sleep),
        LAW(the_other_bank_runs_on_and_the_own_stalls),
        LAW(ecc_errors_reach_the_nmi_handler_with_their_address),
        LAW(a_run_depends_on_its_seed_alone_and_not_on_its_slices),
        LAW(seeds_differ_in_what_a_cut_leaves),
    };
    return cmocka_run_group_tests_name("guests", tests, NULL, NULL);
}
