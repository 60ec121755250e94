/* SPDX-License-Identifier: GPL-3.0-or-later
 * The boot state: what its records mean, and that every cut leaves a state that was, or was about to be, true. */
#include "bootlog.h"
#include "check.h"
#include "flash_host.h"
#include "layout.h"

enum { A = 0, B = 1, V1 = 0x11111111, V2 = 0x22222222, V3 = 0x33333333 };

static struct bootlog fresh(void)
{
    struct bootlog b;
    flash_host_reset();
    bootlog_open(&b);
    return b;
}

static struct bootlog again(void)
{
    struct bootlog b;
    bootlog_open(&b);
    return b;
}

static bool same_image(const struct bootlog_image *a, const struct bootlog_image *b)
{
    return a->known == b->known && (!a->known || (a->slot == b->slot && a->tag == b->tag));
}

static bool same(const struct bootlog *a, const struct bootlog *b)
{
    return same_image(&a->confirmed, &b->confirmed) && same_image(&a->trial, &b->trial) &&
           same_image(&a->previous, &b->previous) && same_image(&a->rejected, &b->rejected) &&
           (!a->trial.known || (a->attempts == b->attempts && a->may_be_older == b->may_be_older)) && a->floor == b->floor;
}

static void an_empty_log_knows_nothing(void **state)
{
    (void)state;
    struct bootlog b = fresh();
    assert_false(b.confirmed.known || b.trial.known || b.rejected.known || b.previous.known);
    assert_int_equal(b.floor, 0);
}

static void a_confirmed_image_ends_its_trial_and_raises_the_floor(void **state)
{
    (void)state;
    struct bootlog b = fresh();
    bootlog_confirm(&b, A, V1, 1);
    bootlog_try(&b, B, V2);
    assert_int_equal(bootlog_attempt(&b), RECLOG_OK);
    bootlog_confirm(&b, B, V2, 4);
    assert_true(bootlog_is(&b.confirmed, B, V2));
    assert_true(bootlog_is(&b.previous, A, V1));
    assert_false(b.trial.known);
    assert_int_equal(b.floor, 4);
    struct bootlog read = again();
    assert_true(same(&b, &read));
}

static void attempts_are_counted_for_this_trial_only(void **state)
{
    (void)state;
    struct bootlog b = fresh();
    bootlog_try(&b, B, V2);
    bootlog_attempt(&b);
    bootlog_attempt(&b);
    assert_int_equal(again().attempts, 2);
    bootlog_try(&b, B, V3);
    assert_int_equal(again().attempts, 0);
}

static void the_same_trial_is_written_once(void **state)
{
    (void)state;
    struct bootlog b = fresh();
    bootlog_try(&b, B, V2);
    bootlog_attempt(&b);
    uint64_t before = flash_host_ops();
    bootlog_try(&b, B, V2);
    bootlog_confirm(&b, A, V1, 0);
    bootlog_confirm(&b, A, V1, 0);
    assert_int_equal(flash_host_ops() - before, 1);
    assert_int_equal(again().attempts, 1);
}

static void the_floor_never_falls(void **state)
{
    (void)state;
    struct bootlog b = fresh();
    bootlog_raise_floor(&b, 9);
    bootlog_raise_floor(&b, 3);
    bootlog_confirm(&b, A, V1, 2);
    assert_int_equal(again().floor, 9);
}

static void a_rejected_trial_is_remembered_until_the_next(void **state)
{
    (void)state;
    struct bootlog b = fresh();
    bootlog_try(&b, B, V2);
    bootlog_reject(&b, BOOTLOG_BY_INVALID);
    b = again();
    assert_true(bootlog_is(&b.rejected, B, V2));
    assert_int_equal(b.rejected_cause, BOOTLOG_BY_INVALID);
    bootlog_try(&b, B, V3);
    assert_false(again().rejected.known);
}

static void a_permission_to_return_belongs_to_one_trial(void **state)
{
    (void)state;
    struct bootlog b = fresh();
    bootlog_confirm(&b, A, V2, 1);
    bootlog_return(&b, B, V1);
    bootlog_attempt(&b);
    const uint64_t before = flash_host_ops();
    bootlog_return(&b, B, V1);
    bootlog_try(&b, B, V1); /* as the bootloader does: it is on trial already */
    assert_int_equal(flash_host_ops(), before);
    assert_true(again().may_be_older);
    assert_int_equal(again().attempts, 1);
    bootlog_try(&b, B, V3);
    assert_false(again().may_be_older);
    bootlog_return(&b, B, V1);
    bootlog_reject(&b, BOOTLOG_BY_ATTEMPTS);
    bootlog_try(&b, B, V1);
    assert_false(again().may_be_older);
}

static void every_part_of_the_state_survives_a_page_turnover(void **state)
{
    (void)state;
    struct bootlog b = fresh();
    bootlog_confirm(&b, B, V3, 2);
    bootlog_confirm(&b, A, V1, 7);
    for (int round = 0; round < 400; round++) {
        bootlog_try(&b, B, V2);
        bootlog_attempt(&b);
        struct bootlog read = again();
        assert_true(same(&b, &read));
        bootlog_reject(&b, BOOTLOG_BY_ATTEMPTS);
        read = again();
        assert_true(same(&b, &read));
    }
    assert_true(b.log.generation > 3);
    assert_int_equal(b.floor, 7);
}

