/* SPDX-License-Identifier: GPL-3.0-or-later
 * The bootloader's decision, case by case, and over whole lives of a device whose power is cut at every flash operation, twice.
 */
#include "check.h"
#include "flash_host.h"
#include "flash_port.h"
#include "forge.h"
#include "keydoc.h"
#include "layout.h"
#include "select.h"

enum { A = 0, B = 1 };

static struct bootlog log_;
static struct select_choice choice;
static struct keyset keys;
static uint8_t digest[2][32];

static uint32_t tag(uint8_t slot) { return bootlog_tag(digest[slot]); }

/* v1 in A, confirmed; v2 in B, not yet activated. */
static void factory(uint32_t counter_a, uint32_t counter_b)
{
    struct forge a = forge_good(A, 1), b = forge_good(B, 2);
    flash_host_reset();
    a.counter = counter_a;
    b.counter = counter_b;
    forge_place(&a, digest[A]);
    forge_place(&b, digest[B]);
    bootlog_open(&log_);
    bootlog_confirm(&log_, A, tag(A), counter_a);
}

static void decide(void)
{
    flash_host_boot();
    bootlog_open(&log_);
    keyset_open(&keys);
    select_run(&choice, &log_, &keys);
}

static void spoil(uint8_t slot) { *flash_host_at(LAYOUT_SLOT_BASE(slot) + 0x210) ^= 1; }

static void assert_choice(uint8_t slot, const char *why, bool confirmed)
{
    assert_string_equal(select_why_name(choice.why), why);
    assert_int_equal(choice.chosen, slot);
    assert_int_equal(choice.confirmed, confirmed);
}

static void the_confirmed_image_boots_and_the_other_is_not_verified(void **state)
{
    (void)state;
    factory(1, 1);
    decide();
    assert_choice(A, "confirmed", true);
    assert_int_equal(choice.slot[A].state, IMAGE_VALID);
    assert_int_equal(choice.slot[B].state, IMAGE_UNCHECKED);
    uint64_t before = flash_host_ops();
    assert_int_equal(select_commit(&choice, &log_), 0);
    assert_int_equal(flash_host_ops(), before); /* a normal boot wears nothing */
}

static void a_trial_boots_three_times_and_is_then_given_up(void **state)
{
    (void)state;
    factory(1, 1);
    bootlog_try(&log_, B, tag(B));
    for (int n = 1; n <= BOOTLOG_ATTEMPTS; n++) {
        decide();
        assert_choice(B, "trial", false);
        assert_int_equal(choice.slot[A].state, IMAGE_UNCHECKED);
        assert_int_equal(select_commit(&choice, &log_), n);
    }
    decide();
    assert_choice(A, "fallback", true);
    assert_true(choice.rolled_back);
    assert_int_equal(choice.rolled_back_slot, B);
    assert_int_equal(choice.rolled_back_cause, BOOTLOG_BY_ATTEMPTS);
    decide();
    assert_choice(A, "confirmed", true);
    assert_false(choice.rolled_back);
}

static void a_spoiled_trial_is_given_up_at_once(void **state)
{
    (void)state;
    factory(1, 1);
    bootlog_try(&log_, B, tag(B));
    spoil(B);
    decide();
    assert_choice(A, "fallback", true);
    assert_int_equal(choice.rolled_back_cause, BOOTLOG_BY_INVALID);
    assert_int_equal(choice.slot[B].state, IMAGE_BAD_HASH);
}

static void a_trial_of_an_image_that_is_no_longer_there_is_given_up(void **state)
{
    (void)state;
    factory(1, 1);
    bootlog_try(&log_, B, tag(B));
    struct forge other = forge_good(B, 3);
    forge_place(&other, NULL);
    decide();
    assert_choice(A, "fallback", true);
    assert_true(choice.rolled_back);
}

static void a_lower_counter_is_a_downgrade(void **state)
{
    (void)state;
    factory(5, 4);
    bootlog_try(&log_, B, tag(B));
    decide();
    assert_choice(A, "fallback", true);
    assert_int_equal(choice.slot[B].state, IMAGE_DOWNGRADE);
}

static void a_lower_version_is_a_downgrade(void **state)
{
    (void)state;
    factory(1, 1);
    struct forge old = forge_good(B, 0);
    old.minor = 9;
    forge_place(&old, digest[B]);
    bootlog_try(&log_, B, tag(B));
    decide();
    assert_choice(A, "fallback", true);
    assert_int_equal(choice.slot[B].state, IMAGE_DOWNGRADE);
}

