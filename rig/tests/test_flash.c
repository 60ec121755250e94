/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about flash physics: what operations do, what cuts leave, that draws come from the seed alone. */
#include "base/rng.h"
#include "sim/flash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t some[8] = {0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0}, zero[8],
                     ones[8] = {255, 255, 255, 255, 255, 255, 255, 255};
enum { PAGE = 2048 };

static struct flash *flash;
static struct rng rng;

static int fresh(void **state)
{
    (void)state;
    flash = flash_new(&flash_stm32l4);
    rng_seed(&rng, 7, 1);
    return flash ? 0 : -1;
}

static int gone(void **state)
{
    (void)state;
    flash_free(flash);
    return 0;
}

static struct flash_op op(enum flash_kind kind, uint32_t addr, uint32_t size)
{
    return (struct flash_op){.index = 1, .kind = kind, .addr = addr, .size = size};
}

static unsigned bits_differ(const uint8_t *a, const uint8_t *b, size_t n)
{
    unsigned count = 0;
    for (size_t i = 0; i < n; i++)
        for (unsigned k = 0; k < 8; k++)
            count += (a[i] ^ b[i]) >> k & 1;
    return count;
}

static bool blank(uint32_t from, uint32_t n)
{
    for (uint32_t i = from; i < from + n; i++)
        if (flash_bytes(flash)[i] != 0xff || flash_ecc_at(flash, i) != FLASH_ECC_OK)
            return false;
    return true;
}

static void a_new_array_is_blank(void **state)
{
    (void)state;
    assert_true(blank(0, flash_stm32l4.size));
}

static void a_word_is_programmed_once(void **state)
{
    (void)state;
    assert_true(flash_program(flash, 64, some));
    assert_memory_equal(flash_bytes(flash) + 64, some, 8);
    assert_false(flash_program(flash, 64, some));
    assert_true(blank(0, 64));
    assert_true(blank(72, PAGE));
}

static void zeros_go_over_anything_and_heal_ecc(void **state)
{
    (void)state;
    flash_program(flash, 64, some);
    flash_set_ecc(flash, 64, FLASH_ECC_DOUBLE);
    assert_true(flash_program(flash, 64, zero));
    assert_memory_equal(flash_bytes(flash) + 64, zero, 8);
    assert_int_equal(flash_ecc_at(flash, 64), FLASH_ECC_OK);
    assert_false(flash_page_flawed(flash, 0));
}

static void ones_leave_a_word_blank(void **state)
{
    (void)state;
    assert_true(flash_program(flash, 64, ones));
    assert_true(flash_program(flash, 64, some));
}

static void a_word_that_looks_blank_but_has_bad_ecc_is_refused(void **state)
{
    (void)state;
    flash_set_ecc(flash, 64, FLASH_ECC_DOUBLE);
    assert_false(flash_blank(flash, 64));
    assert_false(flash_program(flash, 64, some));
}

static void an_erase_takes_whole_pages_and_no_others(void **state)
{
    (void)state;
    for (uint32_t a = 0; a < 4 * PAGE; a += 8)
        flash_program(flash, a, some);
    flash_set_ecc(flash, PAGE + 8, FLASH_ECC_DOUBLE);
    flash_erase(flash, PAGE + 100, PAGE);
    assert_true(blank(PAGE, 2 * PAGE));
    assert_memory_equal(flash_bytes(flash) + PAGE - 8, some, 8);
    assert_memory_equal(flash_bytes(flash) + 3 * PAGE, some, 8);
    assert_false(flash_page_flawed(flash, 1));
}

static void a_cut_before_writes_nothing(void **state)
{
    (void)state;
    struct flash_op o = op(FLASH_PROGRAM, 64, 8);
    assert_int_equal(flash_cut(flash, &o, some, FLASH_BEFORE, 0, &rng, NULL), FLASH_BEFORE);
    assert_true(blank(0, PAGE));
}

static void a_cut_after_writes_all(void **state)
{
    (void)state;
    struct flash_op o = op(FLASH_PROGRAM, 64, 8);
    assert_int_equal(flash_cut(flash, &o, some, FLASH_AFTER, 0, &rng, NULL), FLASH_AFTER);
    assert_memory_equal(flash_bytes(flash) + 64, some, 8);
    assert_int_equal(flash_ecc_at(flash, 64), FLASH_ECC_OK);
}

static void torn_n_clears_exactly_n_bits_that_were_to_be_cleared(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 40; n++) { /* more bits than there are to clear: all of them */
        unsigned torn = 99;
        struct flash_op o = op(FLASH_PROGRAM, n * 8, 8);
        unsigned most = bits_differ(some, ones, 8);
        flash_cut(flash, &o, some, FLASH_TORN, n, &rng, &torn);
        assert_int_equal(torn, n > most ? most : n);
        const uint8_t *now = flash_bytes(flash) + n * 8;
        assert_int_equal(bits_differ(now, ones, 8), torn);
        for (int i = 0; i < 8; i++)
            assert_int_equal(now[i] & some[i], some[i]); /* a 1 that should stay is never cleared */
        assert_int_not_equal(flash_ecc_at(flash, n * 8), FLASH_ECC_DOUBLE);
    }
}

