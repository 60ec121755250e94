/* SPDX-License-Identifier: GPL-3.0-or-later
 * Images: what is accepted, and the cause of every refusal. */
#include "check.h"
#include "flash_host.h"
#include "forge.h"
#include "image.h"
#include "layout.h"
#include "signer.h"

static const struct keyset *keys(void)
{
    static struct keyset built_in;
    keyset_open(&built_in);
    return &built_in;
}

static enum image_cause verify(const struct forge *f, struct image_info *info)
{
    flash_host_reset();
    forge_place(f, NULL);
    return image_verify(LAYOUT_SLOT_BASE(f->slot), LAYOUT_SLOT_SIZE, keys(), info, NULL);
}

static void assert_cause(const struct forge *f, enum image_cause expected)
{
    struct image_info info;
    assert_string_equal(image_cause_name(verify(f, &info)), image_cause_name(expected));
}

static void a_good_image_is_valid_and_read_in_full(void **state)
{
    (void)state;
    for (uint8_t slot = 0; slot < 2; slot++) {
        struct forge f = forge_good(slot, 2);
        struct image_info info;
        uint8_t file[32], expected_digest[32], expected_file[32];
        struct blob b;
        f.minor = 3;
        f.revision = 777;
        f.counter = 0x01020304;
        flash_host_reset();
        forge_place(&f, expected_digest);
        forge_make(&f, &b);
        signer_sha256(b.bytes, b.size, expected_file);
        assert_int_equal(image_verify(LAYOUT_SLOT_BASE(slot), LAYOUT_SLOT_SIZE, keys(), &info, file), IMAGE_VALID);
        assert_true(info.readable);
        assert_int_equal(info.version.major, 2);
        assert_int_equal(info.version.minor, 3);
        assert_int_equal(info.version.revision, 777);
        assert_int_equal(info.counter, 0x01020304);
        assert_int_equal(info.total, b.size);
        assert_memory_equal(info.digest, expected_digest, 32);
        assert_memory_equal(file, expected_file, 32);
        assert_int_equal(image_inspect(LAYOUT_SLOT_BASE(slot), LAYOUT_SLOT_SIZE, &info), IMAGE_UNCHECKED);
        blob_free(&b);
    }
}

#define REFUSED(name, cause, ...)                                                                                                \
    static void name(void **state)                                                                                               \
    {                                                                                                                            \
        (void)state;                                                                                                             \
        struct forge f = forge_good(0, 2);                                                                                       \
        __VA_ARGS__;                                                                                                             \
        assert_cause(&f, cause);                                                                                                 \
    }