static void the_floor_rises_only_with_a_confirmation(void **state)
{
    (void)state;
    factory(1, 9);
    bootlog_try(&log_, B, tag(B));
    decide();
    select_commit(&choice, &log_);
    assert_int_equal(log_.floor, 1);
    bootlog_confirm(&log_, B, tag(B), 9);
    spoil(B);
    decide();
    assert_int_equal(choice.why, SELECT_NOTHING); /* v1's counter is below the floor now */
    assert_int_equal(choice.slot[A].state, IMAGE_DOWNGRADE);
    assert_string_equal(select_recovery_cause(&choice, &log_), "bad-hash");
}

static void a_floor_left_behind_is_raised_at_the_next_boot(void **state)
{
    (void)state;
    factory(1, 9);
    bootlog_try(&log_, B, tag(B));
    flash_host_cut(2, FLASH_HOST_BEFORE, 0);
    if (setjmp(flash_host_power) == 0)
        bootlog_confirm(&log_, B, tag(B), 9);
    decide();
    assert_int_equal(log_.floor, 1);
    assert_choice(B, "confirmed", true);
    select_commit(&choice, &log_);
    bootlog_open(&log_);
    assert_int_equal(log_.floor, 9);
}

static void a_rotten_confirmed_image_yields_to_the_one_before(void **state)
{
    (void)state;
    factory(1, 1);
    bootlog_confirm(&log_, B, tag(B), 1);
    spoil(B);
    decide();
    assert_choice(A, "fallback", true);
    assert_int_equal(select_commit(&choice, &log_), 0);
}

static void a_rotten_confirmed_image_yields_to_an_unproven_one_on_trial(void **state)
{
    (void)state;
    factory(1, 1);
    spoil(A);
    decide();
    assert_choice(B, "only-valid", false);
    assert_false(choice.exhausted);
    assert_int_equal(select_commit(&choice, &log_), 1);
    decide();
    assert_choice(B, "trial", false);
    assert_int_equal(select_commit(&choice, &log_), 2);
}

static void an_only_image_that_never_confirms_is_offered_rescue(void **state)
{
    (void)state;
    factory(1, 1);
    spoil(A);
    for (int n = 1; n <= 3; n++) {
        decide();
        assert_int_equal(select_commit(&choice, &log_), n);
    }
    decide();
    assert_choice(B, "only-valid", false);
    assert_true(choice.exhausted);
    assert_string_equal(select_recovery_cause(&choice, &log_), "attempts");
    assert_int_equal(select_commit(&choice, &log_), 1); /* and tried again when nobody came */
}

static void a_lost_log_boots_the_newer_image_on_trial(void **state)
{
    (void)state;
    factory(1, 1);
    memset(flash_host_at(LAYOUT_LOG_BASE), 0x00, LAYOUT_LOG_SIZE);
    decide();
    assert_choice(B, "only-valid", false);
    for (int n = 1; n <= 3; n++) {
        assert_int_equal(select_commit(&choice, &log_), n);
        decide();
    }
    assert_choice(A, "only-valid", false); /* v2 never confirmed: v1's turn */
    assert_false(choice.exhausted);
}

static void two_bad_slots_are_recovery(void **state)
{
    (void)state;
    factory(1, 1);
    spoil(A);
    spoil(B);
    decide();
    assert_int_equal(choice.why, SELECT_NOTHING);
    assert_string_equal(select_recovery_cause(&choice, &log_), "bad-hash");
}

static void a_dead_log_never_boots_what_it_cannot_count(void **state)
{
    (void)state;
    factory(1, 1);
    bootlog_try(&log_, B, tag(B));
    for (uint32_t at = 0; at < LAYOUT_LOG_SIZE; at += 8)
        flash_host_wear(LAYOUT_LOG_BASE + at, true);
    decide();
    assert_choice(B, "trial", false);
    assert_true(select_commit(&choice, &log_) < 0);
    assert_choice(A, "fallback", true);
}

static void an_ecc_bad_word_in_the_confirmed_image_is_no_crash(void **state)
{
    (void)state;
    factory(1, 1);
    flash_host_set_bad(LAYOUT_SLOT_A_BASE + 0x208, true);
    decide();
    assert_int_equal(choice.slot[A].state, IMAGE_ECC);
    assert_choice(B, "only-valid", false);
}

