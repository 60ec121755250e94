/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about the flash interface: keys, operations, errors, protection, ECC. */
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

/* --- flash interface --- */

static void a_wrong_key_locks_until_reset(void **state)
{
    (void)state;
    assert_int_equal(world_poke(FLASH + 0x08, 0x45670123), CPU_BUS_OK);
    assert_int_equal(world_poke(FLASH + 0x08, 0x12345678), CPU_BUS_ERROR);
    assert_int_equal(world_poke(FLASH + 0x08, 0x45670123), CPU_BUS_ERROR);
    world_unlock();
    assert_true(world_peek(FLASH + 0x14) & 1u << 31);
    chip_reset_pin(world.chip);
    world_unlock();
    assert_false(world_peek(FLASH + 0x14) & 1u << 31);
}

static void data_appear_at_the_end_of_the_operation(void **state)
{
    (void)state;
    world_unlock();
    world_poke(FLASH + 0x14, 1 | 1 << 24);
    world_poke(0x08080000, 0x11111111);
    assert_int_equal(world.ops, 0);
    world_poke(0x08080004, 0x22222222);
    uint64_t start = chip_now(world.chip);
    assert_int_equal(world.ops, 1);
    assert_true(world_peek(FLASH + 0x10) & 1 << 16);
    world_pass(80000);
    assert_true(flash_blank(chip_flash(world.chip), 0x80000));
    world_pass(2000);
    assert_int_equal(world_peek(FLASH + 0x10), 1); /* EOP, not BSY */
    assert_int_equal(world_peek(0x08080004), 0x22222222);
    assert_true(world.op.start_ns == start && world.op.time_ns == flash_stm32l4.program_ns && world.op.addr == 0x80000);
    world_poke(FLASH + 0x10, 1);
    assert_int_equal(world_peek(FLASH + 0x10), 0);
}

static void erase_is_of_the_page_and_bank_named(void **state)
{
    (void)state;
    static const uint8_t one[8] = {1};
    for (uint32_t a = 0x80000; a < 0x80000 + 3 * 2048; a += 2048)
        flash_program(chip_flash(world.chip), a, one);
    flash_program(chip_flash(world.chip), 2048, one);
    world_unlock();
    world_poke(FLASH + 0x14, 1 << 1 | 1 << 3 | 1 << 11 | 1 << 16);
    world_pass(21 * MS);
    assert_false(flash_blank(chip_flash(world.chip), 0x80000 + 2048));
    world_pass(2 * MS);
    assert_true(flash_blank(chip_flash(world.chip), 0x80000 + 2048));
    assert_false(flash_blank(chip_flash(world.chip), 0x80000));
    assert_false(flash_blank(chip_flash(world.chip), 0x80000 + 2 * 2048));
    assert_false(flash_blank(chip_flash(world.chip), 2048));
}

static void a_mass_erase_takes_one_bank(void **state)
{
    (void)state;
    static const uint8_t one[8] = {1};
    flash_program(chip_flash(world.chip), 0xFF000, one);
    flash_program(chip_flash(world.chip), 0x70000, one);
    world_unlock();
    world_poke(FLASH + 0x14, 1 << 15);
    world_poke(FLASH + 0x14, 1 << 15 | 1 << 16);
    world_pass(23 * MS);
    assert_true(flash_blank(chip_flash(world.chip), 0xFF000));
    assert_false(flash_blank(chip_flash(world.chip), 0x70000));
    assert_int_equal(world.op.kind, FLASH_MASS_ERASE);
}

static void fast_rows(unsigned words)
{
    world_unlock();
    world_poke(FLASH + 0x14, 1 << 15 | 1 << 16);
    world_pass(23 * MS);
    world_poke(FLASH + 0x14, 1 << 18);
    for (unsigned i = 0; i < words; i++) {
        world_poke(0x08080100 + 8 * i, i);
        world_poke(0x08080104 + 8 * i, ~i);
    }
}

static void a_fast_row_programs_32_double_words(void **state)
{
    (void)state;
    fast_rows(32);
    world_pass(2 * MS);
    assert_int_equal(world_peek(FLASH + 0x10) & 0xC3FB, 0);
    for (unsigned i = 0; i < 32; i++)
        assert_int_equal(world_peek(0x08080104 + 8 * i), ~i);
    assert_int_equal(world.op.kind, FLASH_ROW);
}

static void a_gap_in_a_fast_row_is_missed_data(void **state)
{
    (void)state;
    fast_rows(5);
    world_pass(2 * MS);
    assert_int_equal(world_peek(FLASH + 0x10) & 0xC3FB, 1 << 8 | 1 << 9);
    assert_int_equal(world_peek(0x08080104 + 8 * 4), ~4u);
    assert_int_equal(world_peek(0x08080104 + 8 * 5), 0xffffffff);
}

