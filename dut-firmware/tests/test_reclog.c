/* SPDX-License-Identifier: GPL-3.0-or-later
 * The record log: encoding, page turnover, and power cuts. */
#include "check.h"
#include "flash_host.h"
#include "flash_port.h"
#include "layout.h"
#include "reclog.h"

enum { WORDS = LAYOUT_PAGE / LAYOUT_WORD };

static const struct reclog_record sample = {3, 5, 0xC0FFEE11};

static void a_record_reads_back_as_written(void **state)
{
    (void)state;
    for (uint8_t kind = 1; kind < 15; kind++)
        for (uint8_t arg = 0; arg < 16; arg++) {
            struct reclog_record in = {kind, arg, 0x12345678u * (kind * 16u + arg)}, out;
            uint8_t word[8];
            reclog_encode(&in, 7, 9, word);
            assert_true(reclog_decode(word, 7, 9, &out));
            assert_int_equal(out.kind, in.kind);
            assert_int_equal(out.arg, in.arg);
            assert_int_equal(out.value, in.value);
            assert_false(reclog_decode(word, 8, 9, &out));
            assert_false(reclog_decode(word, 7, 10, &out));
        }
}

/* Every subset of the bits to be programmed is too many (2^30); every subset of each 20-bit window is not, and the windows
 * overlap. */
static void no_torn_word_passes(void **state)
{
    (void)state;
    uint8_t word[8], torn[8];
    struct reclog_record out;
    for (unsigned n = 0; n < 12; n++) {
        struct reclog_record in = {(uint8_t)(1 + n), (uint8_t)n, 0x9E3779B9u * (n + 1)};
        reclog_encode(&in, n, n + 1, word);
        for (unsigned window = 0; window < 64; window += 8)
            for (uint32_t missing = 1; missing < 1u << 14; missing++) {
                memcpy(torn, word, 8);
                for (unsigned b = 0; b < 14; b++)
                    torn[((window + b) % 64) / 8] |= (uint8_t)((missing >> b & 1) << (window + b) % 8);
                if (memcmp(torn, word, 8) != 0)
                    assert_false(reclog_decode(torn, n, n + 1, &out));
            }
    }
}

static void no_random_torn_word_passes(void **state)
{
    (void)state;
    uint64_t noise = 88172645463325252u;
    for (uint32_t n = 0; n < 2000000; n++) {
        struct reclog_record in = {(uint8_t)(1 + n % 14), (uint8_t)(n % 16), (uint32_t)noise}, out;
        uint8_t word[8], torn[8];
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        reclog_encode(&in, n, n % 255 + 1, word);
        for (int i = 0; i < 8; i++)
            torn[i] = word[i] | (uint8_t)(noise >> 8 * i);
        if (memcmp(torn, word, 8) != 0)
            assert_false(reclog_decode(torn, n, n % 255 + 1, &out));
    }
}

static void erased_and_zero_words_are_no_records(void **state)
{
    (void)state;
    const uint8_t erased[8] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, zero[8] = {0};
    struct reclog_record out;
    for (uint32_t i = 0; i < 256; i++) {
        assert_false(reclog_decode(erased, i, i, &out));
        assert_false(reclog_decode(zero, i, i, &out));
    }
}