/* v2 in A, confirmed; v1 in B, its security counter b. */
static void factory_ahead(uint32_t counter_a, uint32_t counter_b)
{
    struct forge a = forge_good(A, 2), b = forge_good(B, 1);
    flash_host_reset();
    a.counter = counter_a;
    b.counter = counter_b;
    forge_place(&a, digest[A]);
    forge_place(&b, digest[B]);
    bootlog_open(&log_);
    bootlog_confirm(&log_, A, tag(A), counter_a);
}

static void a_permitted_return_boots_the_older_version_and_confirms_it(void **state)
{
    (void)state;
    factory_ahead(1, 1);
    bootlog_return(&log_, B, tag(B));
    for (int n = 1; n <= 2; n++) {
        decide();
        assert_choice(B, "trial", false);
        assert_int_equal(select_commit(&choice, &log_), n);
    }
    bootlog_confirm(&log_, B, tag(B), 1);
    decide();
    assert_choice(B, "confirmed", true);
}

static void a_permitted_return_that_fails_falls_back(void **state)
{
    (void)state;
    factory_ahead(1, 1);
    bootlog_return(&log_, B, tag(B));
    for (int n = 1; n <= BOOTLOG_ATTEMPTS; n++) {
        decide();
        select_commit(&choice, &log_);
    }
    decide();
    assert_choice(A, "fallback", true);
    bootlog_try(&log_, B, tag(B)); /* the permission has ended with its trial */
    decide();
    assert_choice(A, "fallback", true);
    assert_int_equal(choice.slot[B].state, IMAGE_DOWNGRADE);
}

static void a_permitted_return_never_goes_below_the_floor(void **state)
{
    (void)state;
    factory_ahead(2, 1);
    bootlog_return(&log_, B, tag(B));
    decide();
    assert_choice(A, "fallback", true);
    assert_int_equal(choice.slot[B].state, IMAGE_DOWNGRADE);
}

static void a_permission_is_for_no_other_image(void **state)
{
    (void)state;
    factory_ahead(1, 1);
    bootlog_return(&log_, B, tag(B));
    struct forge other = forge_good(B, 1);
    other.seed = 77;
    forge_place(&other, digest[B]);
    decide();
    assert_choice(A, "fallback", true);
}

/* Set 2: the next key is trusted, the first is revoked. */
static void rotate(void)
{
    const struct keydoc d = keydoc_make(2, KEYDOC_LIST(OTA_NEXT_KEY), KEYDOC_LIST(OTA_TEST_KEY));
    keyset_open(&keys);
    assert_int_equal(keyset_store(&keys, d.text, d.n, d.signature), KEYSET_OK);
}

static void a_confirmed_image_outlives_the_revocation_of_its_key(void **state)
{
    (void)state;
    factory(1, 1);
    rotate();
    decide();
    assert_choice(A, "confirmed", true);
    assert_int_equal(choice.slot[A].state, IMAGE_REVOKED_KEY);
    bootlog_confirm(&log_, B, tag(B), 1);
    spoil(B);
    decide();
    assert_choice(A, "fallback", true); /* the one that was confirmed before it, too */
    spoil(A);
    decide();
    assert_int_equal(choice.why, SELECT_NOTHING); /* but a spoilt one does not */
}

static void an_image_by_a_revoked_key_gets_no_trial(void **state)
{
    (void)state;
    factory(1, 1);
    rotate();
    bootlog_try(&log_, B, tag(B));
    decide();
    assert_choice(A, "fallback", true);
    assert_int_equal(choice.slot[B].state, IMAGE_REVOKED_KEY);
    assert_int_equal(choice.rolled_back_cause, BOOTLOG_BY_INVALID);
    spoil(A);
    decide();
    assert_int_equal(choice.why, SELECT_NOTHING);
}

static void an_image_by_the_new_key_is_tried_and_confirmed(void **state)
{
    (void)state;
    factory(1, 1);
    struct forge b = forge_good(B, 2);
    b.next_key = true;
    forge_place(&b, digest[B]);
    bootlog_try(&log_, B, tag(B));
    decide();
    assert_int_equal(choice.slot[B].state, IMAGE_WRONG_KEY); /* not before the rotation */
    bootlog_open(&log_);
    rotate();
    bootlog_try(&log_, B, tag(B));
    decide();
    assert_choice(B, "trial", false);
    bootlog_confirm(&log_, B, tag(B), 1);
    decide();
    assert_choice(B, "confirmed", true);
}

