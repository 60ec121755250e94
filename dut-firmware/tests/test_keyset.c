/* SPDX-License-Identifier: GPL-3.0-or-later
 * Key sets: what is accepted, what a rotation leaves trusted, and that no cut and no bad word takes the set away. */
#include "keyset.h"
#include "check.h"
#include "flash_host.h"
#include "key.h"
#include "keydoc.h"
#include "layout.h"


#define LIST KEYDOC_LIST
#define NONE ((const char *const[]){NULL})

static struct keydoc rotation(unsigned number) { return keydoc_make(number, LIST(OTA_NEXT_KEY), LIST(OTA_TEST_KEY)); }

static int store(struct keyset *k, const struct keydoc *d) { return keyset_store(k, d->text, d->n, d->signature); }

static struct keyset fresh(void)
{
    struct keyset k;
    flash_host_reset();
    keyset_open(&k);
    return k;
}

static struct keyset again(void)
{
    struct keyset k;
    flash_host_boot();
    keyset_open(&k);
    return k;
}

static bool trusts(const struct keyset *k, const char *path)
{
    uint8_t raw[32], id[32];
    keydoc_raw(path, raw);
    keydoc_id(path, id);
    const uint8_t *found = keyset_find(k, id);
    return found != NULL && memcmp(found, raw, 32) == 0;
}

static bool knows(const struct keyset *k, const char *path)
{
    uint8_t raw[32], id[32];
    keydoc_raw(path, raw);
    keydoc_id(path, id);
    const uint8_t *found = keyset_known(k, id);
    return found != NULL && memcmp(found, raw, 32) == 0;
}

static void an_empty_region_is_set_one_with_the_built_in_key(void **state)
{
    (void)state;
    struct keyset k = fresh();
    assert_int_equal(k.number, 1);
    assert_true(trusts(&k, OTA_TEST_KEY));
    assert_false(trusts(&k, OTA_NEXT_KEY));
    assert_false(trusts(&k, OTA_ROOT_KEY)); /* the root signs key sets and nothing else */
    assert_int_equal(flash_host_ops(), 0);
}

static void the_id_is_the_keyhash_of_images(void **state)
{
    (void)state;
    uint8_t id[32], expected[32];
    keyset_id(key_public, id);
    keydoc_id(OTA_TEST_KEY, expected);
    assert_memory_equal(id, expected, 32);
    assert_memory_equal(key_hash, expected, 32);
    keydoc_id(OTA_ROOT_KEY, expected);
    assert_memory_equal(key_root_hash, expected, 32);
}

static void a_rotation_trusts_the_new_key_and_remembers_the_old(void **state)
{
    (void)state;
    struct keyset k = fresh();
    const struct keydoc d = rotation(2);
    uint8_t id[32];
    keydoc_id(OTA_TEST_KEY, id);
    assert_int_equal(store(&k, &d), KEYSET_OK);
    for (int read = 0; read < 2; read++, k = again()) {
        assert_int_equal(k.number, 2);
        assert_true(trusts(&k, OTA_NEXT_KEY));
        assert_false(trusts(&k, OTA_TEST_KEY));
        assert_true(keyset_revoked(&k, id));
        assert_true(knows(&k, OTA_TEST_KEY));
    }
}

static void a_key_of_a_later_set_is_remembered_when_it_retires(void **state)
{
    (void)state;
    struct keyset k = fresh();
    const struct keydoc two = rotation(2), three = keydoc_make(3, LIST(OTA_WRONG_KEY), LIST(OTA_TEST_KEY, OTA_NEXT_KEY));
    assert_int_equal(store(&k, &two), KEYSET_OK);
    assert_int_equal(store(&k, &three), KEYSET_OK);
    k = again();
    assert_int_equal(k.number, 3);
    assert_true(trusts(&k, OTA_WRONG_KEY));
    assert_false(trusts(&k, OTA_NEXT_KEY));
    assert_true(knows(&k, OTA_NEXT_KEY) && knows(&k, OTA_TEST_KEY));
}

static void a_revoked_key_is_not_trusted_though_it_is_listed(void **state)
{
    (void)state;
    struct keyset k = fresh();
    const struct keydoc d = keydoc_make(2, LIST(OTA_TEST_KEY, OTA_NEXT_KEY), LIST(OTA_TEST_KEY));
    assert_int_equal(store(&k, &d), KEYSET_OK);
    assert_false(trusts(&k, OTA_TEST_KEY));
    assert_true(trusts(&k, OTA_NEXT_KEY));
}

static void a_set_that_leaves_no_key_is_refused(void **state)
{
    (void)state;
    struct keyset k = fresh();
    const struct keydoc all = keydoc_make(2, LIST(OTA_NEXT_KEY), LIST(OTA_NEXT_KEY)), none = keydoc_make(2, NONE, NONE);
    assert_int_equal(store(&k, &all), KEYSET_BAD);
    assert_int_equal(store(&k, &none), KEYSET_BAD);
    assert_int_equal(again().number, 1);
    assert_int_equal(flash_host_ops(), 0);
}

