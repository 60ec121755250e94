/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The memory of an update, with power cut in every flash operation of a whole story, in every way, also while a page turns over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "flash_host.h"
#include "layout.h"
#include "progress.h"

enum { TAG = 0x12345678, OTHER = 0x12345699 /* differs in the byte that chunks do not carry */, CHUNKS = 6, STEPS = 32 };

/* The story: an update that fails, then one that is installed, in STEPS calls. */
static int step(struct progress *p, unsigned n)
{
    if (n == 0)
        return progress_start(p, TAG, 1, 0x02000000);
    if (n == 1)
        return progress_tell(p, STAGE_STARTED);
    if (n < 2 + CHUNKS)
        return progress_chunk(p, n - 2);
    switch (n - CHUNKS) {
    case 2: return progress_tell(p, STAGE_DOWNLOADED);
    case 3: return progress_drop(p);
    case 4: return progress_finish(p, PROGRESS_FAILED, CAUSE_BAD_SIGNATURE, true);
    case 5: return progress_tell(p, STAGE_FAILED);
    case 6: return progress_start(p, OTHER, 1, 0x02000001);
    case 7: return progress_tell(p, STAGE_STARTED);
    default: break;
    }
    if (n < 8 + 2 * CHUNKS)
        return progress_chunk(p, n - 8 - CHUNKS);
    switch (n - 2 * CHUNKS) {
    case 8: return progress_tell(p, STAGE_DOWNLOADED);
    case 9: return progress_tell(p, STAGE_VERIFIED);
    case 10: return progress_install(p, 0xcafe0001);
    case 11: return progress_tell(p, STAGE_INSTALLED);
    case 12: return progress_finish(p, PROGRESS_ROLLED_BACK, CAUSE_ATTEMPTS, false);
    case 13: return progress_tell(p, STAGE_ROLLED_BACK);
    case 14: return progress_start(p, OTHER, 1, 0x02000001);
    case 15: return progress_install(p, 0xcafe0001);
    case 16: return progress_tell(p, STAGE_BOOTED);
    case 17: return progress_tell(p, STAGE_CONFIRMED);
    default: return RECLOG_OK;
    }
}

static bool same_failures(const struct progress *a, const struct progress *b)
{
    for (size_t i = 0; i < PROGRESS_REMEMBERED; i++)
        if (a->failed[i].tag != b->failed[i].tag || a->failed[i].count != b->failed[i].count)
            return false;
    return true;
}

static bool same(const struct progress *a, const struct progress *b)
{
    return a->known == b->known && a->slot == b->slot && a->tag == b->tag && a->release == b->release && a->chunks == b->chunks &&
           a->installed == b->installed && (!a->installed || a->image == b->image) && a->told == b->told && a->end == b->end &&
           a->cause == b->cause && same_failures(a, b);
}

/* Records before the story, so that the page turns over at different steps of it. */
static void prefill(unsigned records)
{
    struct progress p;
    flash_host_reset();
    progress_open(&p);
    if (records == 0)
        return;
    progress_start(&p, 7, 0, 0x01000000);
    for (unsigned i = 2; i < records; i++)
        assert_int_equal(i % 2 ? progress_drop(&p) : progress_chunk(&p, 0), RECLOG_OK);
}

static struct progress golden[STEPS + 1]; /* golden[n]: after n calls */
static uint64_t golden_ops;

static void run_uncut(unsigned records)
{
    prefill(records);
    progress_open(&golden[0]);
    flash_host_cut(0, FLASH_HOST_BEFORE, 0);
    for (unsigned n = 0; n < STEPS; n++) {
        golden[n + 1] = golden[n];
        assert_int_equal(step(&golden[n + 1], n), RECLOG_OK);
        struct progress again;
        progress_open(&again);
        assert_true(same(&again, &golden[n + 1]));
    }
    golden_ops = flash_host_ops();
}

static struct progress live;
static volatile unsigned at;

/* Runs the story with one cut; afterwards the log must say what it said before the call that was cut, or after it. Goes on to
 * the end. */