REFUSED(a_foreign_magic_is_refused, IMAGE_BAD_MAGIC, f.magic = 0)
REFUSED(another_header_size_is_refused, IMAGE_BAD_HEADER, f.hdr_size = 0x100)
REFUSED(an_encrypted_image_is_refused, IMAGE_BAD_HEADER, f.flags = 0x104)
REFUSED(an_image_that_is_not_rom_fixed_is_refused, IMAGE_BAD_HEADER, f.flags = 0)
REFUSED(an_image_for_the_other_slot_is_refused, IMAGE_WRONG_SLOT, f.load_addr = LAYOUT_SLOT_B_BASE)
REFUSED(another_hardware_is_refused, IMAGE_WRONG_HARDWARE, f.hardware = "nucleo-l476rh")
REFUSED(a_longer_hardware_id_is_refused, IMAGE_WRONG_HARDWARE, f.hardware = "nucleo-l476rgx")
REFUSED(an_image_without_hardware_id_is_refused, IMAGE_WRONG_HARDWARE, f.hardware = NULL)
REFUSED(an_image_without_counter_is_refused, IMAGE_BAD_TLV, f.no_counter = true)
REFUSED(an_image_without_protected_tlvs_is_refused, IMAGE_BAD_TLV, f.no_protected = true)
REFUSED(an_image_without_hash_is_refused, IMAGE_BAD_TLV, f.no_hash = true)
REFUSED(an_unsigned_image_is_refused, IMAGE_UNSIGNED, f.no_signature = true)
REFUSED(another_key_is_refused, IMAGE_WRONG_KEY, f.wrong_key = true)
REFUSED(a_signature_by_another_key_under_our_name_is_refused, IMAGE_BAD_SIGNATURE, f.foreign_signature = true)
REFUSED(a_second_counter_is_refused, IMAGE_BAD_TLV, f.extra_type = 0x50; f.extra_size = 4; f.extra_protected = true)
REFUSED(a_second_digest_is_refused, IMAGE_BAD_TLV, f.extra_type = 0x10; f.extra_size = 32)
REFUSED(an_unknown_unsigned_tlv_is_refused, IMAGE_BAD_TLV, f.extra_type = 0xA5; f.extra_size = 8)
REFUSED(an_unknown_signed_tlv_is_passed_over, IMAGE_VALID, f.extra_type = 0x60; f.extra_size = 200; f.extra_protected = true)
REFUSED(an_even_entry_point_is_refused, IMAGE_BAD_VECTOR, f.entry--)
REFUSED(an_entry_point_outside_is_refused, IMAGE_BAD_VECTOR, f.entry = 0x20000001)
REFUSED(an_entry_point_in_the_header_is_refused, IMAGE_BAD_VECTOR, f.entry = f.load_addr + 0x1FF)
REFUSED(an_erased_vector_is_refused, IMAGE_BAD_VECTOR, f.entry = 0xFFFFFFFF)
REFUSED(a_stack_in_flash_is_refused, IMAGE_BAD_VECTOR, f.stack = 0x08020000)
REFUSED(a_stack_at_zero_is_refused, IMAGE_BAD_VECTOR, f.stack = 0)
REFUSED(a_crooked_stack_is_refused, IMAGE_BAD_VECTOR, f.stack = 0x20018001)
REFUSED(the_last_byte_of_ram_is_a_stack, IMAGE_VALID, f.stack = 0x10008000)

static void an_empty_slot_is_empty(void **state)
{
    (void)state;
    struct image_info info;
    flash_host_reset();
    assert_int_equal(image_verify(LAYOUT_SLOT_A_BASE, LAYOUT_SLOT_SIZE, keys(), &info, NULL), IMAGE_EMPTY);
}

/* A file that ends early: the rest of the slot is erased. */
static void a_file_cut_short_anywhere_is_refused(void **state)
{
    (void)state;
    struct forge f = forge_good(1, 2);
    struct image_info info;
    struct blob b;
    forge_make(&f, &b);
    for (size_t n = 0; n < b.size; n += n % 64 == 0 ? 3 : 61) {
        flash_host_reset();
        flash_host_load(LAYOUT_SLOT_B_BASE, b.bytes, n);
        enum image_cause cause = image_verify(LAYOUT_SLOT_B_BASE, LAYOUT_SLOT_SIZE, keys(), &info, NULL);
        assert_int_not_equal(cause, IMAGE_VALID);
        if (n >= 32 && n <= 0x200 + f.payload)
            assert_int_equal(cause, IMAGE_TRUNCATED);
    }
    blob_free(&b);
}

static void every_single_flipped_bit_is_refused(void **state)
{
    (void)state;
    struct forge f = forge_good(0, 2);
    struct image_info info;
    flash_host_reset();
    f.payload = 64;
    f.entry = f.load_addr + 0x211;
    forge_place(&f, NULL);
    assert_int_equal(image_verify(LAYOUT_SLOT_A_BASE, LAYOUT_SLOT_SIZE, keys(), &info, NULL), IMAGE_VALID);
    const uint32_t total = info.total;
    for (uint32_t bit = 0; bit < total * 8; bit++) {
        uint8_t *cell = flash_host_at(LAYOUT_SLOT_A_BASE + bit / 8);
        *cell ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(image_verify(LAYOUT_SLOT_A_BASE, LAYOUT_SLOT_SIZE, keys(), &info, NULL), IMAGE_VALID);
        *cell ^= (uint8_t)(1 << bit % 8);
    }
}