/* A life of the log, as steps that can be repeated. */
struct step {
    enum { CONFIRM, TRY, RETURN, ATTEMPT, REJECT, STEPS_END } what;
    uint8_t slot;
    uint32_t tag, counter;
};
static const struct step life[] = {{CONFIRM, A, V1, 1}, {TRY, B, V2, 0},    {ATTEMPT, 0, 0, 0}, {ATTEMPT, 0, 0, 0},
                                   {CONFIRM, B, V2, 2}, {TRY, A, V3, 0},    {ATTEMPT, 0, 0, 0}, {REJECT, 0, 0, 0},
                                   {TRY, A, V3, 0},     {ATTEMPT, 0, 0, 0}, {ATTEMPT, 0, 0, 0}, {ATTEMPT, 0, 0, 0},
                                   {REJECT, 0, 0, 0},   {RETURN, A, V1, 0}, {ATTEMPT, 0, 0, 0}, {CONFIRM, A, V1, 2},
                                   {RETURN, B, V2, 0},  {ATTEMPT, 0, 0, 0}, {TRY, B, V3, 0}};
enum { STEPS = sizeof life / sizeof *life };

static int take(struct bootlog *b, const struct step *s)
{
    switch (s->what) {
    case CONFIRM:
        return bootlog_confirm(b, s->slot, s->tag, s->counter);
    case TRY:
        return bootlog_try(b, s->slot, s->tag);
    case RETURN:
        return bootlog_return(b, s->slot, s->tag);
    case ATTEMPT:
        return bootlog_attempt(b);
    default:
        return bootlog_reject(b, BOOTLOG_BY_ATTEMPTS);
    }
}

static struct bootlog expected[STEPS + 1]; /* state after so many steps */
static volatile unsigned done;             /* steps finished in this run */

static bool live_with_cut(unsigned from, uint64_t op, enum flash_host_outcome outcome, unsigned variant)
{
    flash_host_cut(op, outcome, variant);
    done = from;
    if (setjmp(flash_host_power) != 0)
        return true;
    struct bootlog b = again();
    for (unsigned i = from; i < STEPS; i++) {
        assert_int_equal(take(&b, &life[i]), RECLOG_OK);
        done = i + 1;
    }
    flash_host_cut(0, FLASH_HOST_BEFORE, 0);
    return false;
}

/* How many steps the log says were taken. A confirmation whose floor is missing counts as not taken: to be repeated. */
static unsigned steps_taken(void)
{
    struct bootlog b = again();
    if (same(&b, &expected[done]))
        return done;
    assert_true(done < STEPS);
    if (same(&b, &expected[done + 1]))
        return done + 1;
    struct bootlog half = expected[done + 1];
    half.floor = expected[done].floor;
    assert_int_equal(life[done].what, CONFIRM);
    assert_true(same(&b, &half));
    return done;
}

static unsigned variants_of(enum flash_host_outcome o)
{
    return o == FLASH_HOST_TORN || o == FLASH_HOST_ECC ? FLASH_HOST_VARIANTS : 1;
}

static void finish_cleanly(void)
{
    const unsigned taken = steps_taken();
    assert_false(live_with_cut(taken, 0, FLASH_HOST_BEFORE, 0));
    struct bootlog b = again();
    assert_true(same(&b, &expected[STEPS]));
}

static unsigned long cut_again_everywhere(void)
{
    unsigned long runs = 0;
    const unsigned taken = steps_taken();
    struct flash_host_snapshot start = flash_host_save(LAYOUT_LOG_BASE, LAYOUT_LOG_SIZE);
    for (int outcome = 0; outcome < FLASH_HOST_OUTCOMES; outcome++)
        for (unsigned variant = 0; variant < variants_of(outcome); variant += 3)
            for (uint64_t op = 1;; op++, runs++) {
                flash_host_restore(&start);
                if (!live_with_cut(taken, op, outcome, variant))
                    break;
                finish_cleanly();
            }
    flash_host_drop(&start);
    return runs;
}

static void two_cuts_at_any_operations_leave_a_true_state(void **state)
{
    (void)state;
    unsigned long runs = 0;
    for (unsigned room = 3; room <= 12;
         room += 9) { /* words left on the page when life begins: the turnover falls into different steps */
        struct bootlog b = fresh();
        for (unsigned i = 0; i < 255 + 255 - room; i++) /* kinds of a later version are passed over, and not carried along */
            reclog_append(&b.log, &(struct reclog_record){9, 0, i}, NULL, NULL);
        expected[0] = again();
        struct flash_host_snapshot start = flash_host_save(LAYOUT_LOG_BASE, LAYOUT_LOG_SIZE);
        b = again();
        for (unsigned i = 0; i < STEPS; i++) {
            take(&b, &life[i]);
            expected[i + 1] = b;
        }
        for (int outcome = 0; outcome < FLASH_HOST_OUTCOMES; outcome++)
            for (unsigned variant = 0; variant < variants_of(outcome); variant++)
                for (uint64_t op = 1;; op++) {
                    flash_host_restore(&start);
                    if (!live_with_cut(0, op, outcome, variant))
                        break;
                    runs += cut_again_everywhere();
                }
        flash_host_drop(&start);
    }
    assert_int_equal(flash_host_violations(), 0);
    printf("  %lu pairs of cuts\n", runs);
    assert_true(runs > 10000);
}

CHECK_MAIN(CLAIM(an_empty_log_knows_nothing), CLAIM(a_confirmed_image_ends_its_trial_and_raises_the_floor),
           CLAIM(attempts_are_counted_for_this_trial_only), CLAIM(the_same_trial_is_written_once), CLAIM(the_floor_never_falls),
           CLAIM(a_rejected_trial_is_remembered_until_the_next), CLAIM(a_permission_to_return_belongs_to_one_trial),
           CLAIM(every_part_of_the_state_survives_a_page_turnover),
           CLAIM(two_cuts_at_any_operations_leave_a_true_state))
