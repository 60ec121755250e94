/* SPDX-License-Identifier: GPL-3.0-or-later
 * Updates by delta, on a device in one process (world.h): the image comes out whole, whatever is cut; a delta that is no good costs
 * two tries and then the whole image is fetched. (Scenario I15.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "flash_host.h"
#include "mkdelta.h"
#include "platform_host.h"
#include "reason.h"
#include "signer.h"
#include "world.h"

enum { V1 = 0x01000000, V2 = 0x02000000 };
static const struct world_recipe v1 = {.version = "1.0.0", .counter = 1}, v2 = {.version = "2.0.0", .counter = 1};

static void sign_delta(void) { signer_sha256(world.delta.bytes, world.delta.size, world.delta.sha256); }

/* The delta from the image that made describes to what is offered for slot b. */
static void offer_delta_from(const struct world_recipe *made)
{
    static struct world_file from;
    world_make(&from, made, 0);
    struct blob base = {from.bytes, from.size}, target = {world.offered[1]->bytes, world.offered[1]->size}, records = {0}, out = {0};
    world.delta = (struct world_delta){.offered = true};
    signer_sha256(base.bytes, base.size, world.delta.base);
    blob_append(&out, "OTD1", 4);
    blob_append(&out, world.delta.base, 32);
    blob_append_le(&out, (uint32_t)base.size, 4);
    blob_append_le(&out, (uint32_t)target.size, 4);
    mkdelta_diff(&base, &target, &records);
    mkdelta_pack(records.bytes, records.size, &out);
    assert_true(out.size <= sizeof world.delta.bytes);
    memcpy(world.delta.bytes, out.bytes, out.size);
    world.delta.size = out.size;
    sign_delta();
    blob_free(&records);
    blob_free(&out);
}

static void begin(void)
{
    world_factory();
    world_offer(&v2);
    offer_delta_from(&v1);
}

static void assert_updated(void)
{
    assert_true(world_run_until(REASON_POWER_ON, V2, 6) > 0);
    assert_memory_equal(flash_host_at(LAYOUT_SLOT_B_BASE), world.offered[1]->bytes, world.offered[1]->size);
    assert_int_equal(flash_host_violations(), 0);
}

static void a_delta_updates_without_the_image(void **state)
{
    (void)state;
    begin();
    assert_updated();
    assert_int_equal(world.delta.requests, 1);
    assert_int_equal(world.image_requests, 0);
    assert_int_equal(world_told_times("failed", "2.0.0"), 0);
    assert_true(world_told("downloaded", "2.0.0") && world_told("confirmed", "2.0.0"));
}

static void the_server_is_told_what_the_base_would_be(void **state)
{
    (void)state;
    static struct world_file file;
    uint8_t digest[32];
    begin();
    assert_updated();
    world_make(&file, &v2, 1);
    signer_sha256(file.bytes, file.size, digest);
    assert_memory_equal(world_device.file, digest, sizeof digest);
    assert_int_equal(world_device.file_size, file.size);
}

static void assert_fallback(const char *cause)
{
    assert_updated();
    assert_true(world.delta.requests <= PATCH_FAILURES);
    assert_int_equal(world.image_requests, 1);
    assert_string_equal(world_cause("failed", "2.0.0"), cause);
    assert_int_equal(progress_failures(&world_agent.progress, world_agent.progress.tag), 0); /* not the image's fault */
}

static void a_corrupt_delta_is_tried_twice_and_then_the_image_is_fetched(void **state)
{
    (void)state;
    begin();
    world.delta.flip_at = 60;
    assert_fallback("bad-delta");
    assert_int_equal(world.delta.requests, PATCH_FAILURES);
}

static void a_delta_that_is_corrupt_once_is_fetched_again(void **state)
{
    (void)state;
    begin();
    world.delta.flip_at = 60;
    world.delta.times = 1;
    assert_updated();
    assert_int_equal(world.delta.requests, 2);
    assert_int_equal(world.image_requests, 0);
}

/* The publisher's own mistake, well signed. */
static void a_delta_from_another_base_is_bad_base_though_it_is_signed(void **state)
{
    (void)state;
    const struct world_recipe other = {.version = "1.0.0", .counter = 1, .salt = 9};
    begin();
    offer_delta_from(&other);
    assert_fallback("bad-base");
    begin();
    uint8_t base[32];
    memcpy(base, world.delta.base, sizeof base);
    offer_delta_from(&other);
    memcpy(world.delta.base, base, sizeof base); /* the manifest says another base than the file */
    assert_fallback("bad-base");
}