static void torn_draws_some_but_not_all_bits(void **state)
{
    (void)state;
    unsigned most = bits_differ(some, ones, 8), low = 99, high = 0;
    for (uint32_t a = 0; a < 64 * PAGE; a += 8) {
        unsigned torn;
        struct flash_op o = op(FLASH_PROGRAM, a, 8);
        assert_int_equal(flash_cut(flash, &o, some, FLASH_TORN, 0, &rng, &torn), FLASH_TORN);
        low = torn < low ? torn : low;
        high = torn > high ? torn : high;
    }
    assert_int_equal(low, 1);
    assert_int_equal(high, most - 1);
}

static void a_word_with_ecc_error_stays_so_until_its_page_is_erased(void **state)
{
    (void)state;
    struct flash_op o = op(FLASH_PROGRAM, 64, 8);
    assert_int_equal(flash_cut(flash, &o, some, FLASH_ECC, 0, &rng, NULL), FLASH_ECC);
    assert_int_equal(flash_ecc_at(flash, 71), FLASH_ECC_DOUBLE);
    assert_int_equal(flash_ecc_at(flash, 72), FLASH_ECC_OK);
    assert_true(flash_page_flawed(flash, 0));
    assert_false(flash_program(flash, 64, some));
    flash_erase(flash, 0, PAGE);
    assert_false(flash_page_flawed(flash, 0));
    assert_true(flash_program(flash, 64, some));
}

static void a_program_with_nothing_to_clear_cannot_tear(void **state)
{
    (void)state;
    struct flash_op o = op(FLASH_PROGRAM, 64, 8);
    assert_int_equal(flash_cut(flash, &o, ones, FLASH_ECC, 0, &rng, NULL), FLASH_AFTER);
    assert_true(blank(0, PAGE));
}

static void a_cut_row_is_whole_then_torn_then_blank(void **state)
{
    (void)state;
    uint8_t data[256];
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7 + 1);
    bool early = false, late = false;
    for (uint32_t row = 0; row < 200; row++) {
        struct flash_op o = op(FLASH_ROW, row * 256, 256);
        flash_cut(flash, &o, data, FLASH_ECC, 0, &rng, NULL);
        const uint8_t *p = flash_bytes(flash) + row * 256;
        uint32_t hit = 0;
        while (hit < 32 && memcmp(p + hit * 8, data + hit * 8, 8) == 0
               && flash_ecc_at(flash, row * 256 + hit * 8) == FLASH_ECC_OK)
            hit++;
        assert_true(hit < 32);
        assert_int_equal(flash_ecc_at(flash, row * 256 + hit * 8), FLASH_ECC_DOUBLE);
        assert_true(hit == 31 || blank(row * 256 + (hit + 1) * 8, 256 - (hit + 1) * 8));
        early |= hit < 8;
        late |= hit > 23;
    }
    assert_true(early && late);
}

static void a_partial_erase_moves_bits_up_only_and_stays_in_its_page(void **state)
{
    (void)state;
    for (uint32_t a = 0; a < 3 * PAGE; a += 8)
        flash_program(flash, a, some);
    struct flash_op o = op(FLASH_ERASE, PAGE, PAGE);
    assert_int_equal(flash_cut(flash, &o, NULL, FLASH_PARTIAL, 0, &rng, NULL), FLASH_PARTIAL);
    unsigned mixed = 0, bad = 0;
    for (uint32_t a = PAGE; a < 2 * PAGE; a += 8) {
        const uint8_t *now = flash_bytes(flash) + a;
        for (int i = 0; i < 8; i++)
            assert_int_equal(now[i] & some[i], some[i]);
        mixed += memcmp(now, some, 8) != 0 && memcmp(now, ones, 8) != 0;
        bad += flash_ecc_at(flash, a) == FLASH_ECC_DOUBLE;
    }
    assert_true(mixed > 0 && bad > 0);
    assert_false(flash_page_flawed(flash, 0));
    assert_false(flash_page_flawed(flash, 2));
    assert_memory_equal(flash_bytes(flash) + PAGE - 8, some, 8);
    assert_memory_equal(flash_bytes(flash) + 2 * PAGE, some, 8);
}

