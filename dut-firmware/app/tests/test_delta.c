/* SPDX-License-Identifier: GPL-3.0-or-later
 * Delta images: what mkdelta makes of two files, the device's decoder turns back, byte for byte, from any place on; and nothing that
 * stands in a patch makes it read or give a byte too many. */
#include "delta.h"
#include <stdlib.h>
#include "../../tests/check.h"
#include "flash_host.h"
#include "layout.h"
#include "mkdelta.h"
#include "signer.h"

enum { BASE = LAYOUT_SLOT_A_BASE, PATCH = LAYOUT_SLOT_B_BASE + LAYOUT_SLOT_SIZE - DELTA_MOST };

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(seed ^ seed >> 15) * below >> 32);
}

static struct blob patch_of(const struct blob *base, const struct blob *target)
{
    struct blob records = {0}, out = {0};
    uint8_t digest[32];
    signer_sha256(base->bytes, base->size, digest);
    blob_append(&out, "OTD1", 4);
    blob_append(&out, digest, sizeof digest);
    blob_append_le(&out, (uint32_t)base->size, 4);
    blob_append_le(&out, (uint32_t)target->size, 4);
    mkdelta_diff(base, target, &records);
    mkdelta_pack(records.bytes, records.size, &out);
    blob_free(&records);
    return out;
}

static enum cause open_it(struct delta *d, const struct blob *base, const struct blob *patch, size_t target)
{
    uint8_t digest[32];
    signer_sha256(base->bytes, base->size, digest);
    return delta_open(d, PATCH, (uint32_t)patch->size, BASE, (uint32_t)base->size, digest, (uint32_t)target);
}

static void load(const struct blob *base, const struct blob *patch)
{
    flash_host_reset();
    flash_host_load(BASE, base->bytes, base->size);
    flash_host_load(PATCH, patch->bytes, patch->size);
}

/* Reads the whole target in pieces of most bytes. */
static bool apply(struct delta *d, uint8_t *to, size_t n, uint32_t most)
{
    for (size_t at = 0; at < n;) {
        const uint32_t part = (uint32_t)(n - at < most ? n - at : most);
        if (!delta_read(d, to + at, part))
            return false;
        at += part;
    }
    return true;
}

static void assert_round_trip(const struct blob *base, const struct blob *target)
{
    static const uint32_t pieces[] = {1, 7, 4096};
    struct blob patch = patch_of(base, target);
    uint8_t *out = malloc(target->size);
    static struct delta d;
    assert_true(patch.size <= DELTA_MOST);
    load(base, &patch);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(open_it(&d, base, &patch, target->size), CAUSE_NONE);
        assert_true(apply(&d, out, target->size, pieces[i]));
        assert_memory_equal(out, target->bytes, target->size);
        assert_false(delta_read(&d, out, 1)); /* there is no more */
    }
    free(out);
    blob_free(&patch);
}

/* Text with long runs, repetitions and noise. */
static struct blob make(size_t n, uint32_t from)
{
    struct blob b = {0};
    seed = from;
    while (b.size < n) {
        const uint32_t kind = draw(4), length = 1 + draw(200);
        for (uint32_t i = 0; i < length && b.size < n; i++)
            blob_append_le(&b, kind == 0 ? 0 : kind == 1 ? 'a' + i % 5 : kind == 2 && b.size > 300 ? b.bytes[b.size - 300] : draw(256), 1);
    }
    return b;
}

/* A later version: bytes changed, pieces moved, put in, left out. */
static struct blob change(const struct blob *old, uint32_t from)
{
    struct blob b = {0};
    seed = from;
    for (size_t at = 0; at < old->size;) {
        const uint32_t what = draw(6), length = 1 + draw(600);
        const size_t n = old->size - at < length ? old->size - at : length;
        const size_t other = draw((uint32_t)old->size), m = old->size - other < n ? old->size - other : n;
        if (what == 0)
            blob_append(&b, old->bytes + other, m);
        for (uint32_t i = 0; what == 1 && i < length % 40; i++)
            blob_append_le(&b, draw(256), 1);
        if (what != 2)
            blob_append(&b, old->bytes + at, n);
        if (what == 3 && b.size > 0)
            b.bytes[b.size - 1 - draw((uint32_t)(b.size < 50 ? b.size : 50))] ^= 8;
        at += n;
    }
    if (b.size == 0)
        blob_append_le(&b, 'x', 1);
    return b;
}

static void every_pair_of_files_comes_back(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 60; i++) {
        struct blob base = make(1 + i * i * 5, i), target = change(&base, i + 1000);
        assert_round_trip(&base, &target);
        blob_free(&base);
        blob_free(&target);
    }
}

static void small_and_strange_files_come_back(void **state)
{
    (void)state;
    static const char *const texts[] = {"a", "b", "ab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                        "banana", "ananas bananas ananas",
                                        "xbananax", "zyxwvutsrqponmlkjihgfedcba"};
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++)
        for (unsigned k = 0; k < sizeof texts / sizeof *texts; k++) {
            struct blob base = {0}, target = {0};
            blob_append(&base, texts[i], strlen(texts[i]));
            blob_append(&target, texts[k], strlen(texts[k]));
            assert_round_trip(&base, &target);
            blob_free(&base);
            blob_free(&target);
        }
}