static void a_fast_row_needs_a_mass_erase_before(void **state)
{
    (void)state;
    world_unlock();
    world_poke(FLASH + 0x14, 1 << 18);
    world_poke(0x08080100, 1);
    world_poke(0x08080104, 1);
    assert_int_equal(world_peek(FLASH + 0x10), 1 << 7);
}

static void otp_is_programmed_and_never_erased(void **state)
{
    (void)state;
    world_unlock();
    world_poke(FLASH + 0x14, 1);
    world_poke(0x1FFF7000, 0xA);
    world_poke(0x1FFF7004, 0xB);
    world_pass(MS);
    assert_int_equal(world_peek(0x1FFF7004), 0xB);
    world_poke(FLASH + 0x14, 1 << 2 | 1 << 15 | 1 << 16);
    world_pass(23 * MS);
    assert_int_equal(world_peek(0x1FFF7000), 0xA);
}

static void write_protection_refuses(void **state)
{
    (void)state;
    world_unlock();
    world_poke(FLASH + 0x0C, 0x08192A3B);
    world_poke(FLASH + 0x0C, 0x4C5D6E7F);
    world_poke(FLASH + 0x4C, 3 << 16 | 2); /* bank 2, pages 2 and 3 */
    world_poke(FLASH + 0x14, 1 << 1 | 2 << 3 | 1 << 11 | 1 << 16);
    assert_int_equal(world_peek(FLASH + 0x10), 1 << 4);
    assert_int_equal(world.ops, 0);
    world_poke(FLASH + 0x10, 1 << 4);
    world_poke(FLASH + 0x14, 1 << 1 | 4 << 3 | 1 << 11 | 1 << 16);
    assert_int_equal(world.ops, 1);
}

static void option_bytes_take_effect_at_launch(void **state)
{
    (void)state;
    static const uint8_t vectors[8] = {0x00, 0x80, 0x01, 0x20, 0x09, 0x00, 0x00, 0x08}, loop[8] = {0xFE, 0xE7};
    flash_program(chip_flash(world.chip), 0x80000, vectors);
    flash_program(chip_flash(world.chip), 0x80008, loop);
    world_unlock();
    world_poke(FLASH + 0x0C, 0x08192A3B);
    world_poke(FLASH + 0x0C, 0x4C5D6E7F);
    world_poke(FLASH + 0x20, 0xFFEFF8AA | 1 << 20); /* BFB2 */
    world_poke(FLASH + 0x14, 1 << 17);
    world_pass(25 * MS);
    assert_false(world_peek(SYSCFG) & 1 << 8);
    world_poke(FLASH + 0x14, 1 << 27);
    world_pass(MS);
    assert_int_equal(world.resets[CHIP_RESET_OPTION], 1);
    world_poke(RCC + 0x60, 1);
    assert_true(world_peek(SYSCFG) & 1 << 8);
    assert_true(world_peek(RCC + 0x94) & 1 << 25);
    assert_int_equal(world_peek(0x08000000), 0x20018000);
    assert_int_equal(world_peek(0x08000008) & 0xffff, 0xE7FE);
}

static void a_double_ecc_error_is_found_where_it_lies(void **state)
{
    (void)state;
    flash_set_ecc(chip_flash(world.chip), 0x80008, FLASH_ECC_DOUBLE);
    chip_run(world.chip, chip_now(world.chip) + 1000);
    world_peek(0x08080008);
    assert_int_equal(world_peek(FLASH + 0x18), 1u << 31 | 1 << 19 | 8);
    assert_int_equal(world.faults[CHIP_FAULT_NMI_ECC], 1);
    world_poke(FLASH + 0x18, 1u << 31);
    assert_int_equal(world_peek(FLASH + 0x18) >> 30, 0);
}

#define IDLE(f) cmocka_unit_test_setup_teardown(f, world_idling, world_gone)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IDLE(a_wrong_key_locks_until_reset),
        IDLE(data_appear_at_the_end_of_the_operation),
        IDLE(erase_is_of_the_page_and_bank_named),
        IDLE(a_mass_erase_takes_one_bank),
        IDLE(a_fast_row_programs_32_double_words),
        IDLE(a_gap_in_a_fast_row_is_missed_data),
        IDLE(a_fast_row_needs_a_mass_erase_before),
        IDLE(otp_is_programmed_and_never_erased),
        IDLE(write_protection_refuses),
        IDLE(option_bytes_take_effect_at_launch),
        IDLE(a_double_ecc_error_is_found_where_it_lies),
    };
    return cmocka_run_group_tests_name("flashctl", tests, NULL, NULL);
}