static void a_partial_erase_can_look_blank_and_trap(void **state)
{
    (void)state;
    bool found = false;
    for (uint32_t page = 0; page < 512; page++) {
        struct flash_op o = op(FLASH_ERASE, page * PAGE, PAGE);
        for (uint32_t a = 0; a < PAGE; a += 8)
            flash_program(flash, page * PAGE + a, some);
        flash_cut(flash, &o, NULL, FLASH_PARTIAL, 0, &rng, NULL);
        for (uint32_t a = page * PAGE; a < (page + 1) * PAGE; a += 8)
            found |= memcmp(flash_bytes(flash) + a, ones, 8) == 0 && flash_ecc_at(flash, a) == FLASH_ECC_DOUBLE;
    }
    assert_true(found);
}

static void blank_words_survive_a_partial_erase(void **state)
{
    (void)state;
    struct flash_op o = op(FLASH_MASS_ERASE, 0, flash_stm32l4.bank);
    flash_program(flash, 0, some);
    flash_cut(flash, &o, NULL, FLASH_PARTIAL, 0, &rng, NULL);
    assert_true(blank(8, flash_stm32l4.bank - 8));
}

static void a_cut_mass_erase_leaves_the_other_bank(void **state)
{
    (void)state;
    uint32_t bank = flash_stm32l4.bank;
    flash_program(flash, bank - 8, some);
    flash_program(flash, bank, some);
    struct flash_op o = op(FLASH_MASS_ERASE, bank, bank);
    assert_int_equal(flash_cut(flash, &o, NULL, FLASH_AFTER, 0, &rng, NULL), FLASH_AFTER);
    assert_memory_equal(flash_bytes(flash) + bank - 8, some, 8);
    assert_true(blank(bank, bank));
}

static void draws_follow_the_weights(void **state)
{
    (void)state;
    unsigned program[6] = {0}, erase[6] = {0};
    enum { N = 20000 };
    for (unsigned i = 0; i < N; i++) {
        struct flash_op o = op(FLASH_PROGRAM, 64, 8), x = op(FLASH_ERASE, 0, PAGE);
        program[flash_cut(flash, &o, some, FLASH_DONE, 0, &rng, NULL)]++;
        erase[flash_cut(flash, &x, NULL, FLASH_DONE, 0, &rng, NULL)]++;
        flash_erase(flash, 0, PAGE);
    }
    const struct flash_family *y = &flash_stm32l4;
    double sum = y->program_weight.before + y->program_weight.torn + y->program_weight.ecc + y->program_weight.after;
    const uint16_t want[6] = {[FLASH_BEFORE] = y->program_weight.before, [FLASH_TORN] = y->program_weight.torn,
                              [FLASH_ECC] = y->program_weight.ecc, [FLASH_AFTER] = y->program_weight.after};
    for (int o = 0; o < 6; o++)
        assert_true(abs((int)program[o] - (int)(N * want[o] / sum)) < N / 50);
    double all = y->erase_weight.before + y->erase_weight.partial + y->erase_weight.after;
    assert_true(abs((int)erase[FLASH_PARTIAL] - (int)(N * y->erase_weight.partial / all)) < N / 50);
    assert_int_equal(erase[FLASH_TORN] + erase[FLASH_ECC] + erase[FLASH_DONE], 0);
}

static void the_same_seed_leaves_the_same_flash(void **state)
{
    (void)state;
    struct flash *other = flash_new(&flash_stm32l4);
    struct rng a, b;
    rng_seed(&a, 42, 3);
    rng_seed(&b, 42, 3);
    for (uint32_t i = 0; i < 500; i++) {
        struct flash_op o = op(FLASH_PROGRAM, i * 8, 8), x = op(FLASH_ERASE, i % 7 * PAGE, PAGE);
        flash_cut(flash, &o, some, FLASH_DONE, 0, &a, NULL);
        flash_cut(other, &o, some, FLASH_DONE, 0, &b, NULL);
        if (i % 100 == 99) {
            flash_cut(flash, &x, NULL, FLASH_PARTIAL, 0, &a, NULL);
            flash_cut(other, &x, NULL, FLASH_PARTIAL, 0, &b, NULL);
        }
    }
    assert_memory_equal(flash_bytes(flash), flash_bytes(other), flash_stm32l4.size);
    for (uint32_t i = 0; i < flash_stm32l4.size; i += 8)
        assert_int_equal(flash_ecc_at(flash, i), flash_ecc_at(other, i));
    flash_free(other);
}

static void loading_is_a_programmers_erase_and_write(void **state)
{
    (void)state;
    for (uint32_t a = 0; a < 2 * PAGE; a += 8)
        flash_program(flash, a, some);
    flash_set_ecc(flash, 16, FLASH_ECC_DOUBLE);
    assert_true(flash_load(flash, 8, some, 3));
    assert_memory_equal(flash_bytes(flash) + 8, some, 3);
    assert_true(blank(0, 8));
    assert_true(flash_bytes(flash)[11] == 0xff && blank(16, PAGE - 16));
    assert_memory_equal(flash_bytes(flash) + PAGE, some, 8);
}

