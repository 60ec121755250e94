/* SPDX-License-Identifier: GPL-3.0-or-later
 * SHA-256, CRCs, reset reasons, hand-over block, console lines. */
#include "check.h"
#include "console.h"
#include "crc.h"
#include "handover.h"
#include "handover_place.h"
#include "layout.h"
#include "platform_host.h"
#include "reason.h"
#include "sha256.h"
#include "signer.h"

static void sha256_is_openssls_for_every_length_and_split(void **state)
{
    (void)state;
    uint8_t bytes[300], ours[32], theirs[32];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 31);
    for (uint32_t n = 0; n <= sizeof bytes; n++)
        for (uint32_t split = 0; split <= n; split += 1 + n / 7) {
            struct sha256 s, branch;
            sha256_init(&s);
            sha256_update(&s, bytes, split);
            branch = s; /* a copied state goes its own way */
            sha256_update(&branch, "x", 1);
            sha256_update(&s, bytes + split, n - split);
            sha256_final(&s, ours);
            signer_sha256(bytes, n, theirs);
            assert_memory_equal(ours, theirs, 32);
        }
}

static void crcs_have_their_check_values(void **state) /* of the CRC catalogue: over "123456789" */
{
    (void)state;
    assert_int_equal(crc_16(0, "123456789", 9), 0x31C3);
    assert_int_equal(crc_32(0, "123456789", 9), 0xCBF43926);
    assert_int_equal(crc_32(crc_32(0, "1234", 4), "56789", 5), 0xCBF43926);
}

static void reasons_are_read_from_the_register(void **state)
{
    (void)state;
    static const struct {
        uint32_t csr;
        bool kept;
        const char *name;
    } table[] = {{0x0C000600, false, "power-on"},       {0x0C000600, true, "brown-out"}, {0x24000600, true, "watchdog"},
                 {0x44000600, true, "window-watchdog"}, {0x04000600, true, "pin"},       {0x14000600, true, "software"},
                 {0x06000600, true, "option-byte"},     {0x84000600, true, "low-power"}, {0x2C000600, false, "watchdog"}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(reason_name(reason_of(table[i].csr, table[i].kept)), table[i].name);
}

static void the_handover_is_read_back_and_noise_is_not(void **state)
{
    (void)state;
    struct handover in, out;
    memset(&in, 0, sizeof in);
    in.csr = 0x14000600;
    in.reason = REASON_SOFTWARE;
    in.slot = 1;
    in.attempt = 2;
    in.counter = 5;
    in.version.major = 2;
    in.digest[31] = 0xAB;
    handover_write(&in);
    assert_true(handover_read(&out));
    assert_memory_equal(&in, &out, sizeof in);
    uint8_t *place = handover_place();
    for (size_t bit = 0; bit < (12 + sizeof in) * 8; bit++) {
        place[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(handover_read(&out));
        assert_int_equal(out.csr, 0);
        place[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    memset(place, 0xFF, LAYOUT_HANDOVER_SIZE);
    assert_false(handover_read(&out));
    handover_clear();
    assert_false(handover_read(&out));
}

static void console_lines_are_as_documented(void **state)
{
    (void)state;
    const struct image_version v = {1, 20, 300, 0}, built = {1, 2, 3, 4};
    const uint8_t bytes[] = {0x00, 0xAB, 0x0F};
    platform_host_reset();
    console_event("boot");
    console_slot("slot", 1);
    console_version("version", &v);
    console_version("other", &built);
    console_bytes("digest", bytes, sizeof bytes);
    console_number("attempt", 0);
    console_number("most", 4294967295u);
    console_hex("csr", 0x0C00ABCD);
    console_word("cause", NULL);
    console_end();
    assert_string_equal(
        platform_host_console(),
        "@ota ev=boot slot=b version=1.20.300 other=1.2.3+4 digest=00ab0f attempt=0 most=4294967295 csr=0x0c00abcd cause=-\r\n");
}

CHECK_MAIN(CLAIM(sha256_is_openssls_for_every_length_and_split), CLAIM(crcs_have_their_check_values),
           CLAIM(reasons_are_read_from_the_register), CLAIM(the_handover_is_read_back_and_noise_is_not),
           CLAIM(console_lines_are_as_documented))
