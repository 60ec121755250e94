/* SPDX-License-Identifier: GPL-3.0-or-later
 * run: the process pool, the phases, and what random triggers draw from. */
#include "base/buf.h"
#include "base/err.h"
#include "plan/plan.h"
#include "run/phase.h"
#include "run/pool.h"
#include "run/reference.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const volatile int never = 0;

struct seen {
    uint64_t order[64];
    enum pool_end how[64];
    char text[64][16];
    size_t count;
    int fail_at;
};

static void work_slow_first(void *ctx, uint64_t job, struct buf *out)
{
    (void)ctx;
    if (job == 0)
        usleep(60000);
    buf_printf(out, "job %d", (int)job);
}

static void work_crashes(void *ctx, uint64_t job, struct buf *out)
{
    if (job == 1)
        raise(SIGKILL);
    work_slow_first(ctx, job, out);
}

static void work_hangs(void *ctx, uint64_t job, struct buf *out)
{
    if (job == 0)
        for (;;)
            pause();
    work_slow_first(ctx, job, out);
}

static int keep(void *ctx, uint64_t job, enum pool_end how, const struct buf *out, struct err *e)
{
    struct seen *s = ctx;
    if (s->fail_at && s->count == (size_t)s->fail_at)
        return err_set(e, RIG_EIO, "disk full");
    s->order[s->count] = job;
    s->how[s->count] = how;
    strncpy(s->text[s->count++], buf_text(out), 15);
    return 0;
}

static int run_jobs(struct seen *s, void (*work)(void *, uint64_t, struct buf *), unsigned jobs, unsigned limit, uint64_t count,
                    struct err *e)
{
    struct pool p = {.jobs = jobs, .limit_s = limit, .ctx = s, .work = work, .done = keep};
    return pool_run(&p, count, &never, e);
}

static void results_come_in_the_order_of_the_jobs(void **state)
{
    (void)state;
    for (unsigned jobs = 1; jobs <= 4; jobs++) {
        struct seen s = {0};
        assert_int_equal(run_jobs(&s, work_slow_first, jobs, 10, 12, NULL), 0);
        assert_int_equal(s.count, 12);
        for (size_t i = 0; i < s.count; i++) {
            char want[16];
            snprintf(want, sizeof want, "job %d", (int)i);
            assert_int_equal(s.order[i], i);
            assert_string_equal(s.text[i], want);
        }
    }
}

static void a_crash_costs_one_job(void **state)
{
    (void)state;
    struct seen s = {0};
    assert_int_equal(run_jobs(&s, work_crashes, 2, 10, 4, NULL), 0);
    assert_int_equal(s.count, 4);
    assert_int_equal(s.how[1], POOL_CRASHED);
    assert_string_equal(s.text[1], "");
    assert_string_equal(s.text[3], "job 3");
}

static void a_hang_costs_one_job(void **state)
{
    (void)state;
    struct seen s = {0};
    assert_int_equal(run_jobs(&s, work_hangs, 2, 1, 3, NULL), 0);
    assert_int_equal(s.how[0], POOL_HUNG);
    assert_string_equal(s.text[2], "job 2");
}

static void an_error_of_the_receiver_ends_the_pool(void **state)
{
    (void)state;
    struct seen s = {.fail_at = 2};
    struct err e = {0};
    assert_int_equal(run_jobs(&s, work_slow_first, 2, 10, 30, &e), RIG_EIO);
    assert_string_equal(e.text, "disk full");
    assert_int_equal(s.count, 2);
}

/* --- phases --- */

static enum phase after(enum phase now, const char *kind, const char *field, const char *value)
{
    struct profile_event ev = {0};
    for (size_t i = 0; profile_kind(i); i++)
        if (strcmp(profile_kind(i)->name, kind) == 0)
            ev.kind = profile_kind(i);
    assert_non_null(ev.kind);
    for (size_t i = 0; ev.kind && i < PROFILE_FIELDS && ev.kind->field[i].name; i++)
        if (field && strcmp(ev.kind->field[i].name, field) == 0)
            snprintf(ev.value[i], sizeof ev.value[i], "%s", value);
    return phase_after(now, &ev);
}