static void an_ecc_error_anywhere_in_the_image_is_its_cause(void **state)
{
    (void)state;
    struct forge f = forge_good(0, 2);
    struct image_info info;
    assert_int_equal(verify(&f, &info), IMAGE_VALID);
    const uint32_t total = info.total;
    for (uint32_t at = 0; at < total; at += 8) {
        flash_host_set_bad(LAYOUT_SLOT_A_BASE + at, true);
        assert_int_equal(image_verify(LAYOUT_SLOT_A_BASE, LAYOUT_SLOT_SIZE, keys(), &info, NULL), IMAGE_ECC);
        flash_host_set_bad(LAYOUT_SLOT_A_BASE + at, false);
    }
}

static void sizes_that_lie_stay_inside_the_slot(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {0,          7,         LAYOUT_SLOT_SIZE - 0x200, LAYOUT_SLOT_SIZE, 0x7FFFFFFF, 0xFFFFFFFF,
                                     0xFFFFFE00, 0xFFFFFDFF};
    struct forge f = forge_good(1, 2); /* slot b ends where the flash ends but for 128 KB: reads past the flash abort the test */
    struct image_info info;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        verify(&f, &info);
        memcpy(flash_host_at(LAYOUT_SLOT_B_BASE + 12), &sizes[i], 4);
        for (unsigned protect = 0; protect < 0x10000; protect += 0xFFF) {
            memcpy(flash_host_at(LAYOUT_SLOT_B_BASE + 10), &protect, 2);
            assert_int_not_equal(image_verify(LAYOUT_SLOT_B_BASE, LAYOUT_SLOT_SIZE, keys(), &info, NULL), IMAGE_VALID);
        }
    }
}

static void versions_are_ordered(void **state)
{
    (void)state;
    const struct image_version v[] = {{0, 0, 9, 0},  {1, 0, 0, 0}, {1, 0, 1, 0},    {1, 2, 0, 0},
                                      {1, 10, 0, 0}, {2, 0, 0, 0}, {2, 0, 65535, 0}};
    for (int i = 0; i < 7; i++)
        for (int j = 0; j < 7; j++)
            assert_int_equal(image_version_compare(&v[i], &v[j]), (i > j) - (i < j));
}

CHECK_MAIN(CLAIM(a_good_image_is_valid_and_read_in_full), CLAIM(a_foreign_magic_is_refused),
           CLAIM(another_header_size_is_refused), CLAIM(an_encrypted_image_is_refused),
           CLAIM(an_image_that_is_not_rom_fixed_is_refused), CLAIM(an_image_for_the_other_slot_is_refused),
           CLAIM(another_hardware_is_refused), CLAIM(a_longer_hardware_id_is_refused),
           CLAIM(an_image_without_hardware_id_is_refused), CLAIM(an_image_without_counter_is_refused),
           CLAIM(an_image_without_protected_tlvs_is_refused), CLAIM(an_image_without_hash_is_refused),
           CLAIM(an_unsigned_image_is_refused), CLAIM(another_key_is_refused),
           CLAIM(a_signature_by_another_key_under_our_name_is_refused), CLAIM(a_second_counter_is_refused),
           CLAIM(a_second_digest_is_refused), CLAIM(an_unknown_unsigned_tlv_is_refused),
           CLAIM(an_unknown_signed_tlv_is_passed_over), CLAIM(an_even_entry_point_is_refused),
           CLAIM(an_entry_point_outside_is_refused), CLAIM(an_entry_point_in_the_header_is_refused),
           CLAIM(an_erased_vector_is_refused), CLAIM(a_stack_in_flash_is_refused), CLAIM(a_stack_at_zero_is_refused),
           CLAIM(a_crooked_stack_is_refused), CLAIM(the_last_byte_of_ram_is_a_stack), CLAIM(an_empty_slot_is_empty),
           CLAIM(a_file_cut_short_anywhere_is_refused), CLAIM(every_single_flipped_bit_is_refused),
           CLAIM(an_ecc_error_anywhere_in_the_image_is_its_cause), CLAIM(sizes_that_lie_stay_inside_the_slot),
           CLAIM(versions_are_ordered))