static void a_single_flipped_bit_is_noticed(void **state)
{
    (void)state;
    uint8_t word[8];
    struct reclog_record out;
    for (int bit = 0; bit < 64; bit++) {
        reclog_encode(&sample, 1, 1, word);
        word[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(reclog_decode(word, 1, 1, &out));
    }
}

/* A log as its owner sees it: the values that are in it, newest kept by live. */
struct view {
    uint32_t count, last;
};

static void note(void *ctx, const struct reclog_record *r)
{
    struct view *v = ctx;
    v->count++;
    v->last = r->value;
}

static void live_last(void *ctx, reclog_emit_fn *emit, void *emit_ctx)
{
    const struct view *v = ctx;
    if (v->count > 0)
        emit(emit_ctx, &(struct reclog_record){1, 0, v->last});
}

static struct view look(struct reclog *log)
{
    struct view v = {0};
    reclog_open(log, LAYOUT_LOG_BASE);
    reclog_each(log, note, &v);
    return v;
}

static int add(struct reclog *log, uint32_t value)
{
    struct view v = {0};
    reclog_each(log, note, &v);
    return reclog_append(log, &(struct reclog_record){1, 0, value}, live_last, &v);
}

static void a_full_page_turns_over_and_keeps_what_is_live(void **state)
{
    (void)state;
    struct reclog log;
    flash_host_reset();
    reclog_open(&log, LAYOUT_LOG_BASE);
    for (uint32_t i = 1; i <= 5000; i++) {
        assert_int_equal(add(&log, i), RECLOG_OK);
        assert_int_equal(look(&log).last, i);
    }
    assert_true(log.generation > 10);
    assert_int_equal(flash_host_violations(), 0);
}

static void a_word_that_does_not_take_is_passed_over(void **state)
{
    (void)state;
    struct reclog log;
    flash_host_reset();
    look(&log);
    assert_int_equal(add(&log, 1), RECLOG_OK);
    flash_host_wear(LAYOUT_LOG_BASE + 2 * 8, true);
    flash_host_wear(LAYOUT_LOG_BASE + 3 * 8, true);
    assert_int_equal(add(&log, 2), RECLOG_OK);
    assert_int_equal(look(&log).last, 2);
    assert_int_equal(log.next, 5);
}

static void a_worn_page_is_left_for_the_other(void **state)
{
    (void)state;
    struct reclog log;
    flash_host_reset();
    look(&log);
    assert_int_equal(add(&log, 1), RECLOG_OK);
    for (uint32_t i = 2; i < 20; i++)
        flash_host_wear(LAYOUT_LOG_BASE + i * 8, true);
    assert_int_equal(add(&log, 2), RECLOG_OK);
    assert_int_equal(look(&log).last, 2);
    assert_int_equal(log.page, 1);
}

static void a_dead_flash_is_reported(void **state)
{
    (void)state;
    struct reclog log;
    flash_host_reset();
    for (uint32_t i = 0; i < 2 * WORDS; i++)
        flash_host_wear(LAYOUT_LOG_BASE + i * 8, true);
    look(&log);
    assert_int_equal(add(&log, 1), RECLOG_FLASH);
}

static void live_many(void *ctx, reclog_emit_fn *emit, void *emit_ctx)
{
    (void)ctx;
    for (uint32_t i = 0; i < 300; i++)
        emit(emit_ctx, &sample);
}

static void too_many_live_records_leave_the_old_page_in_force(void **state)
{
    (void)state;
    struct reclog log;
    flash_host_reset();
    look(&log);
    assert_int_equal(add(&log, 77), RECLOG_OK);
    assert_int_equal(reclog_compact(&log, live_many, NULL), RECLOG_FULL);
    assert_int_equal(look(&log).last, 77);
}

static void ecc_bad_words_anywhere_cost_no_more_than_themselves(void **state)
{
    (void)state;
    for (uint32_t bad = 1; bad < 12; bad++) {
        struct reclog log;
        flash_host_reset();
        look(&log);
        for (uint32_t i = 1; i <= 10; i++)
            add(&log, i);
        flash_host_set_bad(LAYOUT_LOG_BASE + bad * 8, true);
        struct view v = look(&log);
        assert_int_equal(v.count, bad <= 10 ? 9 : 10);
        assert_int_equal(add(&log, 99), RECLOG_OK);
        assert_int_equal(look(&log).last, 99);
        assert_int_equal(flash_host_violations(), 0);
    }
}

static void two_garbage_pages_are_an_empty_log_that_works(void **state)
{
    (void)state;
    struct reclog log;
    flash_host_reset();
    memset(flash_host_at(LAYOUT_LOG_BASE), 0x5A, LAYOUT_LOG_SIZE);
    assert_int_equal(look(&log).count, 0);
    assert_int_equal(log.page, -1);
    assert_int_equal(add(&log, 5), RECLOG_OK);
    assert_int_equal(look(&log).last, 5);
    assert_int_equal(flash_host_violations(), 0);
}

/* Appends 1..steps; a cut in one append, then another in what follows. After each, the last value is the one before or the new
 * one, and the log goes on. */
static volatile uint32_t reached; /* value of the last append that returned */

static void append_all(uint32_t from, uint32_t to)
{
    struct reclog log;
    look(&log);
    for (uint32_t i = from; i <= to; i++) {
        assert_int_equal(add(&log, i), RECLOG_OK);
        reached = i;
    }
}

static bool append_with_cut(uint32_t from, uint32_t to, uint64_t op, enum flash_host_outcome outcome, unsigned variant)
{
    flash_host_cut(op, outcome, variant);
    reached = from - 1;
    if (setjmp(flash_host_power) != 0)
        return true;
    append_all(from, to);
    flash_host_cut(0, FLASH_HOST_BEFORE, 0);
    return false;
}

static uint32_t check_after_cut(void)
{
    struct reclog log;
    uint32_t last = look(&log).last;
    assert_true(last == reached || last == reached + 1);
    return last;
}

static unsigned variants_of(enum flash_host_outcome o)
{
    return o == FLASH_HOST_TORN || o == FLASH_HOST_ECC ? FLASH_HOST_VARIANTS : 1;
}

static unsigned long second_cuts(const struct flash_host_snapshot *after_first, uint32_t from, uint32_t steps)
{
    unsigned long runs = 0;
    for (int outcome = 0; outcome < FLASH_HOST_OUTCOMES; outcome++)
        for (unsigned variant = 0; variant < variants_of(outcome); variant += 2) {
            bool was_cut = true;
            for (uint64_t op = 1; was_cut; op++, runs++) {
                flash_host_restore(after_first);
                was_cut = append_with_cut(from, steps, op, outcome, variant);
                if (was_cut) {
                    uint32_t last = check_after_cut();
                    append_all(last + 1, steps);
                }
                struct reclog log;
                assert_int_equal(look(&log).last, steps);
            }
        }
    return runs;
}

static void two_cuts_at_any_operations_lose_nothing(void **state)
{
    (void)state;
    unsigned long runs = 0;
    const uint32_t steps = 6;
    for (uint32_t room = 1; room <= 5; room += 2) {
        flash_host_reset();
        append_all(1, 2 * (WORDS - 1) - room); /* both pages have been used */
        const uint32_t before = reached;
        struct flash_host_snapshot start = flash_host_save(LAYOUT_LOG_BASE, LAYOUT_LOG_SIZE);
        for (int outcome = 0; outcome < FLASH_HOST_OUTCOMES; outcome++)
            for (unsigned variant = 0; variant < variants_of(outcome); variant++) {
                bool was_cut = true;
                for (uint64_t op = 1; was_cut; op++) {
                    flash_host_restore(&start);
                    was_cut = append_with_cut(before + 1, before + steps, op, outcome, variant);
                    if (!was_cut)
                        continue;
                    uint32_t last = check_after_cut();
                    struct flash_host_snapshot middle = flash_host_save(LAYOUT_LOG_BASE, LAYOUT_LOG_SIZE);
                    runs += second_cuts(&middle, last + 1, before + steps);
                    flash_host_drop(&middle);
                }
            }
        flash_host_drop(&start);
    }
    assert_int_equal(flash_host_violations(), 0);
    printf("  %lu pairs of cuts\n", runs);
    assert_true(runs > 10000);
}

CHECK_MAIN(CLAIM(a_record_reads_back_as_written), CLAIM(no_torn_word_passes), CLAIM(no_random_torn_word_passes),
           CLAIM(erased_and_zero_words_are_no_records), CLAIM(a_single_flipped_bit_is_noticed),
           CLAIM(a_full_page_turns_over_and_keeps_what_is_live), CLAIM(a_word_that_does_not_take_is_passed_over),
           CLAIM(a_worn_page_is_left_for_the_other), CLAIM(a_dead_flash_is_reported),
           CLAIM(too_many_live_records_leave_the_old_page_in_force), CLAIM(ecc_bad_words_anywhere_cost_no_more_than_themselves),
           CLAIM(two_garbage_pages_are_an_empty_log_that_works), CLAIM(two_cuts_at_any_operations_lose_nothing))
