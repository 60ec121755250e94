/* SPDX-License-Identifier: GPL-3.0-or-later
 * Claims about the rules of a rollout. */
#include "base/rollout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 20000 };

static const char *id(unsigned n)
{
    static char text[16];
    snprintf(text, sizeof text, "dev-%05u", n);
    return text;
}

static const struct rollout_rules by_day = {
    .seed = 7, .cohort = {{100, 0}, {1000, 1000}, {5000, 2000}, {10000, 3000}}, .cohorts = 4, .back_ns = ROLLOUT_NEVER};

static size_t offered(struct rollout *r, uint64_t t)
{
    size_t n = 0;
    rollout_advance(r, t);
    for (unsigned i = 0; i < MANY; i++)
        n += rollout_answer(r, id(i)).action == ROLLOUT_UPDATE;
    return n;
}

static void each_cohort_has_its_share_of_the_devices(void **state)
{
    (void)state;
    struct rollout *r = rollout_new(&by_day, MANY);
    assert_in_range(offered(r, 0), MANY / 100 - 60, MANY / 100 + 60); /* four deviations of a binomial: 56 */
    assert_in_range(offered(r, 1000), MANY / 10 - 170, MANY / 10 + 170);
    assert_in_range(offered(r, 2000), MANY / 2 - 283, MANY / 2 + 283);
    assert_int_equal(offered(r, 3000), MANY);
    rollout_free(r);
}

static void who_has_had_its_turn_keeps_it(void **state)
{
    (void)state;
    struct rollout *r = rollout_new(&by_day, MANY);
    static bool had[MANY];
    for (uint64_t t = 0; t <= 3000; t += 500) {
        rollout_advance(r, t);
        for (unsigned i = 0; i < MANY; i++) {
            bool now = rollout_answer(r, id(i)).action == ROLLOUT_UPDATE;
            assert_true(now || !had[i]);
            had[i] = now;
        }
    }
    rollout_free(r);
}

static void another_seed_begins_with_other_devices(void **state)
{
    (void)state;
    size_t same = 0;
    for (unsigned i = 0; i < MANY; i++)
        same += rollout_place(1, id(i)) < 1000 && rollout_place(2, id(i)) < 1000;
    assert_in_range(same, 0, MANY / 100 + 60);
    assert_int_equal(rollout_place(1, "a"), rollout_place(1, "a"));
}

static struct rollout_rules budget(uint64_t n)
{
    struct rollout_rules rules = {.budget = n, .back_ns = ROLLOUT_NEVER};
    return rules;
}

static enum rollout_action at(struct rollout *r, uint64_t t)
{
    rollout_advance(r, t);
    return rollout_answer(r, "x").action;
}

static void it_stops_when_the_budget_is_spent_and_not_before(void **state)
{
    (void)state;
    struct rollout_rules rules = budget(2);
    struct rollout *r = rollout_new(&rules, 5);
    rollout_tell(r, 0, 10, ROLLOUT_FAILED);
    rollout_tell(r, 0, 11, ROLLOUT_FAILED); /* the same device */
    assert_int_equal(at(r, 20), ROLLOUT_UPDATE);
    rollout_tell(r, 3, 25, ROLLOUT_FAILED);
    assert_int_equal(at(r, 25), ROLLOUT_UPDATE); /* what is told at 25 is past after 25 */
    assert_int_equal(at(r, 26), ROLLOUT_PAUSE);
    assert_int_equal(rollout_stopped(r), 26);
    rollout_tell(r, 3, 30, ROLLOUT_CONFIRMED);
    assert_int_equal(at(r, 100), ROLLOUT_PAUSE); /* for good */
    rollout_free(r);
}

static void stopping_may_send_everybody_back(void **state)
{
    (void)state;
    struct rollout_rules rules = budget(1);
    rules.stop_back = true;
    struct rollout *r = rollout_new(&rules, 2);
    rollout_tell(r, 1, 1, ROLLOUT_FAILED);
    assert_int_equal(at(r, 1), ROLLOUT_UPDATE);
    assert_int_equal(at(r, 2), ROLLOUT_BACK);
    rollout_free(r);
}

static void the_dead_count_once_they_have_been_silent_for_long(void **state)
{
    (void)state;
    struct rollout_rules rules = budget(1);
    rules.silent_ns = 50;
    struct rollout *r = rollout_new(&rules, 3);
    rollout_tell(r, 0, 10, ROLLOUT_BEGUN);
    rollout_tell(r, 1, 10, ROLLOUT_BEGUN);
    rollout_tell(r, 1, 20, ROLLOUT_CONFIRMED); /* done: may be as silent as it likes */
    assert_int_equal(at(r, 60), ROLLOUT_UPDATE);
    assert_int_equal(at(r, 61), ROLLOUT_PAUSE);
    rollout_free(r);
}

static void what_comes_in_another_order_means_the_same(void **state)
{
    (void)state;
    static const struct { size_t device; uint64_t t; enum rollout_stage what; } word[] = {
        {0, 5, ROLLOUT_BEGUN}, {1, 6, ROLLOUT_BEGUN}, {0, 9, ROLLOUT_FAILED}, {1, 12, ROLLOUT_FAILED}, {2, 14, ROLLOUT_FAILED}};
    enum { WORDS = sizeof word / sizeof *word };
    struct rollout_rules rules = budget(3);
    for (size_t first = 0; first < WORDS; first++) {
        struct rollout *r = rollout_new(&rules, 3);
        for (size_t i = 0; i < WORDS; i++) {
            size_t k = (first + i) % WORDS;
            rollout_tell(r, word[k].device, word[k].t, word[k].what);
        }
        for (uint64_t t = 0; t < 20; t++)
            assert_int_equal(at(r, t), t < 15 ? ROLLOUT_UPDATE : ROLLOUT_PAUSE);
        rollout_free(r);
    }
}

static void a_pause_by_hand_ends_and_overload_and_silence_do(void **state)
{
    (void)state;
    struct rollout_rules rules = {.paused = {10, 5}, .down = {20, 5}, .busy = {25, 5}, .back_ns = 40};
    struct rollout *r = rollout_new(&rules, 1);
    assert_int_equal(at(r, 9), ROLLOUT_UPDATE);
    assert_int_equal(at(r, 10), ROLLOUT_PAUSE);
    assert_int_equal(at(r, 15), ROLLOUT_UPDATE);
    assert_int_equal(rollout_answer(r, "x").service, ROLLOUT_UP);
    at(r, 20);
    assert_int_equal(rollout_answer(r, "x").service, ROLLOUT_DOWN);
    at(r, 25);
    assert_int_equal(rollout_answer(r, "x").service, ROLLOUT_BUSY);
    at(r, 30);
    assert_int_equal(rollout_answer(r, "x").service, ROLLOUT_UP);
    assert_int_equal(at(r, 40), ROLLOUT_BACK);
    rollout_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cohort_has_its_share_of_the_devices),
        cmocka_unit_test(who_has_had_its_turn_keeps_it),
        cmocka_unit_test(another_seed_begins_with_other_devices),
        cmocka_unit_test(it_stops_when_the_budget_is_spent_and_not_before),
        cmocka_unit_test(stopping_may_send_everybody_back),
        cmocka_unit_test(the_dead_count_once_they_have_been_silent_for_long),
        cmocka_unit_test(what_comes_in_another_order_means_the_same),
        cmocka_unit_test(a_pause_by_hand_ends_and_overload_and_silence_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