static void run_cut(unsigned records, uint64_t op, enum flash_host_outcome outcome, unsigned variant)
{
    prefill(records);
    progress_open(&live);
    flash_host_cut(op, outcome, variant);
    at = 0;
    if (setjmp(flash_host_power) != 0) {
        struct progress found;
        progress_open(&found);
        bool before = same(&found, &golden[at]), after = same(&found, &golden[at + 1]);
        if (!before && !after)
            fail_msg("records %u op %u outcome %d variant %u: step %u left neither state", records, (unsigned)op, outcome, variant, at);
        if (after && !before)
            at = at + 1;
        live = found;
    }
    for (; at < STEPS; at = at + 1)
        if (step(&live, at) != RECLOG_OK)
            fail_msg("step %u refused after a cut", at);
    progress_open(&live);
    assert_true(same(&live, &golden[STEPS]));
    assert_int_equal(flash_host_violations(), 0);
}

static void a_cut_leaves_the_state_before_or_after(void **state)
{
    (void)state;
    for (unsigned records = 0; records < 256; records += records < 200 ? 200 : 7) {
        run_uncut(records);
        for (uint64_t op = 1; op <= golden_ops; op++)
            for (int outcome = 0; outcome < FLASH_HOST_OUTCOMES; outcome++)
                for (unsigned variant = 0; variant < FLASH_HOST_VARIANTS; variant++) {
                    bool one = outcome == FLASH_HOST_BEFORE || outcome == FLASH_HOST_AFTER;
                    if (variant == 0 || !one)
                        run_cut(records, op, (enum flash_host_outcome)outcome, variant);
                }
    }
}

static void chunks_of_another_update_do_not_count(void **state)
{
    struct progress p;
    (void)state;
    prefill(0);
    progress_open(&p);
    progress_start(&p, TAG, 1, 1);
    for (uint32_t i = 0; i < CHUNKS; i++)
        progress_chunk(&p, i);
    progress_start(&p, OTHER, 1, 1);
    assert_int_equal(p.chunks, 0);
    progress_start(&p, TAG, 1, 1);
    assert_int_equal(p.chunks, 0);
    progress_chunk(&p, 0);
    progress_start(&p, TAG, 0, 1); /* the same file for the other slot is another download */
    assert_int_equal(p.chunks, 0);
}

static void a_second_try_keeps_its_chunks_and_tells_anew(void **state)
{
    struct progress p;
    (void)state;
    prefill(0);
    progress_open(&p);
    progress_start(&p, TAG, 1, 1);
    progress_chunk(&p, 0);
    progress_tell(&p, STAGE_STARTED);
    progress_finish(&p, PROGRESS_ROLLED_BACK, CAUSE_ATTEMPTS, true);
    progress_start(&p, TAG, 1, 1);
    progress_open(&p);
    assert_int_equal(p.chunks, 1);
    assert_int_equal(p.told, 0);
    assert_int_equal(p.end, PROGRESS_OPEN);
    assert_int_equal(progress_failures(&p, TAG), 1);
}

static void failures_are_remembered_newest_first(void **state)
{
    struct progress p;
    (void)state;
    prefill(0);
    progress_open(&p);
    for (uint32_t round = 0; round < 60; round++)
        for (uint32_t tag = 1; tag <= PROGRESS_REMEMBERED; tag++) {
            progress_start(&p, tag, 1, 1);
            progress_finish(&p, PROGRESS_FAILED, CAUSE_BAD_HASH, true);
        }
    progress_open(&p);
    for (uint32_t tag = 1; tag <= PROGRESS_REMEMBERED; tag++)
        assert_int_equal(progress_failures(&p, tag), 15); /* saturates */
    progress_start(&p, 99, 1, 1);
    progress_finish(&p, PROGRESS_FAILED, CAUSE_BAD_HASH, true);
    progress_open(&p);
    assert_int_equal(progress_failures(&p, 99), 1);
    assert_int_equal(progress_failures(&p, 1), 0);
    assert_int_equal(progress_failures(&p, 2), 15);
}

static void a_lost_region_is_an_empty_story(void **state)
{
    struct progress p;
    (void)state;
    prefill(100);
    for (uint32_t i = 0; i < LAYOUT_DOWNLOAD_SIZE; i++)
        *flash_host_at(LAYOUT_DOWNLOAD_BASE + i) = (uint8_t)(i * 37);
    progress_open(&p);
    assert_false(p.known);
    assert_int_equal(progress_start(&p, TAG, 1, 1), RECLOG_OK);
    progress_open(&p);
    assert_true(p.known);
    assert_int_equal(p.tag, TAG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_leaves_the_state_before_or_after), cmocka_unit_test(chunks_of_another_update_do_not_count),
        cmocka_unit_test(a_second_try_keeps_its_chunks_and_tells_anew), cmocka_unit_test(failures_are_remembered_newest_first),
        cmocka_unit_test(a_lost_region_is_an_empty_story),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