static void a_floor_holds_for_images_whose_key_is_revoked_too(void **state)
{
    (void)state;
    factory(1, 9);
    bootlog_confirm(&log_, B, tag(B), 9);
    rotate();
    spoil(B);
    decide();
    assert_int_equal(choice.why, SELECT_NOTHING);
}

/* Lives. A device that runs v1 installs v2 and, when v2 is healthy, confirms it. The application is a few lines here: what it
 * does to the flash is what counts. */
struct life {
    bool healthy, write_image;
    bool back; /* what runs in A is newer: the way to B is a rollback */
    unsigned trial_boots;
    bool tried, confirmed; /* activation, confirmation: begun */
    uint32_t floor;
};
static struct life now;
static struct blob image_b;

static void write_b(void)
{
    for (uint32_t at = 0; at < image_b.size; at += 8) {
        uint8_t word[8];
        memset(word, 0xFF, 8);
        memcpy(word, image_b.bytes + at, image_b.size - at < 8 ? image_b.size - at : 8);
        if (at % LAYOUT_PAGE == 0)
            assert_int_equal(flash_port_erase(LAYOUT_SLOT_B_BASE + at), FLASH_PORT_OK);
        assert_int_equal(flash_port_program(LAYOUT_SLOT_B_BASE + at, word), FLASH_PORT_OK);
    }
}

static void run_v1(void)
{
    struct image_info info;
    if (log_.rejected.known)
        return; /* an update that failed is not tried again here */
    if (now.write_image && image_verify(LAYOUT_SLOT_B_BASE, LAYOUT_SLOT_SIZE, &keys, &info, NULL) != IMAGE_VALID)
        write_b();
    now.tried = true;
    assert_int_equal((now.back ? bootlog_return : bootlog_try)(&log_, B, tag(B)), RECLOG_OK);
}

static void run_v2(void)
{
    if (!choice.confirmed)
        now.trial_boots++;
    if (!now.healthy)
        return;
    now.confirmed = true;
    assert_int_equal(bootlog_confirm(&log_, B, tag(B), 2), RECLOG_OK);
}

/* One boot and what follows. True when nothing will change any more. */
static bool boot_once(void)
{
    decide();
    assert_true(log_.floor >= now.floor);
    now.floor = log_.floor;
    assert_int_not_equal(choice.why, SELECT_NOTHING);
    assert_int_equal(choice.slot[choice.chosen].state, IMAGE_VALID);
    assert_memory_equal(choice.slot[choice.chosen].info.digest, digest[choice.chosen], 32);
    if (choice.chosen == B)
        assert_true(now.tried);
    assert_true(select_commit(&choice, &log_) >= 0);
    flash_port_protect(LAYOUT_SLOT_BASE(choice.chosen), LAYOUT_SLOT_SIZE);
    const bool settled = choice.chosen == B ? choice.confirmed : log_.rejected.known;
    choice.chosen == B ? run_v2() : run_v1();
    return settled;
}

static void live_to_the_end(void)
{
    for (int boots = 0; boots < 9; boots++)
        if (boot_once()) {
            assert_int_equal(choice.chosen, now.healthy ? B : A);
            assert_true(now.trial_boots <= BOOTLOG_ATTEMPTS);
            return;
        }
    fail_msg("did not settle");
}

static bool live_with_cut(uint64_t op, enum flash_host_outcome outcome, unsigned variant)
{
    flash_host_cut(op, outcome, variant);
    if (setjmp(flash_host_power) != 0) {
        flash_host_boot();
        return true;
    }
    live_to_the_end();
    flash_host_cut(0, FLASH_HOST_BEFORE, 0);
    return false;
}

static unsigned variants_of(enum flash_host_outcome o)
{
    return o == FLASH_HOST_TORN || o == FLASH_HOST_ECC ? FLASH_HOST_VARIANTS : 1;
}

static struct flash_host_snapshot save(void)
{
    return flash_host_save(LAYOUT_LOG_BASE, LAYOUT_SLOT_B_BASE + 2 * LAYOUT_PAGE - LAYOUT_LOG_BASE);
}

static unsigned long cut_again(unsigned step)
{
    unsigned long lives = 0;
    struct flash_host_snapshot start = save();
    const struct life then = now;
    for (int outcome = 0; outcome < FLASH_HOST_OUTCOMES; outcome++)
        for (unsigned variant = 0; variant < variants_of(outcome); variant += step)
            for (uint64_t op = 1;; op++, lives++) {
                flash_host_restore(&start);
                now = then;
                if (!live_with_cut(op, outcome, variant))
                    break;
                live_to_the_end();
            }
    flash_host_drop(&start);
    return lives;
}