static void an_update_goes_through_its_phases(void **state)
{
    (void)state;
    enum phase p = PHASE_START;
    p = after(p, "running", "confirmed", "1");
    assert_int_equal(p, PHASE_IDLE);
    p = after(p, "stage", "stage", "started");
    assert_int_equal(p, PHASE_DOWNLOAD);
    p = after(p, "stage", "stage", "downloaded");
    assert_int_equal(p, PHASE_VERIFY);
    p = after(p, "stage", "stage", "verified");
    assert_int_equal(p, PHASE_ACTIVATE);
    p = phase_after_reset(p);
    assert_int_equal(p, PHASE_BOOT);
    p = after(p, "running", "confirmed", "0");
    assert_int_equal(p, PHASE_CONFIRM);
    p = after(p, "stage", "stage", "installed");
    assert_int_equal(p, PHASE_CONFIRM);
    p = after(p, "stage", "stage", "confirmed");
    assert_int_equal(p, PHASE_IDLE);
}

static void a_reset_before_any_update_is_still_the_start(void **state)
{
    (void)state;
    assert_int_equal(phase_after_reset(PHASE_START), PHASE_START);
}

/* --- the reference --- */

static struct reference example(void)
{
    struct reference r = {0};
    reference_enter(&r, PHASE_START, 0, 0);
    reference_enter(&r, PHASE_DOWNLOAD, 1000, 0);
    reference_enter(&r, PHASE_BOOT, 5000, 400);
    reference_enter(&r, PHASE_CONFIRM, 6000, 400);
    reference_close(&r, 8000, 400);
    for (uint64_t i = 1; i <= 10; i++) {
        struct reference_op op = {i, 1000 + i * 100, 0x08080000, PHASE_DOWNLOAD, i == 1, i <= 8};
        reference_add_op(&r, &op);
    }
    r.end_t = 8000;
    r.bytes = 400;
    return r;
}

static void every_draw_lands_in_its_phase_and_all_operations_can_be_hit(void **state)
{
    (void)state;
    struct reference r = example();
    uint64_t index;
    bool hit[11] = {0};
    for (uint64_t i = 0; i < 200; i++) {
        assert_true(reference_pick_op(&r, SCENARIO_WRITE, i * (UINT64_MAX / 199), &index));
        assert_in_range(index, 2, 8);
        hit[index] = true;
    }
    for (int i = 2; i <= 8; i++)
        assert_true(hit[i]);
    assert_false(reference_pick_op(&r, SCENARIO_VERIFY, 1, &index));
    assert_int_equal(reference_ops_after(&r, SCENARIO_ANY, 4), 6);
    reference_free(&r);
}

static void a_drawn_time_lies_in_the_spans_of_its_phase(void **state)
{
    (void)state;
    struct reference r = example();
    uint64_t t;
    for (uint64_t i = 0; i < 50; i++) {
        uint64_t draw = i * (UINT64_MAX / 49);
        assert_true(reference_pick_time(&r, SCENARIO_BOOT, draw, &t));
        assert_in_range(t, 5000, 5999);
        assert_true(reference_pick_time(&r, SCENARIO_ANY, draw, &t));
        assert_in_range(t, 0, 7999);
        assert_true(reference_pick_time(&r, SCENARIO_UPDATE, draw, &t));
        assert_in_range(t, 1000, 7999);
    }
    assert_false(reference_pick_time(&r, SCENARIO_VERIFY, 0, &t));
    reference_free(&r);
}

static void a_reference_survives_the_way_between_processes(void **state)
{
    (void)state;
    struct reference r = example(), back = {0};
    struct buf bytes = {0};
    reference_pack(&r, &bytes);
    assert_false(reference_unpack(&back, bytes.data, bytes.size - 1));
    assert_true(reference_unpack(&back, bytes.data, bytes.size));
    assert_int_equal(back.ops, r.ops);
    assert_int_equal(back.op[9].t, r.op[9].t);
    assert_int_equal(back.span[2].t0, r.span[2].t0);
    buf_free(&bytes);
    reference_free(&r);
    reference_free(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_come_in_the_order_of_the_jobs),
        cmocka_unit_test(a_crash_costs_one_job),
        cmocka_unit_test(a_hang_costs_one_job),
        cmocka_unit_test(an_error_of_the_receiver_ends_the_pool),
        cmocka_unit_test(an_update_goes_through_its_phases),
        cmocka_unit_test(a_reset_before_any_update_is_still_the_start),
        cmocka_unit_test(every_draw_lands_in_its_phase_and_all_operations_can_be_hit),
        cmocka_unit_test(a_drawn_time_lies_in_the_spans_of_its_phase),
        cmocka_unit_test(a_reference_survives_the_way_between_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