static void a_small_change_is_a_small_patch(void **state)
{
    (void)state;
    struct blob base = make(60000, 7), target = {0};
    blob_append(&target, base.bytes + 100, base.size - 100); /* moved */
    for (size_t at = 500; at < target.size; at += 3000)
        target.bytes[at] ^= 0x55;
    struct blob patch = patch_of(&base, &target);
    assert_true(patch.size < 300);
    assert_round_trip(&base, &target);
    blob_free(&patch);
    blob_free(&base);
    blob_free(&target);
}

static void another_base_is_bad_base_and_another_size_bad_delta(void **state)
{
    (void)state;
    struct blob base = make(5000, 1), target = change(&base, 2), patch = patch_of(&base, &target);
    static struct delta d;
    uint8_t byte;
    load(&base, &patch);
    assert_int_equal(open_it(&d, &base, &patch, target.size + 1), CAUSE_BAD_DELTA);
    assert_false(delta_read(&d, &byte, 1));
    base.bytes[4999] ^= 1;
    assert_int_equal(open_it(&d, &base, &patch, target.size), CAUSE_BAD_BASE);
    assert_false(delta_read(&d, &byte, 1));
    base.bytes[4999] ^= 1;
    base.size--;
    assert_int_equal(open_it(&d, &base, &patch, target.size), CAUSE_BAD_BASE);
    base.size++;
    flash_host_load(PATCH, "otd1", 4);
    assert_int_equal(open_it(&d, &base, &patch, target.size), CAUSE_BAD_DELTA);
    blob_free(&base);
    blob_free(&target);
    blob_free(&patch);
}

static void a_patch_cut_short_or_longer_is_bad(void **state)
{
    (void)state;
    struct blob base = make(3000, 5), target = change(&base, 6), patch = patch_of(&base, &target);
    uint8_t *out = malloc(target.size);
    static struct delta d;
    load(&base, &patch);
    const size_t whole = patch.size;
    for (patch.size = DELTA_HEADER + 1; patch.size < whole + 3; patch.size++) {
        if (patch.size == whole)
            continue;
        assert_int_equal(open_it(&d, &base, &patch, target.size), CAUSE_NONE);
        assert_false(apply(&d, out, target.size, 512));
    }
    free(out);
    blob_free(&base);
    blob_free(&target);
    blob_free(&patch);
}

static void a_patch_with_any_bit_flipped_stays_within_its_bounds(void **state)
{
    (void)state;
    struct blob base = make(2000, 9), target = change(&base, 10), patch = patch_of(&base, &target);
    uint8_t *out = malloc(target.size); /* ASan sees a byte too many */
    static struct delta d;
    load(&base, &patch);
    for (uint32_t bit = DELTA_HEADER * 8; bit < patch.size * 8; bit++) {
        uint8_t *cell = flash_host_at(PATCH + bit / 8);
        *cell ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(open_it(&d, &base, &patch, target.size), CAUSE_NONE);
        apply(&d, out, target.size, 333);
        assert_true(d.base_at <= base.size && d.window_size <= DELTA_WINDOW);
        *cell ^= (uint8_t)(1 << bit % 8);
    }
    free(out);
    blob_free(&base);
    blob_free(&target);
    blob_free(&patch);
}

static void a_row_of_empty_records_is_no_work_without_end(void **state)
{
    (void)state;
    struct blob base = make(100, 1), patch = {0};
    static struct delta d;
    uint8_t digest[32], out[100];
    signer_sha256(base.bytes, base.size, digest);
    blob_append(&patch, "OTD1", 4);
    blob_append(&patch, digest, sizeof digest);
    blob_append_le(&patch, 100, 4);
    blob_append_le(&patch, 100, 4);
    blob_append_le(&patch, 0xBF, 1); /* two thousand million zeros */
    mkdelta_number(&patch, 0x7FFFFFFF);
    load(&base, &patch);
    assert_int_equal(open_it(&d, &base, &patch, 100), CAUSE_NONE);
    assert_false(delta_read(&d, out, 100));
    blob_free(&base);
    blob_free(&patch);
}

static void an_ecc_error_in_base_or_patch_is_a_bad_patch(void **state)
{
    (void)state;
    struct blob base = make(2000, 3), target = change(&base, 4), patch = patch_of(&base, &target);
    uint8_t *out = malloc(target.size);
    static struct delta d;
    load(&base, &patch);
    flash_host_set_bad(PATCH + 64, true);
    assert_int_equal(open_it(&d, &base, &patch, target.size), CAUSE_NONE);
    assert_false(apply(&d, out, target.size, 512));
    flash_host_set_bad(PATCH + 64, false);
    for (uint32_t at = 0; at < base.size; at += 8)
        flash_host_set_bad(BASE + at, true);
    assert_int_equal(open_it(&d, &base, &patch, target.size), CAUSE_NONE);
    assert_false(apply(&d, out, target.size, 512));
    free(out);
    blob_free(&base);
    blob_free(&target);
    blob_free(&patch);
}

CHECK_MAIN(CLAIM(every_pair_of_files_comes_back), CLAIM(small_and_strange_files_come_back), CLAIM(a_small_change_is_a_small_patch),
           CLAIM(another_base_is_bad_base_and_another_size_bad_delta), CLAIM(a_patch_cut_short_or_longer_is_bad),
           CLAIM(a_patch_with_any_bit_flipped_stays_within_its_bounds), CLAIM(a_row_of_empty_records_is_no_work_without_end),
           CLAIM(an_ecc_error_in_base_or_patch_is_a_bad_patch))