static unsigned long cut_everywhere(bool twice, unsigned step)
{
    unsigned long lives = 0;
    struct flash_host_snapshot start = save();
    const struct life then = now;
    for (int outcome = 0; outcome < FLASH_HOST_OUTCOMES; outcome++)
        for (unsigned variant = 0; variant < variants_of(outcome); variant += step)
            for (uint64_t op = 1;; op++, lives++) {
                flash_host_restore(&start);
                now = then;
                if (!live_with_cut(op, outcome, variant))
                    break;
                if (twice)
                    lives += cut_again(step);
                else
                    live_to_the_end();
            }
    flash_host_drop(&start);
    return lives;
}

static void begin(bool healthy, bool write_image, unsigned room, bool back)
{
    struct forge a = forge_good(A, 3), b = forge_good(B, 2);
    factory(1, 2);
    if (back) {
        forge_place(&a, digest[A]);
        bootlog_confirm(&log_, A, tag(A), 1);
    }
    b.counter = 2;
    blob_free(&image_b);
    forge_make(&b, &image_b);
    bootlog_open(&log_);
    while (log_.log.next != 256 - room) /* the page turnover falls into this life */
        reclog_append(&log_.log, &(struct reclog_record){9, 0, log_.log.next}, NULL, NULL);
    if (write_image)
        memset(flash_host_at(LAYOUT_SLOT_B_BASE), 0x00, 2 * LAYOUT_PAGE);
    now = (struct life){.healthy = healthy, .write_image = write_image, .back = back, .floor = 1};
}

static void one_cut_at_any_operation_of_an_update_is_survived(void **state)
{
    (void)state;
    for (int healthy = 0; healthy < 2; healthy++) {
        begin(healthy, true, 2, false);
        unsigned long lives = cut_everywhere(false, 1);
        printf("  %lu lives with one cut\n", lives);
        assert_true(lives > 1000);
    }
    assert_int_equal(flash_host_violations(), 0);
}

static void two_cuts_at_any_operations_of_activation_and_trial_are_survived(void **state)
{
    (void)state;
    for (int healthy = 0; healthy < 2; healthy++)
        for (unsigned room = 0; room < 4; room++) {
            begin(healthy, false, room, room % 2 != 0);
            unsigned long lives = cut_everywhere(true, 2);
            printf("  %lu lives with two cuts\n", lives);
            assert_true(lives > 500);
        }
    assert_int_equal(flash_host_violations(), 0);
    blob_free(&image_b);
}

CHECK_MAIN(CLAIM(the_confirmed_image_boots_and_the_other_is_not_verified), CLAIM(a_trial_boots_three_times_and_is_then_given_up),
           CLAIM(a_spoiled_trial_is_given_up_at_once), CLAIM(a_trial_of_an_image_that_is_no_longer_there_is_given_up),
           CLAIM(a_lower_counter_is_a_downgrade), CLAIM(a_lower_version_is_a_downgrade),
           CLAIM(the_floor_rises_only_with_a_confirmation), CLAIM(a_floor_left_behind_is_raised_at_the_next_boot),
           CLAIM(a_rotten_confirmed_image_yields_to_the_one_before),
           CLAIM(a_rotten_confirmed_image_yields_to_an_unproven_one_on_trial),
           CLAIM(an_only_image_that_never_confirms_is_offered_rescue), CLAIM(a_lost_log_boots_the_newer_image_on_trial),
           CLAIM(two_bad_slots_are_recovery), CLAIM(a_dead_log_never_boots_what_it_cannot_count),
           CLAIM(an_ecc_bad_word_in_the_confirmed_image_is_no_crash),
           CLAIM(a_permitted_return_boots_the_older_version_and_confirms_it), CLAIM(a_permitted_return_that_fails_falls_back),
           CLAIM(a_permitted_return_never_goes_below_the_floor), CLAIM(a_permission_is_for_no_other_image),
           CLAIM(a_confirmed_image_outlives_the_revocation_of_its_key), CLAIM(an_image_by_a_revoked_key_gets_no_trial),
           CLAIM(an_image_by_the_new_key_is_tried_and_confirmed), CLAIM(a_floor_holds_for_images_whose_key_is_revoked_too),
           CLAIM(one_cut_at_any_operation_of_an_update_is_survived),
           CLAIM(two_cuts_at_any_operations_of_activation_and_trial_are_survived))