static void an_old_or_equal_number_is_refused(void **state)
{
    (void)state;
    struct keyset k = fresh();
    const struct keydoc five = rotation(5), four = rotation(4), one = rotation(1);
    assert_int_equal(store(&k, &one), KEYSET_OLD);
    assert_int_equal(store(&k, &five), KEYSET_OK);
    const uint64_t before = flash_host_ops();
    assert_int_equal(store(&k, &five), KEYSET_OLD);
    assert_int_equal(store(&k, &four), KEYSET_OLD);
    assert_int_equal(flash_host_ops(), before);
    assert_int_equal(again().number, 5);
}

static void only_the_root_signs(void **state)
{
    (void)state;
    struct keyset k = fresh();
    const char *const others[] = {OTA_TEST_KEY, OTA_NEXT_KEY, OTA_WRONG_KEY};
    struct keydoc d = rotation(2);
    for (unsigned i = 0; i < 3; i++) {
        keydoc_sign(&d, others[i]);
        assert_int_equal(store(&k, &d), KEYSET_BAD_SIGNATURE);
    }
    d = rotation(2);
    for (uint32_t i = 0; i < d.n; i++) {
        d.text[i] ^= 1;
        assert_int_equal(store(&k, &d), KEYSET_BAD_SIGNATURE);
        d.text[i] ^= 1;
    }
    assert_int_equal(flash_host_ops(), 0);
}

static void a_document_of_another_form_is_refused_though_it_is_signed(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "{}", "[]", "{\"type\":\"keys\",\"schema\":2,\"keyset\":2,\"keys\":[\"00\"],\"revoked\":[]}",
        "{\"type\":\"manifest\",\"schema\":2,\"keyset\":2,\"keys\":[],\"revoked\":[]}",
        "{\"type\":\"keys\",\"schema\":3,\"keyset\":2,\"keys\":[],\"revoked\":[]}",
        "{\"type\":\"keys\",\"schema\":2,\"keyset\":-2,\"keys\":[],\"revoked\":[]}",
        "{\"type\":\"keys\",\"schema\":2,\"keyset\":2,\"keyset\":3,\"keys\":[],\"revoked\":[]}",
    };
    struct keyset k = fresh();
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct keydoc d = {.n = 0};
        keydoc_add(&d, texts[i]);
        keydoc_sign(&d, OTA_ROOT_KEY);
        assert_int_equal(store(&k, &d), KEYSET_BAD);
    }
    struct keydoc many = keydoc_make(2, LIST(OTA_NEXT_KEY, OTA_NEXT_KEY, OTA_NEXT_KEY, OTA_NEXT_KEY, OTA_NEXT_KEY), NONE);
    assert_int_equal(store(&k, &many), KEYSET_BAD);
    struct keydoc more = keydoc_make(2, LIST(OTA_NEXT_KEY, OTA_NEXT_KEY, OTA_NEXT_KEY, OTA_NEXT_KEY),
                                    LIST(OTA_WRONG_KEY, OTA_WRONG_KEY, OTA_WRONG_KEY, OTA_WRONG_KEY,
                                         OTA_WRONG_KEY, OTA_WRONG_KEY, OTA_WRONG_KEY, OTA_WRONG_KEY));
    assert_true(more.n <= KEYSET_TEXT_MOST); /* the largest that is allowed */
    assert_int_equal(store(&k, &more), KEYSET_OK);
    assert_int_equal(again().number, 2);
}

static void what_stands_in_flash_is_not_believed_without_the_roots_signature(void **state)
{
    (void)state;
    struct keyset k = fresh();
    const struct keydoc d = rotation(2);
    assert_int_equal(store(&k, &d), KEYSET_OK);
    for (uint32_t at = 0; at < 600; at++) {
        for (uint32_t page = 0; page < 2; page++)
            *flash_host_at(LAYOUT_KEYS_BASE + page * LAYOUT_PAGE + at) ^= 4;
        const struct keyset read = again();
        assert_true(read.number == 1 || trusts(&read, OTA_NEXT_KEY));
        assert_false(read.number == 2 && trusts(&read, OTA_TEST_KEY));
        for (uint32_t page = 0; page < 2; page++)
            *flash_host_at(LAYOUT_KEYS_BASE + page * LAYOUT_PAGE + at) ^= 4;
    }
}

static void one_bad_word_anywhere_does_not_lose_the_set_and_is_mended(void **state)
{
    (void)state;
    struct keyset k = fresh();
    const struct keydoc two = rotation(2), three = rotation(3);
    assert_int_equal(store(&k, &two), KEYSET_OK);
    assert_int_equal(store(&k, &three), KEYSET_OK);
    for (uint32_t at = 0; at < LAYOUT_KEYS_SIZE; at += 8) {
        flash_host_set_bad(LAYOUT_KEYS_BASE + at, true);
        k = again();
        assert_int_equal(k.number, 3);
        keyset_mend(&k);
        k = again();
        const uint64_t before = flash_host_ops();
        keyset_mend(&k);
        assert_int_equal(flash_host_ops(), before);
        assert_int_equal(k.number, 3);
    }
}