static void a_delta_that_makes_another_image_writes_nothing_of_it(void **state)
{
    (void)state;
    static const struct world_recipe other = {.version = "2.0.0", .counter = 1, .salt = 5};
    begin();
    world_offer(&other);
    offer_delta_from(&v1);
    struct world_delta wrong = world.delta;
    world_offer(&v2);
    world.delta = wrong;
    assert_fallback("bad-delta");
}

static void a_delta_that_is_not_there_is_no_obstacle(void **state)
{
    (void)state;
    begin();
    world.delta.status = 404;
    assert_updated();
    assert_int_equal(world.image_requests, 1);
    begin();
    world.delta.cut_at = 20;
    assert_updated();
    assert_int_equal(world.delta.requests, PATCH_LOSSES);
    assert_int_equal(world.image_requests, 1);
}

static void a_delta_too_large_for_its_place_is_not_asked_for(void **state)
{
    (void)state;
    begin();
    world.delta.size = DELTA_MOST + 1;
    assert_updated();
    assert_int_equal(world.delta.requests, 0);
    assert_int_equal(world.image_requests, 1);
}

static bool never(void) { return false; }

static void failures_are_counted_over_resets(void **state)
{
    (void)state;
    begin();
    world.delta.flip_at = 60;
    for (int boots = 0; boots < 4; boots++)
        world_boot(REASON_POWER_ON, 400, never, false); /* one try of the delta at most */
    assert_true(world.delta.requests <= PATCH_FAILURES);
    assert_updated();
    assert_true(world.delta.requests <= PATCH_FAILURES);
}

static void a_download_that_was_begun_is_gone_on_with_by_delta(void **state)
{
    (void)state;
    begin();
    world.delta.offered = false;
    world.fault = (struct world_fault){.cut_at = 5000, .times = 1};
    world_boot(REASON_POWER_ON, 400, never, false);
    world.delta.offered = true;
    assert_updated();
    assert_int_equal(world.delta.requests, 1);
    assert_int_equal(world.image_requests, 1); /* the one that was cut */
}

static unsigned variants_of(int o) { return o == FLASH_HOST_TORN || o == FLASH_HOST_ECC ? FLASH_HOST_VARIANTS : 1; }

/* Loses power in operation op; goes on until v2 is confirmed. False when there is no such operation. */
static bool update_through_a_cut(uint64_t op, int outcome, unsigned variant)
{
    begin();
    flash_host_cut(op, (enum flash_host_outcome)outcome, variant);
    if (setjmp(flash_host_power) != 0) {
        flash_host_cut(0, FLASH_HOST_BEFORE, 0);
        assert_updated();
        assert_true(world.delta.requests <= 2);
        assert_int_equal(world.image_requests, 0);
        if (world_told_times("failed", "2.0.0") != 0)
            fail_msg("cut %u outcome %d variant %u: told of a failure that was none", (unsigned)op, outcome, variant);
        return true;
    }
    assert_updated();
    flash_host_cut(0, FLASH_HOST_BEFORE, 0);
    return false;
}

static void a_cut_in_any_operation_costs_nothing_but_time(void **state)
{
    (void)state;
    unsigned long lives = 0;
    for (int outcome = 0; outcome < FLASH_HOST_OUTCOMES; outcome++)
        for (unsigned variant = 0; variant < variants_of(outcome); variant++)
            for (uint64_t op = 1; update_through_a_cut(op, outcome, variant); op++)
                lives++;
    printf("  %lu cuts\n", lives);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delta_updates_without_the_image),
        cmocka_unit_test(the_server_is_told_what_the_base_would_be),
        cmocka_unit_test(a_corrupt_delta_is_tried_twice_and_then_the_image_is_fetched),
        cmocka_unit_test(a_delta_that_is_corrupt_once_is_fetched_again),
        cmocka_unit_test(a_delta_from_another_base_is_bad_base_though_it_is_signed),
        cmocka_unit_test(a_delta_that_makes_another_image_writes_nothing_of_it),
        cmocka_unit_test(a_delta_that_is_not_there_is_no_obstacle),
        cmocka_unit_test(a_delta_too_large_for_its_place_is_not_asked_for),
        cmocka_unit_test(failures_are_counted_over_resets),
        cmocka_unit_test(a_download_that_was_begun_is_gone_on_with_by_delta),
        cmocka_unit_test(a_cut_in_any_operation_costs_nothing_but_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