static void loading_beyond_the_end_changes_nothing(void **state)
{
    (void)state;
    assert_false(flash_load(flash, flash_stm32l4.size - 4, some, 8));
    assert_false(flash_load(flash, UINT32_MAX, some, 8));
    assert_true(flash_load(flash, flash_stm32l4.size - 8, some, 8));
    assert_true(blank(flash_stm32l4.size - PAGE, PAGE - 8));
    assert_false(flash_program(flash, flash_stm32l4.size, some));
}

static void a_page_version_moves_only_with_its_page(void **state)
{
    (void)state;
    uint64_t one = flash_page_version(flash, 1), two = flash_page_version(flash, 2), all = flash_version(flash);
    flash_program(flash, PAGE, some);
    assert_true(flash_page_version(flash, 1) > one);
    assert_true(flash_page_version(flash, 2) == two);
    assert_true(flash_version(flash) > all);
}

static void a_copy_is_equal_in_content_and_ecc(void **state)
{
    (void)state;
    struct flash *to = flash_new(&flash_stm32l4);
    flash_program(flash, 8, some);
    flash_set_ecc(flash, 8, FLASH_ECC_DOUBLE);
    assert_true(flash_copy(to, flash));
    assert_memory_equal(flash_bytes(to), flash_bytes(flash), flash_stm32l4.size);
    assert_int_equal(flash_ecc_at(to, 8), FLASH_ECC_DOUBLE);
    assert_true(flash_page_flawed(to, 0));
    flash_free(to);
}

#define LAW(f) cmocka_unit_test_setup_teardown(f, fresh, gone)

static void rot_changes_just_what_it_is_told_to(void **state)
{
    (void)state;
    struct flash *f = flash_new(&flash_stm32l4);
    struct rng r;
    uint8_t word[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    rng_seed(&r, 1, 0);
    for (uint32_t at = 0; at < 64; at += 8)
        assert_true(flash_program(f, at, word));
    uint64_t version = flash_version(f);
    flash_rot(f, 10, 3, FLASH_ROT_ZERO, &r);
    assert_memory_equal(flash_bytes(f) + 8, "\1\2\0\0\0\6\7\10", 8);
    assert_true(flash_version(f) > version); /* whoever keeps decoded code sees it */
    flash_rot(f, 16, 8, FLASH_ROT_ERASED, &r);
    assert_true(flash_blank(f, 16));
    flash_rot(f, 24, 1, FLASH_ROT_ECC, &r);
    assert_int_equal(flash_ecc_at(f, 31), FLASH_ECC_DOUBLE);
    assert_int_equal(flash_ecc_at(f, 32), FLASH_ECC_OK);
    flash_rot(f, 32, 16, FLASH_ROT_RANDOM, &r);
    assert_memory_not_equal(flash_bytes(f) + 32, flash_bytes(f) + 40, 8);
    assert_memory_equal(flash_bytes(f) + 48, word, 8);
    flash_rot(f, flash_stm32l4.size - 4, UINT32_MAX, FLASH_ROT_ZERO, &r); /* what lies outside is ignored */
    assert_memory_equal(flash_bytes(f), word, 8);
    flash_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rot_changes_just_what_it_is_told_to),
        LAW(a_new_array_is_blank),
        LAW(a_word_is_programmed_once),
        LAW(zeros_go_over_anything_and_heal_ecc),
        LAW(ones_leave_a_word_blank),
        LAW(a_word_that_looks_blank_but_has_bad_ecc_is_refused),
        LAW(an_erase_takes_whole_pages_and_no_others),
        LAW(a_cut_before_writes_nothing),
        LAW(a_cut_after_writes_all),
        LAW(torn_n_clears_exactly_n_bits_that_were_to_be_cleared),
        LAW(torn_draws_some_but_not_all_bits),
        LAW(a_word_with_ecc_error_stays_so_until_its_page_is_erased),
        LAW(a_program_with_nothing_to_clear_cannot_tear),
        LAW(a_cut_row_is_whole_then_torn_then_blank),
        LAW(a_partial_erase_moves_bits_up_only_and_stays_in_its_page),
        LAW(a_partial_erase_can_look_blank_and_trap),
        LAW(blank_words_survive_a_partial_erase),
        LAW(a_cut_mass_erase_leaves_the_other_bank),
        LAW(draws_follow_the_weights),
        LAW(the_same_seed_leaves_the_same_flash),
        LAW(loading_is_a_programmers_erase_and_write),
        LAW(loading_beyond_the_end_changes_nothing),
        LAW(a_page_version_moves_only_with_its_page),
        LAW(a_copy_is_equal_in_content_and_ecc),
    };
    return cmocka_run_group_tests_name("flash", tests, NULL, NULL);
}