static void a_page_that_does_not_take_it_leaves_the_old_set(void **state)
{
    (void)state;
    struct keyset k = fresh();
    const struct keydoc two = rotation(2), three = rotation(3);
    assert_int_equal(store(&k, &two), KEYSET_OK);
    for (uint32_t at = 0; at < LAYOUT_KEYS_SIZE; at += 8)
        flash_host_wear(LAYOUT_KEYS_BASE + at, true);
    assert_int_equal(store(&k, &three), KEYSET_FLASH);
    assert_int_equal(k.number, 2);
    assert_int_equal(again().number, 2);
}

static unsigned variants_of(enum flash_host_outcome o)
{
    return o == FLASH_HOST_TORN || o == FLASH_HOST_ECC ? FLASH_HOST_VARIANTS : 1;
}

/* Opens, mends, stores set number as an app would that has fetched it. True when power went. */
static bool update_with_cut(const struct keydoc *d, uint64_t op, enum flash_host_outcome outcome, unsigned variant)
{
    flash_host_cut(op, outcome, variant);
    if (setjmp(flash_host_power) != 0)
        return true;
    struct keyset k = again();
    keyset_mend(&k);
    const int result = store(&k, d);
    assert_true(result == KEYSET_OK || result == KEYSET_OLD);
    flash_host_cut(0, FLASH_HOST_BEFORE, 0);
    return false;
}

static unsigned long cut_everywhere(const struct keydoc *d, unsigned old, unsigned number, unsigned step, bool twice)
{
    struct flash_host_snapshot start = flash_host_save(LAYOUT_KEYS_BASE, LAYOUT_KEYS_SIZE);
    unsigned long lives = 0;
    for (int outcome = 0; outcome < FLASH_HOST_OUTCOMES; outcome++)
        for (unsigned variant = 0; variant < variants_of(outcome); variant++)
            for (uint64_t op = 1;; op += step, lives++) {
                flash_host_restore(&start);
                if (!update_with_cut(d, op, outcome, variant))
                    break;
                const struct keyset k = again();
                assert_true(k.number == old || k.number == number);
                assert_true(trusts(&k, k.number == 1 ? OTA_TEST_KEY : OTA_NEXT_KEY));
                if (twice)
                    lives += cut_everywhere(d, k.number, number, step, false);
                assert_false(update_with_cut(d, 0, FLASH_HOST_BEFORE, 0));
                assert_int_equal(again().number, number);
            }
    flash_host_restore(&start);
    flash_host_drop(&start);
    return lives;
}

static void a_cut_at_any_operation_leaves_the_old_set_or_the_new_one(void **state)
{
    (void)state;
    const struct keydoc two = rotation(2), three = rotation(3);
    struct keyset k = fresh();
    assert_true(cut_everywhere(&two, 1, 2, 1, false) > 300);
    assert_int_equal(store(&k, &two), KEYSET_OK);
    unsigned long lives = cut_everywhere(&three, 2, 3, 1, false);
    printf("  %lu lives with one cut\n", lives);
    assert_int_equal(flash_host_violations(), 0);
}

static void two_cuts_leave_the_old_set_or_the_new_one(void **state)
{
    (void)state;
    const struct keydoc two = rotation(2), three = rotation(3);
    struct keyset k = fresh();
    assert_int_equal(store(&k, &two), KEYSET_OK);
    unsigned long lives = cut_everywhere(&three, 2, 3, 11, true);
    printf("  %lu lives with two cuts\n", lives);
    assert_int_equal(flash_host_violations(), 0);
}

CHECK_MAIN(CLAIM(an_empty_region_is_set_one_with_the_built_in_key), CLAIM(the_id_is_the_keyhash_of_images),
           CLAIM(a_rotation_trusts_the_new_key_and_remembers_the_old), CLAIM(a_key_of_a_later_set_is_remembered_when_it_retires),
           CLAIM(a_revoked_key_is_not_trusted_though_it_is_listed), CLAIM(a_set_that_leaves_no_key_is_refused),
           CLAIM(an_old_or_equal_number_is_refused), CLAIM(only_the_root_signs),
           CLAIM(a_document_of_another_form_is_refused_though_it_is_signed),
           CLAIM(what_stands_in_flash_is_not_believed_without_the_roots_signature),
           CLAIM(one_bad_word_anywhere_does_not_lose_the_set_and_is_mended), CLAIM(a_page_that_does_not_take_it_leaves_the_old_set),
           CLAIM(a_cut_at_any_operation_leaves_the_old_set_or_the_new_one), CLAIM(two_cuts_leave_the_old_set_or_the_new_one))
